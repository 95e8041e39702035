"""Every customer's scores for recency, frequency and money, and the group that these make.

customer_rfm is a view of customer_features, the cut points of rfm_cuts and the names of rfm_groups: when all customers'
recency moves on by a day, one row is written.
"""

from typing import TYPE_CHECKING

from job.config import Config, Rfm
from job.model import rfm
from job.model.rfm import Cell, Cuts, Group

if TYPE_CHECKING:
    from job.adapters.base import Database


def make_view(database: "Database") -> None:
    """Make customer_rfm, where it is not there; customer_features must be."""
    if "customer_rfm" not in database.own_tables():
        database.execute("make_rfm_view")


def write(database: "Database", config: Config) -> Cuts:
    """Find the cut points in the features as they are, and write those and the groups' names where they have changed.

    Returns the cut points, rising, by column; None: nobody has a value.
    """
    cuts = {column: _cuts(database, config.rfm, column) for column in rfm.LETTERS}
    wanted = {f"{rfm.LETTERS[column]}{at}": cut for column, four in cuts.items() for at, cut in enumerate(four, 1)}
    if current_cuts(database) != cuts:
        database.execute("write_rfm_cuts", wanted, cuts=list(wanted))
    cells = cells_of(config)
    if current_groups(database) != cells:
        database.execute("write_rfm_groups", cells=cells)
    return cuts


def cells_of(config: Config) -> list[Cell]:
    """Return the group of every score, as the config has it."""
    return rfm.cells([Group(group.name, group.r, group.f, group.m) for group in config.rfm.groups])


def current_cuts(database: "Database") -> Cuts:
    """Return the cut points that customer_rfm goes by; empty before there are any."""
    return {
        column: tuple(row[f"{letter}{at}"] for at in range(1, 5))
        for row in database.fetch("current_rfm_cuts")
        for column, letter in rfm.LETTERS.items()
    }


def current_groups(database: "Database") -> list[Cell]:
    """Return the group of every score, as customer_rfm has it."""
    return [Cell(row["r"], row["f"], row["m"], row["rfm_group"]) for row in database.fetch("current_rfm_groups")]


def _cuts(database: "Database", own: Rfm, column: str) -> tuple[float | None, ...]:
    if given := getattr(own, column):
        return tuple(map(float, given))
    [row] = database.fetch("rfm_cut_points", column=column)
    return tuple(None if row[f"cut{at}"] is None else float(row[f"cut{at}"]) for at in range(4))
