"""Which files are a table's: by name, pattern or list, whatever the case; and what is said where they are not there."""

import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from job.errors import DataError
from job.staging.csvfiles import CsvFile, head
from job.staging.finding import find


def folder(path: Path, *names: str) -> Path:
    path.mkdir(exist_ok=True)
    for name in names:
        (path / name).write_text(f"number,card\n1,{name}\n")
    return path


def named(data: Path, tables: dict[str, Any]) -> dict[str, list[str]]:
    return {source.table: [part.name for part in source.parts] for source in find(data, tables)}


def test_a_table_has_a_file_a_pattern_or_a_list(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", "T.CSV", "sales-2.csv", "SALES-10.CSV.GZ", "Sales-1.csv", "old.csv", "a[1].csv")
    (data / "sales-dir.csv").mkdir()
    tables = {"t": "t.csv", "s": "sales-*.csv", "o": ["old.csv", "a[1].csv"]}
    found = {"t": ["T.CSV"], "s": ["SALES-10.CSV", "Sales-1.csv", "sales-2.csv"], "o": ["old.csv", "a[1].csv"]}
    assert named(data, tables) == found
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        for path in sorted(data.iterdir()):
            if path.is_file():
                archive.write(path, f"export/{path.name}")
    assert named(tmp_path / "data.zip", tables) == found


def test_the_name_with_its_own_case_comes_first(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", "t.csv", "T.csv")
    if len([*data.iterdir()]) == 2:
        assert named(data, {"t": "T.csv"}) == {"t": ["T.csv"]}
        with pytest.raises(DataError, match=r"has more than one t\.CSV"):
            find(data, {"t": "t.CSV"})


def test_one_file_is_that_of_the_only_table(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", "march.csv", "other.csv")
    assert named(data / "march.csv", {"sales": "sales.csv"}) == {"sales": ["march.csv"]}
    assert named(data / "march.csv", {"sales": "sales-*.csv"}) == {"sales": ["march.csv"]}
    with pytest.raises(DataError, match=r"march\.csv is neither a folder .* and load\.tables names 2 tables; one file"):
        find(data / "march.csv", {"sales": "sales.csv", "cards": "cards.csv"})


@pytest.mark.parametrize(
    ("tables", "sentence"),
    [
        ({"sales": "sales-*.csv"}, "data has no file like sales-*.csv; correct the data, or load.tables in the config"),
        (
            {"sales": ["a.csv", "x.csv"]},
            "data lacks x.csv; correct the data, or load.tables in the config (it has a.csv",
        ),
        ({"sales": ["a.csv", "a*.csv"]}, "data: a.csv is named twice among a.csv, a*.csv of load.tables.sales; a file"),
        (
            {"sales": "a*.csv", "cards": "ab.csv"},
            "data: ab.csv is a file of both sales and cards; make the patterns of",
        ),
        ({"sales": "inner"}, "data lacks inner; inner is a folder, and must be a file; correct the data"),
    ],
)
def test_what_is_wrong_with_patterns_is_told(tmp_path: Path, tables: dict[str, Any], sentence: str) -> None:
    data = folder(tmp_path / "data", "a.csv", "ab.csv")
    (data / "inner").mkdir()
    with pytest.raises(DataError) as raised:
        find(data, tables)
    assert str(raised.value).startswith(f"{tmp_path}/{sentence}")


def test_a_workbook_is_told_how_to_be_saved(tmp_path: Path) -> None:
    data = folder(tmp_path / "data", "other.csv")
    with zipfile.ZipFile(data / "sales.xlsx", "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    (data / "sales.dat").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99))
    advice = "in Excel, save each sheet by itself: File, Save As, CSV UTF-8"
    for name in ("sales.xlsx", "sales.dat"):
        with pytest.raises(DataError) as raised:
            find(data / name, {"sales": "sales.csv"})
        assert str(raised.value).startswith(f"{data / name} is an Excel workbook; {advice}")
    with pytest.raises(DataError) as raised:
        find(data, {"sales": "sales.csv"})
    assert f"lacks sales.csv; sales.xlsx: {advice}" in str(raised.value)


def test_files_of_several_are_known_by_name_and_content(tmp_path: Path) -> None:
    """Two may hold the same; and what stands for all of them changes with each, and with their order."""
    data = folder(tmp_path / "data", "s1.csv", "s2.csv")
    (data / "s2.csv").write_bytes((data / "s1.csv").read_bytes())
    [source] = find(data, {"sales": "s*.csv"})
    assert len({part.fingerprint for part in source.parts}) == 2
    assert len({part.content_fingerprint for part in source.parts}) == 1
    prints = {source.fingerprint, find(data, {"sales": ["s2.csv", "s1.csv"]})[0].fingerprint}
    (data / "s2.csv").write_text("number,card\n")
    assert len({*prints, find(data, {"sales": "s*.csv"})[0].fingerprint}) == 3


def test_what_is_no_parquet_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("number\n1\n")
    with pytest.raises(DataError, match=r"a\.parquet cannot be read as Parquet \(.*a\.parquet.*\); get the file again"):
        head(CsvFile("a", tmp_path / "a.parquet"), tmp_path / "header.csv")
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT 1 AS n, [1, 2] AS many) TO '{tmp_path}/b.parquet' (FORMAT parquet)")
    with pytest.raises(DataError, match=r"b\.parquet: column many is INTEGER\[\], which no column of a table takes"):
        head(CsvFile("b", tmp_path / "b.parquet"), tmp_path / "header.csv")
