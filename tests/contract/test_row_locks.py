"""A night locks the rows that it changes, and no other."""

from pathlib import Path

import pytest
from engines import on_servers
from engines.base import Engine
from shop import TABLES, ask, run, without_first_orders

from job import history
from job.adapters.base import Database


@on_servers
@pytest.mark.usefixtures("first_run")
def test_only_what_a_night_changes_is_locked_when_it_commits(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shop's own updates of all other rows go on beside it."""
    free: dict[str, tuple[int, int]] = {}
    tables = (*TABLES, "customer_segments", "customer_features_data")
    finish = history.finish

    def look(database: Database, record: history.Run) -> None:
        finish(database, record)
        for table in tables:
            [(rows,)] = ask(engine, database_url, f"SELECT COUNT(*) FROM {table}")
            unlocked = ask(engine, database_url, f"SELECT 1 FROM {table} FOR UPDATE SKIP LOCKED")
            free[table] = (len(unlocked), rows)

    monkeypatch.setattr(history, "finish", look)
    before = {table: ask(engine, database_url, f"SELECT COUNT(*) FROM {table}")[0][0] for table in tables}
    run(engine, database_url, without_first_orders(shop, tmp_path, 5))
    gone = {table: before[table] - ask(engine, database_url, f"SELECT COUNT(*) FROM {table}")[0][0] for table in tables}
    assert gone["orders"] == 5 and gone["order_items"] >= 5
    locked = {table: rows - unlocked for table, (unlocked, rows) in free.items()}
    assert 0 < locked.pop("customers") <= 20  # those whose label changes
    assert 0 < locked.pop("customer_segments") <= 20
    assert gone["customer_features_data"] <= locked.pop("customer_features_data") <= 5  # whose orders they were
    assert locked == {table: gone[table] for table in locked}
