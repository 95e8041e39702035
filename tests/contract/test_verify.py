"""`clientela verify` finds what somebody has changed in what the job has left, and changes nothing itself."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from engines import where
from engines.base import Engine
from shop import OF_ORDERS, ask, changed, configured, everything

from job import history, pipeline
from job.config import Config
from job.progress import Steps

RUNS = "SELECT * FROM job_runs ORDER BY run_id"


def verify(settings: Config, data: Path | None = None) -> dict[str, str]:
    """What is not right, by its name: the sentences."""
    found = pipeline.verify(settings, data)
    told: dict[str, str] = {}
    for each in found:
        if each.mark != "ok":
            told[each.name] = f"{told.get(each.name, '')}{each.mark}: {each.text}\n"
    return told


class Tampering(NamedTuple):
    """Statements that somebody has run, and what is told of them."""

    statement: str  # {id} is a customer, who has moved
    name: str
    told: str


TAMPERINGS = [
    Tampering("UPDATE customer_segments SET segment = 'Z' WHERE customer_unique_id = '{id}'", "labels", "segment"),
    Tampering("UPDATE customer_segments SET segment_name = 'Best' WHERE customer_unique_id = '{id}'",
              "labels", "1 customers of segment . have another name"),
    Tampering("DELETE FROM customer_segments WHERE customer_unique_id = '{id}'", "labels", "the run log says"),
    Tampering("INSERT INTO customer_segments SELECT 'nobody', segment, segment_name, model_id, labelled_at"
              " FROM customer_segments WHERE customer_unique_id = '{id}'", "labels", "the run log says"),
    Tampering("UPDATE customer_segments SET model_id = 'feed' WHERE customer_unique_id = '{id}'",
              "models", "labels of model feed"),
    Tampering("UPDATE customer_features_data SET monetary = monetary + 0.01 WHERE customer_unique_id = '{id}'",
              "features", "not as the last run has left it; by the SQL, 1 customers have other features"),
    Tampering("UPDATE customer_features_data SET first_order_at = '2000-01-01' WHERE customer_unique_id = '{id}'",
              "features", "1 customers have other features"),
    Tampering("DELETE FROM customer_features_data WHERE customer_unique_id = '{id}'",
              "features", "1 customers have none stored"),
    Tampering("INSERT INTO customer_features_data SELECT 'nobody', monetary, frequency, recency_days, first_order_at,"
              ' last_order_at, order_days, "#day" FROM customer_features_data WHERE customer_unique_id = \'{id}\'',
              "features", "1 customers are there no more"),
    Tampering("UPDATE customer_features_as_of SET day = '2019-01-01'", "features", "recency counts up to is another"),
    Tampering("UPDATE rfm_cuts SET m2 = m2 + 1", "scores", "rfm_cuts"),
    Tampering("UPDATE rfm_groups SET rfm_group = 'Best' WHERE r = 1 AND f = 1 AND m = 1", "scores", "rfm_groups"),
    Tampering("UPDATE segment_models SET model = REPLACE(model, '1', '2')", "models", "is not what its id stands for"),
    Tampering("DELETE FROM segment_models", "models", "segment_models lacks model"),
    Tampering("UPDATE job_runs SET figures = REPLACE(figures, '\"customers\": ', '\"customers\": 1')",
              "labels", "and the run log says"),
    Tampering("UPDATE job_runs SET figures = REPLACE(figures, '\"spend\": ', '\"spend\": 1')", "labels", "spends"),
    Tampering("INSERT INTO customer_segment_changes (run_id, customer_unique_id, from_segment, to_segment)"
              " SELECT MAX(run_id), 'nobody', 'A', 'B' FROM job_runs",
              "history", "which has counted"),
    Tampering("DELETE FROM customer_segment_changes WHERE customer_unique_id = '{id}'", "history", "which has counted"),
    Tampering("UPDATE customer_segment_changes SET to_segment = 'Z' WHERE customer_unique_id = '{id}'",
              "history", "1 customers have another label than their last change has led to"),
    Tampering("UPDATE customers SET segment = 'Z' WHERE customer_unique_id = '{id}'", "column", "have another label"),
    Tampering("UPDATE customers SET segment = NULL WHERE customer_unique_id = '{id}'", "column", "rows have none"),
    Tampering("DELETE FROM order_reviews WHERE review_id = (SELECT MIN(review_id) FROM order_reviews)",
              "tables", "table order_reviews is not as its last load has left it"),
    Tampering("UPDATE order_payments SET payment_value = payment_value + 1 WHERE payment_value IN"
              " (SELECT MIN(payment_value) FROM order_payments)", "tables", "table order_payments is not as"),
    Tampering("INSERT INTO rejected_records SELECT run_id, table_name, file_name, 7, 'wrong', 'a' FROM loaded_files"
              " WHERE table_name = 'orders'", "rejects", "rejected_records has 1 records of table orders"),
    Tampering("UPDATE loaded_files SET loaded = loaded - 1 WHERE table_name = 'orders'", "rejects", "loaded_files:"),
]  # fmt: skip


@where(lambda engine: not engine.has_server)  # whose database can be put back in no time
def test_each_thing_that_somebody_has_changed_is_named(
    engine: Engine, database_url: str, first_run: object, shop: Path, tmp_path: Path
) -> None:
    settings = configured(engine, database_url)
    richer = changed(shop, tmp_path, OF_ORDERS[2], lambda text: re.sub(r"[0-9.]+\n", "999.00\n", text, count=5))
    pipeline.run(settings, richer, history.new_run_id(), Steps("json"), score=True)
    [(person,)] = ask(engine, database_url, "SELECT MIN(customer_unique_id) FROM customer_segment_changes"
                      " WHERE to_segment IS NOT NULL AND from_segment IS NOT NULL")  # fmt: skip
    assert verify(settings, richer) == {}
    assert verify(settings, shop)["files"].startswith(f"changed: {OF_ORDERS[2]}")
    path = Path(engine.job_place(database_url))
    shutil.copy(path, tmp_path / "before")
    for statement, name, told in TAMPERINGS:
        ask(engine, database_url, statement.format(id=person))
        found = verify(settings)
        assert found.get(name, "").startswith("wrong") and re.search(told, found[name]), (statement, found)
        assert person not in str(found)
        shutil.copy(tmp_path / "before", path)


def test_what_stands_is_verified_and_nothing_is_changed(
    engine: Engine, database_url: str, first_run: object, shop: Path
) -> None:
    """Also not by looking at what somebody has changed, on databases where CREATE TABLE commits."""
    settings = configured(engine, database_url)
    runs, before = ask(engine, database_url, RUNS), everything(engine, database_url)
    assert verify(settings, shop) == {}
    assert everything(engine, database_url) == before and ask(engine, database_url, RUNS) == runs
    [(person,)] = ask(engine, database_url, "SELECT MIN(customer_unique_id) FROM customer_segments")
    with engine.session(database_url) as rows:
        for table, change in (
            ("customer_segments", "segment = 'Z'"),
            ("customer_features_data", "monetary = monetary + 1"),
            ("customers", "segment = NULL"),
            ("customer_features_data", "first_order_at = '2001-02-03'"),
        ):
            rows(f"UPDATE {table} SET {change} WHERE customer_unique_id = '{person}'")
        rows("UPDATE segment_models SET model = REPLACE(model, '1', '2')")
        rows("DELETE FROM order_reviews WHERE review_id = (SELECT review_id FROM (SELECT MIN(review_id) AS review_id"
             " FROM order_reviews) AS first)")  # fmt: skip
    before = everything(engine, database_url)
    found = verify(settings)
    assert set(found) == {"models", "tables", "labels", "features", "column"}
    assert all(sentence.startswith("wrong") for sentence in found.values()), found
    assert everything(engine, database_url) == before and ask(engine, database_url, RUNS) == runs


@where(lambda engine: engine.has_server and engine.name == engine.dialect)
def test_a_restored_backup_is_verified_and_the_next_night_is_quiet(
    engine: Engine, database_url: str, first_run: object, shop: Path
) -> None:
    """By the database's own programs: labels and history are there again, by the same sums."""
    settings = configured(engine, database_url)
    commands = engine.dump_and_restore(database_url)
    if commands is None:
        pytest.skip(f"no programs to dump and restore {engine.title} databases")
    dump, restore = commands
    before = everything(engine, database_url)
    dumped = subprocess.run(dump, capture_output=True, text=True, check=False)
    if "version mismatch" in dumped.stderr:
        pytest.skip(f"{dump[0]} is older than the server")
    assert dumped.returncode == 0, dumped.stderr
    with engine.session(database_url) as rows:
        rows("DELETE FROM customer_segments")
        rows("DELETE FROM job_runs")
        rows("UPDATE customers SET segment = NULL")
    restored = subprocess.run(restore, input=dumped.stdout, capture_output=True, text=True, check=False)
    assert restored.returncode == 0, restored.stderr
    assert everything(engine, database_url) == before
    assert verify(settings, shop) == {}
    pipeline.run(settings, shop, history.new_run_id(), Steps("json"))
    last = pipeline.last_done(settings)
    assert last and last.figures.get("same_as") and everything(engine, database_url) == before
