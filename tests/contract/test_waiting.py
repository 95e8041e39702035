"""A lock that another session holds: the log says whose, the wait ends after database.lock_timeout, signals end it."""

import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from engines import on_servers
from engines.base import Engine
from joblog import the_rest, wait_for
from shop import ask, config_file, everything, started

from job.model.segments import Segment

ONE_ROW = "UPDATE customers SET segment = 'Z' WHERE customer_id = (SELECT MIN(customer_id) FROM orders)"


@pytest.fixture
def segmented(engine: Engine, database_url: str, first_run: list[Segment]) -> str:
    """The URL of a database that has everything but the labels at the customers: the next run locks them all."""
    ask(engine, database_url, "UPDATE customers SET segment = NULL")
    ask(engine, database_url, "DELETE FROM job_runs")
    return database_url


@contextmanager
def idle_in_transaction(engine: Engine, url: str, statement: str) -> Iterator[int]:
    """The number of another session, which has run the statement and does nothing more."""
    with closing(engine.connect(url)) as other:
        cursor = other.cursor()
        cursor.execute(statement)
        cursor.execute(engine.own_number)
        [(number,)] = cursor.fetchall()
        yield number
        other.rollback()


@pytest.fixture
def config(engine: Engine, tmp_path: Path) -> str:
    """The shipped config, by which a run waits for 3 seconds."""
    settings = yaml.safe_load(config_file(engine).read_text())
    settings["database"]["lock_timeout"] = 3
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(settings, sort_keys=False))
    return str(path)


@on_servers
def test_a_row_that_stays_locked(engine: Engine, segmented: str, shop: Path, config: str) -> None:
    if engine.to_see_who_waits:
        ask(engine, segmented, engine.to_see_who_waits.format(engine.grantee(urlsplit(segmented).path[1:])))
    before = everything(engine, segmented)
    with (
        idle_in_transaction(engine, segmented, ONE_ROW) as number,
        started(engine, segmented, shop, "--config", config) as process,
    ):
        waiting = wait_for(process, "waiting for a lock")
        assert waiting["held_by"].startswith(f"session {number} (user ")
        log = the_rest(process)
    assert process.returncode == log[-1]["exit_code"] == 4, log
    assert f"s for a lock held by session {number} (" in log[-1]["error"]
    assert "database.lock_timeout; tried for" in log[-1]["error"]
    assert everything(engine, segmented) == before
    assert ask(engine, segmented, "SELECT status FROM job_runs") == [("failed",)] * 3


@on_servers
def test_a_signal_ends_the_wait(engine: Engine, segmented: str, shop: Path) -> None:
    """And without any right to see whose session it is, the log says what can be known."""
    before = everything(engine, segmented)
    with idle_in_transaction(engine, segmented, ONE_ROW), started(engine, segmented, shop) as process:
        assert wait_for(process, "waiting for a lock")["held_by"]
        process.send_signal(signal.SIGTERM)
        log = the_rest(process)
    assert process.returncode == 143 and "by force" not in log[-1]["error"], log
    assert everything(engine, segmented) == before
    assert ask(engine, segmented, "SELECT status FROM job_runs") == [("interrupted",)]


@on_servers
def test_a_table_that_stays_locked(engine: Engine, segmented: str, shop: Path, config: str) -> None:
    """A wait is no silence: a server that answers others is not given up, however short the patience."""
    with started(engine, segmented, shop, "--config", config, DATABASE_CONNECT_TIMEOUT="0") as process:
        with idle_in_transaction(engine, segmented, engine.lock_table.format("customers")):
            assert wait_for(process, "waiting for a lock")["held_by"]
            assert "see database.lock_timeout" in wait_for(process, "retrying")["error"]
        log = the_rest(process)
    assert process.returncode == 0 and not [line for line in log if line["event"] == "no answer"], log
