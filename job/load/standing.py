"""What stands in the tables: a number for the rows of each, by which changes that others make are seen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from job.adapters.base import Database
from job.fingerprint import fingerprint
from job.tables import Table


@dataclass(frozen=True)
class Rows:
    """How many rows there are, and the sum of their hashes."""

    count: int = 0
    checksum: int = 0

    def __add__(self, other: "Rows") -> "Rows":
        return Rows(self.count + other.count, self.checksum + other.checksum)

    def __sub__(self, other: "Rows") -> "Rows":
        return Rows(self.count - other.count, self.checksum - other.checksum)


def rows_of(database: Database, table: Table, among: str = "") -> Rows:
    """Return what stands in the columns that files fill: of all rows, or of those whose keys the table `among` has."""
    [row] = database.fetch(
        "rows_checksum", table=table.name, columns=table.columns, key=table.keys.primary, among=among
    )
    return Rows(int(row["rows"]), int(row["checksum"]))


@dataclass(frozen=True)
class Standing:
    """What the tables hold, and what their last loads left there; of those that have a checksum."""

    rows: Mapping[str, Rows] = field(default_factory=dict)
    loads: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # as last_loads.sql has them
    mirrored: frozenset[str] = frozenset()  # tables that are to hold what their files hold, and nothing else

    @property
    def edited(self) -> frozenset[str]:
        """The tables that others have changed since."""
        return frozenset(
            name
            for name, rows in self.rows.items()
            if (self.loads[name]["table_rows"], self.loads[name]["checksum"]) != (rows.count, str(rows.checksum))
        )

    @property
    def unproven(self) -> frozenset[str]:
        """The tables of which that is not known: a version without checksums has loaded them."""
        return frozenset(name for name, load in self.loads.items() if load["checksum"] is None)


def last_loads(database: Database, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return what was written down of the last load of each of the tables that was loaded."""
    loads: dict[str, list[dict[str, Any]]] = {}
    for row in database.fetch("last_loads"):
        loads.setdefault(row["table_name"], []).append(row)
    return {name: _as_one(of_last_run(loads[name])) for name in names if name in loads}


def of_last_run(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return, of what was written down of a table's files, the last run's: one row for each file that it loaded."""
    return [row for row in rows if row["run_id"] == rows[-1]["run_id"]]


def _as_one(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    if len(rows) == 1:
        return rows[0]
    sums = {key: sum(int(row[key]) for row in rows) for key in ("records", "rejected")}
    return {**rows[-1], **sums, "fingerprint": fingerprint(sorted(row["fingerprint"] for row in rows))}


def look(database: Database, tables: Iterable[Table], mirrored: Iterable[str]) -> Standing:
    """Read those of the tables that were loaded; the database must have a hash of rows. mirrored: by name."""
    by_name = {table.name: table for table in tables}
    loads = last_loads(database, by_name)
    known = [name for name, row in loads.items() if row["checksum"] is not None]
    return Standing({name: rows_of(database, by_name[name]) for name in known}, loads, frozenset(mirrored))


def sums_rows(database: Database) -> bool:
    """Tell whether the database has a hash of rows."""
    return "rows_checksum" in database.statements
