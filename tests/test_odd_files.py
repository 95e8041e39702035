"""Archives that are broken, files that are no CSV, and records that fill no memory: each told in one sentence."""

# ruff: noqa: E501
import gzip
import io
import re
import subprocess
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from job.errors import DataError
from job.staging.area import Staging
from job.staging.csvfiles import CsvFile, Format
from job.staging.finding import find
from job.tables import Column, Table

COLUMNS = [Column("Id", "VARCHAR", True), Column("paid", "VARCHAR", False), Column("day", "VARCHAR", False)]
SALES = Table("sales", COLUMNS)
GOOD = "id,paid,day\n1,2,3\n"


def refusal(folder: Path, content: bytes, name: str = "sales.csv", written: Format = Format()) -> str:  # noqa: B008
    """The sentence that refuses a file with this content."""
    (folder / name).write_bytes(content)
    with closing(Staging(folder / "staging")) as area, pytest.raises(DataError) as raised:
        area.stage(CsvFile("sales", folder / name, None, written), SALES)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def archive(method: int, *names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as packed:
        for name in names:
            packed.writestr(name, GOOD * 50)
    return stream.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_broken_archive_is_told(tmp_path: Path, method: int) -> None:
    """Wherever it is broken."""
    content = archive(method, "in/sales.csv")
    told = 0
    for position in range(0, len(content), 3):
        broken = bytearray(content)
        broken[position] ^= 0xFF
        (tmp_path / "shop.zip").write_bytes(broken)
        try:
            [file] = find(tmp_path / "shop.zip", {"sales": "sales.csv"})
            _ = file.fingerprint, file.size
        except DataError as error:
            told += 1
            assert str(error).isprintable()
    assert told > len(content) / 20


def test_what_an_archive_is_packed_with_is_told(tmp_path: Path) -> None:
    for change, sentence in (
        ((6, b"\x01"), "is encrypted, password required for extraction); unpack it first"),
        ((8, b"\x09"), "compression method is not supported); unpack it first"),
    ):
        content = bytearray(archive(zipfile.ZIP_DEFLATED, "sales.csv"))
        central = content.index(b"PK\x01\x02") + 2
        for offset in (change[0], central + change[0]):
            content[offset : offset + 1] = change[1]
        (tmp_path / "shop.zip").write_bytes(content)
        [file] = find(tmp_path / "shop.zip", {"sales": "sales.csv"})
        with pytest.raises(DataError, match="cannot be read") as raised:
            _ = file.fingerprint
        assert str(raised.value).endswith(sentence)


def test_names_in_archives(tmp_path: Path) -> None:
    """As Windows, macOS and old programs write them; folders out of the archive are none of a file's own name."""
    for name in ("out\\sales março.csv", "../../sales março.csv", "/etc/sales março.csv", "sales marc\u0327o.csv"):
        (tmp_path / "shop.zip").write_bytes(archive(8, name, "folder.csv/"))
        [file] = find(tmp_path / "shop.zip", {"sales": "sales março.csv"})
        assert file.fingerprint
    unflagged = bytearray(archive(8, "sales marXXo.csv").replace(b"XX", "ç".encode()))
    (tmp_path / "shop.zip").write_bytes(unflagged)
    assert find(tmp_path / "shop.zip", {"sales": "sales março.csv"})
    (tmp_path / "shop.zip").write_bytes(archive(8, "a.csv", "b\x1b]0;x\x07.csv"))
    with pytest.raises(DataError, match=r"lacks sales\.csv; .* \(it has a\.csv, b\\x1b\]0;x\\x07\.csv\)") as raised:
        find(tmp_path / "shop.zip", {"sales": "sales.csv"})
    assert str(raised.value).isprintable()


FOUND = {
    "empty": (b"", "sales.csv:1: column Id, paid, day is missing; the file is empty"),
    "byte order mark alone": (b"\xef\xbb\xbf\r\n", "the file is empty"),
    "sep": (b"sep=;\r\nid;paid;day\r\n", 'the line sep=; is for spreadsheets alone: remove it, and set load.delimiter to ";"'),
    "title": (b"Sales of May\n\nid,paid,day\n1,2,3\n", "line 3 is like the header: remove what stands above it"),
    "title, tabs": (b"Sales\nid\tpaid\tday\n", 'line 2 is like the header: remove what stands above it, and set load.delimiter to "\\t"'),
    "semicolons": (b"\xef\xbb\xbfid;paid;day\n", 'column Id, paid, day is missing; set load.delimiter to ";"'),
    "quoted, bars": (b'"ID"|"Paid"|"day"|"x"\r', 'set load.delimiter to "|"'),
    "no header": (b"1,2,3\n4,5,6\n", "the first line is like a record: a header must stand above it"),
    "web page": (b"\n<!DOCTYPE html>\n<html><body>Log in", "the file is a web page, as an export gives where it asks for a login"),
    "JSON": (b'[{"id": 1, "paid": 2}]', "the file is JSON; save it as CSV"),
    "XML": (b'<?xml version="1.0"?><sales/>', "the file is XML; save it as CSV"),
    "workbook": (archive(8, "xl/workbook.xml"), "sales.csv is an Excel workbook or another archive; save it as CSV"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "sales.csv is an Excel workbook; save it as CSV"),
    "gzipped": (gzip.compress(GOOD.encode()), "sales.csv is gzipped; end its name in .csv.gz"),
    "xz": (b"\xfd7zXZ\x00\x00", "sales.csv is packed by xz"),
    "UTF-16": (GOOD.encode("utf-16"), "sales.csv is text in UTF-16; set load.encoding to utf-16"),
    "UTF-16 without mark": ((GOOD * 9).encode("utf-16-be"), "sales.csv is text in UTF-16; set load.encoding to utf-16-be"),
    "column missing": (b"id,paid\n", "column day is missing; the header must name Id, paid, day, in any order"),
}  # fmt: skip


@pytest.mark.parametrize("case", FOUND)
def test_what_was_found_is_named(tmp_path: Path, case: str) -> None:
    content, sentence = FOUND[case]
    assert sentence in refusal(tmp_path, content)


def test_a_mark_of_another_encoding_is_told(tmp_path: Path) -> None:
    said = refusal(tmp_path, b"\xef\xbb\xbf" + GOOD.encode(), written=Format("latin-1"))
    assert said.endswith("the file is text in UTF-8; set load.encoding to utf-8")


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (["\n" * 2**20] * 9, r"sales\.csv:\d+: more than 500,000 empty lines follow"),
        (['4,"', *["x,\n" * 2**18] * 9], r"sales\.csv:3: .* longer than 2,000,000 characters, or its quote"),
    ],
    ids=["line breaks", "a quote never closed"],
)
def test_what_is_small_in_a_gz(tmp_path: Path, parts: list[str], sentence: str) -> None:
    said = refusal(tmp_path, gzip.compress("".join([GOOD, *parts]).encode(), 1), "sales.csv.gz")
    assert re.match(sentence, said), said


@pytest.mark.parametrize(
    ("parts", "code", "sentence"),
    [
        (
            ["x" * 2**20] * 100,
            "import test_odd_files as it; content = (folder / 'sales.csv.gz').read_bytes();"
            "print(it.refusal(folder, content, 'sales.csv.gz'))",
            r"sales\.csv:3: a record of 104,857,6\d\d characters, longer than 2,000,000",
        ),
        (
            [],
            "import test_problems_told as it; print(it.told(folder, ['x'] * 200_000)[0][0])",
            r"sales\.csv: all 200,000 records; first line 2: the record has 1 fields",
        ),
    ],
    ids=["a long line", "many lines that are no records"],
)
def test_an_odd_file_fills_no_memory(tmp_path: Path, parts: list[str], code: str, sentence: str) -> None:
    """In a process of its own, which takes about 120 MB; where DuckDB gets to see what is wrong, 400 MB and more."""
    with gzip.open(tmp_path / "sales.csv.gz", "wt", compresslevel=1) as stream:
        stream.writelines([GOOD, *parts])
    before = "import sys; from pathlib import Path; sys.path.append('tests'); folder = Path(sys.argv[1])"
    after = "print(Path('/proc/self/status').read_text())"
    command = [sys.executable, "-c", f"{before}; {code}; {after}", str(tmp_path)]
    said = subprocess.run(command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert re.match(sentence, said), said
    peak = re.search(r"^VmHWM:\s+(\d+) kB", said, re.MULTILINE)
    assert peak and int(peak[1]) < 250_000
