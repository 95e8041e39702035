"""Customers that a server sends -> a CSV or Parquet file: DuckDB writes both, whatever the database."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import duckdb

from job.statements import SqlFiles
from job.tables import Column

MEMORY = "256MB"  # for DuckDB between a server and the file: room for some of Parquet's row groups


@contextmanager
def converted(columns: Sequence[Column], target: Path, form: str) -> Iterator[IO[bytes]]:
    """Give a stream that takes customers as CSV without a header, and have them written to the target.

    NULL is an empty field, an empty text a quoted one. columns: of the file.
    """
    reading, writing = os.pipe()
    source = Path(f"/dev/fd/{reading}")
    [statement] = SqlFiles("staging").render("convert", source=source, fields=columns, target=target, form=form)
    with closing(duckdb.connect()) as connection, ThreadPoolExecutor(1) as pool:
        connection.execute(f"SET memory_limit = '{MEMORY}'; SET threads = 1")
        converting = pool.submit(_convert, connection, statement, reading)
        try:
            with os.fdopen(writing, "wb") as sink:
                yield sink
        except BrokenPipeError:
            converting.result()  # which says why it has ended
            raise
        converting.result()


def _convert(connection: duckdb.DuckDBPyConnection, statement: str, reading: int) -> None:
    try:
        connection.execute(statement)
    finally:
        os.close(reading)  # who writes is told so
