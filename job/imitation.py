"""A shop's tables for one session alone, where CREATE TABLE would commit: its own statements make them temporary.

What temporary tables cannot have is left out: foreign keys, partitions, indexes of texts, options of storage. What else
a script makes is not run, but told.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from job.tables import Reference

# A statement as `statements.words` gives it
Words = Sequence[str]

# Of no effect on a SELECT from empty tables, by a statement's first words
IDLE = re.compile(
    r"(?:DROP TABLE|INSERT|REPLACE|SET|LOCK|UNLOCK|ANALYZE|OPTIMIZE|DELETE|UPDATE|TRUNCATE|CREATE (?:\w+ )?INDEX"
    r"|ALTER TABLE \S+ (?:DISABLE|ENABLE) KEYS)\b",
    re.IGNORECASE,
)
TABLE = re.compile(
    r"(?:CREATE (?:OR REPLACE )?(?:TEMPORARY )?|ALTER |DROP )TABLE (?:IF (?:NOT )?EXISTS )?", re.IGNORECASE
)
# Items of a CREATE or ALTER TABLE, and what a column's item ends with, that a temporary table has not
NOT_TEMPORARY = re.compile(
    r"(?:ADD )?(?:CONSTRAINT (?:\S+ )??)?FOREIGN KEY\b|(?:ADD )?(?:FULLTEXT|SPATIAL)\b", re.IGNORECASE
)
INLINE_REFERENCE = re.compile(
    r" REFERENCES [^(]*\([^)]*\)(?: MATCH \w+| ON (?:DELETE|UPDATE) (?:CASCADE|RESTRICT|SET \w+|NO ACTION))*",
    re.IGNORECASE,
)
REFERENCE = re.compile(
    r"FOREIGN KEY [^(]*\( (?P<columns>[^)]*) \) REFERENCES (?P<parent>\S+) \( (?P<keys>[^)]*) \)", re.IGNORECASE
)
TEXTS = re.compile(r"(?:\bCHARSET|\bCHARACTER SET|\bCOLLATE)(?: =)? \w+", re.IGNORECASE)  # of a table's options


@dataclass
class Imitation:
    """What of a script can be run in a session, and leaves nothing behind."""

    statements: list[str] = field(default_factory=list)
    tables: dict[str, str] = field(default_factory=dict)  # what each is called: as the script writes it
    references: dict[str, list[Reference]] = field(default_factory=dict)  # by table
    twice: list[str] = field(default_factory=list)  # that are there, and the script would make anew
    left_out: list[str] = field(default_factory=list)  # first words of statements that make something else

    def add(self, words: Words, there: Collection[str]) -> None:
        """Take a statement of the script. there: the tables that are, and stay as they are."""
        text = _plain(words)
        found = TABLE.match(text)
        before = found[0].upper() if found else ""
        name, rest = _name(words[len(before.split()) :])
        if before.startswith("CREATE") and rest and rest[0].strip().upper() in ("(", "LIKE"):
            if _bare(name) in there and "IF NOT" in before:
                return
            if _bare(name) in there and "REPLACE" not in before:
                self.twice.append(_bare(name))
            self._create(name, rest, "IF NOT EXISTS " if "IF NOT" in before else "")
        elif before.startswith("ALTER") and _bare(name) in self.tables and not IDLE.match(text):
            if items := self._items(name, rest):
                self.statements.append(f"ALTER TABLE {name} {items}")
        elif not IDLE.match(text):
            self.left_out.append(_plain(words[:2]).upper())

    def _create(self, name: str, rest: Words, once: str) -> None:
        body, options = _in_brackets(rest)
        if any(word.strip().upper() in ("SELECT", "WITH", "VALUES") for word in options):  # it may be of any length
            self.left_out.append("CREATE TABLE ... SELECT")
            return
        self.tables[_bare(name)] = name
        made = f"({self._items(name, body)})" if body else "".join(rest).strip()
        texts = " ".join(TEXTS.findall(_plain(options))) if body else ""
        self.statements.append(f"CREATE TEMPORARY TABLE {once}{name} {made} {texts}".rstrip())

    def _items(self, name: str, words: Words) -> str:
        """Return what the table may have of a list, and keep the foreign keys."""
        items = _split(words)
        for found in filter(None, (REFERENCE.search(_plain(item)) for item in items)):
            columns, keys = (tuple(map(_bare, found[part].split(" , "))) for part in ("columns", "keys"))
            self.references.setdefault(_bare(name), []).append(Reference(columns, _bare(found["parent"]), keys))
        kept = ["".join(item) for item in items if not NOT_TEMPORARY.match(_plain(item))]
        return ",".join(INLINE_REFERENCE.sub("", item) for item in kept).strip()


def imitated(statements: Iterable[Words], there: Collection[str]) -> Imitation:
    """Return what the statements make, as temporary tables. there: the tables that are, and stay as they are."""
    result = Imitation()
    kept = set(there)
    for words in statements:
        if words and words[0].upper() == "DROP":
            kept -= {_bare(word.strip()) for word in words}
        result.add(words, kept)
    return result


def _plain(words: Words) -> str:
    """Return the words with one blank between any two."""
    return " ".join(word.strip() for word in words)


def _name(words: Words) -> tuple[str, Words]:
    """Return a table's name, as it is written, and what follows it."""
    count = 3 if words[1:2] == ["."] else 1
    return "".join(words[:count]).strip(), words[count:]


def _bare(name: str) -> str:
    """Return a name without its schema and its quotes."""
    found = re.search(r'"(?:[^"]|"")*"$|`(?:[^`]|``)*`$|[^."`]*$', name)
    part = found[0] if found else name
    return part[1:-1].replace(part[0] * 2, part[0]) if part[:1] in ('"', "`") else part


def _in_brackets(words: Words) -> tuple[Words, Words]:
    """Return what stands between the first bracket and its counterpart, and what follows."""
    depth = 0
    for number, word in enumerate(words if words[0].strip() == "(" else ()):
        depth += _deeper(word)
        if not depth:
            return words[1:number], words[number + 1 :]
    return [], words


def _split(words: Words) -> list[list[str]]:
    """Return what stands between the commas that are in no bracket."""
    depth, items = 0, [list[str]()]
    for word in words:
        depth += _deeper(word)
        if word.strip() == "," and not depth:
            items.append([])
        else:
            items[-1].append(word)
    return [item for item in items if item]


def _deeper(word: str) -> int:
    return (word.strip() == "(") - (word.strip() == ")")
