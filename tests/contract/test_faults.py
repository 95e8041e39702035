"""Faults while a run goes on: a session is cut, a server dies, another session is in the way, a disk is full."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import servers
from shop import CONFIGS, DIALECTS, Tables, ask, changed, configured, everything, place, run, started

from job import history
from job.adapters.base import Database
from job.errors import LockedError, TransientError
from job.retry import retrying
from job.session import connect
from job.setup.sample import write_shop

SERVERS = [engine for engine in servers.ENGINES if engine != "duckdb"]
ON_SERVERS = pytest.mark.parametrize("engine", SERVERS, indirect=True)
# The columns that no two runs fill alike: who, and when.
OF_THE_RUN = {"customer_segments": {4}, "segment_models": {1, 2}, "loaded_files": {7, 8}}


def tables(engine: str, url: str) -> Tables:
    return {
        table: [
            tuple(value for index, value in enumerate(row) if index not in OF_THE_RUN.get(table, ())) for row in rows
        ]
        for table, rows in everything(engine, url).items()
    }


@pytest.fixture(scope="session")
def undisturbed(engine: str, shop: Path) -> Tables:
    """What a run leaves in the tables when nothing comes between."""
    with servers.fresh_database(engine) as url:
        run(engine, url, shop)
        return tables(engine, url)


def wait_for(process: "subprocess.Popen[str]", event: str) -> dict[str, Any]:
    """The line of the job's log that tells of the event."""
    assert process.stderr
    seen = []
    for line in process.stderr:
        seen.append(line)
        if (entry := json.loads(line))["event"] == event:
            return dict(entry)
    raise AssertionError(f"no {event} in the log: {''.join(seen)}")


def stop_at(process: "subprocess.Popen[str]", event: str) -> None:
    """Stop the job where its log tells of the event."""
    wait_for(process, event)
    process.send_signal(signal.SIGSTOP)


def the_rest(process: "subprocess.Popen[str]") -> list[dict[str, Any]]:
    """What the job still logs until it ends; one that was stopped goes on."""
    assert process.stderr
    process.send_signal(signal.SIGCONT)
    log = [json.loads(line) for line in process.stderr]
    process.wait(timeout=60)
    return log


def attempts(engine: str, url: str) -> list[tuple[Any, ...]]:
    rows = ask(engine, url, "SELECT run_id, status, error FROM job_runs ORDER BY started_at, run_id")
    assert [run_id for run_id, _, _ in rows[1:]] == [f"{rows[0][0]}-{number + 2}" for number in range(len(rows) - 1)]
    return [row[1:] for row in rows]


@ON_SERVERS
@pytest.mark.parametrize("event", ["fingerprint", "copied", "features"])
def test_a_session_that_is_cut_has_a_successor(
    engine: str, database_url: str, shop: Path, undisturbed: Tables, event: str
) -> None:
    with started(engine, database_url, shop) as process:
        stop_at(process, event)
        servers.end_sessions(engine, database_url)
        log = the_rest(process)
    assert process.returncode == 0, log
    [retrying] = [line for line in log if line["event"] == "retrying"]
    if event == "fingerprint":  # before the run is written to job_runs
        assert ask(engine, database_url, "SELECT status FROM job_runs")[-1] == ("done",)
    else:
        assert attempts(engine, database_url) == [("failed", retrying["error"]), ("done", None)]
    assert tables(engine, database_url) == undisturbed


@ON_SERVERS
def test_a_session_that_lingers_is_waited_for(engine: str, database_url: str, shop: Path, undisturbed: Tables) -> None:
    """Its lock is: a server may not notice for a while that nobody is there."""
    with started(engine, database_url, shop) as process:
        stop_at(process, "copied")
        servers.end_sessions(engine, database_url)
        with closing(connect(configured(engine, database_url))) as lingering:
            retrying(partial(history.require_lock, lingering), on=LockedError, seconds=60)
            process.send_signal(signal.SIGCONT)
            assert "another run" in wait_for(process, "waiting")["error"]
        log = the_rest(process)
    assert process.returncode == 0, log
    assert [status for status, _ in attempts(engine, database_url)] == ["failed", "done"]
    assert tables(engine, database_url) == undisturbed


@pytest.fixture(scope="session")
def mortal(engine: str) -> Iterator[servers.Server]:
    """A server that a test may kill."""
    found = servers.own(engine)
    if isinstance(found, servers.Missing):
        pytest.skip(f"no {servers.NAMES[engine]} server that may be killed: {found.reason}")
    yield found
    found.stop()


@ON_SERVERS
@pytest.mark.parametrize("event", ["copied", "features"])
def test_a_server_that_is_killed_is_waited_for(
    engine: str, mortal: servers.Server, shop: Path, undisturbed: Tables, event: str
) -> None:
    with servers.fresh_database(engine, on=mortal) as url, started(engine, url, shop) as process:
        stop_at(process, event)
        mortal.kill()
        process.send_signal(signal.SIGCONT)
        error = wait_for(process, "retrying")["error"]
        wait_for(process, "waiting")
        mortal.start_again()
        log = the_rest(process)
        assert process.returncode == 0, log
        assert attempts(engine, url) == [("failed", error), ("done", None)]
        assert tables(engine, url) == undisturbed


@ON_SERVERS
@pytest.mark.parametrize("committed", [False, True])
def test_a_commit_without_an_answer(
    engine: str, database_url: str, shop: Path, undisturbed: Tables, committed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Any] = []
    answered = Database._run

    def unanswered(self: Database, statement: str, *values: Any) -> Any:
        if statement == "COMMIT" and not answers:
            answers.append(answered(self, "COMMIT") if committed else None)
            servers.end_sessions(engine, database_url)
        return answered(self, statement, *values)

    monkeypatch.setattr(Database, "_run", unanswered)
    run(engine, database_url, shop)
    first, second = attempts(engine, database_url)
    assert first[0] == ("done" if committed else "failed")
    assert second == ("done", None)
    assert tables(engine, database_url) == undisturbed


@ON_SERVERS
def test_the_third_attempt_is_the_last(
    engine: str, database_url: str, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins = []
    goes_well = Database._run

    def cut(self: Database, statement: str, *values: Any) -> Any:
        if statement == "BEGIN":
            begins.append(self)
            servers.end_sessions(engine, database_url)
        return goes_well(self, statement, *values)

    monkeypatch.setattr(Database, "_run", cut)
    with pytest.raises(TransientError, match="tried for"):
        run(engine, database_url, shop)
    assert len(begins) == 3
    assert [status for status, _ in attempts(engine, database_url)] == ["failed", "failed", "running"]
    monkeypatch.undo()
    assert run(engine, database_url, shop)


# Its session is cut with its COMMIT, which no signal interrupts.
CUT_AT_COMMIT = """
import sys
from pathlib import Path
import servers
from job import interrupt, pipeline, progress
from job.adapters.base import Database
from shop import configured
engine, url, data = sys.argv[1:]
interrupt.install()
goes_well = Database._run
def cut(self, statement, *values):
    if statement == "COMMIT":
        servers.end_sessions(engine, url)
    return goes_well(self, statement, *values)
Database._run = cut
pipeline.run(configured(engine, url), Path(data), "a-run", progress.Steps(progress.configure_logging("json")))
"""


@ON_SERVERS
def test_a_signal_ends_the_wait_for_the_next_attempt(engine: str, database_url: str, shop: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CUT_AT_COMMIT, engine, database_url, str(shop)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for(process, "retrying")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert "Interrupted: ended by SIGTERM" in errors
    assert "ended by force" not in errors and "started" not in errors
    assert not any(ask(engine, database_url, "SELECT * FROM customer_segments"))


# Another session in the way


def with_option(engine: str, url: str, **settings: str) -> str:
    """The URL of sessions with these settings of the server."""
    if engine == "postgres":
        option = "options=" + quote(" ".join(f"-c {name}={value}" for name, value in settings.items()))
    else:
        option = "init_command=" + quote("SET " + ", ".join(f"{name} = {value}" for name, value in settings.items()))
    return urlsplit(url)._replace(query=option).geturl()


@pytest.fixture
def segmented(engine: str, database_url: str, shop: Path) -> str:
    """The URL of a database that has everything but the labels at the customers: the next run locks them all."""
    run(engine, database_url, shop)
    ask(engine, database_url, "UPDATE customers SET segment = NULL")
    ask(engine, database_url, "DELETE FROM job_runs")
    return database_url


TOUCH = "UPDATE customers SET segment = 'Z'"


@ON_SERVERS
def test_a_lock_that_is_waited_for_too_long(engine: str, segmented: str, shop: Path, undisturbed: Tables) -> None:
    timeout = {"lock_timeout": "500ms"} if engine == "postgres" else {"innodb_lock_wait_timeout": "1"}
    with (
        closing(servers.connect(engine, segmented)) as other,
        started(engine, with_option(engine, segmented, **timeout), shop) as process,
    ):
        other.cursor().execute(TOUCH)
        error = wait_for(process, "retrying")["error"]
        assert "lock" in error.lower()
        other.rollback()
        log = the_rest(process)
    assert process.returncode == 0, log
    assert attempts(engine, segmented) == [("failed", error), ("done", None)]
    assert tables(engine, segmented) == undisturbed


def labelling(engine: str, url: str) -> list[int]:
    """The session that writes the labels to the customers, if one does."""
    if engine == "postgres":
        return [pid for (pid,) in ask(engine, url, "SELECT pid FROM pg_locks WHERE NOT granted")]
    name, statement = urlsplit(url).path.strip("/"), 'UPDATE "customers"'
    return [row[0] for row in ask(engine, url, "SHOW PROCESSLIST") if row[3] == name and statement in str(row[7])]


@ON_SERVERS
def test_a_session_that_is_cut_within_a_statement(engine: str, segmented: str, shop: Path, undisturbed: Tables) -> None:
    end = "SELECT pg_terminate_backend({})" if engine == "postgres" else "KILL {}"
    with closing(servers.connect(engine, segmented)) as other, started(engine, segmented, shop) as process:
        other.cursor().execute(TOUCH)
        wait_for(process, "model")
        while not (sessions := labelling(engine, segmented)):
            assert process.poll() is None
        ask(engine, segmented, end.format(*sessions))
        other.rollback()
        log = the_rest(process)
    assert process.returncode == 0, log
    [retrying] = [line for line in log if line["event"] == "retrying"]
    assert attempts(engine, segmented) == [("failed", retrying["error"]), ("done", None)]
    assert tables(engine, segmented) == undisturbed


@ON_SERVERS
def test_the_victim_of_a_deadlock(engine: str, segmented: str, shop: Path, undisturbed: Tables) -> None:
    with (
        closing(servers.connect(engine, segmented)) as other,
        started(engine, segmented, shop) as process,
    ):
        cursor = other.cursor()
        if engine == "postgres":  # whoever finds the deadlock is its victim
            cursor.execute("SET deadlock_timeout = '1h'")
        else:  # whoever has changed less
            cursor.execute("CREATE TABLE ballast (stone INTEGER)")
            cursor.execute("INSERT INTO ballast SELECT 1 FROM customers, (SELECT 1 FROM sellers LIMIT 9) AS many")
        cursor.execute(TOUCH)
        stop_at(process, "features")
        process.send_signal(signal.SIGCONT)
        cursor.execute("UPDATE customer_features SET monetary = 0")
        other.rollback()
        error = wait_for(process, "retrying")["error"]
        assert "deadlock" in error.lower() and "\n" not in error
        log = the_rest(process)
    assert process.returncode == 0, log
    ask(engine, segmented, "DROP TABLE IF EXISTS ballast")
    assert attempts(engine, segmented) == [("failed", error), ("done", None)]
    assert tables(engine, segmented) == undisturbed


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_serialization_failure(engine: str, segmented: str, shop: Path, undisturbed: Tables) -> None:
    url = with_option(engine, segmented, default_transaction_isolation="serializable")
    with started(engine, url, shop) as process:
        stop_at(process, "features")
        ask(engine, segmented, TOUCH)
        log = the_rest(process)
    assert process.returncode == 0, log
    [retrying] = [line for line in log if line["event"] == "retrying"]
    assert "could not serialize access" in retrying["error"]
    assert attempts(engine, segmented) == [("failed", retrying["error"]), ("done", None)]
    assert tables(engine, segmented) == undisturbed


@ON_SERVERS
def test_what_will_not_pass_is_not_tried_again(engine: str, database_url: str, shop: Path) -> None:
    with started(engine, database_url, shop) as process:
        stop_at(process, "fingerprint")
        ask(engine, database_url, "DROP TABLE customer_features")
        log = the_rest(process)
    assert process.returncode == log[-1]["exit_code"] == 4
    assert "customer_features" in log[-1]["error"]
    assert not [line for line in log if line["event"] == "retrying"]
    assert attempts(engine, database_url) == [("failed", log[-1]["error"])]


# Full disks

# The job runs with a disk of SIZE at FOLDER that nobody else sees; what is in the folder is there before and after.
SMALL_DISK = """
mkdir -p "$FOLDER.outside" && cp -a "$FOLDER/." "$FOLDER.outside" &&
mount -t tmpfs -o "size=$SIZE" tmpfs "$FOLDER" && cp -a "$FOLDER.outside/." "$FOLDER" || exit
"$@"
code=$?
cp -a "$FOLDER/." "$FOLDER.outside"
exit $code
"""


def own_mounts(*options: str) -> list[str]:
    """A command that runs another one where it may mount a disk; skips the test where that cannot be."""
    command = ["unshare", *options, "--mount"]
    if shutil.which("unshare") is None:
        pytest.skip("no unshare program, so no small disk to fill")
    tried = servers.run([*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
    if tried.returncode != 0:
        pytest.skip(f"no small disk to fill: {servers.last_words(tried, lines=1)}")
    return command


def small_disk() -> list[str]:
    user = ["--user", "--map-root-user"] if os.getuid() else []
    return [*own_mounts(*user), "sh", "-c", SMALL_DISK, "sh"]


def no_room(engine: str, url: str, shop: Path, data: Path, folder: Path) -> None:
    """A temporary folder of 64 KB stops a run on the data, not the next one."""
    run(engine, url, shop)
    before = everything(engine, url)
    folder.mkdir()
    within = small_disk()
    with started(engine, url, data, within=within, TMPDIR=str(folder), FOLDER=str(folder), SIZE="64k") as process:
        log = the_rest(process)
    assert process.returncode == log[-1]["exit_code"] == 4, log
    assert log[-1]["error"].startswith(f"the disk is full: {folder} has no room")
    assert "\n" not in log[-1]["error"]
    assert ask(engine, url, "SELECT error FROM job_runs WHERE status = 'failed'") == [(log[-1]["error"],)]
    assert everything(engine, url) == before
    run(engine, url, data)


def with_another_payment(shop: Path, folder: Path) -> Path:
    return changed(
        shop, folder, "olist_order_payments_dataset.csv", lambda text: text.replace("credit_card", "boleto", 1)
    )


def test_a_temporary_folder_too_full_to_unpack(engine: str, database_url: str, shop: Path, tmp_path: Path) -> None:
    data = Path(shutil.make_archive(str(tmp_path / "shop"), "zip", with_another_payment(shop, tmp_path)))
    no_room(engine, database_url, shop, data, tmp_path / "temporary")


@ON_SERVERS
def test_a_temporary_folder_too_full_to_load(engine: str, database_url: str, shop: Path, tmp_path: Path) -> None:
    no_room(engine, database_url, shop, with_another_payment(shop, tmp_path), tmp_path / "temporary")


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_disk_too_full_to_export(engine: str, database_url: str, shop: Path, tmp_path: Path, form: str) -> None:
    """The file that is there stays, and nothing is left beside it."""
    run(engine, database_url, shop)
    folder, within = tmp_path / "disk", small_disk()
    folder.mkdir()
    target = folder / "labels"
    target.write_text("as it was")
    config = CONFIGS / f"{DIALECTS[engine]}.yaml"
    job = [sys.executable, "-m", "job", "export", "--config", str(config), "--format", form, "--out", str(target)]
    sized = {**os.environ, **place(engine, database_url), "FOLDER": str(folder), "SIZE": "32k"}
    result = subprocess.run([*within, *job], cwd=CONFIGS.parent, env=sized, capture_output=True, text=True, check=False)
    sentence = f"error: {target} cannot be written: the disk is full; make room and export again\n"
    assert (result.returncode, result.stderr) == (4, sentence)
    left = Path(f"{folder}.outside")
    assert {file.name: file.read_text() for file in left.iterdir()} == {"labels": "as it was"}


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_a_database_file_that_cannot_grow(engine: str, shop: Path, tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    url = f"duckdb://{folder}/shop.duckdb"
    run(engine, url, shop)
    before = everything(engine, url)
    size = (folder / "shop.duckdb").stat().st_size + (1 << 20)
    data = tmp_path / "larger"
    write_shop(data, customers=10_000, seed=8)
    config = tmp_path / "config.yaml"  # other customers altogether
    config.write_text((CONFIGS / "duckdb.yaml").read_text() + "\nlifecycle: {max_moved: 100%}\n")
    options = ("--config", str(config))
    with started(engine, url, data, *options, within=small_disk(), FOLDER=str(folder), SIZE=str(size)) as process:
        log = the_rest(process)
    assert process.returncode == log[-1]["exit_code"] == 4, log
    assert log[-1]["error"].startswith(f"{folder}/shop.duckdb: the disk is full (")
    left = f"duckdb://{folder}.outside/shop.duckdb"
    assert everything(engine, left) == before
    with started(engine, left, data, *options) as process:
        process.communicate()
    assert process.returncode == 0


@pytest.fixture
def small_tablespace() -> Iterator[tuple[servers.Server, str]]:
    """A PostgreSQL server, and the tablespace in it that holds 12 MB."""
    mount = 'mkdir small && mount -t tmpfs -o size=12m,mode=0700 tmpfs small && exec "$@"'
    within = [*own_mounts("--user", "--map-current-user", "--keep-caps"), "sh", "-c", mount, "sh"]
    found = servers.from_programs("postgres", within=within)
    if isinstance(found, servers.Missing):
        pytest.skip(f"no PostgreSQL server with a small disk: {found.reason}")
    [(data,)] = ask("postgres", found.url, "SHOW data_directory")
    ask("postgres", found.url, f"CREATE TABLESPACE small LOCATION '{Path(data).parent}/small'")
    yield found, "small"
    found.stop()


def test_a_server_whose_disk_is_full(small_tablespace: tuple[servers.Server, str], tmp_path: Path, shop: Path) -> None:
    server, tablespace = small_tablespace
    data = tmp_path / "larger"
    write_shop(data, customers=20_000, seed=8)
    with servers.fresh_database("postgres", on=server, options=f"TABLESPACE {tablespace}") as url:
        with started("postgres", url, data) as process:
            log = the_rest(process)
        assert process.returncode == log[-1]["exit_code"] == 4, log
        assert log[-1]["error"].endswith("; the server's disk is full: make room there and run again")
        assert attempts("postgres", url) == [("failed", log[-1]["error"])]
        assert not any(everything("postgres", url).values())
