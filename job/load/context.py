"""What the steps of a load work with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from job import scratch
from job.adapters.base import Database
from job.config import Load
from job.files import Drafts
from job.fingerprint import fingerprint
from job.load.plan import Plan
from job.staging.area import MAX_KEYS, BeyondFiles, StagedFile, Staging
from job.tables import Reference, Table

Area = TypeVar("Area", bound=Staging)

LONGEST_NAME = 63  # bytes of a table's name


@dataclass(frozen=True)
class LoadTask:
    """What is to be loaded, and into what."""

    database: Database
    plan: Plan
    settings: Load
    rejects_folder: Path
    memory: Path  # the file that remembers the last night
    drafts: Drafts  # of files in that folder, and of the memory, which take their places after the commit
    run_id: str
    tables: Mapping[str, Table]  # as the database declares them
    of_customers: frozenset[str]  # tables of a customer's records, where features come from these alone; else none
    own_features: bool  # by a shop's own SQL, which may read any table

    def with_staging(self, staging: Staging) -> "LoadContext":
        """Return what the steps of the load work with."""
        return LoadContext(**vars(self), staging=staging)


@dataclass(frozen=True)
class LoadContext(LoadTask):
    """What the steps of a load work with."""

    staging: Staging

    def keeps(self, table: str) -> bool:
        """Tell whether the table has rows that may stay though its file lacks them."""
        return self.settings.mode_of(table) != "mirror" and self.plan.row_counts.get(table, 0) > 0

    def adds(self, table: str) -> bool:
        """Tell whether the file's records are added to the table's rows, whatever these are."""
        return self.settings.mode_of(table) == "append"

    def sums(self, table: str) -> bool:
        """Tell whether the sum of the table's rows is kept, by which changes that others make are seen."""
        return "rows_checksum" in self.database.statements and (
            self.settings.mode_of(table) == "mirror" or (self.database.loads_differences and bool(self.of_customers))
        )

    def accepts(self, file: StagedFile) -> bool:
        """Tell whether the file has no more bad records than it may have."""
        return file.rejected <= self.settings.allowed(file.records)


def staging_table(table: str) -> str:
    """Return the name of the temporary table that holds a file's records beside the table.

    No engine takes more than 63 bytes for sure; and the shop may have a staged_orders beside its orders.
    """
    name = f"clientela_{table}"
    return name if len(name.encode()) <= LONGEST_NAME else f"clientela_{fingerprint(table)[:32]}"


@contextmanager
def opened_staging(task: LoadTask, make: Callable[[Path, bool, BeyondFiles], Area]) -> Iterator[Area]:
    """Give the staging area that is made of a folder, drop_rejected and BeyondFiles; it asks the database for keys.

    That is where parents have rows that no file has, and where texts that differ may be the same key.
    """

    database, plan, load, tables = task.database, task.plan, task.settings, task.tables

    def stage(reference: Reference, keys: StagedFile) -> None:
        database.execute("stage_keys", reference=reference)
        database.bulk_load("staged_keys", keys, staging)

    def alike(reference: Reference, keys: StagedFile) -> Sequence[tuple[Any, ...]]:
        stage(reference, keys)
        rows = database.fetch("alike_keys", columns=reference.columns, limit=MAX_KEYS + 1)
        return [(row["group"], *values) for row, values in zip(rows, _values(reference, rows), strict=True)]

    def lacking(reference: Reference, keys: StagedFile) -> Sequence[tuple[Any, ...]]:
        stage(reference, keys)
        return _values(reference, database.fetch("lacking_keys", reference=reference, limit=MAX_KEYS + 1))

    def present(reference: Reference, keys: StagedFile) -> Sequence[tuple[Any, ...]]:
        stage(reference, keys)
        return _values(reference, database.fetch("present_keys", reference=reference, limit=MAX_KEYS + 1))

    kept = {table for table, rows in plan.row_counts.items() if rows and load.mode_of(table) != "mirror"}
    parents = {reference.parent for table in tables.values() for reference in table.keys.references}
    beyond_files = BeyondFiles(
        parents={parent for parent in parents if parent not in tables or parent in kept},
        added_to={name for name in kept if tables[name].keys.primary and load.mode_of(name) == "append"},
        alike=alike,
        lacking=lacking,
        present=present,
    )
    drop_rejected = load.on_error == "quarantine"
    with closing(make(scratch.folder() / "staging", drop_rejected, beyond_files)) as staging:
        yield staging


def _values(reference: Reference, rows: Sequence[Mapping[str, Any]]) -> Sequence[tuple[Any, ...]]:
    return [tuple(row[column] for column in reference.parent_columns) for row in rows]
