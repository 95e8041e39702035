"""What is kept for a time only goes with the runs to come, and what needs it says so."""

import os
from pathlib import Path

import pytest
from engines.base import Engine
from shop import OF_ORDERS, ask, configured

from job import history, pipeline
from job.config import Config, Keep
from job.errors import DataError
from job.progress import Steps
from job.report import files

NIGHTS = range(1, 5)
OLD = 1_500_000_000  # seconds since 1970
COLUMNS = "status, started_by, config_fingerprint, input_fingerprint, timings, figures, finished_at"
KEPT = (
    "SELECT run_id FROM customer_segment_changes ORDER BY run_id",
    "SELECT model_id FROM segment_models WHERE model_id LIKE 'm%' ORDER BY model_id",
    "SELECT run_id FROM rejected_records ORDER BY run_id",
)


def kept(engine: Engine, url: str) -> list[list[str]]:
    return [[str(value) for (value,) in ask(engine, url, statement)] for statement in KEPT]


@pytest.fixture
def settings(engine: Engine, database_url: str, first_run: object, tmp_path: Path) -> Config:
    """After four old nights, each with a model, a move, a rejected record and a page; and with files of rejects."""
    [(run_id, model_id)] = ask(engine, database_url, "SELECT run_id, model_id FROM job_runs")
    with engine.session(database_url) as rows:
        for night in NIGHTS:
            moment = f"'2020-01-0{night} 01:00:00'"
            used = model_id if night == 1 else f"m{night}"
            rows(
                f"INSERT INTO job_runs (run_id, started_at, model_id, {COLUMNS})"
                f" SELECT 'r{night}', {moment}, '{used}', {COLUMNS} FROM job_runs WHERE run_id = '{run_id}'"
            )
            rows(f"INSERT INTO segment_models SELECT 'm{night}', 'r{night}', {moment}, model"
                 f" FROM segment_models WHERE model_id = '{model_id}'")  # fmt: skip
            rows(
                "INSERT INTO customer_segment_changes (run_id, customer_unique_id, from_segment, to_segment)"
                f" VALUES ('r{night}', 'somebody', 'A', 'B')"
            )
            rows(f"INSERT INTO rejected_records VALUES ('r{night}', 'orders', 'orders.csv', 7, 'wrong', 'a,b')")
            page = tmp_path / "report" / f"2020010{night}T010000-000{night}.html"
            page.parent.mkdir(exist_ok=True)
            page.write_text("a page")
    rejects = tmp_path / "rejects"
    rejects.mkdir()
    for name in (OF_ORDERS[0], OF_ORDERS[1], "mine.txt"):
        (rejects / name).write_text("a,b\n")
        if name != OF_ORDERS[1]:
            os.utime(rejects / name, (OLD, OLD))
    (tmp_path / "report" / "mine.html").write_text("mine")
    found = configured(engine, database_url, {"rejects": rejects, "memory": tmp_path / "memory"})
    report = found.report.model_copy(update={"folder": tmp_path / "report"})
    return found.model_copy(update={"report": report})


def test_older_nights_go_where_the_config_says_so(
    engine: Engine, database_url: str, settings: Config, shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing goes by default; then the oldest, and none of what is in use; a rollback to them says why not."""
    pipeline.run(settings, shop, history.new_run_id(), Steps("json"))
    all_of_them = [f"r{night}" for night in NIGHTS]
    assert kept(engine, database_url) == [all_of_them, [f"m{night}" for night in NIGHTS], all_of_them]
    assert len(list((tmp_path / "rejects").iterdir())) == 3

    # Of six nights and this one, the last five can be gone back to: those of the third.
    shorter = settings.model_copy(update={"keep": Keep(changes=5, models=3, rejects=3)})
    assert history.config_fingerprint(shorter) == history.config_fingerprint(settings)
    capsys.readouterr()
    pipeline.run(shorter, shop, history.new_run_id(), Steps("json"))
    assert "forgotten" in "".join(capsys.readouterr())
    assert kept(engine, database_url) == [["r3", "r4"], ["m3", "m4"], []]
    assert {path.name for path in (tmp_path / "rejects").iterdir()} == {OF_ORDERS[1], "mine.txt"}
    for target, why in (("r1", "what has changed after it is kept no longer, by keep.changes"), ("r2", "keep.models")):
        with pytest.raises(DataError, match=why):
            pipeline.roll_back(settings, target, history.new_run_id(), Steps("json"))
    pipeline.run(settings, shop, history.new_run_id(), Steps("json"))  # what is gone stays gone
    with pytest.raises(DataError, match="by keep"):
        pipeline.roll_back(settings, "r1", history.new_run_id(), Steps("json"))

    assert files.forget(settings) == 0
    assert files.forget(settings.model_copy(update={"report": settings.report.model_copy(update={"keep": 3})})) == 1
    pages = {path.name for path in (tmp_path / "report").iterdir()}
    assert pages == {"mine.html", *(f"2020010{night}T010000-000{night}.html" for night in (2, 3, 4))}
