"""The shop's tables: made, counted, and what the database declares of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from job.adapters.base import Database
from job.config import Config, Load
from job.errors import ConfigError, DatabaseError, TransientError
from job.statements import read_statements
from job.tables import Keys, Name, Table


@dataclass(frozen=True)
class Schema:
    """The statements that make the shop's tables."""

    tables: Sequence[str]
    keys: Sequence[str]  # those that give the tables their keys, where keys come after the rows
    file: Path | None  # the shop's own, where the statements are from one

    @classmethod
    def read(cls, database: Database, load: Load | None) -> "Schema":
        """Return the config's schema, or that which comes with the job. Raises ConfigError where it cannot be read."""
        if load and load.sql:
            return cls(read_statements("load.sql", load.sql), [], load.sql)
        keys = database.statements.render("constraints") if "constraints" in database.statements else []
        return cls(database.statements.render("schema"), keys, None)

    def make(self, database: Database, with_keys: bool = False) -> None:
        """Make the tables. Raises ConfigError where the statements of a shop's own file cannot be run."""
        try:
            for statement in [*self.tables, *(self.keys if with_keys else ())]:
                database.run(statement)
        except DatabaseError as error:
            if self.file is None or isinstance(error, TransientError):
                raise
            raise ConfigError(f"load.sql: {self.file}: {error}") from error


def count_rows(database: Database, tables: Sequence[str]) -> dict[str, int]:
    """Return how many rows each of the tables holds; they must be there."""
    counts = database.fetch("count_rows", tables=tables) if tables else []
    return {row["table"]: row["rows"] for row in counts}


def require_columns(database: Database, tables: Sequence[str], config: Config) -> None:
    """Raise ConfigError where the config names a table or a column that is not there."""
    for table in tables:
        if not database.columns(Name(None, table)):
            schema = config.load.sql if config.load and config.load.sql else f"sql/{database.dialect}/schema.sql"
            raise ConfigError(f"load.tables names {table}, which is no table of {schema}")
    if config.write_back:
        config.write_back.require_columns({column.name for column in database.columns(config.write_back.name)})


def read_tables(database: Database, names: Sequence[str], config: Config) -> dict[str, Table]:
    """Return what the database declares of the tables, each without the column that the job writes labels to.

    Raises ConfigError where the config names what is not there, or a child before its parent.
    """
    require_columns(database, names, config)
    keys = database.keys()
    labels = {config.write_back.table: config.write_back.column} if config.write_back else {}
    tables = {
        name: Table(
            name,
            [column for column in database.columns(Name(None, name)) if column.name != labels.get(name)],
            keys.get(name, Keys()),
        )
        for name in names
    }
    for number, name in enumerate(names):
        for reference in tables[name].keys.references:
            if reference.parent in names[number + 1 :]:
                raise ConfigError(f"load.tables: {reference.parent} must come before {name}, which refers to it")
    return tables
