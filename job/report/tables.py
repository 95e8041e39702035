"""The report's tables, and the facts on its cards, made of the figures. Pure: no database, no files."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from job.config import Lifecycle
from job.formats import Formats
from job.history import DoneRun
from job.model import rfm
from job.model.rfm import Cell, Cuts
from job.model.segment_model import SegmentModel
from job.model.segments import Move, MoveCounts
from job.report.figures import Fact, RfmGroups, transformed_centroids


class RfmRow(NamedTuple):
    """A group by scores."""

    name: str
    bounds: str
    customers: int
    share: float  # of all who have a score
    spend: float
    share_of_spend: float


def rfm_rows(groups: RfmGroups, formats: Formats) -> list[RfmRow]:
    """Return the groups that anybody is in, with who they are in days and orders, and in money where that counts; the
    most recent and most frequent first."""
    found = {row["rfm_group"]: row for row in groups.rows if row["rfm_group"] is not None}
    customers = sum(row["customers"] for row in found.values())
    spend = sum(float(row["spend"] or 0) for row in found.values())
    scores = {name: [cell for cell in groups.cells if cell.name == name] for name in found}
    rows = []
    for name in sorted(found, key=lambda each: max(((cell.r, cell.f) for cell in scores[each]), default=(0, 0)))[::-1]:
        row, own = found[name], float(found[name]["spend"] or 0)
        words = "" if name == rfm.OTHERS else _bounds(scores[name], groups.cuts, formats)
        share_of_spend = own / spend if spend else 0
        rows.append(RfmRow(name, words, row["customers"], row["customers"] / customers, own, share_of_spend))
    return rows


def _bounds(cells: Sequence[Cell], cuts: Cuts, formats: Formats) -> str:
    """Return the group's bounds in words; a score that may be any says nothing."""
    parts = []
    for column, letter in rfm.LETTERS.items():
        scores = {getattr(cell, letter) for cell in cells}
        if scores < set(rfm.SCORES):
            low, high = rfm.bounds(column, scores, cuts[column])
            if column != "monetary":  # whole numbers
                low, high = (math.floor(end) if math.isfinite(end) else end for end in (low, high))
            if (words := BOUNDS[column](low, high, formats)) not in parts:
                parts.append(words)
    return ", ".join(part for part in parts if part)


def _days(low: float, high: float, formats: Formats) -> str:
    first, last = (formats.number(end) if math.isfinite(end) else "" for end in (low + 1, high))
    if not last:
        return f"ordered {first} or more days ago" if first else ""
    return f"ordered {first} to {last} days ago" if first else f"ordered in the last {last} days"


def _orders(low: float, high: float, formats: Formats) -> str:
    first, last = (formats.number(end) if math.isfinite(end) else "" for end in (low + 1, high))
    if not last:
        return f"{first} or more orders" if first else ""
    if (first or "1") == last:
        return "1 order" if last == "1" else f"{last} orders"
    return f"{first or 1} to {last} orders"


def _money(low: float, high: float, formats: Formats) -> str:
    if low == -math.inf:
        return "" if high == math.inf else f"spent up to {formats.money(high)}"
    return f"spent over {formats.money(low)}" + ("" if high == math.inf else f" to {formats.money(high)}")


BOUNDS = {"recency_days": _days, "frequency": _orders, "monetary": _money}


MOST_MOVES = 6  # from a segment, that are listed


class MovesFrom(NamedTuple):
    """Where the customers of a segment went; None: of no segment, or to none."""

    before: str | None
    stayed: int
    moved: list[tuple[str | None, int]]  # to which segment, how many; the most first, and so many at most
    others: int  # who moved to yet others


def moves_from(moves: Sequence[Move]) -> list[MovesFrom]:
    """Return, for each segment that anybody left, and for those who came in, where they went; none where these are the
    first labels."""
    if not MoveCounts.of(moves).before:
        return []
    counts: dict[str | None, dict[str | None, int]] = {}
    for move in moves:
        after = counts.setdefault(move.before, {})
        after[move.after] = after.get(move.after, 0) + move.customers
    found = []
    for before in sorted(counts, key=lambda letter: (letter is None, letter)):
        stayed = counts[before].pop(before, 0)
        if moved := sorted(counts[before].items(), key=lambda pair: (-pair[1], pair[0] is None, pair[0])):
            others = sum(customers for _, customers in moved[MOST_MOVES:])
            found.append(MovesFrom(before, stayed, moved[:MOST_MOVES], others))
    return found


def fact_lines(facts: Sequence[Fact], formats: Formats) -> dict[str, list[tuple[str, str]]]:
    """Return, for each segment, the facts' names and what they say in words, figures first."""
    lines: dict[str, dict[tuple[bool, str], list[str]]] = {}
    for segment, fact, item, value in facts:
        text = formats.number(value, 2) if item is None else f"{item}\xa0{formats.share(value, 0)}"
        lines.setdefault(segment, {}).setdefault((item is not None, fact), []).append(text)
    return {
        segment: [(fact, ", ".join(texts)) for (_, fact), texts in sorted(by_fact.items())]
        for segment, by_fact in lines.items()
    }


def feature_rows(statistics: Sequence[Mapping[str, Any]], formats: Formats) -> list[tuple[str, str, list[str]]]:
    """Return each feature's name, how many customers have a value, and its least, mean, deviation and greatest value.

    Of the spend, the least and the greatest are some one customer's, and rounded.
    """
    rows = []
    for row in statistics:
        ends = formats.about if row["column"] == "monetary" else partial(formats.number, digits=2)
        middle = formats.money if row["column"] == "monetary" else partial(formats.number, digits=2)
        ways = {"low": ends, "mean": middle, "deviation": middle, "high": ends}
        cells = ["" if row[name] is None else way(row[name]) for name, way in ways.items()]
        rows.append((row["column"], formats.number(row["count"]), cells))
    return rows


def centroid_rows(model: SegmentModel) -> list[list[float]]:
    """Return, for each segment, where its centroid is on each axis, in the features' own units."""
    transformed = transformed_centroids(model)
    columns = [axis.raw(transformed[:, index]).tolist() for index, axis in enumerate(model.axes)]
    return [list(row) for row in zip(*columns, strict=True)]


def drift_rows(run: DoneRun, lifecycle: Lifecycle, formats: Formats) -> list[tuple[str, str, bool]]:
    """Return, for each feature and segment, what it is, how far it has drifted, and whether that is over the limit
    from which the config warns."""
    if not (drift := run.figures.get("drift")):
        return []
    return [
        *(
            (f"{column}: population stability index", formats.number(psi, 3), psi >= lifecycle.warn_psi)
            for column, psi in drift["psi"].items()
        ),
        *(
            (
                f"segment {letter}: share, in points",
                formats.number(100 * change, 2),
                abs(change) >= lifecycle.warn_share,
            )
            for letter, change in drift["share"].items()
        ),
    ]
