"""The columns of a shop's own tables: found in the database's catalog, offered in their likely order, and chosen."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from job.adapters.base import Database
from job.errors import ConfigError
from job.setup import ranking, texts
from job.setup.shop import Link, Shop, ShopColumn, ShopKeys, flat
from job.setup.texts import DecimalId, InCents, NumberTime, TextNumber, TextTime
from job.tables import OWN_TABLES, Name, name_parts, quoted

LISTED = 15  # candidates that are named
LOOKED_AT = 1000  # values of a column of texts
NEEDED = {"amount": "number", "quantity": "number", "date": "date", "customer": "whole id", "order": "whole id"}
PLAIN = {
    "amount": ("decimal", "whole"),
    "quantity": ("decimal", "whole"),
    "date": ("date",),
}  # kinds
ORDER = ("amount", "date", "customer")  # in which columns are asked for: those to come are in its table, or beside it
BY_HAND = (
    "choose columns of one table, or of tables that foreign keys lead to from that of the amounts, or write "
    "features.sql by hand: one SELECT that gives customer_unique_id, monetary, frequency and recency_days, a row per "
    "customer"
)


class UnclearError(ConfigError):
    """It is not clear which column is meant; one of the candidates may be."""

    def __init__(self, role: str, problem: str, candidates: Sequence[ShopColumn]) -> None:
        """problem: of the name that was given; empty: there was none."""
        self.role, self.problem, self.listed = role, problem, candidates[:LISTED]
        self.more = f"and {len(candidates) - LISTED} more" if len(candidates) > LISTED else ""
        named = " ".join(filter(None, (", ".join(map(str, self.listed)) or "none", self.more)))
        super().__init__(f"--{role}-column{f': {problem}' if problem else ' is missing'}; there are {named}")


Ask = Callable[[UnclearError], str]
Read = TextNumber | TextTime | NumberTime | InCents | DecimalId  # how values are written


class Columns(NamedTuple):
    """The columns that features are made of."""

    amount: ShopColumn
    date: ShopColumn
    customer: ShopColumn


class Catalog:
    """What tables there are but the job's own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.read: dict[ShopColumn, Read] = {}
        columns = [ShopColumn(**row) for row in database.fetch("shop_columns")]
        own = _own_tables(columns)
        columns = [column for column in columns if column.of not in own]
        self.shop = Shop(columns, _keys(database, {column.schema for column in columns if column.here}))

    def choose(self, given: Mapping[str, str | None], ask: Ask | None) -> Columns:
        """Return the columns for the roles amount, date and customer.

        given: a name for each role, as `table.column`, with or without table and schema; None: not given.
        ask: gives a name, or the number of a candidate from 1, where a name is missing or wrong; None: nobody to ask.
        Raises UnclearError then, and ConfigError for a shop without columns to choose from.
        """
        if not any(column.offered for column in self.shop.columns) and not any(given.values()):
            raise ConfigError("--from-database: there is no table with a column that the database's user may read")
        chosen: dict[str, ShopColumn] = {}
        for role in ORDER:
            text = given.get(role)
            candidates = ranking.candidates(self.shop, role, chosen.get("amount"))
            while role not in chosen:
                try:
                    chosen[role] = self.find(role, text, candidates)
                except UnclearError as error:
                    if ask is None:
                        raise
                    text = ask(error)
                    if text.isdecimal() and 0 < int(text) <= len(error.listed):
                        text = str(error.listed[int(text) - 1])
        return Columns(**chosen)

    def find(self, role: str, text: str | None, candidates: Sequence[ShopColumn]) -> ShopColumn:
        """Return the column that a text names. Raises UnclearError, with the candidates, where that is not one."""
        if not text:
            raise UnclearError(role, "", candidates)
        parts = name_parts(text)
        named = [c for c in self.shop.columns if parts and [c.schema, c.table, c.name][-len(parts) :] == parts]
        matches = [column for column in named if column.here] or named  # as an SQL name reaches those first
        if not matches:
            raise UnclearError(role, f"{text} is no column that the database's user may read", candidates)
        if len(matches) > 1:
            raise UnclearError(role, f"{text} is in {len(matches)} tables; name it as TABLE.COLUMN", matches)
        [column] = matches
        if problem := self._problem(role, column):
            raise UnclearError(role, problem, candidates)
        return column

    def fitting(self, role: str, column: ShopColumn | None) -> ShopColumn | None:
        """Return the column, if it can hold what the role needs."""
        return column if column and not self._problem(role, column) else None

    def _problem(self, role: str, column: ShopColumn) -> str:
        """Why the column cannot hold what it must; empty: it can. How a text is written is remembered."""
        must = f"and the {role} must be a {NEEDED[role]}"
        if column.kind not in ranking.KINDS[role]:
            return f"{column} is of type {column.type}, {must}"
        if role == "amount" and column.kind == "whole" and ranking.CENTS.search(flat(column.name)):
            self.read[column] = InCents()
        if column in self.read or column.kind in PLAIN.get(role, ("whole", "other")):
            return ""
        looked_at = {"column": quoted(column.name), "table": column.of, "limit": LOOKED_AT}
        values = [row["value"] for row in self._database.fetch("starter_sample", None, **looked_at)]
        seen = _seen(role, column, values)
        if isinstance(seen, str):
            return f"{column} is of type {column.type} and holds {seen}, {must}"
        if seen:
            self.read[column] = seen
        return ""

    def links(self, amount: ShopColumn, others: Iterable[ShopColumn]) -> list[Link]:
        """Return what joins the amounts' table to those of the other columns, each after what it starts from.

        Raises ConfigError where there is not one way to each of them.
        """
        ways = self.shop.ways(amount.of)
        links: dict[Link, None] = {}
        for column in others:
            if column.of not in ways:
                number = len([link for link in self.shop.links(amount.of) if link.parent == column.of])
                keys = f"{number} columns lead" if number else "no foreign key of one column leads"
                raise ConfigError(
                    f"--from-database: {amount} and {column} are in two tables, and {keys} from {amount.of} to "
                    f"{column.of}; {BY_HAND}"
                )
            links |= dict.fromkeys(ways[column.of])
        return list(links)

    def keyed_by(self, customer: ShopColumn) -> tuple[Name, str] | None:
        """Return the table that has a row per customer, and its key; None: no key tells."""
        if self.shop.row_key(customer.of) == customer.name:
            return customer.of, customer.name
        links = [link for link in self.shop.keys_of(customer.of).links if link.column == customer.name]
        return (links[0].parent, links[0].parent_column) if len(links) == 1 else None


def _seen(role: str, column: ShopColumn, values: Sequence[Any]) -> Read | str | None:
    """How the values are written, or what is found instead; None: as they should be."""
    if role == "date":
        if column.kind == "whole":
            return texts.number_time([int(value) for value in values])
        return texts.time([str(value) for value in values])
    if role in ("amount", "quantity"):
        return texts.number([str(value) for value in values])
    found = texts.decimal_id([str(value) for value in values])
    if found is None and column.kind == "decimal":
        return f"{values[0]}: no id" if values else "nothing"
    return found


def _own_tables(columns: Sequence[ShopColumn]) -> set[Name]:
    """The job's own tables, of any segmentation: all of them have what its `name` puts before theirs."""
    tables = {(column.schema, column.of) for column in columns}
    named = {(schema, table.table): table for schema, table in tables}
    prefixes = [(schema, table.removesuffix("segment_models")) for schema, table in named]
    own = {
        (schema, prefix + table)
        for schema, prefix in prefixes
        if (schema, f"{prefix}segment_models") in named and (schema, f"{prefix}customer_segments") in named
        for table in OWN_TABLES
    }
    return {table for key, table in named.items() if key in own or (key[1] in OWN_TABLES and table.schema is None)}


def _keys(database: Database, here: Iterable[str]) -> dict[Name, ShopKeys]:
    """All keys that the catalog has, and those of the session's schema that only the job knows of."""
    session = set(here)

    def named(schema: str, table: str) -> Name:
        return Name(None if schema in session else schema, table)

    keys: dict[Name, ShopKeys] = {}
    rows = database.fetch("shop_keys")
    for _, group in groupby(rows, key=lambda row: (row["schema"], row["table"], row["key"])):
        columns = list(group)
        first = columns[0]
        table = named(first["schema"], first["table"])
        keys[table] = _with(keys.get(table, ShopKeys()), first["kind"], table, columns, named)
    for name, own in database.keys().items():
        table = Name(None, name)
        if table not in keys:
            links = [
                Link(table, one.columns[0], Name(None, one.parent), one.parent_columns[0]) for one in own.references
            ]
            keys[table] = ShopKeys(own.primary, (), tuple(links))
    return keys


def _with(
    keys: ShopKeys, kind: str, table: Name, rows: Sequence[Mapping[str, Any]], named: Callable[[str, str], Name]
) -> ShopKeys:
    """A table's keys and one more, by the rows of its columns."""
    columns = tuple(row["column"] for row in rows)
    if kind == "primary":
        return ShopKeys(columns, keys.unique, keys.links)
    if kind == "unique":
        return ShopKeys(keys.primary, (*keys.unique, columns), keys.links)
    if len(rows) > 1:  # no one column of it leads to a row
        return keys
    [row] = rows
    link = Link(table, row["column"], named(row["parent_schema"], row["parent"]), row["parent_column"])
    return ShopKeys(keys.primary, keys.unique, (*keys.links, link))
