"""Rejected records: what is wrong with them in words, and the files that they can be corrected in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from job.errors import DatabaseError
from job.staging.area import Problem, StagedFile, Staging
from job.staging.casts import MICROSECONDS
from job.staging.records import Record, records
from job.tables import Column

SHOWN = 20  # problems in an error
SAME_KEY = {"duplicate": "", "alike": ", by the collation of the table, which tells them not apart"}
SHOWN_WORDS = 10  # of an ENUM
KINDS = {
    "BOOLEAN": "a boolean: true, t, yes, y, 1, false, f, no, n or 0",
    "DATE": "a date without a time of day",
    "DOUBLE": "a finite number",
    "FLOAT": "a number of the few digits that a FLOAT holds exactly",
    "JSON": "JSON",
    "NUMERIC": "a number",
    "TIME": "a time of day",
    "UUID": "a UUID",
}


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong with a record."""

    column: str  # empty: the record as a whole
    value: str | None
    reason: str  # `is not a timestamp`

    def __str__(self) -> str:
        value = f"value '{_shortened(self.value)}' " if self.value is not None else ""
        return f"{self.column}: {value}{self.reason}" if self.column else f" {self.reason}"


@dataclass(frozen=True)
class Reject:
    """A record that is not loaded, and why."""

    record: Record
    complaints: Sequence[Complaint]


def find(staging: Staging, file: StagedFile, limit: int | None = None) -> Iterator[Reject]:
    """Yield the file's rejected records in its order: all, or the first `limit`."""
    if not file.rejected:
        return
    problems: dict[int, list[Problem]] = {}
    for problem in staging.problems(file, limit):
        problems.setdefault(problem.record, []).append(problem)
    key_lines = {  # the line of each record that has a doubled key first, as it comes by
        int(problem.other or 0): 0 for its in problems.values() for problem in its if problem.kind in SAME_KEY
    }
    # Where only the first problems were asked for, what comes behind them is passed over.
    last = max(problems) if limit and sum(map(len, problems.values())) == limit else file.records
    number = -1  # of the record among those that have as many fields as the header
    rejected = 0
    for record in islice(records(file.source, staging.original(file)), 1, None):
        if record.fits_header(len(file.fields)):
            number += 1
            if number in key_lines:
                key_lines[number] = record.line
            if number not in problems:
                continue
            yield Reject(record, [_complaint(problem, file, key_lines) for problem in problems[number]])
        else:
            yield Reject(record, [_other_fields(record, file)])
        rejected += 1
        if rejected in (limit, file.rejected) or number >= last:
            return
    raise DatabaseError(
        f"{file.source.name}: {file.rejected - rejected} rejected records are nowhere; please report this"
    )


def sentences(staging: Staging, file: StagedFile, limit: int = SHOWN) -> list[str]:
    """Return the first problems of the file, each as `FILE:LINE:COLUMN: value 'x' is not a timestamp`."""
    return [
        f"{file.source.name}:{reject.record.line}:{complaint}"
        for reject in find(staging, file, limit)
        for complaint in reject.complaints
    ][:limit]


def write(staging: Staging, file: StagedFile, path: Path) -> Iterator[Reject]:
    """Add the rejected records to the file at the path, as they stand in theirs, below its header; yield each."""
    with path.open("a", encoding=file.source.format.encoding, newline="") as target:
        if not target.tell():
            target.write(next(records(file.source, staging.original(file))).text)
        for reject in find(staging, file):
            target.write(reject.record.text)
            if not reject.record.text.endswith(("\n", "\r")):
                target.write("\n")
            yield reject


def _other_fields(record: Record, file: StagedFile) -> Complaint:
    return Complaint("", None, f"the record has {len(record.fields)} fields, and the header {len(file.fields)}")


def _complaint(problem: Problem, file: StagedFile, key_lines: Mapping[int, int]) -> Complaint:
    if problem.kind in SAME_KEY:
        reason = f"is the key of line {key_lines[int(problem.other or 0)]}, too{SAME_KEY[problem.kind]}"
    elif problem.kind == "orphan":
        reason = f"has no match in {problem.other}"
    else:
        [column] = [column for column in file.columns if column.name == problem.column]
        reason = _refusal(problem.value, column)
    return Complaint(problem.column, problem.value, reason)


def _refusal(value: str | None, column: Column) -> str:
    if value is None:
        return "the value is missing, and the column requires one"
    if column.type == "VARCHAR":
        return _text_refusal(value, column)
    if column.type == "ENUM":
        more = ", ..." if len(column.words) > SHOWN_WORDS else ""
        return f"is none of {', '.join(column.words[:SHOWN_WORDS])}{more}"
    return f"is not {_kind(column)}{_limits(column)}"


def _kind(column: Column) -> str:
    """Return what a value of the column is."""
    if "(" in column.type:
        digits, scale = column.precision
        return f"a number with at most {digits - scale} digits before and {scale} after the point"
    if column.base in ("TIME", "TIMESTAMP") and column.second_digits < MICROSECONDS:
        what = "a time of day" if column.type == "TIME" else "a timestamp"
        return f"{what} with at most {column.second_digits} digits of a second after the point"
    if column.base.startswith("TIMESTAMP"):
        return "a timestamp"
    whole = "a whole number" if column.most else f"a whole number of type {column.type}"
    return ("a boolean or " if column.boolean else "") + KINDS.get(column.type, whole)


def _limits(column: Column) -> str:
    if column.most:
        return f" from {column.least} to {column.most}"
    return f" from {column.least} on" if column.least else ""


def _text_refusal(value: str, column: Column) -> str:
    if column.max_length and len(value) > column.max_length:
        return f"is longer than {column.max_length} characters"
    if column.max_bytes and len(value.encode()) > column.max_bytes:
        return f"is longer than {column.max_bytes} bytes"
    return "ends in a space, which not every database tells apart"


def _shortened(value: str) -> str:
    return value if len(value) <= 60 else value[:57] + "..."
