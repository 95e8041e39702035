"""What type a column of texts has, and how its values are written: by looking at all of them, once. Nothing is guessed
that could mean two things: such a column stays a text, unless somebody says it.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from job.setup import ranking, texts
from job.setup.shop import flat
from job.staging.area import StagedFile, Staging
from job.staging.casts import cast
from job.staging.values import MARKERS, MINUS, PLAIN, Values
from job.tables import Column

NO_VALUE = "some records have a text for no value: see load.formats"
MOST_DIGITS = 38
USUAL_DIGITS = 18
MOST_SCALE = 9
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
OFFSETS = ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%d %H:%M:%S%z")
WORDS = ("%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%B %d, %Y", "%d %B %Y", "%d-%b-%y")
YEAR_FIRST = ("%Y/%m/%d", "%Y.%m.%d", "%Y%m%d")
DAY_FIRST = {mark: (f"%d{mark}%m{mark}%Y", f"%d{mark}%m{mark}%y") for mark in "/.-"}
MONTH_FIRST = {mark: (f"%m{mark}%d{mark}%Y", f"%m{mark}%d{mark}%y") for mark in "/.-"}
THOUSANDS_OR_DECIMALS = re.compile(r"[+-]?[1-9]\d{0,2}([.,])\d{3}")
SEPARATORS = ",.' \u00a0\u202f"
SIGNS = ("kr", "kr.", "Kr", "zł", "Kč", "Ft", "lei", "Lei", "Fr", "Fr.", "SFr.", "RM", "Rs", "Rs.", "Rp", "S/")
CODES = re.compile(
    "AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KRW|MXN|MYR|NGN|NOK|NZD|PEN|PHP"
    "|PLN|RON|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|UYU|VND|ZAR",
    re.IGNORECASE,
)
# Of a format of time, what is no number
PARTS = {"%b": r"[^\W\d]+", "%B": r"[^\W\d]+", "%p": "[AaPp][Mm]", "%z": ".+", "%f": r"\d+"}
DATED = re.compile(
    r"(?i)\d{8}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.*|\d{1,2}[ -][a-z]{3,9}[ -]\d{2,4}.*|[a-z]{3,9} \d{1,2}, \d{4}.*"
)


@dataclass(frozen=True)
class Asked:
    """What somebody has said of dates and numbers that could mean two things; None: nothing."""

    day_first: bool | None = None  # of 1/2/2025
    decimal: str | None = None  # of 1,234


@dataclass(frozen=True)
class Found:
    """What a column is."""

    name: str
    type: str = "VARCHAR"
    values: Values = PLAIN
    is_key: bool = False
    unclear: str = ""  # dates or numbers: what it may be, as it could mean two things
    about: str = ""  # for a comment
    longest: int = 0  # characters of a value
    markers: tuple[str, ...] = ()  # of its texts, those that programs write for no value


def found(staging: Staging, file: StagedFile, name: str, asked: Asked) -> Found:
    """Return what the column of a staged file of texts is."""
    seen = _look(staging, file, name)
    return replace(_of(staging, file, name, asked, seen), longest=seen["longest"] or 0)


def _look(staging: Staging, file: StagedFile, name: str) -> dict[str, Any]:
    text = Column(name, "VARCHAR", required=False)
    kinds = {type_: cast(_as(name, type_)) for type_ in ("BIGINT", "DOUBLE", "TIMESTAMP", "DATE")}
    kinds["BOOLEAN"] = f"CASE WHEN {_quoted(text)} IN ('true', 'false', 'TRUE', 'FALSE', 'True', 'False') THEN 1 END"
    [seen] = staging.look("looked_at", file=file, column=name, kinds=kinds, decimal=".")
    return seen


def _of(staging: Staging, file: StagedFile, name: str, asked: Asked, seen: dict[str, Any]) -> Found:
    if not seen["values"]:
        return Found(name, about="no record has a value")
    is_key = seen["values"] == seen["different"] == seen["records"]
    if seen["values"] == seen["BOOLEAN"]:
        return Found(name, "BOOLEAN")
    if seen["values"] == seen["TIMESTAMP"]:
        return Found(name, "DATE" if seen["values"] == seen["DATE"] else "TIMESTAMP")
    values = [str(row["value"]) for row in staging.look("some_values", file=file, column=name)]
    if seen["values"] == seen["DOUBLE"]:
        return _plain_number(name, seen, values, asked, is_key)
    return (
        _time(staging, file, name, values, asked)
        or _number(staging, file, name, values, asked)
        or Found(name, is_key=is_key, markers=tuple(marker for marker in MARKERS if marker in values))
    )


def without_markers(column: Found, others: Found) -> Found:
    """Return what a column of texts with markers is. others: what its other values are: where texts, so are these."""
    if others.type == "VARCHAR" and not others.unclear:
        return column
    return replace(others, values=replace(others.values, nulls=column.markers), about=others.about or NO_VALUE)


def is_id(name: str) -> bool:
    """Tell by a column's name whether it is a number only in the way that an invoice's is."""
    words = flat(name)
    counted = max(cards.score(words) for cards in (ranking.AMOUNT, ranking.QUANTITY)) >= ranking.LEAST
    return bool(re.search(ranking.NUMBER, words)) and not counted


def _as(name: str, type_: str) -> Column:
    return Column(name, type_, required=False)


def _quoted(column: Column) -> str:
    return '"' + column.name.replace('"', '""') + '"'


def _plain_number(name: str, seen: dict[str, Any], values: Sequence[str], asked: Asked, is_key: bool) -> Found:
    """What is a number as SQL has it, if it is one and no cipher such as a postcode."""
    if seen["ciphers"]:
        return Found(name, is_key=is_key, about="digits that are no number: some begin with 0 or +")
    if seen["values"] == seen["floats"] and ranking.CUSTOMER.score(flat(name)) >= ranking.LEAST:
        return Found(name, about="ids that a spreadsheet or pandas has given a .0")
    if seen["values"] == seen["BIGINT"]:  # to an id, a letter may come one day: as to a cancelled invoice's
        return Found(name, "VARCHAR" if is_id(name) else "BIGINT", is_key=is_key)
    if asked.decimal != "." and _may_be_thousands(values):
        if asked.decimal is None:
            return Found(name, unclear="numbers", about=f"{values[0]} may be thousands or decimals")
        return Found(name, "BIGINT", Values(decimal=",", thousands="."))
    return Found(name, _decimal(seen["whole_digits"] or 0, seen["decimal_digits"] or 0, values))


def _may_be_thousands(values: Sequence[str]) -> bool:
    """Tell whether all points stand where thousands have them, too; the least and the greatest values are there."""
    pointed = [value for value in values if "." in value]
    return bool(pointed) and all(map(THOUSANDS_OR_DECIMALS.fullmatch, pointed))


def _decimal(whole: int, scale: int, values: Sequence[str]) -> str:
    """Return the type of numbers with so many digits; a night may bring some more of them."""
    if scale > MOST_SCALE or whole + scale > MOST_DIGITS or any("e" in value.lower() for value in values):
        return "DOUBLE"
    return f"DECIMAL({max(USUAL_DIGITS, whole + scale)},{max(scale, 2)})"


def _number(staging: Staging, file: StagedFile, name: str, values: Sequence[str], asked: Asked) -> Found | None:
    """What is a number in another manner."""
    if not all(re.search("[0-9]", value) for value in values):
        return None
    manner = texts.number([_with_minus(value) for value in values])
    if isinstance(manner, str) and "thousands or decimals" in manner:
        if asked.decimal is None:
            return Found(name, unclear="numbers", about=manner)
        marks = {match[1] for value in values if (match := re.search(r"[0-9]([.,])[0-9]", value))}
        manner = texts.TextNumber(tuple(marks - {asked.decimal}), asked.decimal)
    written = None if isinstance(manner, str) else _written(manner, values)
    if written is None:
        return None
    kinds = {type_: cast(_as(name, type_), written) for type_ in ("BIGINT", "DOUBLE")}
    [seen] = staging.look("looked_at", file=file, column=name, kinds=kinds, decimal=written.decimal)
    whole = max(len(re.sub("[^0-9]", "", value)) for value in values)
    type_ = "BIGINT" if seen["values"] == seen["BIGINT"] else _decimal(whole, seen["decimal_digits"] or 0, ())
    return Found(name, type_, written) if seen["values"] == seen["DOUBLE"] else None


def _written(manner: texts.TextNumber, values: Sequence[str]) -> Values | None:
    """Return how the config declares the manner; None: what stands beside the digits is no currency."""
    marks = [mark for mark in manner.dropped if mark in SEPARATORS]
    signs = [mark for mark in manner.dropped if mark not in marks]
    if len(marks) > 1 or not all(map(_is_currency, signs)):  # an invoice's C is none
        return None
    negatives = (("brackets", r"\("), ("trailing", "-$"), ("unicode", MINUS))
    return Values(
        decimal=manner.decimal,
        thousands=" " if marks and marks[0].isspace() else "".join(marks),
        currency=tuple(signs),
        negatives=tuple(kind for kind, pattern in negatives if any(re.search(pattern, value) for value in values)),
    )


def _is_currency(sign: str) -> bool:
    return sign in SIGNS or bool(CODES.fullmatch(sign)) or any(unicodedata.category(each) == "Sc" for each in sign)


def _with_minus(value: str) -> str:
    """Return the number with a minus before it, where it is negative in another way."""
    value = value.replace(MINUS, "-")
    if match := re.fullmatch(r"([^(]*)\(([^)]*)\)(.*)", value):
        return f"{match[1]}-{match[2]}{match[3]}"
    return f"-{value[:-1]}" if value.endswith("-") else value


def _time(staging: Staging, file: StagedFile, name: str, values: Sequence[str], asked: Asked) -> Found | None:
    """What is a day or a time in another manner."""
    if not all(DATED.fullmatch(value) for value in values):
        return None
    for offset in OFFSETS:
        if _reads(staging, file, name, [offset], values):
            return Found(name, "TIMESTAMP", Values((offset,)), about="times with an offset are stored in UTC")
    for formats in [[each] for each in (*WORDS, *YEAR_FIRST)]:
        if used := _reads(staging, file, name, _with_clocks(formats), values):
            return _timed(name, used)
    for mark in "/.-":
        day, month = (
            _reads(staging, file, name, _with_clocks(order[mark]), values) for order in (DAY_FIRST, MONTH_FIRST)
        )
        day_first = asked.day_first if mark != "." else True
        if day and month and day_first is None:
            return Found(name, unclear="dates", about=f"{values[0]}: the day first, or the month?")
        if day or month:
            return _timed(name, day if day and (day_first or not month) else month)
    return None


def _with_clocks(formats: Sequence[str]) -> list[str]:
    return [each + clock for each in formats for clock in CLOCKS]


def _timed(name: str, formats: Sequence[str]) -> Found:
    is_day = not any("%H" in each or "%I" in each for each in formats)
    return Found(name, "DATE" if is_day else "TIMESTAMP", Values(tuple(formats)))


def _reads(staging: Staging, file: StagedFile, name: str, formats: Sequence[str], values: Sequence[str]) -> list[str]:
    """Return those of the formats that it takes to read all values; none, where they do not.

    values: some of each kind, by which formats are sorted out that do not come into question.
    """
    looks = {each: _looks_like(each) for each in formats}
    formats = [each for each in formats if any(map(looks[each].fullmatch, values))]
    if not all(any(looks[each].fullmatch(value) for each in formats) for value in values):
        return []
    two_digits = [each for each in formats if "%y" in each]
    for some in ([each for each in formats if each not in two_digits], two_digits):
        if not some:
            continue
        casts = [cast(_as(name, "TIMESTAMP"), Values((each,))) for each in some]
        [seen] = staging.look("moments", file=file, column=name, formats=some, casts=casts)
        used = [each for number, each in enumerate(some) if seen[f"format{number}"]]
        [total] = staging.look("moments", file=file, column=name, formats=["all"], casts=[
            cast(_as(name, "TIMESTAMP"), Values(tuple(used)))
        ]) if used else [{"format0": -1}]  # fmt: skip
        if total["format0"] == seen["values"]:
            return used
    return []


def _looks_like(written: str) -> re.Pattern[str]:
    """Return what a time of this format looks like, at least."""
    parts = re.findall("%.|[^%]", written)
    return re.compile("".join(PARTS.get(part, r"\d+") if part[0] == "%" else re.escape(part) for part in parts))
