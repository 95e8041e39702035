"""A Parquet file -> the same records as CSV, so that one reader checks all files. Nothing is rounded on the way."""

import tempfile
from contextlib import closing
from pathlib import Path
from typing import Protocol

import duckdb

from job import interrupt
from job.errors import DataError
from job.staging.values import Values
from job.statements import SqlFiles

CHUNK = 1 << 20  # bytes
NESTED = ("STRUCT", "MAP", "UNION", "BLOB", "BIT", "VARIANT", "GEOMETRY")
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL")


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return the next ones."""


def to_csv(stream: Readable, name: str, target: Path, delimiter: str, values: Values, limit: int | None = None) -> int:
    """Write the records of a Parquet file as CSV, with a header; return how many. limit: so many at most.

    Numbers are written as `values` declares that texts have them, and moments in UTC. Raises DataError where it is no
    Parquet file, or has a column that no table's column takes.
    """
    with (
        tempfile.NamedTemporaryFile(dir=target.parent, suffix=".parquet") as copy,
        closing(duckdb.connect()) as session,
    ):
        while chunk := stream.read(CHUNK):
            copy.write(chunk)
        copy.flush()
        for setting in ("threads = 1", "TimeZone = 'UTC'", "memory_limit = '512MB'", "enable_progress_bar = false"):
            session.execute(f"SET {setting}")
        sql = SqlFiles("staging")
        try:
            with interrupt.cancellable(session.interrupt):
                [described] = sql.render("parquet_columns", path=copy.name)
                columns = [(row[0], row[1]) for row in session.execute(described).fetchall()]
                if nested := [(column, kind) for column, kind in columns if "[" in kind or kind.startswith(NESTED)]:
                    column, kind = nested[0]
                    raise DataError(
                        f"{name}: column {column} is {kind}, which no column of a table takes; leave it out"
                    )
                written = [(column, _kind(kind)) for column, kind in columns]
                context = {"path": copy.name, "target": target, "columns": written, "decimal": values.decimal}
                [statement] = sql.render("parquet_csv", **context, delimiter=delimiter, limit=limit)
                [(records,)] = session.execute(statement).fetchall()
        except duckdb.Error as error:
            reason = str(error).splitlines()[0].replace(copy.name, name)
            raise DataError(f"{name} cannot be read as Parquet ({reason}); get the file again") from error
    return int(records)


def _kind(type_: str) -> str:
    if type_ == "TIMESTAMP WITH TIME ZONE":
        return "moment"
    return "number" if type_.startswith(NUMBERS) else "other"
