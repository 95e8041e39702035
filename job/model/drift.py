"""How far the customers have moved away from the model. Pure: no database, no files.

The names of coordinates, and of shapes, are explained in points.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from job.model.points import Points
from job.model.quality import rounded
from job.model.refit import labels_of
from job.model.segment_model import Axis, Bins, Floats, Integers, SegmentModel

if TYPE_CHECKING:
    from job.config import Lifecycle

LEAST_SHARE = 0.0001  # of a bin: an empty one would make the index infinite


@dataclass(frozen=True)
class Drift:
    """Today's customers against those that the model was fitted on."""

    psi: Mapping[str, float]  # by feature: the population stability index, without a unit; 0: distributed alike
    share: Mapping[str, float]  # by segment: today's share of the customers less that at the fit

    def over(self, psi: float | None, share: float | None) -> list[str]:
        """Return a sentence for everything that has drifted by this much; None: it has no limit."""
        columns = [
            f"{column} is distributed otherwise than when the model was fitted: population stability index {value:.2f}"
            for column, value in self.psi.items()
            if psi is not None and value >= psi
        ]
        return columns + [
            f"segment {letter} has {value * 100:+.1f} points of the customers since the model was fitted"
            for letter, value in self.share.items()
            if share is not None and abs(value) >= share
        ]

    def warnings(self, lifecycle: "Lifecycle") -> list[str]:
        """Return what the run warns of."""
        return self.over(lifecycle.warn_psi, lifecycle.warn_share)

    def stops(self, lifecycle: "Lifecycle") -> list[str]:
        """Return what the run ends for."""
        return self.over(lifecycle.stop_psi, lifecycle.stop_share)


def measure(model: SegmentModel, points: Points, letters: str) -> Drift:
    """Return how today's points differ from the model's; both are of the same feature space.

    letters: the segments', in the order of the model's centroids; more of them than segments do no harm.
    """
    psi = {
        axis.column: _psi(bins, shares_of(bins.edges, axis, points.scaled[:, index], points.customers))
        for index, (axis, bins) in enumerate(zip(points.axes, model.bins, strict=True))
    }
    customers, _ = points.totals(labels_of(points, model), model.k)
    shares = zip(letters, customers / points.total, model.shares, strict=False)
    return Drift(psi, {letter: round(float(now - then), 6) for letter, now, then in shares})


def _psi(bins: Bins, today: Floats) -> float:
    """Return the population stability index: sum((today - then) * ln(today / then)) over the bins.

    It is known from watching credit scorecards (Siddiqi, Credit Risk Scorecards, 2006), which did not invent it: it is
    the symmetric divergence of Kullback and Leibler, 1951, also named after Jeffreys, 1946, of the two distributions.

    today: the share of the customers in each bin (bins).
    """
    then, now = np.maximum(bins.shares, LEAST_SHARE), np.maximum(today, LEAST_SHARE)
    return round(float(((now - then) * np.log(now / then)).sum()), 6)


def distribution(points: Points) -> tuple[Bins, ...]:
    """Return how the points are distributed along each axis: edges at the tenths of the customers."""
    return tuple(bins_of(axis, points.scaled[:, index], points.customers) for index, axis in enumerate(points.axes))


def bins_of(axis: Axis, scaled: Floats, customers: Integers) -> Bins:
    """Return the bins of points on the axis, given their scaled values (points) and customers (points)."""
    values, inverse = np.unique(scaled, return_inverse=True)
    running = np.cumsum(np.bincount(inverse, customers)) / customers.sum()
    ends = np.unique(np.searchsorted(running, np.arange(0.1, 0.95, 0.1) - 1e-9))
    ends = ends[ends < len(values) - 1]
    edges = axis.transformed((values[ends] + values[ends + 1]) / 2)
    edges_rounded = tuple(float(f"{edge:.9g}") for edge in edges)
    return Bins(edges_rounded, tuple(rounded(share) for share in shares_of(edges_rounded, axis, scaled, customers)))


def shares_of(edges: Sequence[float], axis: Axis, scaled: Floats, customers: Integers) -> Floats:
    """Return the share of the customers in each bin (edges + 1): up to the first edge, to the next, above the last.

    edges are transformed values; scaled (points) and customers (points) are those of the points on the axis.
    """
    bins = np.searchsorted(np.array(edges), axis.transformed(scaled))
    shares: Floats = np.bincount(bins, customers, len(edges) + 1) / customers.sum()
    return shares
