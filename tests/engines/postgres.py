"""PostgreSQL."""

import re
import signal
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import psycopg2

from engines.base import JOB_PASSWORD, PRIVILEGES, Engine, which


class Postgres(Engine):
    """A PostgreSQL server."""

    name = "postgres"
    title = "PostgreSQL"
    dialect = "postgres"
    name_in_errors = title
    documented_as = dialect

    scheme = "postgresql"
    account = "clientela:test"
    programs = "initdb and postgres"
    system_user = "postgres"
    stop_signal = signal.SIGINT  # SIGTERM waits for the sessions to end by themselves
    packages = ("postgresql",)
    image = "postgres:17"
    image_port = 5432
    image_environment = ("POSTGRES_USER=clientela", "POSTGRES_PASSWORD=test")
    image_arguments = ("-c", "fsync=off")
    image_account = account

    privileges_script = "postgres.sql"
    rights_by_table = True
    usage_of_schemas_is_granted = True
    lacks_for_a_schema = "the user lacks CREATE on the database;"
    revoke = 'REVOKE TEMPORARY ON DATABASE "{0}" FROM "{0}", PUBLIC'
    revoked = "TEMPORARY on the database"
    forbidden = (
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "CREATE SCHEMA mine",
        "ALTER SYSTEM SET work_mem = '8MB'",
        "COPY customers FROM '/etc/passwd'",
        "SELECT rolpassword FROM pg_authid",
        "SELECT * FROM theirs",
    )

    schema = "'public'"
    endless = "SELECT pg_sleep(3600)"
    enum = "letter"
    make_enum = ("CREATE TYPE letter AS ENUM ('A', 'B', 'C')",)
    update_trigger = (
        "CREATE FUNCTION on_update() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {effect}; RETURN NEW; END$$",
        "CREATE TRIGGER on_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION on_update()",
    )
    sees_triggers = True
    row_version = "ctid::text, xmin::text"  # where it is, and the transaction that has written it

    whole_seconds = "TIMESTAMP(0)"
    chars_drop_spaces = True
    role_settings = True
    keys_after_load = True
    hosts_in_turn = True
    odd_relations = True
    has_tablespaces = True
    serializable = ("default_transaction_isolation", "serializable")
    short_lock_timeout = ("lock_timeout", "500ms")
    spares_in_deadlock = ("SET deadlock_timeout = '1h'",)  # whoever finds the deadlock is its victim
    language_collation = 'VARCHAR(255) COLLATE "und-x-icu"'  # as the whole database may have it

    tls_authority = "sslrootcert"
    tls_demands = ({"sslmode": "verify-full"},)
    tls_options: ClassVar[dict[str, object]] = {
        "sslmode": "verify-full",
        "ssl_min_protocol_version": "TLSv1.3",
        "keepalives": 1,
    }
    tls_cipher = "SELECT cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()"

    activity = "SELECT * FROM pg_stat_activity"
    end_session = "SELECT pg_terminate_backend({})"

    driver_error = psycopg2.Error

    @property
    def how_to_get(self) -> str:
        return f"""\
To get {self.title}: set {self.variable}={self.scheme}://user:password@host:port/, or start Docker, or install
its server programs (Debian: apt-get install postgresql)."""

    def find_programs(self) -> tuple[str, str] | None:
        installed = Path("/usr/lib/postgresql").glob("*/bin")
        folders = sorted(installed, key=lambda folder: float(folder.parent.name), reverse=True)
        if on_path := which("initdb"):
            folders.insert(0, Path(on_path).parent)
        for folder in folders:
            if (folder / "initdb").exists() and (folder / "postgres").exists():
                return str(folder / "initdb"), str(folder / "postgres")
        return None

    def commands(self, programs: tuple[str, str], folder: Path, port: int) -> tuple[list[list[str]], list[str]]:
        initialise, serve = programs
        make = [
            initialise,
            "-D",
            f"{folder}/data",
            "--auth-host=scram-sha-256",
            "--auth-local=trust",
            f"--pwfile={folder}/password",
            "--username=clientela",
            "--encoding=UTF8",
            "--no-sync",
        ]
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "full_page_writes": "off",
        }
        options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
        return (
            [[*make, f"--locale={locale}"] for locale in ("C.UTF-8", "C")],
            [serve, "-D", f"{folder}/data", "-p", str(port), *options],
        )

    def tls_arguments(self, pem: str, path: Path) -> list[str]:
        settings = {"ssl": "on", "ssl_cert_file": path, "ssl_key_file": path} if pem else {"ssl": "off"}
        return [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]

    def connect(self, url: str) -> Any:
        parts = urlsplit(url)
        place = parts._replace(scheme="postgresql").geturl()
        return psycopg2.connect(place, dbname=parts.path.strip("/") or "postgres", connect_timeout=10)

    def version(self, url: str) -> str:
        [(version,)] = self.query(url, "SHOW server_version")
        return str(version)

    def databases(self, url: str) -> set[str]:
        return {name for (name,) in self.query(url, "SELECT datname FROM pg_database")}

    def create_database(self, name: str, template: str) -> str:
        return f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}"

    def copy(self, template: str, url: str) -> None:
        """All is there already, and the template's role owns it."""
        old, new = (urlsplit(each).path[1:] for each in (template, url))
        self.query(url, f"REASSIGN OWNED BY {old} TO {new}", f"DROP OWNED BY {old}")

    def drop_database(self, url: str, name: str) -> None:
        self.query(url, f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE IF EXISTS {name}")

    def end_sessions(self, url: str) -> None:
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        self.query(url, f"SELECT pg_terminate_backend(pid) {others}")

    def waiting_sessions(self, url: str, statement: str) -> list[int]:
        return [pid for (pid,) in self.query(url, "SELECT pid FROM pg_locks WHERE NOT granted")]

    def privileges(self, name: str) -> str:
        names = {':"role"': f'"{name}"', ':"DBNAME"': f'"{name}"', ":'password'": self.literal(JOB_PASSWORD)}
        script = (PRIVILEGES / self.privileges_script).read_text()
        for placeholder, value in names.items():
            script = script.replace(placeholder, value)
        return re.sub(r"^\\.*\n", "", script, flags=re.MULTILINE)  # psql's own commands

    def grantee(self, name: str) -> str:
        return self.quote(name)

    def drop_role(self, name: str) -> list[str]:
        return [f"DROP OWNED BY {name}", f"DROP ROLE {name}"]

    def with_setting(self, url: str, name: str, value: str) -> str:
        return urlsplit(url)._replace(query=f"options={quote(f'-c {name}={value}')}").geturl()


ENGINE = Postgres()
