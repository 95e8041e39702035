"""`load.sql`: the tables of a shop of one's own, and what is wrong with them told by the file's name."""

from pathlib import Path

import pytest
from engines.base import Engine
from sales import FEATURES, SCHEMA, TABLE, run, settings
from shop import ask, everything

from job import check
from job.errors import ConfigError, DataError


@pytest.mark.parametrize(
    ("schema", "table", "sentence"),
    [
        (None, "sales", r"load\.sql: .*schema\.sql cannot be read"),
        ("-- nothing yet\n", "sales", r"load\.sql: .*schema\.sql holds no statement"),
        (SCHEMA, "bills", r"load\.tables names bills, which is no table of .*schema\.sql"),
        (SCHEMA + "CREATE TABLE bills (number NONSENSE(1));", "sales", r"load\.sql: .*schema\.sql: .*(?i:nonsense)"),
        (SCHEMA + "CREATE TABLE bills (number INTEGER", "sales", r"load\.sql: .*schema\.sql: .*(?i:syntax)"),
    ],
    ids=["no file", "no statement", "no such table", "no such type", "no SQL"],
)
def test_a_schema_that_will_not_do_is_told(
    engine: Engine, database_url: str, tmp_path: Path, schema: str | None, table: str, sentence: str
) -> None:
    config = settings(engine, database_url, tmp_path, schema, table)
    with pytest.raises(ConfigError, match=sentence):
        run(config)
    tables = everything(engine, database_url)
    assert "bills" not in tables and not tables.get("sales")  # MySQL may keep what was made, empty
    run(settings(engine, database_url, tmp_path, SCHEMA))
    assert ask(engine, database_url, "SELECT COUNT(*) FROM customer_segments") == [(40,)]


def test_check_tells_of_it_too(database_url: str, tmp_path: Path, engine: Engine) -> None:
    config = settings(engine, database_url, tmp_path, None)
    errors = [finding.error for finding in check.findings(config, None) if finding.error]
    assert {type(error) for error in errors} == {ConfigError}
    assert "schema.sql cannot be read" in str(errors[0])


def test_the_schema_runs_only_where_a_table_is_missing(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """So CREATE TABLE without IF NOT EXISTS will do, on nights with new files, too."""
    config = settings(engine, database_url, tmp_path, TABLE.format(""))
    run(config)
    run(config)
    with (tmp_path / "sales.csv").open("a") as stream:
        stream.write("new,5.5,90\n")
    run(config)
    assert ask(engine, database_url, "SELECT COUNT(*) FROM sales") == [(91,)]
    assert ask(engine, database_url, "SELECT COUNT(*) FROM customer_segments") == [(41,)]
    ask(engine, database_url, "DROP TABLE sales")
    run(config)
    assert ask(engine, database_url, "SELECT COUNT(*) FROM sales") == [(91,)]


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        (None, r"features\.sql: .*features\.sql cannot be read"),
        ("-- later", r"features\.sql: .*features\.sql holds no statement"),
        (f"{FEATURES}; {FEATURES}", r"features\.sql: .*features\.sql holds 2 statements; it must be one SELECT"),
        (FEATURES.replace("sales", "bills"), r"features\.sql: .*features\.sql: .*bills"),
        ("DELETE FROM sales", r"features\.sql: .*features\.sql"),
    ],
    ids=["no file", "no statement", "two", "no such table", "no SELECT"],
)
def test_features_that_will_not_do_are_told(
    engine: Engine, database_url: str, tmp_path: Path, sql: str | None, sentence: str
) -> None:
    config = settings(engine, database_url, tmp_path, SCHEMA)
    run(config)
    path = tmp_path / "features.sql"
    path.unlink()
    if sql is not None:
        path.write_text(sql)
    with pytest.raises(ConfigError, match=sentence):
        run(config)
    assert ask(engine, database_url, "SELECT COUNT(*) FROM sales") == [(90,)]
    assert ask(engine, database_url, "SELECT COUNT(*) FROM customer_segments") == [(40,)]


@pytest.mark.parametrize(
    "wrong", ["GROUP BY card, number", "GROUP BY card HAVING COUNT(*) < 9 UNION ALL SELECT NULL, 1, 1, 1"]
)
@pytest.mark.parametrize("first", [True, False], ids=["first run", "later"])
def test_customers_without_an_id_or_with_two_rows_are_refused(
    engine: Engine, database_url: str, tmp_path: Path, wrong: str, first: bool
) -> None:
    config = settings(engine, database_url, tmp_path, SCHEMA)
    if not first:
        run(config)
    path = tmp_path / "features.sql"
    path.write_text(FEATURES.replace('GROUP BY "card"', wrong))
    with pytest.raises(
        DataError, match=r"features\.sql: .*features\.sql: .*it must give a row per customer, with an id"
    ):
        run(config)
    if not first:
        assert ask(engine, database_url, "SELECT COUNT(*) FROM customer_segments") == [(40,)]
