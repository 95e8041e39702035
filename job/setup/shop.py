"""What a database's catalog says of a shop's tables: columns, keys, and which table leads to which. No database."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from job.tables import Name, written

MOST_STEPS = 3  # from table to table: line, order, customer, and what a customer belongs to


class ShopColumn(NamedTuple):
    """A column that the session may read."""

    schema: str  # or the database, where schemas are databases
    here: bool  # whether that is the session's
    table: str
    name: str
    type: str  # in the database's words
    kind: str  # decimal or whole (numbers), date, text or other
    offered: bool = True  # else it is of another database of the server, and has to be named

    @property
    def of(self) -> Name:
        """Its table, with its schema where the session needs it."""
        return Name(None if self.here else self.schema, self.table)

    def __str__(self) -> str:
        return written(*self.of, self.name)


class Link(NamedTuple):
    """One column that leads from a table to the row of another."""

    child: Name
    column: str
    parent: Name
    parent_column: str
    declared: bool = True  # as a foreign key; else by the names alone


@dataclass(frozen=True)
class ShopKeys:
    """The keys of a table, each by its columns, and the links that foreign keys of one column are."""

    primary: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, eq=False)
class Shop:
    """All tables with what is known of them."""

    columns: Sequence[ShopColumn]
    keys: Mapping[Name, ShopKeys] = field(default_factory=dict)
    _ways: dict[Name, dict[Name, list[Link]]] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def tables(self) -> dict[Name, list[ShopColumn]]:
        """The columns of each table."""
        tables: dict[Name, list[ShopColumn]] = {}
        for column in self.columns:
            tables.setdefault(column.of, []).append(column)
        return tables

    def keys_of(self, table: Name) -> ShopKeys:
        """Return what is known; nothing of a view."""
        return self.keys.get(table, ShopKeys())

    def links(self, table: Name) -> list[Link]:
        """Return what leads from the table: its foreign keys, and columns that are named as another table's key is."""
        declared = self.keys_of(table).links
        known = {link.column for link in declared}
        own = self.row_key(table)
        implied = [
            Link(table, column.name, *key, declared=False)
            for column in self.tables.get(table, ())
            if (key := self._named_keys.get((table.schema, flat(column.name))))
            and column.name not in known
            and column.name != own
            and key[0] != table
        ]
        return [*declared, *implied]

    def row_key(self, table: Name) -> str | None:
        """Return the column that tells the table's rows apart; None: no key says it."""
        keys = self.keys_of(table)
        return keys.primary[0] if len(keys.primary) == 1 else None

    def is_unique(self, column: ShopColumn) -> bool:
        """Return whether a key says that no value is there twice."""
        keys = self.keys_of(column.of)
        return (column.name,) in (keys.primary, *keys.unique)

    def is_key(self, column: ShopColumn) -> bool:
        """Return whether it is of a key, the table's own or another's."""
        keys = self.keys_of(column.of)
        return column.name in {*keys.primary, *(link.column for link in keys.links)}

    def ways(self, table: Name) -> dict[Name, list[Link]]:
        """Return the tables of which a row belongs to each of the table's, by the shortest way; itself by no link.

        What several columns lead to at once is not among them: none of them says which is meant.
        """
        if table not in self._ways:
            self._ways[table] = self._found_ways(table)
        return self._ways[table]

    def _found_ways(self, table: Name) -> dict[Name, list[Link]]:
        ways: dict[Name, list[Link]] = {table: []}
        newest = [table]
        for _ in range(MOST_STEPS):
            found: dict[Name, list[list[Link]]] = {}
            for here in newest:
                for link in self.links(here):
                    if link.parent not in ways:
                        found.setdefault(link.parent, []).append([*ways[here], link])
            clear = {parent: way for parent, several in found.items() if (way := _only(several))}
            ways |= clear
            newest = list(clear)
        return ways

    @cached_property
    def _named_keys(self) -> dict[tuple[str | None, str], tuple[Name, str]]:
        """By the schema, and the name that a column elsewhere in it would have: the table whose key it refers to."""
        found: dict[tuple[str | None, str], tuple[Name, str]] = {}
        for table in sorted(self.tables, key=lambda name: len(flat(name.table))):
            for key, names in self._likely_keys(table):
                for name in names:
                    found.setdefault((table.schema, name), (table, key))
        return found

    def _likely_keys(self, table: Name) -> Iterable[tuple[str, set[str]]]:
        """A table's key, and what columns elsewhere that hold it would be called."""
        words = singular(flat(table.table).split("_")[-1])
        key = self.row_key(table)
        columns = [key] if key else []
        if not self.keys_of(table).primary:  # as files are imported
            columns = [column.name for column in self.tables[table] if flat(column.name) in ("id", f"{words}_id")]
        for column in columns:
            name = flat(column)
            if name == "id":
                yield column, {f"{words}_id", f"id_{words}", f"{singular(flat(table.table))}_id"}
            elif words in name and re.search(r"(^|_)(id|no|nr|key|number|nummer)(_|$)", name):
                yield column, {name}


def _only(ways: list[list[Link]]) -> list[Link] | None:
    """The one that is meant: a foreign key before a name that is alike."""
    if len(ways) > 1:
        ways = [way for way in ways if all(link.declared for link in way)]
    return ways[0] if len(ways) == 1 else None


def flat(name: str) -> str:
    """Return the name as words of a to z between underscores: `OrderNo` and `order_no` are the same."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", plain)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def singular(word: str) -> str:
    """Return an English, French, Portuguese or Spanish word without its plural."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
