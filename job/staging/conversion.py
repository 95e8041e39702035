"""Customers or rows that a server sends -> a CSV or Parquet file: DuckDB writes both, whatever the database."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import IO, Any

import duckdb

from job.statements import SqlFiles
from job.tables import Column

LABEL = ("customer_unique_id", "segment", "segment_name")
MEMORY = "256MB"  # for DuckDB between a server and the file: room for some of Parquet's row groups


def converted(columns: Sequence[Column], target: Path, form: str) -> AbstractContextManager[IO[bytes]]:
    """Give a stream that takes customers as CSV without a header, and have them written to the target.

    NULL is an empty field, an empty text a quoted one. columns: the features', behind LABEL.
    """
    texts = [Column(name, "VARCHAR", required=True) for name in LABEL]
    return _written("convert", fields=[*texts, *columns], target=target, form=form)


def read_out(types: Mapping[str, str], target: Path) -> AbstractContextManager[IO[bytes]]:
    """Give a stream as `converted`, for the rows of a table. types: of its columns in the file, in DuckDB's words."""
    return _written("read_out", types=types, target=target)


@contextmanager
def _written(statement: str, **context: Any) -> Iterator[IO[bytes]]:
    reading, writing = os.pipe()
    [rendered] = SqlFiles("staging").render(statement, source=Path(f"/dev/fd/{reading}"), **context)
    with closing(duckdb.connect()) as connection, ThreadPoolExecutor(1) as pool:
        connection.execute(f"SET memory_limit = '{MEMORY}'; SET threads = 1")
        converting = pool.submit(_convert, connection, rendered, reading)
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
