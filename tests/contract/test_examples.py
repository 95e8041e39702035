"""The shops in examples/, on every engine, judged by the files themselves."""

import csv
import runpy
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
        changes["features"] = found.features.model_copy(update={"sql": COFFEE / "features.mysql.sql"})
    return found.model_copy(update=changes)


def test_every_card_of_the_coffee_shop_has_a_segment(engine: str, database_url: str, coffee_shop: Config) -> None:
    """Guests have none, and refunds are taken off."""
    with (COFFEE / "sales.csv").open(newline="") as stream:
        sales = [(row["card"], Decimal(row["amount"])) for row in csv.DictReader(stream)]
    spent: dict[str, Decimal] = {}
    bought: dict[str, int] = {}
    for card, amount in sales:
        if card:
            spent[card] = spent.get(card, Decimal(0)) + amount
            bought[card] = bought.get(card, 0) + (amount > 0)
    assert len(spent) == 2_000 and any(not card for card, _ in sales) and any(amount < 0 for _, amount in sales)
    pipeline.run(coffee_shop, COFFEE, runs.new_run_id(), Steps("json"))
    rows = ask(engine, database_url, "SELECT customer_unique_id, monetary, frequency FROM customer_features")
    assert {card: (spend, count) for card, spend, count in rows} == {
        card: (spent[card], bought[card]) for card in spent
    }
    labels = dict(ask(engine, database_url, "SELECT customer_unique_id, segment FROM customer_segments"))
    assert labels.keys() == spent.keys() and set(labels.values()) == set("ABCD")


def test_the_coffee_shop_is_what_its_script_writes() -> None:
    written = runpy.run_path(str(COFFEE / "make_sales.py"))["sales"]()
    with (COFFEE / "sales.csv").open(newline="") as stream:
        assert [(row["card"], row["sold_at"], row["amount"]) for row in csv.DictReader(stream)] == written
