"""The shop's tables: made, counted, and what the database declares of them."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from job.adapters.base import Database
from job.config import Config, Load
from job.errors import ConfigError, DatabaseError, DataError, TransientError
from job.statements import read_script
from job.tables import Column, Keys, Name, Table

TEXT = "a type of text"
Declared = Mapping[str, Sequence[Column]]  # the columns of each table, in their order

CLIENT_LINE = re.compile(r"^(?:DELIMITER\b|SOURCE\b|GO$|\\|\.)[^\r\n]*", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Schema:
    """The statements that make the shop's tables."""

    tables: Sequence[str]  # a shop's own are one script
    keys: Sequence[str]  # those that give the tables their keys, where keys come after the rows
    file: Path | None  # the shop's own, where the statements are from one

    @classmethod
    def read(cls, database: Database, load: Load | None) -> "Schema":
        """Return the config's schema, or that which comes with the job. Raises ConfigError where it cannot be read."""
        if load and load.sql:
            return cls([read_script("load.sql", load.sql)], [], load.sql)
        keys = database.statements.render("constraints") if "constraints" in database.statements else []
        return cls(database.statements.render("schema"), keys, None)

    def make(self, database: Database, with_keys: bool = False) -> None:
        """Make the tables. Raises ConfigError where the statements of a shop's own file cannot be run."""
        if self.file:
            with self._of_own_file():
                for script in self.tables:
                    database.run_script(script)
            return
        for statement in [*self.tables, *(self.keys if with_keys else ())]:
            database.run(statement)

    def try_out(self, database: Database) -> None:
        """Make the tables, which the running transaction takes back, or the session's end. Raises as `make`."""
        if database.transactional_ddl:
            self.make(database, with_keys=True)
            return
        with self._of_own_file():
            database.imitate(self.tables)

    @contextmanager
    def _of_own_file(self) -> Iterator[None]:
        """Say of what a database refuses that a shop's own file has it, where there is one."""
        try:
            yield
        except (ConfigError, DatabaseError, DataError) as error:
            if isinstance(error, TransientError) or not self.file:
                raise
            raise ConfigError(f"load.sql: {self.file}: {error}{self._hint()}") from error

    def _hint(self) -> str:
        """Say which line is no SQL, but a word for a database's own client, if there is one."""
        found = [CLIENT_LINE.search(script) for script in self.tables]
        return "".join(f"; {match[0]} is for a client, not for the database: leave it out" for match in found if match)


def count_rows(database: Database, tables: Sequence[str]) -> dict[str, int]:
    """Return how many rows each of the tables holds; they must be there."""
    counts = database.fetch("count_rows", tables=tables) if tables else []
    return {row["table"]: row["rows"] for row in counts}


def require_keys_to_merge(load: Load, tables: Sequence[str], keys: Mapping[str, Keys]) -> None:
    """Raise ConfigError where one of the tables is to be merged, and has no key to tell its rows by."""
    without = [table for table in tables if load.mode_of(table) == "merge" and not keys.get(table, Keys()).primary]
    if without:
        raise ConfigError(
            f"load.mode is merge, but table {', '.join(without)} has no primary key to tell its rows by; give it one, "
            "or another mode: append adds a file's records once, mirror makes the table what the file is"
        )


def require_tables(database: Database, tables: Sequence[str], load: Load | None) -> Declared:
    """Return the tables' columns. Raises ConfigError where load.tables names a table that is not there."""
    declared = {table: database.columns(Name(None, table)) for table in tables}
    if absent := [table for table, columns in declared.items() if not columns]:
        schema = load.sql if load and load.sql else f"sql/{database.dialect}/schema.sql"
        raise ConfigError(f"load.tables names {absent[0]}, which is no table of {schema}")
    return declared


def require_columns(database: Database, tables: Sequence[str], config: Config) -> Declared:
    """Return the tables' columns. Raises ConfigError where the config names a table or a column that is not there."""
    declared = require_tables(database, tables, config.load)
    if config.write_back:
        config.write_back.require_columns({column.name for column in database.columns(config.write_back.name)})
    return declared


def read_tables(database: Database, names: Sequence[str], config: Config) -> dict[str, Table]:
    """Return what the database declares of the tables, each without the column that the job writes labels to.

    Raises ConfigError where the config names what is not there, or a child before its parent; as `table_of_files` and
    `require_keys_to_merge`.
    """
    declared, keys = require_columns(database, names, config), database.keys()
    if config.load:
        require_keys_to_merge(config.load, names, keys)
        _require_columns_of_formats(declared, config.load)
    labels = config.write_back.label_columns if config.write_back else []
    tables = {}
    for name, columns in declared.items():
        ours = [label.column for label in labels if label.table == Name(None, name)]
        tables[name] = table_of_files(name, columns, keys.get(name, Keys()), ours)
    for number, name in enumerate(names):
        for reference in tables[name].keys.references:
            if reference.parent in names[number + 1 :]:
                raise ConfigError(f"load.tables: {reference.parent} must come before {name}, which refers to it")
    return tables


def _require_columns_of_formats(declared: Declared, load: Load) -> None:
    for name, columns in declared.items():
        there = {column.name.lower() for column in columns}
        if lacking := [column for column in load.formats_of(name)[1] if column.lower() not in there]:
            raise ConfigError(f"load.formats names {name}.{lacking[0]}, which is no column of table {name}")


def table_of_files(name: str, columns: Sequence[Column], keys: Keys, labels: Collection[str]) -> Table:
    """Return the table as files fill it: without the labels' columns, and those that the database fills by itself.

    A primary key that the database makes is none that files have. Raises ConfigError for a column whose type no file is
    loaded into.
    """
    filled = [column for column in columns if column.name not in labels and not column.generated]
    generated = tuple(column.name for column in columns if column.generated)
    if refused := [column for column in filled if not column.type]:
        each = [f"{column.name} is {column.declared} (declare {column.instead or TEXT})" for column in refused]
        raise ConfigError(f"table {name} has columns of types that files are not loaded into: {', '.join(each)}")
    referring = {column for reference in keys.references for column in reference.columns}
    for column in filled:
        if column.base in ("NUMERIC", "FLOAT") and column.name in {*keys.primary, *referring}:
            raise ConfigError(
                f"table {name}: {column.name} is a key of type {column.declared}; declare at most 38 digits, or {TEXT}"
            )
    if made := sorted(referring & set(generated)):
        raise ConfigError(
            f"table {name}: {made[0]} refers to another table, and is filled by the database; files cannot say what to"
        )
    primary = () if set(keys.primary) & set(generated) else keys.primary
    return Table(name, filled, Keys(primary, keys.references), generated)
