"""The columns of a shop's own tables: found in the database's catalog by name, and what joins their tables."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from job.adapters.base import Database
from job.errors import ConfigError
from job.tables import OWN_TABLES, Keys, Name, Reference, name_parts, quoted, written

LISTED = 15  # candidates that are named
KINDS = {"amount": ("decimal", "whole"), "date": ("date",), "customer": ("whole", "other")}  # the likely ones first
NEEDED = {"amount": "number", "date": "date"}  # for a customer any kind will do
ORDER = ("amount", "date", "customer")  # in which columns are asked for: those to come are in its table, or beside it
BY_HAND = (
    "choose columns of one table, or of two that a foreign key joins, or write features.sql by hand: one SELECT that "
    "gives customer_unique_id, monetary, frequency and recency_days, a row per customer"
)


class ShopColumn(NamedTuple):
    """A column that the session may read."""

    schema: str  # or the database, where schemas are databases
    here: bool  # whether that is the session's
    table: str
    name: str
    type: str  # in the database's words
    kind: str  # decimal or whole (numbers), date or other

    @property
    def of(self) -> Name:
        """Its table, with its schema where the session needs it."""
        return Name(None if self.here else self.schema, self.table)

    def __str__(self) -> str:
        return written(*self.of, self.name)


class UnclearError(ConfigError):
    """It is not clear which column is meant; one of the candidates may be."""

    def __init__(self, role: str, problem: str, candidates: Sequence[ShopColumn]) -> None:
        """problem: of the name that was given; empty: there was none."""
        self.role, self.problem, self.listed = role, problem, candidates[:LISTED]
        self.more = f"and {len(candidates) - LISTED} more" if len(candidates) > LISTED else ""
        named = " ".join(filter(None, (", ".join(map(str, self.listed)) or "none", self.more)))
        super().__init__(f"--{role}-column{f': {problem}' if problem else ' is missing'}; there are {named}")


Ask = Callable[[UnclearError], str]


class Columns(NamedTuple):
    """The columns that features are made of."""

    amount: ShopColumn
    date: ShopColumn
    customer: ShopColumn


class Catalog:
    """What tables there are but the job's own."""

    def __init__(self, database: Database) -> None:
        columns = [ShopColumn(**row) for row in database.fetch("shop_columns")]
        self.columns = [column for column in columns if column.table not in OWN_TABLES]
        self._keys = database.keys()

    def choose(self, given: Mapping[str, str | None], ask: Ask | None) -> Columns:
        """Return the columns for the roles amount, date and customer.

        given: a name for each role, as `table.column`, with or without table and schema; None: not given.
        ask: gives a name, or the number of a candidate from 1, where a name is missing or wrong; None: nobody to ask.
        Raises UnclearError then, and ConfigError for a shop without columns to choose from.
        """
        if not self.columns:
            raise ConfigError("--from-database: there is no table with a column that the database's user may read")
        chosen: dict[str, ShopColumn] = {}
        for role in ORDER:
            text = given.get(role)
            candidates = self._candidates(role, chosen.get("amount"))
            while role not in chosen:
                try:
                    chosen[role] = self._find(role, text, candidates)
                except UnclearError as error:
                    if ask is None:
                        raise
                    text = ask(error)
                    if text.isdecimal() and 0 < int(text) <= len(error.listed):
                        text = str(error.listed[int(text) - 1])
        return Columns(**chosen)

    def _find(self, role: str, text: str | None, candidates: Sequence[ShopColumn]) -> ShopColumn:
        if not text:
            raise UnclearError(role, "", candidates)
        parts = name_parts(text)
        named = [c for c in self.columns if parts and [c.schema, c.table, c.name][-len(parts) :] == parts]
        matches = [column for column in named if column.here] or named  # as an SQL name reaches those first
        if not matches:
            raise UnclearError(role, f"{text} is no column that the database's user may read", candidates)
        if len(matches) > 1:
            raise UnclearError(role, f"{text} is in {len(matches)} tables; name it as TABLE.COLUMN", matches)
        [column] = matches
        if role in NEEDED and column.kind not in KINDS[role]:
            problem = f"{column} is of type {column.type}, and the {role} must be a {NEEDED[role]}"
            raise UnclearError(role, problem, candidates)
        return column

    def _candidates(self, role: str, amount: ShopColumn | None) -> list[ShopColumn]:
        """Columns that a role may have: in the table of the amounts, or one that it refers to, where they are known."""
        parents = [Name(None, reference.parent) for reference in self._references(amount)] if amount else []
        tables = {amount.of, *parents} if amount else {column.of for column in self.columns}
        candidates = [
            column
            for column in self.columns
            if column.kind in KINDS[role]
            and column.of in tables
            and column != amount
            and (role != "amount" or not self._is_key(column))
        ]
        return sorted(candidates, key=lambda column: KINDS[role].index(column.kind))

    def _keys_of(self, table: Name) -> Keys:
        """Only the keys of the session's schema are known."""
        return Keys() if table.schema else self._keys.get(table.table, Keys())

    def _references(self, column: ShopColumn) -> Sequence[Reference]:
        return self._keys_of(column.of).references

    def _is_key(self, column: ShopColumn) -> bool:
        keys = self._keys_of(column.of)
        return column.name in {*keys.primary, *(name for reference in keys.references for name in reference.columns)}

    def join(self, columns: Columns) -> Reference | None:
        """Return the foreign key from the amounts' table to the one that the others are in; None: it is the same.

        Raises ConfigError where there is not exactly one, of one column.
        """
        child = columns.amount.of
        others = {column.of for column in columns} - {child}
        if not others:
            return None
        names = ", ".join(map(str, columns))
        if len(others) > 1:
            raise ConfigError(f"--from-database: {names} are in three tables; {BY_HAND}")
        [parent] = others
        references = [
            reference
            for reference in self._keys_of(child).references
            if Name(None, reference.parent) == parent and len(reference.columns) == 1
        ]
        if len(references) != 1:
            number = f"{len(references)} foreign keys lead" if references else "no foreign key of one column leads"
            raise ConfigError(
                f"--from-database: {names} are in two tables, and {number} from {child} to {parent}; {BY_HAND}"
            )
        return references[0]

    def keyed_by(self, customer: ShopColumn) -> tuple[Name, str] | None:
        """Return the table that has a row per customer, and its key; None: no key tells."""
        if self._keys_of(customer.of).primary == (customer.name,):
            return customer.of, customer.name
        references = [reference for reference in self._references(customer) if reference.columns == (customer.name,)]
        if len(references) != 1:
            return None
        [reference] = references
        return Name(None, reference.parent), reference.parent_columns[0]


def features_sql(database: Database, columns: Columns, join: Reference | None) -> str:
    """Return the SELECT of the features, with comments.

    join: from the amounts' table to that of the others. An order is a row of the table that has the dates.
    """

    def sql(column: ShopColumn) -> str:
        return f"{quoted(column.of)}.{quoted(column.name)}" if join else quoted(column.name)

    names = {"amount": sql(columns.amount), "date": sql(columns.date), "customer": sql(columns.customer)}
    child, parent, order, joined = columns.amount.of, None, None, {}
    if join:
        parent = Name(None, join.parent)
        parent_key = f"{quoted(parent)}.{quoted(join.parent_columns[0])}"
        joined = {"parent_key": parent_key, "reference": f"{quoted(child)}.{quoted(join.columns[0])}"}
        order = parent_key if columns.date.of == parent else None
    [text] = database.statements.render("starter_features", **names, **joined, table=child, parent=parent, order=order)
    return f"{text.strip()}\n"
