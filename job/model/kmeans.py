"""KMeans on points that stand for many customers each. Pure: no database, no files.

The names of coordinates, and of shapes, are explained in points.py. Centroids are positions (k x axes), labels are
the numbers of centroids (points).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter

import numpy as np

from job.model.points import Points
from job.model.segment_model import Floats, Integers

N_INIT = 20  # starts of k-means++, tried on the points' coarse grid
BEST_STARTS = 8  # of them: where these end is refined on all points
MOST_STEPS = 300  # of Lloyd's algorithm, scikit-learn's limit


def fit(points: Points, k: int, seed: int, start: Floats | None = None, n_init: int = N_INIT) -> Integers:
    """Fit KMeans on the points, weighted by their customers; return centroids (k x axes) as positions.

    start: scaled centroids (k x axes) to start from, in place of n_init starts of k-means++ (Arthur and Vassilvitskii,
    2007).
    """
    with alike_everywhere():
        starts = _starts(points, k, seed, n_init) if start is None else [start]
        _, best = min((_lloyd(points.scaled, points.customers, start) for start in starts), key=itemgetter(0))
    return _settle(points, np.rint(best * points.axes[0].unit).astype(np.int64))


def best(scaled: Floats, customers: Integers | Floats, k: int, seed: int, n_init: int) -> tuple[float, Floats]:
    """Return the least inertia that n_init starts of k-means++ come to, and the scaled centroids (k x axes).

    To be called within `alike_everywhere`. scaled (points x axes), customers (points).
    """
    from sklearn.cluster import KMeans

    fitted = KMeans(k, n_init=n_init, max_iter=MOST_STEPS, tol=0, random_state=seed)
    fitted.fit(scaled, sample_weight=customers)
    return fitted.inertia_, fitted.cluster_centers_


@contextmanager
def alike_everywhere() -> Iterator[None]:
    """One thread: several add in any order, which shows in the last digits. Hundreds of short fits are not validated
    each."""
    from sklearn import config_context
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), config_context(assume_finite=True, skip_parameter_validation=True):
        yield


def _starts(points: Points, k: int, seed: int, n_init: int) -> list[Floats]:
    """Return the scaled centroids (each k x axes) that the BEST_STARTS of n_init starts end at on the coarse grid."""
    scaled, customers = points.coarse if len(points.coarse[0]) >= k else (points.scaled, points.customers)
    ends: dict[str, Floats] = {}  # by inertia: the same end is refined once
    for reached, centroids in _ends(scaled, customers, k, seed, n_init):
        ends.setdefault(f"{reached:.9g}", centroids)
    return [ends[reached] for reached in sorted(ends, key=float)[:BEST_STARTS]]


def _ends(
    scaled: Floats, customers: Integers | Floats, k: int, seed: int, n_init: int
) -> Iterator[tuple[float, Floats]]:
    """Give the inertia and the scaled centroids (k x axes) that each of n_init starts of k-means++ ends at."""
    from sklearn.cluster import kmeans_plusplus

    random = np.random.RandomState(seed)
    for _ in range(n_init):
        drawn, _ = kmeans_plusplus(scaled, k, sample_weight=customers, random_state=random)
        yield _lloyd(scaled, customers, drawn)


def _lloyd(scaled: Floats, customers: Integers | Floats, start: Floats) -> tuple[float, Floats]:
    """Return the inertia and the scaled centroids (k x axes) that Lloyd's algorithm comes to from the start.

    scaled (points x axes), customers (points), start (k x axes).
    """
    from sklearn.cluster import KMeans

    fitted = KMeans(len(start), init=start, n_init=1, max_iter=MOST_STEPS, tol=0).fit(scaled, sample_weight=customers)
    return fitted.inertia_, fitted.cluster_centers_


def _settle(points: Points, centroids: Integers) -> Integers:
    """Move centroids to the exact means of their points until they stay: rounding leaves no trace of the machine."""
    for _ in range(MOST_STEPS):
        before, centroids = centroids, step(points, centroids)
        if (centroids == before).all():
            break
    return centroids


def step(points: Points, centroids: Integers) -> Integers:
    """Return the means (k x axes) of the points that are nearest to each centroid: one of Lloyd's steps."""
    return means(*points.totals(nearest(points, centroids), len(centroids)), centroids)


def means(customers: Integers, positions: Integers, centroids: Integers) -> Integers:
    """Return the customers' mean positions (k x axes), rounded; a centroid without customers stays where it is.

    customers (k) and positions (k x axes): what each centroid's customers count and add up to, as `Points.totals`
    returns them.
    """
    counted = customers[:, None]
    return np.where(counted > 0, np.rint(positions / np.maximum(counted, 1)).astype(np.int64), centroids)


def nearest(points: Points, centroids: Integers) -> Integers:
    """Return the number of the nearest centroid of each point (points); of equally near ones the first."""
    scaled = np.asarray(centroids) / points.axes[0].unit
    labels: Integers = squared_distances(points.scaled, scaled).argmin(axis=1)
    return labels


def squared_distances(scaled: Floats, centroids: Floats) -> Floats:
    """Return the squared distances (points x k) of scaled points (points x axes) to scaled centroids (k x axes)."""
    return np.stack([((scaled - centroid) ** 2).sum(axis=1) for centroid in centroids], axis=1)


def inertia(points: Points, centroids: Integers, customers: Integers, positions: Integers) -> float:
    """Return the squared scaled distances of all customers to their centroids, added up.

    customers (k) and positions (k x axes): what each centroid's customers count and add up to, as `Points.totals`
    returns them. Exact until it is rounded at the end:
    sum |p - c|^2 = sum |p|^2 - sum over centroids of (2 c . sum p - n |c|^2).
    """
    c, p, n = centroids.astype(object), positions.astype(object), customers.astype(object)
    exact = points.squares - int((2 * (c * p).sum(axis=1) - n * (c * c).sum(axis=1)).sum())
    return float(f"{exact / points.axes[0].unit ** 2:.12g}")


def inertia_of(points: Points, centroids: Integers) -> float:
    """Return the inertia where every customer has the centroid that is nearest to the mean of its cell."""
    return inertia(points, centroids, *points.totals(nearest(points, centroids), len(centroids)))
