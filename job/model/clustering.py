"""Weighted points -> centroids, and how good they are. Pure: no database, no files."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from job.config import Clustering, ClusteringFeature, Lifecycle
from job.errors import DataError
from job.model.segment_model import Axis, Bins, Floats, Quality, SegmentModel, fingerprint

if TYPE_CHECKING:
    import pandas as pd

Integers = NDArray[np.int64]

# Positions that the widest axis spans at most, and a tenth of it at least. Squared distances are sums of squares of
# whole numbers: below 2^53, and so exact in a double, for up to five axes.
WIDEST = 40_000_000
# Of the widest axis. Olist, k = 5: inertia 18,780.27 from 994 points with 2,000 cells, 18,776.93 from 4,967 with
# 16,000, 18,776.55 from 8,127 with 32,000, 18,776.54 from 13,002 with 64,000 and by KMeans on every row with tol=0.
CELLS = 32_000
LEVELS = 16  # of coarser grids, each with cells twice as wide: the last one has a single cell

# Starts of k-means++ are on a coarser grid of so many cells at most; where the best of them end is refined on all
# points. Five shops, 2 to 4 features, k = 2..10, three seeds: 17 s where 25 starts on all points took 43, the inertia
# 0.0071 % on average above the best that was found, where those came to 0.0013 %, and 10 such starts to 0.019 %.
ROUGH = 4_000
N_INIT = 20
BEST = 8
REFITS = 10  # on bootstrapped customers, for the stability: 0.3 s for 8,127 points and k = 5
REFIT_N_INIT = 5
MOST_STEPS = 300  # of Lloyd's algorithm, scikit-learn's limit
# Of the customers: what one night's refit may move where the inertia hardly gains from more. Without it 2 of 30
# simulated nights moved 1.5 % of the unchanged customers of a shop of 8,000; with it the worst moved 0.5 %.
CALM = 0.005
# Last time's k stays while its score is this share of the best one's. On Olist the elbow's scores change by 0.002 of
# themselves with 1 % more customers; that of the second best k is 0.91 of the best.
KEEP_K = 0.95


@dataclass(frozen=True)
class Points:
    """Customers summed up by the cell of a fine grid."""

    axes: tuple[Axis, ...]
    customers: Integers  # in each cell
    sums: Integers  # cells x axes: the customers' positions added up
    squares: int  # of the positions of all customers, added up
    within: Floats  # of each cell: squared distances of its customers to their mean, in positions

    @classmethod
    def of(cls, frame: "pd.DataFrame", axes: Sequence[Axis]) -> "Points":
        """Return the points that points.sql selects, a row a cell."""
        numbers = range(len(axes))
        customers = frame["customers"].to_numpy(dtype=np.int64)
        cells = frame[[f"c{number}" for number in numbers]].to_numpy(dtype=np.int64)
        offsets = frame[[f"s{number}" for number in numbers]].to_numpy(dtype=np.int64)
        squares = np.array([int(value) for value in frame["squares"]], dtype=object)
        corners = np.array([axis.low for axis in axes]) + cells * np.array([axis.width for axis in axes])
        # Python's own whole numbers: squares of positions of many customers do not fit into 64 bits.
        exact, offset = corners.astype(object), offsets.astype(object)
        from_mean = (exact**2).sum(axis=1) * customers + 2 * (exact * offset).sum(axis=1) + squares
        return cls(
            axes=tuple(axes),
            customers=customers,
            sums=customers[:, None] * corners + offsets,
            squares=int(from_mean.sum()),
            within=(squares * customers - (offset**2).sum(axis=1)).astype(float) / customers,
        )

    def __len__(self) -> int:
        return len(self.customers)

    @cached_property
    def places(self) -> Floats:
        """The mean of each cell's customers (cells x axes), in scales from the features' means."""
        return self.sums / self.customers[:, None] / self.axes[0].unit

    @cached_property
    def rough(self) -> tuple[Floats, Integers]:
        """The places and customers of at most ROUGH cells, each of 2, 4, 8... times the width."""
        places, customers = self.places, self.customers
        corners, widths = np.array([axis.low for axis in self.axes]), np.array([axis.width for axis in self.axes])
        cells = (self.sums // self.customers[:, None] - corners) // widths
        while len(places) > ROUGH:
            cells //= 2
            cell = np.zeros(len(self), dtype=np.int64)  # the number of each point's
            for along in cells.T:
                _, cell = np.unique(cell * (along.max() + 1) + along, return_inverse=True)
            customers, added = sums(self, cell, cell.max() + 1)
            places = added / customers[:, None] / self.axes[0].unit
        return places, customers

    @cached_property
    def total(self) -> int:
        """The number of customers."""
        return int(self.customers.sum())


def make_axes(
    features: Sequence[ClusteringFeature], statistics: Mapping[str, Any], whole: Iterable[str] = ()
) -> tuple[Axis, ...]:
    """Return the axes, on the finest grid, for the statistics that feature_statistics.sql selects.

    whole: the columns that hold whole numbers.
    Raises DataError when there is no customer, or a feature is NULL or outside its transform for some.
    """
    if not statistics["customers"]:
        if statistics["all_customers"]:
            raise DataError("every customer is left out: clustering.features says so where a column is NULL")
        raise DataError("no customer has an order that counts; look at the statuses in features.sql and at the files")
    axes, spans = [], []
    for index, feature in enumerate(features):
        _require_numbers(feature, index, statistics)
        low, high = float(statistics[f"low{index}"]), float(statistics[f"high{index}"])
        standard = feature.scaling == "standard" and low != high
        scale = float(f"{(statistics[f'deviation{index}'] if standard else 1.0) / feature.weight:.7g}")
        centre = _settled(statistics[f"mean{index}"], scale)
        spans.append((high - low) / scale)
        axes.append(
            Axis(feature.column, feature.column in whole, feature.transform, feature.nulls, centre, scale, 1.0, 0, 1)
        )
    unit = 10.0 ** math.floor(math.log10(WIDEST / max(spans))) if max(spans) > 0 else 1.0
    width = max(1, math.ceil(max(spans) * unit / CELLS))
    return tuple(
        replace(axis, unit=unit, width=width, low=position(float(statistics[f"low{index}"]), replace(axis, unit=unit)))
        for index, axis in enumerate(axes)
    )


def coarser(axes: Sequence[Axis], level: int) -> tuple[Axis, ...]:
    """Return the axes with cells that are 2^level as wide."""
    return tuple(replace(axis, width=axis.width * 2**level) for axis in axes)


def _require_numbers(feature: ClusteringFeature, index: int, statistics: Mapping[str, Any]) -> None:
    customers, given, defined = (statistics[name] for name in ("customers", f"given{index}", f"defined{index}"))
    if given < customers:
        raise DataError(
            f"{feature.column} is NULL for {customers - given} of {customers} customers; mend the features' SQL, or "
            "say in clustering.features.nulls what NULL means"
        )
    if defined < given:
        raise DataError(
            f"{feature.column} is too small for {feature.transform} for {given - defined} of {customers} customers; "
            "mend the features' SQL (refunds can make spend negative), or choose another transform"
        )
    found = [float(statistics[f"{figure}{index}"]) for figure in ("low", "high", "mean", "deviation")]
    if not all(map(math.isfinite, found)):
        raise DataError(f"{feature.column} is NaN, infinite or too large to reckon with for some customers")


def _settled(mean: float, scale: float) -> float:
    """Drop the last digits, where an engine's order of addition shows: what is far below the scale."""
    return round(float(mean), 7 - math.floor(math.log10(scale)))


def position(transformed: float, axis: Axis) -> int:
    """The same operations, in the same order, as `position` in position.sql."""
    return math.floor((transformed - axis.centre) / axis.scale * axis.unit + 0.5)


def space(features: Sequence[ClusteringFeature]) -> str:
    """Return what stands for the features, transforms and weights: centroids of one space can be compared."""
    return fingerprint([feature.model_dump() for feature in features])


def asked(clustering: Clustering, order_by: str, features_sql: str) -> str:
    """Return what stands for the part of the config that the segments depend on."""
    unused = (
        {"max_points"} if clustering.k == "auto" else {"max_points", "k_range", "method", "min_share", "min_stability"}
    )
    return fingerprint([clustering.model_dump(exclude=unused), order_by, features_sql])


def seen(points: Points, asked_for: str) -> str:
    """Return what stands for all that a fit sees, but for the model before: equal input needs no second fit."""
    figures = np.column_stack([points.customers, points.sums])
    axes = [asdict(axis) for axis in points.axes]
    return fingerprint([asked_for, axes, points.squares, hashlib.sha256(figures.tobytes()).hexdigest()])


def fit(points: Points, k: int, seed: int, start: Floats | None = None, n_init: int = N_INIT) -> Integers:
    """Fit KMeans on the points, weighted by their customers; return centroids (k x axes) as positions.

    start: centroids to start from, in place of n_init starts of k-means++.
    """
    from sklearn import config_context
    from threadpoolctl import threadpool_limits

    # Threads add in any order, which shows in the last digits. Hundreds of short fits are not to be validated each.
    with threadpool_limits(1), config_context(assume_finite=True, skip_parameter_validation=True):
        starts = _starts(points, k, seed, n_init) if start is None else [start]
        _, best = min((_lloyd(points.places, points.customers, start) for start in starts), key=itemgetter(0))
    return _settle(points, np.rint(best * points.axes[0].unit).astype(np.int64))


def _starts(points: Points, k: int, seed: int, n_init: int) -> list[Floats]:
    """Return the centroids (k x axes) that the BEST of n_init starts end at on the coarser grid."""
    from sklearn.cluster import kmeans_plusplus

    places, customers = points.rough if len(points.rough[0]) >= k else (points.places, points.customers)
    random = np.random.RandomState(seed)
    found: dict[str, Floats] = {}
    for _ in range(n_init):
        drawn, _ = kmeans_plusplus(places, k, sample_weight=customers, random_state=random)
        inertia, centroids = _lloyd(places, customers, drawn)
        found.setdefault(f"{inertia:.9g}", centroids)
    return [found[inertia] for inertia in sorted(found, key=float)[:BEST]]


def _lloyd(places: Floats, customers: Integers, start: Floats) -> tuple[float, Floats]:
    """Return the inertia and the centroids that Lloyd's algorithm comes to from the start."""
    from sklearn.cluster import KMeans

    fitted = KMeans(len(start), init=start, n_init=1, max_iter=MOST_STEPS, tol=0).fit(places, sample_weight=customers)
    return fitted.inertia_, fitted.cluster_centers_


def _settle(points: Points, centroids: Integers) -> Integers:
    """Move centroids to the exact means of their points until they stay: rounding leaves no trace of the machine."""
    for _ in range(MOST_STEPS):
        before, centroids = centroids, _step(points, centroids)
        if (centroids == before).all():
            break
    return centroids


def _step(points: Points, centroids: Integers) -> Integers:
    """Return the means of the points that are nearest to each centroid: one of Lloyd's steps."""
    return means(*sums(points, nearest(points, centroids), len(centroids)), centroids)


def sums(points: Points, labels: Integers, k: int) -> tuple[Integers, Integers]:
    """Return the customers of every centroid, and their positions added up (k x axes)."""
    customers, positions = np.zeros(k, dtype=np.int64), np.zeros((len(points.axes), k), dtype=np.int64)
    np.add.at(customers, labels, points.customers)
    for along, its in zip(positions, points.sums.T, strict=True):  # ten times as fast as both axes at once
        np.add.at(along, labels, its)
    return customers, positions.T


def means(customers: Integers, positions: Integers, centroids: Integers) -> Integers:
    """Return the customers' mean positions, rounded; an empty centroid stays where it is."""
    counted = customers[:, None]
    return np.where(counted > 0, np.rint(positions / np.maximum(counted, 1)).astype(np.int64), centroids)


def nearest(points: Points, centroids: Integers) -> Integers:
    """Return the number of the nearest centroid of each point; of equally near ones the first."""
    found: Integers = _squared_distances(points, centroids).argmin(axis=1)
    return found


def _squared_distances(points: Points, centroids: Integers) -> Floats:
    """Points x centroids, in squared scales."""
    places = np.asarray(centroids) / points.axes[0].unit
    return np.stack([((points.places - place) ** 2).sum(axis=1) for place in places], axis=1)


def inertia(points: Points, centroids: Integers, customers: Integers, positions: Integers) -> float:
    """Return the squared distances of all customers to their centroids, added up, in squared scales.

    customers, positions: what each centroid's customers count and add up to, as `sums` returns them. Exact but for
    its last rounding: sum |p - c|^2 = sum |p|^2 - sum over centroids of (2 c . sum p - n |c|^2).
    """
    c, p, n = centroids.astype(object), positions.astype(object), customers.astype(object)
    exact = points.squares - int((2 * (c * p).sum(axis=1) - n * (c * c).sum(axis=1)).sum())
    return float(f"{exact / points.axes[0].unit ** 2:.12g}")


def inertia_of(points: Points, centroids: Integers) -> float:
    """Return the inertia where every customer has the centroid that is nearest to the mean of its cell."""
    return inertia(points, centroids, *sums(points, nearest(points, centroids), len(centroids)))


def error_bound(points: Points, centroids: Integers) -> float:
    """Return the share by which `inertia_of` is too high at most, as customers of a cell may have other centroids.

    A customer at a distance t from its cell's mean, towards the next centroid, gains 2 t D - gap by going there,
    where D is the distance of the two centroids and gap the mean's difference in squared distance: nothing while
    t < gap / 2D, at most (t D)^2 / gap, and at most 2 t D. Added up, sum t^2 <= within, and sum t <= sqrt(n within).
    """
    distances = _squared_distances(points, centroids)
    own = distances.argmin(axis=1)
    places = centroids / points.axes[0].unit
    within = points.within / points.axes[0].unit ** 2
    reach = math.sqrt(sum((axis.width / axis.unit) ** 2 for axis in points.axes))
    gained = 0.0
    for number, place in enumerate(places):
        apart = np.sqrt(((places[own] - place) ** 2).sum(axis=1))
        gap = distances[:, number] - distances[np.arange(len(points)), own]
        near = (own != number) & (2 * reach * apart > gap)
        far = apart[near] ** 2 * within[near] / np.maximum(gap[near], 1e-300)
        gained += float(np.minimum(far, 2 * apart[near] * np.sqrt(points.customers[near] * within[near])).sum())
    return float(f"{gained / max(inertia_of(points, centroids), 1e-300):.3g}") if gained else 0.0


def quality(points: Points, centroids: Integers, seed: int) -> Quality:
    """Return how well the centroids describe the customers.

    Simplified silhouette: Hruschka, de Castro and Campello, 2004. Davies-Bouldin: Davies and Bouldin, 1979.
    Calinski-Harabasz: Calinski and Harabasz, 1974. All O(points x k), every point counted once per customer.
    """
    k, n = len(centroids), points.total
    distances = np.sqrt(_squared_distances(points, centroids))
    labels = distances.argmin(axis=1)
    two = np.sort(distances, axis=1)[:, :2]
    silhouettes = 1 - two[:, 0] / np.maximum(two[:, 1], 1e-300)
    customers, _ = sums(points, labels, k)
    spread = np.bincount(labels, points.customers * two[:, 0], k) / np.maximum(customers, 1)
    places = centroids / points.axes[0].unit
    apart = np.sqrt(((places[:, None, :] - places[None, :, :]) ** 2).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    found, alone = inertia_of(points, centroids), _inertia_of_one(points)
    scatter = (alone - found) / (k - 1) / (found / (n - k)) if found and n > k else 0.0
    return Quality(
        k=k,
        inertia=found,
        explained=_rounded(1 - found / alone),
        silhouette=_rounded(float(np.average(silhouettes, weights=points.customers))),
        davies_bouldin=_rounded(float(((spread[:, None] + spread[None, :]) / apart).max(axis=1).mean())),
        calinski_harabasz=_rounded(scatter),
        smallest_share=_rounded(float(customers.min()) / n),
        stability=_rounded(_stability(points, labels, k, seed)),
    )


def _rounded(value: float) -> float:
    """Six digits: the last ones of a double may differ from machine to machine."""
    return float(f"{value:.6g}")


def _inertia_of_one(points: Points) -> float:
    return inertia_of(points, np.rint(points.sums.sum(axis=0, keepdims=True) / points.total).astype(np.int64))


def _stability(points: Points, labels: Integers, k: int, seed: int) -> float:
    """Return how far refits on bootstrapped customers agree with the labels: the mean adjusted Rand index."""
    found = []
    for number in range(REFITS):
        rng = np.random.default_rng([seed, number])
        drawn = rng.multinomial(points.total, points.customers / points.total)
        there = drawn > 0
        if there.sum() < k:
            return 0.0
        resampled = replace(
            points,
            customers=drawn[there],
            sums=np.rint(points.sums[there] / points.customers[there, None] * drawn[there, None]).astype(np.int64),
        )
        refit = fit(resampled, k, (seed + number) % 2**32, n_init=REFIT_N_INIT)
        found.append(adjusted_rand(labels, nearest(points, refit), points.customers))
    return float(np.mean(found))


def adjusted_rand(one: Integers, other: Integers, customers: Integers) -> float:
    """Return the adjusted Rand index (Hubert and Arabie, 1985) of two labellings of points that stand for customers.

    scikit-learn's has no weights, and a hundred million customers would be a hundred million labels.
    """
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), customers)
    pairs, rows, columns = (
        float((counts * (counts - 1)).sum() / 2) for counts in (table, table.sum(axis=1), table.sum(axis=0))
    )
    n = float(table.sum())
    expected = rows * columns / (n * (n - 1) / 2) if n > 1 else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == expected else (pairs - expected) / (most - expected)


def matched(
    axes: Sequence[Axis], centroids: Sequence[Sequence[int]] | Integers, last: SegmentModel
) -> list[int] | None:
    """Return, for each of the last model's segments, the number of the centroid that takes its letter and name.

    The pairs have the least sum of squared distances, in the space scaled by `axes`. None: there is another number of
    centroids, or some centroid is nearer to another segment's than to its own, so that a name would land where it
    does not belong.
    """
    from scipy.optimize import linear_sum_assignment

    if len(centroids) != last.k:
        return None
    new, old = np.array(centroids, dtype=float) / axes[0].unit, last.centroids_on(axes)
    apart = ((old[:, None, :] - new[None, :, :]) ** 2).sum(axis=2)
    _, found = linear_sum_assignment(apart)
    at_home = (apart.argmin(axis=1) == found).all() and (apart.argmin(axis=0)[found] == np.arange(last.k)).all()
    return [int(number) for number in found] if at_home else None


@dataclass(frozen=True)
class Candidate:
    """Centroids that may become a model."""

    centroids: Integers
    carried_on: bool = False  # from last time's
    warning: str = ""


def candidates(
    points: Points, clustering: Clustering, lifecycle: Lifecycle, last: SegmentModel | None
) -> dict[int, Candidate]:
    """Return what there is for every k to be tried.

    last: the model before, where it is of the same space; its centroids are carried on, see `_carried_on`.
    Raises DataError with fewer different customers than segments.
    """
    first, final = clustering.k_range if clustering.k == "auto" else (clustering.k, clustering.k)
    if len(points) < first:
        raise DataError(_too_few(points, first))
    found = {}
    for k in range(first, min(final, len(points)) + 1):
        fresh = fit(points, k, clustering.seed)
        same_k = last is not None and last.k == k
        found[k] = _carried_on(points, fresh, clustering, lifecycle, last) if last and same_k else Candidate(fresh)
    return found


def _carried_on(
    points: Points, fresh: Integers, clustering: Clustering, lifecycle: Lifecycle, last: SegmentModel
) -> Candidate:
    """Return last time's centroids, fitted to today's customers; or the fit from scratch, where it is better by
    `refit_gain` and keeps the segments recognizable: a night may not turn them over by itself."""
    before = labels_of(points, last)
    start = last.centroids_on(points.axes)
    carried = fit(points, last.k, clustering.seed, start=start)
    calm = _calm(points, start, before)
    if _gain(points, carried, calm) <= lifecycle.refit_gain:
        carried = calm
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


def _calm(points: Points, start: Floats, before: Integers) -> Integers:
    """Fit on from `start` as long as hardly any customer changes the segment; the rest is left to the nights to come.

    In a flat place, where the inertia hardly changes, some new customers would else drag centroids a long way.
    """
    centroids = np.rint(start * points.axes[0].unit).astype(np.int64)
    for _ in range(MOST_STEPS):
        further = _step(points, centroids)
        if (further == centroids).all() or moved(points, further, before) > CALM:
            break
        centroids = further
    return centroids


def labels_of(points: Points, model: SegmentModel) -> Integers:
    """Return the number of the model's nearest centroid of each point, in the model's own scaled space."""
    pairs = enumerate(zip(points.axes, model.axes, strict=True))
    places = [(axis.transformed(points.places[:, i]) - own.centre) / own.scale for i, (axis, own) in pairs]
    centroids = np.array(model.centroids) / model.axes[0].unit
    apart = ((np.stack(places, axis=1)[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2)
    found: Integers = apart.argmin(axis=1)
    return found


def moved(points: Points, centroids: Integers, before: Integers) -> float:
    """Return the share of the customers whose nearest centroid is another one than before."""
    return float(points.customers[nearest(points, centroids) != before].sum() / points.total)


def _gain(points: Points, better: Integers, centroids: Integers) -> float:
    """Return the share by which the inertia is lower with the better centroids."""
    return 1 - inertia_of(points, better) / max(inertia_of(points, centroids), 1e-300)


def _too_few(points: Points, k: int) -> str:
    if points.total == 1:
        return f"there is one customer, too few for {k} segments"
    ways = "are all alike" if len(points) == 1 else f"make {len(points)} different points only"
    return (
        f"the {points.total} customers {ways}, too few for {k} segments; lower clustering.k, add a feature, or take a "
        "transform such as log1p where single values dwarf the rest"
    )


def choose(tried: Sequence[Quality], clustering: Clustering, last_k: int | None) -> tuple[int, tuple[Quality, ...]]:
    """Return the k to take, and what was tried with the reasons against.

    last_k: the k of the model before; it stays while it is hardly worse than the best. Raises DataError when no k may
    be taken.
    """
    from kneed import KneeLocator

    if clustering.k != "auto":
        return tried[0].k, tuple(tried)
    if clustering.method == "elbow" and len(tried) > 2:  # an elbow has a side to each side
        curve = KneeLocator(
            [quality.k for quality in tried],
            [quality.inertia for quality in tried],
            curve="convex",
            direction="decreasing",
        )
        scores = [float(height) for height in curve.y_difference]
    elif clustering.method == "davies_bouldin":
        scores = [1 / max(quality.davies_bouldin, 1e-9) for quality in tried]
    else:
        scores = [quality.silhouette for quality in tried]
    judged = tuple(replace(quality, refused=_refusal(quality, clustering)) for quality in tried)
    allowed = {quality.k: score for quality, score in zip(judged, scores, strict=True) if not quality.refused}
    if not allowed:
        reasons = "; ".join(f"k = {quality.k}: {quality.refused}" for quality in judged)
        raise DataError(
            f"no k may be taken ({reasons}); lower clustering.min_share or min_stability, or set clustering.k"
        )
    best = max(allowed, key=lambda k: allowed[k])
    if last_k in allowed and allowed[last_k] >= KEEP_K * allowed[best]:
        best = last_k
    return best, judged


def _refusal(quality: Quality, clustering: Clustering) -> str:
    if quality.smallest_share < clustering.min_share:
        return f"its smallest segment has {quality.smallest_share:.2%} of the customers"
    if quality.stability < clustering.min_stability:
        return f"refits agree by {quality.stability:.2f} only"
    return ""


def distribution(points: Points) -> tuple[Bins, ...]:
    """Return how the points are distributed along each axis: edges at the tenths of the customers."""
    return tuple(_bins(axis, points.places[:, index], points.customers) for index, axis in enumerate(points.axes))


def _bins(axis: Axis, places: Floats, customers: Integers) -> Bins:
    values, inverse = np.unique(places, return_inverse=True)
    running = np.cumsum(np.bincount(inverse, customers)) / customers.sum()
    ends = np.unique(np.searchsorted(running, np.arange(0.1, 0.95, 0.1) - 1e-9))
    ends = ends[ends < len(values) - 1]
    edges = axis.transformed((values[ends] + values[ends + 1]) / 2)
    rounded = tuple(float(f"{edge:.9g}") for edge in edges)
    return Bins(rounded, tuple(_rounded(share) for share in shares_of(rounded, axis, places, customers)))


def shares_of(edges: Sequence[float], axis: Axis, places: Floats, customers: Integers) -> Floats:
    """Return the share of the customers in each bin: up to the first edge, up to the next, ..., above the last."""
    bins = np.searchsorted(np.array(edges), axis.transformed(places))
    found: Floats = np.bincount(bins, customers, len(edges) + 1) / customers.sum()
    return found
