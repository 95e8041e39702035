"""Whether what the database holds can be right: a few aggregates, judged by job/model/sanity.py."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from job import history
from job.config import Checks, Config
from job.errors import DataError
from job.model import sanity
from job.model.points import Points
from job.model.sanity import Finding, Totals
from job.model.segment_model import SegmentModel
from job.model.segments import Segment
from job.segmentation import features, grouping

if TYPE_CHECKING:
    from job.adapters.base import Database


def foretold(database: "Database", config: Config) -> list[str]:
    """Return what a run on the tables as they are would find that cannot be right, as `told` does; changes nothing.

    It computes the features for each of its statements anew. Raises as a run does where the customers cannot be
    segmented.
    """
    return of_features(database, config, features.text(database, config))


def of_features(database: "Database", config: Config, sql: str) -> list[str]:
    """Return what `foretold` does of the features that this SELECT gives, whatever the config names."""
    source = features.computed_by(sql)
    return look_at_customers(database, config, grouping.select_points(database, config, **source), **source)


def look_at_customers(database: "Database", config: Config, points: Points, **source: Any) -> list[str]:
    """Return what cannot be right about the customers, as `told` does. It reads customer_features twice.

    source: as of `features.computed`, where the features are not in customer_features.
    """
    context = {"width": sanity.BIN_DAYS, "bins": sanity.BINS, "dated": _is_dated(database, **source), **source}
    totals = Totals(database.fetch("customer_totals", today=history.now().date(), **context))
    wholes: dict[str, Any] = {"orders": totals.whole("orders"), "spend": totals.whole("spend"), "limit": sanity.LARGEST}
    largest = database.fetch("largest_customers", **wholes, **source)
    columns = [axis.column for axis in points.axes]
    k = config.clustering.k_range[0] if config.clustering.k == "auto" else config.clustering.k
    findings = sanity.of_customers(totals, largest, config.checks.one_customer_share, columns)
    return told(config.checks, [*findings, *sanity.of_points(points, k)])


def _is_dated(database: "Database", **source: Any) -> bool:
    """Whether the features tell when a customer ordered last: a shop's own may not."""
    sample = database.fetch("features_sample", **source)
    return bool(sample) and isinstance(sample[0].get("last_order_at"), date)


def look_at_segments(config: Config, segments: Sequence[Segment], model: SegmentModel) -> list[str]:
    """Return what cannot be right about the segments, as `told` does."""
    stability = next((quality.stability for quality in model.tried if quality.k == model.k), None)
    return told(config.checks, sanity.of_segments(segments, stability))


def told(checks: Checks, findings: Sequence[Finding]) -> list[str]:
    """Return the sentences of those that the config warns of. Raises DataError where it refuses one."""
    refused = [(finding, check) for finding in findings for check in finding.checks if checks.of(check) == "refuse"]
    if refused:
        sentences = dict.fromkeys(finding.sentence for finding, _ in refused)
        names = dict.fromkeys(f"checks.{check}" for _, check in refused)
        raise DataError(f"{'; '.join(sentences)}; labels stay as they were: {' and '.join(names)} says refuse")
    warned = [finding.sentence for finding in findings if any(checks.of(check) == "warn" for check in finding.checks)]
    return list(dict.fromkeys(warned))
