"""How far customers have moved away from a model."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from job.config import Clustering, Lifecycle
from job.model import drift, kmeans, refit
from job.model.points import Points
from job.model.segment_model import Axis, SegmentModel
from job.model.segments import LETTERS

UNIT = 1_000_000


def points(places: Any, centre: float = 0.0, scale: float = 1.0) -> Points:
    """A point per customer; places on one axis, in the feature's own unit."""
    axis = Axis("monetary", False, "none", "refuse", centre, scale, UNIT, 0, 1)
    sums = np.rint((np.asarray(places, dtype=float) - centre) / scale * UNIT).astype(np.int64)[:, None]
    squares = sum(int(value) ** 2 for value in sums[:, 0])
    return Points((axis,), np.ones(len(sums), dtype=np.int64), sums, squares, np.zeros(len(sums)))


def model(some: Points, k: int) -> SegmentModel:
    centroids = kmeans.fit(some, k, seed=1)
    customers, _ = some.totals(kmeans.nearest(some, centroids), k)
    return SegmentModel(
        axes=some.axes,
        centroids=tuple(tuple(row) for row in centroids.tolist()),
        names=tuple("abcdef"[:k]),
        names_given=(),
        rules=(),
        shares=tuple(customers / some.total),
        order_by="monetary",
        inertia=1.0,
        error_bound=0.0,
        refinements=0,
        points=len(some),
        customers=some.total,
        bins=drift.distribution(some),
        tried=(),
        feature_space_fingerprint="",
        settings_fingerprint="",
        input_fingerprint="",
        held_back=False,
    )


THEN = np.random.default_rng(1).normal(100, 10, 5_000)


def test_the_index_is_that_of_the_definition() -> None:
    before = model(points(THEN), 2)
    now = THEN + 5
    edges = np.quantile(THEN, np.arange(0.1, 0.95, 0.1))
    then_shares, now_shares = (
        np.bincount(np.searchsorted(edges, values), minlength=10) / 5_000 for values in (THEN, now)
    )
    expected = ((now_shares - then_shares) * np.log(now_shares / then_shares)).sum()
    # Today's axes have another centre and scale: it is the feature itself that is compared.
    measured = drift.measure(before, points(now, centre=105, scale=9), LETTERS)
    assert measured.psi["monetary"] == pytest.approx(expected, rel=0.01)
    assert expected > 0.2
    assert drift.measure(before, points(THEN), LETTERS).psi == {"monetary": pytest.approx(0, abs=1e-4)}


def test_segments_grow_and_shrink() -> None:
    before = model(points([1, 2, 3, 101, 102, 103]), 2)
    a, b = drift.measure(before, points([1, 2, 3, 101], centre=50, scale=7), LETTERS).share.values()
    assert sorted((a, b)) == [-0.25, 0.25]


def test_shares_are_those_of_the_labels() -> None:
    """In the model's own space: on today's scales, where the second axis has shrunk, others would be nearest."""
    axes = tuple(Axis(name, False, "none", "refuse", 0.0, 1.0, UNIT, 0, 1) for name in ("monetary", "x"))
    places = np.array([[0, 0], [10, 0], [4, 9]]) * UNIT
    then = Points(axes, np.array([5, 5, 5]), places * 5, 0, np.zeros(3))
    before = replace(
        model(points([0, 1]), 2), axes=axes, centroids=((0, 0), (10 * UNIT, 0)), shares=(2 / 3, 1 / 3),
        bins=drift.distribution(then),
    )  # fmt: skip
    today = tuple(replace(axis, scale=scale) for axis, scale in zip(axes, (1.0, 100.0), strict=True))
    now = Points(today, np.array([5, 5, 5]), np.rint(places * 5 / [1, 100]).astype(np.int64), 0, np.zeros(3))
    assert set(drift.measure(before, now, LETTERS).share.values()) == {0.0}


def test_limits_warn_and_stop() -> None:
    drifted = drift.Drift({"monetary": 0.3, "frequency": 0.1}, {"A": -0.06, "B": 0.04})
    assert [sentence.split(" ")[0:2] for sentence in drifted.warnings(Lifecycle())] == [
        ["monetary", "is"],
        ["segment", "A"],
    ]
    assert drifted.stops(Lifecycle()) == []
    [stop] = drifted.stops(Lifecycle(stop_psi=0.25))
    assert stop.endswith("population stability index 0.30")
    [stop] = drifted.stops(Lifecycle(stop_share=0.06))
    assert stop.startswith("segment A has -6.0 points of the customers")


def groups(*sizes: tuple[float, int]) -> Any:
    rng = np.random.default_rng(5)
    return np.concatenate([rng.normal(place, 1, size) for place, size in sizes])


OLD = groups((0, 400), (10, 300), (100, 300))
ONE_MORE = np.concatenate([OLD, groups((160, 300))])  # far out: the first two should now be one
THREE = Clustering(k=3)


def candidate(now: Any, **lifecycle: Any) -> tuple[SegmentModel, Points, refit.Candidate]:
    before, today = model(points(OLD), 3), points(now, centre=20, scale=30)
    return before, today, refit.candidates(today, THREE, Lifecycle(**lifecycle), before)[3]


def test_a_refit_carries_the_last_one_on() -> None:
    before, today, carried = candidate(np.concatenate([OLD, groups((12, 10))]))
    assert carried.carried_on and not carried.warning
    order = refit.matched(today.axes, carried.centroids, before)
    assert order == [0, 1, 2]
    assert carried.centroids.tolist() != np.rint(before.centroids_on(today.axes) * UNIT).tolist()


def test_a_night_does_not_turn_the_segments_over_by_itself() -> None:
    before, today, carried = candidate(ONE_MORE, max_moved="25%")
    assert carried.carried_on and "a fit from scratch has an inertia lower by" in carried.warning
    _, _, taken = candidate(ONE_MORE, max_moved="100%")
    assert not taken.carried_on
    assert kmeans.inertia_of(today, taken.centroids) < 0.9 * kmeans.inertia_of(today, carried.centroids)
    assert refit.matched(today.axes, taken.centroids, before) is None
    _, _, kept = candidate(ONE_MORE, max_moved="100%", refit_gain="100%")
    assert kept.carried_on


def test_one_night_moves_few_customers_where_the_inertia_gains_little() -> None:
    """A flat place: evenly spread customers, cut in three anywhere."""
    even = np.linspace(0, 100, 3_000)
    before = model(points(even), 3)
    shifted = replace(before, centroids=tuple((value + UNIT // 2,) for (value,) in before.centroids))
    today = points(even)
    [carried] = refit.candidates(today, THREE, Lifecycle(), shifted).values()
    was, now = (kmeans.nearest(today, np.array(where)) for where in (shifted.centroids, carried.centroids))
    assert carried.carried_on and 0 < (was != now).mean() <= refit.FEW


def test_a_name_does_not_land_on_another_centroid() -> None:
    axes = points(OLD).axes
    before = model(points(OLD), 3)
    moved = [[value + UNIT] for (value,) in reversed(before.centroids)]
    assert refit.matched(axes, moved, before) == [2, 1, 0]
    assert refit.matched(axes, moved[:2], before) is None
    where = sorted(value for (value,) in before.centroids)
    assert refit.matched(axes, [[where[0]], [where[1] - 6 * UNIT], [where[2]]], before) is None
