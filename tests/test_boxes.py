"""Segments that are boxes: trees, bounds and labels, judged on the customers themselves."""

import math
from dataclasses import replace
from typing import Any

import crowds
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_segment_model import MODEL

from job.config import Clustering, Lifecycle
from job.errors import DataError
from job.model import boxes, drift, fingerprints, kmeans, refit, rules
from job.model.points import Points
from job.model.refit import Candidate
from job.model.segment_model import Axis, Box, Integers

AXES = ("monetary", "frequency", "recency_days")
UNIT = 1_000_000
DIAGONAL = np.array([[1.0, 1.0], [5.0, 6.0], [11.0, 10.0]])


def fitted(columns: crowds.Columns, axes: tuple[str, ...], k: int) -> tuple[Points, Integers, tuple[Box, ...]]:
    points = crowds.points_of(columns, axes)
    centroids = kmeans.fit(points, k, seed=1, n_init=2)
    return points, centroids, boxes.fit(points, centroids)


def plain(places: Any) -> Points:
    """A point for each place, in the features' own units."""
    axes = tuple(Axis(name, False, "none", "refuse", 0.0, 1.0, UNIT, 0, 1) for name in AXES[: np.shape(places)[1]])
    sums = np.rint(np.asarray(places) * UNIT).astype(np.int64)
    return Points(axes, np.ones(len(sums), dtype=np.int64), sums, 0, np.zeros(len(sums)))


def around(centres: Any, customers: int = 100) -> Any:
    random = np.random.default_rng(1)
    return np.repeat(centres, customers, axis=0) + random.uniform(-0.9, 0.9, (customers * len(centres), 2))


@given(
    st.sampled_from(crowds.SHOPS),
    st.integers(0, 10_000),
    st.sampled_from([40, 300]),
    st.sampled_from([AXES[:1], AXES[:2], AXES]),
    st.integers(2, 8),
)
@settings(max_examples=25, deadline=None)
def test_each_rule_is_right_for_everybody(shop: Any, seed: int, customers: int, axes: Any, k: int) -> None:
    """Every customer is in one box, by the bounds that the rules tell; each segment has somebody."""
    columns = shop(np.random.default_rng(seed), customers)
    points = crowds.points_of(columns, axes)
    if len(points) < k:
        return
    points, centroids, parts = fitted(columns, axes, k)
    labels = boxes.labels_of(points, parts)
    assert sorted(set(labels)) == list(range(k))
    for number, box in enumerate(parts):
        inside = np.ones(len(points), dtype=bool)
        for column, (over, up_to) in box.bounds.items():
            values = np.round(points.raw[:, axes.index(column)], 2)
            inside &= (values > over) & (values <= up_to)
        assert (inside == (labels == number)).all()
    assert boxes.price(points, parts, centroids) < 2
    assert all(rule.right == 1.0 for rule in rules.of_boxes(points, parts))


def test_bounds_have_few_digits_and_rules_tell_them() -> None:
    spend = np.concatenate([np.arange(10, 40, 0.37), np.arange(200, 400, 1.37)])
    orders = np.concatenate([np.ones(len(spend), int), [4, 5, 6] * 30])
    columns = {"monetary": np.concatenate([spend, [300.0] * 90]), "frequency": orders}
    points, _, parts = fitted(columns, AXES[:2], 3)
    told = {rule.text.replace("{currency}", "BRL") for rule in rules.of_boxes(points, parts)}
    assert told == {"3 or more orders", "up to 2 orders, up to 89.7 BRL", "up to 2 orders, over 89.7 BRL"}


def test_groups_that_lines_part_cost_nothing() -> None:
    points = plain(around(DIAGONAL))
    centroids = kmeans.fit(points, 3, seed=1)
    parts = boxes.fit(points, centroids)
    assert boxes.price(points, parts, centroids) == 1.0
    assert (boxes.labels_of(points, parts) == kmeans.nearest(points, centroids)).all()  # each box is its centroid's


def test_the_better_of_both_trees_is_taken() -> None:
    """On one axis, cuts between the centroids are the best that there are; a tree that cuts greedily is not."""
    values = np.random.default_rng(1).lognormal(4, 1, 2_000)
    points, centroids, parts = fitted({"monetary": values}, AXES[:1], 5)
    greedy = boxes._rounded(points, boxes._regression(points, 5), 5)
    assert boxes.price(points, parts, centroids) <= 1.001
    assert boxes.price(points, greedy, centroids) > 1.1


def test_a_cut_makes_the_fewest_mistakes() -> None:
    """Against every cut between two values, one by one."""
    places = np.random.default_rng(2).normal(0, 3, (60, 2))
    points, centroids = plain(places), np.array([[-2.0, 1.0], [1.0, 2.0], [2.0, -3.0]])
    labels = kmeans.nearest(points, np.rint(centroids * UNIT).astype(np.int64))
    everybody, numbers = np.ones(60, dtype=bool), np.arange(3)
    for axis in (0, 1):
        mistakes, at = boxes._best_cut(points, centroids, labels, numbers, everybody, axis)
        own = centroids[labels, axis]
        low, high = centroids[:, axis].min(), centroids[:, axis].max()
        tried = [((places[:, axis] <= cut) != (own <= cut)).sum() for cut in np.linspace(low, high, 4_001)[1:-1]]
        assert mistakes == min(tried) == ((places[:, axis] <= at) != (own <= at)).sum()


def carried_on(before: tuple[Box, ...], places: Any, **lifecycle: Any) -> tuple[tuple[Box, ...], str]:
    points = plain(places)
    candidate = Candidate(kmeans.fit(points, 3, seed=1, start=DIAGONAL), carried_on=True)
    last = replace(MODEL, axes=points.axes, centroids=((0, 0),) * 3, boxes=before)
    return refit.boxes_of(points, candidate, Lifecycle(**lifecycle), last)


def test_rules_stay_while_others_gain_little() -> None:
    bound = (Box({"monetary": (-math.inf, 3.0)}), Box({"monetary": (3.0, 8.0)}), Box({"monetary": (8.0, math.inf)}))
    assert carried_on(bound, around(DIAGONAL)) == (bound, "")
    moved = (bound[0], Box({"monetary": (3.0, 10.9)}), Box({"monetary": (10.9, math.inf)}))
    assert carried_on(moved, around(DIAGONAL))[0] not in (moved, bound)
    kept, warning = carried_on(moved, around(DIAGONAL), max_moved="1%")
    assert kept == moved and warning.startswith("other rules have an inertia lower by ")
    assert carried_on(moved, around(DIAGONAL), max_moved="100%")[1] == ""


def test_drift_counts_the_customers_of_the_boxes() -> None:
    points = plain(around(DIAGONAL[:2]))
    model = replace(
        MODEL, axes=points.axes, centroids=((0, 0), (9 * UNIT, 0)), shares=(0.5, 0.5), bins=drift.distribution(points),
        boxes=(Box({"monetary": (-math.inf, 3.0)}), Box({"monetary": (3.0, math.inf)})),
    )  # fmt: skip
    assert drift.measure(model, points, "AB").share == {"A": 0.0, "B": 0.0}
    assert drift.measure(replace(model, boxes=()), points, "AB").share["A"] > 0.1


def test_who_cannot_be_told_apart_by_rules_is_told() -> None:
    """A column that was whole when the axis was made, and is not."""
    points = plain([[1.2, 0.0], [1.4, 0.0]])
    points = replace(points, axes=tuple(replace(axis, whole=True) for axis in points.axes))
    with pytest.raises(DataError, match="no 2 rules tell the customers apart"):
        boxes.fit(points, points.sums)


def test_the_choice_changes_no_fingerprint_of_before() -> None:
    nearest, by_rules = (
        fingerprints.of_settings(Clustering(assign=how), "monetary", "") for how in ("nearest", "rules")
    )
    assert nearest != by_rules
    assert nearest == fingerprints.of_settings(Clustering(), "monetary", "")
