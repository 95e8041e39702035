"""From the chosen columns to the features' SQL: what is an order, what it is worth, and which ones do not count.

All is found by looking: at some values of texts, and at aggregates of everything else. What was found stands in the SQL
as comments.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, NoReturn, Protocol

from job.adapters.base import Database
from job.config import Config
from job.errors import ConfigError, DatabaseError, DataError, TransientError
from job.segmentation import sanity
from job.setup import currencies, discounts, guests, ranking, statuses
from job.setup.catalog import Catalog, Columns, UnclearError
from job.setup.currencies import Currency
from job.setup.discounts import Discount
from job.setup.lines import Purchases, features_sql, lines, told, value
from job.setup.shop import Link, ShopColumn
from job.setup.statuses import Status
from job.setup.texts import NumberTime, TextNumber, TextTime
from job.statements import Statements
from job.tables import quoted

NONE = "none"  # given for a column: there is none
SHARED = 0.8  # moments of customers for each line, below which lines that share one are one order
REPEATED = 0.99  # orders of several amounts that are all the same, above which the amount is the order's
LEAST_REPEATED = 5


class Person(Protocol):
    """Who is asked what is not clear."""

    def column(self, unclear: UnclearError) -> str:
        """Return a column's name, or the number of a candidate from 1."""

    def left_out(self, found: Sequence[Status], likely: Sequence[str]) -> Sequence[str]:
        """Return which statuses of a column are no purchases; likely: by their words."""

    def currency(self, found: Sequence[Currency]) -> str:
        """Return which of several currencies counts, or `currencies.ALL`; the commonest is the first."""

    def agrees(self) -> bool:
        """Return whether the preview looks like the shop."""


class Written(NamedTuple):
    """The features' SQL, whose they are, in which currency, and what they add up to, in lines for people."""

    sql: str
    customer: ShopColumn
    currency: str  # empty: nothing says it
    preview: Sequence[str]


def found(
    database: Database,
    catalog: Catalog,
    given: Mapping[str, str | None],
    leave_out: Sequence[str] | None,
    currency: str | None,
    person: Person | None,
    target: Statements | None = None,
) -> Written:
    """Return the features of the shop.

    given: names of columns for the roles amount, date, customer, quantity and order; None: not given. leave_out: the
    statuses of what is no purchase; None: by their words. currency: the one that counts. person: None: nobody to ask.
    target: those of the dialect that the SQL is for; None: the database's.
    Raises ConfigError where something is not clear, or the features cannot be made.
    """
    columns = catalog.choose(given, person.column if person else None)
    try:
        purchases = _of_lines(database, catalog, columns, given)
        for column, seen in purchases.read.items():
            if isinstance(seen, TextNumber | TextTime):
                _refuse_unread(database, purchases, column)
        purchases = _without_statuses(
            database, catalog, _with_customers(database, catalog, purchases), leave_out, person
        )
        purchases = _in_one_currency(database, catalog, purchases, currency, person)
        purchases, facts = _counted(database, catalog, purchases, given.get("order"))
        sql = features_sql(database.statements, purchases)
        [preview] = database.fetch("starter_preview", features_sql=sql)
        warnings = _warnings(database, sql)
    except TransientError:
        raise
    except (DatabaseError, DataError) as error:
        raise ConfigError(f"--from-database: the features of these columns cannot be made: {error}") from error
    shown = [*told(purchases, preview, facts), *warnings]
    written = features_sql(target, purchases) if target else sql
    return Written(written, columns.customer, currencies.code(purchases.currencies, purchases.currency), shown)


def _warnings(database: Database, sql: str) -> list[str]:
    """What a run would find that cannot be right about the customers."""
    usual = Config.model_construct(database=database.settings.model_construct(dialect=database.dialect))
    try:
        return [f"Warning: {sentence}." for sentence in sanity.of_features(database, usual, sql)]
    except DataError as error:  # which a run ends with
        return [f"Warning: {error}."]


def _of_lines(database: Database, catalog: Catalog, columns: Columns, given: Mapping[str, str | None]) -> Purchases:
    """What a line is worth, and whose order it is of."""
    quantity = _given(catalog, "quantity", given, columns.amount)
    if quantity is None and given.get("quantity") is None:
        quantity = catalog.fitting("quantity", ranking.quantity_beside(catalog.shop, columns.amount))
    order = _given(catalog, "order", given, columns.amount)
    if order is None and given.get("order") is None:
        order = catalog.fitting("order", ranking.order_column(catalog.shop, columns.amount, columns.date))
    by_row = False
    if order and order.of == columns.amount.of and catalog.shop.is_unique(order):  # each row may be an order
        by_row, order = ranking.numbers_orders(order), None
    links = catalog.links(
        columns.amount, [column for column in (columns.date, columns.customer, order, quantity) if column]
    )
    for link in links:
        _refuse_doubled(database, catalog, link)
    purchases = Purchases(columns, links, quantity, order=order, by_row=by_row, read=catalog.read)
    return _without_discounts(database, catalog, purchases)


def _without_discounts(database: Database, catalog: Catalog, purchases: Purchases) -> Purchases:
    """What is taken off: a discount beside a price and a quantity, or what was paid back beside another amount."""
    amount, quantity = purchases.columns.amount, purchases.quantity
    if quantity and quantity.of == amount.of and (column := discounts.beside(catalog.shop, amount)):
        if not catalog.fitting("amount", column):
            return replace(purchases, discount=Discount(column, "unclear"))
        read = catalog.read.get(column)
        if isinstance(read, TextNumber) and "%" in read.dropped:
            return replace(purchases, discount=Discount(column, "percent"))
        return replace(purchases, discount=discounts.meant(column, _looked_at(database, purchases, column)))
    column = catalog.fitting("amount", discounts.refunded_beside(catalog.shop, amount))
    if not quantity and column:
        return replace(purchases, refunded=discounts.paid_back(column, _looked_at(database, purchases, column)))
    return purchases


def _looked_at(database: Database, purchases: Purchases, column: ShopColumn) -> Mapping[str, Any]:
    """What a column shows that may be taken off the amount. Its values are read in a table of their own."""
    alone = replace(purchases, links=())
    price, less = value(database.statements, alone, purchases.columns.amount), value(database.statements, alone, column)
    times = value(database.statements, alone, purchases.quantity) if purchases.quantity else "1"
    beside: dict[str, Any] = {"table": column.of, "discount": less, "price": price, "quantity": times}
    [row] = database.fetch("starter_discounts", **beside)
    return row


def _with_customers(database: Database, catalog: Catalog, purchases: Purchases) -> Purchases:
    """Whose the orders are that have no customer's id, and how e-mail addresses are compared."""
    shop, amount, customer = catalog.shop, purchases.columns.amount, purchases.columns.customer
    if guests.is_email(customer) and catalog.keyed_by(customer) is None:
        purchases = replace(purchases, by_email=True)
    if email := guests.email_beside(shop, customer):
        looked_at = {"table": customer.of, "customer": quoted(customer.name), "email": quoted(email.name)}
        [row] = database.fetch("starter_guests", None, **looked_at)
        purchases = replace(purchases, email=email if row["guests"] else None, guests=row["guests"])
    key, parent = shop.row_key(amount.of), guests.parent_of(shop, amount)
    if key and parent and customer.of == amount.of:
        leads = {"table": amount.of, "key": key, "column": parent.name, "amount": amount.name}
        [row] = database.fetch("starter_children", None, **leads)
        if guests.are_refunds(row):
            return replace(purchases, parent=parent, parent_key=key)
    return purchases


def _given(catalog: Catalog, role: str, given: Mapping[str, str | None], amount: ShopColumn) -> ShopColumn | None:
    text = given.get(role)
    if text is None or text.lower() == NONE:
        return None
    return catalog.find(role, text, ranking.candidates(catalog.shop, role, amount))


def _refuse_unread(database: Database, purchases: Purchases, column: ShopColumn) -> None:
    """Raise ConfigError where a text is not written as those that were looked at: its row would be lost in silence."""
    read = value(database.statements, replace(purchases, links=()), column)
    [row] = database.fetch("starter_unread", table=column.of, column=quoted(column.name), read=read)
    if row["unread"]:
        raise ConfigError(
            f"--from-database: {row['unread']:,} values of {column} are not {purchases.read[column]}, as the others "
            "are; correct them, or leave them out in a view"
        )


def _refuse_doubled(database: Database, catalog: Catalog, link: Link) -> None:
    """Raise ConfigError where tables would be joined by a column that has values twice."""
    key = next(column for column in catalog.shop.tables[link.parent] if column.name == link.parent_column)
    if link.declared or catalog.shop.is_unique(key):
        return
    [row] = database.fetch("starter_key", column=quoted(key.name), table=key.of)
    if row["doubled"]:
        raise ConfigError(
            f"--from-database: {link.child} would be joined to {link.parent} by {key}, which has {row['doubled']:,} "
            "values more than once; choose columns of one table, or write features.sql by hand"
        )


def _without_statuses(
    database: Database,
    catalog: Catalog,
    purchases: Purchases,
    leave_out: Sequence[str] | None,
    person: Person | None,
) -> Purchases:
    """Which orders are none, by their statuses."""
    seen: dict[ShopColumn, list[Status]] = {}
    for column in statuses.columns(catalog.shop, purchases.tables):
        rows = database.fetch("starter_statuses", column=quoted(column.name), table=column.of, limit=statuses.MOST + 1)
        values = [Status(column, str(row["value"]), row["rows"]) for row in rows if "\\" not in str(row["value"])]
        values = _named(database, catalog, column, values)
        if statuses.are_statuses(column, values):
            seen[column] = values
    left_out = [status for values in seen.values() for status in _left_out(values, leave_out, person)]
    known = {name for values in seen.values() for status in values for name in status.called}
    if strange := [value for value in leave_out or () if value and value not in known]:
        there = _listed(str(status) for values in seen.values() for status in values)
        raise ConfigError(f"--leave-out: no order has the status {', '.join(strange)}; there are {there}")
    flags = [] if leave_out == [""] else statuses.flags(catalog.shop, purchases.tables)
    return replace(purchases, statuses=seen, left_out=left_out, flags=flags)


def _named(database: Database, catalog: Catalog, column: ShopColumn, values: list[Status]) -> list[Status]:
    """The statuses, with what another table calls them."""
    if len(values) > statuses.MOST:
        return values
    for lookup in statuses.lookups(catalog.shop, column):
        names = _names(database, lookup)
        if values and all(status.value in names for status in values):
            return [status._replace(name=" / ".join(names[status.value])) for status in values]
    return values


def _left_out(found: Sequence[Status], leave_out: Sequence[str] | None, person: Person | None) -> Iterable[Status]:
    if leave_out is not None:
        return [status for status in found if status.called & set(leave_out)]
    likely = [status for status in found if status.is_none]
    if person:
        chosen = person.left_out(found, [status.value for status in likely])
        return [status for status in found if status.value in chosen]
    if not statuses.is_clear(found):
        raise ConfigError(
            f"--leave-out is missing: which values of {found[0].column} are no purchases, such as cancelled orders? "
            f'There are {statuses.listed(found)}; name each with --leave-out, or --leave-out "" to count all'
        )
    return likely


def _in_one_currency(
    database: Database, catalog: Catalog, purchases: Purchases, given: str | None, person: Person | None
) -> Purchases:
    """Which currency counts."""
    amount = purchases.columns.amount
    column = currencies.column(catalog.shop, amount, purchases.tables)
    if not column:
        if given and given != currencies.ALL:
            raise ConfigError(f"--currency: no column in the tables of {amount} says which currency an amount is in")
        return purchases
    rows = database.fetch(
        "starter_currencies", lines=lines(database.statements, purchases, column), limit=currencies.MOST
    )
    names = _names(database, currencies.lookup(catalog.shop, column))
    found = [Currency(column, str(row["value"]), row["rows"], float(row["amount"])) for row in rows]
    found = [one._replace(name=" / ".join(names.get(one.value, ()))) for one in found]
    kept = next((one.value for one in found if given in (one.value, one.name, str(one))), given or "")
    if given and given != currencies.ALL and kept not in [one.value for one in found]:
        raise ConfigError(f"--currency: no amount is in {given}; there are {currencies.listed(found)}")
    if not given and len(found) == 1:
        kept = found[0].value
    elif not given and found:
        kept = person.currency(found) if person else _refuse_several(catalog, amount, found)
    return replace(purchases, currencies=found, currency=kept)


def _names(database: Database, lookup: tuple[ShopColumn, ShopColumn] | None) -> Mapping[str, Iterable[str]]:
    """What another table calls the values of a key."""
    names: dict[str, dict[str, None]] = {}
    if lookup:
        key, name = lookup
        beside = {"table": key.of, "key": quoted(key.name), "called": quoted(name.name), "limit": statuses.MOST_NAMES}
        for row in database.fetch("starter_names", None, **beside):
            names.setdefault(str(row["value"]), {})[str(row["name"])] = None
    return names


def _refuse_several(catalog: Catalog, amount: ShopColumn, found: Sequence[Currency]) -> NoReturn:
    base = currencies.base_beside(catalog.shop, amount)
    instead = f"take --amount-column {base}, which is in the shop's own, or " if base else ""
    raise ConfigError(
        f"--currency is missing: {amount} is in several, by {found[0].column}: {currencies.listed(found)}; {instead}"
        f"name the one that counts with --currency, or --currency {currencies.ALL} to add them up as they are"
    )


def _told_apart(
    database: Database, catalog: Catalog, purchases: Purchases, given: str | None
) -> tuple[Purchases, Mapping[str, Any]]:
    """The column that tells orders apart, which each line has; and what the lines show."""
    others = ranking.order_numbers(catalog.shop, purchases.columns.amount) if purchases.order and given is None else []
    fitting = [order for order in others if catalog.fitting("order", order)]
    for order in dict.fromkeys([purchases.order, *fitting, None]):
        purchases = replace(purchases, order=order)
        shown = lines(database.statements, purchases)
        [facts] = database.fetch("starter_facts", lines=shown, order=order is not None)
        if order is None or given is not None or facts["numbered"] == facts["lines"]:
            break  # else lines without one would be of no order
    return purchases, facts


def _counted(
    database: Database, catalog: Catalog, purchases: Purchases, given: str | None
) -> tuple[Purchases, Mapping[str, Any]]:
    """What an order is, by what the lines show; and that."""
    purchases, facts = _told_apart(database, catalog, purchases, given)
    order = purchases.order
    moments = facts["moments"] < facts["lines"] * SHARED and not _whole_days(purchases)
    untold = order is None and given is None and not purchases.by_row
    by_moment = untold and bool(facts["lines"]) and (purchases.quantity is not None or moments)
    several = facts["several"] >= LEAST_REPEATED and facts["repeated"] >= facts["several"] * REPEATED
    once = several and purchases.quantity is None and order is not None and order.of == purchases.columns.amount.of
    alone = facts["long"] >= LEAST_REPEATED and facts["single"] >= facts["long"] * REPEATED
    refunds = ""
    if facts["negative"]:
        such = f", such as those of {facts['example']}" if order and facts["example"] else ""
        refunds = (
            f"{facts['negative']:,} lines have a negative amount{such}: refunds, or cancelled invoices. They lower "
            "what the customer has spent, and are no orders."
        )
    purchases = replace(purchases, order=order, by_moment=by_moment, once=once, first_alone=alone, refunds=refunds)
    return purchases, facts


def _whole_days(purchases: Purchases) -> bool:
    date = purchases.columns.date
    seen = purchases.read.get(date)
    return seen.whole_days if isinstance(seen, TextTime | NumberTime) else date.type.lower() == "date"


def _listed(values: Iterable[str]) -> str:
    return ", ".join(sorted(values)) or "none"
