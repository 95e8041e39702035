"""A folder or .zip of CSVs -> checked files that an adapter can load.

DuckDB reads every file, whatever the target database: all fields as text, then each against the type that the
target declares. So one file means the same rows everywhere.
"""

import codecs
import csv
import gzip
import hashlib
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import duckdb

from job import interrupt
from job.errors import DataError
from job.sql import Statements

CHUNK = 1 << 20  # bytes
csv.field_size_limit(sys.maxsize)  # it only ever looks for the line of a record that DuckDB has read
# What a broken or encrypted .zip or .gz raises, one packed in a way that Python does not know, and a file without
# read rights.
UNREADABLE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)


@dataclass(frozen=True)
class CsvFile:
    """One CSV file, in a folder or in a .zip, and the table that it fills."""

    table: str
    path: Path  # the .zip, where member is given
    member: str | None = None

    @property
    def name(self) -> str:
        """The file's own name, without .gz, for messages and `loaded_files`."""
        return Path(self.member or self.path).name.removesuffix(".gz")

    @property
    def packed(self) -> bool:
        """It must be unpacked before DuckDB reads it."""
        return self.member is not None or self.path.suffix == ".gz"

    @contextmanager
    def open(self) -> Iterator[IO[bytes] | gzip.GzipFile]:
        """Give the uncompressed bytes. Raises DataError where the file cannot be read."""
        try:
            if self.member:
                with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as stream:
                    yield stream
            else:
                with gzip.open(self.path) if self.packed else self.path.open("rb") as stream:
                    yield stream
        except UNREADABLE as error:
            raise DataError(f"{self.path}: {self.name} cannot be read ({error}); get the file again") from error

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of the uncompressed content, in hex."""
        digest = hashlib.sha256()
        with self.open() as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest()


@dataclass(frozen=True)
class Column:
    """A table's column as the database declares it."""

    name: str
    type: str  # in DuckDB's words, as DuckDB reads the files
    required: bool
    max_length: int | None = None  # characters

    @property
    def scale(self) -> int:
        """The decimal places of a DECIMAL(precision,scale)."""
        return int(self.type.rstrip(")").rpartition(",")[2])


@dataclass(frozen=True)
class CheckedFile:
    """A file whose every field fits the table, ready to be loaded."""

    source: CsvFile
    path: Path  # uncompressed
    header: Sequence[str]  # the file's columns in the file's order
    columns: Sequence[Column]  # the table's columns in the table's order
    records: int
    reader: "Reader"

    def export(self, folder: Path, null: str) -> Path:
        """Write the records to a normalised CSV in the folder; return its path.

        The columns are the table's, without a header line; NULL is written as `null`, unquoted, and a text that
        reads the same is quoted; lines end in LF.
        """
        path = folder / "records.csv"
        self.reader.run("csv_export", file=self, target=path, null=null)
        return path

    def rows(self, size: int) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the records, `size` at a time, as Python values of the table's types, in its order of columns."""
        yield from self.reader.stream("csv_rows", size, file=self)


class Reader:
    """An in-memory DuckDB that reads the files, and the temporary folder that .zip members are unpacked to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._statements = Statements("duckdb")
        self._connection = duckdb.connect()
        self._connection.execute("SET enable_progress_bar = false")
        self._connection.execute("SET temp_directory = $folder", {"folder": str(folder / "spilled")})

    def run(self, name: str, **context: Any) -> list[dict[str, Any]]:
        """Run the statements of sql/duckdb/NAME.sql; return the rows of the last one."""
        rows: list[dict[str, Any]] = []
        for statement in self._statements.render(name, **context):
            with interrupt.cancellable(self._connection.interrupt):
                cursor = self._connection.execute(statement)
                names = [column[0] for column in cursor.description or ()]
                rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return rows

    def stream(self, name: str, size: int, **context: Any) -> Iterator[list[tuple[Any, ...]]]:
        """Run the one statement of sql/duckdb/NAME.sql; yield its rows, `size` at a time."""
        [statement] = self._statements.render(name, **context)
        with closing(self._connection.cursor()) as cursor:
            with interrupt.cancellable(cursor.interrupt):
                cursor.execute(statement)
                rows = cursor.fetchmany(size)
            while rows:
                yield rows
                with interrupt.cancellable(cursor.interrupt):
                    rows = cursor.fetchmany(size)

    def check(self, file: CsvFile, columns: Sequence[Column]) -> CheckedFile:
        """Compare every field of the file with the table's columns.

        An empty field, quoted or not, is NULL. Raises DataError with the file, line, column and value of the first
        problem and the number of all.
        """
        path = self._unpacked(file)
        header = _header(file.name, path, [column.name for column in columns])
        checked = CheckedFile(file, path, header, columns, 0, self)
        try:
            [result] = self.run("csv_check", file=checked)
        except duckdb.Error as error:
            raise DataError(f"{file.name}: not readable as CSV: {str(error).splitlines()[0]}") from error
        self._refuse_broken_records(checked)
        refused = {column: count for number, column in enumerate(columns) if (count := result[f"refused{number}"])}
        if refused:
            self._refuse_values(checked, list(refused), sum(refused.values()))
        return replace(checked, records=result["records"])

    def _refuse_broken_records(self, file: CheckedFile) -> None:
        broken = self.run("csv_broken")
        if broken:
            line = _line_at(file.path, broken[0]["byte_position"] - 1)
            what = broken[0]["error_message"].splitlines()[0]
            raise DataError(f"{file.source.name}:{line}: not a record of {len(file.header)} fields: {what}")

    def _refuse_values(self, file: CheckedFile, columns: Sequence[Column], count: int) -> None:
        [first] = self.run("csv_refused", file=file, refused=columns)
        [column] = [column for column in columns if column.name == first["column"]]
        line = _line_of_record(file.path, first["record"])
        more = f" (and {count - 1} more values in this file)" if count > 1 else ""
        raise DataError(f"{file.source.name}:{line}: {column.name}: {_complaint(first['value'], column)}{more}")

    def _unpacked(self, file: CsvFile) -> Path:
        """Return a path in the folder that DuckDB can read, its content checked: a copy of what is packed, else a link.

        Also a link has a plain name: DuckDB would take a [, * or ? in a path for a pattern.
        """
        path = self._folder / f"{file.fingerprint}.csv"
        path.unlink(missing_ok=True)
        if file.packed:
            with path.open("wb") as target:
                target.writelines(_checked_text(file))
        else:
            for _ in _checked_text(file):
                pass
            path.symlink_to(file.path.resolve())
        return path

    def close(self) -> None:
        """Let go of the memory."""
        self._connection.close()


@contextmanager
def csv_reader() -> Iterator[Reader]:
    """Give a Reader; its temporary files go with it."""
    with tempfile.TemporaryDirectory(prefix="clientela-") as folder:
        opened = Reader(Path(folder))
        try:
            yield opened
        finally:
            opened.close()


def find(data: Path, tables: Mapping[str, str]) -> list[CsvFile]:
    """Return the file of every table, in the tables' order.

    data: a folder, whose files may be gzipped (.csv.gz), or a .zip whose inner folders do not matter.
    Raises DataError naming every file that is missing or there twice.
    """
    try:
        found = _candidates(data)
    except UNREADABLE as error:
        raise DataError(f"{data} cannot be read ({error}); mend its rights, or get it again") from error
    names = Counter(file.name for file in found)
    for problem, count in (("lacks", 0), ("has more than one", 2)):
        if wrong := [name for name in tables.values() if min(names[name], 2) == count]:
            raise DataError(f"{data} {problem} {', '.join(wrong)}; mend the data, or load.tables in the config")
    by_name = {file.name: file for file in found}
    return [replace(by_name[name], table=table) for table, name in tables.items()]


def _candidates(data: Path) -> list[CsvFile]:
    if data.is_dir():
        return [CsvFile("", path) for path in data.iterdir() if path.is_file()]
    if zipfile.is_zipfile(data):
        with zipfile.ZipFile(data) as archive:
            members = [member for member in archive.namelist() if not member.startswith("__MACOSX/")]
        return [CsvFile("", data, member) for member in members if not member.endswith("/")]
    if data.exists():
        raise DataError(f"{data} is neither a folder nor a readable .zip of CSV files; give one with --data")
    raise DataError(f"{data} does not exist; give a folder or a .zip of CSV files with --data, or `make sample`")


def _checked_text(file: CsvFile) -> Iterator[bytes]:
    """Yield the file's content in chunks. Raises DataError where it is not UTF-8 or has a NUL byte."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with file.open() as source:
        while True:
            chunk = source.read(CHUNK)
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                byte = error.object[error.start]
                raise DataError(
                    f"{file.name}:{line}: byte 0x{byte:02x} is not UTF-8; save the file as UTF-8"
                ) from error
            if b"\0" in chunk:
                line += chunk[: chunk.index(b"\0")].count(b"\n")
                raise DataError(f"{file.name}:{line}: a NUL byte, which databases do not store as text; remove it")
            if not chunk:
                return
            line += chunk.count(b"\n")
            yield chunk


def _header(name: str, path: Path, columns: Sequence[str]) -> list[str]:
    """Return the table's column for each field of the file's first line; case does not matter.

    Raises DataError for a column that is missing, unknown or given twice.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header = next(csv.reader(stream), [])
    known = {column.lower(): column for column in columns}
    fields = [known.get(field.strip().lower(), field) for field in header]
    missing = [column for column in columns if column not in fields]
    unknown = [field for field in fields if field not in columns]
    doubled = sorted({field for field in fields if fields.count(field) > 1})
    for problem, names in (("missing", missing), ("unknown", unknown), ("given twice", doubled)):
        if names:
            raise DataError(
                f"{name}:1: column {', '.join(names)} is {problem}; the header must name {', '.join(columns)}, "
                "in any order"
            )
    return fields


def _line_at(path: Path, position: int) -> int:
    """Return the line, as an editor counts, of the byte at the position."""
    line = 1
    with path.open("rb") as stream:
        while chunk := stream.read(min(CHUNK, position)):
            line += chunk.count(b"\n")
            position -= len(chunk)
    return line


def _line_of_record(path: Path, number: int) -> int:
    """Return the line, as an editor counts, on which the record starts; the record after the header is number 1."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(stream)
        line, record = 1, -1
        for row in rows:
            record += bool(row)  # empty lines are no records
            if record == number:
                return line
            line = rows.line_num + 1
    return line


def _complaint(value: str | None, column: Column) -> str:
    if value is None:
        return "the value is missing, and the column requires one"
    shown = value if len(value) <= 60 else value[:57] + "..."
    if column.type == "VARCHAR" and column.required and value.endswith(" "):
        return f"'{shown}' ends in a space, which not every database tells apart"
    if column.type == "VARCHAR":
        return f"'{shown}' is longer than {column.max_length} characters"
    return f"'{shown}' is not a value of type {column.type}"
