"""Makes the sales tables of an invented Magento shop, which sells in several currencies and counts in euros."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from examples.invented import TO_EURO, Order, Tables, orders, write

SCHEMA = Path(__file__).parent / "tables.sql"
STATES = {  # and statuses
    "done": ("complete", "complete"),
    "open": ("new", "pending"),
    "cancelled": ("canceled", "canceled"),
    "refunded": ("closed", "closed"),
    "partly refunded": ("complete", "complete"),
}


def tables(made: list[Order]) -> Tables:
    """Return the rows of each table."""
    joined = {one.person: one.at - timedelta(1) for one in reversed(made) if not one.is_guest}
    people = [[who, f"person{who}@mail.example", at, at] for who, at in sorted(joined.items())]
    rows: list[list[object]] = []
    items: list[list[object]] = []
    for one in made:
        rate = TO_EURO[one.currency]
        total, back = one.total, one.refunded or None
        base, base_back = in_euros(one, total), in_euros(one, one.refunded) if back else None
        row = [one.number, *STATES[one.fate], 1, None if one.is_guest else one.person, int(one.is_guest), one.email]
        row += ["EUR", one.currency, round(1 / rate, 4), base, base, base, base_back, total, total, total, back]
        rows.append([*row, sum(line.quantity for line in one.lines), f"{one.number:09}", one.at, one.at + timedelta(3)])
        for place, line in enumerate(one.lines):
            worth = line.price * line.quantity
            item = [one.number * 10 + place, one.number, one.at, line.product, f"sku-{line.product}", line.quantity]
            items.append([*item, in_euros(one, line.price), line.price, in_euros(one, worth), worth])
    return {"customer_entity": people, "sales_order": rows, "sales_order_item": items}


def in_euros(order: Order, amount: Decimal) -> Decimal:
    """Return an amount of the order in the shop's own currency."""
    return round(amount * TO_EURO[order.currency], 2)


if __name__ == "__main__":
    write(SCHEMA, tables(orders()))
