"""What is remembered of the last night: of every record that the tables hold its hash, its key, and what it refers to.

It is a DuckDB file beside the job. Nothing is lost with it but a night's time, and it is believed only where it can be
proved to be of what the tables hold: see `state`.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb

from job.fingerprint import fingerprint
from job.staging.csvfiles import Format
from job.tables import Table, quoted

VERSION = 1  # of what is remembered, and how


def state(table: Table, written: Format, load: Mapping[str, Any]) -> str:
    """Return what stands for a table's rows, and for all that decides whether a record becomes one of them.

    load: what loaded_files has of the table's last load, with the checksum of the rows that it left.
    """
    return fingerprint([VERSION, duckdb.__version__, repr(table), repr(written), dict(load)])


def name(table: str) -> str:
    """Return the SQL name of what is remembered of a table, whose own name may differ from another's in case alone."""
    return f'"last_night".{quoted(fingerprint(table)[:32])}'


def file_name(database: str) -> str:
    """Return what the memory of a database is called. database: what stands for it."""
    return f"{database[:16]}.duckdb"


def columns(table: Table, tables: Iterable[Table]) -> list[str]:
    """Return the columns that are remembered: the key, what refers to others, and what others refer to."""
    referring = [column for reference in table.keys.references for column in reference.columns]
    referred = [
        column
        for other in tables
        for reference in other.keys.references
        if reference.parent == table.name
        for column in reference.parent_columns
    ]
    return list(dict.fromkeys([*table.keys.primary, *referring, *referred]))


def remembered(files: Iterable[Any], tables: Mapping[str, Table]) -> list[dict[str, Any]]:
    """Return what statements need to know of staged files to remember their records."""
    return [
        {"file": file, "known": name(file.table), "columns": columns(tables[file.table], tables.values())}
        for file in files
    ]


def prepare(draft: Path, before: Path | None = None) -> None:
    """Make room for the memory's new content, which begins with what a memory holds already. Raises OSError.

    Nobody but the user may read it: it holds customers' ids.
    """
    for left in (draft, draft.with_name(f"{draft.name}.wal")):  # by a process that was killed
        with suppress(FileNotFoundError):
            left.unlink()
    if before:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as target, before.open("rb") as source:
            shutil.copyfileobj(source, target, 1 << 20)
