"""`init --from-database`: from tables that the job has never seen to labels, with nothing edited; on every engine."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import yaml
from engines import where
from engines.base import JOB_PASSWORD, Engine
from shop import ask, everything, place
from starting import administrator, init, role
from typer.testing import CliRunner, Result

from job.cli import app

DAYS = 400


class Sale(NamedTuple):
    receipt: int
    buyer: int | None
    amount: Decimal | None
    day: datetime | None


def sales() -> list[Sale]:
    """Of 300 buyers; some have no buyer, amount or day."""
    random.seed(5)
    made = [
        Sale(
            number,
            random.randrange(1, 301),
            Decimal(random.randrange(100, 90_000)) / 100,
            datetime(2024, 1, 1) + timedelta(days=random.randrange(DAYS), hours=random.randrange(24)),
        )
        for number in range(1, 1501)
    ]
    odd = [Sale(1501, None, Decimal("9e6"), datetime(2024, 5, 1)), Sale(1502, 7, None, datetime(2024, 5, 1))]
    return [*made, *odd, Sale(1503, 8, Decimal("9e6"), None)]


def features(rows: list[Sale]) -> dict[str, tuple[Decimal, int, int, datetime, datetime]]:
    """monetary, frequency, recency_days, first_order_at and last_order_at of each buyer."""
    counted = [(sale, sale.day) for sale in rows if sale.buyer and sale.day]
    last = max(day for _, day in counted).date()
    found = {}
    for buyer in {sale.buyer for sale, _ in counted}:
        own = [(sale.amount or Decimal(0), day) for sale, day in counted if sale.buyer == buyer]
        days = [day for _, day in own]
        spent = sum((amount for amount, _ in own), Decimal(0))
        found[str(buyer)] = (spent, len(own), (last - max(days).date()).days, min(days), max(days))
    return found


def literal(value: Any) -> str:
    return "NULL" if value is None else f"'{value}'"


@pytest.fixture
def register(engine: Engine, database_url: str) -> Iterator[str]:
    """A shop with one table, in another schema; its oddly named columns have names that need quotes."""
    schema = f"{urlsplit(database_url).path[1:]}_kasse" if engine.schemas_are_databases else "Kasse 1"
    table = f'"{schema}"."Belege.alt"'
    statements = [
        f'CREATE SCHEMA "{schema}"',
        f'CREATE TABLE {table} ("Nr" INTEGER PRIMARY KEY, "Käufer" BIGINT, "Betrag ""brutto""" DECIMAL(12, 2),'
        f' "am" {engine.timestamp}, "order" VARCHAR(20))',
        f"INSERT INTO {table} VALUES " + ", ".join(f"({', '.join(map(literal, [*sale, 'x']))})" for sale in sales()),
    ]
    if engine.usage_of_schemas_is_granted:
        statements.append(f'GRANT USAGE ON SCHEMA "{schema}" TO {role(engine, database_url)}')
    if engine.has_server:
        statements.append(f"GRANT SELECT ON {table} TO {role(engine, database_url)}")
    with administrator(engine, database_url) as rows:
        for statement in statements:
            rows(statement)
    yield schema
    if engine.schemas_are_databases:
        ask(engine, database_url, f"DROP DATABASE {schema}")


@pytest.fixture
def shop_with_payments(engine: Engine, database_url: str) -> None:
    """Orders of people, each paid in parts; days are those of the orders."""
    with administrator(engine, database_url) as rows:
        rows("CREATE TABLE people (mail VARCHAR(50) PRIMARY KEY, born DATE, segment VARCHAR(1))")
        rows(
            f"CREATE TABLE bookings (id INTEGER PRIMARY KEY, person VARCHAR(50), booked {engine.timestamp},"
            " note VARCHAR(20), amount DECIMAL(12, 2), FOREIGN KEY (person) REFERENCES people (mail))"
        )
        rows(
            "CREATE TABLE paid (booking INTEGER, amount DECIMAL(12, 2), settled DATE,"
            " FOREIGN KEY (booking) REFERENCES bookings (id))"
        )
        buyers = sorted({sale.buyer for sale in sales() if sale.buyer})
        rows("INSERT INTO people (mail) VALUES " + ", ".join(f"('{buyer}')" for buyer in buyers))
        for sale in chunks(sales()):
            rows(
                "INSERT INTO bookings (id, person, booked) VALUES "
                + ", ".join(f"({one.receipt}, {literal(one.buyer)}, {literal(one.day)})" for one in sale)
            )
            parts = [(one.receipt, part) for one in sale for part in halves(one.amount)]
            rows(
                "INSERT INTO paid (booking, amount) VALUES "
                + ", ".join(f"({receipt}, {literal(part)})" for receipt, part in parts)
            )
        if engine.rights_by_table:
            rows(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role(engine, database_url)}")
            rows(f"GRANT UPDATE (segment) ON people TO {role(engine, database_url)}")


def chunks(rows: list[Sale]) -> Iterator[list[Sale]]:
    return (rows[start : start + 500] for start in range(0, len(rows), 500))


def halves(amount: Decimal | None) -> list[Decimal | None]:
    return [None] if amount is None else [Decimal(1), amount - 1]


def refused(engine: Engine, url: str, out: Path, **columns: str) -> str:
    """The sentence; that nothing is written is looked at, too."""
    result = init(engine, url, out, **columns)
    assert result.exit_code == 2, result.stderr
    assert list(out.parent.glob("*.yaml")) == list(out.parent.glob("*.sql")) == []
    return result.stderr


def job(engine: Engine, url: str, *arguments: str, config: Path) -> Result:
    return CliRunner().invoke(app, [*arguments, "--config", str(config)], env=place(engine, url))


def labelled(engine: Engine, url: str, config: Path) -> dict[str, tuple[Any, ...]]:
    """The features of all customers that a run with the config has labelled, once its letters are in order."""
    result = job(engine, url, "check", config=config)
    assert result.exit_code == 0, result.stdout
    result = job(engine, url, "run", "--no-report", config=config)
    assert result.exit_code == 0, result.stderr
    means = ask(
        engine,
        url,
        "SELECT segment, AVG(monetary) FROM customer_segments s"
        " JOIN customer_features f ON f.customer_unique_id = s.customer_unique_id GROUP BY segment ORDER BY segment",
    )
    assert [letter for letter, _ in means] == list("ABCDE")
    assert [mean for _, mean in means] == sorted((mean for _, mean in means), reverse=True)
    rows = ask(
        engine,
        url,
        "SELECT f.customer_unique_id, monetary, frequency, recency_days, first_order_at, last_order_at"
        " FROM customer_features f JOIN customer_segments s ON s.customer_unique_id = f.customer_unique_id",
    )
    return {customer: tuple(values) for customer, *values in rows}


def test_one_table_in_another_schema(engine: Engine, database_url: str, register: str, tmp_path: Path) -> None:
    """Short names are found; odd ones are quoted; rows without a buyer or a day are left out."""
    out = tmp_path / "kasse.yaml"
    told = refused(engine, database_url, out)
    assert ("there is no table" if engine.schemas_are_databases else "Betrag") in told  # another database's is none
    before = everything(engine, database_url)
    result = init(engine, database_url, out, customer="Käufer", amount='"Betrag ""brutto"""', date='"Belege.alt".am')
    assert result.exit_code == 0, result.stderr
    assert everything(engine, database_url) == before
    assert f"check --config {out}\n" in result.stdout and str(tmp_path / "kasse-features.sql") in result.stdout
    assert ("export DATABASE_URL" in result.stdout) is engine.has_server
    written = "".join(path.read_text() for path in tmp_path.iterdir() if path.suffix in (".yaml", ".sql"))
    assert f'FROM "{register}"."Belege.alt"\n' in written
    if engine.has_server:
        name, password = urlsplit(engine.job_place(database_url)).netloc.rpartition("@")[0].split(":")
        assert name not in written.replace(register, "") and password not in written
        assert JOB_PASSWORD not in written
    assert labelled(engine, database_url, out) == features(sales())
    again = init(engine, database_url, out, customer="Käufer", amount="x", date="am")
    assert (again.exit_code, again.stderr[:7]) == (2, "error: ") and "kasse.yaml is there already" in again.stderr
    assert written == "".join(path.read_text() for path in tmp_path.iterdir() if path.suffix in (".yaml", ".sql"))


@pytest.mark.usefixtures("shop_with_payments")
def test_two_tables_joined_by_a_foreign_key(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """A booking paid in two parts is one order; the person's table is offered for the label."""
    out = tmp_path / "clientela.yaml"
    result = init(engine, database_url, out, customer="bookings.person", amount="paid.amount", date="booked")
    assert result.exit_code == 0, result.stderr
    assert labelled(engine, database_url, out) == features(sales())
    assert ask(engine, database_url, "SELECT COUNT(*) FROM people WHERE segment IS NOT NULL") == [(0,)]
    text = out.read_text()
    offered = text[text.index("#write_back:") :].partition("\n\n")[0].replace("#", "")
    assert yaml.safe_load(offered) == {"write_back": {"table": "people", "key": "mail", "column": "segment"}}
    out.write_text(text + offered)
    assert job(engine, database_url, "run", "--no-report", config=out).exit_code == 0
    [(customers,)] = ask(engine, database_url, "SELECT COUNT(*) FROM customer_segments")
    same = (
        "SELECT COUNT(*) FROM people JOIN customer_segments ON customer_unique_id = mail"
        " WHERE people.segment = customer_segments.segment"
    )
    assert ask(engine, database_url, same) == [(customers,)]


@pytest.mark.usefixtures("shop_with_payments")
def test_the_row_with_the_date_is_the_order(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Here a payment; the id is in the table that it refers to."""
    day = date(2024, 3, 1)
    with administrator(engine, database_url) as rows:
        rows(f"UPDATE paid SET settled = '{day}'")
    out = tmp_path / "clientela.yaml"
    assert init(engine, database_url, out, customer="person", amount="paid.amount", date="settled").exit_code == 0
    parts: dict[str, list[Decimal]] = {}
    for sale in sales():
        if sale.buyer:
            parts.setdefault(str(sale.buyer), []).extend(part or Decimal(0) for part in halves(sale.amount))
    expected = {buyer: (sum(amounts), len(amounts), 0, day, day) for buyer, amounts in parts.items()}
    assert labelled(engine, database_url, out) == expected


@pytest.mark.usefixtures("shop_with_payments")
def test_what_is_not_clear_is_told_with_candidates(engine: Engine, database_url: str, tmp_path: Path) -> None:
    def told(**columns: str) -> str:
        return refused(engine, database_url, tmp_path / "shop.yaml", **columns)

    assert told() == "error: --amount-column is missing; there are bookings.amount, paid.amount\n"
    assert told(amount="amount").endswith(
        "amount is in 2 tables; name it as TABLE.COLUMN; there are bookings.amount, paid.amount\n"
    )
    assert "--amount-column: bookings.note is of type " in (wrong := told(amount="note"))
    assert wrong.endswith(", and the amount must be a number; there are bookings.amount, paid.amount\n")
    assert told(amount="paid.amount", date="paid.amount").endswith(
        ", and the date must be a date; there are bookings.booked, paid.settled, people.born\n"
    )
    assert told(amount="paid.amount", date="booked", customer="users.id") == (
        "error: --customer-column: users.id is no column that the database's user may read; there are "
        "bookings.person, people.mail, bookings.id, paid.booking, bookings.note, people.segment\n"
    )
    assert 'amount-column: paid."amount is no column' in told(amount='paid."amount')


@pytest.mark.usefixtures("shop_with_payments")
def test_tables_that_no_key_joins_are_told(engine: Engine, database_url: str, tmp_path: Path) -> None:
    def told(**columns: str) -> str:
        return refused(engine, database_url, tmp_path / "shop.yaml", **columns)

    assert "no foreign key of one column leads from bookings to paid; choose columns of one table" in told(
        amount="bookings.amount", date="settled", customer="person"
    )


@pytest.mark.usefixtures("shop_with_payments")
def test_keys_lead_from_table_to_table(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """From a payment to its booking, and from that to the person."""
    out = tmp_path / "clientela.yaml"
    result = init(engine, database_url, out, customer="mail", amount="paid.amount", date="booked")
    assert result.exit_code == 0, result.stderr
    assert labelled(engine, database_url, out) == features(sales())


def test_an_empty_database_has_no_columns(engine: Engine, database_url: str, tmp_path: Path) -> None:
    ask(engine, database_url, "SELECT 1")  # which makes the file, where a database is one
    sentence = "error: --from-database: there is no table with a column that the database's user may read\n"
    assert refused(engine, database_url, tmp_path / "shop.yaml") == sentence


@where(lambda engine: engine.odd_relations)
def test_what_a_catalog_has_besides_plain_tables(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Partitions are none, materialized views are, a domain is its type; what may not be read is not there."""
    user = role(engine, database_url)
    with administrator(engine, database_url) as rows:
        for statement in (
            "CREATE DOMAIN euros AS DECIMAL(9, 2)",
            "CREATE TABLE parted (who UUID, euro euros, day DATE) PARTITION BY RANGE (day)",
            "CREATE TABLE parted_2024 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
            "CREATE MATERIALIZED VIEW viewed AS SELECT * FROM parted",
            "CREATE TABLE hidden (euro DECIMAL(9, 2))",
            "CREATE SCHEMA old",
            "CREATE TABLE old.parted (who UUID, euro DECIMAL(9, 2), day DATE, fee DOUBLE PRECISION)",
            f"GRANT USAGE ON SCHEMA old TO {user}",
            f"GRANT SELECT ON parted, parted_2024, viewed, old.parted TO {user}",
        ):
            rows(statement)
    out = tmp_path / "shop.yaml"
    expected = "; there are parted.euro, viewed.euro, old.parted.euro, old.parted.fee\n"
    assert refused(engine, database_url, out).endswith(expected)
    assert "euro is in 2 tables" in refused(engine, database_url, out, amount="euro")
    names = {"customer": "parted.who", "amount": "parted.euro", "date": "public.parted.day"}
    assert init(engine, database_url, out, **names).exit_code == 0
    assert 'FROM "parted"\n' in (tmp_path / "shop-features.sql").read_text()
    checked = job(engine, database_url, "check", config=out)
    assert checked.exit_code == 3 and "no customer has an order" in checked.output, checked.output
