"""How far the customers have moved away from the model. Pure: no database, no files."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from job.config import Lifecycle
from job.model.clustering import Points, labels_of, shares_of, sums
from job.model.segment_model import Bins, Floats, SegmentModel

LEAST_SHARE = 0.0001  # of a bin: an empty one would make the index infinite


@dataclass(frozen=True)
class Drift:
    """Today's customers against those that the model was fitted on."""

    psi: Mapping[str, float]  # by feature: the population stability index
    share: Mapping[str, float]  # by segment: today's share of the customers less that at the fit

    def over(self, psi: float | None, share: float | None) -> list[str]:
        """Return a sentence for everything that has drifted by so much."""
        found = [
            f"{column} is distributed otherwise than when the model was fitted: population stability index {value:.2f}"
            for column, value in self.psi.items()
            if psi is not None and value >= psi
        ]
        return found + [
            f"segment {letter} has {value * 100:+.1f} points of the customers since the model was fitted"
            for letter, value in self.share.items()
            if share is not None and abs(value) >= share
        ]

    def warnings(self, lifecycle: Lifecycle) -> list[str]:
        """Return what there is to be told."""
        return self.over(lifecycle.warn_psi, lifecycle.warn_share)

    def stops(self, lifecycle: Lifecycle) -> list[str]:
        """Return what the run ends for."""
        return self.over(lifecycle.stop_psi, lifecycle.stop_share)


def measure(model: SegmentModel, points: Points, letters: str) -> Drift:
    """Return how today's points differ from the model's; both are of the same space."""
    psi = {
        axis.column: _psi(bins, shares_of(bins.edges, axis, points.places[:, index], points.customers))
        for index, (axis, bins) in enumerate(zip(points.axes, model.bins, strict=True))
    }
    customers, _ = sums(points, labels_of(points, model), model.k)
    shares = zip(letters, customers / points.total, model.shares, strict=False)
    return Drift(psi, {letter: round(float(now - then), 6) for letter, now, then in shares})


def _psi(bins: Bins, today: Floats) -> float:
    """Return sum((today - then) * ln(today / then)) over the bins, as credit scorecards are watched."""
    then, now = np.maximum(bins.shares, LEAST_SHARE), np.maximum(today, LEAST_SHARE)
    return round(float(((now - then) * np.log(now / then)).sum()), 6)
