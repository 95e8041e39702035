"""Customers or rows as they are sent -> a CSV or Parquet file: DuckDB writes both, whatever the database."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import duckdb

from job import spreadsheets
from job.errors import DatabaseError
from job.statements import SqlFiles
from job.tables import Column

LABEL = ("customer_unique_id", "segment", "segment_name")
OF_SCORES, OF_VALUES = "rfm", "value"  # declared by columns that are no features
BROKEN_PIPE = "Broken pipe"  # in DuckDB's sentence
MEMORY = "256MB"  # for DuckDB between a server and the file: room for some of Parquet's row groups


SPACES = "^[\\s\\p{Z}\\p{Cf}]+|[\\s\\p{Z}\\p{Cf}]+$"  # around an address
# An address: its domain has a dot.
EMAIL = '[^@\\s<>(),;:"]+@[^@\\s<>(),;:".]+(\\.[^@\\s<>(),;:".]+)+'


@dataclass(frozen=True)
class Shape:
    """What is done to the texts of a file for people or ad platforms; nothing, if it is not asked for."""

    for_spreadsheets: bool = False
    hash_emails: bool = False


AS_IT_IS = Shape()


@dataclass
class Conversion:
    """A stream that takes customers or rows as CSV; once it has been closed, how many of them the file has."""

    stream: IO[bytes]
    customers: int = 0


def converted(
    columns: Sequence[Column], target: Path, form: str, shape: Shape | None = None
) -> AbstractContextManager[Conversion]:
    """Give a stream that takes customers as CSV, and have them written to the target.

    NULL is an empty field, an empty text a quoted one. columns: of the file. shape: left out, the CSV
    has no header, and values are written as they are.
    """
    texts = [field for field in columns if field.type.startswith("VARCHAR")]
    return _written(
        "convert",
        fields=columns,
        texts=texts,
        addresses=[text.name for text in texts if text.name not in LABEL[1:] and text.declared != OF_SCORES],
        target=target,
        form=form,
        has_header=shape is not None,
        shape=shape or AS_IT_IS,
        email=EMAIL,
        spaces=SPACES,
        spreadsheets=spreadsheets,
    )


def read_out(types: Mapping[str, str], target: Path) -> AbstractContextManager[Conversion]:
    """Give a stream that takes a table's rows as `converted` takes customers, without a header, and have them written.

    types: of the columns in the Parquet file, in DuckDB's words.
    """
    return _written("read_out", types=types, target=target)


@contextmanager
def _written(statement: str, **context: Any) -> Iterator[Conversion]:
    reading, writing = os.pipe()
    [rendered] = SqlFiles("staging").render(statement, source=Path(f"/dev/fd/{reading}"), **context)
    with closing(duckdb.connect()) as connection, ThreadPoolExecutor(1) as pool:
        connection.execute(f"SET memory_limit = '{MEMORY}'; SET threads = 1")
        converting = pool.submit(_convert, connection, rendered, reading)
        try:
            with os.fdopen(writing, "wb") as sink:
                conversion = Conversion(sink)
                yield conversion
        except (BrokenPipeError, duckdb.Error, DatabaseError) as error:
            if isinstance(error, BrokenPipeError) or BROKEN_PIPE in str(error):
                converting.result()  # which says why it has ended
            raise
        conversion.customers = converting.result()


def _convert(connection: duckdb.DuckDBPyConnection, statement: str, reading: int) -> int:
    try:
        [customers] = connection.execute(statement).fetchone() or (0,)
        return int(customers)
    finally:
        os.close(reading)  # who writes is told so
