"""What a load has done as it was told, and may not have been meant: said, not refused."""

from collections.abc import Mapping

from job.config import Load
from job.load.plan import Plan

SHRUNK = 0.5  # of a table's rows, or less, are left


def doubts(plan: Plan, load: Load, row_counts: Mapping[str, int]) -> list[str]:
    """Return a sentence for every table that has lost most of its rows to a file, or some of them to somebody else.

    row_counts: of the tables, after the load.
    """
    sentences = []
    for table, before in plan.row_counts.items():
        mode, rows = load.mode_of(table), row_counts[table]
        if mode == "mirror" and rows <= SHRUNK * before and before:
            sentences.append(
                f"table {table} has {rows:,} rows, and had {before:,}: its file lacks the others, and load.mode mirror "
                "deletes what a file lacks"
            )
        elif mode == "append" and 0 < before < plan.rows_left.get(table, 0):
            sentences.append(
                f"table {table} had {before:,} rows, and {plan.rows_left[table]:,} after its last load; what somebody "
                "has removed is not added again"
            )
    return sentences
