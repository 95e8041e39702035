"""Points, fit and model, against brute force on every customer."""

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, calinski_harabasz_score, davies_bouldin_score

from job.adapters.base import Database
from job.adapters.duckdb import DuckDBSettings
from job.config import Clustering, ClusteringFeature, Config, Lifecycle
from job.errors import DataError
from job.model import drift, fingerprints, kmeans, quality, refit, resampled
from job.model.points import GRIDS, MOST_CELLS, MOST_POSITIONS, Points, coarser, make_axes, position
from job.model.segment_model import Axis, Quality
from job.session import connect
from job.setup.sample import write_shop

LOG = [
    ClusteringFeature(column="monetary", transform="log1p"),
    ClusteringFeature(column="frequency", transform="log1p"),
]
money = st.decimals(min_value=0, max_value=100_000, places=2)
customers = st.lists(st.tuples(money, st.integers(1, 20)), min_size=1, max_size=60)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("points") / "points.duckdb"
    duckdb.connect(path).close()
    opened = connect(Config(database=DuckDBSettings(dialect="duckdb", path=path)))
    opened.make_own_tables()
    yield opened
    opened.close()


def fill(database: Database, rows: list[tuple[Decimal, int]]) -> None:
    frame = pd.DataFrame(rows, columns=["monetary", "frequency"])
    frame.insert(0, "number", range(len(frame)))
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM customer_features_data")
        columns = "number AS customer_unique_id, monetary, frequency, 0 AS recency_days, now() AS first_order_at"
        columns += ", now() AS last_order_at, 1 AS order_days"
        cursor.execute(f"INSERT INTO customer_features_data BY NAME SELECT {columns} FROM frame ORDER BY number")


def points_of(database: Database, features: list[ClusteringFeature], level: int = 0) -> Points:
    [statistics] = database.fetch("feature_statistics", features=features)
    axes = coarser(make_axes(features, statistics, ["frequency"]), level)
    return Points.of(pd.DataFrame(database.fetch("points", axes=axes, limit=1_000_000)), axes)


def positions_of(rows: list[tuple[Decimal, int]], axes: tuple[Axis, ...]) -> Any:
    """Every customer's position, by NumPy."""
    values = np.log(1 + np.array([[float(spent), orders] for spent, orders in rows]))
    centre, scale = np.array([axis.centre for axis in axes]), np.array([axis.scale for axis in axes])
    return np.floor((values - centre) / scale * axes[0].unit + 0.5)


def places_of(rows: list[tuple[Decimal, int]], axes: tuple[Axis, ...]) -> Any:
    return positions_of(rows, axes) / axes[0].unit


def inertia_of(places: Any, centroids: Any) -> float:
    """By brute force over all customers; centroids in scales."""
    return float(((places[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2).min(axis=1).sum())


levels = st.integers(0, GRIDS - 1)
some_centroids = st.lists(
    st.tuples(st.integers(-3_000_000, 3_000_000), st.integers(-3_000_000, 3_000_000)),
    min_size=2,
    max_size=7,
    unique=True,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=customers, level=levels, at=st.tuples(st.integers(-3_000_000, 3_000_000), st.integers(-9, 9)))
def test_points_hold_the_inertia_of_all_customers(
    database: Database, rows: list[tuple[Decimal, int]], level: int, at: tuple[int, int]
) -> None:
    """Around any one centre, on any grid, to the last digit."""
    fill(database, rows)
    points = points_of(database, LOG, level)
    assert points.total == len(rows)
    centre = np.array([at])
    exact = sum(
        (int(place) - where) ** 2
        for position in positions_of(rows, points.axes)
        for place, where in zip(position, at, strict=True)
    )
    assert kmeans.inertia_of(points, centre) == float(f"{exact / points.axes[0].unit ** 2:.12g}")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=customers, level=levels, centroids=some_centroids)
def test_the_inertia_of_points_is_too_high_by_the_bound_at_most(
    database: Database, rows: list[tuple[Decimal, int]], level: int, centroids: list[tuple[int, int]]
) -> None:
    fill(database, rows)
    points = points_of(database, LOG, level)
    on_points = kmeans.inertia_of(points, np.array(centroids))
    truth = inertia_of(places_of(rows, points.axes), np.array(centroids) / points.axes[0].unit)
    bound = quality.error_bound(points, np.array(centroids))
    assert truth <= on_points * (1 + 1e-9) + 1e-9
    assert on_points * (1 - bound * 1.01) <= truth * (1 + 1e-9) + 1e-9


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=customers, centroids=some_centroids)
def test_sql_finds_the_nearest_centroid_and_adds_up_its_customers(
    database: Database, rows: list[tuple[Decimal, int]], centroids: list[tuple[int, int]]
) -> None:
    fill(database, rows)
    axes = points_of(database, LOG).axes
    rows_found = database.fetch("refine", axes=axes, centroids=centroids)
    positions = positions_of(rows, axes)
    nearest = ((positions[:, None, :] - np.array(centroids)) ** 2).sum(axis=2).argmin(axis=1)
    expected = {
        int(number): ((nearest == number).sum(), *positions[nearest == number].sum(axis=0))
        for number in np.unique(nearest)
    }
    assert {row["centroid"]: (row["customers"], row["s0"], row["s1"]) for row in rows_found} == expected


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=customers)
def test_sql_counts_the_points_of_every_grid(database: Database, rows: list[tuple[Decimal, int]]) -> None:
    fill(database, rows)
    [statistics] = database.fetch("feature_statistics", features=LOG)
    axes = make_axes(LOG, statistics)
    [counts] = database.fetch("grid", axes=axes, levels=GRIDS)
    for level in range(GRIDS):
        assert counts[f"level_{level}"] == len(points_of(database, LOG, level))


def shop_like(customers: int, seed: int) -> list[tuple[Decimal, int]]:
    rng = np.random.default_rng(seed)
    spend = np.round(np.exp(rng.normal(4.6, 0.9, customers)), 2)
    orders = rng.choice([1, 2, 3, 4], customers, p=[0.97, 0.025, 0.004, 0.001])
    return [(Decimal(f"{amount:.2f}"), int(count)) for amount, count in zip(spend, orders, strict=True)]


@pytest.mark.parametrize("k", [2, 5, 8])
def test_inertia_is_no_worse_than_a_fit_on_every_row(database: Database, k: int) -> None:
    rows = shop_like(20_000, seed=k)
    fill(database, rows)
    points = points_of(database, LOG)
    centroids = kmeans.fit(points, k, seed=1)
    every_row = KMeans(k, n_init=10, random_state=0).fit(places_of(rows, points.axes)).inertia_
    assert kmeans.inertia_of(points, centroids) <= every_row * 1.0005


def test_a_fit_ends_where_centroids_are_the_means_of_their_points(database: Database) -> None:
    fill(database, shop_like(3_000, seed=2))
    points = points_of(database, LOG)
    centroids = kmeans.fit(points, 5, seed=1)
    totals = points.totals(kmeans.nearest(points, centroids), 5)
    assert (kmeans.means(*totals, centroids) == centroids).all()


@pytest.fixture(scope="module")
def small(database: Database) -> tuple[Points, Any]:
    """Points, and the places of the customers that they stand for, in the order of the points."""
    rows = sorted(shop_like(2_000, seed=4))
    fill(database, rows)
    points = points_of(database, LOG, level=3)
    assert len(points) < 1_500
    return points, np.repeat(points.scaled, points.customers, axis=0)


@pytest.mark.parametrize("k", [2, 3, 6])
def test_indices_are_those_of_every_customer_by_itself(small: tuple[Points, Any], k: int) -> None:
    """Of customers who stand where their points do, against scikit-learn, and the silhouette against its definition."""
    points, places = small
    centroids = kmeans.fit(points, k, seed=1)
    measured = quality.measure(points, centroids, resampled.found_again(points, centroids, seed=1).stability)
    distances = np.sqrt(((places[:, None, :] - centroids / points.axes[0].unit) ** 2).sum(axis=2))
    labels = distances.argmin(axis=1)
    assert measured.davies_bouldin == pytest.approx(davies_bouldin_score(places, labels), rel=1e-4)
    within = points.within.sum() / points.axes[0].unit ** 2  # scikit-learn's has no spread within the points
    assert measured.calinski_harabasz == pytest.approx(calinski_harabasz_score(places, labels), rel=within)
    own, other = np.sort(distances, axis=1)[:, :2].T
    assert measured.silhouette == pytest.approx(((other - own) / np.maximum(own, other)).mean(), rel=1e-4)
    assert measured.smallest_share == pytest.approx(np.bincount(labels).min() / len(labels), rel=1e-4)
    alone = ((places - places.mean(axis=0)) ** 2).sum()
    assert measured.explained == pytest.approx(1 - (distances.min(axis=1) ** 2).sum() / alone, rel=1e-3)
    assert 0.5 < measured.stability <= 1


labellings = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 9)), min_size=2, max_size=30)


@given(labellings)
def test_the_adjusted_rand_index_counts_every_customer(drawn: list[tuple[int, int, int]]) -> None:
    one, other, customers = (np.array(column) for column in zip(*drawn, strict=True))
    expected = adjusted_rand_score(np.repeat(one, customers), np.repeat(other, customers))
    assert resampled.adjusted_rand(one, other, customers) == pytest.approx(expected, abs=1e-9)


def test_chance_makes_refits_disagree() -> None:
    """Customers without any structure: one k cuts them anywhere, and four far groups do not depend on who is drawn."""
    rng = np.random.default_rng(1)
    axis = Axis("x", False, "none", "refuse", 0.0, 1.0, 1000, 0, 1)

    def stability(places: Any, k: int) -> float:
        sums = np.rint(places * 1000).astype(np.int64)
        points = Points(
            (axis, axis), np.ones(len(sums), dtype=np.int64), sums, int((sums**2).sum()), np.zeros(len(sums))
        )
        return resampled.found_again(points, kmeans.fit(points, k, seed=1), seed=1).stability

    angle = rng.uniform(0, 2 * np.pi, 500)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    groups = rng.normal(0, 0.1, (500, 2)) + np.repeat([[0, 0], [0, 5], [5, 0], [5, 5]], 125, axis=0)
    assert stability(groups, 4) == 1
    assert stability(ring, 4) < 0.8


def tried(k: int, inertia: float = 1, **figures: float) -> Quality:
    usual: dict[str, Any] = {"silhouette": 0.5, "davies_bouldin": 1.0, "smallest_share": 0.1, "stability": 0.9}
    return Quality(k=k, inertia=inertia, explained=0.5, calinski_harabasz=1, **{**usual, **figures})


CURVE = [tried(2, 100), tried(3, 40), tried(4, 20), tried(5, 16), tried(6, 13), tried(7, 10.5)]
AUTO = Clustering(k="auto")


def test_the_elbow_is_taken() -> None:
    assert quality.choose(CURVE, AUTO, None)[0] == 4


def test_the_best_index_is_taken() -> None:
    qualities = [tried(2, silhouette=0.6, davies_bouldin=0.5), tried(3, silhouette=0.8), tried(4)]
    assert quality.choose(qualities, Clustering(k="auto", method="silhouette"), None)[0] == 3
    assert quality.choose(qualities, Clustering(k="auto", method="davies_bouldin"), None)[0] == 2


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ({"smallest_share": 0.0009}, "its smallest segment has 0.09% of the customers"),
        ({"stability": 0.7}, "refits agree by 0.70 only"),
    ],
)
def test_a_k_with_a_tiny_segment_or_by_chance_is_not_taken(figures: dict[str, float], reason: str) -> None:
    qualities = [tried(2, silhouette=0.9, **figures), tried(3, silhouette=0.8)]
    k, judged = quality.choose(qualities, Clustering(k="auto", method="silhouette"), None)
    assert (k, judged[0].refused, judged[1].refused) == (3, reason, "")
    with pytest.raises(DataError, match=f"no k may be taken .k = 2: {reason}"):
        quality.choose(qualities[:1], AUTO, None)


def test_last_nights_k_stays_while_it_is_nearly_as_good() -> None:
    by_silhouette = Clustering(k="auto", method="silhouette")
    qualities = [tried(3, silhouette=0.60), tried(4, silhouette=0.61), tried(5, silhouette=0.4)]
    assert [quality.choose(qualities, by_silhouette, last)[0] for last in (None, 3, 5)] == [4, 3, 4]
    assert quality.choose([tried(3, stability=0.1), *qualities[1:]], by_silhouette, 3)[0] == 4


def test_a_given_k_is_taken_as_it_is() -> None:
    assert quality.choose([tried(3, stability=0.0)], Clustering(k=3), None)[0] == 3


RUN = """
import sys
from pathlib import Path
from job import pipeline
from job.progress import Steps
from engines.duckdb import ENGINE
from shop import configured
pipeline.run(configured(ENGINE, f"duckdb://{sys.argv[1]}/shop.duckdb"), Path(sys.argv[1]), "first", Steps("json"))
Path(sys.argv[2]).write_text(" ".join(sys.modules))
"""


def test_a_run_with_a_given_k_does_not_import_what_finds_an_elbow(tmp_path: Path) -> None:
    """kneed brings matplotlib with it, which takes longer to import than a fit takes."""
    write_shop(tmp_path / "shop", customers=300, seed=1)
    tests = Path(__file__).parent
    paths = os.pathsep.join(map(str, (tests.parent, tests)))
    command = [sys.executable, "-c", RUN, str(tmp_path / "shop"), str(tmp_path / "modules")]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": paths})
    imported = set((tmp_path / "modules").read_text().split())
    assert "sklearn.cluster" in imported
    assert not imported & {"kneed", "matplotlib"}


def test_an_elbow_needs_no_more_k_than_there_are_points(database: Database) -> None:
    fill(database, [(Decimal(spent), 1) for spent in (10, 20, 90, 95)] * 20)
    points = points_of(database, LOG)
    assert list(refit.candidates(points, AUTO, Lifecycle(), None)) == [2, 3, 4]


def statistics(**changes: Any) -> dict[str, Any]:
    one = {"all_customers": 10, "customers": 10, "given0": 10, "defined0": 10, "low0": 1.0, "high0": 3.0, "mean0": 2.0}
    return {**one, "deviation0": 0.5, **changes}


ONE = [ClusteringFeature(column="monetary", transform="log1p")]


def test_a_constant_feature_gets_one_cell() -> None:
    [axis] = make_axes(ONE, statistics(low0=2.0, high0=2.0, deviation0=0.0))
    assert (axis.scale, axis.low, axis.width) == (1.0, 0, 1)


@given(st.floats(0.1, 1e6), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_the_grid_has_at_most_its_cells_and_positions_stay_exact(
    spread: float, deviation: float, weight: float
) -> None:
    feature = ClusteringFeature(column="monetary", weight=weight)
    [axis] = make_axes([feature], statistics(low0=2.0 - spread, high0=2.0 + spread, deviation0=deviation))
    highest = position(2.0 + spread, axis)
    assert 0 <= (highest - axis.low) // axis.width <= MOST_CELLS
    assert 0 <= highest - axis.low <= MOST_POSITIONS + 1


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=customers, weight=st.sampled_from([0.5, 2.0, 3.0]))
def test_a_weight_stretches_the_axis_and_without_scaling_it_has_its_own_unit(
    database: Database, rows: list[tuple[Decimal, int]], weight: float
) -> None:
    fill(database, rows)
    plain = ClusteringFeature(column="frequency", scaling="none")
    heavy = ClusteringFeature(column="monetary", scaling="none", weight=weight)
    points = points_of(database, [plain, heavy])
    values = np.array([[orders, float(spent) * weight] for spent, orders in rows])
    expected = ((values - values.mean(axis=0)) ** 2).sum()
    centre = np.rint(points.sums.sum(axis=0, keepdims=True) / points.total).astype(np.int64)
    # Positions are rounded to 1 / unit.
    assert kmeans.inertia_of(points, centre) == pytest.approx(expected, rel=1e-3, abs=1e-2)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"all_customers": 0, "customers": 0, "defined0": 0}, "no customer has an order that counts"),
        ({"customers": 0, "defined0": 0}, "every customer is left out"),
        ({"given0": 7, "defined0": 7}, "monetary is NULL for 3 of 10 customers"),
        ({"given0": 9, "defined0": 7}, "monetary is NULL for 1 of 10 customers"),
        ({"defined0": 7}, "monetary is too small for log1p for 3 of 10 customers"),
    ],
)
def test_features_that_cannot_be_used_are_reported(changes: dict[str, int], sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        make_axes(ONE, statistics(**changes))


@pytest.mark.parametrize("figure", ["low", "high", "mean", "deviation"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_finite_number_is_reported(figure: str, value: float) -> None:
    with pytest.raises(DataError, match="monetary is NaN, infinite or too large to reckon with for some customers"):
        make_axes(ONE, statistics(**{f"{figure}0": value}))


def test_a_centre_far_below_the_scale_is_no_noise() -> None:
    """A mean of about nothing depends on the order that an engine adds in."""
    one, other = (make_axes(ONE, statistics(low0=-1.0, high0=1.0, mean0=mean)) for mean in (8.87e-16, -1.03e-15))
    assert one == other


def test_many_alike_customers_leave_a_bound_that_is_a_number(database: Database) -> None:
    fill(database, [(Decimal(10 + 7 * (number % 12)), 1 + number % 11) for number in range(20_000)])
    for level in range(8, GRIDS - 2):
        points = points_of(database, LOG, level)
        assert (points.within >= 0).all()
        centroids = points.sums[: min(3, len(points))] // points.customers[: min(3, len(points)), None]
        assert quality.error_bound(points, centroids) >= 0


def test_the_coarsest_grid_has_one_cell(database: Database) -> None:
    fill(database, shop_like(2_000, seed=6))
    assert len(points_of(database, LOG, GRIDS - 1)) == 1


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e12])
def test_values_of_any_size_are_told_apart(size: float) -> None:
    feature = ClusteringFeature(column="monetary", scaling="none")
    [axis] = make_axes([feature], statistics(low0=0.0, high0=size, mean0=size / 2, deviation0=size / 4))
    spanned = position(size, axis) - position(0.0, axis)
    assert MOST_POSITIONS / 10 - 1 <= spanned <= MOST_POSITIONS + 1


def test_what_a_fit_does_not_use_is_not_asked_for() -> None:
    asked = fingerprints.of_settings
    given = asked(Clustering(), "monetary", "SELECT 1")
    for same in (Clustering(k_range=(2, 9)), Clustering(min_share=0.2), Clustering(max_points=100)):
        assert asked(same, "monetary", "SELECT 1") == given
    assert asked(Clustering(seed=2), "monetary", "SELECT 1") != given
    assert asked(Clustering(), "frequency", "SELECT 1") != given
    assert asked(Clustering(), "monetary", "SELECT 2") != given
    auto = Clustering(k="auto", k_range=(2, 9))
    assert asked(auto, "monetary", "SELECT 1") != asked(AUTO, "monetary", "SELECT 1")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([(Decimal(10 ** (number % 2 * 9)) + number % 7, 1) for number in range(100)], "make 2 different points only"),
        (
            [(Decimal(10), 1), (Decimal(20), 1)] * 50,
            "the 100 customers make 2 different points only, too few for 5 segments",
        ),
        ([(Decimal(10), 1)] * 100, "the 100 customers are all alike, too few for 5 segments"),
        ([(Decimal(10), 1)], "there is one customer, too few for 5 segments"),
    ],
)
def test_too_few_different_customers_are_reported(
    database: Database, rows: list[tuple[Decimal, int]], sentence: str
) -> None:
    fill(database, rows)
    plain = [ClusteringFeature(column="monetary"), ClusteringFeature(column="frequency")]
    with pytest.raises(DataError, match=sentence):
        refit.candidates(points_of(database, plain), Clustering(), Lifecycle(), None)


def test_a_negative_spend_is_reported(database: Database) -> None:
    fill(database, [(Decimal("-5.00"), 1), (Decimal("20.00"), 1)])
    with pytest.raises(DataError, match="monetary is too small for log1p for 1 of 2 customers"):
        points_of(database, LOG)


def test_thread_count_does_not_matter(database: Database) -> None:
    """The same sums in any order: what one thread selects, several do."""
    fill(database, shop_like(200_000, seed=3))
    several = points_of(database, LOG)
    with database.cursor() as cursor:
        cursor.execute("SET threads = 1")
        one = points_of(database, LOG)
        cursor.execute("RESET threads")
    assert one.axes == several.axes
    assert (one.sums == several.sums).all() and (one.customers == several.customers).all()
    assert one.squares == several.squares
    assert fingerprints.of_input(one, "") == fingerprints.of_input(several, "")


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 9)), min_size=1, max_size=60))
def test_bins_hold_everybody(drawn: list[tuple[int, int]]) -> None:
    places, customers = (np.array(column) for column in zip(*drawn, strict=True))
    axis = Axis("x", False, "none", "refuse", 3.0, 2.0, 1000, 0, 1)
    bins = drift.bins_of(axis, places.astype(float), customers)
    assert len(bins.shares) == len(bins.edges) + 1 <= 10
    assert sum(bins.shares) == pytest.approx(1, abs=1e-4)
    assert all(share > 0 for share in bins.shares)
    assert list(bins.edges) == sorted(set(bins.edges))
