"""What monitoring reads of a run, however it ends."""

import json
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import yaml
from engines.duckdb import ENGINE as DUCKDB
from prometheus_client.parser import text_string_to_metric_families
from shop import ask
from typer.testing import CliRunner

from job import cli, metrics, pipeline
from job.errors import Interrupted

DEPLOYED = Path(__file__).parent.parent / "deploy/prometheus"
NAMES = {f"clientela_{name}" for name in metrics.OF_ANY | metrics.OF_SUCCESS}
Values = dict[str, dict[str, float]]


def told(file: Path) -> Values:
    """The values by metric, and within it by segment or ''."""
    values: Values = {}
    for family in text_string_to_metric_families(file.read_text()):
        for sample in family.samples:
            assert sample.labels["config"] == "duckdb"
            values.setdefault(sample.name.removeprefix("clientela_"), {})[sample.labels.get("segment", "")] = (
                sample.value
            )
    return values


def run(data: Path, file: Path, **environment: str) -> int:
    options = ["run", "--data", str(data), "--no-report", "--metrics-file", str(file)]
    return CliRunner().invoke(cli.app, options, env=environment).exit_code


def test_a_run_tells_how_it_ended(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the last success left stays through runs that fail."""
    file, url = tmp_path / "shop.prom", str(tmp_path / "shop.duckdb")
    begun = time.time()
    assert run(tmp_path / "no such folder", file, DUCKDB_PATH=url) == 3
    first = told(file)
    assert first.keys() == metrics.OF_ANY.keys() and first["last_run_exit_code"] == {"": 3}

    assert run(shop, file, DUCKDB_PATH=url) == 0
    good = told(file)
    segments = ask(DUCKDB, url, "SELECT segment, COUNT(*) FROM customer_segments GROUP BY segment")
    [(ended,)] = ask(DUCKDB, url, "SELECT epoch(finished_at) FROM job_runs WHERE status = 'done'")
    assert good["segment_customers"] == dict(segments)
    assert good["last_success_timestamp_seconds"][""] == pytest.approx(ended)
    assert good["last_run_exit_code"] == {"": 0} and good["moved_customers"] == {"": 0}
    assert begun < good["last_success_timestamp_seconds"][""] <= good["last_run_timestamp_seconds"][""] <= time.time()
    assert 0 < good["last_run_duration_seconds"][""] < time.time() - begun

    def stopped(*_: object, **__: object) -> None:
        raise Interrupted(15)

    monkeypatch.setattr(pipeline, "run", stopped)
    assert run(shop, file, DUCKDB_PATH=url) == 143
    bad = told(file)
    assert bad["last_run_exit_code"] == {"": 143}
    assert {name: bad[name] for name in metrics.OF_SUCCESS} == {name: good[name] for name in metrics.OF_SUCCESS}
    assert sorted(path.name for path in tmp_path.glob("shop.prom*")) == ["shop.prom"]


def test_a_file_that_cannot_be_written_changes_nothing(shop: Path, tmp_path: Path) -> None:
    file, url = tmp_path / "no such folder/shop.prom", str(tmp_path / "shop.duckdb")
    assert run(shop, file, DUCKDB_PATH=url) == 0
    spoilt = tmp_path / "shop.prom"
    spoilt.write_text("no { metrics")
    assert run(tmp_path / "no such data", spoilt, DUCKDB_PATH=url) == 3


def test_rules_and_dashboard_ask_for_what_is_told() -> None:
    rules = [
        rule for group in yaml.safe_load((DEPLOYED / "alerts.yaml").read_text())["groups"] for rule in group["rules"]
    ]
    panels = json.loads((DEPLOYED / "dashboard.json").read_text())["panels"]
    asked = [rule["expr"] for rule in rules] + [target["expr"] for panel in panels for target in panel["targets"]]
    named = {name for expression in asked for name in re.findall(r"clientela_\w+", expression)}
    assert len(asked) == 9 and named == NAMES - {"clientela_last_run_timestamp_seconds"}


@pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool on this machine")
def test_promtool_takes_rules_and_metrics(shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "shop.prom"
    assert run(shop, file, DUCKDB_PATH=str(tmp_path / "shop.duckdb")) == 0
    for command, text in ((["rules", str(DEPLOYED / "alerts.yaml")], None), (["metrics"], file.read_text())):
        result = subprocess.run(
            ["promtool", "check", *command], input=text, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr
