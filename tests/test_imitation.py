"""A shop's CREATE TABLE, as statements for temporary tables: what these cannot have is left out."""

from typing import Any

import pytest

from job import statements
from job.imitation import Imitation, imitated
from job.tables import Reference

RULES: dict[str, Any] = {"QUOTES": ["'"], "IDENTIFIERS": ['"', "`"]}
CASES = {
    "CREATE TABLE a (x INT /* y */, -- z\n y DECIMAL(9, 2))": ["CREATE TEMPORARY TABLE a (x INT, y DECIMAL(9, 2))"],
    "CREATE TABLE IF NOT EXISTS `a b` (x INT) ENGINE=InnoDB COMMENT 'a, (b'": [
        "CREATE TEMPORARY TABLE IF NOT EXISTS `a b` (x INT)"
    ],
    'create table "s"."a" ("x;y" INT, key (x)) default charset = latin1 collate latin1_bin partition by hash (x)': [
        'CREATE TEMPORARY TABLE "s"."a" ("x;y" INT, key (x)) charset = latin1 collate latin1_bin'
    ],
    "CREATE TABLE a (x INT REFERENCES b (x) ON DELETE SET NULL, CONSTRAINT f FOREIGN KEY (x) REFERENCES b (y))": [
        "CREATE TEMPORARY TABLE a (x INT)"
    ],
    "CREATE TABLE a (x INT DEFAULT (now()), FULLTEXT KEY (x), `fulltext` INT)": [
        "CREATE TEMPORARY TABLE a (x INT DEFAULT (now()), `fulltext` INT)"
    ],
    "CREATE TABLE a LIKE b": ["CREATE TEMPORARY TABLE a LIKE b"],
    "CREATE TABLE a (x INT); ALTER TABLE a ADD y INT, ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES b (y)": [
        "CREATE TEMPORARY TABLE a (x INT)",
        "ALTER TABLE a ADD y INT",
    ],
}
NOTHING = ("DROP TABLE IF EXISTS a, b", "SET x = 1", "INSERT INTO a VALUES (1)", "CREATE UNIQUE INDEX i ON a (x)")
LEFT_OUT = {
    "CREATE VIEW v AS SELECT 1": "CREATE VIEW",
    "CREATE TABLE a (x INT) AS SELECT * FROM b": "CREATE TABLE ... SELECT",
    "CREATE TABLE a AS SELECT * FROM b": "CREATE TABLE",
    "ALTER TABLE there ADD y INT": "ALTER TABLE",
}


def imitate(script: str, *there: str) -> Imitation:
    pieces = statements.split(script, "mysql", RULES)
    return imitated([statements.words(piece, "mysql", RULES) for piece in pieces], there)


@pytest.mark.parametrize("script", CASES)
def test_tables_are_temporary(script: str) -> None:
    assert imitate(script).statements == CASES[script]


def test_what_else_a_script_does() -> None:
    for statement in NOTHING:
        assert imitate(statement) == Imitation()
    for statement, words in LEFT_OUT.items():
        found = imitate(statement, "there")
        assert (found.statements, found.left_out) == ([], [words])


def test_keys_are_known_though_they_are_left_out() -> None:
    found = imitate("CREATE TABLE `a` (x INT, CONSTRAINT `f` FOREIGN KEY `g` (`x`, y) REFERENCES `b` (`y`, z))")
    assert found.references == {"a": [Reference(("x", "y"), "b", ("y", "z"))]}


def test_tables_that_are_there_stay() -> None:
    assert imitate("CREATE TABLE IF NOT EXISTS a (x INT)", "a") == Imitation()
    assert imitate("CREATE TABLE a (x INT)", "a").twice == ["a"]
    assert not imitate("DROP TABLE a; CREATE TABLE a (x INT)", "a").twice
