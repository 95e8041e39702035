"""Groups of customers by their scores for recency, frequency and money, 1 to 5. Pure: no database, no files."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import NamedTuple

LETTERS = {"recency_days": "r", "frequency": "f", "monetary": "m"}
Cuts = Mapping[str, Sequence[float | None]]  # four rising values by column; None: nobody has a value
Span = tuple[int, int]  # of scores, both included
SCORES = range(1, 6)
OTHERS = "Others"  # who fit no group
# By recency's score and, from 1 to 5, frequency's.
GRID = {
    5: ("New", "Potential Loyalist", "Potential Loyalist", "Champion", "Champion"),
    4: ("Promising", "Potential Loyalist", "Potential Loyalist", "Loyal", "Loyal"),
    3: ("About to Sleep", "About to Sleep", "Need Attention", "Loyal", "Loyal"),
    2: ("Hibernating", "Hibernating", "At Risk", "At Risk", "Can't Lose"),
    1: ("Hibernating", "Hibernating", "At Risk", "At Risk", "Can't Lose"),
}
FEWEST = 3  # different cut points of a score that tells customers apart


class Group(NamedTuple):
    """A group of one's own: its name, and the scores that it is for."""

    name: str
    r: Span
    f: Span
    m: Span


class Cell(NamedTuple):
    """The group of three scores."""

    r: int
    f: int
    m: int
    name: str


def cells(groups: Sequence[Group]) -> list[Cell]:
    """Return the group of every three scores: the first of these that they fit; without any, those of GRID."""

    def name(r: int, f: int, m: int) -> str:
        fitting = (
            group.name
            for group in groups
            if all(low <= score <= high for score, (low, high) in ((r, group.r), (f, group.f), (m, group.m)))
        )
        return next(fitting, OTHERS) if groups else GRID[r][f - 1]

    return [Cell(r, f, m, name(r, f, m)) for r, f, m in product(SCORES, SCORES, SCORES)]


def bounds(column: str, scores: Iterable[int], cuts: Sequence[float | None]) -> tuple[float, float]:
    """Return over which value, and up to which, a column has one of these scores; infinite: no bound."""
    low, high = min(scores := list(scores)), max(scores)
    if column == "recency_days":  # the fewer days, the higher the score
        low, high = 6 - high, 6 - low
    edges = [-math.inf, *(math.inf if cut is None else cut for cut in cuts), math.inf]
    return edges[low - 1], edges[high]


def doubts(cuts: Cuts) -> list[tuple[str, int]]:
    """Return the columns whose scores tell few customers apart, with how many kinds of them; 0: nobody has a value."""
    found = []
    for column in LETTERS:
        different = {cut for cut in cuts[column] if cut is not None}
        if len(different) < FEWEST:
            found.append((column, len(different) + 1 if different else 0))
    return found
