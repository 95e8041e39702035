"""The shops that people have, in examples/: what `init` makes of each is what plain Python adds up, on every engine."""

import importlib
import runpy
import sys
from datetime import UTC
from decimal import Decimal
from pathlib import Path

import pytest
from engines.base import Engine
from layouts import LAYOUTS, Features, Layout, paid, statements
from shop import ask
from starting import administrator, init, role
from typer.testing import CliRunner

from examples.invented import TO_EURO, Order, orders
from job.cli import app

MADE = orders(people=60)


def fill(engine: Engine, url: str, name: str) -> None:
    """Make the shop's tables, which the job's role may read."""
    with administrator(engine, url) as rows:
        for statement in statements(name, MADE):
            rows(statement.replace(" DATETIME", f" {engine.timestamp}"))
        if engine.rights_by_table:
            rows(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role(engine, url)}")


def selected(engine: Engine, url: str, out: Path) -> dict[str, Features]:
    """What the SQL that is written selects."""
    with administrator(engine, url) as rows:
        return {
            str(person): Features(Decimal(str(spend)).quantize(Decimal("0.0001")), int(often), str(last)[:10])
            for person, spend, often, _, _, last, _ in rows(out.with_name(f"{out.stem}-features.sql").read_text())
        }


@pytest.mark.parametrize("name", LAYOUTS)
def test_init_ends_at_the_right_figures(name: str, engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Without a terminal: the columns are named, and of several currencies one."""
    fill(engine, database_url, name)
    out, layout = tmp_path / "shop.yaml", LAYOUTS[name]
    result = init(engine, database_url, out, **layout.options)
    if name == "woocommerce":
        assert result.exit_code == 2 and "--currency is missing: " in result.stderr and "EUR (" in result.stderr
        result = init(engine, database_url, out, "--currency", "EUR", **layout.options)
    assert result.exit_code == 0, result.stderr
    assert selected(engine, database_url, out) == layout.expected(MADE)


@pytest.mark.parametrize("name", ["shopify", "saleslog"])
def test_files_for_any_database(
    name: str, engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written for files is in the words of the database that a run loads; nothing is edited."""
    maker = importlib.import_module(f"examples.{name}.shop")
    monkeypatch.setattr(sys, "argv", ["shop", str(tmp_path / "files")])
    runpy.run_path(str(maker.__file__), run_name="__main__")
    options = [part for role, column in LAYOUTS[name].options.items() for part in (f"--{role}-column", column)]
    out = tmp_path / "shop.yaml"
    named = ["init", "--from-files", str(tmp_path / "files"), "--out", str(out), "--dialect", engine.dialect, *options]
    begun = CliRunner().invoke(app, named)
    assert begun.exit_code == 0, begun.stderr
    monkeypatch.setenv(engine.place_variable, engine.job_place(database_url))
    monkeypatch.setenv("MEMORY_FOLDER", str(tmp_path / "memory"))
    monkeypatch.chdir(tmp_path)
    for command in (["check"], ["run", "--no-report"]):
        result = CliRunner().invoke(app, [*command, "--config", str(out)])
        assert result.exit_code == 0 and "failed" not in result.stdout, (result.stdout, result.stderr)
    rows = ask(engine, database_url, "SELECT customer_unique_id, monetary, frequency FROM customer_features")
    assert {person: (Decimal(str(spend)).quantize(Decimal("0.0001")), often) for person, spend, often in rows} == {
        person: (features.spend, features.orders) for person, features in LAYOUTS[name].expected(orders()).items()
    }


def is_bought_in_euros(one: Order) -> bool:
    return one.currency == "EUR" and one.fate != "cancelled"


@pytest.mark.parametrize("parts", [1, 1000])
def test_times_as_numbers_and_ids_as_decimals(parts: int, engine: Engine, database_url: str, tmp_path: Path) -> None:
    """As programs store them, and imports make of them; other tables say what statuses and currencies are."""
    with administrator(engine, database_url) as rows:
        rows("CREATE TABLE currency (currency_id INTEGER PRIMARY KEY, code VARCHAR(3))")
        rows(f"INSERT INTO currency VALUES {', '.join(f'({place}, {code!r})' for place, code in enumerate(TO_EURO))}")
        rows("CREATE TABLE order_status (order_status_id INTEGER, language_id INTEGER, name VARCHAR(20))")
        rows("INSERT INTO order_status VALUES (1, 1, 'Paid'), (1, 2, 'Bezahlt'), (9, 1, 'Void'), (9, 2, 'Storniert')")
        rows(
            "CREATE TABLE orders (order_id INTEGER PRIMARY KEY, buyer DECIMAL(9, 1), total DECIMAL(9, 2),"
            " created_at BIGINT, order_status_id INTEGER, currency_id INTEGER)"
        )
        made = [
            f"({one.number}, {one.person}, {one.total}, {round(one.at.replace(tzinfo=UTC).timestamp() * parts)},"
            f" {9 if one.fate == 'cancelled' else 1}, {[*TO_EURO].index(one.currency)})"
            for one in MADE
        ]
        rows(f"INSERT INTO orders VALUES {', '.join(made)}, (1, 1, 5, 0, 1, 0)")  # of no time
        if engine.rights_by_table:
            rows(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role(engine, database_url)}")
    out = tmp_path / "shop.yaml"
    options = {"customer": "buyer", "amount": "total", "date": "created_at"}
    unclear = init(engine, database_url, out, **options)
    assert unclear.exit_code == 2 and "is in several, by orders.currency_id: 0 EUR (" in unclear.stderr
    result = init(engine, database_url, out, "--currency", "EUR", **options)
    assert result.exit_code == 0, result.stderr
    told = " ".join(result.stdout.split())
    assert "currency: EUR\n" in out.read_text()
    assert "orders.order_status_id: left out are 9 Void / Storniert (" in told and "1 Paid / Bezahlt (" in told
    layout = Layout({}, lambda one: str(one.person), lambda one: one.total if is_bought_in_euros(one) else None)
    assert selected(engine, database_url, out) == layout.expected(MADE)


def test_a_currency_is_named_or_none_is_left_out(engine: Engine, database_url: str, tmp_path: Path) -> None:
    fill(engine, database_url, "woocommerce")
    options = LAYOUTS["woocommerce"].options
    wrong = init(engine, database_url, tmp_path / "a.yaml", "--currency", "CHF", **options)
    assert wrong.exit_code == 2 and "--currency: no amount is in CHF; there are EUR (" in wrong.stderr
    everything = init(engine, database_url, tmp_path / "b.yaml", "--currency", "all", **options)
    assert everything.exit_code == 0 and "amounts count as they are, in whatever currency: EUR (" in everything.stdout
    found = selected(engine, database_url, tmp_path / "b.yaml")
    assert found == LAYOUTS["woocommerce"]._replace(worth=paid).expected(MADE)
    assert "currency: units\n" in (tmp_path / "b.yaml").read_text()
