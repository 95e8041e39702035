"""How a discount beside a price and a quantity is meant: by its name and by aggregates of it. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from job.setup.shop import Shop, ShopColumn, flat

NAMED = re.compile(r"discount|descont|rabatt|descuento|remise|nachlass|(^|_)disc(_|$)")
NO_AMOUNT = re.compile(r"_id$|code|type|reason|name|refund|tax|invoiced|base|ship|coupon")
PERCENT = re.compile(r"percent|pct|prozent|porcent|pourcent|perc(_|$)|(^|_)rate(_|$)")
MONEY = re.compile(r"amount|(^|_)amt|value|valor|betrag|montant|importe|total")
HUNDRED = 100
PAID_BACK = re.compile(r"refund|erstatt|reembols|rembours|devol|estorn")
NO_WHOLE = re.compile(
    r"tax|ship|freight|subtotal|discount|offline|online|qty|quanti|count|invoiced|date|(^|_)at$|_id$|fee|status|reason"
)
BASE = re.compile(r"(^|_)base(_|$)")
FEW = 0.01


class Discount(NamedTuple):
    """A column that lowers what a line is worth, and how; unclear: it is not taken off."""

    column: ShopColumn
    kind: Literal["fraction", "percent", "money", "unclear"]


def beside(shop: Shop, amount: ShopColumn) -> ShopColumn | None:
    """Return the discount in the table of a price; None: there is none, or more than one."""
    found = [
        column
        for column in shop.tables.get(amount.of, ())
        if column.kind in ("decimal", "whole", "text")
        and column != amount
        and NAMED.search(flat(column.name))
        and not NO_AMOUNT.search(flat(column.name))
    ]
    found = [column for column in found if column.kind != "text"] or found
    return found[0] if len(found) == 1 else None


def meant(column: ShopColumn, row: Mapping[str, Any]) -> Discount:
    """Return how it is meant. row: of starter_discounts.sql."""
    name = flat(column.name)
    most = float(row["most"] or 0)
    if row["negative"]:
        return Discount(column, "unclear")
    if most > 1 and (PERCENT.search(name) or row["beyond"]):
        return Discount(column, "percent" if most <= HUNDRED else "unclear")
    if 0 < most <= 1 and row["broken"] and not MONEY.search(name):
        return Discount(column, "fraction")
    is_money = MONEY.search(name) or most > HUNDRED or (most > 1 and row["broken"])
    return Discount(column, "money" if is_money and not row["beyond"] else "unclear")


def refunded_beside(shop: Shop, amount: ShopColumn) -> ShopColumn | None:
    """Return what was paid back of an order's amount, in its table; None: there is none, or more than one."""
    found = [
        column
        for column in shop.tables.get(amount.of, ())
        if column.kind in ("decimal", "whole", "text")
        and column != amount
        and PAID_BACK.search(name := flat(column.name))
        and MONEY.search(name)
        and not NO_WHOLE.search(name)
        and bool(BASE.search(name)) == bool(BASE.search(flat(amount.name)))
    ]
    return found[0] if len(found) == 1 else None


def paid_back(column: ShopColumn, row: Mapping[str, Any]) -> Discount | None:
    """Return how it is meant; None: nothing was paid back. row: of starter_discounts.sql."""
    if not row["most"]:
        return None
    clear = not row["negative"] and row["beyond"] <= FEW * row["rows"]
    return Discount(column, "money" if clear else "unclear")


def worth(price: str, quantity: str, discount: Discount | None, less: str) -> str:
    """Return the expression of what a line is worth; less: the discount's."""
    gross = f"{price} * {quantity}"
    match discount.kind if discount else "unclear":
        case "fraction":
            return f"{gross} * (1 - COALESCE({less}, 0))"
        case "percent":
            return f"{gross} * (1 - COALESCE({less}, 0) * 0.01)"
        case "money":
            return f"{gross} - COALESCE({less}, 0)"
        case _:
            return gross


def told(discount: Discount | None) -> str:
    """Return what is to be said of it; empty: nothing."""
    if discount is None:
        return ""
    if PAID_BACK.search(flat(discount.column.name)):
        taken = "taken off; an order that was paid back as a whole is none"
        doubt = "not taken off: it is negative, or more than the amounts"
        return f"{discount.column} is what was paid back, and {taken if discount.kind == 'money' else doubt}."
    meaning = {
        "fraction": "is a share of the price, from 0 to 1, and taken off",
        "percent": "is per cent of the price, and taken off",
        "money": "is money off the whole line, and taken off",
        "unclear": "is not taken off: its values do not say whether it is money, a share or per cent",
    }
    return f"{discount.column} {meaning[discount.kind]}."
