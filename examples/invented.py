"""An invented shop, from a seed: who ordered what, and when. Scripts beside write it as the tables of real shops."""

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np

from job.setup.sample import counts, expand, log_normal, purchase_times

PEOPLE = 600
PRODUCTS = 60
ORDERS_EACH = (1.9, 20)  # by Zipf's law: the exponent, and the most there can be
LINES_EACH = (2.5, 6)
PIECES = (2.2, 12)
PRICE = (18.0, 0.7)  # log-normal: the median, and the standard deviation of the logarithm
GUESTS = 0.35  # of the people
FATES = {"done": 0.86, "open": 0.05, "cancelled": 0.05, "refunded": 0.02, "partly refunded": 0.02}
CURRENCIES = {"EUR": 0.8, "USD": 0.15, "SEK": 0.05}
TO_EURO = {"EUR": Decimal(1), "USD": Decimal("0.92"), "SEK": Decimal("0.09")}
ROWS = 500  # in an INSERT

Tables = Mapping[str, Sequence[Sequence[Any]]]  # the rows of each


class Line(NamedTuple):
    """A product in an order."""

    product: int
    price: Decimal
    quantity: int


class Order(NamedTuple):
    """An order of one person; one who is a guest has no account."""

    number: int
    person: int
    is_guest: bool
    at: datetime
    fate: str
    currency: str
    lines: Sequence[Line]

    @property
    def email(self) -> str:
        """As it is typed: sometimes in large letters."""
        typed = f"person{self.person}@mail.example"
        return typed.upper() if self.number % 7 == 0 else typed

    @property
    def total(self) -> Decimal:
        """What its lines are worth."""
        return sum((line.price * line.quantity for line in self.lines), Decimal(0))

    @property
    def refunded(self) -> Decimal:
        """What was paid back."""
        return {"refunded": self.total, "partly refunded": self.lines[0].price}.get(self.fate, Decimal(0))


def orders(people: int = PEOPLE, seed: int = 1) -> list[Order]:
    """Return the orders in the order of time; the same arguments give the same ones."""
    rng = np.random.default_rng(seed)
    each = counts(rng, people, *ORDERS_EACH)
    times = purchase_times(rng, each).astype("datetime64[s]").astype(object)
    person, _ = expand(each)
    made = sorted(zip(times, person, strict=True))
    guests = rng.random(people) < GUESTS
    prices = [Decimal(round(100 * price)) / 100 for price in log_normal(rng, PRODUCTS, *PRICE)]
    fates = rng.choice(list(FATES), len(made), p=list(FATES.values()))
    currencies = rng.choice(list(CURRENCIES), len(made), p=list(CURRENCIES.values()))
    found = []
    for number, (at, who) in enumerate(made):
        products = rng.choice(PRODUCTS, counts(rng, 1, *LINES_EACH)[0], replace=False)
        pieces = counts(rng, len(products), *PIECES)
        lines = [Line(int(product), prices[product], int(each)) for product, each in zip(products, pieces, strict=True)]
        fate, currency = str(fates[number]), str(currencies[number])
        if fate == "partly refunded" and len(lines) == lines[0].quantity == 1:
            fate = "done"
        found.append(Order(1001 + number, int(who) + 1, bool(guests[who]), at, fate, currency, lines))
    return found


def script(schema: Path, tables: Tables) -> Iterator[str]:
    """Yield the statements that make the tables and fill them, for any database; schema: a file with CREATE TABLE."""
    yield from filter(None, map(str.strip, schema.read_text().split(";")))
    for table, rows in tables.items():
        for start in range(0, len(rows), ROWS):
            values = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows[start : start + ROWS])
            yield f"INSERT INTO {table} VALUES {values}"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int | Decimal) else f"'{value}'"


def write(schema: Path, tables: Tables, header: Sequence[str] = (), encoding: str = "utf-8") -> None:
    """Write what the command line names, anew: a DuckDB file; else a folder with a CSV file for each table.

    Without a name, print the statements for any database. header: of the one table's file.
    """
    if len(sys.argv) < 2:
        print(*script(schema, tables), sep=";\n", end=";\n")
        return
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".duckdb":
        path.unlink(missing_ok=True)
        with duckdb.connect(path) as connection:
            for statement in script(schema, tables):
                connection.execute(statement)
        return
    path.mkdir(exist_ok=True)
    for table, rows in tables.items():
        with (path / f"{table}.csv").open("w", encoding=encoding, newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([header, *rows])
