"""How far segments depend on who happens to be a customer. Pure: no database, no files.

The names of coordinates, and of shapes, are explained in points.py. Centroids are positions (k x axes), labels are
the numbers of centroids (points).
"""

from dataclasses import dataclass

import numpy as np

from job.model import kmeans
from job.model.points import Points
from job.model.segment_model import Integers

SAMPLES = 30
N_INIT = 5  # starts of the fit on each of them


@dataclass(frozen=True)
class FoundAgain:
    """How far fits on resampled customers agree with the labels, as means over the samples."""

    stability: float  # of all segments: adjusted Rand index
    by_segment: tuple[float, ...]  # Jaccard index of each (k) and of the one that is most like it


def found_again(points: Points, centroids: Integers, seed: int) -> FoundAgain:
    """Draw as many customers, with replacement, fit, and label all points, SAMPLES times; on the coarse grid.

    The stability's idea is that of Ben-Hur, Elisseeff and Guyon, 2002; they compare subsamples. The segments' indices
    are those of Hennig's clusterboot, 2007.
    """
    scaled, customers = points.coarse
    k, total = len(centroids), points.total
    labels = kmeans.squared_distances(scaled, centroids / points.axes[0].unit).argmin(axis=1)
    agreements, indices = [], np.zeros(k)
    with kmeans.alike_everywhere():
        for number in range(SAMPLES):
            drawn = np.random.default_rng([seed, number]).multinomial(total, customers / total)
            some = drawn > 0
            _, found = kmeans.best(scaled[some], drawn[some], min(k, int(some.sum())), (seed + number) % 2**32, N_INIT)
            again = kmeans.squared_distances(scaled, found).argmin(axis=1)
            agreements.append(adjusted_rand(labels, again, customers))
            both = np.zeros((k, len(found)))
            np.add.at(both, (labels, again), customers)
            either = both.sum(axis=1)[:, None] + both.sum(axis=0) - both
            indices += (both / np.maximum(either, 1)).max(axis=1)
    return FoundAgain(float(np.mean(agreements)), tuple(float(index) for index in indices / SAMPLES))


def adjusted_rand(one: Integers, other: Integers, customers: Integers) -> float:
    """Return the adjusted Rand index (Hubert and Arabie, 1985) of two labellings of points.

    one, other: the labels (points). customers: how many each point stands for (points).
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
