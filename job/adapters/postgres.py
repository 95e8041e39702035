"""PostgreSQL through psycopg2; rows go in by COPY FROM STDIN."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg2

from job.adapters.base import Database
from job.config import ServerDatabase, WriteBack
from job.errors import ClientelaError, DatabaseError, DataError, TransientError
from job.staging.area import StagedFile, Staging
from job.staging.conversion import converted
from job.tables import Column, Name, Own

# libpq gives a failed connection no code, only its words.
UNREACHABLE = re.compile(
    "could not translate host name|connection refused|connection reset|no route to host|network is unreachable"
    "|timeout expired|timed out|server closed the connection"
    "|the database system is|too many (clients|connections)|remaining connection slots",
    re.IGNORECASE,
)
SAID = re.compile("FATAL:|SSL|certificate")
# SQLSTATEs of a session or transaction whose successor may be luckier: connection exceptions, serialization failure,
# deadlock, too many connections, lock timeout, ended by an administrator, by a crash, server not ready.
TRANSIENT = ("08", "40001", "40P01", "53300", "55P03", "57P01", "57P02", "57P03")
DISK_FULL = "53100"


class Postgres(Database):
    """A session on a PostgreSQL server."""

    dialect = "postgres"
    driver_error = psycopg2.Error

    @property
    def version(self) -> str:
        number = self.connection.server_version
        return f"PostgreSQL {number // 10000}.{number % 10000}"

    def bulk_load(self, table: str | Name, file: StagedFile, staging: Staging) -> None:
        [copy] = self.statements.render("bulk_load", table=table, columns=file.columns)
        try:
            with staging.piped(file, null="") as stream, self.cursor() as cursor:
                cursor.copy_expert(copy, stream, size=1 << 18)
        except psycopg2.Error as error:
            raise self.explained(error) from error

    def rights(self, tables: Sequence[str], write_back: WriteBack | None) -> dict[str, bool]:
        schema, table = write_back.name if write_back else Name(None, "")
        labelled = {"schema": schema, "table": table, "column": write_back.column if write_back else ""}
        values = {"tables": list(tables), "own_schema": self.own.schema, **labelled}
        return {row["needed"]: bool(row["granted"]) for row in self.fetch("rights", values)}

    def export(self, columns: Sequence[Column], target: Path, form: str) -> int:
        [copy] = self.statements.render("copy_out", columns=columns)
        try:
            with converted(columns, target, form) as stream, self.cursor() as cursor:
                cursor.copy_expert(copy, stream)
                return int(cursor.rowcount)
        except psycopg2.Error as error:
            raise self.explained(error) from error

    def cancel(self) -> None:
        self.connection.cancel()

    def explained(self, error: Exception) -> ClientelaError:
        assert isinstance(error, psycopg2.Error)
        diagnosis = error.diag
        sentence = diagnosis.message_primary or str(error).strip().partition("\n")[0]
        if diagnosis.message_detail:
            sentence += f": {diagnosis.message_detail}".replace("\n", " ")
        if isinstance(error, psycopg2.IntegrityError | psycopg2.DataError):
            where = f"{diagnosis.table_name}: " if diagnosis.table_name else ""
            return DataError(f"{where}PostgreSQL refuses the data: {sentence}")
        state = error.pgcode or ""
        if state.startswith(TRANSIENT) or (not state and self.connection.closed):  # a lost connection has no state
            return TransientError(f"PostgreSQL: {sentence}")
        if state == DISK_FULL:
            sentence += "; the server's disk is full: make room there and run again"
        return DatabaseError(f"PostgreSQL: {sentence}")


def connect(settings: ServerDatabase, own: Own, read_only: bool) -> Postgres:
    """Open a session; see `job.adapters.connect`."""
    address = f"{settings.host}:{settings.port or 5432}"
    options: dict[str, Any] = {"application_name": "clientela", "connect_timeout": 10, **settings.options}
    try:
        connection = psycopg2.connect(
            host=settings.host,
            port=settings.port or 5432,
            dbname=settings.name,
            user=settings.user or None,
            password=settings.password.get_secret_value() or None,
            **options,
        )
        connection.set_session(autocommit=True, readonly=read_only)
        return Postgres(connection, own)
    except (psycopg2.Error, TypeError, ValueError) as error:
        # A host with several addresses has a line for each; what a server said counts more than one that is not there.
        lines = str(error).strip().splitlines()
        said = next(filter(SAID.search, lines), lines[0])
        family = TransientError if UNREACHABLE.search(said) else DatabaseError
        raise family(f"PostgreSQL at {address} cannot be used: {said}; see database: in the config") from error
