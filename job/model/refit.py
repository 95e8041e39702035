"""Tonight's fit beside last night's model: segments carry on, letters stay. Pure: no database, no files.

The names of coordinates, and of shapes, are explained in points.py. Centroids are positions (k x axes), labels are
the numbers of centroids (points).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from job.errors import DataError
from job.model import boxes, kmeans
from job.model.points import Points
from job.model.quality import TINY
from job.model.segment_model import Axis, Box, Floats, Integers, SegmentModel

if TYPE_CHECKING:
    from job.config import Clustering, Lifecycle

# Share of the customers that a refit may move to another segment in a night, where the inertia gains little from more.
# Without it, single nights of an unchanged shop would move far more.
FEW = 0.005


@dataclass(frozen=True)
class Candidate:
    """Centroids that may become a model."""

    centroids: Integers  # (k x axes)
    carried_on: bool = False  # from last time's
    warning: str = ""


def candidates(
    points: Points, clustering: "Clustering", lifecycle: "Lifecycle", last: SegmentModel | None
) -> dict[int, Candidate]:
    """Return what there is for every k to be tried.

    last: the model before, where it is of the same feature space; its centroids are carried on, see `_carried_on`.
    Raises DataError with fewer different customers than segments.
    """
    first, final = clustering.k_range if clustering.k == "auto" else (clustering.k, clustering.k)
    if len(points) < first:
        raise DataError(_too_few(points, first))
    by_k = {}
    for k in range(first, min(final, len(points)) + 1):
        fresh = kmeans.fit(points, k, clustering.seed)
        same_k = last is not None and last.k == k
        by_k[k] = _carried_on(points, fresh, clustering, lifecycle, last) if last and same_k else Candidate(fresh)
    return by_k


def _carried_on(
    points: Points, fresh: Integers, clustering: "Clustering", lifecycle: "Lifecycle", last: SegmentModel
) -> Candidate:
    """Return last time's centroids, fitted to today's customers; or the fit from scratch, where it is better by
    `refit_gain` and keeps the segments recognizable: a night may not turn them over by itself."""
    before = nearest_of(points, last)
    start = last.centroids_on(points.axes)
    carried = kmeans.fit(points, last.k, clustering.seed, start=start)
    moving_few = _moving_few(points, start, before)
    if _gain(points, carried, moving_few) <= lifecycle.refit_gain:
        carried = moving_few
    gain = _gain(points, fresh, carried)
    if gain <= lifecycle.refit_gain:
        return Candidate(carried, carried_on=True)
    order = matched(points.axes, fresh, last)
    recognizable = order is not None and moved(points, fresh[order], before) <= lifecycle.max_moved
    if recognizable or lifecycle.max_moved == 1:
        return Candidate(fresh)
    return Candidate(
        carried,
        carried_on=True,
        warning=f"a fit from scratch has an inertia lower by {gain:.1%}, but its segments are others: last time's "
        "are carried on; to take the new ones, run once with lifecycle.max_moved: 100%",
    )


def _moving_few(points: Points, start: Floats, before: Integers) -> Integers:
    """Fit on from `start` while few customers change the segment; the rest is left to the nights to come.

    In a flat place, where the inertia changes little, some new customers could otherwise drag centroids a long way.

    start: scaled centroids (k x axes). before: last night's labels.
    """
    centroids = np.rint(start * points.axes[0].unit).astype(np.int64)
    for _ in range(kmeans.MOST_STEPS):
        further = kmeans.step(points, centroids)
        if (further == centroids).all() or moved(points, further, before) > FEW:
            break
        centroids = further
    return centroids


def matched(
    axes: Sequence[Axis], centroids: Sequence[Sequence[int]] | Integers, last: SegmentModel
) -> list[int] | None:
    """Return, for each of the last model's segments (k), the number of the centroid that takes its letter and name.

    centroids: positions (k x axes) on `axes`.
    The pairs have the least sum of squared distances, in the space scaled by `axes`. None: there is another number of
    centroids, or some centroid is nearer to another segment's than to its own, so that a name would land where it
    does not belong.
    """
    from scipy.optimize import linear_sum_assignment

    if len(centroids) != last.k:
        return None
    new = np.array(centroids, dtype=float) / axes[0].unit
    apart = kmeans.squared_distances(new, last.centroids_on(axes)).T
    _, partners = linear_sum_assignment(apart)
    at_home = (apart.argmin(axis=1) == partners).all() and (apart.argmin(axis=0)[partners] == np.arange(last.k)).all()
    return [int(number) for number in partners] if at_home else None


def labels_of(points: Points, model: SegmentModel) -> Integers:
    """Return the number of the model's segment that each point is in (points)."""
    return boxes.labels_of(points, model.boxes) if model.boxes else nearest_of(points, model)


def nearest_of(points: Points, model: SegmentModel) -> Integers:
    """Return the number of the model's nearest centroid of each point (points), in the model's own scaled space."""
    pairs = enumerate(zip(points.axes, model.axes, strict=True))
    scaled = [(axis.transformed(points.scaled[:, i]) - own.centre) / own.scale for i, (axis, own) in pairs]
    labels: Integers = kmeans.squared_distances(np.stack(scaled, axis=1), model.scaled_centroids).argmin(axis=1)
    return labels


def boxes_of(
    points: Points, candidate: Candidate, lifecycle: "Lifecycle", last: SegmentModel | None
) -> tuple[tuple[Box, ...], str]:
    """Return the boxes that segments are, and what there is to warn of.

    Where centroids are carried on, last time's boxes stay while a new tree gains little: rules are not to change from
    night to night, nor may a night turn the segments over by itself. Raises DataError as `boxes.fit`.
    """
    new = boxes.fit(points, candidate.centroids)
    if not (last and last.boxes and candidate.carried_on):
        return new, ""
    before, now = boxes.labels_of(points, last.boxes), boxes.labels_of(points, new)
    gain = 1 - boxes.inertia(points, now, last.k) / max(boxes.inertia(points, before, last.k), TINY)
    if gain <= lifecycle.refit_gain:
        return last.boxes, ""
    if points.customers[now != before].sum() <= lifecycle.max_moved * points.total or lifecycle.max_moved == 1:
        return new, ""
    return last.boxes, (
        f"other rules have an inertia lower by {gain:.1%}, but would move more customers than lifecycle.max_moved: "
        "last time's stay; to take the new ones, run once with lifecycle.max_moved: 100%"
    )


def moved(points: Points, centroids: Integers, before: Integers) -> float:
    """Return the share of the customers whose nearest centroid is another one than before.

    before: the labels to compare with (points).
    """
    return float(points.customers[kmeans.nearest(points, centroids) != before].sum() / points.total)


def _gain(points: Points, better: Integers, centroids: Integers) -> float:
    """Return the share by which the inertia is lower with the better centroids."""
    return 1 - kmeans.inertia_of(points, better) / max(kmeans.inertia_of(points, centroids), TINY)


def _too_few(points: Points, k: int) -> str:
    if points.total == 1:
        return f"there is one customer, too few for {k} segments"
    ways = "are all alike" if len(points) == 1 else f"make {len(points)} different points only"
    return (
        f"the {points.total} customers {ways}, too few for {k} segments; lower clustering.k, add a feature, or take a "
        "transform such as log1p where single values dwarf the rest"
    )
