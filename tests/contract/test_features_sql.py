"""`features.sql`: what a shop's SELECT may be is the same on every engine, and so is the sentence where it is not."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import servers
from engines.base import Engine
from sales import FEATURES, SCHEMA, run, settings
from shop import Tables, ask, everything

from job import check
from job.config import Config
from job.errors import ClientelaError, ConfigError, DataError


def also(column: str) -> str:
    """The SELECT with a column more."""
    return FEATURES.replace(' AS "recency_days"', f' AS "recency_days", {column}')


def with_rows(*ids: str) -> str:
    return FEATURES + "".join(f" UNION ALL SELECT {each}, 1, 1, 1" for each in ids)


CAST_IT = "; it must be a number: CAST it"
UNNAMED = "a column without a name that every database takes"
REFUSED = {
    "a name twice": (also('1 AS "a", 2 AS "a"'), "selects two columns of the name a "),
    "in capitals": (also('1 AS "a", 2 AS "A"'), "selects two columns of the name A "),
    "no name": (also("1 + 1"), f"selects {UNNAMED}"),
    "a long name": (also(f'1 AS "{"x" * 63}"'), f"selects {UNNAMED} (xxx"),
    "a percent sign": (also('1 AS "a %(b)s"'), f"selects {UNNAMED} (a %(b)s); give it one with AS"),
    "a name of the job's": (also('1 AS "p1"'), "the job gives the name p1 itself"),
    "capitals": (
        FEATURES.replace('"customer_unique_id"', '"Customer_Unique_Id"'),
        "selects Customer_Unique_Id, which must be in small letters: customer_unique_id",
    ),
    "nothing asked for": ('SELECT "paid" AS "monetary" FROM "sales"', "selects no customer_unique_id and no frequency"),
    "no such column": (FEATURES.replace('"paid"', '"payed"'), "payed"),
    "two statements": (f"{FEATURES}; {FEATURES}", "holds 2 statements; it must be one SELECT"),
    "an escape": ("SELECT 1 AS x) AS a; DROP TABLE sales; SELECT * FROM (SELECT 1", "holds 3 statements"),
    "no SELECT": ("/* all */ DELETE FROM sales", "begins with DELETE; it must be one SELECT"),
    "hidden": ('WITH a AS (DELETE FROM "sales" RETURNING *) SELECT * FROM a', ""),
    "a text": (FEATURES.replace('SUM("paid")', "'x'"), CAST_IT),
    "no axis": (FEATURES.replace("0 AS", "'0' AS"), CAST_IT),
}
# What only the rows show.
WRONG_IDS = {
    "none": (with_rows("NULL"), ""),
    "an empty one": (with_rows("''"), "1 customers have a wrong id, such as ''"),
    "a long one": (with_rows(f"'{'x' * 256}'"), ""),
    "a space": (with_rows("'a '"), "1 customers have a wrong id, such as 'a '"),
    "a space more": (with_rows("'a'", "'a '"), ""),
    "twice": (with_rows("'a'", "'a'"), ""),
}
# What only computing all columns shows, whether they tell customers apart or not.
WRONG_VALUES = {
    "a division by zero": (also('SUM("paid") / (SUM("paid") - SUM("paid")) AS "x"'), ""),
    "a text for a number": (also('CAST("card" AS DECIMAL(9, 2)) AS "x"'), ""),
    "a number beyond": (also('1e200 AS "x"'), "column x is NaN, infinite or beyond 1e+30"),
    "several rows for one": (also('(SELECT "number" FROM "sales") AS "x"'), ""),
}
MANY = ", ".join(map(str, range(6000)))
GOOD = {
    "in order": FEATURES + ' ORDER BY "monetary" LIMIT 40',
    "in brackets": f"({FEATURES})",
    "with": 'WITH "few" AS (SELECT * FROM "sales") ' + FEATURES.replace('"sales"', '"few"'),
    "of two": with_rows("'a'", "'A'", "'e'", "'é'"),
    "marks": also("';' AS \"a b\", '--' AS \"größe\", '{{ x }} {% y; %} %s %(z)s :n ? $1 #' AS \"c\"") + " ; -- a; b",
    "6,000 ids": FEATURES.replace(
        " GROUP", f" WHERE number IN ({', '.join(map(str, range(6000)))}) AND ';' = ';' GROUP"
    ),
    "other types": also('CURRENT_DATE AS "d", NULL AS "n", 1 = 1 AS "b", CAST(\'12:00:00\' AS TIME) AS "t"'),
    "names of the job's": also('2 AS "from_segment", 3 AS "to_segment", 4 AS "segment", 5 AS "segment_name"'),
    "Windows' line ends": "\ufeff" + FEATURES.replace(" ", "\r\n") + "\r\n;\r\n-- the end",
}


@pytest.fixture(scope="module")
def shop_of_sales(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Config, str]]:
    """The config, and the URL of a database in which it has run."""
    folder = tmp_path_factory.mktemp("sales")
    with servers.fresh_database(engine, folder) as url:
        config = settings(engine, url, folder, SCHEMA)
        run(config)
        yield config, url


def written(config: Config, sql: str) -> Path:
    assert config.features.sql
    config.features.sql.write_bytes(sql.encode())
    return config.features.sql


def refused(config: Config, family: type[ClientelaError], sql: str, what: str) -> None:
    path = written(config, sql)
    with pytest.raises(family) as raised:
        run(config)
    assert str(raised.value).startswith(f"features.sql: {path}") and what in str(raised.value), raised.value


def test_what_is_no_select_of_features_is_refused_alike(engine: Engine, shop_of_sales: tuple[Config, str]) -> None:
    config, url = shop_of_sales
    before = everything(engine, url)
    for sql, what in REFUSED.values():
        refused(config, ConfigError, sql, what)
        told = [finding.error for finding in check.findings(config, None) if finding.error]
        assert [type(error) for error in told] == [ConfigError] and what in str(told[0]), (sql, told)
    assert everything(engine, url) == before


def test_wrong_ids_are_refused_alike(engine: Engine, shop_of_sales: tuple[Config, str]) -> None:
    config, url = shop_of_sales
    before: Tables = everything(engine, url)
    for sql, what in WRONG_IDS.values():
        refused(config, DataError, sql, what)
        refused(config, DataError, sql, "; it must give a row per customer, with an id of 1 to 255 characters")
    assert everything(engine, url) == before


def test_wrong_values_are_told_beforehand(engine: Engine, shop_of_sales: tuple[Config, str]) -> None:
    config, url = shop_of_sales
    before = everything(engine, url)
    for case, (sql, what) in WRONG_VALUES.items():
        path = written(config, sql)
        told = [finding.error for finding in check.findings(config, None) if finding.error]
        assert len(told) == 1 and what in str(told[0]), (case, told)
        with pytest.raises(ClientelaError) as raised:
            run(config)
        assert (type(told[0]), str(told[0])) == (type(raised.value), str(raised.value)), case
        assert what == "" or str(raised.value).startswith(f"features.sql: {path}")
    assert everything(engine, url) == before


def test_any_select_will_do(engine: Engine, shop_of_sales: tuple[Config, str]) -> None:
    config, url = shop_of_sales
    for sql in GOOD.values():
        written(config, sql)
        assert [finding.error for finding in check.findings(config, None) if finding.error] == []
        run(config)
        [(customers,)] = ask(engine, url, "SELECT COUNT(*) FROM customer_features")
        assert customers in (40, 44), sql
        [(figures,)] = ask(engine, url, "SELECT figures FROM job_runs ORDER BY started_at DESC LIMIT 1")
        assert {letter for *letters, _ in json.loads(figures)["moves"] for letter in letters} <= {None, *"ABCDE"}, sql
