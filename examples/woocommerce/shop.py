"""Makes the order tables of an invented WooCommerce shop, with refunds as orders of their own, below zero."""

from datetime import timedelta
from pathlib import Path

from examples.invented import Order, Tables, orders, write

SCHEMA = Path(__file__).parent / "tables.sql"
STATUSES = {
    "done": "wc-completed",
    "open": "wc-processing",
    "cancelled": "wc-cancelled",
    "refunded": "wc-refunded",
    "partly refunded": "wc-completed",
}
REFUNDS = 1_000_000  # from which their ids count


def tables(made: list[Order]) -> Tables:
    """Return the rows of each table."""
    rows: list[list[object]] = []
    for one in made:
        account = 0 if one.is_guest else one.person
        row = [one.number, STATUSES[one.fate], one.currency, "shop_order", 0, one.total, account, one.email]
        rows.append([*row, one.at, one.at + timedelta(2), 0, "stripe"])
        if one.refunded:
            refund = [REFUNDS + one.number, "wc-completed", one.currency, "shop_order_refund", 0, -one.refunded]
            rows.append([*refund, None, None, one.at + timedelta(9), one.at + timedelta(9), one.number, None])
    lookup = [
        [
            one.number * 10 + place,
            one.number,
            line.product,
            one.person,
            one.at,
            line.quantity,
            line.price * line.quantity,
        ]
        for one in made
        for place, line in enumerate(one.lines)
    ]
    return {"wp_wc_orders": rows, "wp_wc_order_product_lookup": lookup}


if __name__ == "__main__":
    write(SCHEMA, tables(orders()))
