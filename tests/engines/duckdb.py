"""DuckDB, embedded: a database is a file."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

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
