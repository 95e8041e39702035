"""The features' SQL of a shop's purchases, and what is told of them."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from job.model.sanity import is_placeholder
from job.setup import currencies, discounts, guests, statuses
from job.setup.catalog import Columns, Read
from job.setup.currencies import Currency
from job.setup.discounts import Discount
from job.setup.shop import Link, ShopColumn
from job.setup.statuses import Status
from job.setup.texts import DecimalId, InCents, NumberTime, TextNumber, TextTime
from job.statements import Statements, text
from job.tables import Name, quoted

PARENT = Name(None, "parent")  # what the amounts' table is called where refunds lead to their orders
WITHOUT_OFFSET = 19  # characters of a time
WIDTH = 100
NEXT_LINE = "\n" + 12 * " "


@dataclass(frozen=True)
class Purchases:
    """What makes the features of a shop's tables."""

    columns: Columns
    links: Sequence[Link]
    quantity: ShopColumn | None = None
    discount: Discount | None = None
    refunded: Discount | None = None  # what was paid back of the amount
    order: ShopColumn | None = None  # None: each line is one, or `by_moment`
    by_row: bool = False  # each line has an order's number of its own
    by_moment: bool = False  # lines of a customer with one time are an order
    once: bool = False  # each line repeats the amount of its order
    first_alone: bool = False  # one line of each order has its amount
    refunds: str = ""  # what is said of negative amounts; empty: there are none
    read: Mapping[ShopColumn, Read] = field(default_factory=dict)
    by_email: bool = False  # the customer's column is an e-mail address, as people type it
    email: ShopColumn | None = None  # of those who have no id, who are guests
    guests: int = 0  # lines of such
    parent: ShopColumn | None = None  # what leads from a refund to its order, in the amounts' table
    parent_key: str = ""
    statuses: Mapping[ShopColumn, Sequence[Status]] = field(default_factory=dict)
    left_out: Sequence[Status] = ()
    flags: Sequence[ShopColumn] = ()
    currencies: Sequence[Currency] = ()  # of the lines that count otherwise
    currency: str = ""  # the one that counts; empty: there is none, or no other

    @property
    def tables(self) -> list[Name]:
        """Where an order's own columns are."""
        columns = (self.columns.amount, self.columns.date, self.order)
        return sorted({column.of for column in columns if column}, key=str)


def features_sql(statements: Statements, purchases: Purchases) -> str:
    """Return the SELECT of the features, with comments."""
    distinct = '"order"' if purchases.order else '"at"' if purchases.by_moment else ""
    [statement] = statements.render(
        "starter_features",
        lines=lines(statements, purchases),
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


def lines(statements: Statements, purchases: Purchases, currency: ShopColumn | None = None) -> str:
    """Return the SELECT of the lines that count, whoever's they are. currency: one more column."""
    columns = purchases.columns
    as_text = statements.macro("as_text")
    [statement] = statements.render(
        "starter_lines",
        customer=_customer(statements, purchases),
        given=_raw(purchases, columns.customer),
        order=_order(statements, purchases, purchases.order) if purchases.order else None,
        date=value(statements, purchases, columns.date),
        amount=_amount(statements, purchases),
        currency=as_text(_raw(purchases, currency)) if currency else None,
        table=columns.amount.of,
        links=purchases.links,
        parent={"column": purchases.parent.name, "key": purchases.parent_key} if purchases.parent else None,
        first_alone=purchases.first_alone,
        back=_of_refunded(statements, purchases),
        statuses=[
            {
                "texts": [raw if column.kind == "text" else as_text(raw) for raw in _of_order(purchases, column)],
                "left_out": [text(value) for value in values],
            }
            for column in purchases.statuses
            if (values := [status.value for status in purchases.left_out if status.column == column])
        ],
        flags=[
            {
                "columns": _of_order(purchases, flag),
                "unset": "FALSE" if statuses.is_boolean(flag) else "''" if flag.kind == "text" else "NULL",
            }
            for flag in purchases.flags
        ],
        only=_only(purchases),
        knows_currency=bool(purchases.currencies),
        about={
            "customer": _wrapped(*_about_customers(purchases)),
            "date": _wrapped(_about_value(purchases, columns.date)),
            "amount": _wrapped(
                _about_value(purchases, columns.amount),
                discounts.told(purchases.discount),
                discounts.told(purchases.refunded),
            ),
            "statuses": _wrapped(*_about_statuses(purchases)),
            "currency": _wrapped(currencies.told(purchases.currencies, purchases.currency)),
        },
    )
    return statement


def _customer(statements: Statements, purchases: Purchases) -> str:
    """Whose a line is; NULL or empty: nobody's. Who has no id has an e-mail address; a refund is its order's."""
    customer, email = purchases.columns.customer, purchases.email
    if not email and not purchases.parent:
        return _person(statements, purchases, customer)
    found = []
    for table in (customer.of, *([PARENT] if purchases.parent else [])):
        person = _person(statements, purchases, customer, table)
        ids = f"NULLIF({person}, '')" if customer.kind == "text" else person
        found.append(f"NULLIF({ids}, '0')" if email else ids)
        found += [f"NULLIF({_typed(_raw(purchases, email, table))}, '')"] if email else []
    return f"COALESCE({(',' + NEXT_LINE).join(['', *found])[1:]}{NEXT_LINE[:-4]})"


def _person(statements: Statements, purchases: Purchases, customer: ShopColumn, table: Name | None = None) -> str:
    """The text that a customer's column has for one."""
    if purchases.by_email:
        return _typed(_raw(purchases, customer, table))
    return _id(statements, purchases, customer, table, as_text=True)


def _typed(email: str) -> str:
    return f"LOWER(TRIM({email}))"


def _id(
    statements: Statements, purchases: Purchases, column: ShopColumn, table: Name | None = None, as_text: bool = False
) -> str:
    """An id, without the decimals that an import has given it."""
    raw = _raw(purchases, column, table)
    macro = statements.macro
    if isinstance(purchases.read.get(column), DecimalId):
        raw = macro("without_zeros")(raw) if column.kind == "text" else macro("as_integer")(raw)
    return macro("as_text")(raw) if as_text else raw


def _order(statements: Statements, purchases: Purchases, order: ShopColumn) -> str:
    found = _id(statements, purchases, order)
    return f"NULLIF({found}, '')" if order.kind == "text" else found


def value(statements: Statements, purchases: Purchases, column: ShopColumn) -> str:
    """Return the SQL of a column's value, which a text or a number may have to be read for."""
    raw = _raw(purchases, column)
    macro = statements.macro
    match purchases.read.get(column):
        case TextNumber() as seen:
            return macro("text_as_number")(raw, seen.dropped, seen.decimal)
        case TextTime(pattern, offset):
            return macro("text_as_time")(f"LEFT({raw}, {WITHOUT_OFFSET})" if offset else raw, pattern)
        case NumberTime(parts):
            return macro("number_as_time")(raw, parts)
        case InCents():
            return f"{raw} * 0.01"
    return raw


def _amount(statements: Statements, purchases: Purchases) -> str:
    """What a line is worth."""
    amount = value(statements, purchases, purchases.columns.amount)
    if purchases.quantity:
        discount = purchases.discount
        less = value(statements, purchases, discount.column) if discount else ""
        amount = discounts.worth(amount, value(statements, purchases, purchases.quantity), discount, less)
    back = _of_refunded(statements, purchases)
    return f"{amount} - COALESCE({back['less']}, 0)" if back else amount


def _of_refunded(statements: Statements, purchases: Purchases) -> Mapping[str, str] | None:
    """What was paid back of an amount, where that is to be taken off."""
    back = purchases.refunded
    if not back or back.kind != "money":
        return None
    return {
        "amount": value(statements, purchases, purchases.columns.amount),
        "less": value(statements, purchases, back.column),
    }


def _of_order(purchases: Purchases, column: ShopColumn) -> list[str]:
    """A column of an order; of a refund, first that of the order that it leads to."""
    own = _raw(purchases, column)
    if not purchases.parent or column.of != purchases.columns.amount.of:
        return [own]
    return [_raw(purchases, column, PARENT), own]


def _only(purchases: Purchases) -> Mapping[str, str] | None:
    """The one currency that counts, where there are several."""
    if len(purchases.currencies) < 2 or purchases.currency == currencies.ALL:
        return None
    column, kept = purchases.currencies[0].column, purchases.currency
    return {"column": _raw(purchases, column), "value": kept if column.kind == "whole" else text(kept)}


def _raw(purchases: Purchases, column: ShopColumn, table: Name | None = None) -> str:
    if not purchases.links and not purchases.parent:
        return quoted(column.name)
    return f"{quoted(table or column.of)}.{quoted(column.name)}"


def _about_customers(purchases: Purchases) -> Iterable[str]:
    yield _about_value(purchases, purchases.columns.customer)
    yield from guests.told(purchases.columns.customer, purchases.email, purchases.guests)
    if purchases.parent:
        yield f"Refunds are taken off the customer whose order {purchases.parent} names, and go with that order."


def _about_value(purchases: Purchases, column: ShopColumn) -> str:
    seen = purchases.read.get(column)
    kind = {"text": "text", "whole": "a number", "decimal": "a number"}.get(column.kind, column.kind)
    return f"{column} is {kind}: {seen}." if seen else ""


def _about_statuses(purchases: Purchases) -> Iterable[str]:
    for column, found in purchases.statuses.items():
        left_out = [status for status in found if status in purchases.left_out]
        counted = [status for status in found if status not in left_out]
        told = f"left out are {statuses.listed(left_out) or 'none'}. Counted are {statuses.listed(counted) or 'none'}."
        yield f"{column}: {told}"


def _wrapped(*sentences: str) -> list[str]:
    return [
        line for sentence in sentences if sentence for line in textwrap.wrap(sentence, WIDTH, break_on_hyphens=False)
    ]


def told(purchases: Purchases, row: Mapping[str, Any], nobodys: Mapping[str, Any]) -> list[str]:
    """Return what the features add up to, and what they were made of, in lines for people.

    row: of starter_preview.sql. nobodys: the lines that are no customer's, of starter_facts.sql.
    """
    columns = purchases.columns
    customers, orders, revenue = row["customers"], row["orders"] or 0, float(row["revenue"] or 0)
    of = str(columns.amount)
    if purchases.quantity:
        less = str(purchases.discount.column) if purchases.discount else ""
        of = discounts.worth(of, str(purchases.quantity), purchases.discount, less)
    if purchases.refunded and purchases.refunded.kind == "money":
        of = f"{of} - {purchases.refunded.column}"
    summed = [f"Customers          {customers:>16,}   {columns.customer}"]
    if not customers:
        return [*summed, "There is no order yet."]
    share = float(row["largest"] or 0) / revenue if revenue else 0.0
    largest = f"Largest customer   {share:>15.1%}    of the revenue"
    if is_placeholder(str(row["customer"])):
        largest += f"; the id {row['customer']} looks like a placeholder for many"
    told_by = "one for each customer and time" if purchases.by_moment else "one for each row"
    if purchases.order:
        told_by = str(purchases.order)
    return [
        *summed,
        f"Orders             {orders:>16,}   {told_by}; {orders / customers:,.2f} per customer",
        f"Revenue            {revenue:>16,.2f}   {of}",
        f"First and last day {str(row['first_day'])[:10]:>16}   {str(row['last_day'])[:10]} ({columns.date})",
        largest,
        *([_about_value(purchases, columns.amount)] if purchases.read.get(columns.amount) == InCents() else []),
        *filter(None, _about_customers(purchases)),
        *_about_nobody(nobodys),
        *_about_statuses(purchases),
        *filter(None, [currencies.told(purchases.currencies, purchases.currency)]),
        *(["Each line repeats its order's amount, which counts once."] if purchases.once else []),
        *(["One line of each order has its amount."] if purchases.first_alone else []),
        *filter(None, [purchases.refunds, discounts.told(purchases.discount), discounts.told(purchases.refunded)]),
        *(f"{flag}: what has it set is left out." for flag in purchases.flags),
    ]


def _about_nobody(row: Mapping[str, Any]) -> Iterable[str]:
    if row["unknown"]:
        worth = float(row["unknown_amount"] or 0)
        yield f"Left out are {row['unknown']:,} lines without a customer, worth {worth:,.2f}."
