"""MySQL and MariaDB through mysql-connector-python; rows go in by LOAD DATA LOCAL INFILE, else by INSERT."""

import codecs
import os
import re
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Any, ClassVar, Literal, Self

import structlog
from pydantic import Field, SecretStr

from job import scratch
from job.adapters.base import Exported, Session
from job.adapters.server import KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, UNANSWERED, ServerDatabase
from job.adapters.settings import ServerSettings
from job.charsets import FIRST_PLANE, Charset
from job.errors import ClientelaError, DatabaseError, DataError, TransientError, is_disk_full
from job.imitation import Imitation, imitated
from job.staging.area import StagedFile, Staging
from job.staging.conversion import Conversion, converted, read_out
from job.statement_contract import OTHERS, Columns
from job.statements import words
from job.tables import Column, FieldType, Keys, LabelColumn, Name, Own

INSERT_ROWS = 1_000  # in one statement, far below what a packet may hold (16 MB on MariaDB)
EXPORT_ROWS = 10_000  # fetched at a time
LONG_TEXTS = ("segment_models", "job_runs", "rejected_records")  # own tables that have some
# What deploy/privileges/mysql.sql grants, and how the server tells it, with the columns that a right is limited to
READING_RIGHTS = ("SELECT", "CREATE TEMPORARY TABLES")  # where the shop's tables are
OWN_RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "CREATE VIEW", "ALTER", "DROP")  # where the job's are
LOADING_RIGHTS = (*OWN_RIGHTS, "CREATE TEMPORARY TABLES", "INDEX", "REFERENCES")
GRANT = re.compile(r'GRANT (?P<rights>.*?) ON (?P<database>\*|"(?:[^"]|"")+")\.')
COLUMNS = re.compile(r" \([^)]*\)")
TYPE = re.compile(r"(\w+)(?:\((.*?)\))?((?: \w+)*)")
COMMENTED = re.compile(r"/\*M?!\d*\s*(.*?)\*/", re.DOTALL)  # what some servers run
WIDTH = re.compile(r"(?<=int)(?<!tinyint)\(\d+\)")  # of a number as it is shown, which is no part of its type
# Python's names of character sets whose names it does not know, or that mean another one to it
WHOLE = "utf-8"
CODECS = {
    "binary": WHOLE,
    "eucjpms": "euc_jp",
    "geostd8": "",
    "greek": "iso8859_7",
    "hebrew": "iso8859_8",
    "koi8r": "koi8_r",
    "koi8u": "koi8_u",
    "latin1": "cp1252",
    "latin5": "iso8859_9",
    "latin7": "iso8859_13",
    "macce": "mac_latin2",
    "macroman": "mac_roman",
    "tis620": "tis_620",
    "ucs2": FIRST_PLANE,
    "ujis": "euc_jp",
    "utf16": WHOLE,
    "utf16le": WHOLE,
    "utf32": WHOLE,
    "utf8": FIRST_PLANE,
    "utf8mb3": FIRST_PLANE,
    "utf8mb4": WHOLE,
}
HOW_TO_SEE = "to see whose lock it is takes rights that deploy/privileges names"
# The server's error numbers
# Too many connections, out of reach, unknown host
UNREACHABLE = (1040, 1203, 2002, 2003, 2005)
# Shutting down, network errors as the server sees them, killed (MariaDB), idle for too long, gone away, lost
LOST = (1053, 1152, 1158, 1159, 1160, 1161, 1927, 4031, 2006, 2013, 2055)
# Lock wait timeout, deadlock, the same found at a group's commit, changed since read (MariaDB)
CONTENDED = (1205, 1213, 3101, 1020)
LOCK_TIMEOUT = 1205
TRANSIENT = (*UNREACHABLE, *LOST, *CONTENDED)
DISK_FULL = (1021, 1114)
CANNOT_REOPEN, NOT_GROUPED = 1137, 1055
# What tables may have, and temporary ones not: more than once in a statement, foreign keys, partitions, ...
NOT_TEMPORARY = (CANNOT_REOPEN, 1005, 1031, 1215, 1478, 1506, 1562, 1796, 3500)
ZERO_DATE = "; in features.sql, write NULLIF(column, 0) for a column that may hold this in place of a date"
# ... a division by zero, invalid JSON, a CHECK that does not hold, as either server numbers it
DATA_REFUSED = (1048, 1062, 1264, 1265, 1292, 1365, 1366, 1406, 1451, 1452, 1690, 3140, 3819, 4025)
# How a field becomes a value of each type. A TINYINT(1) is what BOOLEAN makes.
TYPES = {
    "char": FieldType("VARCHAR", drops_spaces=True),
    **dict.fromkeys(("varchar", "tinytext", "text", "mediumtext", "longtext"), FieldType("VARCHAR")),
    "enum": FieldType("ENUM"),
    "tinyint": FieldType("TINYINT"),
    "tinyint(1)": FieldType("TINYINT", boolean=True),
    "smallint": FieldType("SMALLINT"),
    "mediumint": FieldType("INTEGER", least="-8388608", most="8388607"),
    "int": FieldType("INTEGER"),
    "bigint": FieldType("BIGINT"),
    "tinyint unsigned": FieldType("UTINYINT"),
    "smallint unsigned": FieldType("USMALLINT"),
    "mediumint unsigned": FieldType("INTEGER", least="0", most="16777215"),
    "int unsigned": FieldType("UINTEGER"),
    "bigint unsigned": FieldType("UBIGINT"),
    "decimal": FieldType("DECIMAL"),
    "float": FieldType("FLOAT"),
    "double": FieldType("DOUBLE"),
    "decimal unsigned": FieldType("DECIMAL", least="0"),
    "float unsigned": FieldType("FLOAT", least="0"),
    "double unsigned": FieldType("DOUBLE", least="0"),
    "year": FieldType("SMALLINT", least="1901", most="2155"),
    "date": FieldType("DATE"),
    "time": FieldType("TIME"),
    "datetime": FieldType("TIMESTAMP"),
    "timestamp": FieldType("TIMESTAMP", least="1970-01-01 00:00:01", most="2038-01-19 03:14:07", instant=True),
    "uuid": FieldType("UUID"),
    "json": FieldType("JSON"),
    "float(m,d)": FieldType(instead="DECIMAL, which rounds nothing"),
    "double(m,d)": FieldType(instead="DECIMAL, which rounds nothing"),
    "set": FieldType(instead="VARCHAR, which keeps the order"),
    "bit": FieldType(instead="BOOLEAN or an unsigned number"),
}


class MySQLSettings(ServerSettings):
    """A MySQL or MariaDB server, by parts or by URL."""

    schemes = ("mysql", "mariadb")
    default_port = 3306
    variables = "MYSQL"
    name_variable = "MYSQL_DATABASE"

    dialect: Literal["mysql"] = Field(description="`mysql`: MySQL and MariaDB.")
    url: SecretStr | None = Field(
        None,
        description="`mysql://user:password@host:port/name`, in place of host, port, name, user and password. Its "
        "query is added to the options. Empty: not given.",
    )


class MySQL(ServerDatabase):
    """A session on a MySQL or MariaDB server."""

    dialect = "mysql"
    title = "MySQL or MariaDB"
    settings = MySQLSettings
    types = TYPES
    own_statements: ClassVar[Mapping[str, Columns]] = {
        "bulk_load": (),
        "charsets": ("column", "charset"),  # of a table's texts
        "foreign_key_checks": (),
        "grants": (OTHERS,),  # a line for each, in one column that is named after the user
        **ServerDatabase.beside,
        "waits_for_rows": ("Variable_name", "Value"),
        "waits_for_table": ("state",),
        "insert_rows": (),  # in place of bulk_load where the server does not allow LOAD DATA LOCAL
        "lock_timeout": (),
        "lock_held": ("held",),  # whether by this session
        "read_out": (),  # a table's rows
        "session": (),
        "temporary_columns": ("Field", "Type", "Collation", "Null", "Key", "Extra", OTHERS),  # as SHOW gives them
        "without_rows": (),
        "short_texts": ("table", "column", "nullable"),  # those of an older version's tables that are to be longer
        "version": ("version", "local_infile"),
        "warnings": ("Level", "Code", "Message"),  # SHOW gives its own names
        "widen_text": (),
    }
    tokens = "mysql"
    token_rules: ClassVar[Mapping[str, Any]] = {"QUOTES": ["'"], "IDENTIFIERS": ['"', "`"]}  # as ANSI_QUOTES has it
    reads_out = True
    transactional_ddl = False  # CREATE and DROP commit whatever is running

    def __init__(self, connect: Callable[[], Any], own: Own, settings: MySQLSettings, read_only: bool) -> None:
        super().__init__(connect, own, settings)
        self.session = self._this_session()
        _keep_alive(self._file_number)
        self._locked = False
        self._imitation, self._stood_in = Imitation(), list[str]()
        self.execute("session", read_only=read_only)
        self.execute("lock_timeout", seconds=settings.lock_timeout)
        [self._server] = self.fetch("version")

    @classmethod
    def command_to_try(cls, settings: MySQLSettings, statement: str) -> str:
        return statement.replace('"', "`")  # in a session of others, double quotes are for text

    @classmethod
    def connect(cls, settings: MySQLSettings, own: Own, read_only: bool) -> Self:
        """Open a session that may send files from the job's temporary folder only; see `Database.connect`."""
        import mysql.connector

        try:
            session = partial(
                mysql.connector.connect,
                host=settings.host,
                port=settings.port,
                database=settings.name,
                user=settings.user,
                password=settings.password.get_secret_value(),
                charset="utf8mb4",
                collation="utf8mb4_bin",
                autocommit=True,
                allow_local_infile_in_path=str(scratch.folder()),
                use_pure=True,  # the C extension needs a newer OpenSSL than Debian 12 has: the same driver everywhere
                **{"connection_timeout": 10, **_options(settings)},
            )
            return cls(session, own, settings, read_only)
        except (mysql.connector.Error, AttributeError, TypeError, ValueError) as error:
            passing = getattr(error, "errno", None) in TRANSIENT and not isinstance(error.__cause__, ssl.SSLError)
            family = TransientError if passing else DatabaseError
            raise family(
                f"MySQL at {settings.address} cannot be used: {_reason(error)}; see database: in the config"
            ) from error

    def lock(self) -> bool:
        self._locked = super().lock()
        return self._locked

    def _begin(self) -> None:
        """Begin a transaction in the session that holds the lock. Raises DatabaseError where it is another one."""
        super()._begin()
        if self._locked and not self.fetch("lock_held", self.own._asdict())[0]["held"]:
            raise DatabaseError(
                "MySQL: the session has lost the lock that keeps other runs away; if a proxy is in between, it gives "
                "sessions to others: name the server itself in database:"
            )

    @property
    def driver_error(self) -> type[Exception]:
        import mysql.connector

        error: type[Exception] = mysql.connector.Error
        return error

    @property
    def version(self) -> str:
        version = str(self._server["version"])
        return f"MariaDB {version.partition('-')[0]}" if "MariaDB" in version else f"MySQL {version}"

    @cached_property
    def _local_infile(self) -> bool:
        allowed = bool(self._server["local_infile"])
        if not allowed:
            structlog.get_logger().warning(
                "slow load",
                reason="MySQL does not allow LOAD DATA LOCAL, so rows go in by INSERT; to change that, start it with "
                "--local-infile=1, or run SET GLOBAL local_infile = 1 as its administrator",
            )
        return allowed

    def _run(self, statement: str, values: Mapping[str, Any] | None = None) -> tuple[list[dict[str, Any]], int]:
        rows, touched = super()._run(statement, values)
        if statement.startswith("SHOW COLUMNS"):  # which alone knows a temporary table's, and takes no names of ours
            rows = [{"name": row["Field"], "type": WIDTH.sub("", row["Type"])} for row in rows]
        return rows, touched

    def column_names(self, select: str) -> list[str]:
        """By the server's answer to a statement that is only prepared: a subquery may give no name twice."""
        try:
            prepared = self.connection.cmd_stmt_prepare(select.encode())
            self.connection.cmd_stmt_close(prepared["statement_id"])
        except self.driver_error as error:
            raise self.translated(error) from error
        return [column[0] for column in prepared["columns"]]

    def imitate(self, statements: Sequence[str]) -> None:
        found = [self._words(each) for statement in statements for each in self.split(statement)]
        self._imitation = imitated(found, self.tables())
        if self._imitation.twice:
            raise DatabaseError(f"MySQL: Table '{self._imitation.twice[0]}' already exists")
        for statement in self._imitation.statements:
            self.run(statement)

    def _words(self, statement: str) -> list[str]:
        """Return a statement's words; of one that is all in comments, those that the server runs."""
        found = words(statement, self.tokens, self.token_rules)
        return found or words(" ".join(COMMENTED.findall(statement)), self.tokens, self.token_rules)

    def from_imitated(self, select: str) -> str:
        """MySQL opens a temporary table once in a statement: rows of the same types stand in for one named twice."""
        stood_in = list(self._imitation.tables)
        if not stood_in or not self._reopens(select):
            return select
        for table in self._imitation.tables:
            without = [other for other in stood_in if other != table]
            if not self._reopens(self._without_rows(select, without)):
                stood_in = without
        self._stood_in = stood_in
        return self._without_rows(select, stood_in)

    def _without_rows(self, select: str, tables: Sequence[str]) -> str:
        if not tables:
            return select
        columns = [(table, self._temporary_columns(table)) for table in tables]
        return self.statements.render("without_rows", tables=columns, features_sql=select)[0]

    def _reopens(self, select: str) -> bool:
        try:
            self.column_names(select)
        except (DatabaseError, DataError) as error:
            return _number(error) == CANNOT_REOPEN
        return False

    def _temporary_columns(self, table: str) -> list[dict[str, Any]]:
        return self.fetch("temporary_columns", table=self._imitation.tables[table])

    def doubt(self, error: ClientelaError) -> str:
        number = _number(error)
        if number in NOT_TEMPORARY or (number == NOT_GROUPED and self._stood_in):
            return f"it is tried on temporary tables, which do not show this: {error}"
        if self._imitation.left_out:
            return f"load.sql does more than make tables ({self._imitation.left_out[0]}), which would not be taken back"
        return ""

    def run_script(self, script: str) -> None:
        """As in every dialect; and a session that a dump has set otherwise becomes the job's again."""
        here = self.connection.database
        try:
            super().run_script(script)
        finally:
            self.connection.database = here
            self.connection.autocommit = True
            self.execute("session", read_only=False)
            self.execute("foreign_key_checks", on=True)

    def _run_all(self, script: str) -> None:
        try:
            with self.cursor() as cursor:
                cursor.execute(script)
                while cursor.nextset():  # which raises where the next statement is refused
                    pass
        except self.driver_error as error:
            raise self.translated(error) from error

    def make_own_tables(self) -> None:
        """As in every dialect; and widen the long texts of tables that an older version has made."""
        super().make_own_tables()
        tables = {self.own.name(table).table: table for table in LONG_TEXTS}
        for text in self.fetch("short_texts", {"schema": self.own.schema}, tables=list(tables)):
            table = self.own.name(tables[text["table"]])
            self.execute("widen_text", table=table, column=text["column"], nullable=text["nullable"] == "YES")

    def keys(self) -> dict[str, Keys]:
        temporary = {
            table: Keys(
                tuple(row["Field"] for row in self._temporary_columns(table) if row["Key"] == "PRI"),
                tuple(self._imitation.references.get(table, ())),
            )
            for table in self._imitation.tables
        }
        return super().keys() | temporary

    def columns(self, table: Name) -> list[Column]:
        if table.schema is None and table.table in self._imitation.tables:
            return [self._column(_declared(row)) for row in self._temporary_columns(table.table)]
        charsets = {row["column"]: row["charset"] for row in self.fetch("charsets", table._asdict())}
        return [
            replace(column, charset=_charset(charsets.get(column.name, WHOLE))) if column.type == "VARCHAR" else column
            for column in super().columns(table)
        ]

    def bulk_load(self, table: str | Name, file: StagedFile, staging: Staging) -> None:
        # References were checked as the files were staged: to check every row again would take longer.
        self.execute("foreign_key_checks", on=False)
        try:
            if self._local_infile:
                self._load_data(table, file, staging)
            else:
                self._insert(table, file, staging)
        except self.driver_error as error:
            raise self.translated(error) from error
        self.execute("foreign_key_checks", on=True)

    def prepare(self, file: StagedFile, staging: Staging) -> bool:
        if self._server["local_infile"]:
            staging.export_ahead(file, null="NULL")
        return bool(self._server["local_infile"])

    def _load_data(self, table: str | Name, file: StagedFile, staging: Staging) -> None:
        with staging.exported(file, null="NULL") as path:
            [statement] = self.statements.render("bulk_load", table=table, columns=file.columns, path=path)
            with self.cursor() as cursor:
                cursor.execute(statement)
                if cursor.warning_count:  # LOCAL turns refused values and duplicate keys into warnings
                    self._refuse(cursor.warning_count)

    def _insert(self, table: str | Name, file: StagedFile, staging: Staging) -> None:
        [statement] = self.statements.render("insert_rows", table=table, columns=file.columns)
        for rows in staging.rows(file, INSERT_ROWS):
            with self.cursor() as cursor:
                cursor.executemany(statement, rows)

    def _refuse(self, count: int) -> None:
        told = self.fetch("warnings")
        first = told[0]["Message"] if told else "the server does not say why: its max_error_count is 0"
        raise DataError(f"MySQL refuses {count} values or records, the first because: {first}")

    def rights(self, tables: Sequence[str], label: LabelColumn | None) -> dict[str, bool]:
        """What was granted on a single table counts, too: which tables a shop's own features need is not known."""
        here = self.connection.database
        needed = [(here, right) for right in (LOADING_RIGHTS if tables else READING_RIGHTS)]
        needed += [(self.own.schema or here, right) for right in OWN_RIGHTS]
        needed += [(label.table.schema or here, "UPDATE")] if label else []
        granted: dict[str, set[str]] = {database: set() for database, _ in needed}
        for row in self.fetch("grants"):
            [line] = row.values()
            if grant := GRANT.match(line):
                for database, rights in granted.items():
                    if _covers(grant["database"], database):
                        rights.update(COLUMNS.sub("", grant["rights"]).split(", "))
        return {
            right if database == here else f"{right} on {database}": bool(granted[database] & {right, "ALL PRIVILEGES"})
            for database, right in needed
        }

    def read_out(self, table: str, types: Mapping[str, str], target: Path) -> None:
        [select] = self.statements.render("read_out", table=table, types=types)
        self._select_out(select, read_out(types, target))

    def export(self, rows: Exported, target: Path, form: str) -> int:
        [select] = self.statements.render(rows.statement, **rows.context)
        return self._select_out(select, converted(rows.columns, target, form))

    def _select_out(self, select: str, taking: AbstractContextManager[Conversion]) -> int:
        """Send rows to the stream; return how many."""
        try:
            with taking as file:
                return self._send(select, file.stream)
        except self.driver_error as error:
            raise self.translated(error) from error

    def _send(self, select: str, stream: IO[bytes]) -> int:
        """Write the rows as CSV, as they come: the cursor holds none but those of a batch."""
        with self.cursor() as cursor:
            cursor.execute(select)
            while rows := cursor.fetchmany(EXPORT_ROWS):
                stream.write("".join(map(_line, rows)).encode())
            return int(cursor.rowcount)

    @property
    def _file_number(self) -> int:
        return int(self.connection._socket.sock.fileno())  # which the driver does not give otherwise

    def _blockers(self, cursor: Any, session: Session) -> list[dict[str, Any]]:
        """To see who it is takes rights that the job's user may not have; that it waits can be told without."""
        mariadb = "MariaDB" in self.version
        number = session.number
        try:
            found = self._asked(cursor, *self.statements.render("blockers", session=number, mariadb=mariadb))
            denied = False
        except self.driver_error:
            found, denied = [], True
        if not found:
            for row in self._asked(cursor, *self.statements.render("waits_for_table", session=number)):
                found.append({"doing": f"{row['state']}; {HOW_TO_SEE}"})
        if not found and denied:
            [row] = self._asked(cursor, *self.statements.render("waits_for_rows"))
            if int(row["value"]):
                found.append({"doing": f"if this is the one on the server that waits for a row; {HOW_TO_SEE}"})
        return found

    def translated(self, error: Exception) -> ClientelaError:
        import mysql.connector

        assert isinstance(error, mysql.connector.Error)
        if lost := self._lost():
            return lost
        if error.errno in DATA_REFUSED:
            advice = ZERO_DATE if "'0000-00-00" in str(error.msg) else ""
            return DataError(f"MySQL refuses the data: {error.msg}{advice}")
        if error.errno == LOCK_TIMEOUT:
            return TransientError(f"MySQL: {error.msg}: {self._waited()}")
        # The driver has no number for a connection that it has found lost before.
        if error.errno in TRANSIENT or (error.errno == -1 and not self.connection.is_connected()):
            return TransientError(f"MySQL: {error.msg}")
        if error.errno in DISK_FULL or is_disk_full(error):
            return DatabaseError(f"MySQL: {error.msg}; the server's disk is full: make room there and run again")
        return DatabaseError(f"MySQL: {error.msg}")

    def close(self) -> None:
        with suppress(self.driver_error):  # the server may have closed it already
            super().close()


def _keep_alive(file_number: int) -> None:
    """Have the system find a connection that is dead; a statement that takes long does not count as such."""
    options = {
        (socket.SOL_SOCKET, "SO_KEEPALIVE"): 1,
        (socket.IPPROTO_TCP, "TCP_KEEPIDLE"): KEEPALIVE_IDLE,
        (socket.IPPROTO_TCP, "TCP_KEEPINTVL"): KEEPALIVE_INTERVAL,
        (socket.IPPROTO_TCP, "TCP_USER_TIMEOUT"): UNANSWERED * 1000,
    }
    with socket.socket(fileno=os.dup(file_number)) as connection:
        for (level, name), value in options.items():
            with suppress(OSError, AttributeError):  # not a connection by TCP, or a system without it
                connection.setsockopt(level, getattr(socket, name), value)


def _options(settings: MySQLSettings) -> dict[str, Any]:
    options = {key: _value(key, value) for key, value in settings.options.items()}
    # The driver by itself would take any certificate, or go on in the clear where the server offers no encryption.
    if options.get("ssl_verify_identity"):
        options["ssl_verify_cert"] = True
    elif "ssl_ca" in options:
        options.setdefault("ssl_verify_cert", True)
    return options


def _value(key: str, value: str) -> Any:
    """Return the option as the driver needs it: to the driver, the text 'false' would be true."""
    from mysql.connector.constants import DEFAULT_CONFIGURATION

    if isinstance(DEFAULT_CONFIGURATION.get(key), bool):
        if value.lower() not in ("true", "false"):
            raise ValueError(f"option {key} is {value}, which is neither true nor false")
        return value.lower() == "true"
    if key.endswith("_timeout"):
        if not value.isdecimal():
            raise ValueError(f"option {key} is {value}, which is no number of seconds")
        return int(value)
    if key.startswith("tls_"):
        return [part.strip() for part in value.strip("[]").split(",")]
    return value


def _declared(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what columns.sql says of a column, as far as it does not take the whole schema, by SHOW FULL COLUMNS."""
    found = TYPE.fullmatch(row["Type"])
    kind, digits, rest = found.groups("") if found else (row["Type"], "", "")
    first, _, second = digits.partition(",")
    parts = f"{kind}(m,d)" if kind in ("float", "double") and second else kind
    return {
        "name": row["Field"],
        "kind": "tinyint(1)" if row["Type"] == "tinyint(1)" else parts + (" unsigned" if "unsigned" in rest else ""),
        "declared": row["Type"],
        "nullable": row["Null"],
        "precision": int(first) if kind == "decimal" else None,
        "scale": int(second or 0) if kind == "decimal" else None,
        "words": row["Type"] if kind == "enum" else None,
        "loose": not (row["Collation"] or "_bin").endswith("_bin"),
        "generated": "GENERATED" in row["Extra"],
        **dict.fromkeys(("max_length", "max_bytes", "second_digits")),
    }


def _number(error: BaseException | None) -> int:
    """Return the server's number of the error that has led to this one; 0: there is none."""
    while error and not getattr(error, "errno", None):
        error = error.__cause__
    return int(getattr(error, "errno", 0))


def _charset(name: str) -> Charset | None:
    """Return which characters a column with the server's character set of that name holds; None: all, or not known."""
    codec = CODECS.get(name, name)
    try:
        codec == FIRST_PLANE or codecs.lookup(codec)
    except LookupError:  # the server refuses what it cannot hold, by file
        return None
    return None if codec == WHOLE else Charset(f"the column's character set {name}", codec)


def _covers(pattern: str, database: str) -> bool:
    """Tell whether what stands in front of a grant's .* or .table, in which _ and % are wildcards, is the database."""
    if pattern == "*":
        return True
    parts = re.findall(r"\\.|.", pattern[1:-1].replace('""', '"'), re.DOTALL)
    wanted = "".join({"_": ".", "%": ".*"}.get(part) or re.escape(part[-1]) for part in parts)
    return re.fullmatch(wanted, database, re.DOTALL) is not None


def _line(row: Sequence[Any]) -> str:
    """Return the row as a line of CSV with all but NULL quoted, which Python's csv module can from 3.12 on."""
    return ",".join("" if value is None else '"' + str(value).replace('"', '""') + '"' for value in row) + "\n"


def _reason(error: Exception) -> str:
    if isinstance(error.__cause__, ssl.SSLCertVerificationError):
        return f"its certificate is refused: {error.__cause__.verify_message.rstrip('.')}"
    return str(error)


ADAPTER = MySQL
