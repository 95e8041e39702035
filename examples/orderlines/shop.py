"""Makes the tables of an invented wholesaler: orders, and their lines with price, quantity and discount."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from examples.invented import Order, Tables, orders, write

SCHEMA = Path(__file__).parent / "tables.sql"
STATUSES = {"done": 3, "open": 1, "cancelled": 4, "refunded": 5, "partly refunded": 3}
NAMES = {1: "Ordered", 2: "Packed", 3: "Delivered", 4: "Cancelled", 5: "Returned"}


def discount(order: Order) -> Decimal:
    """Return what is taken off each line of an order, as a share."""
    return Decimal("0.15") if order.number % 4 == 0 else Decimal(0)


def tables(made: list[Order]) -> Tables:
    """Return the rows of each table."""
    prices = {line.product: line.price for one in made for line in one.lines}
    days = [one.at.date() for one in made]
    return {
        "customers": [[who, f"Company {who}", "Norway"] for who in sorted({one.person for one in made})],
        "products": [[each, f"Product {each}", price * 2, 10] for each, price in sorted(prices.items())],
        "order_statuses": [list(status) for status in NAMES.items()],
        "orders": [
            [one.number, one.person, day, day + timedelta(14), day + timedelta(3), STATUSES[one.fate], Decimal("4.90")]
            for one, day in zip(made, days, strict=True)
        ],
        "order_details": [
            [one.number, line.product, line.price, line.quantity, discount(one)] for one in made for line in one.lines
        ],
    }


if __name__ == "__main__":
    write(SCHEMA, tables(orders()))
