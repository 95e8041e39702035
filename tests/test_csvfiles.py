"""Finding, unpacking and reading CSV files, with Python's csv module as the judge."""

import csv
import gzip
import io
import shutil
import zipfile
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from job.csvfiles import Column, CsvFile, csv_reader, find
from job.errors import DataError

COLUMNS = [Column("name", "VARCHAR", required=False), Column("number", "INTEGER", required=False)]
text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


def test_a_zip_may_have_folders_inside(tmp_path: Path) -> None:
    path = tmp_path / "shop.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("export/2026/people.csv", "name,number\nAnn,1\n")
        archive.writestr("__MACOSX/export/2026/people.csv", "\0\0")
        archive.writestr("export/readme.txt", "")
    [file] = find(path, {"people": "people.csv"})
    assert (file.table, file.name, file.member) == ("people", "people.csv", "export/2026/people.csv")


def test_a_zip_and_a_folder_have_the_same_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("name,number\nAnn,1\n")
    with zipfile.ZipFile(tmp_path / "shop.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "people.csv", "people.csv")
    [unpacked], [packed] = (find(place, {"people": "people.csv"}) for place in (tmp_path, tmp_path / "shop.zip"))
    assert unpacked.fingerprint == packed.fingerprint
    (tmp_path / "people.csv").write_text("name,number\nAnn,2\n")
    [changed] = find(tmp_path, {"people": "people.csv"})
    assert changed.fingerprint != packed.fingerprint


def test_a_gzipped_file_is_the_same_file(tmp_path: Path) -> None:
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    plain.mkdir()
    packed.mkdir()
    (plain / "people.csv").write_text("name,number\nAnn,1\n")
    (packed / "people.csv.gz").write_bytes(gzip.compress((plain / "people.csv").read_bytes()))
    [first], [second] = (find(folder, {"people": "people.csv"}) for folder in (plain, packed))
    assert (second.name, second.fingerprint) == (first.name, first.fingerprint)
    with csv_reader() as reader:
        assert list(reader.check(second, COLUMNS).rows(10)) == [[("Ann", 1)]]
    shutil.copy(plain / "people.csv", packed)
    with pytest.raises(DataError, match=r"packed has more than one people\.csv; "):
        find(packed, {"people": "people.csv"})
    (packed / "people.csv").unlink()
    (packed / "people.csv.gz").write_bytes(gzip.compress(bytes(range(256)) * 99)[:-20])
    with pytest.raises(DataError, match=r"people\.csv\.gz: people\.csv cannot be read"):
        _ = find(packed, {"people": "people.csv"})[0].fingerprint


def test_a_broken_zip_is_told(tmp_path: Path) -> None:
    path = tmp_path / "shop.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("people.csv", "name,number\n" + "".join(f"Ann {number},1\n" for number in range(9_999)))
    content = bytearray(path.read_bytes())
    content[60:400] = bytes(340)
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"shop\.zip: people\.csv cannot be read"):
        _ = find(path, {"people": "people.csv"})[0].fingerprint


def test_two_files_of_one_name_are_told(tmp_path: Path) -> None:
    path = tmp_path / "shop.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("old/people.csv", "name,number\n")
        archive.writestr("new/people.csv", "name,number\n")
    with pytest.raises(DataError, match=r"shop\.zip has more than one people\.csv; "):
        find(path, {"people": "people.csv"})


def test_a_truncated_zip_is_told(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as archive:
        archive.writestr("people.csv", "name,number\n" * 99)
    (tmp_path / "half.zip").write_bytes((tmp_path / "shop.zip").read_bytes()[:500])
    with pytest.raises(DataError, match=r"half\.zip is neither a folder nor a readable \.zip"):
        find(tmp_path / "half.zip", {"people": "people.csv"})


def test_all_missing_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "people.csv").touch()
    with pytest.raises(DataError, match=r"lacks orders\.csv, items\.csv; "):
        find(tmp_path, {"people": "people.csv", "orders": "orders.csv", "items": "items.csv"})


def loaded(folder: Path, content: bytes) -> list[tuple[str | None, str | None]]:
    """The records as they would go to a server: exported, and read again by Python."""
    (folder / "people.csv").write_bytes(content)
    with csv_reader() as reader:
        checked = reader.check(CsvFile("people", folder / "people.csv"), COLUMNS)
        rows = list(csv.reader(io.StringIO(checked.export(folder, null="").read_bytes().decode(), newline="")))
        assert len(rows) == checked.records
    return [(name or None, number or None) for name, number in rows]


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(text, st.none() | st.integers(-(2**31), 2**31 - 1)), min_size=1, max_size=10),
    written=st.sampled_from([(csv.QUOTE_ALL, "\n"), (csv.QUOTE_ALL, "\r\n"), (csv.QUOTE_MINIMAL, "\r\n")]),
    last=st.booleans(),
    bom=st.booleans(),
)
def test_any_text_is_read_as_python_reads_it(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, int | None]],
    written: tuple[Literal[0, 1], str],
    last: bool,
    bom: bool,
) -> None:
    stream = io.StringIO(newline="")
    quoting, line_end = written
    csv.writer(stream, quoting=quoting, lineterminator=line_end).writerows([("name", "number"), *rows])
    content = stream.getvalue() if last else stream.getvalue().removesuffix(line_end)
    judged = [(name or None, str(number) if number is not None else None) for name, number in rows]
    assert loaded(tmp_path_factory.mktemp("any"), (b"\xef\xbb\xbf" if bom else b"") + content.encode()) == judged


@pytest.mark.parametrize("position", [1, 5_000, 99_999])
def test_a_bad_value_is_found_in_a_long_file(tmp_path: Path, position: int) -> None:
    lines = ["name,number", *(f'"line\nbreak {number}",{number}' for number in range(100_000))]
    lines[position] = f'"bad\nline",{position}x'
    (tmp_path / "people.csv").write_text("\n".join(lines))
    with csv_reader() as reader, pytest.raises(DataError) as raised:
        reader.check(CsvFile("people", tmp_path / "people.csv"), COLUMNS)
    assert str(raised.value) == f"people.csv:{2 * position}: number: '{position}x' is not a value of type INTEGER"


def test_a_broken_record_is_found_in_a_long_file(tmp_path: Path) -> None:
    lines = ["name,number", *(f'"line\nbreak {number}",{number}' for number in range(100_000))]
    lines[80_000] += ",surplus"
    (tmp_path / "people.csv").write_text("\n".join(lines))
    with csv_reader() as reader, pytest.raises(DataError, match=r"people\.csv:160001: not a record of 2 fields"):
        reader.check(CsvFile("people", tmp_path / "people.csv"), COLUMNS)


def test_a_character_across_chunks_is_one_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("job.csvfiles.CHUNK", 7)
    assert loaded(tmp_path, "name,number\n😀é😀é😀é,1\n".encode()) == [("😀é😀é😀é", "1")]
    with pytest.raises(DataError, match=r"people\.csv:3: byte 0xe9 is not UTF-8"):
        loaded(tmp_path, b"name,number\nAnn,1\nAndr\xe9,2\n")
    with pytest.raises(DataError, match=r"people\.csv:2: byte 0xf0 is not UTF-8"):
        loaded(tmp_path, b"name,number\nAnn\xf0\x9f")
