"""Real database servers for the tests, found or started here and ended with the test run.

`find(engine)` looks, in this order, at an environment variable such as TEST_POSTGRES_URL; for server programs on this
machine; for a Docker engine; and, as root on Debian or Ubuntu, at what apt-get can install. `own(engine, tls)` starts
another one, for what a server's settings decide. What differs from engine to engine is in tests/engines.
"""

import atexit
import json
import os
import platform
import pwd
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
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engines import ENGINES
from engines.base import Engine

from job.adapters import dialects

READY_WITHIN = 60  # seconds


class ServerError(Exception):
    """A server that should be there cannot be used."""


@dataclass(frozen=True)
class Server:
    engine: Engine
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


def find(engine: Engine) -> Server | Missing:
    """The first source that has the engine; a server is started where the source says so."""
    if not engine.has_server:
        return Server(engine, f"{engine.scheme}://", engine.version(""), "Python package")
    reasons = []
    for source in SOURCES:
        found = source(engine)
        if isinstance(found, Server):
            return found
        reasons.append(found.reason)
    return Missing("; ".join(reasons))


@cache
def server(engine: Engine) -> Server | Missing:
    """The one server of this test run."""
    return told().get(engine.name) or find(engine)


def own(engine: Engine, tls: str | None = None) -> Server | Missing:
    """A server besides the one of this test run, for a test that kills it, or needs another one.

    tls: its private key and certificates, as PEM; empty: it offers no encryption.
    """
    found = from_programs(engine, tls)
    return found if isinstance(found, Server) else from_docker(engine, tls)


def start(engines: Iterable[Engine]) -> dict[Engine, Server | Missing]:
    """All at once, because most of the time goes into waiting for each of them."""
    wanted = list(engines)
    with ThreadPoolExecutor() as pool:
        found = dict(zip(wanted, pool.map(server, wanted), strict=True))
    tell(found)
    return found


# The processes of a test run have this folder in common; None: there is but one.
run_folder: Path | None = None


def tell(found: dict[Engine, Server | Missing]) -> None:
    """Tell the other processes, too."""
    if run_folder:
        words = {
            engine.name: [result.reason] if isinstance(result, Missing) else [result.url, result.version, result.source]
            for engine, result in found.items()
        }
        (run_folder / "servers.json").write_text(json.dumps(words))


def told() -> dict[str, Server | Missing]:
    """What another process has told, by the engines' names."""
    path = run_folder / "servers.json" if run_folder else Path()
    found = json.loads(path.read_text()) if path.is_file() else {}
    return {
        name: Missing(*words) if len(words) == 1 else Server(ENGINES[name], *words) for name, words in found.items()
    }


def complaint(found: dict[Engine, Server | Missing]) -> str | None:
    """Why the suite must fail: a dialect for which there is no server at all."""
    there = {engine.dialect for engine, result in found.items() if isinstance(result, Server)}
    missing = {
        engine: result.reason
        for engine, result in found.items()
        if isinstance(result, Missing) and engine.dialect not in there
    }
    if not missing:
        return None
    lines = [f"The tests need a real {engine.title} server: {reason}." for engine, reason in missing.items()]
    lines += dict.fromkeys(engine.how_to_get for engine in missing)
    return "\n".join([*lines, "ALLOW_MISSING_SERVERS=1 skips the tests that need them."])


# Source 1: the environment


def from_environment(engine: Engine) -> Server | Missing:
    variable = engine.variable
    url = os.environ.get(variable, "")
    if not url:
        return Missing(f"{variable} is not set")
    if not url.startswith(f"{engine.scheme}://"):
        raise ServerError(f"{variable} must be like {engine.scheme}://user:password@host:port/")
    place = urlsplit(url).netloc.rpartition("@")[2]
    url = urlsplit(url)._replace(path="/").geturl()
    try:
        version = engine.version(url)
    except (engine.driver_error, ValueError) as error:
        raise ServerError(f"{variable}: no {engine.title} server answers at {place}: {str(error).strip()}") from error
    if not engine.is_version(version):
        raise ServerError(f"{variable}: the server at {place} is not {engine.title}, its version is {version}")
    return Server(engine, url, version, variable)


# Source 2: server programs on this machine


def from_programs(engine: Engine, tls: str | None = None, within: Sequence[str] = ()) -> Server | Missing:
    """within: a command that runs the server's, in the server's folder."""
    programs = engine.find_programs()
    if programs is None:
        return Missing(f"no {engine.title} server programs ({engine.programs}) on this machine")
    account = unprivileged(engine)
    with ExitStack() as cleanup:
        folder = new_folder(account)
        cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        port = free_port()
        initialise, serve = engine.commands(programs, folder, port)
        if tls is not None:
            serve += engine.tls_arguments(tls, write_key(folder, tls, account))
        # Ctrl-C in the terminal must not reach a server before the tests have let go of it.
        how = {**account, "cwd": folder, "start_new_session": True, "stdin": subprocess.DEVNULL}
        how["env"] = {**os.environ, "TMPDIR": str(folder)}
        (folder / "password").write_text("test")
        make_data(engine, initialise, how)
        log = folder / "server.log"
        url = engine.local_url(engine.account, port)
        processes: list[subprocess.Popen[bytes]] = []
        cleanup.callback(lambda: end(processes[-1], engine.stop_signal) if processes else None)

        def launch() -> str:
            try:
                with log.open("a") as output:
                    process = subprocess.Popen([*within, *serve], stdout=output, stderr=output, **how)
            except OSError as error:
                raise ServerError(f"{engine.title} cannot be started: {error}") from error
            processes.append(process)
            return wait_until_ready(engine, url, lambda: None if process.poll() is None else tail(log.read_text()), tls)

        version = launch()
        stop = cleanup.pop_all().close
    _running.callback(stop)
    source = f"started from {Path(programs[1]).parent}"
    return Server(engine, url, version, source, stop, lambda: kill(processes[-1]), launch)


def unprivileged(engine: Engine) -> dict[str, Any]:
    """For subprocess: these servers refuse to run as root, so as root they run as another user."""
    if os.getuid() != 0:
        return {}
    users = {user.pw_name: user for user in pwd.getpwall()}
    user = users.get(engine.system_user) or users["nobody"]
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


def write_key(folder: Path, pem: str, account: dict[str, Any]) -> Path:
    path = folder / "server.pem"
    path.touch(mode=0o600)
    path.write_text(pem)
    if account:
        os.chown(path, account["user"], account["group"])
    return path


def make_data(engine: Engine, attempts: list[list[str]], how: dict[str, Any]) -> None:
    for command in attempts:
        try:
            result = run(command, **how)
        except OSError as error:
            raise ServerError(f"{engine.title} cannot be started: {error}") from error
        if result.returncode == 0:
            return
    raise ServerError(f"{engine.title}: {command[0]} failed:\n{last_words(result)}")


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


def from_docker(engine: Engine, tls: str | None = None) -> Server | Missing:
    if shutil.which("docker") is None or docker("info", "--format", "{{.ServerVersion}}", patience=20).returncode != 0:
        return Missing("no Docker engine answers")
    name = f"clientela-test-{engine}-{secrets.token_hex(4)}"
    settings = (*engine.image_environment, f"KEY_OWNER={engine.system_user}")
    environment = [option for setting in settings for option in ("-e", setting)]
    arguments = engine.image_arguments
    if tls:
        environment += ["-e", f"PEM={tls}", "--entrypoint", "sh"]
        arguments = ("-c", WITH_KEY, "sh", *arguments)
    if tls is not None:
        arguments = (*arguments, *engine.tls_arguments(tls, KEY_IN_CONTAINER))
    with ExitStack() as cleanup:
        # By name and beforehand, so that an interrupted "docker run" leaves nothing behind either.
        cleanup.callback(docker, "rm", "-f", "-v", name)
        port = free_port()  # Docker would choose another one when the container is started again
        publish = ["-p", f"127.0.0.1:{port}:{engine.image_port}"]
        started = docker("run", "-d", "--name", name, *publish, *environment, engine.image, *arguments, patience=900)
        if started.returncode != 0:
            return Missing(f"Docker cannot run {engine.image}: {error_of(started)}")
        url = engine.local_url(engine.image_account, port)
        ready = partial(wait_until_ready, engine, url, lambda: None if is_up(name) else container_log(name), tls)
        version = ready()
        stop = cleanup.pop_all().close
    _running.callback(stop)

    def start_again() -> None:
        docker("start", name)
        ready()

    return Server(engine, url, version, f"Docker image {engine.image}", stop, lambda: docker("kill", name), start_again)


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


def from_debian(engine: Engine) -> Server | Missing:
    packages = engine.packages
    if not packages:
        return Missing(f"Debian has no {engine.title} package")
    if os.getuid() != 0 or not is_debian():
        return Missing("not root on Debian or Ubuntu, so not installed")
    with _apt_lock:
        say(f"No {engine.title} server found: installing Debian's {' and '.join(packages)} to test with it.")
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


SOURCES: tuple[Callable[[Engine], Server | Missing], ...] = (
    from_environment,
    from_programs,
    from_docker,
    from_debian,
)


# Databases on the servers


@contextmanager
def fresh_database(
    engine: Engine, folder: Path | None = None, on: Server | None = None, options: str = "", template: str = ""
) -> Iterator[str]:
    """The URL, for its administrator, of a new database that is dropped afterwards with the job's role in it.

    `folder` is for the file, where a database is one. `on` is another server than that of this test run.
    `template` is the URL of a database to copy; without one, the new one is empty.
    """
    if not engine.has_server:
        with tempfile.TemporaryDirectory(prefix="clientela-test-") as temporary:
            url = f"{engine.scheme}://{(folder or Path(temporary)).resolve()}/shop.{engine}"
            if template:
                engine.copy(template, url)
            yield url
        return
    found = on or server(engine)
    if isinstance(found, Missing):
        raise ServerError(f"no {engine.title} server: {found.reason}")
    name = f"test_{secrets.token_hex(6)}"
    engine.query(found.url, f"{engine.create_database(name, urlsplit(template).path[1:])} {options}")
    url = urlsplit(found.url)._replace(path=f"/{name}").geturl()
    try:
        engine.query(url, *dialects()[engine.dialect].split(engine.privileges(name)))
        if template:
            engine.copy(template, url)
        yield url
    finally:
        engine.drop_database(found.url, name)


# Processes


def wait_until_ready(engine: Engine, url: str, obituary: Callable[[], str | None], tls: str | None) -> str:
    """The server's version, once it answers. `obituary` gives the end of its log once it is dead."""
    deadline = time.monotonic() + READY_WITHIN
    while True:
        try:
            return engine.version(url)
        except engine.driver_error as error:
            if engine.is_up(error, tls):
                return "unknown"
            if (log := obituary()) is not None:
                raise ServerError(f"{engine.title} stopped before it was ready:\n{log}") from error
            if time.monotonic() > deadline:
                raise ServerError(f"{engine.title} was not ready within {READY_WITHIN} s: {error}") from error
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
