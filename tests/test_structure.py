"""Whether segments are called slices of one crowd, or fragile, where they are and nowhere else."""

from dataclasses import replace
from typing import Any

import crowds
import numpy as np
import pytest
from test_segment_model import MODEL

from job.model import kmeans, resampled, structure
from job.model.segment_model import Structure

AXES = ("monetary", "frequency", "recency_days")


def measured(columns: crowds.Columns, axes: tuple[str, ...], k: int) -> Structure:
    points = crowds.points_of(columns, axes)
    centroids = kmeans.fit(points, k, seed=1, n_init=5)
    return structure.measure(points, centroids, resampled.found_again(points, centroids, seed=1).by_segment, seed=1)


def one_crowd(random: np.random.Generator, customers: int) -> crowds.Columns:
    """Spend, orders and days as they are spread in a crowd: log-normal, and dependent on each other."""
    related = [[1, 0.6, -0.3], [0.6, 1, -0.2], [-0.3, -0.2, 1]]
    spend, orders, days = random.multivariate_normal([4, 1, 4], related, customers).T
    return {"monetary": np.round(np.exp(spend), 2), "frequency": np.ceil(np.exp(orders)), "recency_days": np.exp(days)}


def groups(random: np.random.Generator, customers: int, centres: list[tuple[float, float]]) -> crowds.Columns:
    """Groups of customers, with a standard deviation of 1 around their centres, on logarithms."""
    middles = np.array(centres)[random.integers(0, len(centres), customers)]
    values = np.exp(0.5 * (middles + random.standard_normal((customers, 2))))
    return {"monetary": values[:, 0], "frequency": values[:, 1]}


@pytest.mark.parametrize(("axes", "k"), [(AXES[:1], 2), (AXES[:2], 5), (AXES, 5)], ids=str)
def test_a_crowd_is_called_one(axes: tuple[str, ...], k: int) -> None:
    crowd = one_crowd(np.random.default_rng(1), 1_000)
    assert measured(crowd, axes, k).beside_one_crowd >= structure.ONE_CROWD


def test_customers_who_hardly_differ_are_one_crowd() -> None:
    """Their segments are found again each time: that alone tells nothing."""
    found = measured(crowds.alike(np.random.default_rng(1), 1_000), AXES[:1], 3)
    assert found.beside_one_crowd >= structure.ONE_CROWD and min(found.found_again) > 0.9


@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("centres", [[(0.0, 0.0), (4.0, 0.0)], [(0.0, 0.0), (4.0, 0.0), (0.0, 4.0)]], ids=len)
def test_groups_are_not_called_one_crowd(centres: list[tuple[float, float]], k: int) -> None:
    shop = groups(np.random.default_rng(1), 500, centres)
    assert measured(shop, AXES[:2], k).beside_one_crowd < structure.ONE_CROWD


def test_segments_that_chance_has_drawn_are_fragile() -> None:
    found = measured(one_crowd(np.random.default_rng(1), 300), AXES, 8).found_again
    apart = measured(groups(np.random.default_rng(1), 300, [(0, 0), (9, 0)]), AXES[:2], 2).found_again
    assert min(found) < structure.FRAGILE and apart == (1.0, 1.0)


def test_the_same_points_give_the_same() -> None:
    shop = crowds.steady(np.random.default_rng(1), 300)
    assert measured(shop, AXES, 4) == measured(shop, AXES, 4)


@pytest.mark.parametrize("values", [[1, 2], [1, 2, 2, 9], [5, 5, 5, 5, 5, 5, 80]])
def test_the_smallest_shops_are_measured(values: list[int]) -> None:
    shop: dict[str, Any] = {"monetary": np.array(values, dtype=float), "frequency": np.ones(len(values), int)}
    found = measured(shop, AXES[:2], 2)
    assert 0 <= found.beside_one_crowd < 10 and all(0 <= index <= 1 for index in found.found_again)


def test_what_is_said_names_the_segments() -> None:
    assert structure.told(MODEL) == []
    assert structure.told(replace(MODEL, structure=Structure(0.5, (0.7, 0.9)))) == []
    both = replace(MODEL, structure=Structure(0.971, (0.52, 0.9)))
    crowd, fragile = structure.told(both)
    assert crowd.startswith("These are slices of one crowd: other borders would do as well.") and "97%" in crowd
    assert fragile.startswith("Segment A (0.52) is fragile")
    assert structure.told(both.in_order([1, 0]))[1].startswith("Segment B (0.52) is fragile")
