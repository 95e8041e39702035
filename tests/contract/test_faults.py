"""Faults while a run goes on: a session is cut, a server dies, another session is in the way, a disk is full."""

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

import pytest
import servers
from engines import on_servers, where
from engines.base import Engine
from engines.duckdb import ENGINE as DUCKDB
from joblog import stop_at, the_rest, wait_for
from shop import CONFIGS, Tables, Template, ask, changed, config_file, configured, everything, place, run, started

from job import adapters, history
from job.adapters.base import Database
from job.errors import LockedError, TransientError
from job.model.segments import Segment
from job.retry import retrying
from job.session import connect
from job.setup.sample import write_shop

# The columns that no two runs fill alike: who, and when.
OF_THE_RUN = {"customer_segments": {4}, "segment_models": {1, 2}, "loaded_files": {7, 8}}


def tables(engine: Engine, url: str) -> Tables:
    return {
        table: [
            tuple(value for index, value in enumerate(row) if index not in OF_THE_RUN.get(table, ())) for row in rows
        ]
        for table, rows in everything(engine, url).items()
    }


@pytest.fixture(scope="session")
def undisturbed(engine: Engine, template: Template) -> Tables:
    """What a run leaves in the tables when nothing comes between."""
    return tables(engine, template.url)


def attempts(engine: Engine, url: str) -> list[tuple[Any, ...]]:
    rows = ask(engine, url, "SELECT run_id, status, error FROM job_runs ORDER BY started_at, run_id")
    assert [run_id for run_id, _, _ in rows[1:]] == [f"{rows[0][0]}-{number + 2}" for number in range(len(rows) - 1)]
    return [row[1:] for row in rows]


@on_servers
@pytest.mark.parametrize("event", ["fingerprint", "copied", "features"])
def test_a_session_that_is_cut_has_a_successor(
    engine: Engine, database_url: str, shop: Path, undisturbed: Tables, event: str
) -> None:
    with started(engine, database_url, shop) as process:
        stop_at(process, event)
        engine.end_sessions(database_url)
        log = the_rest(process)
    assert process.returncode == 0, log
    [retrying] = [line for line in log if line["event"] == "retrying"]
    if event == "fingerprint":  # before the run is written to job_runs
        assert ask(engine, database_url, "SELECT status FROM job_runs")[-1] == ("done",)
    else:
        assert attempts(engine, database_url) == [("failed", retrying["error"]), ("done", None)]
    assert tables(engine, database_url) == undisturbed


@on_servers
def test_a_session_that_lingers_is_waited_for(
    engine: Engine, database_url: str, shop: Path, undisturbed: Tables
) -> None:
    """Its lock is: a server may not notice for a while that nobody is there."""
    with started(engine, database_url, shop) as process:
        stop_at(process, "copied")
        engine.end_sessions(database_url)
        with closing(connect(configured(engine, database_url))) as lingering:
            retrying(partial(history.require_lock, lingering), on=LockedError, seconds=60)
            process.send_signal(signal.SIGCONT)
            assert "another run" in wait_for(process, "waiting")["error"]
        log = the_rest(process)
    assert process.returncode == 0, log
    assert [status for status, _ in attempts(engine, database_url)] == ["failed", "done"]
    assert tables(engine, database_url) == undisturbed


@pytest.fixture(scope="session")
def mortal(engine: Engine) -> Iterator[servers.Server]:
    """A server that a test may kill."""
    found = servers.own(engine)
    if isinstance(found, servers.Missing):
        pytest.skip(f"no {engine.title} server that may be killed: {found.reason}")
    yield found
    found.stop()


@on_servers
@pytest.mark.parametrize("event", ["copied", "features"])
def test_a_server_that_is_killed_is_waited_for(
    engine: Engine, mortal: servers.Server, shop: Path, undisturbed: Tables, event: str
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


@on_servers
@pytest.mark.parametrize("committed", [False, True])
def test_a_commit_without_an_answer(
    engine: Engine, database_url: str, shop: Path, undisturbed: Tables, committed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Any] = []
    answered = Database._run

    def unanswered(self: Database, statement: str, *values: Any) -> Any:
        if statement == "COMMIT" and not answers:
            answers.append(answered(self, "COMMIT") if committed else None)
            engine.end_sessions(database_url)
        return answered(self, statement, *values)

    monkeypatch.setattr(Database, "_run", unanswered)
    run(engine, database_url, shop)
    first, second = attempts(engine, database_url)
    assert first[0] == ("done" if committed else "failed")
    assert second == ("done", None)
    assert tables(engine, database_url) == undisturbed


@on_servers
def test_the_third_attempt_is_the_last(
    engine: Engine, database_url: str, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins = []
    adapter = adapters.dialects()[engine.dialect]
    goes_well = adapter._begin

    def cut(self: Database) -> None:
        begins.append(self)
        engine.end_sessions(database_url)
        goes_well(self)

    monkeypatch.setattr(adapter, "_begin", cut)
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
from engines import ENGINES
from job import interrupt, pipeline, progress
from job.adapters.base import Database
from shop import configured
name, url, data = sys.argv[1:]
engine = ENGINES[name]
interrupt.install()
goes_well = Database._run
def cut(self, statement, *values):
    if statement == "COMMIT":
        engine.end_sessions(url)
    return goes_well(self, statement, *values)
Database._run = cut
pipeline.run(configured(engine, url), Path(data), "a-run", progress.Steps(progress.configure_logging("json")))
"""


@on_servers
def test_a_signal_ends_the_wait_for_the_next_attempt(engine: Engine, database_url: str, shop: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CUT_AT_COMMIT, engine.name, database_url, str(shop)],
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


@pytest.fixture
def segmented(engine: Engine, database_url: str, first_run: list[Segment]) -> str:
    """The URL of a database that has everything but the labels at the customers: the next run locks them all."""
    ask(engine, database_url, "UPDATE customers SET segment = NULL")
    ask(engine, database_url, "DELETE FROM job_runs")
    return database_url


TOUCH = "UPDATE customers SET segment = 'Z'"


@on_servers
def test_a_lock_that_is_waited_for_too_long(engine: Engine, segmented: str, shop: Path, undisturbed: Tables) -> None:
    with (
        closing(engine.connect(segmented)) as other,
        started(engine, engine.with_setting(segmented, *engine.short_lock_timeout), shop) as process,
    ):
        other.cursor().execute(TOUCH)
        error = wait_for(process, "retrying")["error"]
        assert "lock" in error.lower()
        other.rollback()
        log = the_rest(process)
    assert process.returncode == 0, log
    assert attempts(engine, segmented) == [("failed", error), ("done", None)]
    assert tables(engine, segmented) == undisturbed


@on_servers
def test_a_session_that_is_cut_within_a_statement(
    engine: Engine, segmented: str, shop: Path, undisturbed: Tables
) -> None:
    with closing(engine.connect(segmented)) as other, started(engine, segmented, shop) as process:
        other.cursor().execute(TOUCH)
        wait_for(process, "model")
        while not (sessions := engine.waiting_sessions(segmented, "UPDATE")):
            assert process.poll() is None
        ask(engine, segmented, engine.end_session.format(*sessions))
        other.rollback()
        log = the_rest(process)
    assert process.returncode == 0, log
    [retrying] = [line for line in log if line["event"] == "retrying"]
    assert attempts(engine, segmented) == [("failed", retrying["error"]), ("done", None)]
    assert tables(engine, segmented) == undisturbed


@on_servers
def test_the_victim_of_a_deadlock(engine: Engine, segmented: str, shop: Path, undisturbed: Tables) -> None:
    """The run has everybody's features to write, and so keeps them locked."""
    ask(engine, segmented, "UPDATE customer_features_data SET monetary = monetary + 1")
    with (
        closing(engine.connect(segmented)) as other,
        started(engine, segmented, shop) as process,
    ):
        cursor = other.cursor()
        for statement in engine.spares_in_deadlock:
            cursor.execute(statement)
        cursor.execute(TOUCH)
        stop_at(process, "features")
        process.send_signal(signal.SIGCONT)
        cursor.execute("UPDATE customer_features_data SET monetary = 0")
        other.rollback()
        error = wait_for(process, "retrying")["error"]
        assert "deadlock" in error.lower() and "\n" not in error
        log = the_rest(process)
    assert process.returncode == 0, log
    ask(engine, segmented, "DROP TABLE IF EXISTS ballast")
    assert attempts(engine, segmented) == [("failed", error), ("done", None)]
    assert tables(engine, segmented) == undisturbed


@on_servers
def test_what_will_not_pass_is_not_tried_again(engine: Engine, database_url: str, shop: Path) -> None:
    with started(engine, database_url, shop) as process:
        stop_at(process, "fingerprint")
        ask(engine, database_url, "DROP TABLE customer_segments")
        log = the_rest(process)
    assert process.returncode == log[-1]["exit_code"] == 4
    assert "customer_segments" in log[-1]["error"]
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


def no_room(engine: Engine, url: str, data: Path, folder: Path) -> None:
    """A temporary folder of 64 KB stops a run on the data, not the next one."""
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


@pytest.mark.usefixtures("first_run")
def test_a_temporary_folder_too_full_to_unpack(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    data = Path(shutil.make_archive(str(tmp_path / "shop"), "zip", with_another_payment(shop, tmp_path)))
    no_room(engine, database_url, data, tmp_path / "temporary")


@on_servers
@pytest.mark.usefixtures("first_run")
def test_a_temporary_folder_too_full_to_load(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    no_room(engine, database_url, with_another_payment(shop, tmp_path), tmp_path / "temporary")


@pytest.mark.usefixtures("first_run")
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_disk_too_full_to_export(engine: Engine, database_url: str, tmp_path: Path, form: str) -> None:
    """The file that is there stays, and nothing is left beside it."""
    folder, within = tmp_path / "disk", small_disk()
    folder.mkdir()
    target = folder / "labels"
    target.write_text("as it was")
    config = config_file(engine)
    job = [sys.executable, "-m", "job", "export", "--config", str(config), "--format", form, "--out", str(target)]
    sized = {**os.environ, **place(engine, database_url), "FOLDER": str(folder), "SIZE": "32k"}
    result = subprocess.run([*within, *job], cwd=CONFIGS.parent, env=sized, capture_output=True, text=True, check=False)
    sentence = f"error: {target} cannot be written: the disk is full; make room and export again\n"
    assert (result.returncode, result.stderr) == (4, sentence)
    left = Path(f"{folder}.outside")
    assert {file.name: file.read_text() for file in left.iterdir()} == {"labels": "as it was"}


@pytest.mark.parametrize("engine", [DUCKDB], indirect=True)
def test_a_database_file_that_cannot_grow(engine: Engine, shop: Path, tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    url = f"{engine.scheme}://{folder}/shop.duckdb"
    run(engine, url, shop)
    before = everything(engine, url)
    size = (folder / "shop.duckdb").stat().st_size + (1 << 20)
    data = tmp_path / "larger"
    write_shop(data, customers=10_000, seed=8)
    config = tmp_path / "config.yaml"  # other customers altogether
    config.write_text(config_file(engine).read_text() + "\nlifecycle: {max_moved: 100%}\n")
    options = ("--config", str(config))
    with started(engine, url, data, *options, within=small_disk(), FOLDER=str(folder), SIZE=str(size)) as process:
        log = the_rest(process)
    assert process.returncode == log[-1]["exit_code"] == 4, log
    assert log[-1]["error"].startswith(f"{folder}/shop.duckdb: the disk is full (")
    left = f"{engine.scheme}://{folder}.outside/shop.duckdb"
    assert everything(engine, left) == before
    with started(engine, left, data, *options) as process:
        process.communicate()
    assert process.returncode == 0


@pytest.fixture
def small_tablespace(engine: Engine) -> Iterator[tuple[servers.Server, str]]:
    """A server, and the tablespace in it that holds 12 MB."""
    mount = 'mkdir small && mount -t tmpfs -o size=12m,mode=0700 tmpfs small && exec "$@"'
    within = [*own_mounts("--user", "--map-current-user", "--keep-caps"), "sh", "-c", mount, "sh"]
    found = servers.from_programs(engine, within=within)
    if isinstance(found, servers.Missing):
        pytest.skip(f"no {engine.title} server with a small disk: {found.reason}")
    [(data,)] = ask(engine, found.url, "SHOW data_directory")
    ask(engine, found.url, f"CREATE TABLESPACE small LOCATION '{Path(data).parent}/small'")
    yield found, "small"
    found.stop()


@where(lambda engine: engine.has_tablespaces)
def test_a_server_whose_disk_is_full(
    engine: Engine, small_tablespace: tuple[servers.Server, str], tmp_path: Path
) -> None:
    server, tablespace = small_tablespace
    data = tmp_path / "larger"
    write_shop(data, customers=20_000, seed=8)
    with servers.fresh_database(engine, on=server, options=f"TABLESPACE {tablespace}") as url:
        with started(engine, url, data) as process:
            log = the_rest(process)
        assert process.returncode == log[-1]["exit_code"] == 4, log
        assert log[-1]["error"].endswith("; the server's disk is full: make room there and run again")
        assert attempts(engine, url) == [("failed", log[-1]["error"])]
        assert not any(everything(engine, url).values())
