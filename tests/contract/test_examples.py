"""The shops in examples/, on every engine, judged by the files themselves."""

import csv
import json
import re
import runpy
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from engines.base import JOB_PASSWORD, Engine
from engines.duckdb import ENGINE as DUCKDB
from shop import ask, configured, elsewhere
from test_cli import job

from job import check, config, history, pipeline
from job.adapters import dialects
from job.config import Config
from job.progress import Steps

EXAMPLES = Path(__file__).parents[2] / "examples"
COFFEE = EXAMPLES / "coffee-shop"
EXISTING = EXAMPLES / "existing-database"


@pytest.fixture
def coffee_shop(engine: Engine, database_url: str, tmp_path: Path) -> Config:
    """Its config, with the changes that its README names for a server."""
    found = config.read(COFFEE / "config.yaml")
    changes: dict[str, object] = {
        "database": configured(engine, database_url).database,
        "report": found.report.model_copy(update={"folder": tmp_path}),
    }
    if (schema := COFFEE / f"schema.{engine.documented_as}.sql").exists():
        assert found.load
        changes["load"] = found.load.model_copy(update={"sql": schema})
        changes["features"] = found.features.model_copy(update={"sql": COFFEE / f"features.{engine.documented_as}.sql"})
    return found.model_copy(update=changes)


def test_every_card_of_the_coffee_shop_has_a_segment(engine: Engine, database_url: str, coffee_shop: Config) -> None:
    """Guests have none, and refunds are taken off."""
    with (COFFEE / "sales.csv").open(newline="") as stream:
        sales = list(csv.DictReader(stream))
    spent: dict[str, Decimal] = defaultdict(Decimal)
    bought: dict[str, int] = defaultdict(int)
    last: dict[str, date] = {}
    for row in sales:  # in the order of time
        if row["card"]:
            spent[row["card"]] += Decimal(row["amount"])
            bought[row["card"]] += Decimal(row["amount"]) > 0
            last[row["card"]] = date.fromisoformat(row["sold_at"][:10])
    end = date.fromisoformat(sales[-1]["sold_at"][:10])
    assert len(spent) == 2_000 and any(not row["card"] for row in sales) and any("-" in row["amount"] for row in sales)

    segments = pipeline.run(coffee_shop, COFFEE, history.new_run_id(), Steps("json"))
    [(figures,)] = ask(engine, database_url, "SELECT figures FROM job_runs")
    assert json.loads(figures)["warnings"] == []  # it could all be right
    rows = ask(
        engine, database_url, "SELECT customer_unique_id, monetary, frequency, recency_days FROM customer_features"
    )
    assert {card: figures for card, *figures in rows} == {
        card: [max(spent[card], 0), bought[card], (end - last[card]).days] for card in spent
    }
    labels = dict(ask(engine, database_url, "SELECT customer_unique_id, segment FROM customer_segments"))
    assert labels.keys() == spent.keys()
    spend: dict[str, Decimal] = defaultdict(Decimal)
    for card, label in labels.items():
        spend[label] += max(spent[card], Decimal(0))
    assert {one.segment: one.spend for one in segments} == {
        label: pytest.approx(float(spend[label])) for label in "ABCD"
    }
    assert {one.segment: one.customers for one in segments} == Counter(labels.values())


def test_the_coffee_shop_is_what_its_script_writes() -> None:
    written = runpy.run_path(str(COFFEE / "make_sales.py"))["sales"]()
    with (COFFEE / "sales.csv").open(newline="") as stream:
        assert [(row["card"], row["sold_at"], row["amount"]) for row in csv.DictReader(stream)] == written


def test_the_coffee_shop_s_readme_shows_its_file() -> None:
    shown = (COFFEE / "README.md").read_text().split("```\n")[1]
    assert shown.startswith("sale_id,") and (COFFEE / "sales.csv").read_text().startswith(shown)


@dataclass
class Business:
    """The database of examples/existing-database."""

    engine: Engine
    url: str
    base: str  # of the names: schemas may be databases, and this server has others' too

    def named(self, text: str) -> str:
        """The example's text with the names that are free on this server."""
        if self.engine.schemas_are_databases:
            text = re.sub(r"\b(crm|billing|segmentation)\b", rf"{self.base}_\1", text)
        return text

    def run(self, script: str) -> None:
        """As its administrator."""
        with self.engine.session(self.url) as rows:
            for statement in dialects()[self.engine.dialect].split(self.named(script)):
                rows(statement)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        return ask(self.engine, self.url, self.named(statement))

    def grant(self) -> None:
        """Make the job's role anew, with what the README grants it and nothing else."""
        if not self.engine.has_server:
            return
        self.run("; ".join(self.engine.drop_role(self.base)))
        mark = f"<!-- {self.engine.documented_as} -->"
        found = re.search(rf"{mark}\n```sql\n(.*?)```", (EXISTING / "README.md").read_text(), re.DOTALL)
        assert found
        grants = re.sub(r"\b(clientela|shop)\b", self.base, found[1])
        self.run(grants.replace("change-me", JOB_PASSWORD.replace("'", "''")))

    def config(self, folder: Path) -> Config:
        """The example's, with the changes that its README names for a server."""
        shutil.copytree(EXISTING, folder)
        for path in folder.iterdir():
            path.write_text(self.named(path.read_text()))
        found = config.read(folder / "config.yaml")
        place = elsewhere(configured(self.engine, self.url), job_schema=found.database.job_schema)
        if (own := folder / f"features.{self.engine.documented_as}.sql").exists():
            own.rename(folder / "features.sql")
        if self.engine.schemas_are_databases:
            place = elsewhere(place, name=self.named("crm"))
        report = found.report.model_copy(update={"folder": folder / "report"})
        return found.model_copy(update={"database": place.database, "report": report})


@pytest.fixture
def business(engine: Engine, database_url: str) -> Iterator[Business]:
    found = Business(engine, database_url, urlsplit(database_url).path[1:])
    try:
        found.run((EXISTING / "database.sql").read_text())
        yield found
    finally:
        if engine.schemas_are_databases:
            for schema in ("crm", "billing", "segmentation"):
                found.ask(f"DROP DATABASE IF EXISTS {schema}")


def test_who_has_paid_in_the_existing_database_has_a_segment(business: Business, tmp_path: Path) -> None:
    """Void invoices and guests' do not count; the README's grants are enough; of the source only the label changes."""
    business.grant()
    settings = business.config(tmp_path / "example")
    source = ("SELECT id, full_name FROM crm.people ORDER BY id", "SELECT * FROM billing.invoices ORDER BY number")
    people, invoices = before = [business.ask(statement) for statement in source]
    paid: dict[int, list[Decimal]] = {}
    for _, person, _, state, total in invoices:
        if person and state == "paid":
            paid.setdefault(person, []).append(total)
    assert {state for _, _, _, state, _ in invoices} == {"paid", "void"} and any(row[1] is None for row in invoices)
    assert any(total < 0 for totals in paid.values() for total in totals)
    assert [finding.line for finding in check.findings(settings, None) if finding.error] == []
    pipeline.run(settings, None, history.new_run_id(), Steps("json"))
    assert [business.ask(statement) for statement in source] == before
    rows = business.ask("SELECT customer_unique_id, monetary, frequency FROM segmentation.customer_features")
    assert {key: (spend, orders) for key, spend, orders in rows} == {
        str(person): (max(sum(totals), 0), sum(total > 0 for total in totals)) for person, totals in paid.items()
    }
    labels = dict(business.ask("SELECT id, segment FROM crm.people"))
    assert (len(people), len(paid)) == (1500, 1384)
    assert {person for person, label in labels.items() if label} == paid.keys()
    means = [
        sum(sum(paid[person]) for person in paid if labels[person] == letter) / list(labels.values()).count(letter)
        for letter in "ABCD"
    ]
    assert [round(mean, 2) for mean in means] == [Decimal(mean) for mean in ("553.32", "286.88", "122.09", "23.43")]


def test_the_report_does_not_tell_of_tables_that_another_shop_has(tmp_path: Path) -> None:
    business = Business(DUCKDB, f"duckdb://{tmp_path}/shop.duckdb", "")
    business.run((EXISTING / "database.sql").read_text())
    place = {"DUCKDB_PATH": str(tmp_path / "shop.duckdb"), "REPORT_FOLDER": str(tmp_path)}
    result = job("run", "--config", EXISTING / "config.yaml", **place)
    assert result.returncode == 0 and "order_items" not in result.stderr
