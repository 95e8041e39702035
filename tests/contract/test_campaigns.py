"""Campaigns: who is held out is the same everywhere and stays so; what became of both arms is counted."""

import csv
import hashlib
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from engines.base import Engine
from shop import ask, config_file, configured, place
from typer.testing import CliRunner, Result

from job import history, pipeline
from job.cli import app
from job.config import Config
from job.progress import Steps

ARMS = "SELECT customer_unique_id, segment, arm, frequency, monetary FROM campaign_customers WHERE campaign = '{}'"
MORE = (
    "UPDATE customer_features_data SET frequency = frequency + {}, monetary = monetary + {}"
    " WHERE customer_unique_id IN ({})"
)
FEATURES = "SELECT customer_unique_id, frequency, monetary FROM customer_features"
TODAY = history.now().date()
CAMPAIGNS = [
    {"name": "spring", "start": TODAY - timedelta(days=3), "segments": ["A", "B", "D"], "share": "30%"},
    {"name": "all_of-2", "start": TODAY, "salt": "Ünï, 'x' \\ %(a)s 🛒", "share": 0.5},
    {"name": "later", "start": TODAY + timedelta(days=9)},
    {"name": "nobody", "start": TODAY, "segments": ["Nobody's"]},
]
# Ids that engines could hash otherwise than as UTF-8: integers, blanks, and what some charsets lack.
ODD = ("007", "7", "7.0", " 7", "Ünïcødé 🛒", "back\\slash", "it's", "NULL", "%s")


def settings(engine: Engine, url: str, **sections: Any) -> Config:
    found = configured(engine, url).model_copy(update={"load": None, "write_back": None})
    lifecycle = {"refit": "never", "max_moved": 1}
    return Config.model_validate({**dict(found), "lifecycle": lifecycle, "campaigns": CAMPAIGNS, **sections})


def night(config: Config) -> None:
    pipeline.run(config, None, history.new_run_id(), Steps("json"))


def arm(salt: str, customer: str, share: float) -> str:
    return (
        "holdout"
        if int(hashlib.sha256(f"{salt}:{customer}".encode()).hexdigest()[:16], 16) < share * 2**64
        else "treated"
    )


def invoke(engine: Engine, url: str, folder: Path, *command: str) -> Result:
    shipped = yaml.safe_load(config_file(engine).read_text())
    shipped["campaigns"] = CAMPAIGNS
    config = folder / "shop.yaml"
    config.write_text(yaml.safe_dump(shipped, allow_unicode=True))
    return CliRunner().invoke(app, [*command, "--config", str(config)], env=place(engine, url))


@pytest.mark.usefixtures("first_run")
def test_arms_are_what_the_hash_says_and_stay(engine: Engine, database_url: str, tmp_path: Path) -> None:
    ids = sorted(row[0] for row in ask(engine, database_url, "SELECT customer_unique_id FROM customer_segments"))
    for old, new in zip(ids, ODD, strict=False):
        ask(
            engine,
            database_url,
            f"UPDATE customers SET customer_unique_id = {engine.literal(new)} WHERE customer_unique_id = '{old}'",
        )
    config = settings(engine, database_url)
    night(config)
    labels = dict(ask(engine, database_url, "SELECT customer_unique_id, segment FROM customer_segments"))
    features = {row[0]: (row[1], float(row[2])) for row in ask(engine, database_url, FEATURES)}
    spring, every = (ask(engine, database_url, ARMS.format(each["name"])) for each in CAMPAIGNS[:2])
    assert {row[0] for row in spring} == {customer for customer, segment in labels.items() if segment in "ABD"}
    assert {row[0] for row in every} == labels.keys() >= set(ODD)
    for rows, salt, share in ((spring, "spring", 0.3), (every, CAMPAIGNS[1]["salt"], 0.5)):
        assert {row[0]: row[2] for row in rows} == {row[0]: arm(str(salt), row[0], share) for row in rows}
        assert all(row[1] == labels[row[0]] for row in rows)
        assert all(list(row[3:]) == pytest.approx(list(features[row[0]])) for row in rows)
    [(figures,)] = ask(engine, database_url, "SELECT figures FROM job_runs ORDER BY started_at DESC LIMIT 1")
    assert json.loads(figures)["warnings"] == ["campaign nobody has not begun: no segment is called Nobody's"]

    # Who orders, returns, comes or goes afterwards moves nobody to another arm, and is counted where they began.
    richer = [row[0] for row in every if row[0] not in ODD][:300]
    for customers, orders, money in ((richer[:200], 1, 10), (richer[200:], -1, -4)):
        listed = ", ".join(f"'{customer}'" for customer in customers)
        ask(engine, database_url, MORE.format(orders, money, listed))
    ask(engine, database_url, "DELETE FROM customer_features_data WHERE customer_unique_id = '007'")
    assert sorted(ask(engine, database_url, ARMS.format("spring"))) == sorted(spring)
    counted = invoke(engine, database_url, tmp_path, "lift", "all_of-2", "--json")
    assert counted.exit_code == 0, counted.stderr
    whole, *parts = json.loads(counted.stdout)
    arms = {row[0]: row[2] for row in every}
    bought = [customer for customer in richer[:200] if arms[customer] == "treated"]
    returned = [customer for customer in richer[200:] if arms[customer] == "treated"]
    treated = [customer for customer in arms if arms[customer] == "treated"]
    assert (whole["customers"], whole["held_out"], whole["gone"]) == (len(treated), len(arms) - len(treated), 1)
    assert whole["ordered_again"] == pytest.approx(len(bought) / len(treated))
    assert whole["revenue"] == pytest.approx((10 * len(bought) - 4 * len(returned)) / len(treated))
    assert whole["ordered_again_difference"]["low"] < whole["ordered_again_difference"]["difference"]
    assert [part["segment"] for part in parts] == sorted(set(labels.values()))
    assert sum(part["customers"] for part in parts) == len(treated)

    # The file of labels has a column for each that has begun.
    read = list(
        csv.DictReader(io.StringIO(invoke(engine, database_url, tmp_path, "export").stdout_bytes.decode(), newline=""))
    )
    assert {row["customer_unique_id"]: row["campaign_all_of-2"] for row in read} == arms
    assert {row["customer_unique_id"]: row["campaign_spring"] for row in read if row["campaign_spring"]} == {
        row[0]: row[2] for row in spring
    }
    assert not {"campaign_later", "campaign_nobody"} & read[0].keys()

    # A later night, with another share, begins nothing anew.
    changed = [{**CAMPAIGNS[0], "share": 0.9, "segments": ["E"]}]
    night(settings(engine, database_url, campaigns=changed))
    assert sorted(ask(engine, database_url, ARMS.format("spring"))) == sorted(spring)
    for name, told in (
        ("later", f"campaign later begins with the first run on or after {CAMPAIGNS[2]['start']} (UTC)"),
        ("unheard", "there is no campaign unheard; those that have begun: all_of-2, spring"),
    ):
        refused = invoke(engine, database_url, tmp_path, "lift", name)
        assert (refused.exit_code, refused.stdout, refused.stderr) == (3, "", f"error: {told}\n")
    shown = invoke(engine, database_url, tmp_path, "lift", "spring")
    assert shown.exit_code == 0 and "who were held out" in shown.stdout and "too few" in shown.stdout
    report = configured(engine, database_url).report.model_copy(update={"folder": tmp_path})
    page = pipeline.report(config.model_copy(update={"report": report}), Steps("json"))
    assert page and all(told in page.read_text() for told in ("Did it help", "<h3>all_of-2</h3>", "<h3>spring</h3>"))


def test_a_campaign_begins_on_a_night_on_which_nothing_is_new(
    engine: Engine, database_url: str, first_run: list[Any], shop: Path
) -> None:
    tomorrow = [{"name": "late", "start": TODAY + timedelta(days=1)}]
    config = Config.model_validate({**dict(configured(engine, database_url)), "campaigns": tomorrow})
    pipeline.run(config, shop, "eve", Steps("json"))
    assert ask(engine, database_url, ARMS.format("late")) == []
    ask(engine, database_url, "UPDATE job_runs SET started_at = '2100-01-01 00:00:00' WHERE run_id = 'eve'")
    pipeline.run(config, shop, "the-night", Steps("json"))
    [(figures,)] = ask(engine, database_url, "SELECT figures FROM job_runs WHERE run_id = 'the-night'")
    assert json.loads(figures)["same_as"] == "eve"
    assert len(ask(engine, database_url, ARMS.format("late"))) == sum(each.customers for each in first_run)


def test_what_a_config_may_not_say() -> None:
    base: dict[str, Any] = {"database": {"dialect": "duckdb", "path": "x.duckdb"}}
    good = {"name": "a", "start": date(2026, 1, 1)}
    for campaigns, told in (
        ([{**good, "share": "0%"}], "share must be more than 0% and less than 100%"),
        ([{**good, "share": 1}], "both arms need customers"),
        ([good, good], "a is there twice"),
        ([{**good, "name": "Spring Mail"}], "pattern"),
        ([{"name": "a"}], "start"),
    ):
        with pytest.raises(ValueError, match=told):
            Config.model_validate({**base, "campaigns": campaigns})
    assert Config.model_validate({**base, "campaigns": None}).campaigns == ()
