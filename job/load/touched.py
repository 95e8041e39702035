"""Which customers' features may come out otherwise, found as their records change: in touched_customers, a temporary
table, some more than once.
"""

from collections.abc import Collection, Mapping, Sequence

from job.load.context import LoadContext
from job.staging.area import StagedFile
from job.tables import Column, Table

FEW = 0.1  # of the rows: to look up the customers of more takes as long as to compute everybody's features
CUSTOMERS = Table("customers", [Column("customer_unique_id", "VARCHAR", required=True)])


def can_follow(context: LoadContext, files: Sequence[StagedFile]) -> bool:
    """Tell whether all can be found whose records the files change: the tables are as the last run has left them, and
    the files bring few records beside theirs and take none away.
    """
    plan = context.plan
    as_left = plan.standing.rows.keys() == set(plan.tables) and not plan.standing.edited
    few = sum(file.accepted for file in files) <= FEW * sum(plan.row_counts.values())
    return as_left and few and context.database.loads_differences and all(context.keeps(file.table) for file in files)


def make(context: LoadContext) -> None:
    """Make the table, where features come from tables of customers' records alone."""
    if context.of_customers:
        context.database.execute("stage", table=CUSTOMERS, staged="touched_customers")


def add(context: LoadContext, staged: Mapping[str, str]) -> None:
    """Add those whose features may come out otherwise, once these rows have changed or gone.

    Before they do and after it, as a row may have been one customer's and become another's. staged: tables with the
    rows' keys, by table.
    """
    if by := {table: of_table for table, of_table in staged.items() if table in context.of_customers}:
        context.database.execute("touched_by", staged=by)


def tells(context: LoadContext, changed: Collection[str]) -> bool:
    """Tell whether all are there, once these tables have changed; a shop's own SQL may read any table."""
    return bool(context.of_customers) and not (context.own_features and set(changed) - context.of_customers)
