"""The report's tables, and the facts on its cards, made of the figures. Pure: no database, no files."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from job.config import Lifecycle
from job.formats import Formats
from job.history import DoneRun
from job.model.segment_model import SegmentModel
from job.model.segments import Move, MoveCounts
from job.report.figures import Fact, transformed_centroids

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
