"""A server that is out of reach is waited for; one that says no is not asked twice."""

import json
import socket
import socketserver
import threading
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import servers
from engines import on_servers, where
from engines.base import Engine
from engines.duckdb import ENGINE as DUCKDB
from shop import ask, configured, elsewhere, everything, started

from job import pipeline
from job.config import Config
from job.errors import DatabaseError, TransientError
from job.progress import Steps
from job.session import connect


def with_port(url: str, port: int) -> str:
    parts = urlsplit(url)
    user = parts.netloc.rpartition("@")[0]
    return parts._replace(netloc=f"{user}@127.0.0.1:{port}").geturl()


def forwarder(port: int, url: str) -> socketserver.ThreadingTCPServer:
    """A port that passes everything on to the database server of the URL, and back."""
    target = urlsplit(url).hostname, urlsplit(url).port

    def copy(source: socket.socket, sink: socket.socket) -> None:
        while data := source.recv(1 << 16):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)

    class Forward(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(target) as upstream:
                back = threading.Thread(target=copy, args=(upstream, self.request))
                back.start()
                copy(self.request, upstream)
                back.join()

    server = socketserver.ThreadingTCPServer(("127.0.0.1", port), Forward)
    threading.Thread(target=server.serve_forever).start()
    return server


@on_servers
def test_a_server_that_comes_up_late_is_waited_for(engine: Engine, database_url: str, shop: Path) -> None:
    port = servers.free_port()
    with started(engine, with_port(database_url, port), shop) as process:
        assert process.stderr
        first = json.loads(process.stderr.readline())
        assert first["event"] == "waiting"
        assert f"127.0.0.1:{port} cannot be used" in first["error"]
        server = forwarder(port, database_url)
        try:
            _, errors = process.communicate(timeout=120)
        finally:
            server.shutdown()
            server.server_close()
    assert process.returncode == 0, errors
    assert ask(engine, database_url, "SELECT status FROM job_runs") == [("done",)]


@on_servers
def test_the_wait_ends_after_connect_timeout(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_CONNECT_TIMEOUT", "2")
    with started(engine, with_port(database_url, servers.free_port()), shop) as process:
        _, errors = process.communicate(timeout=120)
    *waits, last = [json.loads(line) for line in errors.splitlines()]
    assert waits and {wait["event"] for wait in waits} == {"waiting"}
    assert process.returncode == last["exit_code"] == 4
    assert "; tried for " in last["error"]


@on_servers
@pytest.mark.parametrize("wrong", ["user", "database"])
def test_a_refusal_is_final(engine: Engine, database_url: str, shop: Path, wrong: str) -> None:
    parts = urlsplit(engine.job_place(database_url))
    if wrong == "user":
        parts = parts._replace(netloc=f"nobody:secret@{parts.netloc.rpartition('@')[2]}")
    else:
        parts = parts._replace(path="/not_there")
    with started(engine, database_url, shop, DATABASE_URL=parts.geturl()) as process:
        _, errors = process.communicate(timeout=120)
    [only] = [json.loads(line) for line in errors.splitlines()]
    assert process.returncode == only["exit_code"] == 4
    assert "cannot be used" in only["error"] and "secret" not in errors


@where(lambda engine: engine.hosts_in_turn)
def test_what_a_server_says_counts_more_than_an_address_without_one(engine: Engine, database_url: str) -> None:
    """`localhost` may be two addresses, of which the server has one."""
    settings = configured(engine, database_url)
    with pytest.raises(DatabaseError, match='"not_there" does not exist') as raised:
        connect(elsewhere(settings, host="127.0.0.2,127.0.0.1", name="not_there"))
    assert not isinstance(raised.value, TransientError)


@pytest.mark.parametrize("engine", [DUCKDB], indirect=True)
def test_duckdb_leaves_memory_to_others(engine: Engine, database_url: str) -> None:
    limits = "SELECT parse_formatted_bytes(current_setting('memory_limit')), current_setting('threads')"
    with closing(connect(configured(engine, database_url))) as database, database.cursor() as cursor:
        [(limit, threads)] = cursor.execute(limits).fetchall()
    assert limit <= threads * 512 * 2**20


def with_role_setting(engine: Engine, url: str, setting: str) -> Config:
    """The job's config, and its role with a setting of its own."""
    role = urlsplit(url).path[1:]
    ask(engine, url, f"ALTER ROLE {engine.quote(role)} SET {setting}")
    return configured(engine, url)


@where(lambda engine: engine.role_settings)
def test_a_read_only_role_stays_so(engine: Engine, database_url: str, shop: Path) -> None:
    config = with_role_setting(engine, database_url, "default_transaction_read_only = on")
    with pytest.raises(DatabaseError, match="read-only transaction"):
        pipeline.run(config, shop, "a-run", Steps("json"))
    assert everything(engine, database_url) == {}


@where(lambda engine: engine.role_settings)
def test_a_session_without_a_schema_is_no_other_run(engine: Engine, database_url: str, shop: Path) -> None:
    config = with_role_setting(engine, database_url, "search_path = nowhere")
    with pytest.raises(DatabaseError, match="there is no schema to work in"):
        pipeline.run(config, shop, "a-run", Steps("json"))
