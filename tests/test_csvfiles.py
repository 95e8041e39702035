"""Finding and unpacking CSV files, and the lines in them."""

import gzip
import shutil
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from job.errors import DataError
from job.staging.csvfiles import CsvFile, Format, unpack
from job.staging.finding import find
from job.staging.records import records


def test_a_zip_may_have_folders_inside(tmp_path: Path) -> None:
    path = tmp_path / "shop.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("export/2026/people.csv", "name,number\nAnn,1\n")
        archive.writestr("__MACOSX/export/2026/people.csv", "\0\0")
        archive.writestr("export/readme.txt", "")
    [[file]] = (source.parts for source in find(path, {"people": "people.csv"}))
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
    unpack(second.parts[0], tmp_path / "unpacked")
    assert (tmp_path / "unpacked").read_bytes() == (plain / "people.csv").read_bytes()
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


def test_a_byte_that_is_no_text_is_found_across_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("job.staging.csvfiles.CHUNK", 7)

    def unpacked(content: bytes, encoding: str = "utf-8") -> str:
        (tmp_path / "people.csv").write_bytes(content)
        unpack(CsvFile("people", tmp_path / "people.csv", None, Format(encoding)), tmp_path / "unpacked")
        return (tmp_path / "unpacked").read_text(encoding="utf-8")

    assert unpacked("name,number\n😀é😀é😀é,1\n".encode()) == "name,number\n😀é😀é😀é,1\n"
    assert unpacked("name,number\nJosé,1\n".encode("latin-1"), "latin-1") == "name,number\nJosé,1\n"
    assert unpacked("name,number\n😀é,1\n".encode("utf-16"), "utf-16") == "name,number\n😀é,1\n"
    with pytest.raises(DataError, match=r"people\.csv:3: byte 0xe9, number 23 of the file, is not UTF-8"):
        unpacked(b"name,number\nAnn,1\nAndr\xe9,2\n")
    with pytest.raises(DataError, match=r"people\.csv:2: byte 0xf0, number 16 of the file, is not UTF-8"):
        unpacked(b"name,number\nAnn\xf0\x9f")
    with pytest.raises(DataError, match=r"people\.csv:3: byte 0x81, number 20 of the file, is not CP1252"):
        unpacked(b"name,number\rAnn,1\r\n\x81,2\n", "cp1252")
    with pytest.raises(DataError, match=r"people\.csv:3: a NUL byte"):
        unpacked("name,number\nAnn,1\n😀\0,2\n".encode())


@pytest.mark.parametrize(
    ("content", "plain"),
    [
        ('a,b\n"x","y"\n', True),
        ('"a","b"\r\n"","x, ""y"","\r\n"""",""""""\r\n', True),
        ('a,b\n"x ","so, "\n" , ","\n"\n', True),
        ('a,b\nx,"say ""hi"" , and ""ho"", ""ha"" too"\n', True),
        ('\ufeff"a",b\nx,y\n', True),
        ('a,b\n "x",y\n', False),
        ('a,b\nx,   "y"\n', False),
        ('a,b\n"x" ,y\n', False),
        ('a,b\nx,"y" ', False),
        ('a,b\nx,"y" \r\n', False),
        ('a,b\nx,"say ""hi""" \n', False),
        ('a,b\nx, """hi"" there"\n', False),
        ('a,b\nx, ""\n', False),
        ('a,b\n"""" ,x\n', False),
        ('a,b\nx, """"\n', False),
        ('a,b\n5" pipe, "x"\n', False),
        ('a,b\nsay ""hi"" there,x\n', False),
    ],
)
def test_quotes_that_duckdb_may_take_otherwise_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, plain: bool
) -> None:
    (tmp_path / "people.csv").write_text(content, newline="", encoding="utf-8")
    for chunk in (3, 4, 5, 1 << 20):
        monkeypatch.setattr("job.staging.csvfiles.CHUNK", chunk)
        assert unpack(CsvFile("people", tmp_path / "people.csv"), tmp_path / "unpacked").plain is plain


@settings(deadline=None)
@given(st.text(st.sampled_from('a",\n\ré'), max_size=40), st.integers(3, 9))
@example('a,b\r\n"x\n\ny",1\r\n\r\n2,""', 3)
@example('a,"\n"', 3)
@example('a,"b', 4)
def test_records_are_counted_as_python_reads_them(
    tmp_path_factory: pytest.TempPathFactory, content: str, chunk: int
) -> None:
    path = tmp_path_factory.mktemp("any") / "people.csv"
    path.write_text(content, newline="", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("job.staging.csvfiles.CHUNK", chunk)
        written = unpack(CsvFile("people", path), path.with_name("unpacked"))
    if written.plain:
        assert written.records == len(list(records(CsvFile("people", path), path)))


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text('name,number\r\n\n"a\nb\r\nc",1\n\n"d\re",2\r\nf,3', newline="")
    found = records(CsvFile("people", tmp_path / "people.csv"), tmp_path / "people.csv")
    assert [(record.line, record.text) for record in found] == [
        (1, "name,number\r\n"),
        (3, '"a\nb\r\nc",1\n'),
        (7, '"d\re",2\r\n'),
        (9, "f,3"),
    ]
