"""DuckDB, embedded: one file, which one process at a time may write."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from job import interrupt
from job.adapters.base import Database
from job.config import DuckDBDatabase, WriteBack
from job.errors import ClientelaError, DatabaseError, DataError, LockedError, is_disk_full
from job.staging.area import StagedFile, Staging
from job.tables import Column, Name, Own


class DuckDB(Database):
    """The open database file."""

    dialect = "duckdb"
    driver_error = duckdb.Error
    differential = False

    def __init__(self, connection: duckdb.DuckDBPyConnection, own: Own, path: Path) -> None:
        super().__init__(connection, own)
        self._path = path
        self.execute("session")

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

    def bulk_load(self, table: str | Name, file: StagedFile, staging: Staging) -> None:
        self.execute("bulk_load", table=table, file=file)

    def rights(self, tables: Sequence[str], write_back: WriteBack | None) -> dict[str, bool]:
        places = (self._path, self._path.absolute().parent)  # the folder is for the log of what is not in the file yet
        return {f"to write {place}": os.access(place, os.W_OK) for place in places}

    def export(self, columns: Sequence[Column], target: Path, form: str) -> int:
        return self.execute("export", columns=columns, target=target, form=form)

    def explained(self, error: Exception) -> ClientelaError:
        sentence = str(error).splitlines()[0]
        if isinstance(error, duckdb.ConstraintException | duckdb.ConversionException):
            return DataError(f"DuckDB refuses the data: {sentence}")
        if is_disk_full(error):
            return DatabaseError(f"{self._path}: the disk is full ({sentence}); make room there and run again")
        return DatabaseError(f"DuckDB: {sentence}")


def connect(settings: DuckDBDatabase, own: Own, read_only: bool) -> DuckDB:
    """Open the file, making it and its folder where missing; see `job.adapters.connect`."""
    try:
        if not read_only:
            settings.path.parent.mkdir(parents=True, exist_ok=True)
        return DuckDB(duckdb.connect(settings.path, read_only=read_only), own, settings.path)
    except OSError as error:
        raise DatabaseError(f"{settings.path}: cannot be made ({error.strerror}); see database.path") from error
    except duckdb.IOException as error:
        if "Could not set lock" in str(error):
            raise LockedError(
                f"{settings.path}: another process has the database open; wait for it or close it ({_holder(error)})"
            ) from error
        raise DatabaseError(f"{settings.path}: cannot be opened: {str(error).splitlines()[0]}") from error


def _holder(error: duckdb.IOException) -> str:
    return str(error).partition("held in ")[2].partition(". ")[0] or "DuckDB does not say which"
