"""Nothing new tonight: the run before would be repeated, so its segments stand."""

from typing import TYPE_CHECKING, Any

import structlog

from job import history
from job.config import Config
from job.model.segments import Move, Segment
from job.segmentation import arrival, campaigns, ending, features

if TYPE_CHECKING:
    from job.adapters.base import Database


def as_before(
    database: "Database", config: Config, record: history.Run, loaded: dict[str, int], score: bool
) -> list[Segment] | None:
    """Return the last run's segments where this one would find the same, with the end of its record; else None.

    To be called where no file is new. The config is the same, the features read no clock, the model was fitted on
    what there is now, and every label stands: then nothing is computed, and the run takes a moment.
    """
    last = history.last_done(database)
    if last is None or config.load is None or config.features.sql:
        return None
    command = "score" if score else "run"
    figures = last.figures
    if not _same_input(database, config, record, last, command) or not _same_model(database, figures, score):
        return None
    segments = last.segments
    customers = {row["segment"]: row["customers"] for row in database.fetch("label_counts")}
    if customers != {segment.segment: segment.customers for segment in segments if segment.customers}:
        return None
    for target in arrival.find_targets(database, config):
        counted = figures.get("rfm_arrival" if target.of_groups else "arrival")
        if not arrival.stands(database, target, counted):
            return None
    ending.warn(record, campaigns.begin(database, config, segments, record.started_at))
    ending.warn(record, figures.get("checks", []))  # what cannot be right is as it was
    record.model_id = last.model_id
    record.figures = figures | {
        "load": loaded,
        "model": "kept",
        "warnings": record.warnings,  # all others were of the run before
        "same_as": figures.get("same_as", last.run_id),
        "drift": None,
        "moves": [Move(letter, letter, count) for letter, count in customers.items()],
        **dict.fromkeys(figures.keys() & {"removed", "changed", "new", "written_back", "rfm_written_back"}, 0),
    }
    structlog.get_logger().info("as before", same_as=record.figures["same_as"], customers=figures["customers"])
    history.finish(database, record)
    return segments


def _same_input(database: "Database", config: Config, record: history.Run, last: history.DoneRun, command: str) -> bool:
    """Return whether the last run was the same command, with the same config, files and features' SQL."""
    then = (
        last.config_fingerprint,
        last.input_fingerprint,
        last.figures.get("command"),
        last.figures.get("features"),
    )
    features_sql = features.fingerprint_of_sql(database, config)
    return then == (record.config_fingerprint, record.input_fingerprint, command, features_sql)


def _same_model(database: "Database", figures: dict[str, Any], score: bool) -> bool:
    """Return whether a run would keep the current model; `clientela score` always does."""
    model, _ = history.current_model(database)
    if model is None or model.held_back:
        return False
    return score or bool(figures["points_seen"] == model.input_fingerprint)
