"""What a fitted model holds: all that is needed to label a customer again, and to say why. Pure: no database, no files.

What raw, transformed, scaled, position and cell mean is explained in points.py.
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from job.errors import DataError
from job.transforms import TRANSFORMS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Bounds = tuple[float, float]  # over the first, up to the second; in the column's unit; infinite: no bound

# Names in the stored JSON, by attribute. Model ids are hashes of it, so they stay what they once were.
STORED_NAMES = {
    "feature_space_fingerprint": "space",
    "settings_fingerprint": "asked",
    "input_fingerprint": "input",
}


@dataclass(frozen=True)
class Axis:
    """A feature's transform and scale, and the grid over it; see points.py for the coordinates."""

    column: str
    whole: bool  # the column holds whole numbers
    transform: str
    nulls: str | float  # refuse, leave_out, or what stands for NULL
    centre: float  # mean of the transformed feature
    scale: float  # its standard deviation, or 1, over its weight
    unit: float  # positions in one scale, a power of ten; the same on all axes of a model
    low: int  # least position
    width: int  # positions in a cell; the same on all axes

    def transformed(self, scaled: Floats) -> Floats:
        """Return the transformed feature at scaled values, in an array of the same shape."""
        return scaled * self.scale + self.centre

    def raw(self, transformed: Floats) -> Floats:
        """Return the feature itself, in the column's unit, in an array of the same shape."""
        raw: Floats = TRANSFORMS[self.transform].inverse(transformed)
        return raw


@dataclass(frozen=True)
class Bins:
    """How an axis was distributed when the model was fitted: about a tenth of the customers in each bin."""

    edges: tuple[float, ...]  # between the bins, on the transformed feature
    shares: tuple[float, ...]  # of all customers; one more than edges


@dataclass(frozen=True)
class Quality:
    """How well k segments describe the points. Indices are weighted by customers."""

    k: int
    inertia: float  # squared scales, over all customers
    explained: float  # share of the inertia of k = 1 that is gone
    silhouette: float  # simplified: distances to centroids, -1 to 1, the higher the better
    davies_bouldin: float  # the lower the better
    calinski_harabasz: float  # the higher the better
    smallest_share: float  # of all customers
    stability: float  # mean adjusted Rand index of refits on bootstrapped customers
    refused: str = ""  # why `k: auto` may not take it


@dataclass(frozen=True)
class Structure:
    """Whether the segments are groups of their own."""

    beside_one_crowd: float  # the inertia left, over what k-means leaves of one smooth crowd: 1 is no better than there
    found_again: tuple[float, ...]  # by segment: mean Jaccard index with the most alike of refits on drawn customers

    def in_order(self, order: Sequence[int]) -> "Structure":
        """Return it with the segments in this order."""
        return replace(self, found_again=tuple(self.found_again[number] for number in order))


@dataclass(frozen=True)
class Rule:
    """A segment in words."""

    text: str  # {currency} stands for the shop's
    right: float  # of the customers in the segment or described by the rule: the share that is both


@dataclass(frozen=True)
class Meaning:
    """What a name says of a segment's customers. Without bounds: a name that says nothing, such as a given one."""

    bounds: Mapping[str, Bounds] = field(default_factory=dict)  # by column
    share: float = 0.0  # of the segment's customers between the bounds, when it was named

    def stored(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {"bounds": _stored(self.bounds), "share": self.share}

    @classmethod
    def of_stored(cls, stored: Mapping[str, Any]) -> "Meaning":
        """Return what `stored` has given."""
        return cls(_of_stored(stored["bounds"]), stored["share"])


@dataclass(frozen=True)
class Box:
    """A part of the feature space. Where segments are boxes, who is in one is whom its rule describes."""

    bounds: Mapping[str, Bounds]  # by column

    def stored(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {"bounds": _stored(self.bounds)}

    @classmethod
    def of_stored(cls, stored: Mapping[str, Any]) -> "Box":
        """Return what `stored` has given."""
        return cls(_of_stored(stored["bounds"]))


def _stored(bounds: Mapping[str, Bounds]) -> dict[str, list[float | None]]:
    return {column: [bound if math.isfinite(bound) else None for bound in both] for column, both in bounds.items()}


def _of_stored(bounds: Mapping[str, Any]) -> dict[str, Bounds]:
    return {
        column: (-math.inf if over is None else over, math.inf if up_to is None else up_to)
        for column, (over, up_to) in bounds.items()
    }


@dataclass(frozen=True)
class SegmentModel:
    """All that is needed to label a customer again. The centroids stand in the segments' order, A first."""

    axes: tuple[Axis, ...]
    centroids: tuple[tuple[int, ...], ...]  # k rows of positions
    names: tuple[str, ...]
    names_given: tuple[str, ...]  # by the config, when they were named
    rules: tuple[Rule, ...]
    shares: tuple[float, ...]  # of the customers, when it was fitted
    order_by: str  # the column that the segments were ordered by
    inertia: float  # squared scales, over all customers
    error_bound: float  # the share by which `inertia` is too high at most
    refinements: int  # passes over all customers in SQL; 0: points were enough
    points: int
    customers: int
    bins: tuple[Bins, ...]  # one an axis
    tried: tuple[Quality, ...]  # every k that was tried; with k given, that one
    feature_space_fingerprint: str  # of the features, transforms and weights
    settings_fingerprint: str  # of the part of the config that a fit depends on
    input_fingerprint: str  # of all that the fit has seen, except the model before
    held_back: bool  # a better fit with other segments was not taken
    meanings: tuple[Meaning, ...] = ()  # of the names; none where all are given, or an earlier version made them
    boxes: tuple[Box, ...] = ()  # that the segments are, by `clustering.assign: rules`; none: the nearest centroid
    price: float = 1.0  # inertia of the boxes over that of the nearest centroids
    structure: Structure | None = None  # said of the model, and no part of it: its id is without; None: not measured

    @property
    def k(self) -> int:
        """The number of segments."""
        return len(self.centroids)

    @property
    def model_id(self) -> str:
        """Sixteen hex digits: equal models have equal ids."""
        return hashlib.sha256(replace(self, structure=None).to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """Return the model as JSON with sorted keys: equal models have equal texts."""
        stored = {STORED_NAMES.get(name, name): value for name, value in asdict(self).items()}
        stored["meanings"] = [meaning.stored() for meaning in self.meanings]
        stored["boxes"] = [box.stored() for box in self.boxes]
        # A model that has none of these keeps its id.
        lacking = {"meanings": not self.meanings, "structure": not self.structure}
        lacking |= dict.fromkeys(("boxes", "price"), not self.boxes)
        stored = {name: value for name, value in stored.items() if not lacking.get(name)}
        return json.dumps(stored, sort_keys=True, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "SegmentModel":
        """Return the model that `to_json` wrote; raises DataError where another version of the job did."""
        try:
            return cls._from(json.loads(text))
        except (KeyError, TypeError) as error:
            raise DataError(
                "a model in segment_models was made by another version of the job; delete the rows of that table: the "
                "next run fits a new one"
            ) from error

    @classmethod
    def _from(cls, stored: dict[str, Any]) -> "SegmentModel":
        attributes = {name: attribute for attribute, name in STORED_NAMES.items()}
        values = {attributes.get(name, name): value for name, value in stored.items()}
        parts: dict[str, Any] = {
            "axes": [Axis(**axis) for axis in values["axes"]],
            "centroids": [tuple(centroid) for centroid in values["centroids"]],
            "rules": [Rule(**rule) for rule in values["rules"]],
            "bins": [Bins(tuple(bins["edges"]), tuple(bins["shares"])) for bins in values["bins"]],
            "boxes": [Box.of_stored(box) for box in values.get("boxes", ())],
            "meanings": [Meaning.of_stored(meaning) for meaning in values.get("meanings", ())],
            "tried": [Quality(**quality) for quality in values["tried"]],
            "names": values["names"],
            "names_given": values["names_given"],
            "shares": values["shares"],
        }
        structure = values.get("structure")
        of_structure = structure and Structure(structure["beside_one_crowd"], tuple(structure["found_again"]))
        return cls(**values | {name: tuple(part) for name, part in parts.items()} | {"structure": of_structure})

    def in_order(self, order: Sequence[int]) -> "SegmentModel":
        """Return the model with its centroids, and what belongs to them, in this order."""
        parts: dict[str, Any] = {
            name: tuple(getattr(self, name)[number] for number in order)
            for name in ("centroids", "boxes", "names", "meanings", "rules", "shares")
            if getattr(self, name)
        }
        return replace(self, structure=self.structure and self.structure.in_order(order), **parts)

    @property
    def scaled_centroids(self) -> Floats:
        """The centroids (k x axes), scaled, on the model's own axes."""
        return np.array(self.centroids, dtype=float) / self.axes[0].unit

    def centroids_on(self, axes: Sequence[Axis]) -> Floats:
        """Return the centroids (k x axes), scaled, on other axes of the same columns and transforms."""
        own = self.scaled_centroids
        return np.column_stack(
            [
                (before.transformed(own[:, index]) - axis.centre) / axis.scale
                for index, (before, axis) in enumerate(zip(self.axes, axes, strict=True))
            ]
        )
