"""What statements mean, and how long they may take, is the job's to say, whatever a role or a server has set."""

from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from engines import where
from engines.base import Engine
from shop import TABLES, Template, ask, configured, everything, load_alone, run

from job.config import Config
from job.errors import DatabaseError
from job.session import connect


@where(lambda engine: engine.odd_settings)
def test_settings_of_others_change_nothing(engine: Engine, database_url: str, shop: Path, template: Template) -> None:
    odd = engine.with_settings(database_url, engine.odd_settings)
    names = [name.replace("default_transaction", "transaction") for name in engine.odd_settings]
    values = ", ".join(f"{engine.setting.format(name)} AS {name}" for name in names)
    for read_only in (False, True):
        with (
            closing(connect(configured(engine, database_url), read_only)) as plain,
            closing(connect(configured(engine, odd), read_only)) as ours,
        ):
            assert ours._run(f"SELECT {values}") == plain._run(f"SELECT {values}")
    assert run(engine, odd, shop) == template.segments
    found, expected = everything(engine, database_url), everything(engine, template.url)
    assert {table: found[table] for table in TABLES} == {table: expected[table] for table in TABLES}


@where(lambda engine: engine.hidden_keys)
def test_a_key_that_the_server_makes_is_no_column(engine: Engine, database_url: str, tmp_path: Path) -> None:
    assert engine.hidden_keys
    right, settings = engine.hidden_keys
    ask(engine, database_url, right.format(urlsplit(database_url).path[1:]))
    (tmp_path / "schema.sql").write_text("CREATE TABLE things (x INTEGER);\n")
    load = {"data": tmp_path, "sql": tmp_path / "schema.sql", "tables": {"things": "things.csv"}}
    database = configured(engine, engine.with_settings(database_url, settings)).database
    for values in ("1\n2\n", "1\n3\n"):
        (tmp_path / "things.csv").write_text(f"x\n{values}")
        load_alone(Config.model_validate({"database": database, "load": load}), tmp_path)
    assert ask(engine, database_url, "SELECT x FROM things ORDER BY x") == [(1,), (3,)]
    assert ask(engine, database_url, "SHOW KEYS FROM things")


@where(lambda engine: engine.release_locks)
def test_a_lock_that_is_lost_is_noticed(engine: Engine, database_url: str) -> None:
    with closing(connect(configured(engine, database_url))) as database:
        assert database.lock()
        with database.transaction():
            pass
        database._run(engine.release_locks)
        with pytest.raises(DatabaseError, match="the session has lost the lock"), database.transaction():
            raise AssertionError("it has begun")
