"""The shops in examples/, on every engine, judged by the files themselves."""

import csv
import runpy
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from shop import DIALECTS, ask, configured

from job import config, pipeline, runs
from job.config import Config
from job.progress import Steps

EXAMPLES = Path(__file__).parents[2] / "examples"
COFFEE = EXAMPLES / "coffee-shop"


@pytest.fixture
def coffee_shop(engine: str, database_url: str, tmp_path: Path) -> Config:
    """Its config, with the changes that its README names for a server."""
    found = config.read(COFFEE / "config.yaml")
    changes: dict[str, object] = {
        "database": configured(engine, database_url).database,
        "report": found.report.model_copy(update={"folder": tmp_path}),
    }
    if DIALECTS[engine] == "mysql":
        assert found.load
        changes["load"] = found.load.model_copy(update={"sql": COFFEE / "schema.mysql.sql"})
        changes["features"] = found.features.model_copy(update={"sql": COFFEE / "features.mysql.sql"})
    return found.model_copy(update=changes)


def test_every_card_of_the_coffee_shop_has_a_segment(engine: str, database_url: str, coffee_shop: Config) -> None:
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

    segments = pipeline.run(coffee_shop, COFFEE, runs.new_run_id(), Steps("json"))
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
