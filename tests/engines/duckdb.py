"""DuckDB, embedded: a database is a file."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, ClassVar

import duckdb

from engines.base import Engine, Query


class DuckDB(Engine):
    """The embedded database."""

    name = "duckdb"
    title = "DuckDB"
    dialect = "duckdb"
    name_in_errors = title
    documented_as = dialect

    has_server = False
    scheme = "duckdb"
    place_key = "path"
    place_variable = "DUCKDB_PATH"

    schema = "'main'"
    in_utc = "SET TimeZone = 'UTC'"
    types: ClassVar[dict[str, tuple[dict[str, str | None], tuple[str, ...]]]] = {
        "TINYINT": ({"-128": None}, ("128",)),
        "UTINYINT": ({"255": None}, ("256", "-1")),
        "UBIGINT": ({"18446744073709551615": None}, ("18446744073709551616", "-1")),
        "HUGEINT": ({"170141183460469231731687303715884105727": None, "+007": "7"}, ("1.5", "9" * 40)),
        "UHUGEINT": ({"340282366920938463463374607431768211455": None}, ("-1",)),
        "DECIMAL": ({"1.5": "1.500"}, ("1.0001",)),
        "DECIMAL(38,10)": ({f"{'9' * 28}.{'1' * 10}": None}, ("1e3", "9" * 29)),
        "FLOAT": ({"0.1": None, "1e10": "10000000000.0"}, ("16777217", "0.123456789", "1e39", "NaN")),
        "DOUBLE": ({"0.1": None}, ("1e400", "Infinity")),
        "BOOLEAN": ({"true": None, "F": "false", "Yes": "true", "0": "false", "n": "false"}, ("2", "on", " t")),
        "DATE": ({"2018-01-31": None, "31.01.2018 00:00": "2018-01-31"}, ("2018-01-31 10:56", "31.01.2018 10:56")),
        "TIME": ({"10:56": "10:56:00", "23:59:59.999": None}, ("24:00", "12:60", "1:02")),
        "TIMESTAMP_S": ({"2018-12-31 23:59:59": None}, ("2018-12-31 23:59:59.9",)),
        "TIMESTAMP_MS": ({"2018-12-31 23:59:59.999": None}, ("2018-12-31 23:59:59.9999",)),
        "TIMESTAMP_NS": ({"2018-12-31 23:59:59.123456789": None}, ("2300-01-01", "2018-12-31 23:59:59.1234567891")),
        "TIMESTAMPTZ": (
            {
                "2018-12-31 23:59:59-05:00": "2019-01-01 04:59:59+00",
                "2018-12-31T10:00Z": "2018-12-31 10:00:00+00",
                "2018-12-31": "2018-12-31 00:00:00+00",
            },
            ("2018-12-31 10:00+25:00", "2018-12-31 10:00 BRT"),
        ),
        "UUID": ({"8B2F3C1E-0000-4000-8000-00000000000a": "8b2f3c1e-0000-4000-8000-00000000000a"}, ("8b2f3c1e-0000",)),
        "JSON": ({'{"a" : [1, null], "a" : 2}': None}, ("{a: 1}", "[1,]", "NaN", "1 x")),
        "ENUM('sad', 'it''s fine')": ({"it's fine": None}, ("Sad", "sad ", "1")),
    }
    refused_types = (
        *("BLOB", "BIT", "INTEGER[]", "INTEGER[3]", "STRUCT(a INTEGER)", "MAP(VARCHAR, INTEGER)", "INTERVAL", "TIMETZ"),
        *("UNION(a INTEGER, b VARCHAR)", "BIGNUM"),
    )
    counting = "INTEGER DEFAULT 5"
    generating = "b INTEGER GENERATED ALWAYS AS (x * 2)"
    generated = "b"
    stored_columns = False
    updates_views = False
    endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range % 7 = 8"

    one_process = True
    keys_in_comments = True
    makes_tables_anew = True
    checks_lengths = True

    driver_error = duckdb.Error

    def job_place(self, url: str) -> str:
        """The path: there are no roles."""
        return url.removeprefix("duckdb://")

    def copy(self, template: str, url: str) -> None:
        shutil.copy(self.job_place(template), self.job_place(url))

    def connect(self, url: str) -> Any:
        return duckdb.connect(self.job_place(url))

    @contextmanager
    def session(self, url: str) -> Iterator[Query]:
        with closing(self.connect(url)) as connection:
            yield lambda statement: connection.execute(statement).fetchall()

    def version(self, url: str) -> str:
        return duckdb.__version__


ENGINE = DuckDB()
