"""The path to the server: frozen, cut, or closed on the job's side alone; and sessions that are left behind."""

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import path as paths
import pytest
from engines import one_server_for_a_dialect
from engines.base import Engine
from joblog import stop_at, the_rest, wait_for
from shop import ask, configured, everything, started, without_first_orders

from job import history
from job.session import connect


@pytest.fixture
def path(database_url: str) -> Iterator[paths.Path]:
    with paths.path_to(database_url) as found:
        yield found


@one_server_for_a_dialect
@pytest.mark.usefixtures("first_run")
@pytest.mark.parametrize("event", ["fingerprint", "features"])
def test_a_signal_ends_a_run_whose_path_is_frozen(
    engine: Engine, database_url: str, path: paths.Path, other_shop: Path, event: str
) -> None:
    before = everything(engine, database_url)
    with started(engine, path.url, other_shop) as process:
        stop_at(process, event)
        path.freeze()
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGTERM)
        log = the_rest(process)
    assert process.returncode == log[-1]["exit_code"] == 143, log
    path.kill()
    with closing(connect(configured(engine, database_url))) as database:
        history.take_lock(database)
    assert everything(engine, database_url) == before


@pytest.fixture(scope="session")
def other_shop(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return without_first_orders(shop, tmp_path_factory.mktemp("other"), 300)


@one_server_for_a_dialect
def test_a_frozen_path_is_given_up(engine: Engine, database_url: str, path: paths.Path, shop: Path) -> None:
    with started(engine, path.url, shop, DATABASE_CONNECT_TIMEOUT="2") as process:
        stop_at(process, "copied")
        path.freeze()
        process.send_signal(signal.SIGCONT)
        assert wait_for(process, "no answer")["gives_up_after"] == 2
        error = wait_for(process, "retrying")["error"]
        assert "has not answered for" in error
        path.thaw()
        log = the_rest(process)
    assert process.returncode == 0, log
    runs = ask(engine, database_url, "SELECT status, error FROM job_runs ORDER BY started_at")
    assert runs == [("failed", error), ("done", None)]


@one_server_for_a_dialect
def test_a_session_left_behind_is_ended(engine: Engine, database_url: str, path: paths.Path, shop: Path) -> None:
    with started(engine, path.url, shop) as process:
        stop_at(process, "copied")
        path.half_open()
        log = the_rest(process)
    assert process.returncode == 0, log
    [ending] = [line for line in log if line["event"] == "ending lost session"]
    assert "user " in ending["holds_the_lock"]
    assert ask(engine, database_url, "SELECT status FROM job_runs ORDER BY started_at") == [("failed",), ("done",)]


@one_server_for_a_dialect
def test_whose_session_holds_the_lock_is_told(engine: Engine, database_url: str, path: paths.Path, shop: Path) -> None:
    with started(engine, path.url, shop) as process:
        stop_at(process, "features")
        path.half_open()
        process.kill()
    with started(engine, database_url, shop) as process:
        log = the_rest(process)
    assert process.returncode == log[-1]["exit_code"] == 5, log
    sentence, _, statement = log[-1]["error"].rpartition("if its process or machine is gone, end it by ")
    assert "the lock is held by session " in sentence and ", from " in sentence and ", since 20" in sentence
    ask(engine, engine.job_place(database_url), statement)
    with started(engine, database_url, shop, "--wait", "60") as process:
        log = the_rest(process)
    assert process.returncode == 0, log
