"""Points, fit and model, against brute force on every customer."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from job import clustering
from job.adapters import connect
from job.adapters.base import Database
from job.clustering import SegmentModel, make_axes
from job.config import Clustering, ClusteringFeature, DuckDBDatabase
from job.errors import DataError

LOG = [
    ClusteringFeature(column="monetary", transform="log1p"),
    ClusteringFeature(column="frequency", transform="log1p"),
]
money = st.decimals(min_value=0, max_value=100_000, places=2)
customers = st.lists(st.tuples(money, st.integers(1, 20)), min_size=1, max_size=60)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = connect(DuckDBDatabase(dialect="duckdb", path=tmp_path_factory.mktemp("points") / "points.duckdb"))
    opened.execute("job_schema")
    yield opened
    opened.close()


def fill(database: Database, rows: list[tuple[Decimal, int]]) -> None:
    frame = pd.DataFrame(rows, columns=["monetary", "frequency"])  # noqa: F841 - DuckDB finds it by its name
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM customer_features")
        cursor.execute(
            "INSERT INTO customer_features SELECT row_number() OVER (), monetary, frequency, 0, now(), now() FROM frame"
        )


def points_of(database: Database, features: list[ClusteringFeature], cells: int) -> Any:
    [statistics] = database.fetch("feature_statistics", features=features)
    axes = make_axes(features, statistics, cells)
    return axes, pd.DataFrame(database.fetch("points", axes=axes, limit=1_000_000))


def positions_of(rows: list[tuple[Decimal, int]], axes: tuple[clustering.Axis, ...]) -> Any:
    """Every customer's position in standard deviations, by NumPy."""
    values = np.log(1 + np.array([[float(spent), orders] for spent, orders in rows]))
    centre, scale = np.array([axis.centre for axis in axes]), np.array([axis.scale for axis in axes])
    return np.floor((values - centre) / scale * clustering.UNIT + 0.5) / clustering.UNIT


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=customers, cells=st.integers(1, 50), at=st.tuples(st.floats(-3, 3), st.floats(-3, 3)))
def test_points_hold_the_inertia_of_all_customers(
    database: Database, rows: list[tuple[Decimal, int]], cells: int, at: tuple[float, float]
) -> None:
    """Around any centre: the points' weighted squares and the sum within cells make up every customer's squares."""
    fill(database, rows)
    axes, points = points_of(database, LOG, cells)
    means, weights, within = clustering._mean_positions(points, axes)
    assert weights.sum() == len(rows)
    brute_force = ((positions_of(rows, axes) - at) ** 2).sum()
    assert weights @ ((means - at) ** 2).sum(axis=1) + within == pytest.approx(brute_force, rel=1e-9, abs=1e-9)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=customers, data=st.data())
def test_sql_finds_the_nearest_centroid(
    database: Database, rows: list[tuple[Decimal, int]], data: st.DataObject
) -> None:
    fill(database, rows)
    axes, _ = points_of(database, LOG, 10)
    coordinate = st.integers(-3_000_000, 3_000_000).map(float)
    centroids = data.draw(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=7, unique=True))
    model = SegmentModel(axes, tuple(centroids), (), inertia=0, points=0, customers=0)
    counted = {row["centroid"]: row["customers"] for row in database.fetch("segment_profiles", model=model)}
    positions = positions_of(rows, axes) * clustering.UNIT
    nearest = ((positions[:, None, :] - np.array(centroids)) ** 2).sum(axis=2).argmin(axis=1)
    assert counted == dict(zip(*np.unique(nearest, return_counts=True), strict=True))


def shop_like(customers: int, seed: int) -> list[tuple[Decimal, int]]:
    rng = np.random.default_rng(seed)
    spend = np.round(np.exp(rng.normal(4.6, 0.9, customers)), 2)
    orders = rng.choice([1, 2, 3, 4], customers, p=[0.97, 0.025, 0.004, 0.001])
    return [(Decimal(f"{amount:.2f}"), int(count)) for amount, count in zip(spend, orders, strict=True)]


@pytest.mark.parametrize("k", [2, 5, 8])
def test_inertia_is_no_worse_than_a_fit_on_every_row(database: Database, k: int) -> None:
    rows = shop_like(20_000, seed=k)
    fill(database, rows)
    axes, points = points_of(database, LOG, clustering.CELLS)
    model = clustering.fit(points, axes, Clustering(k=k))
    every_row = KMeans(k, n_init=10, random_state=0).fit(positions_of(rows, axes)).inertia_
    assert model.inertia <= every_row * 1.0005
    assert model.customers == len(rows) and model.points == len(points)


def test_inertia_is_that_of_all_customers_on_any_grid(database: Database) -> None:
    """Labels by cell are no nearer than labels by customer, and hardly farther on a fine grid."""
    rows = shop_like(3_000, seed=2)
    fill(database, rows)
    for cells, slack in ((20, 1.1), (clustering.CELLS, 1.000001)):
        axes, points = points_of(database, LOG, cells)
        model = clustering.fit(points, axes, Clustering())
        centroids = np.array(model.centroids) / clustering.UNIT
        distances = ((positions_of(rows, axes)[:, None, :] - centroids) ** 2).sum(axis=2)
        nearest = distances.min(axis=1).sum()
        assert nearest * (1 - 1e-9) <= model.inertia <= nearest * slack


def test_the_same_points_give_the_same_model(database: Database) -> None:
    fill(database, shop_like(3_000, seed=1))
    axes, points = points_of(database, LOG, clustering.CELLS)
    assert clustering.fit(points, axes, Clustering()) == clustering.fit(points, axes, Clustering())
    same = clustering.model_id(points, axes, Clustering())
    assert same == clustering.model_id(points.copy(), axes, Clustering())
    assert same != clustering.model_id(points, axes, Clustering(seed=2))
    assert same != clustering.model_id(points, axes, Clustering(k=4))
    points.loc[0, "customers"] += 1
    assert same != clustering.model_id(points, axes, Clustering())


def test_a_model_survives_json() -> None:
    axis = clustering.Axis("monetary", "log1p", 4.5, 0.9, -3, 7)
    model = SegmentModel((axis,), ((1.0,), (2.0,)), ("high", "low"), inertia=1.5, points=2, customers=3)
    assert SegmentModel.from_json(model.to_json()) == model
    assert json.loads(model.to_json())["axes"][0]["column"] == "monetary"


def test_centroids_take_the_order_and_names_of_the_segments() -> None:
    model = SegmentModel((), ((0.0,), (1.0,), (2.0,)), (), inertia=0, points=3, customers=3)
    ordered = model.in_order([2, 0, 1], ["a", "b", "c"])
    assert (ordered.centroids, ordered.names) == (((2.0,), (0.0,), (1.0,)), ("a", "b", "c"))


def statistics(**changes: Any) -> dict[str, Any]:
    one = {"customers": 10, "defined0": 10, "low0": 1.0, "high0": 3.0, "mean0": 2.0, "deviation0": 0.5}
    return {**one, **changes}


ONE = [ClusteringFeature(column="monetary", transform="log1p")]


def test_a_constant_feature_gets_one_cell() -> None:
    [axis] = make_axes(ONE, statistics(low0=2.0, high0=2.0, deviation0=0.0))
    assert (axis.scale, axis.low, axis.width) == (1.0, 0, 1)


@given(st.floats(0.1, 1e6), st.floats(1e-3, 1e3), st.integers(1, 3000))
def test_the_grid_has_at_most_its_cells(spread: float, deviation: float, cells: int) -> None:
    [axis] = make_axes(ONE, statistics(low0=2.0 - spread, high0=2.0 + spread, deviation0=deviation), cells)
    highest = clustering._position(2.0 + spread, axis)
    assert 0 <= (highest - axis.low) // axis.width < cells


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"customers": 0, "defined0": 0}, "no customer has an order that counts"),
        ({"defined0": 7}, "monetary is NULL or too small for log1p for 3 of 10 customers"),
    ],
)
def test_features_that_cannot_be_used_are_told(changes: dict[str, int], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        make_axes(ONE, statistics(**changes))


def test_too_few_different_customers_are_told(database: Database) -> None:
    fill(database, [(Decimal("10.00"), 1)] * 50 + [(Decimal("20.00"), 1)] * 50)
    axes, points = points_of(database, LOG, clustering.CELLS)
    with pytest.raises(DataError, match="customers differ in 2 ways only, too few for 5 segments"):
        clustering.fit(points, axes, Clustering())


def test_a_negative_spend_is_told(database: Database) -> None:
    fill(database, [(Decimal("-5.00"), 1), (Decimal("20.00"), 1)])
    with pytest.raises(DataError, match="monetary is NULL or too small for log1p for 1 of 2 customers"):
        points_of(database, LOG, clustering.CELLS)


def test_thread_count_does_not_matter(database: Database, tmp_path: Path) -> None:
    """The same sums in any order: what one thread selects, several do."""
    fill(database, shop_like(200_000, seed=3))
    axes, points = points_of(database, LOG, clustering.CELLS)
    with database.cursor() as cursor:
        cursor.execute("SET threads = 1")
        one_axes, one = points_of(database, LOG, clustering.CELLS)
        cursor.execute("RESET threads")
    assert one_axes == axes
    pd.testing.assert_frame_equal(one, points, check_exact=True)
