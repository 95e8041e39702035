"""Makes the orders export of an invented Shopify shop: a line for each product, of which the first has the total."""

from datetime import timedelta
from pathlib import Path

from examples.invented import Order, Tables, orders, write

SCHEMA = Path(__file__).parent / "tables.sql"
HEADER = (
    *("Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Accepts Marketing"),
    *("Currency", "Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method"),
    *("Created at", "Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku", "Billing Name"),
    *("Billing City", "Billing Country", "Cancelled at", "Payment Method", "Refunded Amount", "Id", "Source"),
)
STATUSES = {
    "done": "paid",
    "open": "paid",
    "cancelled": "voided",
    "refunded": "refunded",
    "partly refunded": "partially_refunded",
}
AT_THE_TILL = 0.04  # of the orders: nobody's


def is_nobodys(order: Order) -> bool:
    """Return whether an order was made at the till, where nobody gives an e-mail address."""
    return order.number % round(1 / AT_THE_TILL) == 0


def tables(made: list[Order]) -> Tables:
    """Return the records of the export, all of them texts."""
    return {"orders_export": [record for one in made for record in _records(one)]}


def _records(one: Order) -> list[list[str]]:
    first = {
        "Financial Status": STATUSES[one.fate],
        "Paid at": "" if one.fate == "cancelled" else _time(one, 2),
        "Fulfillment Status": "fulfilled" if one.fate == "done" else "unfulfilled",
        "Accepts Marketing": "yes" if one.number % 3 else "no",
        "Currency": "USD",
        "Subtotal": str(one.total),
        "Shipping": "0.00",
        "Taxes": "0.00",
        "Total": str(one.total),
        "Discount Amount": "0.00",
        "Billing Name": f"Person {one.person}",
        "Billing City": "Springfield",
        "Billing Country": "US",
        "Cancelled at": _time(one, 600) if one.fate == "cancelled" else "",
        "Payment Method": "Shopify Payments",
        "Refunded Amount": f"{one.refunded:.2f}",
        "Id": str(4_500_000_000_000 + one.number),
        "Source": "web",
    }
    every = {
        "Name": f"#{one.number}",
        "Email": "" if is_nobodys(one) else one.email,
        "Created at": _time(one, 0),
    }
    lines = [
        {
            "Lineitem quantity": str(line.quantity),
            "Lineitem name": f"Product {line.product}",
            "Lineitem price": str(line.price),
            "Lineitem sku": f"SKU-{line.product:03}",
        }
        for line in one.lines
    ]
    return [
        [{**every, **line, **({} if place else first)}.get(name, "") for name in HEADER]
        for place, line in enumerate(lines)
    ]


def _time(order: Order, minutes: int) -> str:
    at = order.at + timedelta(minutes=minutes)
    return f"{at:%Y-%m-%d %H:%M:%S} {'-0400' if 3 < at.month < 11 else '-0500'}"


if __name__ == "__main__":
    write(SCHEMA, tables(orders()), HEADER)
