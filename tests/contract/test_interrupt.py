"""SIGTERM and Ctrl-C: the job ends soon, with a shell's exit code, and the database is as before."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from shop import ask, everything, run, started

# Runs a statement that takes for ever in the transaction of a run.
ENDLESS = """
import sys
from job import history, interrupt
from job.session import connect
from shop import configured
statement = sys.argv.pop()
interrupt.install()
database = connect(configured(*sys.argv[1:]))
history.take_lock(database)
with history.recorded(database, history.Run("a-run", history.now(), "", "")), database.transaction():
    database._run('DELETE FROM "customer_segments"')
    print("begins", flush=True)
    database._run(statement)
"""
# The signal comes with the COMMIT of a run.
COMMITTING = """
import os, signal, sys
from job import history, interrupt
from job.session import connect
from shop import configured
interrupt.install()
database = connect(configured(*sys.argv[1:]))
history.take_lock(database)
run = database._run
def with_signal(statement, values=None):
    if statement == "COMMIT":
        os.kill(os.getpid(), signal.SIGTERM)
    return run(statement, values)
database._run = with_signal
record = history.Run("a-run", history.now(), "", "")
with history.recorded(database, record), database.transaction():
    history.finish(database, record)
"""
STATEMENTS = {
    "duckdb": "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 8",
    "postgres": "SELECT pg_sleep(3600)",
    "mysql": "SELECT SLEEP(3600)",
    "mariadb": "SELECT SLEEP(3600)",
}


def script(text: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", text, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_commit_is_not_interrupted(engine: str, database_url: str) -> None:
    with script(COMMITTING, engine, database_url) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert ask(engine, database_url, "SELECT status FROM job_runs") == [("done",)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_running_statement_is_cancelled(engine: str, database_url: str, shop: Path, number: signal.Signals) -> None:
    run(engine, database_url, shop)
    before = everything(engine, database_url)
    with script(ENDLESS, engine, database_url, STATEMENTS[engine]) as process:
        assert process.stdout and process.stdout.readline() == "begins\n"
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert f"Interrupted: ended by {number.name}" in errors
    # Only a session that still works can say so: the process was not ended by force.
    status = "SELECT status, error FROM job_runs WHERE run_id = 'a-run'"
    assert ask(engine, database_url, status) == [
        ("interrupted", f"ended by {number.name}; what was not committed is rolled back")
    ]
    assert everything(engine, database_url) == before


@pytest.mark.parametrize("event", ["fingerprint", "copied", "load"])
def test_a_first_run_leaves_nothing_behind(engine: str, database_url: str, shop: Path, event: str) -> None:
    with started(engine, database_url, shop) as process:
        assert process.stderr
        lines = (json.loads(line) for line in process.stderr)
        assert any(line["event"] == event for line in lines)
        process.send_signal(signal.SIGTERM)
        last = list(lines)[-1]
        assert process.wait(timeout=60) == 143, last
    assert last["exit_code"] == 143 and last["error"].startswith("ended by SIGTERM")
    assert not any(everything(engine, database_url).values())
    assert ask(engine, database_url, "SELECT DISTINCT status FROM job_runs") in ([("interrupted",)], [])
    assert run(engine, database_url, shop)
