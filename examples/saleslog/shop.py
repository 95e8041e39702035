"""Makes the sales log of an invented gift shop: a line for each product of an invoice, in the manner of UCI's "Online
Retail". An invoice whose number begins with C takes back what another has sold."""

from datetime import datetime, timedelta
from pathlib import Path

from examples.invented import Line, Order, Tables, orders, write

SCHEMA = Path(__file__).parent / "tables.sql"
HEADER = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
ENCODING = "latin-1"
WORDS = ("CAFÉ MUG", "LUNCH BAG", "£5 GIFT CARD", "CRÈME CANDLE", "PARTY BUNTING", "FAIRY LIGHTS")


def tables(made: list[Order]) -> Tables:
    """Return the records of the log, all of them texts."""
    return {"online_retail": [record for one in made for record in _records(one)]}


def _records(one: Order) -> list[list[str]]:
    sold = [_record(one, f"{500_000 + one.number}", line, one.at, line.quantity) for line in one.lines]
    taken_back = one.lines if one.fate in ("cancelled", "refunded") else one.lines[:1]
    if not one.refunded and one.fate != "cancelled":
        return sold
    later, pieces = one.at + timedelta(days=2), 1 if one.fate == "partly refunded" else None
    back = [_record(one, f"C{500_000 + one.number}", line, later, -(pieces or line.quantity)) for line in taken_back]
    return [*sold, *back]


def _record(one: Order, invoice: str, line: Line, at: datetime, quantity: int) -> list[str]:
    """Guests have no number, and those of customers were numbers with decimals on the way."""
    customer = "" if one.is_guest else f"{12_000 + one.person}.0"
    time = f"{at.month}/{at.day}/{at.year} {at.hour}:{at:%M}"
    name = f"{WORDS[line.product % len(WORDS)]} {line.product}"
    return [invoice, str(20_000 + line.product), name, str(quantity), time, str(line.price), customer, "France"]


if __name__ == "__main__":
    write(SCHEMA, tables(orders()), HEADER, ENCODING)
