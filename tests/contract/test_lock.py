"""One run at a time in a database."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from shop import ask, run

from job import runs
from job.errors import LockedError

# Takes the lock as a run does, says so, and holds it until its standard input ends.
HOLDER = """
import sys
from job import runs
from job.adapters import connect
from shop import configured
database = connect(configured(*sys.argv[1:]).database)
runs.take_lock(database)
record = runs.Run("the-other-run", runs.now(), "", "")
try:
    with runs.recorded(database, record):
        print("locked", flush=True)
        sys.stdin.read()
        raise SystemExit
finally:
    database.close()
"""


def test_a_second_run_is_told_who_holds_the_lock(engine: str, database_url: str, shop: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, engine, database_url],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdin and holder.stdout and holder.stdout.readline() == "locked\n"
        who = f"PID {holder.pid}" if engine == "duckdb" else "run the-other-run, since 20.* UTC, by "
        with pytest.raises(LockedError, match=who):
            run(engine, database_url, shop)
        holder.stdin.close()
        assert holder.wait(timeout=30) == 0
    run(engine, database_url, shop)
    statuses = ask(engine, database_url, "SELECT run_id, status FROM job_runs ORDER BY started_at")
    assert statuses[0] == ("the-other-run", "interrupted")
    assert statuses[1][1] == "done"


def test_a_dead_run_does_not_count_as_running(engine: str, database_url: str, shop: Path) -> None:
    run(engine, database_url, shop)
    ask(engine, database_url, "UPDATE job_runs SET status = 'running', finished_at = NULL")
    run(engine, database_url, shop)
    statuses = ask(engine, database_url, "SELECT status FROM job_runs ORDER BY started_at")
    assert statuses == [("interrupted",), ("done",)]


def test_run_ids_sort_by_time() -> None:
    first, second = runs.new_run_id(), runs.new_run_id()
    assert first[:15] <= second[:15] and first != second
