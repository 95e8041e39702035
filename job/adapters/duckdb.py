"""DuckDB, embedded: one file, which one process at a time may write."""

import json
import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

import duckdb
from pydantic import Field, field_validator

from job import interrupt
from job.adapters.base import Database, Exported
from job.adapters.settings import DatabaseSettings
from job.errors import ClientelaError, DatabaseError, DataError, LockedError, is_disk_full
from job.files import replaced
from job.staging.area import StagedFile, Staging
from job.statement_contract import Columns
from job.tables import FieldType, LabelColumn, Name, Own

# How a field becomes a value of each type: what staging has the same of is loaded as it is.
TYPES = {
    **{
        name: FieldType(name)
        for name in (
            *("VARCHAR", "ENUM", "UUID", "JSON", "BOOLEAN", "DECIMAL", "FLOAT", "DOUBLE", "DATE", "TIME"),
            *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"),
            *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
            *("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"),
        )
    },
    "TIMESTAMP_S": FieldType("TIMESTAMP"),
    "TIMESTAMP_MS": FieldType("TIMESTAMP"),
    "TIME WITH TIME ZONE": FieldType(instead="TIME or TIMESTAMPTZ"),
    "TIME_NS": FieldType(instead="TIME"),
    "BIGNUM": FieldType(instead="HUGEINT"),
}


class DuckDBSettings(DatabaseSettings):
    """The embedded database: one file."""

    dialect: Literal["duckdb"] = Field(description="`duckdb`: DuckDB, embedded.")
    path: Path = Field(Path("var/clientela.duckdb"), description="The database file; created if missing.")

    @field_validator("path", mode="before")
    @classmethod
    def _is_no_url(cls, value: Any) -> Any:
        if "://" in str(value):
            raise ValueError("path is a URL; give the path of a file")
        return value

    @property
    def place(self) -> str:
        return str(self.path)

    @property
    def missing(self) -> str:
        return "" if self.path.exists() else str(self.path)

    @classmethod
    def from_address(cls, address: str) -> dict[str, Any] | None:
        return None if "://" in address else {"path": address}

    @classmethod
    def to_fill_in(cls, address: str | None = None, name: str = "clientela") -> dict[str, Any]:
        return {"path": address or f"${{DUCKDB_PATH:-var/{name}.duckdb}}"}


class DuckDB(Database):
    """The open database file."""

    dialect = "duckdb"
    title = "DuckDB"
    settings = DuckDBSettings
    types = TYPES
    own_statements: ClassVar[Mapping[str, Columns]] = {
        "bulk_load": (),
        "export": (),  # writes `exported` to a file
        "rewrite": (),
        "session": (),
    }
    tokens = "duckdb"
    has_server = False
    loads_differences = False

    def __init__(self, connection: duckdb.DuckDBPyConnection, own: Own, path: Path) -> None:
        super().__init__(connection, own)
        self._path = path
        self.execute("session")

    @classmethod
    def connect(cls, settings: DuckDBSettings, own: Own, read_only: bool) -> Self:
        """Open the file, and make it and its folder where they are missing; see `Database.connect`."""
        try:
            if not read_only:
                settings.path.parent.mkdir(parents=True, exist_ok=True)
            return cls(duckdb.connect(settings.path, read_only=read_only), own, settings.path)
        except OSError as error:
            raise DatabaseError(f"{settings.path}: cannot be made ({error.strerror}); see database.path") from error
        except duckdb.IOException as error:
            if "Could not set lock" in str(error):
                raise LockedError(
                    f"{settings.path}: another process has the database open; wait for it or close it "
                    f"({_holder(error)})"
                ) from error
            raise DatabaseError(f"{settings.path}: cannot be opened: {str(error).splitlines()[0]}") from error

    @classmethod
    def command_to_try(cls, settings: DuckDBSettings, statement: str) -> str:
        # JSON's texts are Python's, too, and their quotes are not those that the shell needs.
        path, query = (json.dumps(text) for text in (str(settings.path), statement))
        return shlex.join([sys.executable, "-c", f"import duckdb; duckdb.connect({path}).sql({query}).show()"])

    @property
    def driver_error(self) -> type[duckdb.Error]:
        return duckdb.Error

    @property
    def version(self) -> str:
        return f"DuckDB {duckdb.__version__}"

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """Give the connection itself: DuckDB's cursors are sessions with transactions of their own."""
        with interrupt.cancellable(self.cancel):
            yield self.connection

    def cancel(self) -> None:
        self.connection.interrupt()

    def _run(self, statement: str, values: Mapping[str, Any] | None = None) -> tuple[list[dict[str, Any]], int]:
        if values is not None:  # DuckDB writes parameters as $name and takes those alone that the statement has
            used = {name: value for name, value in values.items() if f"%({name})s" in statement}
            statement = statement % {name: f"${name}" for name in used}
            values = used
        rows, touched = super()._run(statement, values)
        if rows and rows[0].keys() == {"Count"}:
            touched = rows[0]["Count"]
        return rows, touched

    def column_names(self, select: str) -> list[str]:
        """As it describes the SELECT itself: in a subquery, a second column of a name gets another."""
        return [row["name"] for row in self.fetch("features_shape", features_sql=select)]

    def bulk_load(self, table: str | Name, file: StagedFile, staging: Staging) -> None:
        self.execute("bulk_load", table=table, file=file)

    def rights(self, tables: Sequence[str], label: LabelColumn | None) -> dict[str, bool]:
        places = (self._path, self._path.absolute().parent)  # the folder is for the log of what is not in the file yet
        return {f"to write {place}": os.access(place, os.W_OK) for place in places}

    def export(self, rows: Exported, target: Path, form: str) -> int:
        return self.execute("export", rows=rows.statement, target=target, form=form, **rows.context)

    def purge(self) -> bool:
        """Write the file anew: pages that are free, and rows that are marked as deleted, keep what they held."""
        path = self._path.resolve()
        try:
            with replaced(path) as draft:
                [(database,)] = self.connection.execute("SELECT current_database()").fetchall()
                self.execute("rewrite", database=database, target=draft)
        except (OSError, ClientelaError) as error:
            raise DatabaseError(
                f"{path}: the rows are deleted, but the file cannot be written anew, and its free pages may hold what "
                f"they held ({error}); put that right, and run the command again"
            ) from error
        return True

    def translated(self, error: Exception) -> ClientelaError:
        sentence = str(error).splitlines()[0]
        if isinstance(error, duckdb.ConstraintException | duckdb.ConversionException):
            return DataError(f"DuckDB refuses the data: {sentence}")
        if is_disk_full(error):
            return DatabaseError(f"{self._path}: the disk is full ({sentence}); make room there and run again")
        return DatabaseError(f"DuckDB: {sentence}")


def _holder(error: duckdb.IOException) -> str:
    return str(error).partition("held in ")[2].partition(". ")[0] or "DuckDB does not say which"


ADAPTER = DuckDB
