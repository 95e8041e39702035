"""From the chosen columns to the features' SQL: what is an order, what it is worth, and which ones do not count.

All is found by looking: at some values of texts, and at aggregates of everything else. What was found stands in the SQL
as comments.
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

from job.adapters.base import Database
from job.errors import ConfigError, DatabaseError, DataError, TransientError
from job.model.sanity import is_placeholder
from job.setup import discounts, ranking, statuses
from job.setup.catalog import Catalog, Columns, UnclearError
from job.setup.discounts import Discount
from job.setup.shop import Link, ShopColumn
from job.setup.statuses import Status
from job.setup.texts import TextNumber, TextTime
from job.statements import text
from job.tables import quoted

NONE = "none"  # given for a column: there is none
SHARED = 0.8  # moments of customers for each line, below which lines that share one are one order
REPEATED = 0.99  # orders of several amounts that are all the same, above which the amount is the order's
LEAST_REPEATED = 5
WIDTH = 100


class Person(Protocol):
    """Who is asked what is not clear."""

    def column(self, unclear: UnclearError) -> str:
        """Return a column's name, or the number of a candidate from 1."""

    def left_out(self, found: Sequence[Status], likely: Sequence[str]) -> Sequence[str]:
        """Return which statuses of a column are no purchases; likely: by their words."""

    def agrees(self) -> bool:
        """Return whether the preview looks like the shop."""


@dataclass(frozen=True)
class Purchases:
    """What makes the features of a shop's tables."""

    columns: Columns
    links: Sequence[Link]
    quantity: ShopColumn | None = None
    discount: Discount | None = None
    order: ShopColumn | None = None  # None: each line is one, or `by_moment`
    by_moment: bool = False  # lines of a customer with one time are an order
    once: bool = False  # each line repeats the amount of its order
    refunds: str = ""  # what is said of negative amounts; empty: there are none
    read: Mapping[ShopColumn, TextNumber | TextTime] = field(default_factory=dict)
    statuses: Mapping[ShopColumn, Sequence[Status]] = field(default_factory=dict)
    left_out: Sequence[Status] = ()
    flags: Sequence[ShopColumn] = ()


class Written(NamedTuple):
    """The features' SQL, whose they are, and what they add up to, in lines for people."""

    sql: str
    customer: ShopColumn
    preview: Sequence[str]


def found(
    database: Database,
    catalog: Catalog,
    given: Mapping[str, str | None],
    leave_out: Sequence[str] | None,
    person: Person | None,
) -> Written:
    """Return the features of the shop.

    given: names of columns for the roles amount, date, customer, quantity and order; None: not given. leave_out: the
    statuses of what is no purchase; None: by their words. person: None: nobody to ask.
    Raises ConfigError where something is not clear, or the features cannot be made.
    """
    columns = catalog.choose(given, person.column if person else None)
    try:
        purchases = _of_lines(database, catalog, columns, given)
        for column in purchases.read:
            _refuse_unread(database, purchases, column)
        purchases = _without_statuses(database, catalog, purchases, leave_out, person)
        purchases = _counted(database, purchases, given.get("order"))
        sql = features_sql(database, purchases)
        [preview] = database.fetch("starter_preview", features_sql=sql)
    except TransientError:
        raise
    except (DatabaseError, DataError) as error:
        raise ConfigError(f"--from-database: the features of these columns cannot be made: {error}") from error
    return Written(sql, columns.customer, _told(purchases, preview))


def _of_lines(database: Database, catalog: Catalog, columns: Columns, given: Mapping[str, str | None]) -> Purchases:
    """What a line is worth, and whose order it is of."""
    quantity = _given(catalog, "quantity", given, columns.amount)
    if quantity is None and given.get("quantity") is None:
        quantity = catalog.fitting("quantity", ranking.quantity_beside(catalog.shop, columns.amount))
    order = _given(catalog, "order", given, columns.amount)
    if order is None and given.get("order") is None:
        order = ranking.order_column(catalog.shop, columns.amount, columns.date)
    if order and order.of == columns.amount.of and catalog.shop.is_unique(order):
        order = None  # each row is an order
    links = catalog.links(
        columns.amount, [column for column in (columns.date, columns.customer, order, quantity) if column]
    )
    for link in links:
        _refuse_doubled(database, catalog, link)
    purchases = Purchases(columns, links, quantity, order=order, read=catalog.read)
    if quantity and quantity.of == columns.amount.of and (column := discounts.beside(catalog.shop, columns.amount)):
        price, times, less = (_sql(database, purchases, one) for one in (columns.amount, quantity, column))
        beside: dict[str, Any] = {"table": columns.amount.of, "discount": less, "price": price, "quantity": times}
        [row] = database.fetch("starter_discounts", **beside)
        return replace(purchases, discount=discounts.meant(column, row))
    return purchases


def _given(catalog: Catalog, role: str, given: Mapping[str, str | None], amount: ShopColumn) -> ShopColumn | None:
    text = given.get(role)
    if text is None or text.lower() == NONE:
        return None
    return catalog.find(role, text, ranking.candidates(catalog.shop, role, amount))


def _refuse_unread(database: Database, purchases: Purchases, column: ShopColumn) -> None:
    """Raise ConfigError where a text is not written as those that were looked at: its row would be lost in silence."""
    read = _sql(database, replace(purchases, links=()), column)
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
    tables = {
        purchases.columns.amount.of,
        purchases.columns.date.of,
        *([purchases.order.of] if purchases.order else []),
    }
    seen: dict[ShopColumn, list[Status]] = {}
    for column in statuses.columns(catalog.shop, sorted(tables, key=str)):
        rows = database.fetch("starter_statuses", column=quoted(column.name), table=column.of, limit=statuses.MOST + 1)
        values = [Status(column, str(row["value"]), row["rows"]) for row in rows if "\\" not in str(row["value"])]
        if statuses.are_statuses(column, values):
            seen[column] = values
    left_out = [status for values in seen.values() for status in _left_out(values, leave_out, person)]
    known = {status.value for values in seen.values() for status in values}
    if strange := [value for value in leave_out or () if value and value not in known]:
        raise ConfigError(f"--leave-out: no order has the status {', '.join(strange)}; there are {_listed(known)}")
    flags = [] if leave_out == [""] else statuses.flags(catalog.shop, sorted(tables, key=str))
    return replace(purchases, statuses=seen, left_out=left_out, flags=flags)


def _left_out(found: Sequence[Status], leave_out: Sequence[str] | None, person: Person | None) -> Iterable[Status]:
    if leave_out is not None:
        return [status for status in found if status.value in leave_out]
    likely = [status for status in found if status.is_none]
    if person:
        chosen = person.left_out(found, [status.value for status in likely])
        return [status for status in found if status.value in chosen]
    if not statuses.is_clear(found):
        raise ConfigError(
            f"--leave-out is missing: which values of {found[0].column} are no purchases, such as cancelled orders? "
            f'There are {_with_rows(found)}; name each with --leave-out, or --leave-out "" to count all'
        )
    return likely


def _counted(database: Database, purchases: Purchases, given: str | None) -> Purchases:
    """What an order is, by what the lines show."""
    lines = _lines(database, purchases)
    [facts] = database.fetch("starter_facts", lines=lines, order=purchases.order is not None)
    order = purchases.order
    if order and given is None and facts["numbered"] < facts["lines"]:  # lines without one would be of no order
        order, facts = None, {**facts, "several": 0}
    moments = facts["moments"] < facts["lines"] * SHARED and not _whole_days(purchases)
    by_moment = order is None and given is None and bool(facts["lines"]) and (purchases.quantity is not None or moments)
    several = facts["several"] >= LEAST_REPEATED and facts["repeated"] >= facts["several"] * REPEATED
    refunds = ""
    if facts["negative"]:
        such = f", such as those of {facts['example']}" if order and facts["example"] else ""
        refunds = (
            f"{facts['negative']:,} lines have a negative amount{such}: refunds, or cancelled invoices. They lower "
            "what the customer has spent, and are no orders."
        )
    return replace(
        purchases,
        order=order,
        by_moment=by_moment,
        once=several and purchases.quantity is None and order is not None and order.of == purchases.columns.amount.of,
        refunds=refunds,
    )


def _whole_days(purchases: Purchases) -> bool:
    date = purchases.columns.date
    seen = purchases.read.get(date)
    return seen.whole_days if isinstance(seen, TextTime) else date.type.lower() == "date"


def features_sql(database: Database, purchases: Purchases) -> str:
    """Return the SELECT of the features, with comments."""
    distinct = '"order"' if purchases.order else '"at"' if purchases.by_moment else ""
    [statement] = database.statements.render(
        "starter_features",
        lines=_lines(database, purchases),
        once=purchases.once,
        refunds=purchases.refunds,
        distinct="" if purchases.once else distinct,
        about=_wrapped(_about_orders(purchases), purchases.refunds),
    )
    return f"{statement.strip()}\n"


def _about_orders(purchases: Purchases) -> str:
    if purchases.order:
        other = purchases.order.of != purchases.columns.amount.of
        many = "amounts" if other else "lines"
        return f"An order counts once, however many {many} it has: {purchases.order} tells them apart."
    if purchases.by_moment:
        return "Lines of one customer at one time count as one order: no column tells orders apart."
    return "Each row counts as an order. If a row is one line of an order, name the order's column with --order-column."


def _lines(database: Database, purchases: Purchases) -> str:
    """The SELECT of the lines that count."""
    columns = purchases.columns
    customer = _raw(purchases, columns.customer)
    as_text = database.statements.macro("as_text")
    [lines] = database.statements.render(
        "starter_lines",
        customer=as_text(customer),
        given=customer,
        is_text=columns.customer.kind == "text",
        order=_raw(purchases, purchases.order) if purchases.order else None,
        date=_sql(database, purchases, columns.date),
        amount=_amount(database, purchases),
        table=columns.amount.of,
        links=purchases.links,
        statuses=[
            {"column": raw, "text": raw if column.kind == "text" else as_text(raw), "left_out": list(map(text, values))}
            for column in purchases.statuses
            if (values := [status.value for status in purchases.left_out if status.column == column])
            and (raw := _raw(purchases, column))
        ],
        flags=[{"column": _raw(purchases, flag), "is_boolean": statuses.is_boolean(flag)} for flag in purchases.flags],
        about={
            "date": _wrapped(_about_text(purchases, columns.date)),
            "amount": _wrapped(_about_text(purchases, columns.amount), discounts.told(purchases.discount)),
            "statuses": _wrapped(*_about_statuses(purchases)),
        },
    )
    return lines


def _amount(database: Database, purchases: Purchases) -> str:
    """What a line is worth."""
    amount = _sql(database, purchases, purchases.columns.amount)
    if not purchases.quantity:
        return amount
    quantity = _sql(database, purchases, purchases.quantity)
    discount = purchases.discount
    less = _sql(database, purchases, discount.column) if discount else ""
    return discounts.worth(amount, quantity, discount, less)


def _sql(database: Database, purchases: Purchases, column: ShopColumn) -> str:
    """The column's value, which a text is read for."""
    raw = _raw(purchases, column)
    seen = purchases.read.get(column)
    if isinstance(seen, TextNumber):
        return database.statements.macro("text_as_number")(raw, seen.dropped, seen.decimal)
    if isinstance(seen, TextTime):
        return database.statements.macro("text_as_time")(raw, seen.pattern)
    return raw


def _raw(purchases: Purchases, column: ShopColumn) -> str:
    return f"{quoted(column.of)}.{quoted(column.name)}" if purchases.links else quoted(column.name)


def _about_text(purchases: Purchases, column: ShopColumn) -> str:
    seen = purchases.read.get(column)
    return f"{column} is text: {seen}." if seen else ""


def _about_statuses(purchases: Purchases) -> Iterable[str]:
    for column, found in purchases.statuses.items():
        left_out = [status for status in found if status in purchases.left_out]
        counted = [status for status in found if status not in left_out]
        yield f"{column}: left out are {_with_rows(left_out) or 'none'}. Counted are {_with_rows(counted) or 'none'}."


def _with_rows(found: Sequence[Status]) -> str:
    return ", ".join(f"{status.value} ({status.rows:,})" for status in found)


def _listed(values: Iterable[str]) -> str:
    return ", ".join(sorted(values)) or "none"


def _wrapped(*sentences: str) -> list[str]:
    return [line for sentence in sentences if sentence for line in textwrap.wrap(sentence, WIDTH)]


def _told(purchases: Purchases, row: Mapping[str, Any]) -> list[str]:
    """What the features add up to, and what they were made of."""
    columns = purchases.columns
    customers, orders, revenue = row["customers"], row["orders"] or 0, float(row["revenue"] or 0)
    of = str(columns.amount)
    if purchases.quantity:
        less = str(purchases.discount.column) if purchases.discount else ""
        of = discounts.worth(of, str(purchases.quantity), purchases.discount, less)
    lines = [f"Customers          {customers:>16,}   {columns.customer}"]
    if not customers:
        return [*lines, "There is no order yet."]
    share = float(row["largest"] or 0) / revenue if revenue else 0.0
    largest = f"Largest customer   {share:>15.1%}    of the revenue"
    if is_placeholder(str(row["customer"])):
        largest += f"; the id {row['customer']} looks like a placeholder for many"
    told_by = "one for each customer and time" if purchases.by_moment else "one for each row"
    if purchases.order:
        told_by = str(purchases.order)
    return [
        *lines,
        f"Orders             {orders:>16,}   {told_by}; {orders / customers:,.2f} per customer",
        f"Revenue            {revenue:>16,.2f}   {of}",
        f"First and last day {str(row['first_day'])[:10]:>16}   {str(row['last_day'])[:10]} ({columns.date})",
        largest,
        *_about_statuses(purchases),
        *(["Each line repeats its order's amount, which counts once."] if purchases.once else []),
        *([purchases.refunds] if purchases.refunds else []),
        *([told] if (told := discounts.told(purchases.discount)) else []),
        *(f"{flag}: what has it set is left out." for flag in purchases.flags),
    ]
