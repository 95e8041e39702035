"""`load.sql`: the tables of a shop of one's own, and what is wrong with them told by the file's name."""

from pathlib import Path

import pytest
from engines.base import Engine
from sales import FEATURES, SCHEMA, TABLE, run, settings
from shop import ask, everything

from job import check
from job.adapters import dialects
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


def test_a_schema_goes_to_the_engine_as_it_stands(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Semicolons in texts and comments, names that look like a template's, Windows' line ends, no last one."""
    script = (
        "\ufeff/* the; shop's */ CREATE TABLE more (mark VARCHAR(40) DEFAULT 'a;b''c -- {{ d }} {% e %} %s %(f)s');"
        "-- g; h\n"
        f"{SCHEMA}\nINSERT INTO more VALUES ('--'), ('5--3;')\n;-- the end"
    )
    run(settings(engine, database_url, tmp_path, script.replace("\n", "\r\n")))
    ask(engine, database_url, "INSERT INTO more (mark) VALUES (DEFAULT)")
    marks = {mark for (mark,) in ask(engine, database_url, "SELECT mark FROM more")}
    assert marks == {"--", "5--3;", "a;b'c -- {{ d }} {% e %} %s %(f)s"}


def test_a_schema_that_changes_the_session_is_told(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """And so is what a client understands alone. The run is on record, and the next one goes well."""
    takes_back = dialects()[engine.dialect].transactional_ddl
    ends = "COMMIT" if takes_back else "USE information_schema"
    for more, sentence in {
        ends: r"it (begins or ends a transaction \(COMMIT\)|changes the session that the job works in \(database\))",
        "DELIMITER //\nEND//": r"; DELIMITER // is for a client, not for the database: leave it out",
        "\\set x 1": r"; \\set x 1 is for a client",
    }.items():
        config = settings(engine, database_url, tmp_path, f"{SCHEMA}{more}")
        if takes_back:  # before the run leaves a table
            assert [finding.name for finding in check.findings(config, None) if finding.error][:1] == [
                "columns" if engine.has_server else "files"
            ]
            assert not engine.has_server or "sales" not in everything(engine, database_url)
        with pytest.raises(ConfigError, match=rf"load\.sql: .*schema\.sql: (?s:.*){sentence}"):
            run(config)
        assert ask(engine, database_url, "SELECT status FROM job_runs WHERE status <> 'failed'") == []
        ask(engine, database_url, "DROP TABLE IF EXISTS sales")
    run(settings(engine, database_url, tmp_path, SCHEMA))
