"""Back to the labels, and the model, of an earlier run."""

from typing import TYPE_CHECKING

from job import history
from job.config import Config
from job.errors import DataError
from job.model.segments import Segment
from job.progress import Steps
from job.segmentation import arrival, ending, fitting, labels
from job.segmentation.labels import ROLLBACK, Cause

if TYPE_CHECKING:
    from job.adapters.base import Database


def roll_back(database: "Database", config: Config, record: history.Run, run_id: str, steps: Steps) -> list[Segment]:
    """Bring the labels back to those after the run of that id, and make its model the current one; finish the record.

    Returns the segments, A first. Raises DataError where no such run has labelled customers.
    """
    with steps.step("labels") as facts:
        target = history.find_run(database, run_id)
        model = history.find_model(database, target.model_id) if target else None
        if target is None:
            raise DataError(f"no run {run_id} has labelled customers; clientela runs lists those that have")
        if model is None:
            raise DataError(f"model {target.model_id} of run {run_id} is kept no longer, by keep.models")
        history.require_changes(database, target)
        if model.settings_fingerprint != fitting.settings_fingerprint(database, config):
            warning = (
                "that run had another config than this one: the next clientela run fits anew, unless the config is "
                "put back"
            )
            ending.warn(record, [warning])
        standing = target.figures.get("checks", [])  # what cannot be right about these labels is as it was
        ending.warn(record, standing)
        then = labels.of_run(database, target.started_at, model)
        segments = then.segments(config.report.currency)
        moves = labels.stage(database, then)
        targets = arrival.find_targets(database, config)
        changes = labels.write(database, record.run_id, then, moves, Cause(ROLLBACK))
        brought = ending.bring_labels(database, config, record, targets)
        facts.update(customers=sum(segment.customers for segment in segments), **changes, **ending.told(brought))
    record.model_id = model.model_id
    record.figures = {
        **ending.figures("rollback", config, model, segments, moves, {**changes, **brought}),
        "to": run_id,
        "warnings": record.warnings,
        "checks": standing,
    }
    history.finish(database, record)
    return segments
