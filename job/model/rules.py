"""Each segment in words: a shallow decision tree over the points, read back as bounds. Pure: no database, no files.

Values are the raw means of the points (points x axes). Which points are inside the segment, or described by a rule,
is an array of booleans (points).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from job.model.points import Points
from job.model.quality import TINY
from job.model.segment_model import Axis, Bounds, Box, Floats, Integers, Rule

DIGITS = 3  # of a threshold: "over 361 BRL"
DEPTH = 4  # of the tree that tells a segment from the rest
WORTH_SAYING = 0.005  # of the share that is right: what a bound, or a second part, must add to be in the rule
UNITS = {
    "monetary": ("{currency}", "{currency}"),
    "frequency": ("order", "orders"),
    "recency_days": ("day since the last order", "days since the last order"),
}


@dataclass(frozen=True)
class Leaf:
    """A part of the feature space."""

    bounds: dict[int, Bounds] = field(default_factory=dict)  # by axis

    def holds(self, values: Floats) -> Any:
        """Return which rows of the raw values (points x axes) lie in it, as booleans (points)."""
        inside = np.ones(len(values), dtype=bool)
        for axis, (over, up_to) in self.bounds.items():
            inside &= (values[:, axis] > over) & (values[:, axis] <= up_to)
        return inside

    def within(self, axis: int, over: float = -math.inf, up_to: float = math.inf) -> "Leaf":
        """Return the part of it between the bounds."""
        low, high = self.bounds.get(axis, (-math.inf, math.inf))
        return Leaf({**self.bounds, axis: (max(low, over), min(high, up_to))})


def rules(points: Points, labels: Integers, k: int) -> tuple[Rule, ...]:
    """Return a rule for each of the k segments; labels: the number of each point's segment (points)."""
    return tuple(_rule(points, points.raw, labels == number) for number in range(k))


def of_boxes(points: Points, boxes: Sequence[Box]) -> tuple[Rule, ...]:
    """Return a rule for each of the segments that are boxes: it is right for everybody."""
    numbers = {axis.column: number for number, axis in enumerate(points.axes)}
    least = points.raw.min(axis=0)
    leaves = [Leaf({numbers[column]: bounds for column, bounds in box.bounds.items()}) for box in boxes]
    return tuple(Rule(_words(points.axes, leaf, least), 1.0) for leaf in leaves)


def _rule(points: Points, values: Floats, inside: Any) -> Rule:
    """Take the tree's leaf that is nearest to the segment, and a second one where both are nearer."""
    taken: list[Leaf] = []
    described, right = np.zeros(len(values), dtype=bool), 0.0
    for leaf in _leaves(points, values, inside)[:2]:
        simple = _simplified(points, values, inside, leaf, described)
        either = described | simple.holds(values)
        if (better := _right(points, inside, either)) > right * (1 + WORTH_SAYING):
            taken, described, right = [*taken, simple], either, better
    if len(taken) == 2 and _right(points, inside, taken[1].holds(values)) >= right:  # the second holds the first
        taken = taken[1:]
    least = values.min(axis=0)
    text = "; or ".join(_words(points.axes, leaf, least) for leaf in taken)
    return Rule(text or "no one", float(f"{right:.4f}"))


def _leaves(points: Points, values: Floats, inside: Any) -> list[Leaf]:
    """Return the parts of a tree that tells the segment from the rest, the nearest to the segment first."""
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_depth=DEPTH, random_state=0).fit(values, inside, sample_weight=points.customers)
    nodes, leaves = tree.tree_, []
    span = np.ptp(values, axis=0)

    def digits(axis: int, threshold: float) -> int:
        """More where all values are large and near to each other."""
        apart = abs(threshold) / max(float(span[axis]), TINY)
        return DIGITS + max(0, math.ceil(math.log10(apart))) if apart > 1 else DIGITS

    def walk(node: int, leaf: Leaf) -> None:
        if nodes.children_left[node] == -1:
            leaves.append((_right(points, inside, leaf.holds(values)), leaf))
            return
        axis, threshold = int(nodes.feature[node]), float(nodes.threshold[node])
        threshold = (
            math.floor(threshold) if points.axes[axis].whole else float(f"{threshold:.{digits(axis, threshold)}g}")
        )
        walk(nodes.children_left[node], leaf.within(axis, up_to=threshold))
        walk(nodes.children_right[node], leaf.within(axis, over=threshold))

    walk(0, Leaf())
    return [leaf for _, leaf in sorted(leaves, key=lambda one: -one[0])]


def _simplified(points: Points, values: Floats, inside: Any, leaf: Leaf, described: Any) -> Leaf:
    """Return the leaf without the bounds that are not worth saying beside what is described already."""
    least = _right(points, inside, described | leaf.holds(values)) * (1 - WORTH_SAYING)
    for axis, (over, up_to) in list(leaf.bounds.items()):
        for wider in ((-math.inf, math.inf), (-math.inf, up_to), (over, math.inf)):
            without = Leaf({**leaf.bounds, axis: wider})
            if _right(points, inside, described | without.holds(values)) >= least:
                leaf = without
                break
    return Leaf({axis: bounds for axis, bounds in leaf.bounds.items() if bounds != (-math.inf, math.inf)})


def _right(points: Points, inside: Any, described: Any) -> float:
    """Return, of the customers who are inside or described, the share who are both (the Jaccard index)."""
    either = points.customers[inside | described].sum()
    return float(points.customers[inside & described].sum() / either) if either else 0.0


def _words(axes: tuple[Axis, ...], leaf: Leaf, least: Floats) -> str:
    # The number of orders first: it is what people ask first.
    order = sorted(leaf.bounds, key=lambda index: (not axes[index].whole, index))
    parts = [_part(axes[index], *leaf.bounds[index], least[index]) for index in order]
    return ", ".join(parts) or "every customer"


def _part(axis: Axis, over: float, up_to: float, least: float) -> str:
    one, many = UNITS.get(axis.column, ("", ""))
    before = "" if many else f"{axis.column} "
    if not axis.whole:
        text = f"{_number(over)} to {_number(up_to)}"
        text = f"up to {_number(up_to)}" if over < least else text
        text = f"over {_number(over)}" if up_to == math.inf else text
        return f"{before}{text} {many}".strip()
    first, last = max(over + 1, round(least)), up_to
    if last == math.inf:
        return f"{before}{first:,.0f} or more {many}".strip()
    text = f"up to {last:,.0f}" if first <= round(least) else f"{first:,.0f} to {last:,.0f}"
    text = f"{last:,.0f}" if first == last else text
    return f"{before}{text} {one if last == 1 else many}".strip()


def _number(value: float) -> str:
    """As it is: a threshold has few digits already."""
    return f"{value:,.0f}" if value % 1 == 0 and abs(value) < 1e15 else f"{value:,}"
