"""From the tables to every customer's label: features, points, model, labels."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any

import structlog

from job import history
from job.config import Config, WriteBack
from job.errors import ConfigError, DataError
from job.model import clustering, drift, rules, segments
from job.model.clustering import Candidate, Integers, Points
from job.model.drift import Drift
from job.model.segment_model import SegmentModel, fingerprint
from job.model.segments import LETTERS, Move, Segment
from job.progress import Steps
from job.segmentation import features

if TYPE_CHECKING:
    from job.adapters.base import Database

MAX_ERROR = 0.001  # of the inertia, which points may cost; with more, all customers are asked
REFINEMENTS = 50  # passes over all customers at most
HARDLY = 1e-6  # of the inertia, by which a pass must lower it for another one


@dataclass(frozen=True)
class Outcome:
    """The model that customers are labelled with tonight."""

    model: SegmentModel
    how: str  # it came about
    order: list[int]  # the number of each segment's centroid in new_labels
    profiles: list[dict[str, Any]]  # in the segments' order
    drift: Drift | None  # of the customers, from those that the model before was fitted on
    expected: bool  # no wonder if many customers change their segment: there was no model, or another config


def as_before(
    database: "Database", config: Config, record: history.Run, loaded: dict[str, int], score: bool
) -> list[Segment] | None:
    """Return the last run's segments where this one would find the same, with the end of its record; else None.

    To be called where no file is new. The config is the same, the features read no clock, the model was fitted on
    what there is now, and every label stands: then nothing is computed, and Olist takes 0.9 s on DuckDB, 1.9 on MySQL.
    """
    last = history.last_done(database)
    if last is None or config.load is None or config.features.sql:
        return None
    figures, command = last.figures, "score" if score else "run"
    known = (last.config_fingerprint, last.input_fingerprint, figures.get("command"), figures.get("features"))
    if known != (record.config_fingerprint, record.input_fingerprint, command, _features(database, config)):
        return None
    model, _ = history.current_model(database)
    if model is None or model.held_back or not (score or figures["points_seen"] == model.input):
        return None
    segments_then = [Segment(**segment) for segment in figures["segments"]]
    labelled = {row["segment"]: row["customers"] for row in database.fetch("label_counts")}
    if labelled != {segment.segment: segment.customers for segment in segments_then if segment.customers}:
        return None
    if config.write_back and database.fetch("any_other_label", write_back=config.write_back):
        return None
    record.model_id = last.model_id
    record.figures = figures | {
        "load": loaded,
        "model": "kept",
        "warnings": [],  # what that run warned of, it did: there is no second time
        "same_as": figures.get("same_as", last.run_id),
        "drift": None,
        "moves": [Move(letter, letter, customers) for letter, customers in labelled.items()],
        **dict.fromkeys(figures.keys() & {"removed", "changed", "new", "written_back"}, 0),
    }
    structlog.get_logger().info("as before", same_as=record.figures["same_as"], customers=figures["customers"])
    history.finish(database, record)
    return segments_then


def _features(database: "Database", config: Config) -> str:
    """Return what stands for the features' SQL, which another version of the job may have another of."""
    return fingerprint(features.text(database, config))


def segment(
    database: "Database", config: Config, record: history.Run, loaded: dict[str, int], steps: Steps, score: bool
) -> list[Segment]:
    """Compute features, fit or keep the model, label; with the end of the run's record.

    score: label with the current model, whatever the config says about refits.
    Raises ConfigError where the config does not fit the tables, DataError where the customers cannot be segmented, or
    have changed by more than the config allows.
    """
    Thread(target=_import_ahead).start()
    with steps.step("features") as facts:
        features.replace(database, config)
        points, warnings = select_points(database, config)
        record.warnings += _told(warnings)
        facts.update(customers=points.total, points=len(points))
    with steps.step("model") as facts:
        outcome = _model(database, config, points, record, steps, score)
        model = outcome.model
        facts.update(model=f"{model.model_id} ({outcome.how})", k=model.k, inertia=model.inertia)
    with steps.step("labels") as facts:
        moves = record.figures["moves"] = _moves(database, outcome.order)
        record.warnings += _told(_moved_too_many(config, moves, outcome.expected))
        changes = _write_labels(database, config.write_back, record, model, outcome.order, moves)
        facts.update(customers=points.total, **changes)
    found = segments.summary(outcome.profiles, model.names, model.rules, config.report.currency)
    record.model_id = model.model_id
    record.figures = {
        "command": "score" if score else "run",
        "write_back": config.write_back and config.write_back.label,
        "load": loaded,
        "customers": points.total,
        "points": len(points),
        "points_seen": clustering.seen(points, model.asked),
        "features": _features(database, config),
        "inertia": model.inertia,
        "error_bound": model.error_bound,
        "model": outcome.how,
        "warnings": record.warnings,
        **changes,
        "drift": asdict(outcome.drift) if outcome.drift else None,
        "moves": moves,
        "segments": [asdict(segment) for segment in found],
    }
    history.finish(database, record)
    return found


def _import_ahead() -> None:
    """Import what takes a second, while the database computes the features: for Olist half of the time of the model."""
    for module in ("pandas", "sklearn.cluster"):
        import_module(module)


def roll_back(database: "Database", config: Config, record: history.Run, run_id: str, steps: Steps) -> list[Segment]:
    """Bring the labels back to those after the run of that id, and make its model the current one.

    Raises DataError where no such run has labelled customers.
    """
    with steps.step("labels") as facts:
        target = history.find_run(database, run_id)
        model = history.find_model(database, target["model_id"]) if target else None
        if target is None or model is None:
            raise DataError(f"no run {run_id} has labelled customers; job runs lists those that have")
        if model.asked != _asked(config):
            record.warnings += _told(
                ["that run had another config than this one: the next job run fits anew, unless the config is put back"]
            )
        columns = list(features.numbers(database))
        database.execute("stage_labels_of_run", {"started_at": target["started_at"]}, columns=columns)
        order = list(range(model.k))
        profiles = _profiles(database, model.k, columns, {})
        found = segments.summary(profiles, model.names, model.rules, config.report.currency)
        moves = _moves(database, order)
        changes = _write_labels(database, config.write_back, record, model, order, moves)
        facts.update(customers=sum(segment.customers for segment in found), **changes)
    record.figures = {
        "command": "rollback",
        "write_back": config.write_back and config.write_back.label,
        "to": run_id,
        "warnings": record.warnings,
        "customers": sum(segment.customers for segment in found),
        **changes,
        "moves": moves,
        "segments": [asdict(segment) for segment in found],
    }
    record.model_id = model.model_id
    history.finish(database, record)
    return found


def select_points(database: "Database", config: Config) -> tuple[Points, list[str]]:
    """Return the points, on the finest grid that has few enough, and what is odd about the features.

    Raises ConfigError for a column that is no number, DataError for one without a value for some customer.
    """
    import pandas as pd

    wanted, numbers = config.clustering.features, features.numbers(database)
    named = [("clustering.features", feature.column) for feature in wanted]
    required = [("features.sql", column) for column in features.REQUIRED[1:]]
    for key, column in [*required, *named, ("segments.order_by", config.segments.order_by)]:
        if column not in numbers:
            raise ConfigError(f"{key}: {column} is no numeric column of customer_features")
    [statistics] = database.fetch("feature_statistics", features=wanted)
    axes = clustering.make_axes(wanted, statistics, [column for column, whole in numbers.items() if whole])
    warnings = [
        f"{axis.column} is the same for every customer, so it tells none apart"
        for number, axis in enumerate(axes)
        if statistics[f"low{number}"] == statistics[f"high{number}"]
    ]
    most = config.clustering.max_points
    rows = database.fetch("points", axes=axes, limit=most + 1)
    if len(rows) > most:
        [counts] = database.fetch("grid", axes=axes, levels=clustering.LEVELS)
        level = next(level for level in range(clustering.LEVELS) if counts[f"level_{level}"] <= most)
        axes = clustering.coarser(axes, level)
        rows = database.fetch("points", axes=axes, limit=most)
    return Points.of(pd.DataFrame(rows), axes), warnings


def _model(
    database: "Database", config: Config, points: Points, record: history.Run, steps: Steps, score: bool
) -> Outcome:
    """Keep or fit the model; stage every customer's centroid in new_labels."""
    asked = _asked(config)
    last, fitted_at = history.current_model(database)
    if last and not database.fetch("any_known"):  # real data after the synthetic shop
        record.warnings += _told(["none of the customers with a label is here any more: segments are made anew"])
        last = None
    if score and (last is None or last.asked != asked):
        what = "there is no model yet" if last is None else "the current model was fitted for another config"
        raise DataError(f"{what}; job run fits one")
    comparable = last if last and last.space == clustering.space(config.clustering.features) else None
    drifted = drift.measure(comparable, points, LETTERS) if comparable else None
    if drifted:
        record.figures["drift"] = asdict(drifted)  # for a run that it ends, too
    if drifted and last and last.asked == asked and (stops := drifted.stops(config.lifecycle)):
        raise DataError(
            f"{'; '.join(stops)}; labels stay as they were: look at the data, and raise lifecycle.stop_psi or "
            "stop_share for one run if they are right"
        )
    warnings = drifted.warnings(config.lifecycle) if drifted else []
    why = "" if score else _reason_to_fit(config, last, fitted_at, clustering.seen(points, asked), asked, warnings)
    before: SegmentModel | None = last
    if last and not why:
        draft, how = last, "kept"
    else:
        carried_on = comparable if comparable and comparable.asked == asked else None
        with steps.step("fit") as facts:
            draft, candidate = _fitted(database, config, points, carried_on, asked)
            facts["points"] = len(points)
        how = f"new, {why}" + (", carried on" if candidate.carried_on else "")
        before = comparable if comparable and comparable.order_by == draft.order_by else None
        warnings += [candidate.warning] if candidate.warning else []
    profiles = _staged(database, draft)
    order = clustering.matched(draft.axes, draft.centroids, before) if before else None
    if before and order is None:
        warnings.append(f"the {draft.k} segments are not the {before.k} of before: letters and names are given anew")
        before = None
    by_value = segments.order(profiles, draft.order_by)
    order = order or by_value
    if order != by_value:
        letters = ", ".join(LETTERS[order.index(number)] for number in by_value)
        warnings.append(f"by mean {draft.order_by} the segments now stand {letters}: they keep their letters")
    record.warnings += _told(warnings)
    profiles = [profiles[number] for number in order]
    model = _named(draft.in_order(order), config.segments.names, profiles, before)
    history.keep_model(database, record, model, fitted_at if draft is last else None)
    return Outcome(model, how, order, profiles, drifted, expected=last is None or last.asked != asked)


def _staged(database: "Database", model: SegmentModel) -> list[dict[str, Any]]:
    """Put every customer's centroid into new_labels; return each centroid's figures, NULLs as what stands for them."""
    columns = list(features.numbers(database))
    values = {axis.column: axis.nulls for axis in model.axes if not isinstance(axis.nulls, str)}
    database.execute("stage_labels", axes=model.axes, centroids=model.centroids, columns=columns)
    return _profiles(database, model.k, columns, values)


def _asked(config: Config) -> str:
    """The job's own features read differently in each dialect, and mean the same: they are no part of it."""
    sql = features.read(config.features.sql) if config.features.sql else ""
    return clustering.asked(config.clustering, config.segments.order_by, sql)


def _told(warnings: list[str]) -> list[str]:
    for sentence in warnings:
        structlog.get_logger().warning("notice", reason=sentence)
    return warnings


def _reason_to_fit(
    config: Config, last: SegmentModel | None, fitted_at: datetime | None, seen: str, asked: str, drifted: list[str]
) -> str:
    """Return why a model is to be fitted tonight; empty: the last one stays."""
    refit, days = config.lifecycle.refit, config.lifecycle.refit_days
    if last is None or fitted_at is None:
        return "the first"
    if last.asked != asked:
        return "the config has changed"
    if last.input == seen and not (last.held_back and config.lifecycle.max_moved == 1):
        return ""
    if refit == "on_drift":
        return "drift" if drifted else ""
    # Half a day less: a nightly run may start some minutes earlier than the one before.
    if days and history.now() - fitted_at < timedelta(days=days - 0.5):
        return ""
    return "" if refit == "never" else f"refit {refit}"


def _fitted(
    database: "Database", config: Config, points: Points, last: SegmentModel | None, asked: str
) -> tuple[SegmentModel, Candidate]:
    """Fit, choose k and describe; return the model, without order and names, and the candidate that it came from."""
    settings = config.clustering
    found = clustering.candidates(points, settings, config.lifecycle, last)
    tried = [clustering.quality(points, candidate.centroids, settings.seed) for candidate in found.values()]
    k, tried_all = clustering.choose(tried, settings, last.k if last else None)
    for quality in tried_all:
        if quality.refused:
            structlog.get_logger().info("not taken", k=quality.k, reason=quality.refused)
    centroids = found[k].centroids
    inertia, passes = clustering.inertia_of(points, centroids), 0
    bound = clustering.error_bound(points, centroids)
    if bound > MAX_ERROR:
        calm = clustering.labels_of(points, last) if last and found[k].carried_on else None
        centroids, inertia, passes = refined(database, points, centroids, calm)
        bound = 0.0
    labels = clustering.nearest(points, centroids)
    customers, _ = clustering.sums(points, labels, k)
    model = SegmentModel(
        axes=points.axes,
        centroids=tuple(tuple(row) for row in centroids.tolist()),
        names=(),
        names_given=(),
        rules=rules.rules(points, labels, k),
        shares=tuple(round(float(share), 6) for share in customers / points.total),
        order_by=config.segments.order_by,
        inertia=inertia,
        error_bound=bound,
        refinements=passes,
        points=len(points),
        customers=points.total,
        bins=clustering.distribution(points),
        tried=tried_all,
        space=clustering.space(settings.features),
        asked=asked,
        input=clustering.seen(points, asked),
        held_back=bool(found[k].warning),
    )
    return model, found[k]


def refined(
    database: "Database", points: Points, centroids: Integers, before: Integers | None
) -> tuple[Integers, float, int]:
    """Move the centroids to the means of all their customers, as the database finds them, until they hardly gain.

    before: the labels of the points last night; given, no more customers change them than a refit may move.
    Returns the centroids, their inertia over all customers, and the passes that it took.
    """
    import numpy as np

    last, passes = float("inf"), 0
    while True:
        customers, positions = np.zeros(len(centroids), dtype=np.int64), np.zeros_like(centroids)
        for row in database.fetch("refine", axes=points.axes, centroids=centroids.tolist()):
            customers[row["centroid"]] = row["customers"]
            positions[row["centroid"]] = [int(row[f"s{axis}"]) for axis in range(len(points.axes))]
        found, passes = clustering.inertia(points, centroids, customers, positions), passes + 1
        moved = clustering.means(customers, positions, centroids)
        too_far = before is not None and clustering.moved(points, moved, before) > clustering.CALM
        if too_far or passes == REFINEMENTS or last - found <= HARDLY * found:
            return centroids, found, passes
        last, centroids = found, moved


def _named(
    model: SegmentModel, given: tuple[str, ...], profiles: list[dict[str, Any]], before: SegmentModel | None
) -> SegmentModel:
    """Name the segments: as before where their letters stay and the config names them as it did."""
    if before and before.names_given == given:
        names = before.names
    else:
        names = tuple(segments.names(profiles, [axis.column for axis in model.axes], given))
    return replace(model, names=names, names_given=given)


def _profiles(
    database: "Database", k: int, columns: list[str], values_for_null: dict[str, float]
) -> list[dict[str, Any]]:
    """Return the figures of every centroid's customers in new_labels, in the centroids' order."""
    rows = database.fetch("segment_profiles", columns=columns, values_for_null=values_for_null)
    found = {row["centroid"]: row for row in rows}
    nobody = {"customers": 0, **dict.fromkeys(columns, 0)}
    return [found.get(number, {"centroid": number, **nobody}) for number in range(k)]


def _moves(database: "Database", order: list[int]) -> list[Move]:
    """Return how many customers go from which segment to which."""
    letters = {number: letter for letter, number in zip(LETTERS, order, strict=False)}
    gone: list[Move] = [Move(row["from_segment"], None, row["customers"]) for row in database.fetch("gone")]
    stay: list[Move] = [
        Move(row["from_segment"], letters[row["centroid"]], row["customers"]) for row in database.fetch("moves")
    ]
    return stay + gone


def _moved_too_many(config: Config, moves: list[Move], expected: bool) -> list[str]:
    """Return a warning, if there is to be one. Raises DataError where nobody has asked for so many moves."""
    labelled = sum(customers for before, _, customers in moves if before)
    moved = sum(customers for before, after, customers in moves if before and after and before != after)
    lost = sum(customers for before, after, customers in moves if before and not after)
    if not labelled or (moved + lost) / labelled <= config.lifecycle.max_moved:
        return []
    sentence = (
        f"of {labelled} customers {moved} change their segment and {lost} lose it: {(moved + lost) / labelled:.1%}, "
        "more than lifecycle.max_moved"
    )
    if expected:
        return [f"{sentence}: the config or the shop is another one"]
    raise DataError(
        f"{sentence}; labels stay as they were: look at the data, and raise it for one run if they are right"
    )


def _refuse_others_labels(database: "Database", write_back: WriteBack, labelled: bool) -> None:
    """Raise ConfigError where the column holds values, and the last run has not written to it.

    labelled: whether this segmentation has labels, by which it is judged where no run is on record.
    """
    before = history.last_done(database)
    ours = before.figures.get("write_back", write_back.label) == write_back.label if before else labelled
    if not ours and database.fetch("any_written_back", write_back=write_back):
        raise ConfigError(
            f"write_back.column: column {write_back.column} of table {write_back.table} holds values that this "
            "segmentation has not written; name another column, or set it to NULL if its values may go"
        )


def _write_labels(
    database: "Database",
    write_back: WriteBack | None,
    record: history.Run,
    model: SegmentModel,
    order: list[int],
    moves: list[Move],
) -> dict[str, int]:
    """Label every customer of new_labels, touching only the rows whose label changes; return how many."""
    values: dict[str, Any] = {"run_id": record.run_id, "model_id": model.model_id, "labelled_at": history.now()}
    for number, letter, name in zip(order, LETTERS, model.names, strict=False):
        values |= {f"segment_{number}": letter, f"name_{number}": name}
    labelled = any(before for before, _, _ in moves)
    if write_back:
        _refuse_others_labels(database, write_back, labelled)
    if labelled and any(before != after for before, after, _ in moves):  # the first labels of all are no changes
        database.execute("insert_changes", values, k=model.k)
    gone, new = (any(move[side] is None for move in moves) for side in (1, 0))
    changes = {
        "removed": database.execute("delete_labels") if gone else 0,
        "changed": database.execute("update_labels", values, k=model.k) if labelled else 0,
        "new": database.execute("insert_labels", values, k=model.k) if new else 0,
    }
    if write_back:
        any_before = database.fetch("any_written_back", write_back=write_back)
        changes["written_back"] = database.execute("write_back", write_back=write_back, any_before=any_before)
        if not database.fetch("any_written_back", write_back=write_back):
            key, table = write_back.key, write_back.table
            raise ConfigError(
                f"write_back.key: column {key} of table {table} holds no customer's id; name the one that does"
            )
    if any(changes.values()):
        database.analyze([database.own.name("customer_segments"), *([write_back.name] if write_back else [])])
    return changes
