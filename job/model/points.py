"""Points: customers summed up by the cell of a fine grid. Pure: no database, no files.

A feature of a customer has five coordinates. The whole job calls them by these names:

raw          the column's value, in the column's unit, such as 361.50 BRL
transformed  raw after the feature's transform, such as log1p(361.50)
scaled       (transformed - centre) / scale: 0 is the customers' mean, 1 is one scale above it, which is a standard
             deviation where the scaling is `standard` and the weight is 1; distances and inertias are of scaled values
position     floor(scaled * unit + 0.5): a whole number of small steps from the mean, `unit` of them to one scale;
             whole numbers add up to the same sum in any order, so every engine and any number of threads finds the
             same points; centroids are stored as positions
cell         floor((position - low) / width): a whole number, counted from 0 at the least position; the customers who
             are in one cell on every axis are one point

centre, scale, unit, low and width are those of an Axis. `position` has a twin in position.sql.
In shapes, `points`, `axes` and `k` are how many there are.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from job.errors import DataError
from job.model.segment_model import Axis, Floats, Integers

if TYPE_CHECKING:
    import pandas as pd

    from job.config import ClusteringFeature

# Positions that the widest axis spans: this many at most, and a tenth of it at least. Squared distances are sums of
# squares of whole numbers: below 2^53, and so exact in a double, for up to five axes.
MOST_POSITIONS = 40_000_000
# Cells that the widest axis is cut into at most. Twice as many would lower Olist's inertia by less than a millionth.
MOST_CELLS = 32_000
GRIDS = 16  # that points may be on, each with cells twice as wide as the one before: the last one has a single cell
# Starts of k-means++ are tried on a coarser grid with this many points at most: far faster than on all points, and on
# average the inertia is within a ten-thousandth of the best known.
MOST_START_POINTS = 4_000


@dataclass(frozen=True)
class Points:
    """The cells that have customers, and what these add up to."""

    axes: tuple[Axis, ...]
    customers: Integers  # (points): how many are in each cell
    sums: Integers  # (points x axes): their positions added up
    squares: int  # squares of the positions of all customers on all axes, added up
    within: Floats  # (points): squared distances of a cell's customers to their mean, added up, in squared positions

    @classmethod
    def of(cls, frame: "pd.DataFrame", axes: Sequence[Axis]) -> "Points":
        """Return the points that points.sql selects, a row a cell.

        frame: `customers`; on each axis the cell (c0, c1, ...) and the customers' offsets from its lower corner, in
        positions, added up (s0, s1, ...); `squares` of all offsets, added up.
        """
        numbers = range(len(axes))
        customers = frame["customers"].to_numpy(dtype=np.int64)
        cells = frame[[f"c{number}" for number in numbers]].to_numpy(dtype=np.int64)
        offsets = frame[[f"s{number}" for number in numbers]].to_numpy(dtype=np.int64)
        offsets_squared = np.array([int(value) for value in frame["squares"]], dtype=object)
        corners = np.array([axis.low for axis in axes]) + cells * np.array([axis.width for axis in axes])
        # Python's own whole numbers: squares of positions of many customers do not fit into 64 bits.
        corner, offset = corners.astype(object), offsets.astype(object)
        positions_squared = (corner**2).sum(axis=1) * customers + 2 * (corner * offset).sum(axis=1) + offsets_squared
        return cls(
            axes=tuple(axes),
            customers=customers,
            sums=customers[:, None] * corners + offsets,
            squares=int(positions_squared.sum()),
            within=(offsets_squared * customers - (offset**2).sum(axis=1)).astype(float) / customers,
        )

    def __len__(self) -> int:
        return len(self.customers)

    @cached_property
    def total(self) -> int:
        """The number of customers."""
        return int(self.customers.sum())

    @cached_property
    def scaled(self) -> Floats:
        """The mean of each cell's customers (points x axes), scaled."""
        return self.sums / self.customers[:, None] / self.axes[0].unit

    @cached_property
    def raw(self) -> Floats:
        """The features of each cell's customers (points x axes), in the columns' units: whole where they are whole."""
        values = np.column_stack(
            [axis.raw(axis.transformed(self.scaled[:, index])) for index, axis in enumerate(self.axes)]
        )
        whole = [axis.whole for axis in self.axes]
        values[:, whole] = np.rint(values[:, whole])
        return values

    @cached_property
    def coarse(self) -> tuple[Floats, Integers]:
        """MOST_START_POINTS points at most, on a grid that is coarse enough: their scaled means (points x axes) and
        customers (points)."""
        scaled, customers = self.scaled, self.customers
        lows, widths = np.array([axis.low for axis in self.axes]), np.array([axis.width for axis in self.axes])
        cells = (self.sums // self.customers[:, None] - lows) // widths
        while len(scaled) > MOST_START_POINTS:
            cells //= 2
            cell = np.zeros(len(self), dtype=np.int64)  # the number of each point's
            for along in cells.T:
                _, cell = np.unique(cell * (along.max() + 1) + along, return_inverse=True)
            customers, positions = self.totals(cell, cell.max() + 1)
            scaled = positions / customers[:, None] / self.axes[0].unit
        return scaled, customers

    def totals(self, labels: Integers, k: int) -> tuple[Integers, Integers]:
        """Return the customers (k) of each label from 0 to k - 1, and their positions added up (k x axes).

        labels: of each point (points).
        """
        customers, positions = np.zeros(k, dtype=np.int64), np.zeros((len(self.axes), k), dtype=np.int64)
        np.add.at(customers, labels, self.customers)
        for along, sums in zip(positions, self.sums.T, strict=True):  # far faster than all axes at once
            np.add.at(along, labels, sums)
        return customers, positions.T


def make_axes(
    features: Sequence["ClusteringFeature"], statistics: Mapping[str, Any], whole: Iterable[str] = ()
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
        centre = _without_noise(statistics[f"mean{index}"], scale)
        spans.append((high - low) / scale)
        axes.append(
            Axis(feature.column, feature.column in whole, feature.transform, feature.nulls, centre, scale, 1.0, 0, 1)
        )
    unit = 10.0 ** math.floor(math.log10(MOST_POSITIONS / max(spans))) if max(spans) > 0 else 1.0
    width = max(1, math.ceil(max(spans) * unit / MOST_CELLS))
    return tuple(
        replace(axis, unit=unit, width=width, low=position(float(statistics[f"low{index}"]), replace(axis, unit=unit)))
        for index, axis in enumerate(axes)
    )


def coarser(axes: Sequence[Axis], level: int) -> tuple[Axis, ...]:
    """Return the axes with cells that are 2^level as wide."""
    return tuple(replace(axis, width=axis.width * 2**level) for axis in axes)


def position(transformed: float, axis: Axis) -> int:
    """Return the position; the same operations, in the same order, as `position` in position.sql."""
    return math.floor((transformed - axis.centre) / axis.scale * axis.unit + 0.5)


def _require_numbers(feature: "ClusteringFeature", index: int, statistics: Mapping[str, Any]) -> None:
    customers, given, defined = (statistics[name] for name in ("customers", f"given{index}", f"defined{index}"))
    if given < customers:
        raise DataError(
            f"{feature.column} is NULL for {customers - given} of {customers} customers; correct the features' SQL, or "
            "say in clustering.features.nulls what NULL means"
        )
    if defined < given:
        raise DataError(
            f"{feature.column} is too small for {feature.transform} for {given - defined} of {customers} customers; "
            "correct the features' SQL (refunds can make spend negative), or choose another transform"
        )
    figures = [float(statistics[f"{figure}{index}"]) for figure in ("low", "high", "mean", "deviation")]
    if not all(map(math.isfinite, figures)):
        raise DataError(f"{feature.column} is NaN, infinite or too large to reckon with for some customers")


def _without_noise(mean: float, scale: float) -> float:
    """Drop the last digits, where an engine's order of addition shows: what is far below the scale."""
    return round(float(mean), 7 - math.floor(math.log10(scale)))
