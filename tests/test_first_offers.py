"""Who takes the first offer everywhere, on a terminal, gets right figures of the shops that people have."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from layouts import LAYOUTS, statements
from test_starter import typed
from typer.testing import CliRunner

from job.cli import app

ENTER = b"\n" * 9  # more than there are questions


@pytest.mark.parametrize("name", LAYOUTS)
def test_two_commands_and_no_edit(name: str, tmp_path: Path) -> None:
    path, config = tmp_path / "shop.duckdb", tmp_path / "shop.yaml"
    with duckdb.connect(path) as connection:
        for statement in statements(name):
            connection.execute(statement)
    code, seen = typed(ENTER, "init", "--from-database", path, "--out", config)
    assert code == 0, seen
    result = CliRunner().invoke(app, ["run", "--no-report", "--config", str(config)])
    assert result.exit_code == 0, result.stderr
    with duckdb.connect(path) as connection:
        rows = connection.execute("SELECT customer_unique_id, monetary, frequency FROM customer_features").fetchall()
    expected = LAYOUTS[name].expected()
    assert {person: (Decimal(spend), often) for person, spend, often in rows} == {
        person: (features.spend, features.orders) for person, features in expected.items()
    }
    revenue = sum(features.spend for features in expected.values())
    assert f"Revenue {revenue:,.2f} " in " ".join(seen.split())
