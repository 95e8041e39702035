"""Several files fill one table: what is loaded, night after night, is what they hold together, and each is named."""

import csv
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import structlog
from engines import where
from engines.base import Engine
from shop import ask, configured, load_alone

from job import check
from job.config import Config
from job.errors import DataError

KEYED = "CREATE TABLE sales (number INTEGER PRIMARY KEY, card VARCHAR(9) NOT NULL, paid DECIMAL(9, 2))"
on_one = where(lambda engine: not engine.has_server)  # what the engine has no part in
FILES = "SELECT file_name, records, loaded, rejected, table_rows FROM loaded_files ORDER BY file_name"
Sales = dict[int, tuple[str, Decimal]]


def settings(engine: Engine, url: str, folder: Path, **load: Any) -> Config:
    (folder / "schema.sql").write_text(load.pop("schema", KEYED))
    section = {"sql": folder / "schema.sql", "tables": {"sales": "sales-*.csv"}, "memory": folder / "memory", **load}
    return Config.model_validate({"database": configured(engine, url).database, "load": section})


def written(folder: Path, files: dict[str, Sales]) -> Path:
    """A folder with these sales; the columns of every other file are in another order."""
    folder.mkdir()
    for number, (name, sales) in enumerate(files.items()):
        with (folder / name).open("w", newline="") as stream:
            rows: list[tuple[Any, ...]] = [
                ("number", "card", "paid"),
                *((key, *values) for key, values in sales.items()),
            ]
            csv.writer(stream).writerows(row[::-1] if number % 2 else row for row in rows)
    return folder


def night(config: Config, data: Path) -> tuple[dict[str, int], str]:
    """What a load changed, and its way."""
    with structlog.testing.capture_logs() as log:
        changes = load_alone(config, data)
    return changes, next((line["way"] for line in log if line["event"] == "night"), "")


def test_nights_with_several_files_end_as_the_files_are(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """One is changed, one comes, one goes, two change places, and one record goes from one to another."""
    chance = random.Random(1)
    config = settings(engine, database_url, tmp_path)

    def sold(numbers: range) -> Sales:
        return {number: (f"c{number % 7}", Decimal(chance.randrange(10**6)) / 100) for number in numbers}

    files = {f"sales-{month}.csv": sold(range(100 * month, 100 * month + 50)) for month in range(1, 5)}
    nights = [dict(files)]
    files["sales-2.csv"] = {**files["sales-2.csv"], 201: ("c9", Decimal("1.25"))}
    nights.append(dict(files))
    files["SALES-5.CSV"] = sold(range(500, 520))
    del files["sales-1.csv"]
    nights.append(dict(files))
    files["sales-3.csv"], files["sales-4.csv"] = files["sales-4.csv"], files["sales-3.csv"]
    nights.append(dict(files))
    files["sales-2.csv"] = dict(files["sales-2.csv"])
    files["sales-3.csv"] = {**files["sales-3.csv"], 202: files["sales-2.csv"].pop(202)}
    nights.append(dict(files))
    ways = []
    for number, each in enumerate(nights):
        data = written(tmp_path / str(number), each)
        ways.append(night(config, data)[1])
        together = {key: values for sales in each.values() for key, values in sales.items()}
        rows = {key: (card, paid) for key, card, paid in ask(engine, database_url, "SELECT * FROM sales")}
        assert rows == together
        counts = [(name, len(sales), len(sales), 0, len(together)) for name, sales in each.items()]
        assert sorted(ask(engine, database_url, FILES)) == sorted(counts)
        assert night(config, data) == ({"inserted": 0, "updated": 0, "deleted": 0}, "")
    assert ways == ["", *["incremental"] * 4]


@on_one
def test_a_key_that_two_files_have_is_told_with_both(engine: Engine, database_url: str, tmp_path: Path) -> None:
    files = {
        "sales-1.csv": {1: ("a", Decimal(1)), 2: ("b", Decimal(2))},
        "sales-2.csv": {3: ("c", Decimal(3)), 1: ("a", Decimal(1))},
    }
    data = written(tmp_path / "data", files)
    with pytest.raises(
        DataError, match=r"sales-2\.csv:3:number: value '1' is the key of line 2 of sales-1\.csv, too\n"
    ):
        load_alone(settings(engine, database_url, tmp_path), data)
    with (data / "sales-2.csv").open("a") as stream:
        stream.write("x,d,4\n5,e\n")
    (data / "sales-3.csv").write_text("number,card,paid\n6,f,6\n7,,7\n")
    rejects = tmp_path / "rejects"
    config = settings(engine, database_url, tmp_path, on_error="quarantine", max_rejects="90%", rejects=rejects)
    load_alone(config, data)
    assert [row[0] for row in ask(engine, database_url, "SELECT number FROM sales ORDER BY 1")] == [1, 2, 3, 6]
    found = ask(engine, database_url, "SELECT file_name, line FROM rejected_records ORDER BY 1, 2")
    assert found == [("sales-2.csv", 3), ("sales-2.csv", 4), ("sales-2.csv", 5), ("sales-3.csv", 3)]
    counts = [("sales-1.csv", 2, 2, 0, 4), ("sales-2.csv", 4, 1, 3, 4), ("sales-3.csv", 2, 1, 1, 4)]
    assert ask(engine, database_url, FILES) == counts
    texts = {path.name: path.read_text() for path in rejects.iterdir()}
    assert texts == {
        "sales-2.csv": "paid,card,number\n1,a,1\nx,d,4\n5,e\n",
        "sales-3.csv": "number,card,paid\n7,,7\n",
    }
    (data / "sales-2.csv").unlink()
    load_alone(config, data)
    assert [path.name for path in rejects.iterdir()] == ["sales-3.csv"]
    assert ask(engine, database_url, "SELECT file_name, line FROM rejected_records") == [("sales-3.csv", 3)]


@on_one
def test_new_files_are_added_and_no_file_twice(engine: Engine, database_url: str, tmp_path: Path) -> None:
    config = settings(engine, database_url, tmp_path, mode="append", schema=KEYED.replace(" PRIMARY KEY", ""))
    sold = {1: ("a", Decimal(1)), 2: ("b", Decimal(2))}
    data = written(tmp_path / "data", {"sales-1.csv": sold, "sales-2.csv": {3: ("c", Decimal(3))}})
    assert night(config, data)[0]["inserted"] == 3
    assert night(config, data)[0]["inserted"] == 0
    (data / "sales-3.csv").write_text("number,card,paid\n4,d,4\n")
    (data / "sales-4.csv").write_text("number,card,paid\n4,d,4\n")  # the same
    (data / "sales-1.csv").rename(data / "sales-9.csv")
    assert night(config, data)[0]["inserted"] == 1
    assert night(config, data)[0]["inserted"] == 0
    assert ask(engine, database_url, "SELECT SUM(number), COUNT(*) FROM sales") == [(10, 4)]
    assert [row[0] for row in ask(engine, database_url, FILES)] == ["sales-1.csv", "sales-2.csv", "sales-3.csv"]


@on_one
def test_a_parquet_file_is_what_the_csv_is(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Typed as it may be, beside CSV files, and with numbers that are declared otherwise."""
    types = "CREATE TABLE things (id VARCHAR PRIMARY KEY, x DECIMAL(9,2), y DOUBLE, sold TIMESTAMP, ok BOOLEAN)"
    (tmp_path / "data").mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT * FROM (VALUES ('a;\"b', 12.50, 1e-7, TIMESTAMPTZ '2024-01-05 10:11:12-05', true), "
            "('c', -1234.5, NULL, NULL, false)) AS t(\"ID\", x, y, sold, ok)) "
            f"TO '{tmp_path}/data/t.parquet' (FORMAT parquet)"
        )
    (tmp_path / "data/t.csv").write_text("ok;id;x;y;sold\nno;d;1.000,25;2,5;2024-01-06 00:00:00\n")
    named = {"things": ["T.parquet", "t.csv"]}
    config = settings(
        engine, database_url, tmp_path, schema=types, tables=named, delimiter=";", decimal=",", thousands="."
    )
    [looked_at] = [finding for finding in check.findings(config, tmp_path / "data") if finding.name == "files"]
    assert looked_at.text.startswith("2 to load, ")
    load_alone(config, tmp_path / "data")
    assert ask(engine, database_url, "SELECT id, x, y, CAST(sold AS VARCHAR), ok FROM things ORDER BY id") == [
        ('a;"b', Decimal("12.50"), 1e-7, "2024-01-05 15:11:12", True),
        ("c", Decimal("-1234.50"), None, None, False),
        ("d", Decimal("1000.25"), 2.5, "2024-01-06 00:00:00", False),
    ]
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'a' AS id, 1.005 AS x, 1 AS y, 'soon' AS sold, 1 AS ok) "
            f"TO '{tmp_path}/data/t.parquet' (FORMAT parquet)"
        )
    with pytest.raises(DataError, match=r"t\.parquet:2:sold: value 'soon' .*\nt\.parquet:2:x: value '1,005' is not a"):
        load_alone(config, tmp_path / "data")
