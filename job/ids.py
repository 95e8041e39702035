"""Ids of customers who are to be forgotten, and where a text names one of them. No database."""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from job.errors import ConfigError, DataError

MOST = 1_000_000  # ids at a time
LONGEST = 255  # characters of an id that a customer may have
WORD = re.compile(r"""[^\s,;|"'`<>()\[\]{}=&]+""")
SENTENCE_ENDS = ".!?:"
SHOWN = (40, 57)  # characters of a long value that messages have, before three points
DISTINCT = 8  # characters of an id that is no word of a message
ERASED = "(erased)"


@dataclass
class Erased:
    """What has gone, and what is still there."""

    ids: int
    rows: dict[str, int] = field(default_factory=dict)  # by table of the job's own
    records: dict[str, int] = field(default_factory=dict)  # by file of rejected records
    removed: list[str] = field(default_factory=list)  # files, as a whole
    features_stand: str | None = None  # what stands for the features that are left, where the database can tell
    in_shop: int | None = None  # of the ids, customers by the shop's own tables; None: the features' SQL cannot tell

    @property
    def found(self) -> bool:
        """Tell whether there was anything of these customers."""
        return any(self.rows.values()) or bool(self.records)


def read(source: Path) -> list[str]:
    """Return the ids of a file with one on each line, each once; `-` is stdin. Spaces behind an id are no part of it.

    Raises ConfigError where the file cannot be read, is no text or has too many, DataError where it has none.
    """
    try:
        content = sys.stdin.buffer.read() if source == Path("-") else source.read_bytes()
        lines = content.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except OSError as error:
        raise ConfigError(f"--ids: {source} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError:
        raise ConfigError(f"--ids: {source} is not UTF-8 text; save it as UTF-8") from None
    found = list(dict.fromkeys(filter(None, (line.rstrip() for line in lines))))
    if not found:
        raise DataError(f"--ids: {source} has no ids; it has one on each line")
    if len(found) > MOST:
        raise ConfigError(f"--ids: {source} has {len(found):,} ids, more than {MOST:,} at a time; make several files")
    return found


class Ids:
    """Finds ids in texts, whatever the case."""

    def __init__(self, ids: Iterable[str]) -> None:
        self._fields: set[str] = set()
        self._words, self._said = _Places(), _Places()
        for one in ids:
            self._fields.add(one.casefold())
            self._words.add(one)
            if len(one) >= DISTINCT and re.search("[0-9@]", one):
                self._said.add(one)
            for form in {one, repr(one)[1:-1], *(f"{one[:length]}..." for length in SHOWN if len(one) > length)}:
                self._said.add(form, "'", "'")
                self._said.add(form, "=(", ")")
            self._said.add(one, '"', '"')

    def among(self, fields: Iterable[str]) -> bool:
        """Tell whether one of a record's fields is an id, or has one as a word of its own.

        So the id 7 is not in 7.50 or 2024-07-07, and is in a quantity of 7.
        """
        return any(field.strip().casefold() in self._fields or self._words.has(field) for field in fields)

    def without(self, value: Any) -> Any:
        """Return a text, or what JSON holds, with a word in place of each id that is told of.

        Those are in quotes, or long and with a digit: the id 7 is no reason to change `7 customers`.
        """
        if isinstance(value, str):
            return self._said.replaced(value)
        if isinstance(value, list):
            return [self.without(each) for each in value]
        if isinstance(value, dict):
            return {key: self.without(each) for key, each in value.items()}
        return value


class _Places:
    """Where texts have one of many texts, found by the first word of each."""

    def __init__(self) -> None:
        self._by_word: dict[str, set[tuple[str, str, str, int]]] = {}

    def add(self, form: str, before: str = "", behind: str = "") -> None:
        """Look for the form, too: where these stand around it, or, without them, as words of its own."""
        if first := WORD.search(form):
            word = first[0].rstrip(SENTENCE_ENDS) or first[0]
            self._by_word.setdefault(word.casefold(), set()).add((before, form, behind, first.start()))

    def has(self, text: str) -> bool:
        return next(self._found(text), None) is not None

    def replaced(self, text: str) -> str:
        pieces, end = [], 0
        for start, stop in self._found(text):
            if start >= end:
                pieces += [text[end:start], ERASED]
                end = stop
        return "".join([*pieces, text[end:]])

    def _found(self, text: str) -> Iterator[tuple[int, int]]:
        for word in WORD.finditer(text):
            for key in {word[0].casefold(), word[0].rstrip(SENTENCE_ENDS).casefold()}:
                for before, form, behind, offset in self._by_word.get(key, ()):
                    start = word.start() - offset
                    stop = start + len(form)
                    same = start >= 0 and text[start:stop].casefold() == form.casefold()
                    around = text.endswith(before, 0, start) and text.startswith(behind, stop)
                    if same and around and (before or _ends(text, stop)):
                        yield start, stop


def _ends(text: str, place: int) -> bool:
    """Tell whether a word ends there."""
    rest = text[place : place + 10].lstrip(SENTENCE_ENDS)
    return WORD.match(rest) is None
