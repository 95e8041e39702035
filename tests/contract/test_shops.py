"""The shops that people have, in examples/: what `init` makes of each is what plain Python adds up, on every engine."""

from decimal import Decimal
from pathlib import Path

import pytest
from engines.base import Engine
from layouts import LAYOUTS, Features, statements
from starting import administrator, init, role

from examples.invented import orders

MADE = orders(people=60)


def fill(engine: Engine, url: str, name: str) -> None:
    """Make the shop's tables, which the job's role may read."""
    with administrator(engine, url) as rows:
        for statement in statements(name, MADE):
            rows(statement.replace(" DATETIME", f" {engine.timestamp}"))
        if engine.rights_by_table:
            rows(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role(engine, url)}")


@pytest.mark.parametrize("name", LAYOUTS)
def test_init_ends_at_the_right_figures(name: str, engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Without a terminal: the columns are named, and of several currencies one."""
    fill(engine, database_url, name)
    out, layout = tmp_path / "shop.yaml", LAYOUTS[name]
    result = init(engine, database_url, out, **layout.options)
    if name == "woocommerce":
        assert result.exit_code == 2 and "--currency is missing: " in result.stderr and "EUR (" in result.stderr
        result = init(engine, database_url, out, "--currency", "EUR", **layout.options)
    assert result.exit_code == 0, result.stderr
    with administrator(engine, database_url) as rows:
        found = {
            str(person): Features(Decimal(str(spend)).quantize(Decimal("0.0001")), int(often), str(last)[:10])
            for person, spend, often, _, _, last in rows(out.with_name("shop-features.sql").read_text())
        }
    assert found == layout.expected(MADE)
