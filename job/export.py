"""Every labelled customer, with features, or who moved, as CSV or Parquet: DuckDB writes both, whatever the database.

So the same labels are the same bytes everywhere. What is held in memory is bounded: a server sends its rows as they are
asked for, they go through a pipe to DuckDB, and from there to the file.
"""

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import duckdb

from job import files
from job.adapters.base import Exported
from job.errors import ConfigError, DatabaseError, DataError, is_disk_full
from job.tables import Column

if TYPE_CHECKING:
    from job.adapters.base import Database

LABEL = ("customer_unique_id", "segment", "segment_name")

# Types that are written as they are declared. Of others the text is, such as an array's.
KEPT = {
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
    "DECIMAL", "REAL", "DOUBLE", "BOOLEAN",
    "DATE", "TIMESTAMP", "VARCHAR",
}  # fmt: skip
MOVE = {
    **dict.fromkeys(("customer_unique_id", "from_segment", "to_segment"), "VARCHAR"),
    **{"monetary": "DOUBLE", "cause": "VARCHAR", "moved_at": "TIMESTAMP", "run_id": "VARCHAR"},
}
SCORES = {"r": "INTEGER", "f": "INTEGER", "m": "INTEGER", "rfm_group": "VARCHAR"}
OF_SCORES = "rfm"  # declared: tells them from features
OF_CAMPAIGN = "campaign"  # likewise, arms
OTHERWISE = {"FLOAT": "REAL", "NUMERIC": "DOUBLE"}


def labelled(database: "Database", campaigns: Sequence[str] = ()) -> Exported:
    """Return every labelled customer, by id. campaigns: that have begun, and get a column with the arm.

    Raises DataError where nobody is labelled, ConfigError where a feature has
    a name that the file gives otherwise."""
    columns = _columns(database)
    arms = [Column(f"campaign_{name}", "VARCHAR", required=False, declared=OF_CAMPAIGN) for name in campaigns]
    given = {column.name.lower() for column in columns}
    if ours := [arm.name for arm in arms if arm.name in given]:
        raise ConfigError(f"features.sql: the export gives the name {ours[0]} itself; call that column otherwise")
    columns += arms
    return Exported("exported", [*_texts(LABEL), *columns], {"columns": columns})


def moved(database: "Database", since: str) -> Exported:
    """Return who moved in the runs after the run `since`, run by run and by id, a customer as often as they moved."""
    return Exported(
        "exported_moves", [Column(name, kind, required=False) for name, kind in MOVE.items()], {"since": since}
    )


def write(database: "Database", rows: Exported, form: str, target: Path) -> int:
    """Write the file, whole or not at all, in place of one that is there; return how many rows it has.

    form: csv or parquet. Raises ConfigError where the file cannot be written.
    """
    try:
        if target.exists() and not target.is_file():
            raise ConfigError(f"{target} is no file; name one with --out")
        with files.replaced(target) as draft:
            draft.touch()  # which tells at once whether it can be written
            return database.export(rows, draft, form)
    except (OSError, duckdb.Error, DatabaseError) as error:
        if is_disk_full(error):
            raise DatabaseError(f"{target} cannot be written: the disk is full; make room and export again") from error
        if isinstance(error, OSError):
            raise ConfigError(f"{target} cannot be written ({error.strerror}); see --out") from error
        raise


def stream(database: "Database", rows: Exported, to: IO[bytes]) -> None:
    """Write the CSV to an open stream, as it comes."""
    reading, writing = os.pipe()
    with ThreadPoolExecutor(1) as pool:
        pumping = pool.submit(_pump, reading, to)
        try:
            database.export(rows, Path(f"/dev/fd/{writing}"), "csv")
        except Exception as error:
            os.close(writing)
            raise pumping.exception() or error from error  # who reads has seen enough
        except BaseException:
            os.close(writing)
            raise
        os.close(writing)
        pumping.result()


def _pump(reading: int, to: IO[bytes]) -> None:
    with os.fdopen(reading, "rb") as source:
        shutil.copyfileobj(source, to)
        to.flush()


def _texts(names: Sequence[str]) -> list[Column]:
    return [Column(name, "VARCHAR", required=True) for name in names]


def _columns(database: "Database") -> list[Column]:
    """Return the features' columns, each with the type that the file gives it. Raises as `labelled`."""
    if "customer_segments" not in database.own_tables() or not database.fetch("any_labelled"):
        raise DataError("no customer is labelled yet; clientela run labels them")
    features = database.columns(database.own.name("customer_features"))
    columns = [column for column in features if column.name != LABEL[0]]
    if ours := [column.name for column in columns if column.name.lower() in LABEL]:
        raise ConfigError(f"features.sql: the export gives the name {ours[0]} itself; call that column otherwise")
    return [*(replace(column, type=_type(column.type)) for column in columns), *_scores(database, columns)]


def _scores(database: "Database", features: Sequence[Column]) -> list[Column]:
    """Return the columns of customer_rfm; none where it is not there yet, or a feature has one of their names."""
    taken = {column.name.lower() for column in features}
    if "customer_rfm" not in database.own_tables() or taken & SCORES.keys():
        return []
    return [Column(name, kind, required=False, declared=OF_SCORES) for name, kind in SCORES.items()]


def _type(declared: str) -> str:
    kind = declared.partition("(")[0]
    return declared if kind in KEPT else OTHERWISE.get(kind, "VARCHAR")
