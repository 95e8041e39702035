"""MySQL."""

import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, unquote, urlsplit

import mysql.connector
from mysql.connector import errorcode

from engines.base import JOB_PASSWORD, PRIVILEGES, Engine, which


class MySQL(Engine):
    """A MySQL server."""

    name = "mysql"
    title = "MySQL"
    dialect = "mysql"
    name_in_errors = title
    documented_as = dialect

    scheme = "mysql"
    account = "root"
    programs = "mysqld"
    system_user = "mysql"
    image = "mysql:9.7"
    image_port = 3306
    image_environment: tuple[str, ...] = ("MYSQL_ROOT_PASSWORD=test",)
    image_arguments = ("--local-infile=1",)
    image_account = "root:test"  # the image lets root in from elsewhere with a password only

    privileges_script = "mysql.sql"
    schemas_are_databases = True
    lacks_for_a_schema = "the user lacks SELECT on apart, "
    revoke = "REVOKE INDEX, DROP ON `{1}`.* FROM '{0}'@'%'"
    revoked = "DROP, INDEX"
    forbidden = (
        "CREATE DATABASE mine",
        "CREATE USER mine",
        "SET GLOBAL max_connections = 5",
        "SELECT * FROM customers INTO OUTFILE '/tmp/customers'",
        "SELECT authentication_string FROM mysql.user",
        "CREATE EVENT mine ON SCHEDULE EVERY 1 DAY DO SELECT 1",
        "GRANT SELECT ON customers TO CURRENT_USER",
    )
    denied = ("blockers",)
    to_see_who_waits = "GRANT SELECT ON performance_schema.* TO {0}"
    make_user = "CREATE USER {} IDENTIFIED BY 'secret'"
    default_role = "SET DEFAULT ROLE {0} TO {1}"

    schema = "DATABASE()"
    quote_mark = "`"
    standard_quotes = ("SET SESSION sql_mode = 'ANSI_QUOTES'",)
    timestamp = "DATETIME(6)"
    whole_seconds = "DATETIME"
    as_text = "CHAR"
    in_utc = "SET time_zone = '+00:00'"
    types: ClassVar[dict[str, tuple[dict[str, str | None], tuple[str, ...]]]] = {
        "TINYINT": ({"-128": None}, ("128", "true")),
        "TINYINT UNSIGNED": ({"255": None}, ("256", "-1")),
        "BOOL": ({"true": "1", "No": "0", "1": None, "7": None}, ("on", "128", "1.0")),
        "SMALLINT UNSIGNED": ({"65535": None}, ("65536",)),
        "MEDIUMINT": ({"-8388608": None, "8388607": None}, ("8388608", "1.5")),
        "MEDIUMINT UNSIGNED": ({"16777215": None}, ("16777216", "-1")),
        "INT UNSIGNED": ({"4294967295": None}, ("4294967296", "-1")),
        "INT(5) ZEROFILL": ({"42": "00042"}, ("-1",)),
        "BIGINT UNSIGNED": ({"18446744073709551615": None}, ("18446744073709551616", "-1")),
        "YEAR": ({"1901": None, "2155": None}, ("1900", "70", "0")),
        "DECIMAL": ({"9999999999": None, "1.0": "1"}, ("1.5", "10000000000")),
        "DECIMAL(65,30)": ({f"{'9' * 35}.{'1' * 30}": None, "-0": f"0.{'0' * 30}"}, ("1e3", "9" * 36)),
        "DECIMAL(5,2) UNSIGNED": ({"999.99": None}, ("-0.01", "1000")),
        "DECIMAL(45,2) UNSIGNED": ({"999.99": None}, ("-0.01",)),
        "FLOAT": ({"0.1": None, "1e10": "10000000000"}, ("16777217", "0.123456789", "1e39")),
        "FLOAT UNSIGNED": ({"0.5": None}, ("-0.5",)),
        "DOUBLE": ({"0.1": None}, ("1e400",)),
        "DATE": ({"2018-01-31": None, "31.01.2018 00:00": "2018-01-31"}, ("2018-01-31 10:56", "31.01.2018 10:56")),
        "TIME(3)": ({"10:56": "10:56:00.000", "23:59:59.999": None}, ("24:00", "12:60", "1:02", "10:56:07.0001")),
        "DATETIME(3)": ({"2018-12-31 23:59:59.999": None}, ("2018-12-31 23:59:59.9999", "2018-12-31 10:00Z")),
        "TIMESTAMP NULL": (
            {
                "2018-12-31 23:59:59-05:00": "2019-01-01 04:59:59",
                "2018-12-31T10:00Z": "2018-12-31 10:00:00",
                "2038-01-19 03:14:07": None,
            },
            ("1969-12-31 23:59:59", "2038-01-19 03:14:08", "2018-12-31 10:00:00.5"),
        ),
        "JSON": ({'{"a": [1, null]}': None}, ("{a: 1}", "[1,]", "NaN", r'"\ud800"')),
        "ENUM('sad', 'it''s fine')": ({"it's fine": None}, ("Sad", "sad ", "1")),
        "TINYTEXT": ({"é" * 127: None}, ("é" * 128,)),
        "TEXT": ({"é" * 32767: None}, ("é" * 32768,)),
        "CHAR(3)": ({"a": None, "abc": None}, ("a ", "abcd")),
        "VARCHAR(3) CHARACTER SET latin1": ({"éáí": None}, ("abcd",)),
    }
    refused_types = (
        *("BINARY(3)", "VARBINARY(3)", "BLOB", "LONGBLOB", "BIT(1)", "BIT(8)", "SET('a', 'b')", "POINT"),
        *("FLOAT(7,3)", "DOUBLE(10,2)"),
    )
    no_numbers = ()
    moment = "TIMESTAMP(6)"
    loose_type = "VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
    counting = "INTEGER AUTO_INCREMENT"
    generating = "a INT GENERATED ALWAYS AS (x * 3) STORED, b INT AS (x * 2) VIRTUAL"
    generated = "b"
    text = "MEDIUMTEXT"
    uuid = "CHAR(36)"
    table_options = " ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    update_trigger = ("CREATE TRIGGER on_update BEFORE UPDATE ON {table} FOR EACH ROW SET {effect}",)
    on_update = "TIMESTAMP(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)"
    endless = "SELECT SLEEP(3600)"

    chars_drop_spaces = True
    short_texts = True
    requires_keys = "sql_require_primary_key"
    local_infile = True
    release_locks = "DO RELEASE_ALL_LOCKS()"
    latin1 = ("", "VARCHAR(20) CHARACTER SET latin1", "the column's character set latin1")
    odd_settings: ClassVar[dict[str, object]] = {
        "sql_mode": "'NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'",
        "character_set_results": "'latin1'",
        "collation_connection": "'latin1_swedish_ci'",
        "time_zone": "'+05:00'",
        "lc_time_names": "'ja_JP'",
        "autocommit": 0,
        "completion_type": 1,
        "sql_auto_is_null": 1,
        "sql_safe_updates": 1,
        "sql_select_limit": 1,
        "max_join_size": 1,
        "group_concat_max_len": 4,
        "div_precision_increment": 0,
        "default_week_format": 1,
        "foreign_key_checks": 0,
        "unique_checks": 0,
        "default_storage_engine": "'MyISAM'",
        "default_tmp_storage_engine": "'MEMORY'",
        "explicit_defaults_for_timestamp": 0,
        "transaction_isolation": "'SERIALIZABLE'",
        "max_execution_time": 60_000,
        "wait_timeout": 60,
    }
    hidden_keys: ClassVar[tuple[str, dict[str, object]] | None] = (
        "GRANT SESSION_VARIABLES_ADMIN ON *.* TO {}",
        {"sql_generate_invisible_primary_key": 1},
    )
    setting = "@@SESSION.{}"
    short_lock_timeout = ("innodb_lock_wait_timeout", "1")
    spares_in_deadlock = (  # whoever has changed less is its victim
        "CREATE TABLE ballast (stone INTEGER)",
        "INSERT INTO ballast SELECT 1 FROM customers, (SELECT 1 FROM sellers LIMIT 9) AS many",
    )

    tls_authority = "ssl_ca"
    tls_demands = ({}, {"ssl_verify_identity": "true"})
    tls_options: ClassVar[dict[str, object]] = {
        "ssl_verify_identity": True,
        "ssl_disabled": False,
        "tls_versions": "TLSv1.3",
        "read_timeout": 60,
    }
    tls_cipher = "SHOW STATUS LIKE 'Ssl_cipher'"

    own_number = "SELECT CONNECTION_ID()"
    lock_table = "LOCK TABLES {0} WRITE"
    activity = "SHOW FULL PROCESSLIST"

    driver_error = mysql.connector.Error

    @property
    def how_to_get(self) -> str:
        return """\
To get MySQL or MariaDB, of which one is enough: set TEST_MYSQL_URL or TEST_MARIADB_URL to
mysql://user:password@host:port/, or start Docker, or install its server programs
(Debian: apt-get install mariadb-server-core mariadb-client-core)."""

    def dump_and_restore(self, url: str) -> tuple[list[str], list[str]] | None:
        dump, restore = which("mysqldump") or which("mariadb-dump"), which("mysql") or which("mariadb")
        if dump is None or restore is None:
            return None
        parts = urlsplit(url)
        place = ["--protocol=tcp", f"--host={parts.hostname}", f"--port={parts.port}", f"--user={parts.username}"]
        place += [f"--password={unquote(parts.password or '')}", parts.path[1:]]
        return [dump, "--single-transaction", "--no-tablespaces", *place], [restore, *place]

    def find_programs(self) -> tuple[str, str] | None:
        mysqld = which("mysqld")
        # MariaDB's packages install a mysqld, too.
        if mysqld is None or not self.is_version(said_by(mysqld, "--version")):
            return None
        return mysqld, mysqld

    def commands(self, programs: tuple[str, str], folder: Path, port: int) -> tuple[list[list[str]], list[str]]:
        initialise, serve = programs
        return (
            [[initialise, "--no-defaults", "--initialize-insecure", f"--datadir={folder}/data"]],
            [serve, *self.options(folder, port), "--mysqlx=OFF", "--secure-file-priv=NULL"],
        )

    def options(self, folder: Path, port: int) -> list[str]:
        """Of a server of either make."""
        return [
            "--no-defaults",
            f"--datadir={folder}/data",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            f"--socket={folder}/server.sock",
            f"--pid-file={folder}/server.pid",
            "--local-infile=1",
            "--innodb-flush-log-at-trx-commit=2",
        ]

    def tls_arguments(self, pem: str, path: Path) -> list[str]:
        return [f"--ssl-cert={path}", f"--ssl-key={path}"] if pem else ["--tls-version="]

    def is_version(self, version: str) -> bool:
        return "MariaDB" not in version

    def is_up(self, error: Exception, tls: str | None) -> bool:
        """MySQL takes a password over TLS only."""
        return tls == "" and getattr(error, "errno", None) == errorcode.ER_ACCESS_DENIED_ERROR

    def connect(self, url: str) -> Any:
        parts = urlsplit(url)
        place: dict[str, Any] = {
            "host": parts.hostname,
            "port": parts.port or 3306,
            "user": unquote(parts.username or "root"),
            "password": unquote(parts.password or ""),
            "database": parts.path.strip("/") or None,
            "connection_timeout": 10,
        }
        try:
            return mysql.connector.connect(**place, ssl_disabled=True)  # the driver takes its time to prepare for TLS
        except mysql.connector.Error:
            return mysql.connector.connect(**place)  # the first time, MySQL takes a password encrypted only

    def version(self, url: str) -> str:
        [(version,)] = self.query(url, "SELECT VERSION()")
        return str(version)

    def databases(self, url: str) -> set[str]:
        return {name for (name,) in self.query(url, "SHOW DATABASES")}

    def create_database(self, name: str, template: str) -> str:
        return f"CREATE DATABASE {name} CHARACTER SET utf8mb4"

    def copy(self, template: str, url: str) -> None:
        """The names of views' tables and of who has made them are told in full: both are those of the database."""
        source, name = (urlsplit(each).path[1:] for each in (template, url))
        with self.session(url) as rows:
            rows("SET foreign_key_checks = 0")
            for table, kind in sorted(rows(f"SHOW FULL TABLES FROM {source}"), key=lambda row: row[1]):
                [(_, statement, *_)] = rows(f"SHOW CREATE TABLE {source}.{table}")
                rows(statement.replace(f"`{source}`", f"`{name}`"))
                if kind != "VIEW":
                    rows(f"INSERT INTO {table} SELECT * FROM {source}.{table}")

    def drop_database(self, url: str, name: str) -> None:
        self.end_sessions(urlsplit(url)._replace(path=f"/{name}").geturl())
        self.query(url, f"DROP DATABASE {name}", f"DROP USER IF EXISTS {name}")

    def end_sessions(self, url: str) -> None:
        name = urlsplit(url).path.strip("/")
        server_url = urlsplit(url)._replace(path="/").geturl()
        for connection, _, _, database, *_ in self.query(server_url, "SHOW PROCESSLIST"):
            if database == name:
                with suppress(mysql.connector.Error):  # it has gone by itself
                    self.query(server_url, self.end_session.format(connection))

    def waiting_sessions(self, url: str, statement: str) -> list[int]:
        """Whether they wait, nobody says; but nothing else keeps them."""
        name = urlsplit(url).path.strip("/")
        found = self.query(url, "SHOW PROCESSLIST")
        return [row[0] for row in found if row[3] == name and statement in str(row[7])]

    def privileges(self, name: str) -> str:
        in_grant = name.replace("_", "\\_")
        names = {
            "'clientela'": self.literal(name),
            "`clientela`": f"`{in_grant}`",
            "'change-me'": self.literal(JOB_PASSWORD),
        }
        script = (PRIVILEGES / self.privileges_script).read_text()
        for placeholder, value in names.items():
            script = script.replace(placeholder, value)
        return script

    def grantee(self, name: str) -> str:
        return f"'{name}'@'%'"

    def drop_role(self, name: str) -> list[str]:
        return [f"DROP USER {name}"]

    def with_settings(self, url: str, settings: Mapping[str, object]) -> str:
        values = ", ".join(f"{name} = {value}" for name, value in settings.items())
        return urlsplit(url)._replace(query=f"init_command={quote(f'SET {values}')}").geturl()

    def literal(self, text: str) -> str:
        return super().literal(text.replace("\\", "\\\\"))

    def days_between(self, first: str, last: str) -> str:
        return f"DATEDIFF({last}, {first})"


def said_by(*command: str) -> str:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False).stdout


ENGINE = MySQL()
