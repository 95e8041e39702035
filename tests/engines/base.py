"""What the tests ask of an engine: where its server comes from, how an administrator talks to it, and its quirks.

An engine is a subclass in a module of its own here, and nothing elsewhere: whatever module has an ENGINE is found.
Values without a default are the engine's to give; what has one is true of most engines.
"""

import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

PRIVILEGES = Path(__file__).parents[2] / "deploy/privileges"
JOB_PASSWORD = "p@ss:w/rd%#'"
Query = Callable[[str], list[tuple[Any, ...]]]  # gives a statement's rows


class Engine:
    """A database that the tests run on; `str` gives its name."""

    name: str  # in the ids of tests
    title: str  # as the server calls itself
    dialect: str  # the config's
    name_in_errors: str  # the dialect's: one of several engines may stand for all
    documented_as: str  # the dialect whose SQL in docs/, examples/ and their READMEs is for it

    # Its server. Without one, a database is a file.

    has_server = True
    scheme: str  # of its URLs
    account: str  # an administrator's, with the password, on a server that is started here
    programs: str  # that a server is made of, for people
    system_user: str  # that such a server runs as, where the tests run as root
    stop_signal = signal.SIGTERM
    packages: tuple[str, ...] = ()  # Debian's, which bring the programs and no service
    image: str
    image_port: int
    image_environment: tuple[str, ...]
    image_arguments: tuple[str, ...]
    image_account: str  # as account, in a container

    # The job and its role.

    place_key = "url"  # that says in the config where the database is
    place_variable = "DATABASE_URL"  # and in the environment
    privileges_script: str  # in deploy/privileges
    rights_by_table = False  # the role has rights on its own tables alone; on others', those granted table by table
    schemas_are_databases = False  # a schema is a database of the server: named for all, and not dropped with another
    usage_of_schemas_is_granted = False
    lacks_for_a_schema = ""  # how `check` begins to say what the role lacks to make a job_schema
    revoke = ""  # takes a right of the role, by its name and that in patterns of names; `check` tells `revoked`
    revoked = ""
    forbidden: tuple[str, ...] = ()  # statements that the role may not run
    denied: tuple[str, ...] = ()  # statements of the job's that the role may not run, and does without
    to_see_who_waits = ""  # grants it more rights by the role's name, so that it may see who waits for whom
    make_user = ""  # a statement: makes a user by name, with the password secret
    default_role = ""  # makes a role a user's by default, by both their names; empty: no such thing here

    # Its SQL.

    schema: str  # an expression: that of the shop's tables, as information_schema has it
    quote_mark = '"'
    standard_quotes: tuple[str, ...] = ()  # statements that make a session take " around names
    timestamp = "TIMESTAMP"  # types
    whole_seconds = ""  # a type of times without a part of a second, if there is one
    text = "TEXT"
    uuid = "UUID"
    table_options = ""  # after the columns of a table of the shop's
    as_text = "VARCHAR"  # what a CAST makes a text of
    in_utc: str  # a statement: the session shows times in UTC
    # Types that files are loaded into: fields that are a value of it, each with what the database then shows (None: the
    # same), and fields that are none; types that are refused; a number that the database gives where none is; columns
    # that it fills by itself.
    types: ClassVar[dict[str, tuple[dict[str, str | None], tuple[str, ...]]]] = {}
    extensions: tuple[str, ...] = ()  # statements of an administrator's that the types need
    before_types: tuple[str, ...] = ()  # statements that the types need
    refused_types: tuple[str, ...] = ()
    no_numbers: tuple[str, ...] = ("CAST('NaN' AS REAL)", "CAST('-Infinity' AS REAL)")  # that a number may be
    moment = "TIMESTAMPTZ"  # a type of times that are moments in UTC
    loose_type = ""  # of texts of which some that differ are equal, in case or in accents
    counting: str
    generating: str
    generated: str  # the last of these, as a number twice x
    generated_key = ""  # a type of keys that only the database makes
    endless = "SELECT 1"  # a statement that takes for ever
    enum = "ENUM ('A', 'B', 'C')"  # a type
    make_enum: tuple[str, ...] = ()  # statements before that
    stored_columns = True  # a generated column may be STORED
    updates_views = True
    update_trigger: tuple[str, ...] = ()  # statements: before an update of a row of {table}, {effect}
    sees_triggers = False  # the role does
    on_update = ""  # a type of a column that changes with every update of a row, if there is one
    row_version = ""  # columns that change with every writing of a row, if there are such

    # Its quirks.

    one_process = False  # a database is one process's: nobody else reads it meanwhile
    keys_in_comments = False  # tables have their keys in comments, for the load alone
    keys_after_load = False  # sql/DIALECT/constraints.sql gives tables their keys once they are filled
    makes_tables_anew = False  # a load puts new tables in the old ones' places, with all that refer to them
    chars_drop_spaces = False  # a CHAR loses the spaces at its end
    role_settings = False  # a role may have settings for its sessions
    release_locks = ""  # a statement that takes a session's locks from it, as a proxy may
    latin1: tuple[str, str, str] | None = None  # a database's options, a type of texts, and what is told of it
    odd_settings: ClassVar[dict[str, object]] = {}  # a session's, by which statements would mean something else, or end
    hidden_keys: ClassVar[tuple[str, dict[str, object]] | None] = (
        None  # a right, and with it a setting: tables get keys
    )
    setting = ""  # an expression: the value of the setting in braces
    has_pooler = False  # tests/pooler.py has one for its servers
    short_texts = False  # a TEXT holds 64 KB, and there are longer types
    checks_lengths = False  # a VARCHAR takes any length, so a column has a CHECK
    requires_keys = ""  # a server's setting: every table must have a primary key
    local_infile = False  # rows go in by LOAD DATA LOCAL, which a server may refuse
    hosts_in_turn = False  # the driver takes several hosts, and tries one after the other
    odd_relations = False  # domains, partitions and materialized views
    has_tablespaces = False
    short_lock_timeout: tuple[str, str]  # a setting: a lock is waited for for a second at most
    spares_in_deadlock: tuple[str, ...] = ()  # statements after which this session is not a deadlock's victim
    language_collation = ""  # a type of ids that sort as in a dictionary, if the ids of a whole database may

    # Encryption: the driver's options.

    tls_authority = ""
    tls_demands: tuple[dict[str, str], ...] = ()  # sets besides the authority; the last demands all that there is
    tls_options: ClassVar[dict[str, object]] = {}  # besides the authority, as YAML has them
    tls_cipher = ""  # a statement whose last value is the session's

    # What an administrator sees of others.

    own_number = ""  # a statement: the session's
    lock_table = ""  # a statement after which nobody else uses the table
    activity = ""  # every session, with what it does
    end_session = "KILL {}"  # by its number

    driver_error: type[Exception]

    def __repr__(self) -> str:
        return self.name

    @property
    def variable(self) -> str:
        """The environment's, for the URL of a server that is there already."""
        return f"TEST_{self.name.upper()}_URL"

    @property
    def how_to_get(self) -> str:
        """For whom has no server."""
        raise AssertionError(f"{self.title} has no server")

    # To find and start a server

    def find_programs(self) -> tuple[str, str] | None:
        """The program that makes a data folder and the one that serves it."""
        raise AssertionError(f"{self.title} has no server")

    def commands(self, programs: tuple[str, str], folder: Path, port: int) -> tuple[list[list[str]], list[str]]:
        """Commands that make the data folder, of which one has to succeed, and the one that serves it."""
        raise AssertionError(f"{self.title} has no server")

    def tls_arguments(self, pem: str, path: Path) -> list[str]:
        """For the server: the key and certificates are in the file; an empty pem: no encryption."""
        raise AssertionError(f"{self.title} has no server")

    def local_url(self, account: str, port: int) -> str:
        return f"{self.scheme}://{account}@127.0.0.1:{port}/"

    def is_version(self, version: str) -> bool:
        """Whether a server that says so is this engine."""
        return True

    def is_up(self, error: Exception, tls: str | None) -> bool:
        """Whether a server answers by this error although it is ready."""
        return False

    # To talk to it, as an administrator

    def connect(self, url: str) -> Any:
        """A session of the driver's, in which a transaction is open."""
        raise AssertionError(f"{self.title} has no server")

    @contextmanager
    def session(self, url: str) -> Iterator[Query]:
        """Every statement in it is a transaction of its own."""
        with closing(self.connect(url)) as connection:
            connection.autocommit = True
            cursor = connection.cursor()

            def rows(statement: str) -> list[tuple[Any, ...]]:
                cursor.execute(statement)
                return [tuple(row) for row in cursor.fetchall()] if cursor.description else []

            yield rows

    def query(self, url: str, *statements: str) -> list[tuple[Any, ...]]:
        """The rows of the last statement, in a session of its own."""
        with self.session(url) as rows:
            return [rows(statement) for statement in statements][-1]

    def version(self, url: str) -> str:
        raise AssertionError(f"{self.title} has no server")

    def databases(self, url: str) -> set[str]:
        """The names of all on the server."""
        raise AssertionError(f"{self.title} has no server")

    def create_database(self, name: str, template: str) -> str:
        """The statement for it. template: the name of another one that it is to be like; empty: it is to be empty."""
        raise AssertionError(f"{self.title} has no server")

    def copy(self, template: str, url: str) -> None:
        """Fill a database, as `create_database` has made it, from another one on the same server; both are URLs."""
        raise AssertionError(f"{self.title} has no server")

    def drop_database(self, url: str, name: str) -> None:
        """From the server, even while a failed test still holds a connection to it; with the job's role."""
        raise AssertionError(f"{self.title} has no server")

    def end_sessions(self, url: str) -> None:
        """End every other session in the database."""
        raise AssertionError(f"{self.title} has no server")

    def waiting_sessions(self, url: str, statement: str) -> list[int]:
        """The numbers of those in the database that run a statement with such a beginning, and wait for a lock."""
        raise AssertionError(f"{self.title} has no server")

    # The job's role

    def job_place(self, url: str) -> str:
        """Where the job finds a fresh database, with its role: a URL."""
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2]
        return parts._replace(netloc=f"{parts.path[1:]}:{quote(JOB_PASSWORD, safe='')}@{place}").geturl()

    def privileges(self, name: str) -> str:
        """The script in deploy/privileges for a role and a database that both have this name, as a server reads it."""
        raise AssertionError(f"{self.title} has no server")

    def grantee(self, name: str) -> str:
        """The role of this name in a GRANT."""
        raise AssertionError(f"{self.title} has no server")

    def drop_role(self, name: str) -> list[str]:
        """Statements that take a role and its rights away."""
        raise AssertionError(f"{self.title} has no server")

    def with_setting(self, url: str, name: str, value: str) -> str:
        """The URL of sessions with this setting of the server's."""
        return self.with_settings(url, {name: value})

    def with_settings(self, url: str, settings: Mapping[str, object]) -> str:
        """The URL of sessions with these settings of the server's."""
        raise AssertionError(f"{self.title} has no server")

    # Its SQL

    def dump_and_restore(self, url: str) -> tuple[list[str], list[str]] | None:
        """Commands: one prints what makes the database again, and one reads that; None: there are none here."""
        return None

    def quote(self, name: str) -> str:
        mark = self.quote_mark
        return f"{mark}{name.replace(mark, 2 * mark)}{mark}"

    def literal(self, text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    def days_between(self, first: str, last: str) -> str:
        """An expression: of two of them, which give dates."""
        return f"CAST({last} AS DATE) - CAST({first} AS DATE)"


def which(program: str) -> str | None:
    """Also where an ordinary user's PATH does not look."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
