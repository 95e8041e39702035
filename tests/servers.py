"""Real database servers for the tests, found or started here and ended with the test run.

`find(engine)` looks, in this order, at TEST_POSTGRES_URL, TEST_MYSQL_URL and TEST_MARIADB_URL; for server
programs on this machine; for a Docker engine; and, as root on Debian or Ubuntu, at what apt-get can install.
`start_own(engine, tls)` starts another one, for what a server's settings decide.
"""

import atexit
import json
import os
import platform
import pwd
import re
import secrets
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import duckdb
import mysql.connector
import psycopg2
import sqlparse
from mysql.connector import errorcode

from job.statements import text

ENGINES = ("duckdb", "postgres", "mysql", "mariadb")
NAMES = {"duckdb": "DuckDB", "postgres": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB"}
VARIABLES = {"postgres": "TEST_POSTGRES_URL", "mysql": "TEST_MYSQL_URL", "mariadb": "TEST_MARIADB_URL"}
SCHEMES = {"postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
LOCAL_URLS = {
    "postgres": "postgresql://clientela:test@127.0.0.1:{}/",
    "mysql": "mysql://root@127.0.0.1:{}/",
    "mariadb": "mysql://root@127.0.0.1:{}/",
}
PROGRAMS = {
    "postgres": "initdb and postgres",
    "mysql": "mysqld",
    "mariadb": "mariadbd and mariadb-install-db",
}
# image, port inside the container, settings, arguments for the server
IMAGES = {
    "postgres": (
        "postgres:17",
        5432,
        ("POSTGRES_USER=clientela", "POSTGRES_PASSWORD=test"),
        ("-c", "fsync=off"),
    ),
    "mysql": ("mysql:9.7", 3306, ("MYSQL_ROOT_PASSWORD=test",), ("--local-infile=1",)),
    "mariadb": ("mariadb:11", 3306, ("MARIADB_ROOT_PASSWORD=test",), ("--local-infile=1",)),
}
# The core packages hold MariaDB's server without a system service; its set-up script needs the client's.
PACKAGES = {"postgres": ("postgresql",), "mariadb": ("mariadb-server-core", "mariadb-client-core")}
HOW_TO_GET = {
    "postgres": """\
To get PostgreSQL: set TEST_POSTGRES_URL=postgresql://user:password@host:port/, or start Docker, or install
its server programs (Debian: apt-get install postgresql).""",
    "mysql": """\
To get MySQL or MariaDB, of which one is enough: set TEST_MYSQL_URL or TEST_MARIADB_URL to
mysql://user:password@host:port/, or start Docker, or install its server programs
(Debian: apt-get install mariadb-server-core mariadb-client-core).""",
}
READY_WITHIN = 60  # seconds
PRIVILEGES = Path(__file__).parent.parent / "deploy/privileges"
JOB_PASSWORD = "p@ss:w/rd%#'"
DRIVER_ERRORS = (psycopg2.Error, mysql.connector.Error)


class ServerError(Exception):
    """A server that should be there cannot be used."""


@dataclass(frozen=True)
class Server:
    engine: str
    url: str  # without a database: postgresql://user@host:port/ or mysql://user@host:port/
    version: str
    source: str
    stop: Callable[[], None] = lambda: None
    kill: Callable[[], object] = lambda: None  # every process of it, by SIGKILL
    start_again: Callable[[], object] = lambda: None  # on the same data and port


@dataclass(frozen=True)
class Missing:
    reason: str


_running = ExitStack()


def stop_all() -> None:
    """Ends every server this process started and removes its folder."""
    _running.close()


atexit.register(stop_all)


def find(engine: str) -> Server | Missing:
    """The first source that has the engine; a server is started where the source says so."""
    if engine == "duckdb":
        return Server("duckdb", "duckdb://", duckdb.__version__, "Python package")
    reasons = []
    for source in SOURCES:
        found = source(engine)
        if isinstance(found, Server):
            return found
        reasons.append(found.reason)
    return Missing("; ".join(reasons))


@cache
def server(engine: str) -> Server | Missing:
    """The one server of this test run."""
    return told().get(engine) or find(engine)


def own(engine: str, tls: str | None = None) -> Server | Missing:
    """A server besides the one of this test run, for a test that kills it, or needs another one.

    tls: its private key and certificates, as PEM; empty: it offers no encryption.
    """
    found = from_programs(engine, tls)
    return found if isinstance(found, Server) else from_docker(engine, tls)


def start(engines: Iterable[str]) -> dict[str, Server | Missing]:
    """All at once, because most of the time goes into waiting for each of them."""
    names = list(engines)
    with ThreadPoolExecutor() as pool:
        found = dict(zip(names, pool.map(server, names), strict=True))
    tell(found)
    return found


# The processes of a test run have this folder in common; None: there is but one.
run_folder: Path | None = None


def tell(found: dict[str, Server | Missing]) -> None:
    """Tell the other processes, too."""
    if run_folder:
        words = {
            engine: [result.reason]
            if isinstance(result, Missing)
            else [engine, result.url, result.version, result.source]
            for engine, result in found.items()
        }
        (run_folder / "servers.json").write_text(json.dumps(words))


def told() -> dict[str, Server | Missing]:
    """What another process has told."""
    path = run_folder / "servers.json" if run_folder else Path()
    found = json.loads(path.read_text()) if path.is_file() else {}
    return {engine: Missing(*words) if len(words) == 1 else Server(*words) for engine, words in found.items()}


def complaint(found: dict[str, Server | Missing]) -> str | None:
    """Why the suite must fail: no PostgreSQL, or no server at all that speaks MySQL."""
    missing = {engine: result.reason for engine, result in found.items() if isinstance(result, Missing)}
    if any(isinstance(found.get(engine), Server) for engine in ("mysql", "mariadb")):
        missing = {engine: reason for engine, reason in missing.items() if engine == "postgres"}
    if not missing:
        return None
    lines = [f"The tests need a real {NAMES[engine]} server: {reason}." for engine, reason in missing.items()]
    if "postgres" in missing:
        lines.append(HOW_TO_GET["postgres"])
    if missing.keys() - {"postgres"}:
        lines.append(HOW_TO_GET["mysql"])
    return "\n".join([*lines, "ALLOW_MISSING_SERVERS=1 skips the tests that need them."])


# Source 1: the environment


def from_environment(engine: str) -> Server | Missing:
    variable = VARIABLES[engine]
    url = os.environ.get(variable, "")
    if not url:
        return Missing(f"{variable} is not set")
    example = f"{SCHEMES[engine]}://user:password@host:port/"
    if not url.startswith(f"{SCHEMES[engine]}://"):
        raise ServerError(f"{variable} must be like {example}")
    place = urlsplit(url).netloc.rpartition("@")[2]
    url = urlsplit(url)._replace(path="/").geturl()
    try:
        version = version_of(engine, url)
    except (*DRIVER_ERRORS, ValueError) as error:
        raise ServerError(f"{variable}: no {NAMES[engine]} server answers at {place}: {str(error).strip()}") from error
    if engine != "postgres" and ("MariaDB" in version) != (engine == "mariadb"):
        raise ServerError(f"{variable}: the server at {place} is not {NAMES[engine]}, its version is {version}")
    return Server(engine, url, version, variable)


# Source 2: server programs on this machine


def from_programs(engine: str, tls: str | None = None, within: Sequence[str] = ()) -> Server | Missing:
    """within: a command that runs the server's, in the server's folder."""
    programs = programs_of(engine)
    if programs is None:
        return Missing(f"no {NAMES[engine]} server programs ({PROGRAMS[engine]}) on this machine")
    account = unprivileged(engine)
    with ExitStack() as cleanup:
        folder = new_folder(account)
        cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        port = free_port()
        initialise, serve = commands(engine, programs, folder, port)
        serve += tls_arguments(engine, tls, write_key(folder, tls, account))
        # Ctrl-C in the terminal must not reach a server before the tests have let go of it.
        how = {**account, "cwd": folder, "start_new_session": True, "stdin": subprocess.DEVNULL}
        how["env"] = {**os.environ, "TMPDIR": str(folder)}
        (folder / "password").write_text("test")
        make_data(engine, initialise, how)
        log = folder / "server.log"
        url = LOCAL_URLS[engine].format(port)
        processes: list[subprocess.Popen[bytes]] = []
        ending = signal.SIGINT if engine == "postgres" else signal.SIGTERM
        cleanup.callback(lambda: end(processes[-1], ending) if processes else None)

        def launch() -> str:
            try:
                with log.open("a") as output:
                    process = subprocess.Popen([*within, *serve], stdout=output, stderr=output, **how)
            except OSError as error:
                raise ServerError(f"{NAMES[engine]} cannot be started: {error}") from error
            processes.append(process)
            return wait_until_ready(engine, url, lambda: None if process.poll() is None else tail(log.read_text()), tls)

        version = launch()
        stop = cleanup.pop_all().close
    _running.callback(stop)
    source = f"started from {Path(programs[1]).parent}"
    return Server(engine, url, version, source, stop, lambda: kill(processes[-1]), launch)


def programs_of(engine: str) -> tuple[str, str] | None:
    """The program that makes a data folder and the one that serves it."""
    if engine == "postgres":
        installed = Path("/usr/lib/postgresql").glob("*/bin")
        folders = sorted(installed, key=lambda folder: float(folder.parent.name), reverse=True)
        if on_path := which("initdb"):
            folders.insert(0, Path(on_path).parent)
        for folder in folders:
            if (folder / "initdb").exists() and (folder / "postgres").exists():
                return str(folder / "initdb"), str(folder / "postgres")
        return None
    if engine == "mysql":
        mysqld = which("mysqld")
        # MariaDB's packages install a mysqld, too.
        if mysqld is None or "MariaDB" in run([mysqld, "--version"]).stdout:
            return None
        return mysqld, mysqld
    install, mariadbd = which("mariadb-install-db"), which("mariadbd")
    return (install, mariadbd) if install and mariadbd else None


def which(program: str) -> str | None:
    """Also where an ordinary user's PATH does not look."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")


def commands(engine: str, programs: tuple[str, str], folder: Path, port: int) -> tuple[list[list[str]], list[str]]:
    """Commands that make the data folder, of which one has to succeed, and the one that serves it."""
    initialise, serve = programs
    if engine == "postgres":
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
    options = [
        "--no-defaults",
        f"--datadir={folder}/data",
        f"--port={port}",
        "--bind-address=127.0.0.1",
        f"--socket={folder}/server.sock",
        f"--pid-file={folder}/server.pid",
        "--local-infile=1",
        "--innodb-flush-log-at-trx-commit=2",
    ]
    if engine == "mysql":
        return (
            [[initialise, "--no-defaults", "--initialize-insecure", f"--datadir={folder}/data"]],
            [serve, *options, "--mysqlx=OFF", "--secure-file-priv=NULL"],
        )
    make = [
        initialise,
        "--no-defaults",
        f"--datadir={folder}/data",
        "--auth-root-authentication-method=normal",
    ]
    return [[*make, "--skip-test-db", "--force"]], [serve, *options]


def unprivileged(engine: str) -> dict[str, Any]:
    """For subprocess: these servers refuse to run as root, so as root they run as another user."""
    if os.getuid() != 0:
        return {}
    users = {user.pw_name: user for user in pwd.getpwall()}
    user = users.get("postgres" if engine == "postgres" else "mysql") or users["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def new_folder(account: dict[str, Any]) -> Path:
    parent = Path(tempfile.gettempdir()).resolve()
    if account and not all(path.stat().st_mode & stat.S_IXOTH for path in (parent, *parent.parents)):
        parent = Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix="clientela-test-", dir=parent))
    if account:
        os.chown(folder, account["user"], account["group"])
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def write_key(folder: Path, pem: str | None, account: dict[str, Any]) -> Path:
    path = folder / "server.pem"
    path.touch(mode=0o600)
    path.write_text(pem or "")
    if account:
        os.chown(path, account["user"], account["group"])
    return path


def tls_arguments(engine: str, pem: str | None, path: Path) -> list[str]:
    """For the server: nothing that is not its default; or the key and certificates in the file; or no encryption."""
    if pem is None:
        return []
    if engine == "postgres":
        settings = {"ssl": "on", "ssl_cert_file": path, "ssl_key_file": path} if pem else {"ssl": "off"}
        return [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
    if pem:
        return [f"--ssl-cert={path}", f"--ssl-key={path}"]
    return ["--tls-version="] if engine == "mysql" else ["--skip-ssl"]


def make_data(engine: str, attempts: list[list[str]], how: dict[str, Any]) -> None:
    for command in attempts:
        try:
            result = run(command, **how)
        except OSError as error:
            raise ServerError(f"{NAMES[engine]} cannot be started: {error}") from error
        if result.returncode == 0:
            return
    raise ServerError(f"{NAMES[engine]}: {command[0]} failed:\n{last_words(result)}")


def end(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    process.send_signal(how)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def kill(process: "subprocess.Popen[bytes]") -> None:
    """With its children, which PostgreSQL puts into sessions of their own; until all of them are gone."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    handles = [os.pidfd_open(pid) for pid in (process.pid, *map(int, children))]
    for handle in handles:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    for handle in handles:
        select.select([handle], [], [])
        os.close(handle)
    process.wait()


# Source 3: a Docker engine

KEY_IN_CONTAINER = Path("/tmp/server.pem")
WITH_KEY = f"""umask 077; printf %s "$PEM" >{KEY_IN_CONTAINER}; chown "$KEY_OWNER" {KEY_IN_CONTAINER}
exec docker-entrypoint.sh "$@\""""


def from_docker(engine: str, tls: str | None = None) -> Server | Missing:
    if shutil.which("docker") is None or docker("info", "--format", "{{.ServerVersion}}", patience=20).returncode != 0:
        return Missing("no Docker engine answers")
    image, inner_port, settings, arguments = IMAGES[engine]
    name = f"clientela-test-{engine}-{secrets.token_hex(4)}"
    owner = "postgres" if engine == "postgres" else "mysql"
    environment = [option for setting in (*settings, f"KEY_OWNER={owner}") for option in ("-e", setting)]
    if tls:
        environment += ["-e", f"PEM={tls}", "--entrypoint", "sh"]
        arguments = ("-c", WITH_KEY, "sh", *arguments)
    arguments = (*arguments, *tls_arguments(engine, tls, KEY_IN_CONTAINER))
    with ExitStack() as cleanup:
        # By name and beforehand, so that an interrupted "docker run" leaves nothing behind either.
        cleanup.callback(docker, "rm", "-f", "-v", name)
        port = free_port()  # Docker would choose another one when the container is started again
        publish = ["-p", f"127.0.0.1:{port}:{inner_port}"]
        started = docker("run", "-d", "--name", name, *publish, *environment, image, *arguments, patience=900)
        if started.returncode != 0:
            return Missing(f"Docker cannot run {image}: {error_of(started)}")
        # The images let root in from elsewhere with a password only.
        url = LOCAL_URLS[engine].format(port).replace("//root@", "//root:test@")
        ready = partial(wait_until_ready, engine, url, lambda: None if is_up(name) else container_log(name), tls)
        version = ready()
        stop = cleanup.pop_all().close
    _running.callback(stop)

    def start_again() -> None:
        docker("start", name)
        ready()

    return Server(engine, url, version, f"Docker image {image}", stop, lambda: docker("kill", name), start_again)


def docker(*arguments: str, patience: float = 60) -> subprocess.CompletedProcess[str]:
    command = ["docker", *arguments]
    try:
        return run(command, timeout=patience, start_new_session=True)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer within {patience:.0f} s")


def is_up(container: str) -> bool:
    return docker("inspect", "-f", "{{.State.Running}}", container).stdout.strip() == "true"


def container_log(container: str) -> str:
    return last_words(docker("logs", "--tail", "30", container))


# Source 4: Debian's packages

_apt_lock = threading.Lock()
# While packages are installed, these keep them from starting a system service, and from making a cluster of
# their own, which the next boot would start.
SERVICE_POLICY = Path("/usr/sbin/policy-rc.d")
CLUSTER_POLICY = Path("/etc/postgresql-common/createcluster.d/clientela-test.conf")


def from_debian(engine: str) -> Server | Missing:
    packages = PACKAGES.get(engine)
    if packages is None:
        return Missing(f"Debian has no {NAMES[engine]} package")
    if os.getuid() != 0 or not is_debian():
        return Missing("not root on Debian or Ubuntu, so not installed")
    with _apt_lock:
        say(f"No {NAMES[engine]} server found: installing Debian's {' and '.join(packages)} to test with it.")
        failure = apt_install(packages)
    if failure:
        return Missing(f"apt-get install {' '.join(packages)} failed: {failure}")
    return from_programs(engine)


def is_debian() -> bool:
    with suppress(OSError):
        return platform.freedesktop_os_release()["ID"] in ("debian", "ubuntu")
    return False


def apt_install(packages: Iterable[str]) -> str | None:
    """What went wrong, if anything. --no-remove keeps a server that conflicts with the packages."""
    with (
        temporary_file(SERVICE_POLICY, "#!/bin/sh\nexit 101\n", 0o755),
        temporary_file(CLUSTER_POLICY, "create_main_cluster = false\n", 0o644),
    ):
        apt_get("update")
        result = apt_get("install", "--yes", "--no-remove", "--no-install-recommends", *packages)
    return None if result.returncode == 0 else error_of(result)


def apt_get(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return run(["apt-get", "-o", "DPkg::Lock::Timeout=120", *arguments], env=environment)


@contextmanager
def temporary_file(path: Path, text: str, mode: int) -> Iterator[None]:
    """A file, and its folders, that exist only inside the block; one that exists already stays as it is."""
    if path.exists():
        yield
        return
    new_folders = [folder for folder in path.parents if not folder.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        for folder in new_folders:
            with suppress(OSError):  # something else lives there by now
                folder.rmdir()


SOURCES: tuple[Callable[[str], Server | Missing], ...] = (
    from_environment,
    from_programs,
    from_docker,
    from_debian,
)


# Databases on the servers


@contextmanager
def fresh_database(
    engine: str, folder: Path | None = None, on: Server | None = None, options: str = ""
) -> Iterator[str]:
    """The URL, for its administrator, of a new, empty database that is dropped afterwards with the job's role in it.

    `folder` is for DuckDB's file. `on` is another server than that of this test run.
    """
    if engine == "duckdb":
        with tempfile.TemporaryDirectory(prefix="clientela-test-") as temporary:
            yield f"duckdb://{(folder or Path(temporary)).resolve()}/shop.duckdb"
        return
    found = on or server(engine)
    if isinstance(found, Missing):
        raise ServerError(f"no {NAMES[engine]} server: {found.reason}")
    name = f"test_{secrets.token_hex(6)}"
    options += " TEMPLATE template0" if engine == "postgres" else " CHARACTER SET utf8mb4"
    query(engine, found.url, f"CREATE DATABASE {name} {options}")
    url = urlsplit(found.url)._replace(path=f"/{name}").geturl()
    try:
        script = sqlparse.format(privileges(engine, name), strip_comments=True)
        query(engine, url, *sqlparse.split(script))
        yield url
    finally:
        drop_database(found, name)


def privileges(engine: str, name: str) -> str:
    """The script in deploy/privileges for a role and a database that both have this name, as a server reads it."""
    if engine == "postgres":
        names = {':"role"': f'"{name}"', ':"DBNAME"': f'"{name}"', ":'password'": text(JOB_PASSWORD)}
    else:
        in_grant = name.replace("_", "\\_")
        names = {"'clientela'": text(name), "`clientela`": f"`{in_grant}`", "'change-me'": text(JOB_PASSWORD)}
    script = (PRIVILEGES / ("postgres.sql" if engine == "postgres" else "mysql.sql")).read_text()
    for placeholder, value in names.items():
        script = script.replace(placeholder, value)
    return re.sub(r"^\\.*\n", "", script, flags=re.MULTILINE)  # psql's own commands


def job_url(url: str) -> str:
    """The URL with which the job connects to a fresh database: its role may do what deploy/privileges says."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.path[1:]}:{quote(JOB_PASSWORD, safe='')}@{place}").geturl()


def drop_database(on: Server, name: str) -> None:
    """Even while a failed test still holds a connection to it; with the job's role."""
    if on.engine == "postgres":
        query(on.engine, on.url, f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE IF EXISTS {name}")
        return
    end_sessions(on.engine, urlsplit(on.url)._replace(path=f"/{name}").geturl())
    query(on.engine, on.url, f"DROP DATABASE {name}", f"DROP USER IF EXISTS {name}")


def end_sessions(engine: str, url: str) -> None:
    """End every other session in the database, as an administrator would."""
    if engine == "postgres":
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        query(engine, url, f"SELECT pg_terminate_backend(pid) {others}")
        return
    name = urlsplit(url).path.strip("/")
    server_url = urlsplit(url)._replace(path="/").geturl()
    for connection, _, _, database, *_ in query(engine, server_url, "SHOW PROCESSLIST"):
        if database == name:
            with suppress(mysql.connector.Error):  # it has gone by itself
                query(engine, server_url, f"KILL {connection}")


@contextmanager
def session(engine: str, url: str) -> Iterator[Callable[[str], list[Any]]]:
    """Gives a statement's rows."""
    with closing(connect(engine, url)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()

        def query(statement: str) -> list[Any]:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []

        yield query


def query(engine: str, url: str, *statements: str) -> list[Any]:
    """The rows of the last statement, in a session of its own."""
    with session(engine, url) as rows:
        return [rows(statement) for statement in statements][-1]


def connect(engine: str, url: str) -> Any:
    parts = urlsplit(url)
    database = parts.path.strip("/")
    if engine == "postgres":
        return psycopg2.connect(url, dbname=database or "postgres", connect_timeout=10)
    place: dict[str, Any] = {
        "host": parts.hostname,
        "port": parts.port or 3306,
        "user": unquote(parts.username or "root"),
        "password": unquote(parts.password or ""),
        "database": database or None,
        "connection_timeout": 10,
    }
    try:
        return mysql.connector.connect(**place, ssl_disabled=True)  # the driver needs 25 ms to prepare for TLS
    except mysql.connector.Error:
        return mysql.connector.connect(**place)  # the first time, MySQL takes a password encrypted only


def version_of(engine: str, url: str) -> str:
    [[version]] = query(engine, url, "SHOW server_version" if engine == "postgres" else "SELECT VERSION()")
    return str(version)


def wait_until_ready(engine: str, url: str, obituary: Callable[[], str | None], tls: str | None) -> str:
    """The server's version, once it answers. `obituary` gives the end of its log once it is dead."""
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            return version_of(engine, url)
        except DRIVER_ERRORS as error:
            if tls == "" and getattr(error, "errno", None) == errorcode.ER_ACCESS_DENIED_ERROR:
                return "unknown"  # MySQL takes a password over TLS only, so it is up
            if (log := obituary()) is not None:
                raise ServerError(f"{NAMES[engine]} stopped before it was ready:\n{log}") from error
            if time.monotonic() > deadline:
                raise ServerError(f"{NAMES[engine]} was not ready within {READY_WITHIN} s: {error}") from error
        time.sleep(0.1)


def run(command: list[str], **how: Any) -> subprocess.CompletedProcess[str]:
    how = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, **how}
    return subprocess.run(command, check=False, **how)


def error_of(result: subprocess.CompletedProcess[str]) -> str:
    """What apt-get or docker complain of, without what they say around it."""
    errors = [line for line in result.stderr.splitlines() if line.startswith(("E:", "docker:"))]
    return " ".join(errors) or last_words(result, lines=1)


def last_words(result: subprocess.CompletedProcess[str], lines: int = 15) -> str:
    return tail(result.stdout + result.stderr, lines)


def tail(text: str, lines: int = 15) -> str:
    return "\n".join(text.strip().splitlines()[-lines:])


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)
