"""Dates and amounts that were imported as text: how they are written, by looking at some of them. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

SIGN = r"[^\d\s.,()'+-]{0,4}"  # a currency's, before or behind
NUMBER = re.compile(
    rf"(?:[+-](?=[^+-]*$))?(?P<before>{SIGN})\s*(?P<digits>[+-]?\d+(?:[.,' \u00a0]\d+)*)\s*(?P<behind>{SIGN})"
)
ISO = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?")
OFFSET = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:\.\d{1,9})? ?(?:Z|UTC|[+-]\d\d(?::?\d\d)?)")
DECIMAL_ID = re.compile(r"\d+\.0+")
FIRST_SECOND, LAST_SECOND = 631_152_000, 4_102_444_800  # the years from 1990 to 2099
YEAR_FIRST = re.compile(r"\d{4}(?P<mark>[/.]?)\d\d(?P=mark)\d\d")
YEAR_LAST = re.compile(
    r"(?P<first>\d{1,2})(?P<mark>[./-])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)(?P<time> \d{1,2}:\d\d(:\d\d)?)?"
)
MONTHS = 12


@dataclass(frozen=True)
class TextNumber:
    """How numbers are written: what is dropped of them, and what stands before the decimals."""

    dropped: tuple[str, ...]
    decimal: str

    def __str__(self) -> str:
        return f"numbers with a decimal {'comma' if self.decimal == ',' else 'point'}"


@dataclass(frozen=True)
class TextTime:
    """How days and times are written; pattern: as strptime has it, empty for YEAR-MONTH-DAY."""

    pattern: str
    offset: bool = False  # behind it stands that of a zone

    @property
    def whole_days(self) -> bool:
        """Whether there is no time of day."""
        return "%H" not in self.pattern and bool(self.pattern)

    def __str__(self) -> str:
        words = {"%Y": "YEAR", "%y": "YEAR", "%m": "MONTH", "%d": "DAY", "%H": "HOUR", "%M": "MINUTE", "%S": "SECOND"}
        written = re.sub("%.", lambda match: words[match[0]], self.pattern) or "YEAR-MONTH-DAY"
        return f"{written} with an offset, and read as the clock showed it" if self.offset else written


@dataclass(frozen=True)
class NumberTime:
    """Times as numbers since 1970; parts: of a second."""

    parts: int

    @property
    def whole_days(self) -> bool:
        """Whether there is no time of day."""
        return False

    def __str__(self) -> str:
        return f"{'seconds' if self.parts == 1 else 'milliseconds'} since 1970"


@dataclass(frozen=True)
class InCents:
    """Amounts as whole numbers of the currency's smallest part."""

    def __str__(self) -> str:
        return "cents, as its name says, and counted as hundredths"


@dataclass(frozen=True)
class DecimalId:
    """Ids that an import has given decimals."""

    def __str__(self) -> str:
        return "ids with decimals, as in 17850.0"


def number(texts: Sequence[str]) -> TextNumber | str:
    """Return how the numbers are written, or what is found instead."""
    matches = []
    for text in filter(None, map(str.strip, texts)):
        match = NUMBER.fullmatch(text)
        if not match:
            return f"{text[:30]!r}: no number"
        matches.append(match)
    if not matches:
        return "nothing"
    found = [match["digits"] for match in matches]
    decimals = {mark for digits in found for mark in ".," if _is_decimal(mark, digits)}
    if len(decimals) > 1:
        return "1,5 and 1.5 side by side"
    marks = {mark for digits in found for mark in ".,' \u00a0" if mark in digits}
    if not decimals and (unclear := marks & set(".,")):
        single = [digits for digits in found for mark in unclear if digits.count(mark) == 1]
        if len(single) == sum(any(mark in digits for mark in unclear) for digits in found):
            return f"{single[0]!r}, which may be thousands or decimals"
    decimal = next(iter(decimals), "," if "." in marks else ".")
    signs = {match[side] for match in matches for side in ("before", "behind")}
    return TextNumber(tuple(sorted((marks - {decimal}) | (signs - {""}), key=lambda one: (-len(one), one))), decimal)


def _is_decimal(mark: str, digits: str) -> bool:
    """Whether it stands before decimals for sure: alone, last, and not before three digits as thousands would be."""
    behind = digits.rpartition(mark)[2]
    others = [digits.find(other) for other in ".," if other != mark and other in digits]
    if digits.count(mark) != 1 or any(place > digits.index(mark) for place in others):
        return False
    return len(behind) != 3 or bool(others) or len(digits.lstrip("+-").partition(mark)[0]) > 3


def time(texts: Sequence[str]) -> TextTime | str:
    """Return how the days are written, or what is found instead."""
    found = [text.strip() for text in texts if text.strip()] or [""]
    matches = [YEAR_LAST.fullmatch(text) for text in found]
    known = [match for match in matches if match]
    if len(known) == len(found):
        return _year_last(known)
    if all(ISO.fullmatch(text) for text in found):
        return TextTime("")
    if all(OFFSET.fullmatch(text) for text in found):
        return TextTime("", offset=True)
    first = [match["mark"] for text in found if (match := YEAR_FIRST.fullmatch(text))]
    if len(first) == len(found) and len(set(first)) == 1:
        return TextTime(first[0].join(("%Y", "%m", "%d")))
    odd = next(text for text in found if not ISO.fullmatch(text))
    return f"{odd[:30]!r}: no day, as the job knows them"


def _year_last(known: Sequence[re.Match[str]]) -> TextTime | str:
    shapes = {(match["mark"], len(match["year"]), (match["time"] or "").count(":")) for match in known}
    if len(shapes) > 1:
        return f"{known[0][0]!r} and others that are written otherwise"
    [(mark, year, parts)] = shapes
    days_first = any(int(match["first"]) > MONTHS for match in known)
    months_first = any(int(match["second"]) > MONTHS for match in known)
    if days_first == months_first and not (mark == "." and not days_first):
        return f"{known[0][0]!r}: which is the day, and which the month?"
    day = ("%m", "%d") if months_first else ("%d", "%m")
    clock = ("", " %H:%M", " %H:%M:%S")[parts]
    return TextTime(mark.join((*day, "%Y" if year == 4 else "%y")) + clock)


def number_time(values: Sequence[int]) -> NumberTime | str:
    """Return what numbers count that are times, or what is found instead; 0 is none."""
    given = [value for value in values if value]
    for parts in (1, 1000):
        if given and all(FIRST_SECOND * parts <= value < LAST_SECOND * parts for value in given):
            return NumberTime(parts)
    return f"{min(given)}: no time since 1970" if given else "nothing"


def decimal_id(texts: Sequence[str]) -> DecimalId | None:
    """Return whether all ids have decimals, and these are 0."""
    found = [text.strip() for text in texts if text.strip()]
    return DecimalId() if found and all(DECIMAL_ID.fullmatch(text) for text in found) else None
