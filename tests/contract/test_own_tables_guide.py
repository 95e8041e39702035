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
from shop import DIALECTS, ask, configured

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


def blocks() -> dict[tuple[str, str], str]:
    """Every SELECT by its heading and dialect."""
    return {
        (section.splitlines()[0], dialect): sql
        for section in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
        for dialects, sql in re.findall(r"<!-- ([a-z ]+) -->\n```sql\n(.*?)```", section, re.DOTALL)
        for dialect in dialects.split()
    }


def settings(engine: str, url: str, sql: str, bookings: list[Booking], folder: Path) -> Config:
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
    if engine == "postgres":
        ask(engine, url, "GRANT SELECT ON bookings, rates TO PUBLIC")
    path = folder / "features.sql"
    path.write_text(sql)
    clustering = configured(engine, url).clustering.model_copy(update={"k": 2})
    return Config.model_validate(
        {"database": configured(engine, url).database, "features": {"sql": path}, "clustering": clustering}
    )


@pytest.mark.parametrize("section", SECTIONS)
def test_the_sql_does_what_the_text_says(engine: str, database_url: str, section: str, tmp_path: Path) -> None:
    more, spent = SECTIONS[section]
    bookings = [*usual(), *more]
    config = settings(engine, database_url, blocks()[section, DIALECTS[engine]], bookings, tmp_path)
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
    engine: str, database_url: str, section: str, hours: int, tmp_path: Path
) -> None:
    """The usual bookings are at midnight in UTC, which is the evening before in São Paulo; the last one is at noon."""
    bookings = [*usual(), Booking("p1", Decimal(5), "EUR", datetime(2026, 6, 30, 12))]
    config = settings(engine, database_url, blocks()[section, DIALECTS[engine]], bookings, tmp_path)
    pipeline.run(config, None, history.new_run_id(), Steps("json"))
    last = {
        one.person: (one.booked_at + timedelta(hours=hours)).date()
        for one in sorted(bookings, key=attrgetter("booked_at"))
    }
    rows = ask(engine, database_url, "SELECT customer_unique_id, recency_days FROM customer_features")
    assert dict(rows) == {person: (max(last.values()) - day).days for person, day in last.items()}


def test_a_currency_without_a_rate_is_refused(engine: str, database_url: str, tmp_path: Path) -> None:
    sql = blocks()["Several currencies", DIALECTS[engine]]
    bookings = [*usual(), Booking("p1", Decimal(5), "SEK", NOON)]
    config = settings(engine, database_url, sql, bookings, tmp_path)
    with pytest.raises(DataError, match="monetary"):
        pipeline.run(config, None, history.new_run_id(), Steps("json"))
    assert ask(engine, database_url, "SELECT COUNT(*) FROM customer_segments") == [(0,)]


@pytest.mark.parametrize("text", re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL))
def test_the_yaml_is_a_config(text: str) -> None:
    values = yaml.safe_load(text)
    values.setdefault("database", {"dialect": "duckdb"})
    if "url" in values["database"]:
        values["database"]["url"] = "postgresql://clientela@localhost/shop"
    Config.model_validate(values)


def test_every_select_is_run() -> None:
    assert blocks().keys() == {(section, dialect) for section in SECTIONS for dialect in DIALECTS.values()}
    assert len(set(blocks().values())) == TEXT.count("```sql")
