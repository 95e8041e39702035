"""Orders that are nobody's by their own row: guests with an e-mail address, and refunds that lead to an order. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from job.setup.shop import Shop, ShopColumn, flat

EMAIL = re.compile(r"e?_?mail")
OTHERS_EMAIL = re.compile(r"ship|delivery|seller|vendor|staff|sent|opt|valid|verified|newsletter|status|(^|_)is_|hash")
PARENT = re.compile(
    r"parent|original|refund_of|refunded_order|refunds?_order|return_of|reversed|corrected|storno_(von|zu)|origin(_|$)"
)
MOSTLY = 0.9  # of the rows that lead to another of the table: those below zero, from which they are refunds


def is_email(column: ShopColumn) -> bool:
    """Return whether a column's name says that it holds a customer's e-mail address."""
    name = flat(column.name)
    return column.kind == "text" and bool(EMAIL.search(name)) and not OTHERS_EMAIL.search(name)


def email_beside(shop: Shop, customer: ShopColumn) -> ShopColumn | None:
    """Return the e-mail address in the table of a customer's id; None: there is none, or it is the id."""
    if is_email(customer) or shop.is_unique(customer):
        return None
    found = [column for column in shop.tables.get(customer.of, ()) if is_email(column)]
    return min(found, key=lambda column: len(column.name), default=None)


def parent_of(shop: Shop, amount: ShopColumn) -> ShopColumn | None:
    """Return the column that leads from a row to another of the amounts' table; None: none, or more than one."""
    key = shop.row_key(amount.of)
    kinds = {column.kind for column in shop.tables[amount.of] if column.name == key}
    found = [
        column
        for column in shop.tables[amount.of]
        if column.name != key and column.kind in kinds and PARENT.search(flat(column.name))
    ]
    return found[0] if len(found) == 1 else None


def are_refunds(row: Mapping[str, Any]) -> bool:
    """Return whether rows that lead to another of their table are refunds of it. row: of starter_children.sql."""
    return bool(row["children"]) and row["negative"] >= MOSTLY * row["children"]


def told(customer: ShopColumn, email: ShopColumn | None, rows: int) -> Sequence[str]:
    """Return what is said of guests. rows: theirs."""
    if not email:
        return []
    return [
        f"{rows:,} rows without {customer.name} are guests', told apart by {email}. To take it for all, name it with "
        "--customer-column."
    ]
