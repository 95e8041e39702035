"""A night's segmentation: its steps in their order, from features to labels.

The steps return what they find; `segment` puts it into the run's record.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from typing import TYPE_CHECKING, Any

import structlog

from job import history
from job.config import Config
from job.model import fingerprints, structure
from job.model.points import Points
from job.model.segments import Segment
from job.progress import Steps
from job.segmentation import (
    arrival,
    campaigns,
    changed_since,
    ending,
    features,
    fitting,
    grouping,
    labels,
    naming,
    rfm,
    sanity,
    value,
)
from job.segmentation.fitting import ChosenModel, LastModel

if TYPE_CHECKING:
    from job.adapters.base import Database


def segment(
    database: "Database",
    config: Config,
    record: history.Run,
    loaded: dict[str, int],
    steps: Steps,
    score: bool,
    touched: bool,
    full: bool,
) -> list[Segment]:
    """Compute features in SQL, group customers into weighted points, fit a model on them or keep the last, label.

    Returns the segments, A first, and finishes the record.
    loaded: what the load did, for the record.
    score: label with the current model, whatever the config says about refits.
    touched: the load has made touched_customers; see `features.replace`.
    full: compute all features, whatever tells whose records have changed (features.changed_since).
    Raises ConfigError where the config does not fit the tables, DataError where the customers cannot be segmented, or
    have changed by more than the config allows.
    """
    with _importing_ahead(), steps.step("features") as facts:
        changes_since = _replace_features(database, config, record, touched, full)
        cuts = rfm.write(database, config)
        points = grouping.select_points(database, config)
        facts.update(customers=points.total, points=len(points))
    with steps.step("checks") as facts:
        checked = sanity.look_at_customers(database, config, points)
        ending.warn(record, checked)
        facts.update(customers=points.total, warnings=len(checked))
    with steps.step("model") as facts:
        last, warnings = fitting.last_model(database, config)
        ending.warn(record, warnings)
        if score:
            fitting.require_same_settings(last)
        drifted = fitting.drift_since(last, points)
        if drifted:
            record.figures["drift"] = asdict(drifted)  # on record where the run ends here, too
            fitting.stop_at_drift(config, last, drifted)
        drift_warnings = drifted.warnings(config.lifecycle) if drifted else []
        reason = "" if score else fitting.reason_to_fit(config, last, points, drifted=bool(drift_warnings))
        chosen = _keep_or_fit(database, config, points, last, reason, steps)
        compared = labels.of_model(database, chosen.model, naming.cuts(chosen.model, points, last.comparable))
        tonight, warnings = naming.ordered_and_named(config, chosen.model, compared, last.comparable)
        ending.warn(record, [*drift_warnings, *chosen.warnings, *warnings])
        model = tonight.model
        history.keep_model(database, record, model, chosen.fitted_at)
        facts.update(model=f"{model.model_id} ({chosen.how})", k=model.k, inertia=model.inertia)
        segments = tonight.segments(config.report.currency)
        for sentence in structure.told(model):
            structlog.get_logger().info("structure", reason=sentence)
        of_segments = sanity.look_at_segments(config, segments, model)
        ending.warn(record, of_segments)
    features_stand = features.stand(database)
    with steps.step("value") as facts:
        to_come = value.write(database, config, features.fingerprint_of_sql(database, config))
        facts.update(cells=to_come.get("cells", 0))
    with steps.step("labels") as facts:
        moves = labels.stage(database, tonight)
        record.figures["moves"] = moves  # on record where the run ends here, too
        ending.warn(record, labels.check_moves(config, moves, expected=not last.same_settings))
        targets = arrival.find_targets(database, config)
        cause = labels.cause_of_moves(database, last.model, model)
        changes = labels.write(database, record.run_id, tonight, moves, cause)
        ending.warn(record, campaigns.begin(database, config, segments, record.started_at))
        brought = ending.bring_labels(database, config, record, targets)
        facts.update(customers=points.total, **changes, **ending.told(brought))
    record.model_id = model.model_id
    record.figures = {
        **ending.figures("score" if score else "run", config, model, segments, moves, {**changes, **brought}),
        "load": loaded,
        "points": len(points),
        "points_seen": fingerprints.of_input(points, model.settings_fingerprint),
        "features": features.fingerprint_of_sql(database, config),
        "features_stand": features_stand,
        "changed_since": changes_since,
        "value": to_come,
        "rfm": {column: list(four) for column, four in cuts.items()},
        "inertia": model.inertia,
        "error_bound": model.error_bound,
        "model": chosen.how,
        "warnings": record.warnings,
        "checks": [*checked, *of_segments],  # of them, those that stand as long as nothing changes
        "drift": asdict(drifted) if drifted else None,
    }
    history.finish(database, record)
    return segments


def _replace_features(
    database: "Database", config: Config, record: history.Run, touched: bool, full: bool
) -> list[dict[str, Any]]:
    """Bring the features up to date; return what the next run needs to know whose records have changed by then."""
    last = history.last_done(database)
    if not config.features.changed_since:
        features.replace(
            database, config, touched and not features.doubt(database, config, last.figures if last else {})
        )
        return []
    found = changed_since.look(database, config, last)
    if changed_since.stage(database, config, last, found, full):
        features.replace(database, config, touched=True)
        return changed_since.figures(found)
    features.replace(database, config)
    kept, warnings = changed_since.kept(database, config, found)
    ending.warn(record, warnings)
    return kept


@contextmanager
def _importing_ahead() -> Iterator[None]:
    """Import what takes long, while the database computes the features in this block.

    The block ends with the imports: in a process that ends they would fail, and say so at length.
    """
    with ThreadPoolExecutor(1) as pool:
        pool.map(import_module, ("pandas", "scipy.optimize", "sklearn.cluster", "sklearn.tree"))
        yield


def _keep_or_fit(
    database: "Database", config: Config, points: Points, last: LastModel, reason: str, steps: Steps
) -> ChosenModel:
    """Keep the last model, or fit one where there is a reason to; the fit is a step of its own."""
    if last.model and not reason:
        return ChosenModel(last.model, "kept", last.fitted_at)
    with steps.step("fit") as facts:
        chosen = fitting.fit(database, config, points, last, reason)
        facts["points"] = len(points)
    return chosen
