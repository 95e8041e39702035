"""The report's tables, and the facts on its cards, made of the figures. Pure: no database, no files."""

from collections.abc import Sequence
from dataclasses import dataclass

from job.config import Lifecycle
from job.formats import Formats
from job.history import DoneRun
from job.model.segment_model import SegmentModel
from job.model.segments import Move, MoveCounts, Segment
from job.report.figures import Fact, transformed_centroids


@dataclass(frozen=True)
class MoveTable:
    """Customers by the segment before (a row) and the one now (a column); None: in no segment."""

    rows: list[str | None]
    columns: list[str | None]
    counts: dict[tuple[str | None, str | None], int]
    totals: dict[str | None, int]  # of the rows


def move_table(moves: Sequence[Move]) -> MoveTable | None:
    """Return who moved where; None where these are the first labels."""
    if not MoveCounts.of(moves).before:
        return None
    counts: dict[tuple[str | None, str | None], int] = {}
    for move in moves:
        pair = move.before, move.after
        counts[pair] = counts.get(pair, 0) + move.customers
    rows, columns = (
        sorted({pair[side] for pair in counts}, key=lambda letter: (letter is None, letter)) for side in (0, 1)
    )
    totals = {row: sum(counts.get((row, column), 0) for column in columns) for row in rows}
    return MoveTable(rows, columns, counts, totals)


def totals(segments: Sequence[Segment]) -> dict[str, float]:
    """Return the figures of all segments together: customers, spend, mean_orders, mean_recency_days."""
    customers = sum(segment.customers for segment in segments)
    means = {
        name: sum(getattr(segment, name) * segment.customers for segment in segments if segment.customers)
        / max(customers, 1)
        for name in ("mean_orders", "mean_recency_days")
    }
    return {"customers": customers, "spend": sum(segment.spend for segment in segments), **means}


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
