"""The SQL and YAML of docs/guides/your-own-tables.md, run on every engine that it is for."""

import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from engines import ENGINES
from engines.base import Engine
from engines.duckdb import ENGINE as DUCKDB
from shop import ask, configured

from job import history, pipeline
from job.config import Config
from job.errors import DataError
from job.progress import Steps

TEXT = (Path(__file__).parents[2] / "docs/guides/your-own-tables.md").read_text()
FIRST = "From a database to segments"
RATES = {"EUR": Decimal(1), "CHF": Decimal("1.05")}


class Booking(NamedTuple):
    person: str | None
    paid: Decimal
    currency: str
    booked_at: datetime


def usual() -> list[Booking]:
    chance = random.Random(3)
    return [
        Booking(
            f"p{number % 80}",
            Decimal(chance.randint(100, 90_000)) / 100,
            "EUR",
            datetime(2026, 1, 1) + timedelta(chance.randint(0, 175)),
        )
        for number in range(200)
    ]


NOON = datetime(2026, 3, 1, 12)
# What a section has besides the usual bookings, and what a booking adds to what its customer has spent.
SECTIONS: dict[str, tuple[list[Booking], Callable[[Booking], Decimal]]] = {
    FIRST: ([], lambda one: one.paid),
    "Refunds": (
        [Booking("p1", Decimal(-1), "EUR", NOON), Booking("back", Decimal(5), "EUR", NOON),
         Booking("back", Decimal(-9), "EUR", NOON)],
        lambda one: one.paid,
    ),
    "Several currencies": ([Booking("p1", Decimal(100), "CHF", NOON)], lambda one: one.paid * RATES[one.currency]),
    "Guests": ([Booking(None, Decimal(100), "EUR", NOON)], lambda one: one.paid),
    "The same night again": (
        [Booking("p1", Decimal(100), "EUR", datetime(2026, 7, 1))],
        lambda one: one.paid if one.booked_at < datetime(2026, 7, 1) else Decimal(0),
    ),
    "Time zones": ([], lambda one: one.paid),
}  # fmt: skip


LINES = ("Order lines", "Dates that are text")


def blocks() -> dict[tuple[str, str], str]:
    """Every SELECT by its heading and dialect."""
    return {
        (section.splitlines()[0], dialect): sql
        for section in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
        for dialects, sql in re.findall(r"<!-- ([a-z ]+) -->\n```sql\n(.*?)```", section, re.DOTALL)
        for dialect in dialects.split()
    }


class Sold(NamedTuple):
    """A line of the sales log."""

    invoice: str
    person: str | None
    email: str | None
    price: Decimal
    quantity: int
    sold: datetime


def sales_log() -> list[Sold]:
    """Invoices of one to three lines; some are taken back by another, and some are guests', or nobody's."""
    chance = random.Random(4)
    made = []
    for number in range(150):
        buyer = number % 40
        person = f"p{buyer}" if buyer % 4 else None
        typed = f"G{buyer}@Mail.example" if number % 2 else f"g{buyer}@mail.example"
        email = None if person or not buyer % 8 else typed
        at = datetime(2026, 1, 1) + timedelta(minutes=chance.randrange(200 * 1440))
        for _ in range(chance.randint(1, 3)):
            line = Sold(str(number), person, email, Decimal(chance.randint(100, 9_000)) / 100, chance.randint(1, 5), at)
            made += [line, line._replace(invoice=f"C{number}", quantity=-1)] if number % 9 == 5 else [line]
    return made


def settings(engine: Engine, url: str, sql: str, bookings: list[Booking], folder: Path) -> Config:
    """The bookings in the database, and the config for the features' SQL."""
    ask(
        engine,
        url,
        "CREATE TABLE bookings (person VARCHAR(9), paid DECIMAL(9, 2), currency CHAR(3), booked_at TIMESTAMP)",
    )
    ask(engine, url, "CREATE TABLE rates (currency CHAR(3), in_euro DECIMAL(9, 4))")
    rows = [
        f"({'NULL' if one.person is None else repr(one.person)}, {one.paid}, '{one.currency}', '{one.booked_at}')"
        for one in bookings
    ]
    ask(engine, url, f"INSERT INTO bookings VALUES {', '.join(rows)}")
    ask(engine, url, f"INSERT INTO rates VALUES {', '.join(f'({name!r}, {rate})' for name, rate in RATES.items())}")
    ask(
        engine,
        url,
        "CREATE TABLE sales_log (invoice VARCHAR(9), person VARCHAR(9), email VARCHAR(50), price DECIMAL(9, 2),"
        " quantity INTEGER, sold VARCHAR(20))",
    )
    lines = [
        f"({', '.join('NULL' if value is None else repr(str(value)) for value in line[:-1])},"
        f" '{line.sold.month}/{line.sold.day}/{line.sold:%Y %H:%M}')"
        for line in sales_log()
    ]
    ask(engine, url, f"INSERT INTO sales_log VALUES {', '.join(lines)}")
    if engine.rights_by_table:
        ask(engine, url, "GRANT SELECT ON bookings, rates, sales_log TO PUBLIC")
    path = folder / "features.sql"
    path.write_text(sql)
    clustering = configured(engine, url).clustering.model_copy(update={"k": 2})
    return Config.model_validate(
        {"database": configured(engine, url).database, "features": {"sql": path}, "clustering": clustering}
    )


@pytest.mark.parametrize("section", SECTIONS)
def test_the_sql_does_what_the_text_says(engine: Engine, database_url: str, section: str, tmp_path: Path) -> None:
    more, spent = SECTIONS[section]
    bookings = [*usual(), *more]
    config = settings(engine, database_url, blocks()[section, engine.documented_as], bookings, tmp_path)
    pipeline.run(config, None, history.new_run_id(), Steps("json"))
    expected: dict[str, Decimal] = {}
    for one in bookings:
        if one.person:
            expected[one.person] = expected.get(one.person, Decimal(0)) + spent(one)
    rows = ask(engine, database_url, "SELECT customer_unique_id, monetary FROM customer_features")
    assert dict(rows) == {person: max(amount, Decimal(0)) for person, amount in expected.items()}
    labelled = ask(engine, database_url, "SELECT customer_unique_id FROM customer_segments")
    assert {person for (person,) in labelled} == expected.keys()


@pytest.mark.parametrize(("section", "hours"), [(FIRST, 0), ("Time zones", -3)])
def test_recency_is_in_days_of_the_zone(
    engine: Engine, database_url: str, section: str, hours: int, tmp_path: Path
) -> None:
    """The usual bookings are at midnight in UTC, which is the evening before in São Paulo; the last one is at noon."""
    bookings = [*usual(), Booking("p1", Decimal(5), "EUR", datetime(2026, 6, 30, 12))]
    config = settings(engine, database_url, blocks()[section, engine.documented_as], bookings, tmp_path)
    pipeline.run(config, None, history.new_run_id(), Steps("json"))
    last = {
        one.person: (one.booked_at + timedelta(hours=hours)).date()
        for one in sorted(bookings, key=attrgetter("booked_at"))
    }
    rows = ask(engine, database_url, "SELECT customer_unique_id, recency_days FROM customer_features")
    assert dict(rows) == {person: (max(last.values()) - day).days for person, day in last.items()}


@pytest.mark.parametrize("section", LINES)
def test_the_sql_of_lines(engine: Engine, database_url: str, section: str, tmp_path: Path) -> None:
    config = settings(engine, database_url, blocks()[section, engine.documented_as], usual(), tmp_path)
    pipeline.run(config, None, history.new_run_id(), Steps("json"))
    with_guests = section == "Order lines"
    own: dict[str, list[Sold]] = {}
    for line in sales_log():
        if person := line.person or (line.email and with_guests and line.email.lower()):
            own.setdefault(person, []).append(line)
    rows = ask(
        engine, database_url, "SELECT customer_unique_id, monetary, frequency, recency_days FROM customer_features"
    )
    newest = max(line.sold.date() for lines in own.values() for line in lines)
    assert {person: tuple(figures) for person, *figures in rows} == {
        person: (
            max(sum(line.price * line.quantity for line in lines), Decimal(0)),
            len({line.invoice for line in lines if not (with_guests and line.invoice.startswith("C"))}),
            0 if with_guests else (newest - max(line.sold.date() for line in lines)).days,
        )
        for person, lines in own.items()
    }


def test_a_currency_without_a_rate_is_refused(engine: Engine, database_url: str, tmp_path: Path) -> None:
    sql = blocks()["Several currencies", engine.documented_as]
    bookings = [*usual(), Booking("p1", Decimal(5), "SEK", NOON)]
    config = settings(engine, database_url, sql, bookings, tmp_path)
    with pytest.raises(DataError, match="monetary"):
        pipeline.run(config, None, history.new_run_id(), Steps("json"))
    assert ask(engine, database_url, "SELECT COUNT(*) FROM customer_segments") == [(0,)]


@pytest.mark.parametrize("text", re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL))
def test_the_yaml_is_a_config(text: str) -> None:
    values = yaml.safe_load(text)
    values.setdefault("database", {"dialect": DUCKDB.dialect})
    if "url" in values["database"]:
        values["database"]["url"] = "postgresql://clientela@localhost/shop"
    Config.model_validate(values)


def test_every_select_is_run() -> None:
    dialects = {engine.documented_as for engine in ENGINES.values()}
    assert blocks().keys() == {(section, dialect) for section in (*SECTIONS, *LINES) for dialect in dialects}
    assert len(set(blocks().values())) == TEXT.count("```sql")
