"""Tables and columns with long and odd names, one called as the job's own, and servers that want a key of each."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from engines import where
from engines.base import Engine
from shop import OF_ORDERS, TABLES, ask, changed, configured, load, load_alone

from job import check, history, pipeline
from job.config import Config
from job.errors import ConfigError, DataError
from job.load.context import staging_table
from job.progress import Steps
from job.session import connect
from job.tables import quoted

LONG = "sales_of_the_shop_" + "x" * 42  # 60 characters; with a prefix, more than any server takes
ODD = ['100% of "it"', "{{ x }} %s %(x)s", "select", "Ünïcode;--", "a" * 60]


def test_names_as_long_and_odd_as_they_may_be(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """In all modes: one file, then another."""
    names = [engine.quote(name) for name in ODD]
    odd, other = engine.quote("Select"), engine.quote(LONG)
    columns = ", ".join(f"{quoted(name)} VARCHAR(9)" for name in ODD[1:])
    made = [
        f"CREATE TABLE {quoted(name)} ({quoted(ODD[0])} INTEGER PRIMARY KEY, {columns})" for name in (LONG, "Select")
    ]
    (tmp_path / "schema.sql").write_text(";\n".join(made))
    header = ",".join('"' + name.replace('"', '""') + '"' for name in ODD)

    def loaded(first: int, mode: str) -> None:
        shipped = configured(engine, database_url)
        loads = {"sql": tmp_path / "schema.sql", "tables": {LONG: "a.csv", "Select": "b.csv"}, "mode": mode}
        for name in ("a.csv", "b.csv"):
            (tmp_path / name).write_text(f"{header}\n{first},a,b,c,{mode}\n{first + 1},a,b,c,{mode}\n")
        load_alone(Config.model_validate({"database": shipped.database, "load": loads}), tmp_path)

    for first, mode in ((1, "mirror"), (2, "merge"), (4, "append"), (3, "mirror")):
        loaded(first, mode)
        if mode == "append":
            assert ask(engine, database_url, f"SELECT COUNT(*) FROM {other}") == [(5,)]
    for table in (odd, other):
        found = ask(engine, database_url, f"SELECT {', '.join(names)} FROM {table} ORDER BY 1")
        assert found == [(3, "a", "b", "c", "mirror"), (4, "a", "b", "c", "mirror")]
    assert len(staging_table("é" * 60).encode()) <= 63 and staging_table("é" * 60) != staging_table("é" * 59 + "x")


def test_a_table_of_the_jobs_own_is_not_loaded(engine: Engine, database_url: str, shop: Path) -> None:
    for table in ("customer_segments", "Job_Runs"):
        config = configured(engine, database_url, {"tables": {table: TABLES["customers"]}})
        with pytest.raises(ConfigError, match=rf"load\.tables names {table}, a table of the job's own"):
            load_alone(config, shop)
        if engine.has_server:  # else there is no database yet
            failed = [str(finding.error) for finding in check.findings(config, shop) if finding.error]
            assert any("of the job's own" in failure for failure in failed)


@where(lambda engine: engine.requires_keys)
def test_zero_dates_are_told(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """In tables that are read as they are."""
    ask(
        engine, database_url, "CREATE TABLE bought (id INTEGER PRIMARY KEY, card VARCHAR(9), paid INTEGER, at DATETIME)"
    )
    rows = ", ".join(f"({number}, 'c{number % 30}', {number}, '2020-01-01')" for number in range(90))
    loose = "SET SESSION sql_mode = ''"
    engine.query(database_url, loose, f"INSERT INTO bought VALUES {rows}, (90, 'c1', 1, '0000-00-00')")
    features = (
        "SELECT card AS customer_unique_id, SUM(paid) AS monetary, COUNT(*) AS frequency, 0 AS recency_days, "
        "MIN({}) AS first_order_at, MAX({}) AS last_order_at FROM bought GROUP BY card"
    )

    def run(column: str) -> None:
        (tmp_path / "features.sql").write_text(features.format(column, column))
        shipped = configured(engine, database_url)
        clustering = shipped.clustering.model_copy(update={"k": 2})
        sections = {"features": {"sql": tmp_path / "features.sql"}, "clustering": clustering}
        config = Config.model_validate({"database": shipped.database, **sections})
        pipeline.run(config, None, history.new_run_id(), Steps("json"))

    with pytest.raises(DataError, match=r"MySQL refuses the data: .*'0000-00-00.* write NULLIF\(column, 0\)"):
        run("at")
    run("NULLIF(at, 0)")
    assert ask(engine, database_url, "SELECT COUNT(*) FROM customer_segments") == [(30,)]


@where(lambda engine: engine.requires_keys)
def test_a_server_may_require_keys(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """Of every table, temporary ones included; the shop's without one is told."""
    setting = f"SET GLOBAL {engine.requires_keys} = "
    tables: dict[str, Any] = {"tables": {name: TABLES[name] for name in ("geolocation", "customers", "orders")}}
    other = changed(shop, tmp_path, OF_ORDERS[0], lambda text: text.replace(",delivered,", ",shipped,", 1))
    other = changed(other, tmp_path / "2", TABLES["geolocation"], lambda text: text.rpartition("\n")[0])
    ask(engine, database_url, setting + "1")
    try:
        load(engine, database_url, shop, tables)
        merged = {"mode": {"orders": "merge"}}
        load(engine, database_url, other, tables | merged)
        config = configured(engine, database_url)
        (tmp_path / "schema.sql").write_text("CREATE TABLE keyless (a INTEGER, b INTEGER)")
        (tmp_path / "keyless.csv").write_text("a,b\n1,2\n")
        loads = {"sql": tmp_path / "schema.sql", "tables": {"keyless": "keyless.csv"}}
        keyless = Config.model_validate({"database": config.database, "load": loads})
        with pytest.raises(ConfigError, match=r"load\.sql: .*schema\.sql: .*(?i:primary key)"):
            load_alone(keyless, tmp_path)
        with closing(connect(config)) as database:
            history.take_lock(database)
            assert database.fetch("features_shape", features_sql='SELECT 1 AS "one"')[0]["name"] == "one"
    finally:
        ask(engine, database_url, setting + "0")
