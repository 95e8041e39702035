"""One run at a time in a database."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from engines.base import Engine
from shop import ask, configured, run, started

from job import history, pipeline
from job.errors import DatabaseError, LockedError
from job.progress import Steps
from job.session import connect

# Takes the lock as a run does, says so, and holds it until its standard input ends.
HOLDER = """
import sys
from engines import ENGINES
from job import history
from job.session import connect
from shop import configured
database = connect(configured(ENGINES[sys.argv[1]], sys.argv[2]))
history.take_lock(database)
record = history.Run("the-other-run", history.now(), "", "")
try:
    with history.recorded(database, record):
        print("locked", flush=True)
        sys.stdin.read()
        raise SystemExit
finally:
    database.close()
"""


@contextmanager
def other_run(engine: Engine, url: str) -> Iterator["subprocess.Popen[str]"]:
    """Another run that goes on until its standard input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, engine.name, url],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout and holder.stdout.readline() == "locked\n"
        yield holder


def test_a_second_run_is_told_who_holds_the_lock(engine: Engine, database_url: str, shop: Path) -> None:
    with other_run(engine, database_url) as holder:
        assert holder.stdin
        who = f"PID {holder.pid}" if engine.one_process else "run the-other-run, since 20.* UTC, by "
        with pytest.raises(LockedError, match=who):
            run(engine, database_url, shop)
        with pytest.raises(LockedError, match=who):
            pipeline.erase(configured(engine, database_url), ["7"], history.new_run_id(), Steps("json"))
        holder.stdin.close()
        assert holder.wait(timeout=30) == 0
    run(engine, database_url, shop)
    statuses = ask(engine, database_url, "SELECT run_id, status FROM job_runs ORDER BY started_at")
    assert statuses[0] == ("the-other-run", "interrupted")
    assert statuses[1][1] == "done"


def test_a_second_run_may_wait(engine: Engine, database_url: str, shop: Path) -> None:
    with other_run(engine, database_url) as holder:
        with pytest.raises(LockedError, match=r"tried for \d+ s"):
            pipeline.run(configured(engine, database_url), shop, "too-late", Steps("json"), wait=2)
        with started(engine, database_url, shop, "--wait", "60") as process:
            assert holder.stdin and process.stderr
            first = json.loads(process.stderr.readline())
            assert first["event"] == "waiting" and "another" in first["error"]
            holder.stdin.close()
            _, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
    statuses = ask(engine, database_url, "SELECT status FROM job_runs ORDER BY started_at")
    assert statuses == [("interrupted",), ("done",)]


@pytest.mark.usefixtures("first_run")
def test_a_dead_run_does_not_count_as_running(engine: Engine, database_url: str, shop: Path) -> None:
    ask(engine, database_url, "UPDATE job_runs SET status = 'running', finished_at = NULL")
    run(engine, database_url, shop)
    statuses = ask(engine, database_url, "SELECT status FROM job_runs ORDER BY started_at")
    assert statuses == [("interrupted",), ("done",)]


def test_run_ids_sort_by_time() -> None:
    first, second = history.new_run_id(), history.new_run_id()
    assert first[:15] <= second[:15] and first != second


def test_a_run_that_is_done_stays_done(engine: Engine, database_url: str) -> None:
    """Whatever fails after its commit: on MySQL, statistics are renewed there."""
    with closing(connect(configured(engine, database_url))) as database:
        history.take_lock(database)
        record = history.Run("a-run", history.now(), "", "")
        with pytest.raises(DatabaseError), history.recorded(database, record):
            with database.transaction():
                history.finish(database, record)
            raise DatabaseError("too late")
    assert ask(engine, database_url, "SELECT status, error FROM job_runs") == [("done", None)]
