"""PgBouncer, Debian's, between the job and a server: started here on a free port, and ended with the block."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from urllib.parse import urlsplit

import psycopg2
import pytest
import servers
from engines.base import JOB_PASSWORD, which
from engines.postgres import ENGINE


@contextmanager
def pgbouncer(url: str, mode: str, **settings: object) -> Iterator[str]:
    """The URL of the same database by way of a pooler in this mode."""
    program = _program()
    account, port, place = servers.unprivileged(ENGINE), servers.free_port(), urlsplit(url)
    folder = servers.new_folder(account)
    name = place.path[1:]
    pooler = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "trust",
        "auth_file": folder / "users",
        "pool_mode": mode,
        "admin_users": place.username,
        **settings,
    }
    accounts = {name: JOB_PASSWORD, place.username: place.password}
    (folder / "users").write_text("".join(f'"{user}" "{password}"\n' for user, password in accounts.items()))
    lines = [f"* = host={place.hostname} port={place.port}", "[pgbouncer]", *(f"{k} = {v}" for k, v in pooler.items())]
    (folder / "pgbouncer.ini").write_text("\n".join(["[databases]", *lines, ""]))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([program, str(folder / "pgbouncer.ini")], **account, stderr=log, stdout=log)
    try:
        pooled = place._replace(netloc=f"{place.username}:{place.password}@127.0.0.1:{port}").geturl()
        _wait_until_ready(pooled, process, folder / "log")
        yield pooled
    finally:
        process.terminate()
        process.wait(timeout=30)
        rmtree(folder)


def _program() -> str:
    program = which("pgbouncer")
    if program is None and servers.is_debian():
        with suppress(OSError):
            servers.apt_install(("pgbouncer",))
        program = which("pgbouncer")
    if program is None:
        pytest.skip("no pgbouncer (Debian: apt-get install pgbouncer)")
    return program


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + servers.READY_WITHIN
    while True:
        try:
            ENGINE.version(url)
            return
        except psycopg2.Error as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise servers.ServerError(f"pgbouncer is not ready: {error}\n{log.read_text()}") from error
        time.sleep(0.05)
