"""What differs between the files and the tables that hold rows, applied to the tables."""

from collections.abc import Sequence
from dataclasses import dataclass

from job.adapters.base import Database
from job.errors import ConfigError
from job.load.context import LoadContext, staging_table
from job.load.plan import Plan
from job.load.tables import count_rows
from job.staging.area import StagedFile
from job.tables import Table


@dataclass(frozen=True)
class Changes:
    """How many rows of the shop's tables a load has inserted, updated and deleted."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(self.inserted + other.inserted, self.updated + other.updated, self.deleted + other.deleted)

    @property
    def rows(self) -> int:
        """How many in all."""
        return self.inserted + self.updated + self.deleted


def apply_differences(context: LoadContext, files: Sequence[StagedFile]) -> Changes:
    """Insert, update and delete what differs between the files' tables and their staged records.

    Parents get their rows before the children that refer to them, and lose them after. A table without a key is
    replaced; where records are added, nothing else changes.
    """
    database = context.database
    tables = [context.tables[file.table] for file in files]
    changes = Changes()
    for table in tables:
        database.analyze([staging_table(table.name)])
        if context.adds(table.name):
            staged = staging_table(table.name)
            changes += Changes(inserted=database.execute("insert_staged", table=table, staged=staged))
        else:
            changes += upsert(database, table) if table.keys.primary else _replace_rows(database, table)
    for table in reversed(tables):
        if table.keys.primary and context.settings.mode_of(table.name) == "mirror":
            gone = database.execute("delete_gone", table=table, staged=staging_table(table.name))
            changes += Changes(deleted=gone)
    return changes


def upsert(database: Database, table: Table) -> Changes:
    """Insert what is staged and new, and give what is there its values."""
    staged = staging_table(table.name)
    inserted = database.execute("insert_new", table=table, staged=staged)
    if all(column.name in table.keys.primary and not column.loose for column in table.columns):
        return Changes(inserted=inserted)
    return Changes(inserted=inserted, updated=database.execute("update_changed", table=table, staged=staged))


def _replace_rows(database: Database, table: Table) -> Changes:
    deleted = database.execute("empty_tables", tables=[table.name])
    inserted = database.execute("insert_staged", table=table, staged=staging_table(table.name))
    return Changes(inserted=inserted, deleted=deleted)


def make_tables_anew(context: LoadContext, files: Sequence[StagedFile]) -> Changes:
    """Drop all tables and fill new ones, where a parent's row and its children's cannot go in one transaction.

    Rows that stay are put aside, and inserted again. Raises ConfigError as `_other_children`.
    """
    database, plan = context.database, context.plan
    by_table = {file.table: file for file in files}
    kept = [table for table in plan.row_counts if context.keeps(table)]
    for name in kept:
        replaced_by = None if context.adds(name) else by_table[name]
        database.execute("keep_others", table=context.tables[name], file=replaced_by)
    database.execute("drop_tables", tables=[*plan.row_counts, *_other_children(database, plan)])
    plan.schema.make(database)
    changes = Changes(deleted=sum(plan.row_counts.values()))
    for name in plan.tables:
        if file := by_table.get(name):
            database.bulk_load(name, file, context.staging)
            changes += Changes(inserted=file.accepted)
        if name in kept:
            changes += Changes(deleted=-database.execute("insert_kept", table=context.tables[name]))
    return changes


def add_records(context: LoadContext, files: Sequence[StagedFile]) -> Changes:
    """Insert the files' records beside the rows that are there."""
    for file in files:
        context.database.bulk_load(file.table, file, context.staging)
    return Changes(inserted=sum(file.accepted for file in files))


def _other_children(database: Database, plan: Plan) -> list[str]:
    """Return the tables outside of load.tables that refer to its tables, and so must be made anew with them.

    Raises ConfigError where one of them has rows, which would be lost.
    """
    keys = database.keys()
    tables = list(plan.row_counts)
    for parent in tables:  # which grows: children have children
        for child, its_keys in keys.items():
            if child not in tables and parent in {reference.parent for reference in its_keys.references}:
                tables.append(child)
    children = tables[len(plan.row_counts) :]
    for child, rows in count_rows(database, children).items():
        if rows:
            raise ConfigError(
                f"load.tables must name {child}, too: it refers to a table that {database.title} has to make anew"
            )
    return children
