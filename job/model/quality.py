"""How well centroids describe the customers, and which k to take. Pure: no database, no files.

The names of coordinates, and of shapes, are explained in points.py. Centroids are positions (k x axes), labels are
the numbers of centroids (points).
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from job.errors import DataError
from job.model import kmeans
from job.model.points import Points
from job.model.segment_model import Integers, Quality

if TYPE_CHECKING:
    from job.config import Clustering

# Last time's k stays while its score is this share of the best one's: scores change a little every night, and far less
# than the second best k is below the best.
KEEP_K = 0.95
TINY = 1e-300  # in place of a divisor that is 0


def measure(points: Points, centroids: Integers, stability: float) -> Quality:
    """Return how well the centroids describe the customers.

    stability: as found on resampled customers.
    Simplified silhouette: Hruschka, de Castro and Campello, 2004. Davies-Bouldin: Davies and Bouldin, 1979.
    Calinski-Harabasz: Calinski and Harabasz, 1974. All O(points x k), every point counted once per customer.
    """
    k, n = len(centroids), points.total
    scaled = centroids / points.axes[0].unit
    distances = np.sqrt(kmeans.squared_distances(points.scaled, scaled))
    labels = distances.argmin(axis=1)
    two = np.sort(distances, axis=1)[:, :2]
    silhouettes = 1 - two[:, 0] / np.maximum(two[:, 1], TINY)
    customers, _ = points.totals(labels, k)
    spread = np.bincount(labels, points.customers * two[:, 0], k) / np.maximum(customers, 1)
    apart = np.sqrt(kmeans.squared_distances(scaled, scaled))
    np.fill_diagonal(apart, np.inf)
    inertia, alone = kmeans.inertia_of(points, centroids), _inertia_of_one(points)
    scatter = (alone - inertia) / (k - 1) / (inertia / (n - k)) if inertia and n > k else 0.0
    return Quality(
        k=k,
        inertia=inertia,
        explained=rounded(1 - inertia / alone),
        silhouette=rounded(float(np.average(silhouettes, weights=points.customers))),
        davies_bouldin=rounded(float(((spread[:, None] + spread[None, :]) / apart).max(axis=1).mean())),
        calinski_harabasz=rounded(scatter),
        smallest_share=rounded(float(customers.min()) / n),
        stability=rounded(stability),
    )


def rounded(value: float) -> float:
    """Return six digits: the last ones of a double may differ from machine to machine."""
    return float(f"{value:.6g}")


def _inertia_of_one(points: Points) -> float:
    """Return the inertia of k = 1, around the mean of all customers."""
    return kmeans.inertia_of(points, np.rint(points.sums.sum(axis=0, keepdims=True) / points.total).astype(np.int64))


def error_bound(points: Points, centroids: Integers) -> float:
    """Return the share by which `kmeans.inertia_of` is too high at most.

    It gives all customers of a cell one centroid, where another one may be nearer to some of them.
    A customer at a distance t from its cell's mean, towards the next centroid, gains 2 t D - gap by going there,
    where D is the distance of the two centroids and gap the mean's difference in squared distance: nothing while
    t < gap / 2D, at most (t D)^2 / gap, and at most 2 t D. Added up, sum t^2 <= within, and sum t <= sqrt(n within).
    """
    scaled = centroids / points.axes[0].unit
    distances = kmeans.squared_distances(points.scaled, scaled)
    own = distances.argmin(axis=1)
    within = points.within / points.axes[0].unit ** 2
    diagonal = math.sqrt(sum((axis.width / axis.unit) ** 2 for axis in points.axes))  # of a cell: t is no longer
    gained = 0.0
    for number, centroid in enumerate(scaled):
        apart = np.sqrt(((scaled[own] - centroid) ** 2).sum(axis=1))
        gap = distances[:, number] - distances[np.arange(len(points)), own]
        near = (own != number) & (2 * diagonal * apart > gap)
        far = apart[near] ** 2 * within[near] / np.maximum(gap[near], TINY)
        gained += float(np.minimum(far, 2 * apart[near] * np.sqrt(points.customers[near] * within[near])).sum())
    return float(f"{gained / max(kmeans.inertia_of(points, centroids), TINY):.3g}") if gained else 0.0


def choose(tried: Sequence[Quality], clustering: "Clustering", last_k: int | None) -> tuple[int, tuple[Quality, ...]]:
    """Return the k to take, and what was tried with the reasons against.

    last_k: the k of the model before; it stays while its score is KEEP_K of the best one's.
    Raises DataError when no k may be taken.
    """
    if clustering.k != "auto":
        return tried[0].k, tuple(tried)
    judged = tuple(replace(quality, refused=_refusal(quality, clustering)) for quality in tried)
    scores = zip(judged, _scores(tried, clustering.method), strict=True)
    allowed = {quality.k: score for quality, score in scores if not quality.refused}
    if not allowed:
        reasons = "; ".join(f"k = {quality.k}: {quality.refused}" for quality in judged)
        raise DataError(
            f"no k may be taken ({reasons}); lower clustering.min_share or min_stability, or set clustering.k"
        )
    best = max(allowed, key=lambda k: allowed[k])
    if last_k in allowed and allowed[last_k] >= KEEP_K * allowed[best]:
        best = last_k
    return best, judged


def _scores(tried: Sequence[Quality], method: str) -> list[float]:
    """Return the score of each k by `clustering.method`: the higher the better.

    The elbow's is the height of the inertias' curve below its chord (Satopaa et al., 2011). An elbow needs a k on
    either side of it; with two k, the silhouette is taken.
    """
    if method == "elbow" and len(tried) > 2:
        return _below_the_chord([quality.k for quality in tried], [quality.inertia for quality in tried])
    if method == "davies_bouldin":
        return [1 / max(quality.davies_bouldin, 1e-9) for quality in tried]
    return [quality.silhouette for quality in tried]


def _below_the_chord(ks: Sequence[int], inertias: Sequence[float]) -> list[float]:
    from kneed import KneeLocator  # here alone: it imports matplotlib, which takes longer than a fit

    curve = KneeLocator(ks, inertias, curve="convex", direction="decreasing")
    return [float(height) for height in curve.y_difference]


def _refusal(quality: Quality, clustering: "Clustering") -> str:
    if quality.smallest_share < clustering.min_share:
        return f"its smallest segment has {quality.smallest_share:.2%} of the customers"
    if quality.stability < clustering.min_stability:
        return f"refits agree by {quality.stability:.2f} only"
    return ""
