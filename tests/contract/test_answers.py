"""Every statement that the job reads from gives the columns that the contract names, in a database without rows."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import contexts
import pytest
from engines.base import Engine
from shop import configured

from job import history, statement_contract
from job.adapters.base import Database
from job.session import connect
from job.statement_contract import FACTS, OTHERS

LITERALS = dict.fromkeys(
    ("at", "began_at", "started_at", "labelled_at", "until", "settled", "known_to", "mark_0", "mark_1"),
    "'2026-01-31 02:00:00'",
)
LITERALS |= {"tables": "'{}'", "day": "'2026-01-31'", "line": "0"}
SOMEBODYS = {"schema", "own_schema"}  # NULL: the session's


@pytest.fixture
def database(engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """With the shop's tables, the job's own, and what a load and the labels stage."""
    with closing(connect(configured(engine, database_url))) as found:
        history.take_lock(found)
        with found.transaction():  # with which temporary tables may go
            staged = ["stage", "stage_touched", "stage_keys", "stage_changes", "stage_odd_rows", "stage_erased"]
            staged += ["make_value_view"]
            for name in ("schema", "constraints", *staged, "stage_features", "stage_changed_features"):
                if name in found.statements:
                    for statement in found.statements.render(name, **contexts.CONTEXTS.get(name, {})):
                        found.run(bound(statement))
            if not found.loads_differences:  # what is staged is a file
                file = replace(contexts.FILE, path=tmp_path / "orders.parquet")
                found.run(f"COPY (SELECT * FROM orders) TO '{file.path}' (FORMAT parquet)")
                monkeypatch.setitem(contexts.CONTEXTS, "count_staged", {"table": contexts.TABLE, "file": file})
            yield found


def bound(statement: str) -> str:
    """The statement with literals in place of values."""

    def literal(match: re.Match[str]) -> str:
        return "NULL" if match[1] in SOMEBODYS else LITERALS.get(match[1], "'a'")

    return re.sub(r"%\((\w+)\)s", literal, statement)


def run(database: Database, name: str) -> tuple[str, ...]:
    """Run the statements of NAME.sql; give the columns of the last one."""
    *before, last = database.statements.render(name, **contexts.CONTEXTS.get(name, {}))
    for statement in before:
        database.run(bound(statement))
    rows, _ = database._run(bound(last))
    if rows:
        return tuple(rows[0])
    with database.cursor() as cursor:
        cursor.execute(bound(last))
        found = tuple(column[0] for column in cursor.description or ())
        if found:
            cursor.fetchall()
    return found


def fits(found: tuple[str, ...], columns: tuple[str, ...]) -> bool:
    written = {column if column in columns else re.sub(r"\d+$", "#", column) for column in found}
    return written >= set(columns) - {OTHERS} if OTHERS in columns else written == set(columns)


def test_every_answer_has_the_columns_of_the_contract(engine: Engine, database: Database) -> None:
    contract = statement_contract.of(database.own_statements) | dict.fromkeys(
        database.statements.names("facts_"), FACTS
    )
    read = {name: columns for name, columns in contract.items() if columns and name in database.statements}
    found = {name: run(database, name) for name in read if name not in engine.denied}
    assert {name: columns for name, columns in found.items() if not fits(columns, read[name])} == {}
    assert len(found) > 40
