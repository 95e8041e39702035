"""Keys that differ in their text and are the same to the database, by the collation of their column."""

from pathlib import Path

import pytest
from engines import where
from engines.base import Engine
from shop import ask, configured, load_alone

from job.config import Config
from job.errors import DataError

SCHEMA = """
CREATE TABLE people (mail {0} PRIMARY KEY, name {0}, visits INTEGER);
CREATE TABLE visits (number INTEGER PRIMARY KEY, mail {0}, FOREIGN KEY (mail) REFERENCES people (mail))
"""


@where(lambda engine: engine.loose_type)
def test_a_key_is_the_files_whatever_the_collation_takes_it_for(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    type_ = engine.loose_type
    before = [statement for statement in engine.before_types if "loose" in statement]
    (tmp_path / "schema.sql").write_text(";\n".join([*before, SCHEMA.format(type_)]))
    tables = {"people": "people.csv", "visits": "visits.csv"}
    section = {"data": tmp_path, "sql": tmp_path / "schema.sql", "tables": tables, "on_error": "quarantine"}
    section |= {"rejects": tmp_path / "rejects", "mode": "merge", "max_rejects": 3}
    config = Config.model_validate({"database": configured(engine, database_url).database, "load": section})

    def load(people: str, visits: str) -> dict[str, int]:
        (tmp_path / "people.csv").write_text(f"mail,name,visits\n{people}", encoding="utf-8")
        (tmp_path / "visits.csv").write_text(f"number,mail\n{visits}", encoding="utf-8")
        return load_alone(config, tmp_path)

    load("p0@x,Ann,1\nzoe,Zoe,2\n", "1,p0@x\n")
    # Another text of the same key takes its place, and so does another text of the same name.
    assert load("P0@x,Ann,1\nzoe,zoe,2\n", "1,P0@x\n") == {"inserted": 0, "updated": 3, "deleted": 0}
    assert sorted(ask(engine, database_url, "SELECT mail, name FROM people")) == [("P0@x", "Ann"), ("zoe", "zoe")]
    assert ask(engine, database_url, "SELECT mail FROM visits") == [("P0@x",)]
    # Both in one file: the first is loaded, the others are told.
    load("P0@x,Ann,1\np0@x,Bob,2\nzoe,zoe,2\nzoé,Zoé,3\nZOÉ,Zoé,4\nzoo,Zoo,5\n", "1,P0@x\n2,zoo\n")
    found = sorted(ask(engine, database_url, "SELECT mail, visits FROM people"))
    assert found == [("P0@x", 1), ("zoe", 2), ("zoo", 5)]
    reasons = ask(engine, database_url, "SELECT reason FROM rejected_records ORDER BY line")
    assert [reason.partition(", by")[0] for (reason,) in reasons] == [
        "mail: value 'p0@x' is the key of line 2, too",
        "mail: value 'zoé' is the key of line 4, too",
        "mail: value 'ZOÉ' is the key of line 4, too",
    ]
    with pytest.raises(
        DataError, match=r"people\.csv:3:mail: value 'p0@X' is the key of line 2, too, by the collation"
    ):
        load("P0@x,Ann,1\np0@X,Bob,2\nP0@X,Bob,2\np0@x,Bob,2\nP0@x,Bob,2\n", "1,P0@x\n")


@where(lambda engine: engine.makes_tables_anew)
def test_keys_of_a_collation_are_others_where_the_database_tells_them_apart(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "schema.sql").write_text(
        "CREATE TABLE people (mail VARCHAR COLLATE NOCASE PRIMARY KEY, visits INTEGER)"
    )
    section = {"data": tmp_path, "sql": tmp_path / "schema.sql", "tables": {"people": "people.csv"}, "mode": "merge"}
    config = Config.model_validate({"database": configured(engine, database_url).database, "load": section})
    for people in ("p0@x,1\nzoe,2\n", "P0@x,3\nzoe,4\n"):
        (tmp_path / "people.csv").write_text(f"mail,visits\n{people}")
        load_alone(config, tmp_path)
    found = sorted(ask(engine, database_url, "SELECT mail, visits FROM people"))
    assert found == [("P0@x", 3), ("p0@x", 1), ("zoe", 4)]
