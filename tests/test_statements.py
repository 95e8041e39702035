"""The SQL files: what they are rendered to, and that every dialect has what the job runs."""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import contexts
import duckdb
import pytest
from sqlglot import Dialect, TokenType

from job import statement_contract, statements
from job.adapters import dialects
from job.adapters import names as names_of_dialects
from job.errors import ConfigError
from job.staging.area import StagedFile
from job.statements import SqlFiles, Statements, names, numbered, pairs
from job.tables import Column, Name, Own

ROOT = Path(__file__).parent.parent
DIALECTS = names_of_dialects()
FOLDERS = {dialect: (Statements(dialect), contexts.CONTEXTS) for dialect in DIALECTS}
ALL: dict[str, tuple[SqlFiles, Mapping[str, Any]]] = {**FOLDERS, "staging": (SqlFiles("staging"), contexts.STAGING)}
TOKENS = {name: adapter.tokens for name, adapter in dialects().items()}
TEXTS = {TokenType.STRING, TokenType.IDENTIFIER}
EVERY = [(folder, name) for folder, (files, _) in ALL.items() for name in files.names()]


# Lists of columns


def test_names() -> None:
    assert names(["a", 'say "b"']) == '"a", "say ""b"""'
    assert names([Column("a", "INTEGER", True), Column("b", "VARCHAR", False)], "there") == '"there"."a", "there"."b"'
    assert names(["a"], Name("shop", "orders")) == '"shop"."orders"."a"'
    assert names([]) == ""


def test_pairs() -> None:
    assert pairs(["a"], "there", "staged") == '"there"."a" = "staged"."a"'
    assert pairs(["a", "b"], "l", Name(None, "r")) == '"l"."a" = "r"."a" AND "l"."b" = "r"."b"'
    assert pairs(["a", "b"], "l", "r", ["c", "d"]) == '"l"."a" = "r"."c" AND "l"."b" = "r"."d"'
    with pytest.raises(ValueError, match="shorter"):
        pairs(["a", "b"], "l", "r", ["c"])


def test_numbered() -> None:
    assert numbered(["x", "y"], "p") == '"p0", "p1"'


# What the files are rendered to


@pytest.mark.parametrize(("folder", "name"), EVERY)
def test_every_file_is_rendered_to_whole_statements(folder: str, name: str) -> None:
    files, known = ALL[folder]
    tokenizer = Dialect.get_or_raise(TOKENS.get(folder, "duckdb")).tokenizer()
    for statement in files.render(name, **known.get(name, {})):
        assert not re.search(r"\{[{%#]|[%#]\}", statement), statement
        tokens = [token for token in tokenizer.tokenize(statement.strip()) if token.token_type != TokenType.HINT]
        assert tokens, statement
        code = " ".join("x" if token.token_type in TEXTS else token.text for token in tokens)
        assert code.count("(") == code.count(")"), statement
        assert not re.search(r", [,)]|\( ,|, FROM |(AND|OR|WHERE) \)|(AND|OR|WHERE) (AND|OR|ORDER)\b|;", code), (
            statement
        )


def test_lines_are_short_and_end_in_no_space() -> None:
    for path in statements.SQL_FOLDER.rglob("*.sql"):
        text = path.read_text()
        assert text.endswith("\n") and "\t" not in text and not re.search(" $", text, re.MULTILINE), path
        plain = re.sub(r"\{[{%].*?[%}]\}", "", text)
        assert max(map(len, plain.splitlines())) <= 120, path


@pytest.mark.parametrize("dialect", DIALECTS)
def test_own_tables_are_where_the_config_has_them(dialect: str) -> None:
    [statement] = Statements(dialect, Own("the job's", "spend_")).render("label_counts")
    assert 'FROM "the job\'s"."spend_customer_segments"' in statement


# The contract


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_statement_of_a_dialect_is_in_the_contract(dialect: str) -> None:
    files, known = FOLDERS[dialect]
    contract = statement_contract.of(dialects()[dialect].own_statements)
    for name in files.names():
        if name not in contract and not name.startswith("facts_"):
            assert files.render(name, **known.get(name, {})) == [], f"{name}.sql is no statement of the contract"


def test_what_the_contract_says_of_folders() -> None:
    common = set(SqlFiles("common").names())
    own = [set(SqlFiles(dialect).names()) for dialect in DIALECTS]
    assert statement_contract.COMMON.keys() <= common
    assert not common & statement_contract.EACH.keys()
    for statement in statement_contract.OPTIONAL.keys() - common:
        assert any(statement in names for names in own), statement


def test_the_job_runs_nothing_else() -> None:
    """Names as they stand in the code, and no statement that nobody runs."""
    code = "\n".join(path.read_text() for path in (ROOT / "job").rglob("*.py"))
    asked = set(re.findall(r'(?:execute|fetch|render|text|_shape)\(\s*(?:database, )?"([a-z_]+)"', code))
    asked |= set(re.findall(r'"([a-z_]+)" (?:not )?in (?:self|database)\.statements', code))
    run_by_staging = set(re.findall(r'self\._run\("([a-z_]+)"(?:, "([a-z_]+)")?', code))
    contract = {name for dialect in DIALECTS for name in statement_contract.of(dialects()[dialect].own_statements)}
    staging = set(SqlFiles("staging").names())
    assert {name for pair in run_by_staging for name in pair if name} <= staging
    strange = asked - contract - staging
    assert not strange, "statement_contract.py lacks them"
    assert contract - asked == {"exported", "exported_moves"} - asked


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of sql/ to change."""
    copy = tmp_path / "sql"
    shutil.copytree(statements.SQL_FOLDER, copy)
    monkeypatch.setattr(statements, "SQL_FOLDER", copy)
    return copy


def test_a_dialect_that_lacks_statements_says_so_at_once(folder: Path) -> None:
    for name in ("keys", "cancel", "update_changed"):
        (folder / "mysql" / f"{name}.sql").unlink()
    with pytest.raises(ConfigError, match=r"^sql/mysql lacks cancel\.sql, keys\.sql, update_changed\.sql; "):
        Statements("mysql", required=statement_contract.required(["cancel"]))
    Statements("postgres", required=statement_contract.required([]))


def test_a_new_dialect_is_told_what_it_must_bring(folder: Path) -> None:
    (folder / "oracle").mkdir()
    with pytest.raises(ConfigError, match=r"sql/oracle lacks columns\.sql, features_shape\.sql, ") as caught:
        Statements("oracle", required=statement_contract.required([]))
    for name in statement_contract.EACH:
        assert f"{name}.sql" in str(caught.value)


@pytest.mark.parametrize(
    ("flag", "statements"),
    [
        ("loads_differences", {"keep_others", "insert_kept"}),
        ("transactional_ddl", {"analyze", "swap_features"}),
    ],
)
def test_what_a_database_cannot_do_takes_statements(flag: str, statements: set[str]) -> None:
    assert statements <= statement_contract.required([], **{flag: False})
    assert not statements & statement_contract.required([])


def test_a_dialect_may_call_things_otherwise(folder: Path) -> None:
    (folder / "duckdb" / "dialect.sql").write_text('{% set timestamp = "MOMENT" %}\n')
    [first, *_] = Statements("duckdb").render("job_schema")
    assert '"first_order_at" MOMENT NOT NULL' in first and 'PRIMARY KEY ("customer_unique_id")' in first
    (folder / "duckdb" / "dialect.sql").unlink()
    assert "TIMESTAMP" in Statements("duckdb").render("job_schema")[0]


# Staging's own engine


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, StagedFile]]:
    """An empty staging area, and a file of one good, one refused and one doubled record in it."""
    part = replace(contexts.FILE.parts[0], csv=tmp_path / "orders.csv")
    file = replace(contexts.FILE, parts=[part], path=tmp_path / "orders.parquet")
    header = ",".join(column.name for column in contexts.TABLE.columns)
    part.csv.write_text(f"{header}\na,x,2018-01-31,\nb,,2018-01-31,\na,y,31.01.2018,done\n")
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        yield connection, file


def test_staging_answers_by_name(staged: tuple[duckdb.DuckDBPyConnection, StagedFile]) -> None:
    connection, file = staged
    files = SqlFiles("staging")
    contexts_of = {
        **contexts.STAGING,
        "staged_orphan_keys": {"child": file, "parent": None, "reference": contexts.REFERENCE},
        "staged_orphans": {"child": file, "reference": contexts.REFERENCE, "kind": "orphan"},
    }

    def run(name: str) -> list[dict[str, Any]]:
        context = contexts_of.get(name, {})
        if "file" in context:
            context = {**context, "file": file}
        rows: list[dict[str, Any]] = []
        for statement in files.render(name, **context):
            connection.execute(statement)
            names = [column[0] for column in connection.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in connection.fetchall()]
        return rows

    run("rejects")
    run("csv_stage")
    assert run("csv_count") == [{"records": 3, "refused": 1}]
    run("csv_refused")
    assert run("may_be_duplicates") == [{"may": True}]
    run("staged_duplicates")
    assert run("problems") == [
        {"record": 1, "kind": "value", "column": "customer_id", "value": None, "other": None},
        {"record": 2, "kind": "duplicate", "column": "order_id", "value": "a", "other": "0"},
    ]
    assert run("rejected") == [{"problems": 2, "records": 2}]
    assert run("staged_orphan_keys") == [{"keys": 1}]
    run("staged_orphans")
    assert run("rejected") == [{"problems": 3, "records": 3}]
