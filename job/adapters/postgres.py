"""PostgreSQL through psycopg2; rows go in by COPY FROM STDIN."""

import re
import select
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, SecretStr

from job.adapters.server import KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, UNANSWERED, ServerDatabase
from job.adapters.settings import ServerSettings
from job.errors import ClientelaError, DatabaseError, DataError, TransientError
from job.staging.area import StagedFile, Staging
from job.staging.conversion import converted
from job.statement_contract import Columns
from job.tables import Column, LabelColumn, Name, Own

if TYPE_CHECKING:
    import psycopg2

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
LOCK_TIMEOUT = "55P03"
DISK_FULL = "53100"
ALIVE = {  # of a connection that is dead, not of a statement that takes long
    "keepalives_idle": KEEPALIVE_IDLE,
    "keepalives_interval": KEEPALIVE_INTERVAL,
    "tcp_user_timeout": UNANSWERED * 1000,
}


class PostgresSettings(ServerSettings):
    """A PostgreSQL server, by parts or by URL."""

    schemes = ("postgresql", "postgres")
    default_port = 5432
    variables = "POSTGRES"
    name_variable = "POSTGRES_DB"

    dialect: Literal["postgres"] = Field(description="`postgres`: PostgreSQL.")
    url: SecretStr | None = Field(
        None,
        description="`postgresql://user:password@host:port/name?sslmode=require`, in place of host, port, name, user "
        "and password. Its query is added to the options. Empty: not given.",
    )


class Postgres(ServerDatabase):
    """A session on a PostgreSQL server."""

    dialect = "postgres"
    title = "PostgreSQL"
    settings = PostgresSettings
    own_statements: ClassVar[Mapping[str, Columns]] = {
        "bulk_load": (),
        "copy_out": (),  # sends `exported`
        "lock_timeout": (),
        "lost_client": (),  # has the server notice within a minute or two that the job is gone
        "rights": ("needed", "granted"),
        **ServerDatabase.beside,
    }

    def __init__(self, connect: Callable[[], Any], own: Own, settings: PostgresSettings, read_only: bool) -> None:
        super().__init__(connect, own, settings)
        self.session = self._this_session()
        if not read_only:
            self.execute("lock_timeout", milliseconds=settings.lock_timeout * 1000)
            with suppress(DatabaseError):  # not on every system that the server may run on
                self.execute("lost_client", idle=KEEPALIVE_IDLE, interval=KEEPALIVE_INTERVAL)

    @classmethod
    def connect(cls, settings: PostgresSettings, own: Own, read_only: bool) -> Self:
        import psycopg2

        options: dict[str, Any] = {"application_name": "clientela", "connect_timeout": 10, **ALIVE, **settings.options}
        options["client_encoding"] = "UTF8"  # whatever the role's or the database's is: COPY sends nothing else

        def session() -> Any:
            connection = psycopg2.connect(
                host=settings.host,
                port=settings.port,
                dbname=settings.name,
                user=settings.user or None,
                password=settings.password.get_secret_value() or None,
                **options,
            )
            # Where an operator has made sessions read-only, they stay so.
            connection.set_session(autocommit=True, readonly=read_only or None)
            return connection

        try:
            return cls(session, own, settings, read_only)
        except (psycopg2.Error, TypeError, ValueError) as error:
            # A host with several addresses has a line for each; what a server said counts more than one that is not
            # there.
            lines = str(error).strip().splitlines()
            said = next(filter(SAID.search, lines), lines[0])
            family = TransientError if UNREACHABLE.search(said) else DatabaseError
            raise family(
                f"{cls.title} at {settings.address} cannot be used: {said}; see database: in the config"
            ) from error

    @property
    def driver_error(self) -> "type[psycopg2.Error]":
        import psycopg2

        return psycopg2.Error

    @property
    def version(self) -> str:
        number = self.connection.server_version
        return f"{self.title} {number // 10000}.{number % 10000}"

    def bulk_load(self, table: str | Name, file: StagedFile, staging: Staging) -> None:
        [copy] = self.statements.render("bulk_load", table=table, columns=file.columns)
        try:
            with staging.piped(file, null="") as stream, self.cursor() as cursor:
                cursor.copy_expert(copy, _Sent(stream, self._file_number), size=1 << 18)
        except self.driver_error as error:
            raise self.translated(error) from error

    def rights(self, tables: Sequence[str], label: LabelColumn | None) -> dict[str, bool]:
        schema, table = label.table if label else Name(None, "")
        labelled = {"schema": schema, "table": table, "column": label.column if label else ""}
        values = {"tables": list(tables), "own_schema": self.own.schema, **labelled}
        return {row["needed"]: bool(row["granted"]) for row in self.fetch("rights", values)}

    def export(self, columns: Sequence[Column], target: Path, form: str) -> int:
        [copy] = self.statements.render("copy_out", columns=columns)
        try:
            with converted(columns, target, form) as stream, self.cursor() as cursor:
                cursor.copy_expert(copy, stream)
                return int(cursor.rowcount)
        except self.driver_error as error:
            raise self.translated(error) from error

    @property
    def _file_number(self) -> int:
        return int(self.connection.fileno())

    def translated(self, error: Exception) -> ClientelaError:
        import psycopg2

        assert isinstance(error, psycopg2.Error)
        if lost := self._lost():
            return lost
        diagnosis = error.diag
        sentence = diagnosis.message_primary or str(error).strip().partition("\n")[0]
        if diagnosis.message_detail:
            sentence += f": {diagnosis.message_detail}".replace("\n", " ")
        if isinstance(error, psycopg2.IntegrityError | psycopg2.DataError):
            where = f"{diagnosis.table_name}: " if diagnosis.table_name else ""
            return DataError(f"{where}{self.title} refuses the data: {sentence}")
        state = error.pgcode or ""
        if state == LOCK_TIMEOUT:
            sentence += f": {self._waited()}"
        if state.startswith(TRANSIENT) or (not state and self.connection.closed):  # a lost connection has no state
            return TransientError(f"{self.title}: {sentence}")
        if state == DISK_FULL:
            sentence += "; the server's disk is full: make room there and run again"
        return DatabaseError(f"{self.title}: {sentence}")


class _Sent:
    """The stream; it ends once the server has taken nearly all, as psycopg2 sends the rest while no thread can run."""

    def __init__(self, stream: IO[bytes], file_number: int) -> None:
        self._stream, self._file_number = stream, file_number

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        if not data:
            select.select([], [self._file_number], [])
        return data


ADAPTER = Postgres
