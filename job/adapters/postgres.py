"""PostgreSQL through psycopg2; rows go in by COPY FROM STDIN."""

import codecs
import re
import select
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, Literal, Self

from pydantic import Field, SecretStr

from job.adapters import binary, pooling
from job.adapters.base import Exported
from job.adapters.server import KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, UNANSWERED, ServerDatabase
from job.adapters.settings import ServerSettings
from job.charsets import Charset
from job.errors import ClientelaError, DatabaseError, DataError, TransientError
from job.staging.ahead import Stream
from job.staging.area import StagedFile, Staging
from job.staging.conversion import Conversion, converted, read_out
from job.statement_contract import Columns
from job.tables import Column, FieldType, LabelColumn, Name, Own

if TYPE_CHECKING:
    import psycopg2

# libpq gives a failed connection no code, only its words.
UNREACHABLE = re.compile(
    "could not translate host name|connection refused|connection reset|no route to host|network is unreachable"
    "|timeout expired|timed out|server closed the connection"
    "|the database system is|too many (clients|connections)|remaining connection slots"
    "|query_wait_timeout|no more connections allowed|cannot connect to server",  # a pooler's words
    re.IGNORECASE,
)
SAID = re.compile("FATAL:|SSL|certificate")
# SQLSTATEs of a session or transaction whose successor may be luckier: connection exceptions, serialization failure,
# deadlock, too many connections, lock timeout, ended by an administrator, by a crash, server not ready.
TRANSIENT = ("08", "40001", "40P01", "53300", "55P03", "57P01", "57P02", "57P03")
LOCK_TIMEOUT = "55P03"
DISK_FULL = "53100"
NO_CHARACTER = "22021"
WIDE = 256  # bytes of a record, as it stands in the file: DuckDB gives encoded ones by the 100,000
TEXTS = ("VARCHAR", "JSON")  # types of columns whose characters are the database's
# How a server or a pooler says that a limit of time ended a statement or a session; waits for locks are another thing.
TIMED_OUT = re.compile(
    "(idle.session|idle.in.transaction|idle.transaction|statement|transaction|query|client.idle).timeout"
)
# Python's names of encodings whose names it does not know, or that mean another one to it
CODECS = {
    "EUC_CN": "gb2312",
    "EUC_JIS_2004": "euc_jis_2004",
    "KOI8R": "koi8_r",
    "KOI8U": "koi8_u",
    "SHIFT_JIS_2004": "shift_jis_2004",
}
IDLE_SINCE = 140000  # the version that knows idle_session_timeout
# How a field becomes a value of each type, as format_type writes it; domains are their base type.
TYPES = {
    "text": FieldType("VARCHAR"),
    "character varying": FieldType("VARCHAR"),
    "character": FieldType("VARCHAR", drops_spaces=True),
    "citext": FieldType("VARCHAR"),
    "enum": FieldType("ENUM"),
    "smallint": FieldType("SMALLINT"),
    "integer": FieldType("INTEGER"),
    "bigint": FieldType("BIGINT"),
    "numeric": FieldType("DECIMAL", instead="NUMERIC with a scale from 0 to its precision"),
    "real": FieldType("FLOAT"),
    "double precision": FieldType("DOUBLE"),
    "boolean": FieldType("BOOLEAN"),
    "date": FieldType("DATE"),
    "time without time zone": FieldType("TIME"),
    "timestamp without time zone": FieldType("TIMESTAMP"),
    "timestamp with time zone": FieldType("TIMESTAMP WITH TIME ZONE"),
    "uuid": FieldType("UUID"),
    "json": FieldType("JSON"),
    "jsonb": FieldType("JSON"),
    "money": FieldType(instead="NUMERIC(12, 2)"),
    "time with time zone": FieldType(instead="TIME or TIMESTAMPTZ"),
    "name": FieldType(instead="VARCHAR(63)"),
}
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
    types = TYPES
    reads_out = True
    own_statements: ClassVar[Mapping[str, Columns]] = {
        "begin": (),  # begins a transaction with all settings that statements depend on
        "bulk_load": (),
        "copy_out": (),  # sends `exported`
        "look_up": (),  # begins or ends what looks up few rows in tables that were just read
        "lost_client": (),  # has the server notice within a minute or two that the job is gone
        "read_out": (),  # sends a table's rows
        "rights": ("needed", "granted"),
        "session": (),  # in one that is the job's alone
        "unlock": ("unlocked",),
        **ServerDatabase.beside,
    }
    tokens = "postgres"

    def __init__(self, connect: Callable[..., Any], own: Own, settings: PostgresSettings, read_only: bool) -> None:
        super().__init__(connect, own, settings)
        self.connection.autocommit = True  # what begins a transaction says all that it is to be
        self._read_only = read_only
        self._pooled = False
        self._lock_holder = 0  # the backend, where a pooler could give the session another one
        limit = 0 if "lock_timeout" in settings.options.get("options", "") else settings.lock_timeout * 1000
        opening = self.statements.render("begin", read_only=read_only, version=self._number, lock_timeout=limit)
        self._opening = "; ".join(opening)
        self._pooled = pooling.is_pooled(self.connection)
        if self._pooled:
            self._require_transactions()
        else:
            self._keep_session(read_only)
            self.session = self._this_session()

    def _keep_session(self, read_only: bool) -> None:
        """Set what no transaction's setting reaches, in a session that is the job's alone."""
        if self._number >= IDLE_SINCE:
            self.execute("session")
        if not read_only:
            with suppress(DatabaseError):  # not on every system that the server may run on
                self.execute("lost_client", idle=KEEPALIVE_IDLE, interval=KEEPALIVE_INTERVAL)

    @classmethod
    def connect(cls, settings: PostgresSettings, own: Own, read_only: bool) -> Self:
        import psycopg2

        options: dict[str, Any] = {"application_name": "clientela", "connect_timeout": 10, **ALIVE, **settings.options}
        options["client_encoding"] = "UTF8"  # whatever the role's or the database's is: COPY sends nothing else
        opened = partial(
            psycopg2.connect,
            host=settings.host,
            port=settings.port,
            dbname=settings.name,
            user=settings.user or None,
            password=settings.password.get_secret_value() or None,
            **options,
        )
        try:
            return cls(opened, own, settings, read_only)
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
        return f"{self.title} {self._number // 10000}.{self._number % 10000}"

    @property
    def _number(self) -> int:
        return int(self.connection.server_version)

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """Give a cursor as in every dialect; outside of a transaction, in one of its own."""
        from psycopg2 import extensions

        if self.connection.info.transaction_status != extensions.TRANSACTION_STATUS_IDLE:
            with super().cursor() as cursor:
                yield cursor
            return
        try:
            with super().cursor() as cursor:
                cursor.execute(self._opening)
            with super().cursor() as cursor:
                yield cursor
            with super().cursor() as cursor:
                cursor.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _begin(self) -> None:
        """Begin a transaction in the backend that holds the lock. Raises DatabaseError where it is another one."""
        try:
            with super().cursor() as cursor:
                cursor.execute(self._opening)
                if self._lock_holder and pooling.backend(self.connection) != self._lock_holder:
                    raise self._no_session()
        except self.driver_error as error:
            raise self.translated(error) from error

    def _roll_back(self) -> None:
        from psycopg2 import extensions

        if self.connection.info.transaction_status != extensions.TRANSACTION_STATUS_IDLE:
            super()._roll_back()

    def lock(self) -> bool:
        """Take the lock as in every dialect. Raises DatabaseError where a pooler would let it go to somebody else."""
        if self._pooled:
            self._require_session()
        if self._read_only:
            return self._lock_is_free()
        locked = super().lock()
        if locked and self._pooled:
            self._lock_holder = pooling.backend(self.connection)
            self.session = self._this_session()
        return locked

    def _lock_is_free(self) -> bool:
        """Tell whether the lock could be taken, in a transaction: through none of it the backend is anybody else's."""
        self._begin()
        try:
            free = super().lock()
            if free:
                self.execute("unlock", self.own._asdict())
            return free
        finally:
            self._roll_back()

    def _require_session(self) -> None:
        """Raise DatabaseError where a pooler in between does not leave the session to the job."""
        try:
            kept = pooling.keeps_backend(self.connection, partial(self._connect, async_=True))
        except (self.driver_error, TimeoutError) as error:
            said = str(error).strip().splitlines() or ["it takes too long"]
            raise TransientError(
                f"{self.title}: a pooler is in between, and lets no second session in ({said[0]}), by which to see "
                "whether the first one stays the job's; make room for it, or name the server itself in database:"
            ) from error
        if not kept:
            raise self._no_session()

    def _require_transactions(self) -> None:
        """Raise DatabaseError where a pooler in between lets no transaction begin."""
        try:
            self._run("SELECT 1")
        except DatabaseError as error:
            raise DatabaseError(
                f"{self.title}: a pooler that ends the session as a transaction begins is in between ({error}); name "
                "the server itself, or a pool of sessions (PgBouncer: pool_mode = session), in database:"
            ) from error

    def _no_session(self) -> DatabaseError:
        return DatabaseError(
            f"{self.title}: a pooler is in between that gives the job's session to others between transactions, and a "
            "run needs one of its own, for its lock; name the server itself, or a pool of sessions (PgBouncer: "
            "pool_mode = session), in database:"
        )

    def close(self) -> None:
        """End the session, and with it the lock; a pooler would keep both."""
        with suppress(ClientelaError):  # a session that was lost has no lock
            if self._lock_holder and not self.connection.closed:
                self.execute("unlock", self.own._asdict())
        super().close()

    @cached_property
    def _server_encoding(self) -> str:
        return str(self.connection.info.parameter_status("server_encoding"))

    @cached_property
    def charset(self) -> Charset | None:
        encoding = self._server_encoding
        codec = CODECS.get(encoding, re.sub("^WIN", "cp", encoding))
        try:
            codecs.lookup(codec)
        except LookupError:  # the server refuses what it cannot hold, by file
            return None
        return None if encoding == "UTF8" else Charset(f"the database's encoding {encoding}", codec)

    def columns(self, table: Name) -> list[Column]:
        columns = super().columns(table)
        return [replace(column, charset=self.charset) if column.type in TEXTS else column for column in columns]

    def _run_all(self, script: str) -> None:
        try:
            with self.cursor() as cursor:
                cursor.execute(script)
        except self.driver_error as error:
            translated, place = self.translated(error), error.diag.statement_position
            if place is None:
                raise translated from error
            line = script.count("\n", 0, int(place) - 1) + 1
            raise type(translated)(f"line {line}: {translated}") from error

    def prepare(self, file: StagedFile, staging: Staging) -> bool:
        record = self._record(file)
        if record:
            staging.encode(file, record)
        return record is not None

    def _record(self, file: StagedFile) -> str | None:
        """Return the SQL of a record in binary; None: it goes as text."""
        if file.of_parent or self._server_encoding != "UTF8" or file.source.size > WIDE * file.records:
            return None
        return binary.record(file.columns)

    def bulk_load(self, table: str | Name, file: StagedFile, staging: Staging) -> None:
        record = self._record(file)
        if record is None:
            sending: AbstractContextManager[Any] = staging.piped(file, null="")
        else:
            sending = staging.sent(file, record, binary.HEADER, binary.TRAILER)
        form = "csv" if record is None else "binary"
        [copy] = self.statements.render("bulk_load", table=table, columns=file.columns, form=form)
        try:
            with sending as stream, self.cursor() as cursor:
                cursor.copy_expert(copy, _Sent(stream, self._file_number), size=1 << 18)
        except self.driver_error as error:
            raise self.translated(error) from error

    def rights(self, tables: Sequence[str], label: LabelColumn | None) -> dict[str, bool]:
        schema, table = label.table if label else Name(None, "")
        labelled = {"schema": schema, "table": table, "column": label.column if label else ""}
        values = {"tables": list(tables), "own_schema": self.own.schema, **labelled}
        return {row["needed"]: bool(row["granted"]) for row in self.fetch("rights", values)}

    def read_out(self, table: str, types: Mapping[str, str], target: Path) -> None:
        [copy] = self.statements.render("read_out", table=table, types=types)
        self._copy_out(copy, read_out(types, target))

    def export(self, rows: Exported, target: Path, form: str) -> int:
        [copy] = self.statements.render("copy_out", rows=rows.statement, **rows.context)
        return self._copy_out(copy, converted(rows.columns, target, form))

    def _copy_out(self, copy: str, taking: AbstractContextManager[Conversion]) -> int:
        """Send rows to the stream; return how many."""
        try:
            with taking as file, self.cursor() as cursor:
                cursor.copy_expert(copy, file.stream)
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
        if error.pgcode == NO_CHARACTER and self._server_encoding == "SQL_ASCII":
            sentence += "; the database's encoding is SQL_ASCII, and the bytes of a text in it are not UTF-8"
        if isinstance(error, psycopg2.IntegrityError | psycopg2.DataError):
            where = f"{diagnosis.table_name}: " if diagnosis.table_name else ""
            return DataError(f"{where}{self.title} refuses the data: {sentence}")
        if TIMED_OUT.search(sentence):
            sentence += (
                "; a run lifts such limits for itself where it may: raise this one for the job's role, or in the "
                "pooler that is in between"
            )
        elif self._pooled and self.connection.closed:
            sentence += (
                "; a pooler is in between: its query_timeout or idle_transaction_timeout may have ended the session"
            )
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

    def __init__(self, stream: IO[bytes] | Stream, file_number: int) -> None:
        self._stream, self._file_number = stream, file_number

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        if not data:
            select.select([], [self._file_number], [])
        return data


ADAPTER = Postgres
