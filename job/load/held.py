"""A night that remembers nothing of the last: files are held against the tables' rows, which the database sends, so
that only what differs goes back into it.
"""

from collections.abc import Sequence
from dataclasses import replace

from job.load.context import LoadContext
from job.staging.area import StagedFile
from job.staging.difference import FEW, SHARE, Difference, Doubt


def can_be(context: LoadContext) -> bool:
    """Tell whether files can be held against the tables, which mirror them, and whose rows are summed up."""
    plan = context.plan
    summed = plan.standing.rows.keys() == set(plan.tables) == plan.standing.mirrored
    return context.database.reads_out and not plan.first and summed


def differences(context: LoadContext, files: Sequence[StagedFile]) -> list[Difference]:
    """Return what the tables are to get and to lose. Raises Doubt where that cannot be told, or is much."""
    for file in files:
        if not file.key:
            raise Doubt(f"table {file.table} has no key to tell its rows by")
        if any(column.loose or column.drops_spaces for column in file.columns if column.name in file.key):
            raise Doubt(f"keys of table {file.table} are the same in other letters, too")
    return [_difference(context, file) for file in files]


def _difference(context: LoadContext, file: StagedFile) -> Difference:
    found = context.staging.look("parquet_columns", path=file.path)
    staged = {row["column_name"]: row["column_type"] for row in found}
    rows, differing, gone = (file.path.with_suffix(f".{what}.parquet") for what in ("rows", "differing", "gone"))
    context.database.read_out(file.table, {column.name: staged[column.name] for column in file.columns}, rows)
    [counts] = context.staging.look("held_against", file=file, rows=rows, differing=differing, gone=gone)
    rows.unlink()
    if counts["strange"]:
        raise Doubt(f"{counts['strange']:,} rows of table {file.table} have values that no file has")
    if max(counts["differing"], counts["gone"]) > max(FEW, SHARE * counts["rows"]):
        differ = f"{counts['differing']:,} records of {file.source.name} differ, {counts['gone']:,} rows are in none"
        raise Doubt(f"of {counts['rows']:,} rows of table {file.table} {differ}")
    keys = [column for column in file.columns if column.name in file.key]
    lost = StagedFile(file.source, (), keys, (), gone, records=counts["gone"])
    return Difference(replace(file, path=differing), counts["differing"], lost, takes=True)
