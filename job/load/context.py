"""What the steps of a load work with."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from job import scratch
from job.adapters.base import Database
from job.config import Load
from job.files import Drafts
from job.load.plan import Plan
from job.staging.area import MAX_ALIKE_KEYS, MAX_ORPHAN_KEYS, StagedFile, Staging
from job.tables import Reference, Table


@dataclass(frozen=True)
class LoadContext:
    """What the steps of a load work with."""

    database: Database
    plan: Plan
    settings: Load
    rejects_folder: Path
    reject_files: Drafts  # of that folder, which take their places after the commit
    run_id: str
    tables: Mapping[str, Table]  # as the database declares them
    staging: Staging

    @property
    def merges(self) -> bool:
        """Tell whether tables may keep rows that their files lack."""
        return self.settings.mode == "merge" and not self.plan.first

    def accepts(self, file: StagedFile) -> bool:
        """Tell whether the file has no more bad records than it may have."""
        return file.rejected <= self.settings.allowed(file.records)


def staging_table(table: str) -> str:
    """Return the name of the temporary table that holds a file's records beside the table."""
    return f"staged_{table}"


@contextmanager
def opened_staging(database: Database, plan: Plan, load: Load, tables: Mapping[str, Table]) -> Iterator[Staging]:
    """Give the staging area; it asks the database for keys.

    That is where parents have rows that no file has, and where texts that differ may be the same key.
    """

    def keys_without_parent(reference: Reference, keys: StagedFile) -> Sequence[tuple[Any, ...]]:
        database.execute("stage_keys", reference=reference)
        database.bulk_load("staged_keys", keys, staging)
        rows = database.fetch("lacking_keys", reference=reference, limit=MAX_ORPHAN_KEYS + 1)
        return [tuple(row[column] for column in reference.parent_columns) for row in rows]

    def alike_keys(keys: StagedFile) -> Sequence[tuple[Any, ...]]:
        names = tuple(column.name for column in keys.columns)
        database.execute("stage_keys", reference=Reference(names, keys.table, names))
        database.bulk_load("staged_keys", keys, staging)
        rows = database.fetch("alike_keys", columns=names, limit=MAX_ALIKE_KEYS + 1)
        return [tuple(row[column] for column in ("group", *names)) for row in rows]

    parents = {reference.parent for table in tables.values() for reference in table.keys.references}
    beyond_files = parents if load.mode == "merge" and not plan.first else parents - tables.keys()
    drop_rejected = load.on_error == "quarantine"
    folder = scratch.folder() / "staging"
    with closing(Staging(folder, drop_rejected, beyond_files, keys_without_parent, alike_keys)) as staging:
        yield staging
