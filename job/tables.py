"""What tables are called, and what they declare. No database, no files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from job.charsets import Charset

# The job's own tables. In the SQL files, {{ customer_features }} is where that one is.
OWN_TABLES = (
    "customer_features",  # a view of the two that follow
    "customer_features_data",
    "customer_features_as_of",
    "customer_rfm",  # a view of customer_features and the two that follow
    "rfm_cuts",
    "rfm_groups",
    "customer_value",  # a view of customer_features and the two that follow
    "value_cells",
    "value_as_of",
    "value_forecasts",
    "customer_segments",
    "customer_segment_changes",
    "customer_moves",  # a view of that and job_runs
    "campaign_customers",
    "segment_models",
    "job_runs",
    "loaded_files",
    "rejected_records",
)
PART = r'[^."]+|"(?:[^"]|"")+"'


class Name(NamedTuple):
    """A table's name, and its schema's (a database's, where schemas are databases) where it is not the session's."""

    schema: str | None
    table: str

    @classmethod
    def of(cls, text: str) -> "Name":
        """Read `table`, `schema.table` or either with double quotes. Raises ValueError for anything else."""
        parts = name_parts(text)
        if len(parts) not in (1, 2):
            raise ValueError(f'{text} is no name like table, schema.table or "my schema"."my table"')
        return cls(parts[0] if len(parts) == 2 else None, parts[-1])

    def __str__(self) -> str:
        return ".".join(filter(None, self))


def name_parts(text: str) -> list[str]:
    """Return what stands between the points of a name, each part without its double quotes; empty: it is no name."""
    if not re.fullmatch(rf"(?:{PART})(?:\.(?:{PART}))*", text):
        return []
    return [re.sub(r'^"|"$', "", part).replace('""', '"') for part in re.findall(PART, text)]


def written(*parts: str | None) -> str:
    """Return the name as a person writes it, and `name_parts` reads it: quoted where it must be."""
    return ".".join(quoted(part) if re.search('[."]', part) else part for part in parts if part is not None)


def quoted(name: str | Name) -> str:
    """Return the name as a quoted SQL identifier; every session takes double quotes for it."""
    if isinstance(name, Name):
        return quoted(name.table) if name.schema is None else f"{quoted(name.schema)}.{quoted(name.table)}"
    return '"' + name.replace('"', '""') + '"'


class Own(NamedTuple):
    """Where the job's own tables are: in which schema, and with what before their names."""

    schema: str | None = None
    prefix: str = ""

    def name(self, table: str) -> Name:
        """Return the name of one of OWN_TABLES."""
        return Name(self.schema, self.prefix + table)


HERE = Own()


class Whose(NamedTuple):
    """Which of the labelled customers are exported."""

    segment: str = ""  # its letter; empty: all
    moved_in: bool = False  # only those whom the last run brought into it


EVERYBODY = Whose()


class LabelColumn(NamedTuple):
    """The column of a shop's own table that carries the label."""

    table: Name
    column: str


class FieldType(NamedTuple):
    """How a field of a file becomes a value of one of an engine's types."""

    type: str = ""  # as Column has it, a DECIMAL without its digits; empty: no file is loaded into it
    instead: str = ""  # what may be declared in its place
    least: str | None = None
    most: str | None = None
    drops_spaces: bool = False
    boolean: bool = False
    instant: bool = False


@dataclass(frozen=True)
class Column:
    """A table's column as the database declares it."""

    name: str
    type: str  # in DuckDB's words, which reads the files; NUMERIC: beyond its DECIMAL; empty: see FieldType
    required: bool
    max_length: int | None = None  # characters
    second_digits: int = 6  # of a time: what is kept of a second, after the point
    drops_spaces: bool = False  # at the end of a text
    max_bytes: int | None = None  # of a text, in UTF-8
    least: str | None = None  # value
    most: str | None = None
    words: tuple[str, ...] = ()  # that an ENUM has
    boolean: bool = False  # a number that stands for a boolean: its words are 1 and 0
    instant: bool = False  # a TIMESTAMP that is a moment in UTC, whatever offset it is written with
    loose: bool = False  # texts that differ may be equal, by the column's collation
    generated: bool = False  # by the database: nothing may be written to it
    declared: str = ""  # the type in the database's words
    instead: str = ""  # what may be declared in place of a type that no file is loaded into
    charset: Charset | None = None  # of a text that cannot have all characters
    lacking: str = ""  # a regular expression: characters of the file that the charset lacks

    @property
    def base(self) -> str:
        """The type without its digits."""
        return self.type.partition("(")[0]

    @property
    def precision(self) -> tuple[int, int]:
        """The digits in all and after the point of a DECIMAL(precision,scale)."""
        digits, scale = self.type.partition("(")[2].removesuffix(")").split(",")
        return int(digits), int(scale)


@dataclass(frozen=True)
class Reference:
    """A foreign key of a table."""

    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]


@dataclass(frozen=True)
class Keys:
    """A table's primary key, empty where it has none, and its foreign keys."""

    primary: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table as the database declares it, with the columns that files fill."""

    name: str
    columns: Sequence[Column]
    keys: Keys = Keys()
    generated: tuple[str, ...] = ()  # columns that the database fills by itself
