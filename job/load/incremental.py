"""The short way of a night: what differs between the files and last night's is brought into tables that are as it left
them. Where a premise is doubted, the night goes the full way.
"""

from collections.abc import Sequence

from job.load import remembered, touched
from job.load.apply import Changes, upsert
from job.load.context import LoadContext, staging_table
from job.load.copy import copy_beside
from job.load.standing import Rows, rows_of
from job.staging.area import StagedFile
from job.staging.difference import Difference, Differences, Doubt
from job.tables import Reference


def stage_differences(context: LoadContext, staging: Differences) -> list[Difference]:
    """Return what the files that have changed bring, and what they lack. Raises Doubt, and as `Staging.stage`."""
    plan = context.plan
    staging.require_states(remembered.states(context, plan.standing.loads))
    files = staging.stage_all(plan.files, plan.complete, context.tables)
    if bad := [file.source.name for file in files if not context.accepts(file)]:
        raise Doubt(f"{', '.join(bad)} has bad records")
    differences = [staging.difference(file) for file in files]
    if not context.database.loads_differences:
        staging.doubt_rows_in_place(context.tables, {row["table"] for row in context.database.fetch("unique_columns")})
    return differences


def apply(context: LoadContext, differences: Sequence[Difference]) -> tuple[Changes, dict[str, Rows]]:
    """Bring what is new into the tables, parents first, and take out what is gone, children first.

    Returns what has changed, and what stands in the tables now. Where `touched.tells` so, touched_customers has whose
    features may have changed.
    """
    changes, standing = Changes(), dict(context.plan.standing.rows)
    touched.make(context)
    brought = [difference for difference in differences if difference.new]
    with context.database.looking_up():
        for difference in brought:
            copy_beside(context, difference.file)
            done, change = _bring(context, difference.table, difference.takes)
            changes, standing[difference.table] = changes + done, standing[difference.table] + change
        touched.add(context, {difference.table: staging_table(difference.table) for difference in brought})
        for difference in reversed(differences):
            if difference.gone.records:
                done, change = _take_out(context, difference.gone)
                changes, standing[difference.table] = changes + done, standing[difference.table] + change
    return changes, standing


def add(context: LoadContext, files: Sequence[StagedFile]) -> tuple[Changes, dict[str, Rows]]:
    """Bring the files' records, which are beside the tables and can be followed; returns as `apply`."""
    changes, standing = Changes(), dict(context.plan.standing.rows)
    touched.make(context)
    with context.database.looking_up():
        for file in files:
            done, change = _bring(context, file.table, takes=not context.adds(file.table))
            changes, standing[file.table] = changes + done, standing[file.table] + change
        touched.add(context, {file.table: staging_table(file.table) for file in files})
    return changes, standing


def _bring(context: LoadContext, name: str, takes: bool) -> tuple[Changes, Rows]:
    """Bring into a table what is beside it. takes: rows may get other values; else none has a key that is there."""
    database, table, staged = context.database, context.tables[name], staging_table(name)
    database.analyze([staged])
    among = staged if table.keys.primary else ""  # without a key, a row cannot be told from others: all are summed up
    before = rows_of(database, table, among) if takes or not among else Rows()
    if takes:
        touched.add(context, {table.name: staged})
        changes = upsert(database, table)
    else:
        changes = Changes(inserted=database.execute("insert_staged", table=table, staged=staged))
    return changes, rows_of(database, table, among) - before


def _take_out(context: LoadContext, gone: StagedFile) -> tuple[Changes, Rows]:
    database, table = context.database, context.tables[gone.table]
    database.execute("stage_keys", reference=Reference(table.keys.primary, table.name, table.keys.primary))
    database.bulk_load("staged_keys", gone, context.staging)
    database.analyze(["staged_keys"])
    rows = rows_of(database, table, among="staged_keys")
    touched.add(context, {table.name: "staged_keys"})
    return Changes(deleted=database.execute("delete_listed", table=table)), Rows() - rows
