"""Weighted points -> SegmentModel. Pure: no database, no files.

Positions are whole millionths of a standard deviation from the mean of each transformed feature, so that sums
of them are exact in any order: the same customers give the same points on every engine and number of threads.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from job.config import Clustering, ClusteringFeature
from job.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

UNIT = 1_000_000  # positions in a standard deviation

# Cells an axis. Olist, k = 5: inertia 18,777.63 from 1,957 points with 2,000 cells, 18,776.55 from 9,101 with 16,000,
# 18,776.54 by KMeans on every row with tol=0 (18,777.98 with scikit-learn's default). With 32,000 it falls by less than
# a millionth more, on Olist and on a shop of a million.
CELLS = 16_000
MAX_POINTS = 50_000  # what is fetched and fitted at most; with more, the grid is made coarser
N_INIT = 25  # starts of k-means++: 0.3 s for 18,000 points and k = 5


@dataclass(frozen=True)
class Axis:
    """A feature's transform and scale, and the grid over it."""

    column: str
    transform: str
    centre: float  # mean of the transformed feature
    scale: float  # its standard deviation; 1 for a constant feature
    low: int  # least position
    width: int  # positions in a cell


@dataclass(frozen=True)
class SegmentModel:
    """All that is needed to label a customer again."""

    axes: tuple[Axis, ...]
    centroids: tuple[tuple[float, ...], ...]  # k rows of positions; after ordering, the segments' order
    names: tuple[str, ...]  # one a centroid; empty until they are named
    inertia: float  # over all customers: squared standard deviations
    points: int
    customers: int

    def to_json(self) -> str:
        """Return the model as JSON with sorted keys: equal models have equal texts."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "SegmentModel":
        """Return the model that `to_json` wrote."""
        values = json.loads(text)
        return cls(
            **{
                **values,
                "axes": tuple(Axis(**axis) for axis in values["axes"]),
                "centroids": tuple(tuple(centroid) for centroid in values["centroids"]),
                "names": tuple(values["names"]),
            }
        )

    def in_order(self, order: Sequence[int], names: Sequence[str]) -> "SegmentModel":
        """Return the model with its centroids in this order, named."""
        return replace(self, centroids=tuple(self.centroids[index] for index in order), names=tuple(names))


def make_axes(
    features: Sequence[ClusteringFeature], statistics: Mapping[str, Any], cells: int = CELLS
) -> tuple[Axis, ...]:
    """Return the axes for the statistics that feature_statistics.sql selects.

    Raises DataError when there is no customer, or a feature is NULL or outside its transform for some.
    """
    customers = statistics["customers"]
    if not customers:
        raise DataError("no customer has an order that counts; look at the statuses in features.sql and at the files")
    axes = []
    for index, feature in enumerate(features):
        undefined = customers - statistics[f"defined{index}"]
        if undefined:
            raise DataError(
                f"{feature.column} is NULL or too small for {feature.transform} for {undefined} of {customers} "
                "customers; mend features.sql or choose another transform"
            )
        constant = statistics[f"low{index}"] == statistics[f"high{index}"]
        scale = 1.0 if constant else _settled(statistics[f"deviation{index}"])
        axis = Axis(feature.column, feature.transform, _settled(statistics[f"mean{index}"]), scale, low=0, width=1)
        low, high = (_position(statistics[f"{end}{index}"], axis) for end in ("low", "high"))
        axes.append(replace(axis, low=low, width=max(1, math.ceil((high - low + 1) / cells))))
    return tuple(axes)


def _settled(value: float) -> float:
    """Drop the last digits, where an engine's order of addition shows."""
    return float(f"{value:.7g}")


def _position(value: float, axis: Axis) -> int:
    """The same operations, in the same order, as `position` in position.sql."""
    return math.floor((value - axis.centre) / axis.scale * UNIT + 0.5)


def model_id(points: "pd.DataFrame", axes: Sequence[Axis], clustering: Clustering) -> str:
    """Return sixteen hex digits that stand for all that centroids, order and names depend on: spend and orders too.

    Equal input needs no second fit.
    """
    settings = {"axes": [asdict(axis) for axis in axes], "k": clustering.k, "seed": clustering.seed, "n_init": N_INIT}
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    digest.update(np.ascontiguousarray(points.to_numpy(dtype=float)).tobytes())
    return digest.hexdigest()[:16]


def fit(points: "pd.DataFrame", axes: Sequence[Axis], clustering: Clustering) -> SegmentModel:
    """Fit KMeans on the points that points.sql selects: a row a cell, its customers as the weight.

    The centroids are in no particular order and have no names. Raises DataError with fewer points than segments.
    """
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    if len(points) < clustering.k:
        raise DataError(
            f"customers differ in {len(points)} ways only, too few for {clustering.k} segments; lower clustering.k"
        )
    positions, weights, within = _mean_positions(points, axes)
    with threadpool_limits(1):  # threads add in any order, which shows in the last digits
        fitted = KMeans(clustering.k, n_init=N_INIT, tol=0, random_state=clustering.seed).fit(
            positions, sample_weight=weights
        )
    centroids = np.rint(fitted.cluster_centers_ * UNIT)
    distances = ((positions[:, None, :] - centroids[None, :, :] / UNIT) ** 2).sum(axis=2)
    inertia = float(weights @ distances.min(axis=1)) + within
    return SegmentModel(
        axes=tuple(axes),
        centroids=tuple(tuple(row) for row in centroids.tolist()),
        names=(),
        inertia=float(f"{inertia:.12g}"),
        points=len(points),
        customers=int(weights.sum()),
    )


def _mean_positions(
    points: "pd.DataFrame", axes: Sequence[Axis]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return the mean position of each cell (cells x axes, standard deviations), its customers, and the sum of
    squares within all cells: sum(o^2) - sum(o)^2 / n for offsets o from a cell's corner."""
    count = range(len(axes))
    cells = points[[f"c{index}" for index in count]].to_numpy(dtype=float)
    sums = points[[f"s{index}" for index in count]].to_numpy(dtype=float)
    weights = points["customers"].to_numpy(dtype=float)
    corners = np.array([axis.low for axis in axes]) + cells * np.array([axis.width for axis in axes])
    means = sums / weights[:, None]
    within = points["squares"].to_numpy(dtype=float) - (sums * means).sum(axis=1)
    return (corners + means) / UNIT, weights, float(within.sum()) / UNIT**2
