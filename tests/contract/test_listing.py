"""What `segments`, `runs` and `models` print, as tables and as JSON, is what the database holds; on every engine."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from engines import on_servers
from engines.base import Engine
from shop import ask, changed, config_file, place, run
from typer.testing import CliRunner, Result

from job.cli import app
from job.errors import DataError
from job.model.segments import Segment

PAYMENTS = "olist_order_payments_dataset.csv"


def job(engine: Engine, url: str, *arguments: str | Path) -> Result:
    config = str(config_file(engine))
    return CliRunner().invoke(app, [*map(str, arguments), "--config", config], env=place(engine, url))


def told(engine: Engine, url: str, *arguments: str) -> list[dict[str, Any]]:
    """What a command prints with --json, and nothing else on either stream."""
    result = job(engine, url, *arguments, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    records: list[dict[str, Any]] = json.loads(result.stdout)
    return records


def moment(text: str) -> datetime:
    assert text.endswith("Z")
    return datetime.fromisoformat(text).replace(tzinfo=None)


def test_segments_are_those_of_the_last_run(engine: Engine, database_url: str, first_run: list[Segment]) -> None:
    rows = ask(
        engine,
        database_url,
        "SELECT segment, segment_name, model_id, COUNT(*), SUM(monetary), AVG(recency_days) FROM customer_segments s"
        " JOIN customer_features f ON f.customer_unique_id = s.customer_unique_id"
        " GROUP BY segment, segment_name, model_id ORDER BY segment",
    )
    [(run_id, finished_at)] = ask(engine, database_url, "SELECT run_id, finished_at FROM job_runs")
    found = told(engine, database_url, "segments")
    for segment, (letter, name, model_id, customers, spend, days) in zip(found, rows, strict=True):
        assert (segment["segment"], segment["name"], segment["customers"]) == (letter, name, customers)
        assert (segment["spend"], segment["model_id"], segment["run_id"]) == (float(spend), model_id, run_id)
        assert segment["mean_recency_days"] == pytest.approx(float(days), rel=1e-4)
        assert moment(segment["finished_at"]) == finished_at
    assert [segment["rule"] for segment in found] == [segment.rule for segment in first_run]
    shown = job(engine, database_url, "segments").stdout
    assert all(f"{segment.customers:,}" in shown and segment.rule in shown for segment in first_run)
    assert f"As of run {run_id}" in shown


@pytest.mark.usefixtures("first_run")
def test_a_failed_run_leaves_the_segments_before(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    before = told(engine, database_url, "segments")
    with pytest.raises(DataError):
        run(engine, database_url, changed(shop, tmp_path, PAYMENTS, lambda text: text.replace(",1,", ",one,", 1)))
    assert told(engine, database_url, "segments") == before
    failed, done = told(engine, database_url, "runs")
    assert (failed["status"], failed["command"], failed["customers"], failed["model_id"]) == ("failed", *[None] * 3)
    assert failed["error"].startswith(f"{PAYMENTS}:2:payment_sequential: ") and done["error"] is None
    rows = ask(engine, database_url, "SELECT run_id, started_at, finished_at FROM job_runs ORDER BY started_at DESC")
    for record, (run_id, started_at, finished_at) in zip((failed, done), rows, strict=True):
        assert record["run_id"] == run_id
        assert (moment(record["started_at"]), moment(record["finished_at"])) == (started_at, finished_at)
        assert record["seconds"] == (finished_at - started_at).total_seconds()
    assert (done["status"], done["command"], done["moved"]) == ("done", "run", 0)
    assert done["customers"] == sum(segment["customers"] for segment in before)
    assert told(engine, database_url, "runs", "--limit", "1") == [failed]


def test_models_are_those_of_the_registry(engine: Engine, database_url: str, shop: Path) -> None:
    run(engine, database_url, shop, k=3)
    run(engine, database_url, shop, k=4)
    newest, first = told(engine, database_url, "models")
    assert ([newest["k"], newest["current"]], [first["k"], first["current"]]) == ([4, True], [3, False])
    rows = ask(engine, database_url, "SELECT model_id, run_id, fitted_at, model FROM segment_models ORDER BY fitted_at")
    for record, (model_id, run_id, fitted_at, text) in zip((first, newest), rows, strict=True):
        assert (record["model_id"], record["run_id"], moment(record["fitted_at"])) == (model_id, run_id, fitted_at)
        assert record["inertia"] == json.loads(text)["inertia"]
        assert record["features"] == ["monetary", "frequency"] and len(record["names"]) == record["k"]
        structure = json.loads(text)["structure"]
        assert record["beside_one_crowd"] == structure["beside_one_crowd"]
        assert record["found_again"] == dict(zip("ABCD", structure["found_again"], strict=False))


@on_servers
def test_where_no_run_has_been(engine: Engine, database_url: str) -> None:
    """A file is made by a run."""
    assert told(engine, database_url, "runs") == told(engine, database_url, "models") == []
    result = job(engine, database_url, "segments", "--json")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "error: no run has labelled customers yet; clientela run does\n"
