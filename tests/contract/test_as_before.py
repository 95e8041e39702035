"""A run that would find what the last one found does not compute it again."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import structlog.testing
from engines.base import Engine
from shop import ask, configured, without_first_orders

from job import history, pipeline
from job.config import Config
from job.model.segments import Segment
from job.progress import Steps
from job.statements import Statements

LABELLED = "SELECT customer_unique_id, segment, labelled_at FROM customer_segments ORDER BY 1"
SHOWN = "SELECT customer_id, segment FROM customers ORDER BY 1"


def observed(settings: Config, shop: Path, score: bool = False) -> tuple[list[Segment], dict[str, Mapping[str, Any]]]:
    """The segments that a run finds, and what it logs, by event."""
    with structlog.testing.capture_logs() as lines:
        found = pipeline.run(settings, shop, history.new_run_id(), Steps("json"), score=score)
    return found, {line["event"]: line for line in lines}


def test_nothing_new(engine: Engine, database_url: str, first_run: list[Segment], shop: Path) -> None:
    settings = configured(engine, database_url)
    before = ask(engine, database_url, LABELLED)
    [(first_id,)] = ask(engine, database_url, "SELECT run_id FROM job_runs")
    for _ in range(2):
        again, log = observed(settings, shop)
        assert again == first_run
        assert log["as before"]["same_as"] == first_id
        assert log.keys().isdisjoint({"copied", "features", "model", "labels"})
        assert (log["summary"]["new"], log["summary"]["written_back"]) == (0, 0)
    assert ask(engine, database_url, LABELLED) == before
    assert ask(engine, database_url, "SELECT COUNT(*) FROM job_runs WHERE status = 'done'") == [(3,)]
    assert ask(engine, database_url, "SELECT COUNT(*) FROM segment_models") == [(1,)]


@pytest.mark.usefixtures("first_run")
def test_a_warning_is_not_told_again(engine: Engine, database_url: str, shop: Path) -> None:
    """That more customers moved than may, after a change of the config, is of the one run."""
    changed = configured(engine, database_url, k=2)
    _, log = observed(changed, shop)
    assert "notice" in log
    _, log = observed(changed, shop)
    assert "as before" in log
    assert "notice" not in log
    assert log["summary"]["warnings"] == []


@pytest.mark.usefixtures("first_run")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE customers SET segment = 'Z' WHERE customer_id LIKE '%a'",
        "DELETE FROM customer_segments WHERE segment = 'A'",
        "UPDATE customer_segments SET segment = 'B' WHERE segment = 'A'",
    ],
)
def test_a_label_that_does_not_stand_any_more(engine: Engine, database_url: str, shop: Path, change: str) -> None:
    settings = configured(engine, database_url)
    settings = settings.model_copy(update={"lifecycle": settings.lifecycle.model_copy(update={"max_moved": 1.0})})
    observed(settings, shop)
    before = ask(engine, database_url, SHOWN)
    ask(engine, database_url, change)
    _, log = observed(settings, shop)
    assert "as before" not in log
    assert ask(engine, database_url, SHOWN) == before


@pytest.mark.usefixtures("first_run")
@pytest.mark.parametrize("what", ["config", "file", "command", "own features"])
def test_something_is_new(engine: Engine, database_url: str, shop: Path, tmp_path: Path, what: str) -> None:
    settings = configured(engine, database_url)
    if what == "own features":  # which may read the clock
        (tmp_path / "features.sql").write_text(Statements(engine.dialect).text("features"))
        features = settings.features.model_copy(update={"sql": tmp_path / "features.sql"})
        settings = settings.model_copy(update={"features": features})
        observed(settings, shop)
    if what == "config":
        settings = configured(engine, database_url, k=4)
    data = without_first_orders(shop, tmp_path, 5) if what == "file" else shop
    _, log = observed(settings, data, score=what == "command")
    assert "as before" not in log
    assert "labels" in log


@pytest.mark.usefixtures("first_run")
def test_the_report_stays(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    settings = configured(engine, database_url)
    settings = settings.model_copy(
        update={"report": settings.report.model_copy(update={"folder": tmp_path / "report"})}
    )
    written = []
    for _ in range(2):
        observed(settings, shop)
        page = pipeline.report(settings, Steps("json"))
        assert page and page == tmp_path / "report" / "latest.html"
        written.append({path.name: path.stat().st_mtime_ns for path in page.parent.iterdir()})
    assert written[0] == written[1]
    assert page
    page.unlink()
    pipeline.report(settings, Steps("json"))
    assert page.exists()
