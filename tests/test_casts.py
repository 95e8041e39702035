"""Fields -> values of a column's type, by the SQL that staging runs for it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from job.staging.casts import cast
from job.tables import Column

FORMATS = ("%m/%d/%Y %H:%M", "%d.%m.%Y")


def values(column: Column, fields: list[str | None], formats: tuple[str, ...] = ()) -> list[Any]:
    name = column.name.replace('"', '""')
    rows = [[number, field] for number, field in enumerate(fields)]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")  # as staging does
        connection.execute(f'CREATE TABLE "fields" ("number" INTEGER, "{name}" VARCHAR)')
        connection.executemany('INSERT INTO "fields" VALUES (?, ?)', rows)
        found = connection.execute(f'SELECT {cast(column, formats)} FROM "fields" ORDER BY "number"').fetchall()
    return [value for (value,) in found]


@pytest.mark.parametrize(
    ("type_", "good"),
    [
        ("TINYINT", {"127": 127, "-128": -128}),
        ("INTEGER", {"0": 0, "-1": -1, "+7": 7, "007": 7, "2147483647": 2**31 - 1, "-2147483648": -(2**31)}),
        ("BIGINT", {"9223372036854775807": 2**63 - 1}),
        ("DECIMAL(6,2)", {"1": Decimal(1), "-1.5": Decimal("-1.5"), ".5": Decimal("0.5"), "1.": Decimal(1),
                          "9999.99": Decimal("9999.99"), "1.5000": Decimal("1.5"), "+0": Decimal(0)}),
        ("DECIMAL(6,0)", {"123456": Decimal(123456), "-1.": Decimal(-1), "1.00": Decimal(1)}),
        ("DOUBLE", {"1": 1.0, "-1.5e300": -1.5e300, ".5": 0.5, "5.": 5.0, "1E-3": 0.001, "1e-400": 0.0}),
        ("DATE", {"2018-01-31": date(2018, 1, 31), "2020-02-29": date(2020, 2, 29)}),
        ("TIMESTAMP", {"2018-01-31": datetime(2018, 1, 31), "2018-01-31 10:56": datetime(2018, 1, 31, 10, 56),
                       "2018-01-31T10:56:07": datetime(2018, 1, 31, 10, 56, 7),
                       "2018-01-31 10:56:07.123456": datetime(2018, 1, 31, 10, 56, 7, 123456),
                       "0001-01-01": datetime(1, 1, 1),
                       "9999-12-31 23:59:59.999999": datetime.max}),
    ],
)  # fmt: skip
def test_a_field_is_the_value_that_it_says(type_: str, good: dict[str, object]) -> None:
    assert values(Column("x", type_, required=False), [*good, None]) == [*good.values(), None]


@pytest.mark.parametrize(
    ("type_", "bad"),
    [
        ("TINYINT", ["128", "-129"]),
        ("INTEGER", ["2147483648", "1.0", "1e3", "x", " 1", "1 ", "0x1", "1_000", "1\n", "\u0661", "--1", "+"]),
        ("DECIMAL(6,2)", ["10000", "1.234", "1.0050", "1,5", "NaN", "1e2", "Infinity", ".", "-"]),
        ("DECIMAL(6,0)", ["1.5", "1234567", ".", ".0"]),
        ("DOUBLE", ["NaN", "inf", "-Infinity", "1e400", "1,5", "0x1p3", "--1", ".", "e5"]),
        ("DATE", ["2018-02-30", "2018-01-31 10:56", "31.01.2018", "2018-1-1", "infinity", "today"]),
        ("TIMESTAMP", ["2018-02-30", "0000-01-01", "10/2/2017 10:56", "2018-01-31 25:00", "infinity", "2018-1-1",
                       "2018-01-31 10:56Z", "2018-01-31 10:56:07.1234567", "10000-01-01", "epoch"]),
    ],
)  # fmt: skip
def test_what_is_no_value_of_the_type_is_null(type_: str, bad: list[str]) -> None:
    assert values(Column("x", type_, required=False), [*bad]) == [None] * len(bad)


def test_timestamps_in_other_formats() -> None:
    fields = ["10/2/2017 10:56", "31.01.2018", "2017-10-02 10:56:33", "13/2/2017 10:56", "30.02.2018", "01.01.0000"]
    found = values(Column("x", "TIMESTAMP", required=True), [*fields], FORMATS)
    good = [datetime(2017, 10, 2, 10, 56), datetime(2018, 1, 31), datetime(2017, 10, 2, 10, 56, 33)]
    assert found == [*good, None, None, None]


def test_formats_are_for_timestamps_alone() -> None:
    assert values(Column("x", "DATE", required=False), ["31.01.2018"], FORMATS) == [None]


def test_texts_have_a_length_and_keys_end_in_no_space() -> None:
    fields = ["", "é" * 3, "abcd", "a ", None]
    assert values(Column("x", "VARCHAR", required=False, max_length=3), [*fields]) == ["", "é" * 3, None, "a ", None]
    assert values(Column("x", "VARCHAR", required=True), [*fields]) == ["", "é" * 3, "abcd", None, None]
    assert values(Column("x", "VARCHAR", required=False), [*fields]) == fields


def test_a_column_may_have_any_name() -> None:
    assert values(Column('say "x"\n', "INTEGER", required=False), ["1", "x"]) == [1, None]


@pytest.mark.parametrize(
    ("digits", "kept"),
    [
        (0, ["2018-12-31 23:59:59", "2018-12-31 23:59:59.000"]),
        (3, ["2018-12-31 23:59:59.9", "2018-12-31 23:59:59.999"]),
    ],
)
def test_a_time_keeps_all_of_its_second_or_is_refused(digits: int, kept: list[str]) -> None:
    """MySQL would round it, to another year."""
    column = Column("x", "TIMESTAMP", required=False, second_digits=digits)
    lost = ["2018-12-31 23:59:59.9999", "2018-12-31 23:59:59.000001"]
    assert values(column, [*kept, *lost]) == [*map(datetime.fromisoformat, kept), None, None]
    assert values(column, ["31.12.2018 23:59:59.9999"], ("%d.%m.%Y %H:%M:%S.%f",)) == [None]


def test_a_text_that_would_lose_its_spaces_is_refused() -> None:
    column = Column("x", "VARCHAR", required=False, max_length=3, drops_spaces=True)
    assert values(column, ["a", " a", "a ", "  "]) == ["a", " a", None, None]


def test_a_time_with_an_offset_is_that_moment_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    formats = ("%Y-%m-%d %H:%M:%S %z", "%d.%m.%Y")
    for zone in ("America/Sao_Paulo", "Asia/Tokyo", "UTC"):
        monkeypatch.setenv("TZ", zone)
        fields = ["2024-03-10 02:30:00 -0500", "2024-03-10 02:30:00", "2024-03-10T02:30:00", "10.03.2024"]
        there = [datetime(2024, 3, 10, 7, 30), *[datetime(2024, 3, 10, 2, 30)] * 2, datetime(2024, 3, 10)]
        assert values(Column("x", "TIMESTAMP", required=True), [*fields], formats) == there
