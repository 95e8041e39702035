"""Rejected records: what is wrong with them in words, and the files that they can be corrected in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path

from job.errors import DatabaseError
from job.staging.area import Problem, StagedFile, StagedPart, Staging
from job.staging.casts import MICROSECONDS, is_number
from job.staging.records import Record, records
from job.staging.values import MARKERS, Values
from job.tables import Column

SHOWN = 20  # lines of problems in an error
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
# A column's problems are told in one line if there are more than so many, and at least such a share of the records have
# them; or all records, and more than a few.
COMMON_SHARE = 0.1


Place = tuple[int, int]  # which of a table's files, and the line


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong with a record."""

    column: str  # empty: the record as a whole
    value: str | None
    reason: str  # `is not a timestamp`
    kind: str = "fields"  # value, duplicate, orphan, present, or fields: it has not as many as the header

    def __str__(self) -> str:
        value = f"value '{_shortened(self.value)}' " if self.value is not None else ""
        return f"{self.column}: {value}{self.reason}" if self.column else f" {self.reason}"


@dataclass(frozen=True)
class Reject:
    """A record that is not loaded, and why."""

    part: int  # of the table's files, from 0
    record: Record
    complaints: Sequence[Complaint]


def find(staging: Staging, file: StagedFile, limit: int | None = None) -> Iterator[Reject]:
    """Yield the file's rejected records in its order: all, or as many as have the first `limit` of each complaint."""
    if not file.rejected:
        return
    problems: dict[int, list[Problem]] = {}
    for problem in staging.problems(file, limit):
        problems.setdefault(problem.record, []).append(problem)
    key_lines = {  # where each record stands that has a doubled key first, as it comes by
        int(problem.other or 0): "" for its in problems.values() for problem in its if problem.kind in SAME_KEY
    }
    number = -1  # of the record among those that have as many fields as the header
    broken = min(file.broken, limit or file.broken)  # that are to come
    for index, part in enumerate(file.parts):
        of_file = f" of {part.source.name}" if len(file.parts) > 1 else ""
        for record in islice(records(part.source, part.unpacked), 1, None):
            if record.fits_header(len(part.fields)):
                number += 1
                if number in key_lines:
                    key_lines[number] = f"line {record.line}{of_file}"
                if number not in problems:
                    continue
                yield Reject(index, record, [_complaint(problem, file, key_lines) for problem in problems.pop(number)])
            elif broken:
                broken -= 1
                yield Reject(index, record, [_other_fields(record, part)])
            if not problems and not broken:
                return
    raise DatabaseError(
        f"{file.source.name}: {len(problems) + broken} rejected records are nowhere; please report this"
    )


@dataclass
class _Group:
    """The problems of one kind that a file has in one column."""

    file: StagedFile
    kind: str
    problems: int
    first: list[tuple[Place, Complaint]]
    shown: int = 0  # of them

    @property
    def common(self) -> bool:
        """Tell whether one sentence stands for them all."""
        return self.problems > SHOWN and self.problems >= COMMON_SHARE * self.file.records

    def sentences(self) -> list[tuple[Place, str]]:
        """Return the lines to show, each with its place in the files."""
        names = [part.source.name for part in self.file.parts]
        if not self.common:
            return [(place, f"{names[place[0]]}:{place[1]}:{each}") for place, each in self.first[: self.shown]]
        place, first = self.first[0]
        line = f"{place[1]}{f' of {names[place[0]]}' if len(names) > 1 else ''}"
        whole = self.problems == self.file.records
        count = f"all {self.problems:,}" if whole else f"{self.problems:,} of {self.file.records:,}"
        what = f"values of {first.column}" if first.column else "records"
        value = f"'{_shortened(first.value)}' " if first.value is not None else ""
        sentence = f"{self.file.source.name}: {count} {what}; first line {line}: {value}{first.reason}"
        return [(place, sentence + _advice(first, self.file))]


def told(staging: Staging, files: Sequence[StagedFile], limit: int = SHOWN) -> tuple[list[str], int]:
    """Return the files' problems as lines, and how many problems none of these stands for.

    A line is `FILE:LINE:COLUMN: value 'x' is not a timestamp`; one stands for all of a column where they are common. Of
    the others, each column has its share of the lines.
    """
    groups = [group for file in files for group in _groups(staging, file, limit)]
    left = limit
    for group in groups:
        if group.common and left:
            group.shown = 1
            left -= 1
    while left and (waiting := [each for each in groups if not each.common and each.shown < len(each.first)]):
        for group in waiting[:left]:
            group.shown += 1
        left -= len(waiting[:left])
    by_file = {file.table: [group for group in groups if group.file is file and group.shown] for file in files}
    lines = [line for its in by_file.values() for _, line in sorted(s for group in its for s in group.sentences())]
    told_of = sum(group.problems if group.common else group.shown for group in groups if group.shown)
    return lines, sum(group.problems for group in groups) - told_of


def _groups(staging: Staging, file: StagedFile, limit: int) -> list[_Group]:
    counts = staging.problem_counts(file)
    first: dict[tuple[str, str], list[tuple[Place, Complaint]]] = {key: [] for key in counts}
    for reject in find(staging, file, limit):
        for complaint in reject.complaints:
            first[complaint.kind, complaint.column].append(((reject.part, reject.record.line), complaint))
    return [_Group(file, kind, count, first[kind, column]) for (kind, column), count in counts.items()]


def sentences(staging: Staging, file: StagedFile, limit: int = SHOWN) -> list[str]:
    """Return the first problems of the file as `told` tells them."""
    return told(staging, [file], limit)[0]


def write(staging: Staging, file: StagedFile, paths: Sequence[Path]) -> Iterator[Reject]:
    """Add the rejected records of each file to that at its path, as they stand, below its header; yield each."""
    for index, found in groupby(find(staging, file), key=lambda reject: reject.part):
        part = file.parts[index]
        with paths[index].open("a", encoding=part.source.format.encoding, newline="") as target:
            if not target.tell():
                target.write(next(records(part.source, part.unpacked)).text)
            for reject in found:
                target.write(reject.record.text)
                if not reject.record.text.endswith(("\n", "\r")):
                    target.write("\n")
                yield reject


def _other_fields(record: Record, part: StagedPart) -> Complaint:
    return Complaint("", None, f"the record has {len(record.fields)} fields, and the header {len(part.fields)}")


def _complaint(problem: Problem, file: StagedFile, key_lines: Mapping[int, str]) -> Complaint:
    if problem.kind in SAME_KEY:
        reason = f"is the key of {key_lines[int(problem.other or 0)]}, too{SAME_KEY[problem.kind]}"
    elif problem.kind == "orphan":
        reason = f"has no match in {problem.other}"
    elif problem.kind == "present":
        reason = f"is the key of a row that {problem.other} has already"
    else:
        [column] = [column for column in file.columns if column.name == problem.column]
        reason = _refusal(problem.value, column, file.source.format.of(column.name))
    return Complaint(problem.column, problem.value, reason, problem.kind)


def _refusal(value: str | None, column: Column, written: Values) -> str:
    if value is None:
        marked = f" or one of {', '.join(written.nulls)}" if written.nulls else ""
        return f"the value is missing{marked}, and the column requires one"
    if column.charset and not column.charset.holds(value):
        return f"has '{next(column.charset.lacking(value))}', which {column.charset.title} cannot hold"
    if column.type == "VARCHAR":
        return _text_refusal(value, column)
    if column.type == "ENUM":
        more = ", ..." if len(column.words) > SHOWN_WORDS else ""
        return f"is none of {', '.join(column.words[:SHOWN_WORDS])}{more}"
    so = f", written as {written.example} is" if is_number(column) and not written.plain else ""
    return f"is not {_kind(column)}{_limits(column)}{so}"


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


ADVICE = {
    "fields": "; see load.delimiter",
    "orphan": "; is the file of that table complete?",
    "present": "; were they added before? load.mode merge takes records that are there",
}
NUMBERS = "; see load.decimal, load.thousands, load.currency and load.negatives"
PLAINLY = f"; numbers are written as 1234.56: no decimal comma, no separators of thousands, no currency{NUMBERS}"


def _advice(complaint: Complaint, file: StagedFile) -> str:
    """Return what to do where many records have the same problem."""
    if complaint.kind != "value" or complaint.value is None:
        return ADVICE.get(complaint.kind, "")
    if complaint.value in MARKERS:
        return "; see load.nulls, if it stands for no value"
    [column] = [column for column in file.columns if column.name == complaint.column]
    if column.type.startswith(("TIME", "DATE")):
        return "; see load.timestamp_formats"
    if not (is_number(column) and re.search("[0-9]", complaint.value)):
        return ""
    return PLAINLY if file.source.format.of(column.name).plain else NUMBERS


def _shortened(value: str) -> str:
    return value if len(value) <= 60 else value[:57] + "..."
