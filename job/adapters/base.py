"""What the job asks of a database, and of a dialect before there is one.

An adapter is a connection, a bulk load, the driver's errors in plain words, and what its engine can do.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple, Self

from job import interrupt, statement_contract
from job.adapters.settings import DatabaseSettings
from job.charsets import Charset
from job.errors import ClientelaError, ConfigError, DatabaseError
from job.staging.area import StagedFile, Staging
from job.statement_contract import FEATURES, RECENCY, Columns
from job.statements import Statements, split
from job.tables import OWN_TABLES, Column, FieldType, Keys, LabelColumn, Name, Own, Reference

WORD = re.compile(r"'((?:[^']|'')*)'")  # in the list of an ENUM's
MOST_DIGITS = 38  # of DuckDB's DECIMAL


class Session(NamedTuple):
    """A session on a server; equal to itself alone, though numbers are used again."""

    number: int
    since: Any = None  # when it began, where the server tells


class Holder(NamedTuple):
    """Who holds the lock on the job's own tables."""

    session: Session
    words: str  # what is known of it
    statement: str  # that ends it


class Exported(NamedTuple):
    """Rows for a file of other tools."""

    statement: str  # that selects them
    columns: Sequence[Column]  # the file's, with their types in DuckDB's words
    context: Mapping[str, Any] = MappingProxyType({})  # that it is rendered with


TRANSACTION = re.compile(r"\b(BEGIN|START\s+TRANSACTION|COMMIT|ROLLBACK|ABORT)\b", re.IGNORECASE)
TRANSACTION_BEGINS = re.compile(rf"(?>\s|--[^\n]*\n|/\*.*?\*/)*+{TRANSACTION.pattern}", re.IGNORECASE | re.DOTALL)


class Database(ABC):
    """One session in one database, in autocommit mode outside `transaction()`."""

    dialect: ClassVar[str]  # as the config names it; the module and the folders of SQL are called the same
    title: ClassVar[str]  # for people
    settings: ClassVar[type[DatabaseSettings]]  # the config's section
    types: ClassVar[Mapping[str, FieldType]]  # every type that is not text to it, in the words of columns.sql's "kind"
    own_statements: ClassVar[Mapping[str, Columns]]  # SQL that the adapter renders by itself, with the columns it reads
    tokens: ClassVar[str]  # sqlglot's dialect, for where a statement of a shop's ends; see `split`
    token_rules: ClassVar[Mapping[str, Any]] = {}
    # What an engine can do
    has_server: ClassVar[bool] = True  # else it is in the job's own process, and in nobody else's meanwhile
    transactional_ddl: ClassVar[bool] = True  # CREATE and DROP are rolled back, too
    loads_differences: ClassVar[bool] = True  # rows of parents and children can be deleted in one transaction
    reads_out: ClassVar[bool] = False  # a table's rows are sent faster than a file's are compared with them there

    session: Session | None = None  # where there is a server, and it is always the same one

    def __init__(self, connection: Any, own: Own) -> None:
        self.connection = connection
        self.own = own
        required = statement_contract.required(self.own_statements, self.loads_differences, self.transactional_ddl)
        self.statements = Statements(self.dialect, own, required)

    @classmethod
    @abstractmethod
    def connect(cls, settings: Any, own: Own, read_only: bool) -> Self:
        """Open a session. read_only: the database refuses every change, and makes no file.

        settings: of the adapter's model. Raises TransientError where the database may be reached later, DatabaseError
        where it cannot, LockedError where another process has it.
        """

    @classmethod
    def command_to_try(cls, settings: Any, statement: str) -> str:
        """Return what a person may type to see the statement's rows: the statement, where clients differ.

        statement: as every session of the job takes it, with names in double quotes.
        """
        return statement

    @property
    @abstractmethod
    def driver_error(self) -> type[Exception]:
        """What the driver raises. Drivers are imported where they are used: other dialects do without."""

    def execute(self, name: str, values: Mapping[str, Any] | None = None, **context: Any) -> int:
        """Run the statements of NAME.sql; return how many rows of tables that were there they touched.

        Raises DataError where a constraint refuses rows, TransientError where another session may be luckier,
        DatabaseError for anything else the database says.
        """
        return sum(self._touched(statement, values) for statement in self.statements.render(name, **context))

    def fetch(self, name: str, values: Mapping[str, Any] | None = None, **context: Any) -> list[dict[str, Any]]:
        """Run the statements of NAME.sql; return the rows of the last one, each by column name.

        All rows are held in memory: the statement itself must bound their number. Raises as `execute`.
        """
        rows: list[dict[str, Any]] = []
        for statement in self.statements.render(name, **context):
            rows, _ = self._run(statement, values)
        return rows

    def run(self, statement: str) -> None:
        """Run the statement, a rendered one. Raises as `execute`."""
        self._run(statement)

    def _touched(self, statement: str, values: Mapping[str, Any] | None) -> int:
        _, rows = self._run(statement, values)
        return 0 if statement.startswith("CREATE") else max(rows, 0)

    @classmethod
    def split(cls, script: str) -> list[str]:
        """Return the statements of a shop's script, see `statements.split`."""
        return split(script, cls.tokens, cls.token_rules)

    def column_names(self, select: str) -> list[str]:
        """Return the names of the columns that a shop's SELECT gives, each as often as it does; nothing is computed.

        Raises as `execute`.
        """
        [statement] = self.statements.render("features_probe", features_sql=select)
        try:
            with self.cursor() as cursor:
                cursor.execute(statement)
                return [column[0] for column in cursor.description]
        except self.driver_error as error:
            raise self.translated(error) from error

    def run_script(self, script: str) -> None:
        """Run a shop's script as it stands: the engine tells its statements apart.

        Raises ConfigError where it leaves the session, or its transaction, otherwise than it was; else as `execute`.
        """
        before = self._session_state()
        self._refuse_transactions(script)
        self._run_all(script)
        after = self._session_state()
        if changed := [name for name in before | after if before.get(name) != after.get(name)]:
            raise ConfigError(
                f"it changes the session that the job works in ({', '.join(changed)}); leave out what begins or ends a "
                "transaction, and what sets or uses something for the session"
            )

    def _refuse_transactions(self, script: str) -> None:
        """Raise ConfigError, before anything is run, where the script would end the transaction that it runs in."""
        if not self.transactional_ddl or not TRANSACTION.search(script):
            return
        with suppress(ValueError):  # then the engine says what is wrong
            if found := [match for match in map(TRANSACTION_BEGINS.match, self.split(script)) if match]:
                raise ConfigError(f"it begins or ends a transaction ({found[0][1].upper()}); leave that out")

    def _session_state(self) -> dict[str, str]:
        return {row["name"]: row["value"] for row in self.fetch("session_state")}

    def _run_all(self, script: str) -> None:
        """Run the statements of the script, which a driver may give the engine in one."""
        self._run(script)

    def _run(self, statement: str, values: Mapping[str, Any] | None = None) -> tuple[list[dict[str, Any]], int]:
        try:
            with self.cursor() as cursor:
                cursor.execute(statement, values)
                if cursor.description is None:
                    return [], cursor.rowcount
                names = [column[0] for column in cursor.description]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()], cursor.rowcount
        except self.driver_error as error:
            raise self.translated(error) from error

    @contextmanager
    def cursor(self) -> Iterator[Any]:
        """Give a DB-API cursor and close it; a signal cancels what it runs."""
        with interrupt.cancellable(self.cancel), closing(self.connection.cursor()) as cursor:
            yield cursor

    @abstractmethod
    def cancel(self) -> None:
        """Cancel the running statement, from another thread."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: commit what the block did, or roll it back when the block raises."""
        try:
            self._begin()
            yield
            interrupt.stop_listening()
            self._run("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _begin(self) -> None:
        self._run("BEGIN")

    @contextmanager
    def rolled_back(self) -> Iterator[None]:
        """Take back what the block does, where CREATE TABLE does not commit (`transactional_ddl`) all of it."""
        try:
            self._begin()
            yield
        finally:
            self._roll_back()

    def imitate(self, statements: Sequence[str]) -> None:
        """Make what a shop's statements make, for this session alone, where CREATE TABLE commits.

        `columns` and `keys` tell of these tables, too. Raises as `execute`.
        """
        raise AssertionError(f"{self.title} takes tables back")

    def from_imitated(self, select: str) -> str:
        """Return the SELECT as it can be asked of tables that `imitate` has made: they may be named once alone."""
        return select

    def doubt(self, error: ClientelaError) -> str:
        """Say why what was made by `imitate` may be the reason of an error; empty: it is not."""
        return ""

    def _roll_back(self) -> None:
        with suppress(ClientelaError):  # a lost session was rolled back by the server; the first error says why
            self._run("ROLLBACK")

    def analyze(self, tables: Sequence[str | Name]) -> None:
        """Renew what the planner knows of tables that have got their rows, where a transaction can."""
        if self.transactional_ddl and "analyze" in self.statements:
            self.execute("analyze", tables=tables)

    def analyze_written(self, table: str | Name, written: int, rows: int) -> None:
        """Renew what the planner knows of a table, where so many of its rows were written that it matters."""
        if written > rows / 10:  # as servers do by themselves
            self.analyze([table])

    @contextmanager
    def looking_up(self) -> Iterator[None]:
        """Where the dialect has to be told: look up by their keys, in this block, those few rows that are looked for.

        It is within a transaction, and the tables have just been read as a whole.
        """
        if "look_up" not in self.statements:
            yield
            return
        self.execute("look_up", begin=True)
        yield
        self.execute("look_up", begin=False)

    @property
    def charset(self) -> Charset | None:
        """The characters that texts in the database may have; None: all, or each column says it."""
        return None

    def held(self, text: str) -> str:
        """Return the text as the job's own tables can hold it: with escapes for characters that the database lacks."""
        return self.charset.escaped(text) if self.charset else text

    @property
    @abstractmethod
    def version(self) -> str:
        """The engine's name and version, for the log."""

    def lock(self) -> bool:
        """Take the lock on the job's own tables, freed with the session; False: another session holds it.

        Raises DatabaseError where the session has no schema, whose tables the lock is for.
        """
        locked = self.fetch("lock", self.own._asdict())[0]["locked"]
        if locked is None:
            raise DatabaseError(
                f"{self.title}: there is no schema to work in; grant the user USAGE on one, or set the search path"
            )
        return bool(locked)

    def lock_holder(self) -> Holder | None:
        """Return whose session holds the lock; None: nobody's, or that is not known."""
        return None

    def end_session(self, session: Session) -> None:
        """End another session of the same user. Raises as `execute`."""
        raise AssertionError(f"{self.title} has no other sessions")

    def tables(self, schema: str | None = None) -> set[str]:
        """Return the names of the tables in the schema; None: of those that an unqualified name reaches."""
        return {row["table"] for row in self.fetch("tables", {"schema": schema})}

    def own_tables(self) -> set[str]:
        """Return those of OWN_TABLES that are there."""
        there = self.tables(self.own.schema)
        return {table for table in OWN_TABLES if self.own.name(table).table in there}

    def make_own_tables(self) -> None:
        """Make those of OWN_TABLES that are not there, and the schema that they are to be in.

        An older version's loaded_files, with a row for each table, gets the key that takes a row for each file, and
        the column for checksums; its customer_segment_changes the columns for money and cause.
        """
        there = self.own_tables()
        if len(there) < len(OWN_TABLES):
            self._make_missing(there)
        self._renew_files()
        self._renew_changes("customer_moves" in there)

    def _make_missing(self, there: set[str]) -> None:
        if self.own.schema and not self.fetch("schemas", {"schema": self.own.schema}):
            self.execute("make_schema", schema=self.own.schema)
        if "customer_features" in there:  # of an older version, a table
            self.execute("job_schema")
            return
        self.execute("drop_tables", tables=[self.own.name("customer_features_data")])  # which may have other columns
        self.execute("job_schema")
        view = self.own.name("customer_features")
        self.execute("make_features_view", view=view, columns=FEATURES, counted=RECENCY)

    def _renew_files(self) -> None:
        if "checksum" not in {column.name for column in self.columns(self.own.name("loaded_files"))}:
            self.execute("add_checksums")
        if "key_of_files" not in self.statements:
            return
        key = self.fetch("key_of_files", self.own.name("loaded_files")._asdict())
        if [row["column"] for row in key] == ["table_name"]:
            self.execute("rekey_files", key=key[0]["key"])

    def _renew_changes(self, has_view: bool) -> None:
        if has_view:  # of what has the columns
            return
        columns = {column.name for column in self.columns(self.own.name("customer_segment_changes"))}
        if "monetary" not in columns:
            self.execute("add_money")
        self.execute("make_moves_view")

    def columns(self, table: Name) -> list[Column]:
        """Return the table's columns in their order; empty where there is no such table."""
        return [self._column(row) for row in self.fetch("columns", table._asdict())]

    def _column(self, row: Mapping[str, Any]) -> Column:
        found = self.types.get(row["kind"], FieldType())
        return Column(
            name=row["name"],
            type=_decimal(row["precision"], row["scale"]) if found.type == "DECIMAL" else found.type,
            required=row["nullable"] == "NO",
            max_length=row["max_length"],
            max_bytes=row["max_bytes"],
            second_digits=6 if row["second_digits"] is None else row["second_digits"],
            words=tuple(word.replace("''", "'") for word in WORD.findall(row["words"] or "")),
            loose=bool(row["loose"]),
            generated=bool(row["generated"]),
            declared=row["declared"],
            **{name: value for name, value in found._asdict().items() if name != "type"},
        )

    def keys(self) -> dict[str, Keys]:
        """Return the primary and foreign keys of every table, in the order of their columns."""
        primary: dict[str, tuple[str, ...]] = {}
        references: dict[tuple[str, str], Reference] = {}
        for row in self.fetch("keys"):
            table, column = row["table"], row["column"]
            if row["parent"] is None:
                primary[table] = (*primary.get(table, ()), column)
            else:
                before = references.get((table, row["key"]), Reference((), row["parent"], ()))
                references[table, row["key"]] = replace(
                    before,
                    columns=(*before.columns, column),
                    parent_columns=(*before.parent_columns, row["parent_column"]),
                )
        return {
            table: Keys(
                primary.get(table, ()),
                tuple(reference for (child, _), reference in references.items() if child == table),
            )
            for table in primary.keys() | {child for child, _ in references}
        }

    @contextmanager
    def taken_back(self) -> Iterator[None]:
        """Take back, in the running transaction, what the block has done."""
        self._run("SAVEPOINT before_block")
        yield
        self._run("ROLLBACK TO SAVEPOINT before_block")

    def prepare(self, file: StagedFile, staging: Staging) -> bool:
        """Make ahead what `bulk_load` is going to send of the file, in a thread beside it; return whether it has.

        So the database itself is asked for nothing.
        """
        return False

    @abstractmethod
    def bulk_load(self, table: str | Name, file: StagedFile, staging: Staging) -> None:
        """Append the file's records to the table.

        Raises DataError where the database refuses a record.
        """

    @abstractmethod
    def rights(self, tables: Sequence[str], label: LabelColumn | None) -> dict[str, bool]:
        """Return what a run needs to be allowed, as grants name it: whether the session's user is.

        tables: those that files are loaded into; where there are none, the shop's tables are read as they are.
        """

    def read_out(self, table: str, types: Mapping[str, str], target: Path) -> None:
        """Write a table's rows to a Parquet file, where the database `reads_out`.

        types: of the file's columns, in DuckDB's words; "#strange" is one more: the row has a value that is none of its
        column's type. Raises DatabaseError where the database does not send its rows.
        """
        raise DatabaseError(f"{self.title} does not send the rows of {table} for a comparison")

    @abstractmethod
    def export(self, rows: Exported, target: Path, form: str) -> int:
        """Write the rows, in their order, to the file; return how many there are.

        form: csv or parquet. Raises OSError or duckdb.Error where the file cannot be written.
        """

    @abstractmethod
    def translated(self, error: Exception) -> ClientelaError:
        """Return the driver's error as one of ours, in a plain sentence."""

    def purge(self) -> bool:
        """Leave nothing of deleted rows in the database's file; False where that is a server's, and is not done.

        Nothing is done in the session afterwards. Raises DatabaseError.
        """
        return False

    def close(self) -> None:
        """End the session, and with it the lock."""
        self.connection.close()


def _decimal(digits: int | None, scale: int | None) -> str:
    """Return the type of a number with so many digits in all and after the point; None: as many as it is given.

    What keeps fewer digits than stand before the point, or more than there are, is no type that files have.
    """
    if digits is None or scale is None:
        return "NUMERIC"
    if not 0 <= scale <= digits:
        return ""
    return f"{'DECIMAL' if digits <= MOST_DIGITS else 'NUMERIC'}({digits},{scale})"
