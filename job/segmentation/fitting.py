"""Keep the model that customers were labelled with last, or fit one on tonight's points."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from job import history
from job.config import Config
from job.errors import DataError
from job.model import boxes, drift, fingerprints, kmeans, quality, refit, resampled, rules, structure
from job.model.drift import Drift
from job.model.points import Points
from job.model.refit import Candidate
from job.model.segment_model import Box, Integers, Quality, SegmentModel
from job.model.segments import LETTERS
from job.segmentation import features

if TYPE_CHECKING:
    from job.adapters.base import Database

MAX_ERROR = 0.001  # share of the inertia that points may cost; above it, centroids are refined on all customers
MOST_PASSES = 50  # over all customers
WORTH_A_PASS = 1e-6  # share of the inertia: what a pass over all customers must gain for another one to follow


@dataclass(frozen=True)
class LastModel:
    """The model that customers were labelled with last, as tonight's config sees it."""

    model: SegmentModel | None  # None: there is none, or it is of customers who are all gone
    fitted_at: datetime | None
    settings_fingerprint: str  # of tonight's config
    feature_space_fingerprint: str  # of tonight's config

    @property
    def same_settings(self) -> bool:
        """Whether it was fitted for tonight's config."""
        return self.model is not None and self.model.settings_fingerprint == self.settings_fingerprint

    @property
    def comparable(self) -> SegmentModel | None:
        """The model, where its centroids are of tonight's feature space."""
        same_space = self.model and self.model.feature_space_fingerprint == self.feature_space_fingerprint
        return self.model if same_space else None


@dataclass(frozen=True)
class ChosenModel:
    """The model for tonight's labels: the last one, or one just fitted, whose segments lack their order and names."""

    model: SegmentModel
    how: str  # it came about: kept, or new and why
    fitted_at: datetime | None = None  # None: now
    warnings: list[str] = field(default_factory=list)


def settings_fingerprint(database: "Database", config: Config) -> str:
    """Return the fingerprint of the part of the config that the segments depend on.

    The job's own features read differently in each dialect, and mean the same: they are no part of it.
    """
    sql = features.text(database, config) if config.features.sql else ""
    return fingerprints.of_settings(config.clustering, config.segments.order_by, sql)


def last_model(database: "Database", config: Config) -> tuple[LastModel, list[str]]:
    """Return what customers were labelled with last, and a warning where none of them is left."""
    model, fitted_at = history.current_model(database)
    warnings = []
    if model and not database.fetch("any_labelled_customer_still_here"):  # real data after the synthetic shop
        model = None
        warnings = ["none of the customers with a label is here any more: segments are made anew"]
    space = fingerprints.of_feature_space(config.clustering.features)
    return LastModel(model, fitted_at, settings_fingerprint(database, config), space), warnings


def require_same_settings(last: LastModel) -> None:
    """Raise DataError where there is no model that was fitted for tonight's config."""
    if not last.same_settings:
        what = "there is no model yet" if last.model is None else "the current model was fitted for another config"
        raise DataError(f"{what}; clientela run fits one")


def drift_since(last: LastModel, points: Points) -> Drift | None:
    """Return how far the customers are from those that the last model was fitted on; None: they cannot be compared."""
    return drift.measure(last.comparable, points, LETTERS) if last.comparable else None


def stop_at_drift(config: Config, last: LastModel, drifted: Drift) -> None:
    """Raise DataError where customers have drifted further than the config allows, by a model for the same config."""
    if last.same_settings and (stops := drifted.stops(config.lifecycle)):
        raise DataError(
            f"{'; '.join(stops)}; labels stay as they were: look at the data, and raise lifecycle.stop_psi or "
            "stop_share for one run if they are right"
        )


def reason_to_fit(config: Config, last: LastModel, points: Points, drifted: bool) -> str:
    """Return why a model is to be fitted tonight; empty: the last one stays.

    drifted: by so much that the run warns of it.
    """
    every, days = config.lifecycle.refit, config.lifecycle.refit_days
    if last.model is None or last.fitted_at is None:
        return "the first"
    if not last.same_settings:
        return "the config has changed"
    same_input = last.model.input_fingerprint == fingerprints.of_input(points, last.settings_fingerprint)
    if same_input and not (last.model.held_back and config.lifecycle.max_moved == 1):
        return ""
    if every == "on_drift":
        return "drift" if drifted else ""
    # Half a day less: a nightly run may start some minutes earlier than the one before.
    if days and history.now() - last.fitted_at < timedelta(days=days - 0.5):
        return ""
    return "" if every == "never" else f"refit {every}"


def fit(database: "Database", config: Config, points: Points, last: LastModel, reason: str) -> ChosenModel:
    """Fit, choose k, and describe; the model's segments have no order and no names yet.

    Raises DataError where there are too few different customers, or no k may be taken.
    """
    before = last.model if last.same_settings else None
    candidate, tried, found_again = _candidate(config, points, before)
    centroids = candidate.centroids
    inertia, passes = kmeans.inertia_of(points, centroids), 0
    bound = quality.error_bound(points, centroids)
    if bound > MAX_ERROR:
        labels_before = refit.nearest_of(points, before) if before and candidate.carried_on else None
        centroids, inertia, passes = refined(database, points, centroids, labels_before)
        bound = 0.0
    k = len(centroids)
    parts, warnings = _boxes(config, points, replace(candidate, centroids=centroids), before)
    labels = boxes.labels_of(points, parts) if parts else kmeans.nearest(points, centroids)
    customers, _ = points.totals(labels, k)
    model = SegmentModel(
        axes=points.axes,
        centroids=tuple(tuple(row) for row in centroids.tolist()),
        names=(),
        names_given=(),
        rules=rules.of_boxes(points, parts) if parts else rules.rules(points, labels, k),
        shares=tuple(round(float(share), 6) for share in customers / points.total),
        order_by=config.segments.order_by,
        inertia=inertia,
        error_bound=bound,
        refinements=passes,
        points=len(points),
        customers=points.total,
        bins=drift.distribution(points),
        tried=tried,
        feature_space_fingerprint=last.feature_space_fingerprint,
        settings_fingerprint=last.settings_fingerprint,
        input_fingerprint=fingerprints.of_input(points, last.settings_fingerprint),
        held_back=bool(warnings),
        boxes=parts,
        price=boxes.price(points, parts, centroids) if parts else 1.0,
        structure=structure.measure(points, centroids, found_again, config.clustering.seed),
    )
    how = f"new, {reason}" + (", carried on" if candidate.carried_on else "")
    return ChosenModel(model, how, warnings=warnings)


def _candidate(
    config: Config, points: Points, before: SegmentModel | None
) -> tuple[Candidate, tuple[Quality, ...], Sequence[float]]:
    """Return the candidate of the k that is taken, the quality of every k that was tried, and how far each segment of
    the candidate (k) is found again."""
    clustering = config.clustering
    candidates = refit.candidates(points, clustering, config.lifecycle, before)
    again = {k: resampled.found_again(points, each.centroids, clustering.seed) for k, each in candidates.items()}
    qualities = [quality.measure(points, each.centroids, again[k].stability) for k, each in candidates.items()]
    k, tried = quality.choose(qualities, clustering, before.k if before else None)
    for each in tried:
        if each.refused:
            structlog.get_logger().info("not taken", k=each.k, reason=each.refused)
    return candidates[k], tried, again[k].by_segment


def _boxes(
    config: Config, points: Points, candidate: Candidate, before: SegmentModel | None
) -> tuple[tuple[Box, ...], list[str]]:
    """Return the boxes that segments are, if the config wants their rules to be the labels, and what there is to warn
    of."""
    parts: tuple[Box, ...] = ()
    warning = ""
    if config.clustering.assign == "rules":
        parts, warning = refit.boxes_of(points, candidate, config.lifecycle, before)
    return parts, [sentence for sentence in (candidate.warning, warning) if sentence]


def refined(
    database: "Database", points: Points, centroids: Integers, before: Integers | None
) -> tuple[Integers, float, int]:
    """Move the centroids to the means of all their customers, as the database finds them, while it is WORTH_A_PASS.

    centroids: positions (k x axes).
    before: the labels of the points last night (points); given, a refit moves few customers to another segment.
    Returns the centroids, their inertia over all customers, and the passes that it took.
    """
    import numpy as np

    last, passes = float("inf"), 0
    while True:
        customers, positions = np.zeros(len(centroids), dtype=np.int64), np.zeros_like(centroids)
        for row in database.fetch("refine", axes=points.axes, centroids=centroids.tolist()):
            customers[row["centroid"]] = row["customers"]
            positions[row["centroid"]] = [int(row[f"s{axis}"]) for axis in range(len(points.axes))]
        inertia, passes = kmeans.inertia(points, centroids, customers, positions), passes + 1
        further = kmeans.means(customers, positions, centroids)
        too_far = before is not None and refit.moved(points, further, before) > refit.FEW
        if too_far or passes == MOST_PASSES or last - inertia <= WORTH_A_PASS * inertia:
            return centroids, inertia, passes
        last, centroids = inertia, further
