"""The shops that people have, as examples/ makes them, and what plain Python adds up of each."""

import importlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

from examples.invented import TO_EURO, Order, script


class Features(NamedTuple):
    """Of one customer."""

    spend: Decimal
    orders: int
    last: str  # the day


class Layout(NamedTuple):
    """How a shop's tables are: the options that name its columns, whose an order is, and what it is worth."""

    options: dict[str, str]
    person: Callable[[Order], str]
    worth: Callable[[Order], Decimal | None]  # None: it is no order

    def expected(self, made: list[Order]) -> dict[str, Features]:
        """What plain Python adds up of the orders."""
        found: dict[str, list[tuple[Decimal, str]]] = defaultdict(list)
        for one in made:
            worth = self.worth(one)
            if worth is not None and (person := self.person(one)):
                found[person].append((worth, str(one.at.date())))
        return {
            person: Features(sum((worth for worth, _ in own), Decimal(0)), len(own), max(day for _, day in own))
            for person, own in found.items()
        }


def is_counted(one: Order) -> bool:
    return one.fate not in ("cancelled", "refunded")


def by_account(one: Order) -> str:
    return one.email.lower() if one.is_guest else str(one.person)


def paid(one: Order) -> Decimal | None:
    return one.total - one.refunded if is_counted(one) else None


def paid_in_euros(one: Order) -> Decimal | None:
    return paid(one) if one.currency == "EUR" else None


def paid_at_the_rate(one: Order) -> Decimal | None:
    total, refunded = (round(amount * TO_EURO[one.currency], 2) for amount in (one.total, one.refunded))
    return total - refunded if is_counted(one) else None


def less_discount(one: Order) -> Decimal | None:
    share = Decimal("0.85") if one.number % 4 == 0 else Decimal(1)
    return one.total * share if is_counted(one) else None


def less_taken_back(one: Order) -> Decimal:
    """An invoice stays an order, whatever another takes back of it."""
    return one.total - one.refunded if one.fate != "cancelled" else Decimal(0)


LAYOUTS = {
    "shopify": Layout(
        {"customer": "Email", "amount": "Total", "date": "Created at"},
        lambda one: "" if one.number % 25 == 0 else one.email.lower(),
        paid,
    ),
    "woocommerce": Layout(
        {"customer": "wp_wc_orders.customer_id", "amount": "total_amount", "date": "date_created_gmt"},
        by_account,
        paid_in_euros,
    ),
    "magento": Layout(
        {
            "customer": "sales_order.customer_id",
            "amount": "sales_order.base_grand_total",
            "date": "sales_order.created_at",
        },
        by_account,
        paid_at_the_rate,
    ),
    "saleslog": Layout(
        {"customer": "CustomerID", "amount": "UnitPrice", "date": "InvoiceDate"},
        lambda one: "" if one.is_guest else str(12_000 + one.person),
        less_taken_back,
    ),
    "orderlines": Layout(
        {"customer": "orders.customer_id", "amount": "order_details.unit_price", "date": "order_date"},
        lambda one: str(one.person),
        less_discount,
    ),
}


def statements(name: str, made: list[Order]) -> Iterator[str]:
    """Make the shop's tables, and fill them."""
    maker = importlib.import_module(f"examples.{name}.shop")
    return script(maker.SCHEMA, maker.tables(made))
