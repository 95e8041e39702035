"""What cannot be right is said by `check`, log, record and report; or ends the run, where the config says so."""

import html
import json
import random
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from engines.base import Engine
from engines.duckdb import ENGINE as DUCKDB
from shop import Row, Template, ask, changed, configured, everything, rewritten

from job import check, history, pipeline
from job.config import Config
from job.errors import DataError
from job.progress import Steps

FEATURES = """
SELECT
    "buyer" AS "customer_unique_id",
    SUM("paid") AS "monetary",
    COUNT(*) AS "frequency",
    {days} AS "recency_days",
    MAX("bought_at") AS "last_order_at"
FROM "sales"
{where}GROUP BY "buyer"
"""
FIRST, DAYS = date(2026, 1, 1), 150
Sale = tuple[str, float, date]


def healthy() -> list[Sale]:
    chance = random.Random(4)
    return [
        (f"b{number:03}", round(chance.lognormvariate(3.5, 0.8), 2), FIRST + timedelta(chance.randint(0, DAYS)))
        for number in range(80)
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5)))
    ]


def sell(engine: Engine, url: str, sales: list[Sale]) -> None:
    rows = ", ".join(f"('{buyer}', {paid}, '{day}')" for buyer, paid, day in sales)
    ask(engine, url, f"INSERT INTO sales VALUES {rows}")


@pytest.fixture
def sales(engine: Engine, database_url: str) -> None:
    """A shop's own table, of a healthy shop."""
    columns = f"buyer VARCHAR(40), paid DECIMAL(12, 2), bought_at {engine.timestamp}"
    ask(engine, database_url, f"CREATE TABLE sales ({columns})")
    sell(engine, database_url, healthy())
    if engine.rights_by_table:
        ask(engine, database_url, "GRANT SELECT ON sales TO PUBLIC")


def settings(
    engine: Engine, url: str, folder: Path, where: str = "", checks: Mapping[str, Any] | None = None
) -> Config:
    shipped = configured(engine, url)
    days = engine.days_between('MAX("bought_at")', '(SELECT MAX("bought_at") FROM "sales")')
    (folder / "features.sql").write_text(FEATURES.format(days=days, where=where and f"WHERE {where}\n"))
    return Config.model_validate(
        {
            "database": shipped.database,
            "features": {"sql": folder / "features.sql"},
            "clustering": shipped.clustering.model_copy(update={"k": 3}),
            "checks": checks or {},
            "report": shipped.report.model_copy(update={"folder": folder / "report"}),
        }
    )


def run(config: Config, data: Path | None = None) -> tuple[list[str], dict[str, Any]]:
    """What a run warns of in its log, and what it tells in the end."""
    with structlog.testing.capture_logs() as log:
        pipeline.run(config, data, history.new_run_id(), Steps("json"))
    [summary] = [line for line in log if line["event"] == "summary"]
    return [line["reason"] for line in log if line["event"] == "notice"], dict(summary)


def looked_at(config: Config) -> tuple[str, list[str], int]:
    """What `check` says of the customers: its mark, its sentences, and its exit code."""
    [finding] = [each for each in check.findings(config, None) if each.name == "customers"]
    return finding.line.split()[0], finding.text.split("\n"), finding.error.exit_code if finding.error else 0


def test_a_shop_that_cannot_be_right(engine: Engine, database_url: str, sales: None, tmp_path: Path) -> None:
    """Guests under one id, an order of 9999, and ids that a spreadsheet has rounded."""
    assert looked_at(settings(engine, database_url, tmp_path)) == ("ok", ["nothing that cannot be right"], 0)
    sell(engine, database_url, [("0", 30.0, FIRST + timedelta(day)) for day in range(140)])
    sell(engine, database_url, [("5.51E+11", 40.0, FIRST), ("5,6E+09", 50.0, FIRST), ("b001", 1.0, date(9999, 12, 31))])
    config = settings(engine, database_url, tmp_path)
    mark, foretold, _ = looked_at(config)
    assert everything(engine, database_url).keys() == {"sales"}  # nothing is made for it
    told, summary = run(config)
    begin = (
        "the id 0 has 140 orders, ",
        "2 customers have an id that a spreadsheet has rounded",
        "the newest order is ",
    )
    assert [sentence.startswith(start) for sentence, start in zip(foretold, begin, strict=True)] == [True] * 3
    assert (mark, told[:3]) == ("warning", foretold)
    [alone] = told[3:]
    assert alone.startswith("segment A is one customer alone")
    [(figures,)] = ask(engine, database_url, "SELECT figures FROM job_runs")
    assert told == summary["warnings"] == json.loads(figures)["warnings"]

    labelled = everything(engine, database_url)
    for name, what in (("ids", "the id 0"), ("dates", "newest"), ("few_customers", "A")):
        refusing = settings(engine, database_url, tmp_path, checks={name: "refuse"})
        with pytest.raises(DataError, match=rf"{what} .*; labels stay as they were: checks\.{name} says refuse$"):
            run(refusing)
        assert everything(engine, database_url) == labelled
        if name != "few_customers":  # known once there are segments
            assert looked_at(refusing)[::2] == ("failed", 3)
    off = dict.fromkeys(("ids", "one_customer", "dates", "few_customers"), "off")
    assert looked_at(settings(engine, database_url, tmp_path, checks=off))[0] == "ok"
    advice = "\"buyer\" <> '0' AND \"buyer\" NOT LIKE '%E+%' AND \"bought_at\" < '9999-01-01'"
    mended = settings(engine, database_url, tmp_path, where=advice)
    assert looked_at(mended)[1][0].startswith("nobody has ordered in the ")  # recency is counted from all sales


def test_spend_and_orders_that_cannot_be_right(engine: Engine, database_url: str, sales: None, tmp_path: Path) -> None:
    """Every order twice, a refund that outweighs its purchases, dates that stand for none: by `check` alone."""
    config = settings(engine, database_url, tmp_path)
    twice = [(buyer, paid, day) for buyer, paid, day in healthy()]
    sell(engine, database_url, [*twice, *[("old", 9.0, date(1970, 1, 1))] * 2, *[("back", -0.25, FIRST)] * 2])
    mark, foretold, _ = looked_at(config)
    assert mark == "warning" and [sentence.split(" ")[:4] for sentence in foretold] == [
        ["the", "last", "order", "of"], ["1", "customer", "has", "spent"], ["each", "of", "82", "customers"],
    ]  # fmt: skip
    assert "the least -0.50" in foretold[1] and "even number of orders" in foretold[2]
    sell(engine, database_url, [("back", -5.0, FIRST)])
    [failed] = [finding for finding in check.findings(config, None) if finding.error]
    assert (
        isinstance(failed.error, DataError) and "monetary is too small for log1p for 1 of 82 customers" in failed.text
    )


@pytest.mark.parametrize("engine", [DUCKDB], indirect=True)
def test_what_cannot_be_right_is_said_every_night(
    engine: Engine, database_url: str, template: Template, shop: Path, tmp_path: Path
) -> None:
    """Also of a night with nothing new, which computes nothing; and by the report, which may be written anew."""

    def without_account(rows: list[Row]) -> list[Row]:
        return [{**row, "customer_unique_id": "guest"} if number < 300 else row for number, row in enumerate(rows)]

    guests = changed(shop, tmp_path, "olist_customers_dataset.csv", rewritten(without_account))
    [(figures,)] = ask(engine, template.url, "SELECT figures FROM job_runs")
    assert json.loads(figures)["warnings"] == []  # of a healthy shop
    config = configured(engine, database_url)
    config = config.model_copy(update={"report": config.report.model_copy(update={"folder": tmp_path / "report"})})
    first, _ = run(config, guests)
    again, summary = run(config, guests)
    assert "same_as" in summary and again == summary["warnings"]
    assert again == [each for each in first if each.startswith(("the id guest has", "segment "))] != []
    page = pipeline.report(config, Steps("json"))
    assert page and all(f"{each[1:]}.</p>" in html.unescape(page.read_text()) for each in again)
    pipeline.roll_back(config, summary["same_as"], history.new_run_id(), Steps("json"))
    rolled_back = ask(engine, database_url, "SELECT figures FROM job_runs ORDER BY started_at DESC LIMIT 1")
    assert json.loads(rolled_back[0][0])["warnings"] == again
    [finding] = [each for each in check.findings(config, guests) if each.name == "customers"]
    assert finding.warns and finding.text == again[0]
    [finding] = [each for each in check.findings(config, shop) if each.name == "customers"]
    assert not finding.known  # other files are to be loaded first
