"""Texts that are longer than the 64 KB of MySQL's TEXT: an error, a model, what a rejected record holds."""

import json
import random
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from engines import where
from engines.base import Engine
from shop import ask, configured

from job import history, scratch
from job.errors import DataError
from job.model.segment_model import Axis, Bins, SegmentModel
from job.session import connect
from job.tables import Own

LONG = "é" * 70_000  # characters, of two bytes each


def a_run() -> history.Run:
    return history.Run(history.new_run_id(), history.now(), "", "")


def large_model() -> SegmentModel:
    """Of 100 axes and as many segments as there are letters."""
    chance = random.Random(3)
    bins = Bins(tuple(chance.random() for _ in range(9)), (0.1,) * 10)
    axis = Axis("", False, "log1p", "refuse", 1 / 3, 2 / 3, 1e6, -1_000_000, 250_000)
    return SegmentModel(
        axes=tuple(replace(axis, column=f"feature_{number}") for number in range(100)),
        centroids=tuple(tuple(chance.randint(-(10**7), 10**7) for _ in range(100)) for _ in range(26)),
        names=(), names_given=(), rules=(), shares=(1 / 26,) * 26, order_by="monetary", inertia=1.0, error_bound=0.0,
        refinements=0, points=26, customers=26, bins=(bins,) * 100, tried=(),
        feature_space_fingerprint="", settings_fingerprint="", input_fingerprint="",
        held_back=False,
    )  # fmt: skip


def test_a_long_error_is_on_record(engine: Engine, database_url: str) -> None:
    run = a_run()
    with closing(connect(configured(engine, database_url))) as database:
        history.take_lock(database)
        with pytest.raises(DataError), history.recorded(database, run):
            run.row_counts = {f"table {number}": number for number in range(5_000)}
            raise DataError(LONG)
        [found] = history.recent(database, 1)
    assert (found["status"], found["error"]) == ("failed", LONG)
    [(counts,)] = ask(engine, database_url, "SELECT row_counts FROM job_runs")
    assert json.loads(counts) == run.row_counts


def test_an_error_that_no_database_stores_is_on_record(engine: Engine, database_url: str) -> None:
    """A file's name that is no text, and a NUL."""
    with closing(connect(configured(engine, database_url))) as database:
        history.take_lock(database)
        with pytest.raises(DataError), history.recorded(database, a_run()):
            raise DataError("sales\udcff.csv: \0")
        [found] = history.recent(database, 1)
    assert (found["status"], found["error"]) == ("failed", "sales\\udcff.csv: \\0")


def test_a_large_model_is_kept_and_read(engine: Engine, database_url: str) -> None:
    model = large_model()
    assert len(model.to_json()) > 0xFFFF
    with closing(connect(configured(engine, database_url))) as database:
        history.take_lock(database)
        history.keep_model(database, a_run(), model, None)
        assert history.find_model(database, model.model_id) == model


@where(lambda engine: engine.short_texts)
@pytest.mark.parametrize("own", [Own(), Own(prefix="spend_")], ids=["plain", "of a name"])
def test_tables_of_an_older_version_are_widened(engine: Engine, database_url: str, own: Own) -> None:
    settings = configured(engine, database_url).model_copy(update={"name": own.prefix.removesuffix("_")})
    with closing(connect(settings)) as database:
        history.take_lock(database)
        before = types(engine, database_url)
    assert len(before) == 8 and {type_ for type_, _ in before.values()} == {"longtext"}
    for (table, column), (_, nullable) in before.items():
        if table.endswith("value_as_of"):  # which no older version has made
            continue
        null = "NULL" if nullable == "YES" else "NOT NULL"
        ask(engine, database_url, f"ALTER TABLE {table} MODIFY {column} TEXT {null}")
    ask(engine, database_url, f"ALTER TABLE {own.prefix}customer_features_data ADD note TEXT")  # the shop's own
    ask(engine, database_url, f"INSERT INTO {own.prefix}segment_models VALUES ('m', 'r', NOW(), 'kept')")
    for _ in range(2):
        with closing(connect(settings)) as database:
            history.take_lock(database)
        after = types(engine, database_url)
        assert after.pop((f"{own.prefix}customer_features_data", "note")) == ("text", "YES")
        assert after == before
    assert ask(engine, database_url, f"SELECT model FROM {own.prefix}segment_models") == [("kept",)]


def types(engine: Engine, url: str) -> dict[tuple[str, str], tuple[str, str]]:
    """The texts without a length in the database: their types, and whether they may be NULL."""
    found = ask(
        engine,
        url,
        "SELECT table_name, column_name, data_type, is_nullable, collation_name FROM information_schema.columns "
        "WHERE table_schema = DATABASE() AND data_type LIKE '%text'",
    )
    assert {collation for *_, collation in found} == {"utf8mb4_bin"}
    return {(table, column): (type_, nullable) for table, column, type_, nullable, _ in found}


def test_a_long_reason_is_on_record(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """The job's own table takes it as a load writes it: by way of staging."""
    from job.staging.area import Staging
    from job.staging.csvfiles import CsvFile
    from job.tables import Table

    path = tmp_path / "rejected_records.csv"
    path.write_text(f"run_id,table_name,file_name,line,reason,record\nr,orders,orders.csv,2,{LONG},{LONG}\n")
    with closing(connect(configured(engine, database_url))) as database:
        history.take_lock(database)
        table = Table("rejected_records", database.columns(database.own.name("rejected_records")))
        with closing(Staging(scratch.folder() / "rejected")) as staging:
            staged = staging.stage(CsvFile("rejected_records", path), table)
            assert staged.rejected == 0
            database.bulk_load(database.own.name("rejected_records"), staged, staging)
    assert ask(engine, database_url, "SELECT reason, record FROM rejected_records") == [(LONG, LONG)]
