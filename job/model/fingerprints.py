"""What a fit depends on, as fingerprints: equal ones stand for what is equal. Pure: no database, no files."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from job.fingerprint import fingerprint
from job.model.points import Points

if TYPE_CHECKING:
    from job.config import Clustering, ClusteringFeature


def of_settings(clustering: "Clustering", order_by: str, features_sql: str) -> str:
    """Return the fingerprint of the part of the config that the segments depend on."""
    unused = {"max_points"}
    if clustering.k != "auto":
        unused |= {"k_range", "method", "min_share", "min_stability"}
    if clustering.assign == "nearest":  # as before there was a choice
        unused |= {"assign"}
    return fingerprint([clustering.model_dump(exclude=unused), order_by, features_sql])


def of_feature_space(features: Sequence["ClusteringFeature"]) -> str:
    """Return the fingerprint of the features, transforms and weights: centroids of one space can be compared."""
    return fingerprint([feature.model_dump() for feature in features])


def of_input(points: Points, settings_fingerprint: str) -> str:
    """Return the fingerprint of all that a fit sees, except the model before: equal input needs no second fit."""
    figures = np.column_stack([points.customers, points.sums])
    axes = [asdict(axis) for axis in points.axes]
    return fingerprint([settings_fingerprint, axes, points.squares, hashlib.sha256(figures.tobytes()).hexdigest()])
