"""What a table may declare is loaded exactly, or refused by line: nothing is rounded, shifted or cut."""

import csv
import random
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from engines import where
from engines.base import Engine
from shop import ask, configured, load_alone

from job.config import Config
from job.errors import ConfigError, DataError


def settings(engine: Engine, url: str, folder: Path, type_: str, values: list[str], **load: Any) -> Config:
    """The config of a table with a number and a column of the type, and of a file with these values."""
    (folder / "schema.sql").write_text(f"CREATE TABLE things (number INTEGER PRIMARY KEY, x {type_});\n")
    lines = [f"{number},{value}" for number, value in enumerate(values)]
    (folder / "things.csv").write_text("\n".join(["number,x", *lines, ""]))
    section = {"data": folder, "sql": folder / "schema.sql", "tables": {"things": "things.csv"}, **load}
    return Config.model_validate({"database": configured(engine, url).database, "load": section})


def loaded(engine: Engine, url: str) -> list[Any]:
    return [value for (value,) in ask(engine, url, "SELECT x FROM things ORDER BY number")]


NUMBERS = [(10, 2), (6, 1), (18, 4), (9, 0), (23, 9), (20, 15), (37, 0)]  # digits in all, and behind the point


def test_numbers_texts_and_times_of_every_size_arrive(engine: Engine, database_url: str, tmp_path: Path) -> None:
    rows: list[list[Any]] = []
    chance = random.Random(1)
    for number in range(1_000):
        numbers = [
            Decimal(f"{chance.choice([0, 1, -1, 10**size - 1, -(10**size) + 1, chance.randrange(10**size)])}E-{scale}")
            for digits, scale in NUMBERS
            for size in [chance.randint(1, digits)]
        ]
        letters = chance.choice(["", "x" * 127, "é" * 63, "é" * 64, "x" * 128, "😀" * 40, '"a",\n\\N\\.', "NULL", "\t"])
        day = datetime(1000, 1, 1) + timedelta(microseconds=chance.randrange(280 * 10**15))
        whole = chance.choice([0, -1, 2**31 - 1, -(2**31), chance.randrange(2**31)])
        double = chance.choice([0.1, -0.0, 5e-324, 1.7976931348623157e308, chance.uniform(-180, 180)])
        row = [*numbers, letters or None, day, whole, double]
        rows.append([number, *(None if not chance.randrange(10) else value for value in row)])
    types = [
        *(f"DECIMAL({digits},{scale})" for digits, scale in NUMBERS),
        engine.text,
        engine.timestamp,
        "INTEGER",
        "DOUBLE PRECISION",
    ]
    declared = ", ".join(f"x{index} {type_}" for index, type_ in enumerate(types))
    (tmp_path / "schema.sql").write_text(f"CREATE TABLE things (number INTEGER PRIMARY KEY, {declared});\n")
    with (tmp_path / "things.csv").open("w", newline="", encoding="utf-8") as stream:
        header = ["number", *(f"x{index}" for index in range(len(types)))]
        csv.writer(stream).writerows(
            [header, *([f"{x:f}" if isinstance(x, Decimal) else x for x in row] for row in rows)]
        )
    section = {"data": tmp_path, "sql": tmp_path / "schema.sql", "tables": {"things": "things.csv"}}
    load_alone(
        Config.model_validate({"database": configured(engine, database_url).database, "load": section}), tmp_path
    )
    assert [list(row) for row in ask(engine, database_url, "SELECT * FROM things ORDER BY number")] == rows


@where(lambda engine: engine.whole_seconds)
def test_a_second_is_not_rounded_into_another_year(engine: Engine, database_url: str, tmp_path: Path) -> None:
    good = ["2018-12-31 23:59:59", "2018-12-31 23:59:59.000"]
    load_alone(settings(engine, database_url, tmp_path, engine.whole_seconds, good), tmp_path)
    assert loaded(engine, database_url) == [datetime(2018, 12, 31, 23, 59, 59)] * 2
    config = settings(engine, database_url, tmp_path, engine.whole_seconds, [*good, "2018-12-31 23:59:59.9"])
    sentence = r"things\.csv:4:x: value '2018-12-31 23:59:59\.9' is not a timestamp with at most 0 digits of a second"
    with pytest.raises(DataError, match=sentence):
        load_alone(config, tmp_path)
    assert loaded(engine, database_url) == [datetime(2018, 12, 31, 23, 59, 59)] * 2


def test_a_time_with_an_offset_is_that_moment(
    engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/Sao_Paulo")
    written = ["2024-03-10 02:30:00 -0500", "2024-03-10 02:30:00", "10.03.2024 02:30"]
    formats = ["%Y-%m-%d %H:%M:%S %z", "%d.%m.%Y %H:%M"]
    config = settings(engine, database_url, tmp_path, engine.timestamp, written, timestamp_formats=formats)
    load_alone(config, tmp_path)
    assert loaded(engine, database_url) == [datetime(2024, 3, 10, 7, 30), *[datetime(2024, 3, 10, 2, 30)] * 2]


@where(lambda engine: engine.chars_drop_spaces)
def test_a_space_is_not_dropped(engine: Engine, database_url: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"things\.csv:3:x: value 'b ' ends in a space"):
        load_alone(settings(engine, database_url, tmp_path, "CHAR(3)", ["abc", "b "]), tmp_path)


@where(lambda engine: engine.role_settings)
def test_texts_stay_whatever_encoding_others_have(engine: Engine, database_url: str, tmp_path: Path) -> None:
    role = engine.quote(urlsplit(database_url).path[1:])
    ask(engine, database_url, f"ALTER ROLE {role} SET client_encoding = 'LATIN1'")
    load_alone(settings(engine, database_url, tmp_path, "TEXT", ["niterói", "日本"]), tmp_path)
    assert loaded(engine, database_url) == ["niterói", "日本"]


def test_numbers_are_the_same_however_they_are_written(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """By shop, table and column; and on a night with new records the same as on the first."""
    (tmp_path / "schema.sql").write_text(
        "CREATE TABLE things (number INTEGER PRIMARY KEY, x DECIMAL(10,2), weight DOUBLE PRECISION);\n"
    )
    formats: dict[str, Any] = {"things": {"delimiter": ";", "negatives": ["brackets"]}}
    formats["things.weight"] = {"decimal": ".", "thousands": ""}
    section = {
        **{"data": tmp_path, "sql": tmp_path / "schema.sql", "tables": {"things": "things.csv"}, "thousands": "."},
        **{"decimal": ",", "currency": ["€"], "formats": formats},
    }
    config = Config.model_validate({"database": configured(engine, database_url).database, "load": section})
    written = "number;x;weight\n1;1.234,50 €;1.5\n2;(0,25);-2e3\n"
    (tmp_path / "things.csv").write_text(written)
    load_alone(config, tmp_path)
    (tmp_path / "things.csv").write_text(f"{written}1.000;€ -7;3\n")
    load_alone(config, tmp_path)
    rows = ask(engine, database_url, "SELECT * FROM things ORDER BY number")
    assert rows == [(1, Decimal("1234.50"), 1.5), (2, Decimal("-0.25"), -2000.0), (1000, Decimal(-7), 3.0)]
    (tmp_path / "things.csv").write_text(f"{written}3;1.23;1,5\n")
    with pytest.raises(DataError, match=r":4:weight: value '1,5' .*\n.*:4:x: value '1\.23' .* written as 1\.234,56 is"):
        load_alone(config, tmp_path)
    (tmp_path / "things.csv").write_text(f"{written}3;N/A;3\n4;-;n/a\n")
    with pytest.raises(DataError, match=r":4:x: value 'N/A' .*\n.*:5:weight: value 'n/a' is not .*\n.*:5:x: "):
        load_alone(config, tmp_path)
    formats["things.x"] = {"nulls": ["N/A", "-"]}
    config = Config.model_validate({"database": config.database, "load": section | {"nulls": ["n/a", "N/A"]}})
    load_alone(config, tmp_path)
    rows = ask(engine, database_url, "SELECT * FROM things WHERE number > 2 ORDER BY number")
    assert rows == [(3, None, 3.0), (4, None, None)]
    (tmp_path / "things.csv").write_text(f"{written}3;N/A;3\n4;-;n/a\nN/A;n/a;4\n")
    with pytest.raises(DataError, match=r":6:number: .*missing or one of n/a, N/A.*\n.*:6:x: value 'n/a'"):
        load_alone(config, tmp_path)
    formats["things.wait"] = {"negatives": []}
    config = Config.model_validate({"database": config.database, "load": section})
    with pytest.raises(ConfigError, match=r"load\.formats names things\.wait, which is no column of table things"):
        load_alone(config, tmp_path)
