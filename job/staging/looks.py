"""What a file looks like that is no CSV file of its table, in words: for the sentence that refuses it."""

import re
from collections.abc import Sequence

WORKBOOK = (
    "in Excel, save each sheet by itself: File, Save As, CSV UTF-8 (Comma delimited); in other programs, export or "
    "download each as CSV"
)
SIGNATURE = 8  # bytes by which an old workbook is known

# How other files begin, what these are, and the way out.
SIGNATURES = (
    (rb"PK\x03\x04", "an Excel workbook or another archive", "save it as CSV, or end its name in .zip"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook", "save it as CSV"),
    (rb"\x1f\x8b", "gzipped", "end its name in .csv.gz"),
    (rb"BZh[1-9]1AY&SY", "packed by bzip2", "unpack it, or pack it by gzip"),
    (rb"\xfd7zXZ\x00", "packed by xz", "unpack it, or pack it by gzip"),
    (rb"\x28\xb5\x2f\xfd", "packed by zstd", "unpack it, or pack it by gzip"),
    (rb"7z\xbc\xaf\x27\x1c", "packed by 7-Zip", "unpack it, or pack it as .zip"),
    (rb"Rar!\x1a\x07", "packed by RAR", "unpack it, or pack it as .zip"),
    (rb"PAR1[\x00-\x1f]", "a Parquet file", "end its name in .parquet"),
    (rb"SQLite format 3\x00", "an SQLite database", "save its tables as CSV"),
    (rb"%PDF-", "a PDF", "save it as CSV"),
    (rb"\xff\xfe\x00\x00|\x00\x00\xfe\xff", "text in UTF-32", "set load.encoding to utf-32"),
    (rb"\xff\xfe|\xfe\xff", "text in UTF-16", "set load.encoding to utf-16"),
    (rb"(?:[^\x00]\x00){20}", "text in UTF-16", "set load.encoding to utf-16-le"),
    (rb"(?:\x00[^\x00]){20}", "text in UTF-16", "set load.encoding to utf-16-be"),
)
MARKUP = (
    (r"<!doctype html|<html", "a web page, as an export gives where it asks for a login"),
    (r"<", "XML"),
    (r"[{\[]\s*[\"{\[]", "JSON"),
)
DELIMITERS = ",;\t|:^~\x1f\x01"
LINES = 50  # that are looked at


def is_workbook(members: Sequence[str]) -> bool:
    """Tell whether an archive with these files is a spreadsheet's."""
    return "[Content_Types].xml" in members and any(name.startswith("xl/") for name in members)


def is_old_workbook(start: bytes) -> bool:
    """Tell by a file's first bytes whether it is a spreadsheet of before 2007."""
    return start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def is_workbook_name(name: str) -> bool:
    """Tell by its name whether a file is a spreadsheet."""
    return name.lower().endswith((".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"))


def binary(start: bytes, encoding: str) -> str:
    """Return what the file is by its first bytes, and the way out; empty where it may be text in the encoding."""
    if encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32")):
        return ""
    return next((f"is {what}; {way_out}" for sign, what, way_out in SIGNATURES if re.match(sign, start)), "")


def markup(text: str) -> str:
    """Return what the text is in place of CSV; empty where that is not known."""
    start = text.lstrip("\ufeff \t\r\n")
    what = next((what for sign, what in MARKUP if re.match(sign, start, re.IGNORECASE)), "")
    return f"the file is {what}; save it as CSV" if what else ""


def header_elsewhere(text: str, columns: Sequence[str], delimiter: str) -> str:
    """Return where the header is or what it is written with, by the file's first lines, and the way out; or nothing."""
    if not text.strip("\ufeff \t\r\n"):
        return "the file is empty"
    lines = [(number, line) for number, line in enumerate(text.splitlines()[:LINES], 1) if line.strip()]
    first = lines[0][1].removeprefix("\ufeff")
    if separator := re.fullmatch(r'"?sep=(.)"?', first.strip(), re.IGNORECASE):
        return f"the line {first.strip()} is for spreadsheets alone: remove it{_delimiter(separator[1], delimiter)}"
    if first.startswith("ï»¿"):
        return "the file is text in UTF-8; set load.encoding to utf-8"
    wanted = {column.lower() for column in columns}
    here = _names(first, delimiter, wanted)
    found, number, written = max(
        (_names(line, each, wanted), -number, each) for number, line in lines for each in {delimiter, *DELIMITERS}
    )
    if found > here and 2 * found >= len(wanted):
        above = "" if -number == lines[0][0] else f"line {-number} is like the header: remove what stands above it"
        separated = _delimiter(written, delimiter)
        return (above + separated).removeprefix(", and ")
    if not here and len(first.split(delimiter)) == len(columns):
        return "the first line is like a record: a header must stand above it"
    return markup(text)


def _names(line: str, delimiter: str, wanted: set[str]) -> int:
    """Return how many of the columns the line names."""
    return len({field.strip(" \"'\ufeff").lower() for field in line.split(delimiter)} & wanted)


def _delimiter(found: str, declared: str) -> str:
    shown = '"\\t"' if found == "\t" else f'"{found}"'
    return "" if found == declared else f", and set load.delimiter to {shown}"
