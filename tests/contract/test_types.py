"""Every type of every engine: loaded exactly, refused by line, or refused as it is declared."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from engines import where
from engines.base import Engine
from shop import ask, configured, everything, load_alone

from job import check, history, pipeline
from job.adapters import dialects
from job.config import Config
from job.errors import ConfigError, DataError
from job.progress import Steps

FORMATS = ["%d.%m.%Y %H:%M"]


def settings(
    engine: Engine, url: str, folder: Path, columns: list[str], records: list[list[str]], **load: Any
) -> Config:
    """The config of a table `things` of a number and the columns `x0`, `x1`, ... of these types, and of its file."""
    declared = [f"x{index} {type_}" for index, type_ in enumerate(columns)]
    statements = [*engine.before_types, f"CREATE TABLE things (number INTEGER PRIMARY KEY, {', '.join(declared)})"]
    (folder / "schema.sql").write_text(";\n".join(statements))
    with (folder / "things.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["number", *(f"x{index}" for index in range(len(columns)))])
        writer.writerows([[number, *fields] for number, fields in enumerate(records)])
    section = {"data": folder, "sql": folder / "schema.sql", "tables": {"things": "things.csv"}, **load}
    return Config.model_validate({"database": configured(engine, url).database, "load": section})


def test_every_type_is_loaded_exactly_or_refused_by_line(engine: Engine, database_url: str, tmp_path: Path) -> None:
    for statement in engine.extensions:
        ask(engine, database_url, statement)
    types = list(engine.types)
    shown = [{field: text or field for field, text in good.items()} for good, _ in engine.types.values()]
    rows = max(map(len, shown)) + 1
    records = [[list(good)[row] if row < len(good) else "" for good in shown] for row in range(rows)]
    config = settings(engine, database_url, tmp_path, types, records, timestamp_formats=FORMATS)
    load_alone(config, tmp_path)
    columns = ", ".join(f"CAST(x{index} AS {engine.as_text})" for index in range(len(types)))
    select = f"SELECT {columns} FROM things ORDER BY number"
    expected = [tuple(good.get(field) for field, good in zip(record, shown, strict=True)) for record in records]
    found = engine.query(database_url, engine.in_utc, select)
    assert [dict(zip(types, map(text, row), strict=True)) for row in found] == [
        dict(zip(types, row, strict=True)) for row in expected
    ]

    # Turned round: what differs is applied, and nothing else does.
    config = settings(engine, database_url, tmp_path, types, records[::-1], timestamp_formats=FORMATS)
    load_alone(config, tmp_path)
    assert [tuple(map(text, row)) for row in engine.query(database_url, engine.in_utc, select)] == expected[::-1]
    if not engine.makes_tables_anew:
        with (tmp_path / "things.csv").open("a") as stream:
            stream.write(f"{rows}{',' * len(types)}\n")
        assert load_alone(config, tmp_path) == {"inserted": 1, "updated": 0, "deleted": 0}

    bad = [(index, field) for index, (_, fields) in enumerate(engine.types.values()) for field in fields]
    records = [["" if column != index else field for column in range(len(types))] for index, field in bad]
    config = settings(
        engine, database_url, tmp_path, types, records, timestamp_formats=FORMATS, on_error="quarantine",
        max_rejects=len(bad), rejects=tmp_path / "rejects",
    )  # fmt: skip
    load_alone(config, tmp_path)
    reasons = dict(ask(engine, database_url, "SELECT line, reason FROM rejected_records"))
    assert ask(engine, database_url, "SELECT COUNT(*) FROM things") == [(0,)]
    for (index, field), (line, reason) in zip(bad, sorted(reasons.items()), strict=True):
        assert reason.startswith(f"x{index}: value '{field[:57]}"), (types[index], field, line, reason)


def test_every_type_is_loaded_exactly_beside_none_but_its_own(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    """A table's types decide how its records are sent."""
    for statement in engine.extensions:
        ask(engine, database_url, statement)
    statements = list(engine.before_types)
    for index, (type_, (good, _)) in enumerate(engine.types.items()):
        statements.append(f"CREATE TABLE things{index} (number INTEGER PRIMARY KEY, x {type_})")
        with (tmp_path / f"things{index}.csv").open("w", newline="") as stream:
            csv.writer(stream).writerows([("number", "x"), *enumerate([*good, ""])])
    (tmp_path / "schema.sql").write_text(";\n".join(statements))
    tables = {f"things{index}": f"things{index}.csv" for index in range(len(engine.types))}
    section = {"sql": tmp_path / "schema.sql", "tables": tables, "timestamp_formats": FORMATS}
    load_alone(
        Config.model_validate({"database": configured(engine, database_url).database, "load": section}), tmp_path
    )
    for index, (type_, (good, _)) in enumerate(engine.types.items()):
        select = f"SELECT CAST(x AS {engine.as_text}) FROM things{index} ORDER BY number"
        shown = [text(value) for (value,) in engine.query(database_url, engine.in_utc, select)]
        assert shown == [*(text_ or field for field, text_ in good.items()), None], type_


def text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else bytes(value).decode()  # type: ignore[call-overload]


def test_types_that_no_file_is_loaded_into_are_told(engine: Engine, database_url: str, tmp_path: Path) -> None:
    config = settings(engine, database_url, tmp_path, ["INTEGER", *engine.refused_types], [])
    with pytest.raises(ConfigError, match="table things has columns of types that files are not loaded into") as caught:
        load_alone(config, tmp_path)
    for index, type_ in enumerate(engine.refused_types, 1):
        assert re.search(rf"\bx{index} is [^,]+.* [(]declare ", str(caught.value)), type_
    assert "x0" not in str(caught.value)
    if dialects()[engine.dialect].transactional_ddl:  # else CREATE cannot be taken back
        told = [finding.error for finding in check.findings(config, None) if finding.error]
        assert list(map(str, told)) == [str(caught.value)]
    assert "things" not in everything(engine, database_url)


def test_what_the_database_fills_by_itself_is_not_written(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Neither at first nor later; and a number that it would give where none is, or 0, is the file's."""
    config = settings(engine, database_url, tmp_path, [], [])
    columns = f"number {engine.counting} PRIMARY KEY, x INTEGER, {engine.generating}"
    (tmp_path / "schema.sql").write_text(f"CREATE TABLE things ({columns})")
    select = f"SELECT number, x, {engine.generated} FROM things ORDER BY number"
    for records, rows in (
        ("0,5\n7,6\n", [(0, 5, 10), (7, 6, 12)]),
        ("0,5\n7,\n8,1\n", [(0, 5, 10), (7, None, None), (8, 1, 2)]),
    ):
        (tmp_path / "things.csv").write_text(f"number,x\n{records}")
        load_alone(config, tmp_path)
        assert ask(engine, database_url, select) == rows
    (tmp_path / "things.csv").write_text(f"number,x,{engine.generated}\n0,5,11\n")
    with pytest.raises(DataError, match=rf"things.csv:1: column {engine.generated} is filled by the database itself"):
        load_alone(config, tmp_path)
    (tmp_path / "things.csv").write_text("number,x\n,5\n")
    with pytest.raises(DataError, match=r"things.csv:2:number: the value is missing"):
        load_alone(config, tmp_path)
    assert ask(engine, database_url, select) == rows


@where(lambda engine: engine.generated_key)
def test_a_key_that_the_database_makes_is_none_of_a_files(engine: Engine, database_url: str, tmp_path: Path) -> None:
    config = settings(engine, database_url, tmp_path, [], [])
    (tmp_path / "schema.sql").write_text(f"CREATE TABLE things (x INTEGER, made {engine.generated_key} PRIMARY KEY)")
    for values in ([5, 5, 6], [6, 7]):
        (tmp_path / "things.csv").write_text("\n".join(["x", *map(str, values), ""]))
        load_alone(config, tmp_path)
        assert ask(engine, database_url, "SELECT x FROM things ORDER BY x") == [(value,) for value in values]


def test_keys_of_times_are_found_in_the_table(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Where rows that are there already stay: in other words, they are the same."""
    config = settings(engine, database_url, tmp_path, [], [], mode="append")
    columns = f"day {engine.moment} NOT NULL, hour TIME NOT NULL, PRIMARY KEY (day, hour)"
    (tmp_path / "schema.sql").write_text(f"CREATE TABLE things ({columns})")
    (tmp_path / "things.csv").write_text("day,hour\n2026-01-31T23:00-03:00,10:30\n2026-01-31,10:30\n")
    load_alone(config, tmp_path)
    (tmp_path / "things.csv").write_text("day,hour\n2026-01-31 23:00,10:30\n2026-02-01 02:00,10:30:00.0\n")
    with pytest.raises(DataError, match=r"things.csv:3:day, hour: .* is the key of a row that things has already"):
        load_alone(config, tmp_path)
    assert ask(engine, database_url, "SELECT COUNT(*) FROM things") == [(2,)]


def test_numbers_that_nobody_can_reckon_with_are_told(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Also where they are the database's own, and no file's."""
    ask(engine, database_url, "SELECT 1")  # where there is no server, the file is there from now on
    sql, shipped = tmp_path / "features.sql", configured(engine, database_url)
    features = {"features": {"sql": sql}, "clustering": {**shipped.clustering.model_dump(), "k": 2}}
    config = Config.model_validate({"database": shipped.database, **features})
    row = "SELECT '{}' AS customer_unique_id, {} AS monetary, {} AS frequency, 7 AS recency_days"
    for spent in ("1e300", "-1e31", *engine.no_numbers):
        sql.write_text(f"{row.format('a', spent, 1)} UNION ALL {row.format('b', 1.5, 2)}")
        with pytest.raises(DataError, match=r"column monetary is NaN, infinite or beyond 1e\+30 in 1 rows"):
            pipeline.run(config, None, history.new_run_id(), Steps("json"))
    sql.write_text(f"{row.format('a', '1e30', 1)} UNION ALL {row.format('b', '-1e30', 2)}")
    config = config.model_copy(update={"clustering": of_raw(config)})
    assert len(pipeline.run(config, None, history.new_run_id(), Steps("json"))) == 2


def of_raw(config: Config) -> Any:
    features = [feature.model_copy(update={"transform": "none"}) for feature in config.clustering.features]
    return config.clustering.model_copy(update={"features": features})
