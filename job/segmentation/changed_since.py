"""Whose records have changed since the last run, in tables that something else fills (features.changed_since).

A column tells the rows that have changed since. That no others are gone, have come late or have become another
customer's is seen by a sum over the rows that the last run knew, by the time at which they were made.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import structlog

from job import history
from job.adapters.base import Database
from job.config import Config
from job.errors import ConfigError, DatabaseError, TransientError
from job.history import DoneRun
from job.segmentation import features
from job.staging.difference import Doubt
from job.tables import Name, quoted

# A change has the time at which it was begun, and is seen when it is committed: within this. It is more than the hours
# between a column's time zone and the session's, too.
SETTLED = timedelta(days=1)
SAMPLE = 100  # customers


@dataclass(frozen=True)
class Records:
    """A table of features.changed_since, as statements need it."""

    name: Name
    key: str  # SQL of the table's columns: the customer's id in a row
    column: str
    created: str


@dataclass(frozen=True)
class Standing:
    """What a run found in such a table."""

    table: dict[str, Any]  # what the config says of it
    mark: str | None  # rows that change later have this time, or a later one; None: nothing has settled
    known_to: str | None  # the last time at which a row was made
    rows: int
    checksum: str  # of all rows: their customers, and when they were made


@dataclass(frozen=True)
class Found:
    """What stands in such a table, and what of that the last run knew: how many rows, and their checksum."""

    now: Standing
    known: tuple[int, str]


def look(database: Database, config: Config, last: DoneRun | None) -> list[Found]:
    """Return what stands in the tables, in the config's order: before the features are computed from them.

    Empty where the database has no hash of rows. Raises as `tables`.
    """
    if "rows_checksum" not in database.statements:
        return []
    declared, before = config.features.changed_since, _before(config, last)
    found = []
    for number, records in enumerate(tables(database, config)):
        values = {"settled": history.now() - SETTLED, "known_to": before[number].known_to if before else None}
        [row] = database.fetch("look_at_records", values, records=records)
        known, since = int(row["checksum_before"]), int(row["checksum_since"])
        now = Standing(
            declared[number].model_dump(), row["mark"], row["known_to"], int(row["rows"]), str(known + since)
        )
        found.append(Found(now, (int(row["rows_before"]), str(known))))
    return found


def tables(database: Database, config: Config) -> list[Records]:
    """Return the tables, in the config's order.

    Raises ConfigError where one is not there or lacks a column, or a customer's id cannot be computed.
    """
    found = []
    for since in config.features.changed_since:
        columns = database.columns(since.name)
        since.require_columns(columns)
        is_column = since.key in {column.name for column in columns}
        key = f"{quoted(since.name)}.{quoted(since.key)}" if is_column else f"(\n{since.key}\n)"
        records = Records(since.name, key, since.column, since.created or since.column)
        try:
            database.fetch("key_probe", target=records)
        except DatabaseError as error:
            if is_column or isinstance(error, TransientError):
                raise
            raise ConfigError(
                f"features.changed_since: {since.key} is no column of table {since.table}, nor an expression of its "
                f"columns that gives the customer's id: {error}"
            ) from error
        found.append(records)
    return found


def _before(config: Config, last: DoneRun | None) -> list[Standing]:
    """Return what the last run found in the same tables; empty: it has not looked, or not at them."""
    found = [Standing(**each) for each in (last and last.figures.get("changed_since")) or ()]
    declared = [since.model_dump() for since in config.features.changed_since]
    return found if [each.table for each in found] == declared else []


def stage(database: Database, config: Config, last: DoneRun | None, found: Sequence[Found], full: bool) -> bool:
    """Make touched_customers of those whose records have changed since the last run; False: of whom is not sure.

    found: by `look`. full: all features are asked for. The log's event `night` has the way, and why it is the full one.
    """
    try:
        if full:
            raise Doubt("it was asked for")
        if doubt := features.doubt(database, config, last.figures if last else {}):
            raise Doubt(doubt)
        customers = _stage(database, config, _before(config, last), found)
    except Doubt as doubt:
        if last:
            structlog.get_logger().info("night", way="full", reason=str(doubt))
        return False
    structlog.get_logger().info("night", way="incremental", customers=customers)
    return True


def _stage(database: Database, config: Config, before: Sequence[Standing], found: Sequence[Found]) -> int:
    if not found:
        raise Doubt(f"{database.title} has no hash of rows")
    if not before:
        raise Doubt("the last run has left nothing to compare the tables of features.changed_since with")
    for then, now in zip(before, found, strict=True):
        name = then.table["table"]
        if then.mark is None:
            raise Doubt(f"nothing in {name}.{then.table['column']} was older than a day at the last run")
        if (then.rows, then.checksum) != now.known:
            raise Doubt(
                f"of table {name} the last run knew {then.rows:,} rows, made up to {then.known_to}; now it has "
                f"{now.known[0]:,}: some are gone, have come late, were made at another time or are another customer's"
            )
    marks = {f"mark_{number}": then.mark for number, then in enumerate(before)}
    return database.execute("stage_touched", marks, tables=tables(database, config))


def kept(database: Database, config: Config, found: Sequence[Found]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return for the record what the next run compares with, and a warning where it cannot.

    To be called where all features were computed: their customers must be those of the tables.
    """
    customers = [row["customer_unique_id"] for row in database.fetch("first_counted", limit=SAMPLE, touched=False)]
    if not customers:
        return figures(found), []
    rows = database.fetch("customers_with_records", tables=tables(database, config), customers=customers)
    if lacking := set(customers) - {row["customer_unique_id"] for row in rows}:
        return [], [
            f"features.changed_since: of {len(customers)} customers {len(lacking)} have no row in its tables: name all "
            "tables that customers come from, and keys that give what the features' SQL gives; until then a run "
            "computes all features"
        ]
    return figures(found), []


def figures(found: Sequence[Found]) -> list[dict[str, Any]]:
    """Return for the record what the next run compares with."""
    return [asdict(each.now) for each in found]
