"""Where the tests' database servers come from, and that they go again."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import servers
from engines import SERVERS, on_servers
from engines.base import Engine
from engines.duckdb import ENGINE as DUCKDB
from engines.mariadb import ENGINE as MARIADB
from engines.mysql import ENGINE as MYSQL
from engines.postgres import ENGINE as POSTGRES
from servers import Missing, Server, ServerError
from shop import everything

TESTS = Path(__file__).parent


@pytest.fixture
def postgres_programs() -> None:
    if POSTGRES.find_programs() is None:
        pytest.skip("no PostgreSQL server programs on this machine")


def a_server(engine: Engine, source: str = "somewhere") -> Server:
    return Server(engine, "", "1.0", source)


# Which source


def test_sources_are_asked_in_order_and_no_further_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def source(name: str, has: bool) -> object:
        def ask(engine: Engine) -> Server | Missing:
            asked.append(name)
            return a_server(engine, name) if has else Missing(f"not in {name}")

        return ask

    monkeypatch.setattr(servers, "SOURCES", [source("a", False), source("b", True), source("c", True)])
    found = servers.find(POSTGRES)
    assert isinstance(found, Server)
    assert found.source == "b"
    assert asked == ["a", "b"]

    monkeypatch.setattr(servers, "SOURCES", [source("a", False), source("b", False)])
    assert servers.find(POSTGRES) == Missing("not in a; not in b")


def test_order_of_sources() -> None:
    assert [source.__name__ for source in servers.SOURCES] == [
        "from_environment",
        "from_programs",
        "from_docker",
        "from_debian",
    ]


@pytest.mark.parametrize("asked", SERVERS)
def test_an_unreachable_url_is_an_error_and_no_reason_to_look_further(
    asked: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = f"127.0.0.1:{servers.free_port()}"
    monkeypatch.setenv(asked.variable, f"{asked.scheme}://me:s3cret@{nobody}/")
    with pytest.raises(ServerError, match=f"{asked.variable}: no .* server answers at {nobody}") as error:
        servers.find(asked)
    assert "s3cret" not in str(error.value)


def test_a_url_of_another_kind_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_MYSQL_URL", "postgresql://me@localhost/")
    with pytest.raises(ServerError, match="TEST_MYSQL_URL must be like mysql://"):
        servers.find(MYSQL)


@pytest.mark.parametrize(("engine", "other"), [(MYSQL, MARIADB), (MARIADB, MYSQL)], indirect=["engine"])
def test_mysql_and_mariadb_are_told_apart(engine: Engine, other: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    found = servers.server(engine)
    assert isinstance(found, Server)
    monkeypatch.setenv(other.variable, found.url)
    with pytest.raises(ServerError, match=f"is not {other.title}"):
        servers.find(other)


def test_a_mysqld_of_mariadb_is_not_taken_for_mysql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mysqld = tmp_path / "mysqld"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    for version, taken in [
        ("Ver 10.11.6-MariaDB for debian-linux-gnu", False),
        ("Ver 8.4.0 for Linux on x86_64 (MySQL Community Server - GPL)", True),
    ]:
        mysqld.write_text(f"#!/bin/sh\necho '{version}'\n")
        mysqld.chmod(0o755)
        assert MYSQL.find_programs() == ((str(mysqld), str(mysqld)) if taken else None)


# What a missing server means

GONE = Missing("looked everywhere")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({POSTGRES: a_server(POSTGRES), MYSQL: a_server(MYSQL), MARIADB: GONE}, None),
        ({POSTGRES: a_server(POSTGRES), MYSQL: GONE, MARIADB: a_server(MARIADB)}, None),
        ({DUCKDB: a_server(DUCKDB)}, None),
        (
            {POSTGRES: GONE, MYSQL: a_server(MYSQL)},
            ["PostgreSQL", "TEST_POSTGRES_URL", "apt-get install"],
        ),
        ({MYSQL: GONE, MARIADB: GONE}, ["MySQL", "MariaDB", "TEST_MYSQL_URL", "TEST_MARIADB_URL"]),
    ],
)
def test_complaint(found: dict[Engine, Server | Missing], words: list[str] | None) -> None:
    complaint = servers.complaint(found)
    if words is None:
        assert complaint is None
    else:
        assert complaint is not None
        for word in [*words, "looked everywhere", "Docker", "ALLOW_MISSING_SERVERS=1"]:
            assert word in complaint


def run_pytest(folder: Path, workers: str, test: str, sources: str, **environment: str) -> subprocess.Popen[str]:
    """A test run of its own, with the conftest of this folder and only some sources of servers."""
    head = f"import servers\nservers.SOURCES = [{sources}]\n"
    # It is ignored where these tests run in the background.
    head += "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    (folder / "conftest.py").write_text(head + (TESTS / "conftest.py").read_text())
    (folder / "test_it.py").write_text(test)
    variables = {engine.variable for engine in SERVERS}
    ours = {name: value for name, value in os.environ.items() if name not in variables}
    ours.pop("ALLOW_MISSING_SERVERS", None)
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "pytest",
            "-rs",
            "-p",
            "no:cacheprovider",
            "-n",
            workers,
            "--rootdir",
            str(folder),
            str(folder),
        ],
        cwd=folder,
        # Wide, as pytest cuts the reasons of skips off at the terminal's edge.
        env={**ours, "COLUMNS": "500", "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path]), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


ON_EVERY_ENGINE = "def test_it(database_url): assert database_url\n"
with_and_without_workers = pytest.mark.parametrize("workers", ["0", "2"])


@with_and_without_workers
def test_a_run_without_servers_fails_and_says_how_to_get_one(workers: str, tmp_path: Path) -> None:
    run = run_pytest(tmp_path, workers, ON_EVERY_ENGINE, "servers.from_environment")
    output, _ = run.communicate()
    assert run.returncode != 0
    assert "The tests need a real PostgreSQL server: TEST_POSTGRES_URL is not set." in output
    assert "apt-get install postgresql" in output
    assert "TEST_MARIADB_URL" in output
    assert "passed" not in output


@with_and_without_workers
def test_allowed_missing_servers_are_named_skips(workers: str, tmp_path: Path) -> None:
    run = run_pytest(tmp_path, workers, ON_EVERY_ENGINE, "servers.from_environment", ALLOW_MISSING_SERVERS="1")
    output, _ = run.communicate()
    assert run.returncode == 0, output
    assert output.count("duckdb: DuckDB ") == 1
    for engine in SERVERS:
        assert output.count(f"{engine}: missing, {engine.variable} is not set") == 1
        assert f"no {engine.title} server; the top of this output says why" in output
    assert f"1 passed, {len(SERVERS)} skipped" in output


@with_and_without_workers
def test_a_run_that_needs_no_server_starts_none(workers: str, tmp_path: Path) -> None:
    run = run_pytest(tmp_path, workers, "def test_it(): pass\n", "None")
    output, _ = run.communicate()
    assert run.returncode == 0, output
    assert POSTGRES.name not in output


def test_what_shares_a_server_runs_in_one_worker(tmp_path: Path) -> None:
    test = """
import pathlib, pytest
@pytest.mark.parametrize("stack", ["a", "b"])
@pytest.mark.parametrize("number", range(9))
def test_it(stack, number, worker_id):
    pathlib.Path(f"{stack}-{worker_id}").touch()
"""
    run = run_pytest(tmp_path, "2", test, "None")
    output, _ = run.communicate()
    assert run.returncode == 0, output
    assert {path.name for path in tmp_path.glob("?-gw?")} in ({"a-gw0", "b-gw1"}, {"a-gw1", "b-gw0"})


# Starting and ending


@pytest.mark.usefixtures("postgres_programs")
def test_a_started_server_listens_on_loopback_and_leaves_nothing_behind() -> None:
    found = servers.from_programs(POSTGRES)
    assert isinstance(found, Server)
    [(data,)] = POSTGRES.query(found.url, "SHOW data_directory")
    [(addresses,)] = POSTGRES.query(found.url, "SHOW listen_addresses")
    pid = int((Path(data) / "postmaster.pid").read_text().split()[0])
    assert addresses == "127.0.0.1"
    assert is_alive(pid)

    found.stop()
    assert not is_alive(pid)
    assert not Path(data).parent.exists()
    found.stop()


@pytest.mark.usefixtures("postgres_programs")
def test_a_server_that_cannot_start_shows_its_log_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = POSTGRES.commands

    def with_a_wrong_setting(*arguments: object) -> tuple[list[list[str]], list[str]]:
        make, serve = commands(*arguments)  # type: ignore[arg-type]
        return make, [*serve, "-c", "no_such_setting=1"]

    folders: list[Path] = []

    def new_folder(account: dict[str, object]) -> Path:
        folders.append(original(account))
        return folders[0]

    original = servers.new_folder
    monkeypatch.setattr(POSTGRES, "commands", with_a_wrong_setting)
    monkeypatch.setattr(servers, "new_folder", new_folder)
    began = time.monotonic()
    with pytest.raises(ServerError, match="no_such_setting"):
        servers.from_programs(POSTGRES)
    assert time.monotonic() - began < servers.READY_WITHIN / 2
    assert not folders[0].exists()


@pytest.mark.usefixtures("postgres_programs")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@with_and_without_workers
def test_a_run_that_is_ended_from_outside_ends_its_servers(
    workers: str, number: signal.Signals, tmp_path: Path
) -> None:
    """That of all tests, and one of a test's own."""
    test = """
import pathlib, pytest, servers, time
from engines.postgres import ENGINE as POSTGRES
@pytest.mark.parametrize("engine", [POSTGRES], indirect=True)
def test_it(database_url):
    pathlib.Path("urls.part").write_text(f"{database_url} {servers.own(POSTGRES).url}")
    pathlib.Path("urls.part").rename("urls")
    time.sleep(60)
"""
    run = run_pytest(tmp_path, workers, test, "servers.from_programs")
    wait_for = time.monotonic() + servers.READY_WITHIN
    while not (tmp_path / "urls").exists():
        assert run.poll() is None, run.communicate()[0]
        assert time.monotonic() < wait_for
        time.sleep(0.05)
    run.send_signal(number)
    output, _ = run.communicate(timeout=60)
    assert run.returncode != 0
    for url in (tmp_path / "urls").read_text().split():
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", urlsplit(url).port)) != 0, output


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# Databases


def test_a_database_is_empty_and_its_own(engine: Engine, database_url: str, tmp_path: Path) -> None:
    if not engine.has_server:
        assert database_url == f"{engine.scheme}://{tmp_path}/shop.{engine}"
        assert list(tmp_path.iterdir()) == []
        return
    assert everything(engine, database_url) == {}
    with servers.fresh_database(engine) as other:
        assert other != database_url


@on_servers
def test_a_database_goes_even_with_a_transaction_open_in_it(engine: Engine) -> None:
    with servers.fresh_database(engine) as url:
        name = urlsplit(url).path[1:]
        left_open = engine.connect(url)
        cursor = left_open.cursor()
        cursor.execute("CREATE TABLE shop (id INTEGER)")
        cursor.execute("INSERT INTO shop VALUES (1)")
    found = servers.server(engine)
    assert isinstance(found, Server)
    assert name not in engine.databases(found.url)


# Installing


def test_a_temporary_file_goes_and_an_existing_one_stays(tmp_path: Path) -> None:
    ours = tmp_path / "some" / "folder" / "file"
    with servers.temporary_file(ours, "text", 0o755):
        assert ours.read_text() == "text"
        assert os.access(ours, os.X_OK)
    assert list(tmp_path.iterdir()) == []

    theirs = tmp_path / "theirs"
    theirs.write_text("theirs")
    with servers.temporary_file(theirs, "text", 0o755):
        assert theirs.read_text() == "theirs"
    assert theirs.read_text() == "theirs"
