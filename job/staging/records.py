"""The records of a CSV file as Python's csv module reads them: exact, where a place in the file must be named."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from job.errors import DataError
from job.staging import looks
from job.staging.csvfiles import CsvFile

LONGEST_RECORD = 2_000_000  # bytes; more is refused, so that a quote that is never closed does not fill the memory
csv.field_size_limit(LONGEST_RECORD)

START = 100_000  # characters of a file that are looked at where its header does not fit
SHOWN_NAMES, SHOWN_CHARACTERS = 30, 60  # of columns, in a sentence


@dataclass(frozen=True)
class Record:
    """One record as Python's csv module reads it."""

    line: int  # on which it starts, as an editor counts
    text: str  # as it stands in the file, with its line end
    fields: Sequence[str]

    @property
    def size(self) -> int:
        """The bytes that it takes at most, with all fields quoted."""
        if len(self.text) < LONGEST_RECORD // 10:
            return 10 * len(self.text)
        return sum(2 * len(field.encode()) + 3 for field in self.fields)

    def fits_header(self, fields: int) -> bool:
        """Tell whether it has as many fields as the header, or more of which the surplus is empty."""
        return len(self.fields) >= fields and not any(self.fields[fields:])


def records(file: CsvFile, path: Path) -> Iterator[Record]:
    """Yield the records of the unpacked file, the header first; lines with nothing on them are none.

    Slow beside DuckDB, and exact. Raises DataError where quotes do not match: where that record
    ends, and the next begins, nobody can know.
    """
    lines_of_record: list[str] = []
    line = 1

    def lines(stream: IO[str]) -> Iterator[str]:
        while text := stream.readline(LONGEST_RECORD + 1):
            if len(text) > LONGEST_RECORD and not text.endswith(("\n", "\r")):
                raise DataError(f"{file.name}:{line}: {_too_long(len(text) + _rest_of_line(stream))}")
            lines_of_record.append(text)
            yield text

    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.reader(lines(stream), delimiter=file.format.delimiter, strict=True)
        while True:
            lines_of_record.clear()
            try:
                fields = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                raise DataError(f"{file.name}:{line}: {_what_is_wrong(error)}; correct the record") from error
            if fields:
                record = Record(line, "".join(lines_of_record), fields)
                if record.size > LONGEST_RECORD:
                    raise DataError(f"{file.name}:{line}: {_too_long(len(record.text))}")
                yield record
            line = rows.line_num + 1


def _rest_of_line(stream: IO[str]) -> int:
    """Return how many characters are to come on the line."""
    size = 0
    while part := stream.readline(LONGEST_RECORD):
        size += len(part)
        if part.endswith(("\n", "\r")):
            break
    return size


def _too_long(size: int) -> str:
    return f"a record of {size:,} characters, longer than {LONGEST_RECORD:,}; is it the right file?"


def _what_is_wrong(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"a field is longer than {LONGEST_RECORD:,} characters, or its quote is never closed"
    return "a quote is never closed" if "end of data" in str(error) else "text stands behind a closing quote"


def rewrite(file: CsvFile, path: Path, target: Path, fields: int) -> tuple[int, int]:
    """Write the unpacked file anew, as plainly as a CSV can be: every field quoted, lines end in LF.

    Records that do not fit a header of so many fields are left out. Returns how many are written, without the header,
    and how many are left out.
    """
    written, left_out = -1, 0
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=file.format.delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for record in records(file, path):
            if record.fits_header(fields):
                writer.writerow(record.fields[:fields])
                written += 1
            else:
                left_out += 1
    return written, left_out


def header(
    file: CsvFile, path: Path, columns: Sequence[str], generated: Sequence[str] = ()
) -> tuple[int, list[str | None]]:
    """Return the header's line, and for each of its fields the table's column, whose case does not matter.

    A field that is no column of the table is None, where such are ignored. generated: columns that the database fills
    by itself, which count as unknown. Raises DataError for a column that is missing, unknown or given twice.
    """
    with path.open(encoding="utf-8", errors="replace") as stream:
        start = stream.read(START)
    try:
        first = next(records(file, path), Record(1, "", []))
    except DataError as error:
        what = looks.header_elsewhere(start, columns, file.format.delimiter)
        raise (DataError(f"{file.name}:1: {what}") if what else error) from error
    known = {column.lower(): column for column in columns}
    fields = [known.get(field.strip().lower()) for field in first.fields]
    missing = [column for column in columns if column not in fields]
    unknown = [field for field, column in zip(first.fields, fields, strict=True) if column is None]
    doubled = [_places(column, fields) for column in columns if fields.count(column) > 1]
    computed = [field for field in unknown if field.strip().lower() in {name.lower() for name in generated}]
    for problem, names in (
        ("missing", missing),
        ("filled by the database itself", [] if file.format.ignore_unknown else computed),
        ("unknown", [] if file.format.ignore_unknown else unknown),
        ("given twice", doubled),
    ):
        if names:
            found = looks.header_elsewhere(start, columns, file.format.delimiter)
            must = f"the header must name {_listed(columns)}, in any order"
            raise DataError(f"{file.name}:{first.line}: column {_listed(names)} is {problem}; {found or must}")
    return first.line, fields


def _places(column: str, fields: Sequence[str | None]) -> str:
    """Return a column's name with the numbers of its fields."""
    numbers = [str(number) for number, field in enumerate(fields, start=1) if field == column]
    return f"{column} (fields {' and '.join(numbers)})"


def _listed(names: Sequence[str]) -> str:
    """Return the names for a sentence: the first of many, long ones cut."""
    shown = [name if len(name) <= SHOWN_CHARACTERS else f"{name[:SHOWN_CHARACTERS]}..." for name in names[:SHOWN_NAMES]]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest:,} more" if rest else "")
