"""What a run would end with, `check` says beforehand: it tries tables and features, and takes all of it back."""

from pathlib import Path
from typing import Any

import pytest
from engines import where
from engines.base import Engine
from sales import FEATURES, SCHEMA, run, settings
from shop import ask, configured, everything

from job import check
from job.config import Config
from job.errors import ClientelaError, ConfigError, DataError

CUSTOMERS = "olist_customers_dataset.csv"


def checked(config: Config, data: Path | None = None) -> dict[str, tuple[str, str]]:
    return {finding.name: (finding.line.split()[0], finding.text) for finding in check.findings(config, data)}


def failed(config: Config) -> list[str]:
    """What fails, of the finding that does so first."""
    return [text for mark, text in checked(config).values() if mark == "failed"][:1]


def ended(config: Config) -> ClientelaError:
    with pytest.raises(ClientelaError) as raised:
        run(config)
    return raised.value


def with_(config: Config, **keys: Any) -> Config:
    return Config.model_validate(dict(config) | keys)


AXIS = {"features": [{"column": "monetary"}, {"column": "spend"}]}
BEFORE_THE_FIRST_LOAD: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a word of SQL": (SCHEMA, FEATURES.replace("GROUP BY", "GROPU BY"), {}),
    "a table": (SCHEMA, FEATURES.replace('"sales"', '"bills"'), {}),
    "a column": (SCHEMA, FEATURES.replace('"paid"', '"payed"'), {}),
    "an axis": (SCHEMA, FEATURES, {"clustering": AXIS}),
    "a key": (
        SCHEMA.replace("number", "label VARCHAR(1), number"),
        FEATURES,
        {"write_back": {"table": "sales", "key": "person", "column": "label"}},
    ),
    "a table of the load": (SCHEMA.replace("sales", "bills"), FEATURES, {}),
    "load.sql": (SCHEMA.replace("DECIMAL", "DECIMALLY"), FEATURES, {}),
    "a header": (SCHEMA.replace("paid", "payed"), FEATURES.replace('"paid"', '"payed"'), {}),
}
TWICE = FEATURES.replace(
    'FROM "sales"', 'FROM "sales" AS "each" WHERE "paid" < (SELECT MAX("other"."{}") FROM "sales" AS "other")'
)
BEFORE_THE_FIRST_LOAD |= {
    "a column of a table named twice": (SCHEMA, TWICE.format("payed"), {}),
    "a group": (SCHEMA, FEATURES.replace('SUM("paid")', '"paid"'), {}),
    "a type": (SCHEMA, FEATURES.replace('SUM("paid")', 'MIN("card")'), {}),
    "a name": (SCHEMA, FEATURES.replace('AS "frequency"', 'AS "monetary"'), {}),
}
# What a load.sql may have beside CREATE TABLE alone.
PARENT = "INTEGER PRIMARY KEY, CONSTRAINT of_card FOREIGN KEY (card) REFERENCES cards (card)"
DUMP = f"""DROP TABLE IF EXISTS sales;
CREATE TABLE cards (card VARCHAR(9) NOT NULL, PRIMARY KEY (card));
{SCHEMA.replace("INTEGER PRIMARY KEY", PARENT).replace("paid DECIMAL(9, 2), ", "")}
CREATE INDEX sales_by_card ON sales (card);
INSERT INTO cards VALUES ('c1'), ('c,2;');
ALTER TABLE sales ADD COLUMN paid DECIMAL(9, 2);
"""


def test_before_the_first_load(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """At first there is no database file, or nothing in the database; then the job's own tables."""
    before: object = {} if engine.has_server else None
    for case, (schema, sql, keys) in BEFORE_THE_FIRST_LOAD.items():
        config = with_(settings(engine, database_url, tmp_path, schema), **keys)
        (tmp_path / "features.sql").write_text(sql)
        told = failed(config)
        if before is None:
            assert not Path(engine.job_place(database_url)).exists()
        else:
            assert everything(engine, database_url) == before
        error = ended(config)
        assert error.exit_code in (2, 3)
        assert told and told[0].partition(" in this")[0] in str(error), (case, told, str(error))
        before = everything(engine, database_url)
        assert "sales" not in before and not before.get("bills")  # which some engines keep, empty


def test_tables_are_seen_as_load_sql_makes_them(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """With foreign keys, and named twice; and nothing of it stays."""
    config = settings(engine, database_url, tmp_path, DUMP)
    for sql in (FEATURES, TWICE.format("paid"), f"WITH a AS ({FEATURES}) SELECT * FROM a"):
        (tmp_path / "features.sql").write_text(sql)
        found = checked(config)
        assert found["columns"][0] == "ok" and found["select"][0] == "ok", (sql, found)
    tables = {"cards": "cards.csv", "sales": "sales.csv"}
    (tmp_path / "cards.csv").write_text("card\nc1\n")
    load = dict(config.load or {})
    assert "refers to it" in failed(with_(config, load=load | {"tables": dict(reversed(tables.items()))}))[0]
    (tmp_path / "schema.sql").write_text(DUMP + "CREATE VIEW more AS SELECT * FROM sales;")
    assert not failed(config)
    (tmp_path / "features.sql").write_text(FEATURES.replace('"sales"', '"more"'))
    mark, text = checked(config)["select"]
    assert mark == "ok" or (mark == "--" and "CREATE VIEW" in text)
    if engine.has_server:
        assert everything(engine, database_url) == {}


def test_what_is_right_is_ok_before_and_after(engine: Engine, database_url: str, shop: Path) -> None:
    """And the axes of the job's own features are known, though there is no table yet."""
    config = configured(engine, database_url)
    found = checked(config, shop)
    assert found["columns"] == ("ok", "those that the config names are there")
    assert found["select"][0] == "ok" and "monetary, frequency, recency_days" in found["select"][1]
    assert found["values"] == ("--", "not looked at: the files are yet to be loaded")
    assert failed(with_(config, load=config.load.model_dump() | {"data": shop}, clustering=AXIS)) == [  # type: ignore[union-attr]
        "clustering.features: spend is no numeric column of customer_features"
    ]
    wrong = {"table": "customers", "key": "id", "column": "segment"}
    assert "write_back.key is id" in checked(with_(config, write_back=wrong), shop)["columns"][1]


NO_LOGARITHM = "monetary is too small for log1p for "
IDS = "it must give a row per customer, with an id"
ROWS = {
    "refunds": (FEATURES.replace('SUM("paid")', 'SUM("paid") - 8000'), NO_LOGARITHM),
    "no id": (FEATURES + " UNION ALL SELECT NULL, 1, 1, 1", IDS),
    "twice": (FEATURES + " UNION ALL SELECT 'c1', 1, 1, 1", IDS),
    "odd ids": (FEATURES + " UNION ALL SELECT 'c1 ', 1, 1, 1", IDS),
    "long ids": (FEATURES + f" UNION ALL SELECT '{'x' * 256}', 1, 1, 1", IDS),
    "NULL": (FEATURES.replace("0 AS", "CAST(NULL AS DECIMAL(9, 2)) AS"), "recency_days is NULL for 40 of 40 customers"),
    "nobody": (FEATURES.replace("GROUP", "WHERE 1 = 0 GROUP"), "no customer has an order that counts"),
}


def test_what_the_rows_show(engine: Engine, database_url: str, tmp_path: Path) -> None:
    config = settings(engine, database_url, tmp_path, SCHEMA)
    run(config)
    before = everything(engine, database_url)
    assert checked(config)["values"] == ("ok", "40 customers, and no number that a run would refuse")
    axes = [{"column": "monetary", "transform": "log1p"}, {"column": "recency_days"}]
    config = with_(config, clustering=config.clustering.model_dump() | {"features": axes})
    for sql, sentence in ROWS.values():
        (tmp_path / "features.sql").write_text(sql)
        mark, text = checked(config)["values"]
        assert mark == "failed" and sentence in text, (sql, text)
        error = ended(config)
        assert isinstance(error, DataError) and sentence in str(error)
    assert everything(engine, database_url) == before


@where(lambda engine: engine.has_server)
def test_nothing_is_made_that_stays(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Of a load.sql that ends the transaction, too: then the empty tables stay, and it is said."""
    config = settings(engine, database_url, tmp_path, f"{SCHEMA}CREATE TABLE more (x INTEGER);")
    assert not failed(config) and everything(engine, database_url) == {}
    ask(engine, database_url, "CREATE TABLE more (x INTEGER)")
    (tmp_path / "schema.sql").write_text(SCHEMA)
    run(config)
    assert isinstance(ended(with_(config, clustering=AXIS)), ConfigError)
