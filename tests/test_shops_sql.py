"""A shop's own SQL: told apart by its engine's rules, and handed on as it stands."""

import subprocess
import sys
from pathlib import Path

import pytest

from job.adapters import dialects
from job.errors import ConfigError
from job.segmentation import features
from job.statements import SqlFiles, read_script

ENGINES = ("postgres", "mysql", "duckdb")
# What stands in the middle of a statement, and ends none.
ALIKE = {
    "a text": "'a;b''c;d', 'it''s'",
    "names": '"a;b", "say ""c;d""", "e"',
    "comments": "1 -- a;b\n, 2 /* c;d */, 3",
    "nested brackets in a comment": "1 /* ' ; \" */, 2",
    "6,000 ids": f"1 WHERE 2 IN ({', '.join(map(str, range(6000)))}) AND ';' = ';'",
    "other languages' marks": "'{{ a; }} {% b; %} {# c; #}', 'x%s;', '%(y)s', ':n;', '$1;', '?'",
    "operators": "5 -3, 7 % 2, ';'",
    "Windows' line ends": "1 -- a;b\r\n, 2\r\n",
    "no ASCII": "'é;😀;', \"größe;\"",
}
OF_DIALECTS = {
    "postgres": {
        "minus minus": "5--3;\n, ';'",
        "exclusive or": "a # b, ';'",
        "backslash": "'a\\', ';'",
        "escapes": "E'a\\';b', e'\\\\', ';'",
        "bodies": "$$a;b$$, $t$ $$;$$ ; $t$",
        "nested comments": "1 /* a /* ; */ ; */, 2",
        "JSON": "a #> '{b;c}', a #>> '{d}', a ? ';', a @> '{\"e\": \";\"}', f -> 'g;'",
        "Unicode escapes": "U&'a\\;b', U&\"c;d\"",
    },
    "mysql": {
        "minus minus": "5--3, ';'",
        "hash": "1 # a;b\n, '#;'",
        "backslash": "'a\\';b', '\\\\', ';'",
        "no backslash in names": '"a\\", ";"',
        "backticks": "`a;b`, `c``;d`",
        "what is run in a comment": "1 /*!80000 , 2 */, ';'",
        "hints": "/*+ MAX_EXECUTION_TIME(1000) ; */ 1",
        "JSON": "a -> '$.b;c', a ->> '$.\"d;e\"'",
    },
    "duckdb": {
        "backslash": "'a\\', ';'",
        "bodies": "$$a;b$$, $t$;$t$",
        "structs": "{'a': ';'}, [';']",
        "nested comments": "1 /* a /* ; */ ; */, 2",
    },
}
CASES = [(dialect, name, sql) for dialect in ENGINES for name, sql in (ALIKE | OF_DIALECTS[dialect]).items()]


@pytest.mark.parametrize(("dialect", "name", "sql"), CASES, ids=[f"{dialect} {name}" for dialect, name, _ in CASES])
def test_a_statement_is_one_and_stays_as_it_is(dialect: str, name: str, sql: str) -> None:
    adapter, statement = dialects()[dialect], f"SELECT {sql}"
    assert adapter.split(statement) == [statement]
    assert adapter.split(f"{statement}\n;\n-- the end; at last") == [f"{statement}\n"]
    assert adapter.split(f"{statement}\n; SELECT 2;") == [f"{statement}\n", " SELECT 2"]


def test_what_is_run_although_it_is_a_comment_is_a_statement() -> None:
    assert len(dialects()["mysql"].split("SELECT 1; /*!40101 SET @a = 1 */;")) == 2
    assert len(dialects()["mysql"].split("SELECT 1; /* no more; than this */ -- here")) == 1


@pytest.mark.parametrize("dialect", ENGINES)
@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"-- nothing\n\n", "holds no statement"),
        (b"/* ; */ ; -- nothing", "holds no statements; it must be one SELECT"),
        (b"SELECT 1; SELECT 2", "holds 2 statements; it must be one SELECT"),
        (b"SELECT 1 AS x) AS a; DROP TABLE b; SELECT * FROM (SELECT 1", "holds 3 statements"),
        (b"SELECT '; -- a", "cannot be told where the statement ends"),
        (b"SELECT 1 /* ; a", "cannot be told where the statement ends"),
        ("SELECT 'é'".encode("latin-1"), "it is not UTF-8 text; save it as UTF-8"),
        ("SELECT 1".encode("utf-16"), "it is not UTF-8 text"),
        ("SELECT 1".encode("utf-16-le"), "it holds a NUL byte; save it as UTF-8"),
        (b"/* all */ update a SET b = 1", "begins with UPDATE; it must be one SELECT"),
        (b"-- all\n((EXPLAIN SELECT 1", "begins with EXPLAIN"),
        (b"CALL f()", "begins with CALL"),
    ],
)
def test_features_that_are_no_select_are_told(dialect: str, content: bytes, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "features.sql"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=rf"^features\.sql: {path}:? .*{complaint}"):
        features.read(dialects()[dialect], path)


def test_a_word_that_begins_otherwise_is_only_looked_for_at_the_beginning(tmp_path: Path) -> None:
    path = tmp_path / "features.sql"
    for statement in (
        "/* update */ SELECT 1",
        "SELECTED",
        "(WITH a AS (SELECT 1) SELECT 1)",
        "/*c*/ " * 5_000 + "SELECT",
    ):
        path.write_text(statement)
        assert features.read(dialects()["postgres"], path) == statement


def test_line_ends_and_marks_are_the_engine_s_to_read(tmp_path: Path) -> None:
    path = tmp_path / "schema.sql"
    path.write_bytes(b"\xef\xbb\xbfSELECT 'a\r\nb'\r-- c")
    assert read_script("load.sql", path) == "SELECT 'a\r\nb'\r-- c"


def test_a_shop_s_semicolons_and_braces_are_no_matter_of_ours() -> None:
    """What is rendered into a statement of ours is neither split nor rendered."""
    sql = "SELECT ';' AS \"a;\" -- {{ b }}; {% c %}\n;"
    [statement] = SqlFiles("common").render("features_probe", features_sql=sql)
    assert f"\n{sql}\n" in statement


def test_a_statement_alone_takes_no_tokenizer() -> None:
    """Which takes as long to import as a run that finds nothing new."""
    code = (
        "import sys; from job.adapters import dialects; dialects()['mysql'].split('SELECT 1;\\n'); print(*sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "job.statements" in found and "sqlglot" not in found
