"""Segments as boxes: who is in a segment is whom its rule describes. Pure: no database, no files.

A tree with as many leaves as segments cuts the space along the axes; each leaf is a box. The names of coordinates, and
of shapes, are explained in points.py. Centroids are positions (k x axes), labels are the numbers of boxes (points).
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from job.errors import DataError
from job.model import kmeans
from job.model.points import Points, position
from job.model.rules import DIGITS, Leaf
from job.model.segment_model import Axis, Box, Floats, Integers
from job.transforms import TRANSFORMS

MOST_DIGITS = 15  # of a bound
ROUNDED = 1.001  # times the inertia that a tree may have once its bounds are rounded

Condition = tuple[int, int | None, int | None]  # of a box: the axis' number, over this position, up to that one


def fit(points: Points, centroids: Integers) -> tuple[Box, ...]:
    """Return a box for each of the centroids: the leaves of the better of two trees.

    Raises DataError where neither has a customer in each leaf.
    """
    labels = kmeans.nearest(points, centroids)
    scaled = centroids / points.axes[0].unit
    trees = [_regression(points, len(centroids)), _fewest_mistakes(points, scaled, labels)]
    told = [boxes for leaves in trees if (boxes := _rounded(points, leaves, len(centroids)))]
    if not told:
        raise DataError(
            f"no {len(centroids)} rules tell the customers apart; lower clustering.k, or leave clustering.assign out"
        )
    best = min(told, key=lambda boxes: inertia(points, labels_of(points, boxes), len(boxes)))
    return _matched(points, best, labels)


def labels_of(points: Points, boxes: Sequence[Box]) -> Integers:
    """Return the number of the box that each point is in (points); the last one's, if in none of the others."""
    positions = points.sums / points.customers[:, None]
    labels = np.full(len(points), len(boxes) - 1)
    for number, conditions in reversed(list(enumerate(conditions_of(points.axes, boxes)))):
        inside = np.ones(len(points), dtype=bool)
        for axis, over, up_to in conditions:
            inside &= over is None or positions[:, axis] > over
            inside &= up_to is None or positions[:, axis] <= up_to
        labels[inside] = number
    return labels


def conditions_of(axes: Sequence[Axis], boxes: Sequence[Box]) -> list[list[Condition]]:
    """Return what makes a customer's positions be in each box; who is in none of the others is in the last."""
    by_column = {axis.column: (number, axis) for number, axis in enumerate(axes)}
    return [
        [
            (number, _position(over, axis), _position(up_to, axis))
            for column, (over, up_to) in box.bounds.items()
            for number, axis in [by_column[column]]
        ]
        for box in boxes
    ]


def _position(bound: float, axis: Axis) -> int | None:
    return position(float(TRANSFORMS[axis.transform].forward(bound)), axis) if math.isfinite(bound) else None


def inertia(points: Points, labels: Integers, k: int) -> float:
    """Return the squared scaled distances of all customers to the mean of their label, added up."""
    customers, positions = points.totals(labels, k)
    means = positions / np.maximum(customers, 1)[:, None] / points.axes[0].unit
    between = points.customers @ ((points.scaled - means[labels]) ** 2).sum(axis=1)
    return float(between + points.within.sum() / points.axes[0].unit ** 2)


def price(points: Points, boxes: Sequence[Box], centroids: Integers) -> float:
    """Return the inertia of the boxes over that of the nearest centroids, with four digits."""
    own = inertia(points, labels_of(points, boxes), len(boxes))
    nearest = inertia(points, kmeans.nearest(points, centroids), len(centroids))
    return round(own / nearest, 4) if nearest else 1.0


def _regression(points: Points, k: int) -> list[Leaf]:
    """Return the leaves, in scaled bounds, of a regression tree of the scaled values on themselves."""
    from sklearn.tree import DecisionTreeRegressor

    tree = DecisionTreeRegressor(max_leaf_nodes=k, random_state=0)
    nodes = tree.fit(points.scaled, points.scaled, sample_weight=points.customers).tree_
    leaves: list[Leaf] = []

    def walk(node: int, leaf: Leaf) -> None:
        if nodes.children_left[node] == -1:
            leaves.append(leaf)
            return
        axis, threshold = int(nodes.feature[node]), float(nodes.threshold[node])
        walk(nodes.children_left[node], leaf.within(axis, up_to=threshold))
        walk(nodes.children_right[node], leaf.within(axis, over=threshold))

    walk(0, Leaf())
    return leaves


def _fewest_mistakes(points: Points, centroids: Floats, labels: Integers) -> list[Leaf]:
    """Return the leaves, in scaled bounds, of a tree that parts the centroids with the fewest mistakes at each cut.

    A mistake is a customer who is cut off from the nearest centroid; once made, it counts no more. Iterative Mistake
    Minimization: Dasgupta, Frost, Moshkovitz and Rashtchian, Explainable k-Means and k-Medians Clustering, 2020.
    centroids: scaled (k x axes). labels: the numbers of the nearest (points).
    """
    leaves: list[Leaf] = []

    def part(leaf: Leaf, numbers: Any, unmistaken: Any) -> None:
        if len(numbers) == 1:
            leaves.append(leaf)
            return
        cuts = [_best_cut(points, centroids, labels, numbers, unmistaken, axis) for axis in range(len(points.axes))]
        axis, (_, threshold) = min(enumerate(cuts), key=lambda cut: cut[1])
        low_point, low_own = points.scaled[:, axis] <= threshold, centroids[:, axis] <= threshold
        right = unmistaken & (low_point == low_own[labels])
        part(leaf.within(axis, up_to=threshold), numbers[low_own[numbers]], right & low_point)
        part(leaf.within(axis, over=threshold), numbers[~low_own[numbers]], right & ~low_point)

    part(Leaf(), np.arange(len(centroids)), np.ones(len(points), dtype=bool))
    return leaves


def _best_cut(
    points: Points, centroids: Floats, labels: Integers, numbers: Any, unmistaken: Any, axis: int
) -> tuple[float, float]:
    """Return how many customers the best cut of an axis parts from their centroid, and where it is, scaled."""
    own = centroids[labels[unmistaken], axis]
    values, customers = points.scaled[unmistaken, axis], points.customers[unmistaken]
    places = np.unique([*values, *centroids[numbers, axis]])
    first, last = centroids[numbers, axis].min(), centroids[numbers, axis].max()
    if first == last:
        return math.inf, 0.0
    # Mistaken by a cut at or over the lesser of value and centroid, and below the greater.
    begin, end = np.minimum(values, own), np.maximum(values, own)
    mistakes = np.cumsum(
        np.bincount(np.searchsorted(places, begin), customers, len(places))
        - np.bincount(np.searchsorted(places, end), customers, len(places))
    )
    allowed = np.flatnonzero((places >= first) & (places < last))
    best = allowed[mistakes[allowed].argmin()]
    return float(mistakes[best]), float((places[best] + places[best + 1]) / 2)


def _rounded(points: Points, leaves: Sequence[Leaf], k: int) -> tuple[Box, ...]:
    """Return the leaves with bounds in the columns' units, of as few digits as cost next to nothing.

    Empty where there are not k, or some would have no customer.
    """
    found: list[tuple[float, tuple[Box, ...]]] = []
    for digits in (MOST_DIGITS, *range(DIGITS, MOST_DIGITS)):
        boxes = tuple(_box(points.axes, leaf, digits) for leaf in leaves)
        labels = labels_of(points, boxes)
        if len(boxes) == k == len(np.unique(labels)):
            found.append((inertia(points, labels, k), boxes))
            if len(found) > 1 and found[-1][0] <= ROUNDED * found[0][0]:
                return boxes
    return found[0][1] if found else ()


def _box(axes: Sequence[Axis], leaf: Leaf, digits: int) -> Box:
    def told(bound: float, axis: Axis) -> float:
        if math.isinf(bound):
            return bound
        raw = float(axis.raw(axis.transformed(np.array([bound])))[0])
        return float(math.floor(raw) if axis.whole else f"{raw:.{digits}g}")

    return Box(
        {axes[at].column: (told(over, axes[at]), told(up_to, axes[at])) for at, (over, up_to) in leaf.bounds.items()}
    )


def _matched(points: Points, boxes: Sequence[Box], labels: Integers) -> tuple[Box, ...]:
    """Return the boxes in the order of the labels that they share most customers with."""
    from scipy.optimize import linear_sum_assignment

    shared = np.zeros((len(boxes), len(boxes)))
    np.add.at(shared, (labels, labels_of(points, boxes)), points.customers)
    _, numbers = linear_sum_assignment(-shared)
    return tuple(boxes[int(number)] for number in numbers)
