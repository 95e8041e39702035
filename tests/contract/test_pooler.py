"""Behind PgBouncer the job leaves nothing in a session that others get, and refuses a run without a session."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from engines import where
from engines.base import Engine
from pooler import pgbouncer
from shop import ask, configured, everything, started

from job import check, export, history, pipeline
from job.adapters import pooling
from job.config import Config
from job.errors import DatabaseError, TransientError
from job.progress import Steps
from job.session import connect

pooled = where(lambda engine: engine.has_pooler)
NO_SESSION = "a pooler is in between that gives the job's session to others between transactions"
UNTOUCHED = (
    "UPDATE customers SET customer_city = customer_city WHERE customer_id = (SELECT MIN(customer_id) FROM customers)"
)
SETTINGS = "SELECT name, setting FROM pg_settings WHERE name <> 'application_name' ORDER BY name"
TEMPORARY = "SELECT relname FROM pg_class WHERE relpersistence = 't'"


@contextmanager
def backends(engine: Engine, url: str) -> Iterator[list[Any]]:
    """A session of the shop's on each backend that the pool has for the job's role, and on one more."""
    name = urlsplit(url).path[1:]
    [(count,)] = ask(engine, url, f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{name}'")
    with ExitStack() as stack:
        sessions = [stack.enter_context(closing(engine.connect(engine.job_place(url)))) for _ in range(count + 1)]
        for session in sessions:
            session.cursor().execute("SELECT 1")
        yield sessions


def left_over(engine: Engine, url: str, direct: str) -> dict[str, Any]:
    """What others would find in the pool's backends, and what they could not do there."""
    found: dict[str, Any] = {}
    with backends(engine, url) as sessions, closing(engine.connect(engine.job_place(direct))) as fresh:
        expected = rows(fresh, SETTINGS)
        for session in sessions:
            if (there := rows(session, SETTINGS)) != expected:
                found["settings"] = set(there) - set(expected)
            found |= {what: each for what, each in {"temporary": rows(session, TEMPORARY)}.items() if each}
            session.cursor().execute(UNTOUCHED)
            session.rollback()
    locks = ask(engine, direct, "SELECT * FROM pg_locks WHERE locktype = 'advisory'")
    return found | ({"locks": locks} if locks else {})


def checked(config: Config, data: Path) -> dict[str, tuple[str, str]]:
    return {finding.name: (finding.line.split()[0], finding.text) for finding in check.findings(config, data)}


def rows(session: Any, statement: str) -> list[tuple[Any, ...]]:
    with closing(session.cursor()) as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


@pooled
@pytest.mark.usefixtures("first_run")
@pytest.mark.parametrize("settings", [{}, {"server_round_robin": 1}], ids=["last", "in turn"])
def test_a_pool_of_transactions_is_for_reading(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path, settings: dict[str, object]
) -> None:
    before = everything(engine, database_url)
    runs = ask(engine, database_url, "SELECT * FROM job_runs")
    [(run_id,)] = ask(engine, database_url, "SELECT run_id FROM job_runs")
    with pgbouncer(database_url, "transaction", **settings) as url:
        config = configured(engine, url)
        with backends(engine, url) as sessions:  # so that the pool has several
            assert len(sessions) == 1
        report = config.report.model_copy(update={"folder": tmp_path / "report"})
        config = config.model_copy(update={"report": report})
        found = checked(config, shop)
        assert {name for name, (mark, _) in found.items() if mark == "failed"} == {"lock"}
        assert all(NO_SESSION in text for mark, text in found.values() if mark != "ok")
        with pytest.raises(DatabaseError, match=NO_SESSION) as refused:
            pipeline.run(config, shop, "a-run", Steps("json"))
        assert not isinstance(refused.value, TransientError) and refused.value.exit_code == 4
        with pytest.raises(DatabaseError, match=NO_SESSION):
            pipeline.roll_back(config, run_id, "a-rollback", Steps("json"))
        assert pipeline.report(config, Steps("json")) == tmp_path / "report" / "latest.html"
        with closing(connect(config, read_only=True)) as database:
            assert history.last_done(database)
            assert export.write(database, tmp_path / "labels.csv").customers > 1000
            with pytest.raises(DatabaseError, match="read-only"):
                database.run("DELETE FROM customer_segments")
        assert left_over(engine, url, database_url) == {}
    assert everything(engine, database_url) == before
    assert ask(engine, database_url, "SELECT * FROM job_runs") == runs


@pooled
def test_a_pool_of_sessions_is_for_runs(engine: Engine, database_url: str, shop: Path) -> None:
    """Also one that does not tidy up between two sessions, of which one was killed."""
    with pgbouncer(database_url, "session", server_reset_query="") as url:
        with started(engine, url, shop) as process:
            assert process.stderr
            for line in process.stderr:
                if '"copied"' in line:
                    break
            process.kill()
        config = configured(engine, url)
        pipeline.run(config, shop, "a-run", Steps("json"), wait=30)  # until the pooler knows
        pipeline.run(config, shop, "b-run", Steps("json"), score=True)
        pipeline.roll_back(config, "a-run", "c-rollback", Steps("json"))
        assert checked(config, shop)["lock"] == ("ok", "free")
        assert left_over(engine, url, database_url) == {}
    statuses = ask(engine, database_url, "SELECT status FROM job_runs ORDER BY started_at")
    assert statuses == [("interrupted",), ("done",), ("done",), ("done",)]


@pooled
def test_a_pool_of_statements_is_refused(engine: Engine, database_url: str, shop: Path) -> None:
    with pgbouncer(database_url, "statement") as url:
        config = configured(engine, url)
        with pytest.raises(DatabaseError, match="ends the session as a transaction begins") as refused:
            pipeline.run(config, shop, "a-run", Steps("json"))
        assert not isinstance(refused.value, TransientError)
        assert checked(config, shop)["database"] == ("failed", str(refused.value))
    assert everything(engine, database_url) == {}


@pooled
def test_a_session_that_is_lost_to_others_is_noticed(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a busy pool hid what it does as the run began."""
    monkeypatch.setattr(pooling, "keeps_backend", lambda *_: True)
    with (
        pgbouncer(database_url, "transaction") as url,
        closing(connect(configured(engine, url))) as database,
        backends(engine, url),
    ):
        assert database.lock()
        with backends(engine, url), pytest.raises(DatabaseError, match=NO_SESSION), database.transaction():
            raise AssertionError("it has begun")


@pooled
def test_a_limit_of_the_poolers_is_named(engine: Engine, database_url: str) -> None:
    with (
        pgbouncer(database_url, "session", query_timeout=1) as url,
        closing(connect(configured(engine, url))) as database,
        pytest.raises(TransientError, match="a pooler is in between: its query_timeout or"),
    ):
        database.run(engine.endless)


@pooled
def test_a_pooler_that_cannot_be_tried_is_not_trusted(engine: Engine, database_url: str) -> None:
    with (
        pgbouncer(database_url, "transaction", max_client_conn=1) as url,
        closing(connect(configured(engine, url))) as database,
        pytest.raises(TransientError, match="lets no second session in"),
    ):
        database.lock()
