"""Which column says the currency of an amount, and what is to be told where there are several. Pure."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from job.setup.shop import Shop, ShopColumn, flat
from job.tables import Name

NAMED = re.compile(r"currency|moeda|moneda|wahrung|waehrung|devise|valuta|(^|_)curr(_|$)")
NO_CODE = re.compile(
    r"rate|symbol|value|factor|precision|format|decimal|date|exchange|amount|total|price|name|position"
)
BASE = re.compile(r"(^|_)(base|shop|store|company|default)(_|$)")
KEY = re.compile(r"(^|_)id(_|$)")
CALLED = re.compile(r"iso|code|kurzel|sigla")
MOST = 60  # different ones that a column of currencies has
ALL = "all"  # given for the currency: amounts count as they are
CODE = re.compile(r"[A-Za-z]{3}")


class Currency(NamedTuple):
    """A value of a column of currencies, in how many lines, and what these add up to."""

    column: ShopColumn
    value: str  # empty: the line has none
    rows: int
    amount: float
    name: str = ""  # by the table that the column leads to

    def __str__(self) -> str:
        return f"{self.value} {self.name}".strip() or "none"


def column(shop: Shop, amount: ShopColumn, tables: Iterable[Name]) -> ShopColumn | None:
    """Return the column that says in which currency an amount is: that of the shop, where the amount's name says so."""
    found = [
        column
        for table in tables
        for column in shop.tables.get(table, ())
        if NAMED.search(flat(column.name))
        and not NO_CODE.search(flat(column.name))
        and (column.kind in ("text", "other") or (column.kind == "whole" and KEY.search(flat(column.name))))
    ]
    of_shop = [column for column in found if BASE.search(flat(column.name))]
    of_order = [column for column in found if column not in of_shop]
    return next(iter(of_shop if is_base(amount) else of_order), None)


def lookup(shop: Shop, column: ShopColumn) -> tuple[ShopColumn, ShopColumn] | None:
    """Return where the codes of a column of ids are: a key and a text beside it; None: nowhere."""
    keys = [
        other
        for table, others in shop.tables.items()
        for other in others
        if table != column.of
        and NAMED.search(flat(table.table))
        and other.kind == column.kind == "whole"
        and flat(other.name) in (flat(column.name), "id")
    ]
    return next(((key, text) for key in keys for text in shop.tables[key.of] if CALLED.search(flat(text.name))), None)


def is_base(amount: ShopColumn) -> bool:
    """Return whether an amount's name says that it is in the shop's own currency."""
    return bool(BASE.search(flat(amount.name)))


def base_beside(shop: Shop, amount: ShopColumn) -> ShopColumn | None:
    """Return the same amount in the shop's own currency, which stands beside it by its name."""
    name = flat(amount.name)
    return next((one for one in shop.tables[amount.of] if is_base(one) and flat(one.name) == f"base_{name}"), None)


def code(found: Sequence[Currency], kept: str) -> str:
    """Return the code of the one that counts; empty: nothing says it."""
    names = [one.name or one.value for one in found if one.value == kept]
    return names[0].upper() if names and CODE.fullmatch(names[0]) else ""


def listed(found: Sequence[Currency]) -> str:
    """Return the currencies with what is in them."""
    return ", ".join(f"{one} ({one.rows:,} rows, {one.amount:,.2f})" for one in found)


def told(found: Sequence[Currency], kept: str) -> str:
    """Return what is said of them; empty: nothing, since there is one."""
    if len(found) < 2:
        return ""
    if kept == ALL:
        return f"{found[0].column}: amounts count as they are, in whatever currency: {listed(found)}."
    others = [one for one in found if one.value != kept]
    counted = [one for one in found if one.value == kept]
    return f"{found[0].column}: counted are amounts in {listed(counted)}. Left out are {listed(others)}."
