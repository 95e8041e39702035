"""Labelled customers, with features, or who moved, as CSV or Parquet: DuckDB writes both, whatever the database.

So the same labels are the same bytes everywhere. What is held in memory is bounded: a server sends its rows as they are
asked for, they go through a pipe to DuckDB, and from there to the file.
"""

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import IO, TYPE_CHECKING, NamedTuple

import duckdb

from job import files, history
from job.adapters.base import Exported
from job.errors import ConfigError, DatabaseError, DataError, is_disk_full
from job.staging.conversion import AS_IT_IS, LABEL, OF_SCORES, OF_VALUES, Shape, converted
from job.tables import EVERYBODY, Column, Whose

if TYPE_CHECKING:
    from job.adapters.base import Database

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
OF_CAMPAIGN = "campaign"  # declared by arms, which are no features either
VALUES = {"order_chance": "DECIMAL(6,4)", "expected_orders": "DECIMAL(12,6)", "expected_revenue": "DECIMAL(18,2)"}
OTHERWISE = {"FLOAT": "REAL", "NUMERIC": "DOUBLE"}
HELD = 65_536  # bytes of a stream that wait for the end of what may be refused yet


@dataclass(frozen=True)
class Export:
    """What a file is to hold, and how it is written."""

    form: str = "csv"  # or parquet
    shape: Shape = AS_IT_IS
    whose: Whose = EVERYBODY
    campaigns: tuple[str, ...] = ()  # that have begun, and get a column with the arm
    moved_since: str | None = None  # a run: in place of customers, who moved in those after it


class Count(NamedTuple):
    """How many customers a file has, and how many are left out, as they have no address to be hashed."""

    customers: int
    left_out: int


AS_CSV = Export()


def whose(database: "Database", segment: str, moved_in: bool) -> Whose:
    """Return the customers of a segment, by its letter or name; moved_in: those whom the last run brought into it.

    Raises ConfigError where there is no such segment, DataError where no run has labelled customers.
    """
    segments = history.require_last_done(database).segments
    for known in segments:
        if segment in (known.segment, known.name):
            return Whose(known.segment, moved_in)
    listed = ", ".join(f"{known.segment} ({known.name})" for known in segments)
    raise ConfigError(f"--segment {segment}: there is no such segment; there are {listed}")


def write(database: "Database", target: Path, export: Export = AS_CSV) -> Count:
    """Write the file, whole or not at all, in place of one that is there; return whom it has.

    Raises DataError where no customer is labelled, or none has an address to be hashed, ConfigError where the file
    cannot be written.
    """
    rows = _rows(database, export)
    try:
        if target.exists() and not target.is_file():
            raise ConfigError(f"{target} is no file; name one with --out")
        with files.replaced(target) as draft:
            draft.touch()  # which tells at once whether it can be written
            return _export(database, rows, draft, export)
    except (OSError, duckdb.Error, DatabaseError) as error:
        if is_disk_full(error):
            raise DatabaseError(f"{target} cannot be written: the disk is full; make room and export again") from error
        if isinstance(error, OSError):
            raise ConfigError(f"{target} cannot be written ({error.strerror}); see --out") from error
        raise


def stream(database: "Database", to: IO[bytes], export: Export = AS_CSV) -> Count:
    """Write the CSV to an open stream, as it comes; return whom it has.

    Raises DataError as `write`, DatabaseError where the stream's disk is full.
    """
    try:
        return _stream(database, to, export)
    except OSError as error:
        if is_disk_full(error):
            raise DatabaseError("stdout cannot be written: the disk is full; make room and export again") from error
        raise


def _stream(database: "Database", to: IO[bytes], export: Export) -> Count:
    rows = _rows(database, export)
    reading, writing = os.pipe()
    refused = Event()
    with ThreadPoolExecutor(1) as pool:
        pumping = pool.submit(_pump, reading, to, refused)
        try:
            count = _export(database, rows, Path(f"/dev/fd/{writing}"), export)
        except Exception as error:
            refused.set()
            os.close(writing)
            raise pumping.exception() or error from error  # who reads has seen enough
        except BaseException:
            os.close(writing)
            raise
        os.close(writing)
        pumping.result()
    return count


def _pump(reading: int, to: IO[bytes], refused: Event) -> None:
    with os.fdopen(reading, "rb") as source:
        held = source.read(HELD)
        if refused.is_set() and len(held) < HELD:
            return  # not even a header
        to.write(held)
        shutil.copyfileobj(source, to)
        to.flush()


def _export(database: "Database", rows: Exported, target: Path, export: Export) -> Count:
    if export.shape == AS_IT_IS:
        return Count(database.export(rows, target, export.form), left_out=0)
    with converted(rows.columns, target, export.form, export.shape) as file:
        found = database.export(rows, Path(f"/dev/fd/{file.stream.fileno()}"), "csv")
    if found and not file.customers:
        raise DataError(
            "no customer has an e-mail address: neither an id nor a text among the features is one; --hash-emails "
            "needs ids that are addresses, or features.sql with a column of them"
        )
    return Count(file.customers, found - file.customers)


def _rows(database: "Database", export: Export) -> Exported:
    """Return the rows that the file is to have: customers by id, or moves, run by run and by id. Raises as `write`."""
    if export.moved_since:
        moves = [Column(name, kind, required=False) for name, kind in MOVE.items()]
        return Exported("exported_moves", moves, {"since": export.moved_since})
    columns = _columns(database)
    arms = [Column(f"campaign_{name}", "VARCHAR", required=False, declared=OF_CAMPAIGN) for name in export.campaigns]
    given = {column.name.lower() for column in columns}
    if ours := [arm.name for arm in arms if arm.name in given]:
        raise ConfigError(f"features.sql: the export gives the name {ours[0]} itself; call that column otherwise")
    columns += arms
    label = [Column(name, "VARCHAR", required=True) for name in LABEL]
    return Exported("exported", [*label, *columns], {"columns": columns, "whose": export.whose})


def _columns(database: "Database") -> list[Column]:
    """Return the features' columns, each with the type that the file gives it. Raises as `write`."""
    if "customer_segments" not in database.own_tables() or not database.fetch("any_labelled"):
        raise DataError("no customer is labelled yet; clientela run labels them")
    features = database.columns(database.own.name("customer_features"))
    columns = [column for column in features if column.name != LABEL[0]]
    if ours := [column.name for column in columns if column.name.lower() in LABEL]:
        raise ConfigError(f"features.sql: the export gives the name {ours[0]} itself; call that column otherwise")
    return [
        *(replace(column, type=_type(column.type)) for column in columns),
        *_scores(database, columns),
        *_values(database, columns),
    ]


def _scores(database: "Database", features: Sequence[Column]) -> list[Column]:
    """Return the columns of customer_rfm; none where it is not there yet, or a feature has one of their names."""
    taken = {column.name.lower() for column in features}
    if "customer_rfm" not in database.own_tables() or taken & SCORES.keys():
        return []
    return [Column(name, kind, required=False, declared=OF_SCORES) for name, kind in SCORES.items()]


def _values(database: "Database", features: Sequence[Column]) -> list[Column]:
    """Return the columns of customer_value; none where it has no rows, or a feature has one of their names."""
    taken = {column.name.lower() for column in features}
    own = database.own_tables()
    if "customer_value" not in own or taken & VALUES.keys() or not database.fetch("any_valued"):
        return []
    return [Column(name, kind, required=False, declared=OF_VALUES) for name, kind in VALUES.items()]


def _type(declared: str) -> str:
    kind = declared.partition("(")[0]
    return declared if kind in KEPT else OTHERWISE.get(kind, "VARCHAR")
