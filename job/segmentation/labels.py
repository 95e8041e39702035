"""Labels of customers: staged in new_labels, compared with those of before, and written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from job import history
from job.config import Config
from job.errors import ConfigError, DataError
from job.model import segments
from job.model.segment_model import SegmentModel
from job.model.segments import LETTERS, Move, MoveCounts, Segment
from job.segmentation import features

if TYPE_CHECKING:
    from job.adapters.base import Database

Profile = dict[str, Any]  # what segments.py says that it is


@dataclass(frozen=True)
class Labels:
    """What the customers in new_labels are to be labelled with."""

    model: SegmentModel
    order: Sequence[int]  # the number in new_labels of each segment's centroid, A first
    profiles: Sequence[Profile]  # in the segments' order

    @property
    def letters(self) -> dict[int, str]:
        """The segment of each centroid in new_labels."""
        return dict(zip(self.order, LETTERS, strict=False))

    def segments(self, currency: str) -> list[Segment]:
        """Return the figures of every segment, A first."""
        return segments.summary(self.profiles, self.model.names, self.model.rules, currency)


def stage(database: "Database", model: SegmentModel) -> list[Profile]:
    """Put every customer's centroid into new_labels; return each centroid's profile.

    Where a feature is NULL, the profile adds what stands for it on the model's axes.
    """
    columns = list(features.numeric_columns(database))
    values_for_null = {axis.column: axis.nulls for axis in model.axes if not isinstance(axis.nulls, str)}
    database.execute("stage_labels", axes=model.axes, centroids=model.centroids, columns=columns)
    return _profiles(database, model.k, columns, values_for_null)


def stage_those_of_run(database: "Database", started_at: datetime, model: SegmentModel) -> Labels:
    """Put the labels as they were after a run into new_labels.

    started_at: the run's, as job_runs has it (UTC, without a zone). model: the run's.
    The profiles are of today's features; a feature that is NULL adds nothing to them.
    """
    columns = list(features.numeric_columns(database))
    database.execute("stage_labels_of_run", {"started_at": started_at}, columns=columns)
    return Labels(model, range(model.k), _profiles(database, model.k, columns, {}))


def _profiles(database: "Database", k: int, columns: list[str], values_for_null: dict[str, float]) -> list[Profile]:
    """Return the profile of every centroid in new_labels, in the centroids' order."""
    rows = database.fetch("segment_profiles", columns=columns, values_for_null=values_for_null)
    by_centroid = {row["centroid"]: row for row in rows}
    nobody = {"customers": 0, **dict.fromkeys(columns, 0)}
    return [by_centroid.get(number, {"centroid": number, **nobody}) for number in range(k)]


def moves(database: "Database", labels: Labels) -> list[Move]:
    """Return how many customers go from which segment to which."""
    letters = labels.letters
    labelled = [
        Move(row["from_segment"], letters[row["centroid"]], row["customers"]) for row in database.fetch("moves")
    ]
    losing = database.fetch("customers_losing_label")
    return labelled + [Move(row["from_segment"], None, row["customers"]) for row in losing]


def check_moves(config: Config, moves: Sequence[Move], expected: bool) -> list[str]:
    """Return a warning where more customers move than lifecycle.max_moved.

    expected: it is no wonder, as there was no model, or another config. Raises DataError where it is not.
    """
    counts = MoveCounts.of(moves)
    share = (counts.moved + counts.left) / counts.before if counts.before else 0.0
    if share <= config.lifecycle.max_moved:
        return []
    sentence = (
        f"of {counts.before} customers {counts.moved} change their segment and {counts.left} lose it: {share:.1%}, "
        "more than lifecycle.max_moved"
    )
    if expected:
        return [f"{sentence}: the config or the shop is another one"]
    raise DataError(
        f"{sentence}; labels stay as they were: look at the data, and raise it for one run if they are right"
    )


def write(database: "Database", run_id: str, labels: Labels, moves: Sequence[Move]) -> dict[str, int]:
    """Label every customer of new_labels in customer_segments, touching only the rows whose label changes.

    Returns how many labels went, changed and came: `removed`, `changed`, `new`.
    Raises DataError where the table does not hold the labels afterwards.
    """
    k = labels.model.k
    values: dict[str, Any] = {"run_id": run_id, "model_id": labels.model.model_id, "labelled_at": history.now()}
    for (number, letter), name in zip(labels.letters.items(), labels.model.names, strict=False):
        values |= {f"segment_{number}": letter, f"name_{number}": name}
    _refuse_names(database, labels.model.names)
    counts = MoveCounts.of(moves)
    if counts.before and (counts.moved or counts.new or counts.left):  # the first labels of all are no changes
        database.execute("insert_changes", values, k=k)
    changes = {
        "removed": database.execute("delete_labels") if counts.left else 0,
        "changed": database.execute("update_labels", values, k=k) if counts.before else 0,
        "new": database.execute("insert_labels", values, k=k) if counts.new else 0,
    }
    if any((*changes.values(), counts.moved, counts.new, counts.left)):
        _require_written(database, labels)
        database.analyze([database.own.name("customer_segments")])
    return changes


def _refuse_names(database: "Database", names: Sequence[str]) -> None:
    """Raise ConfigError where the database cannot hold a segment's name."""
    for name in names:
        if database.charset and not database.charset.holds(name):
            lacking = next(database.charset.lacking(name))
            raise ConfigError(f"segments.names: '{name}' has '{lacking}', which {database.charset.title} cannot hold")


def _require_written(database: "Database", labels: Labels) -> None:
    """Raise DataError where customer_segments does not hold as many customers in each segment as it should."""
    letters = labels.letters
    wanted = {letters[profile["centroid"]]: int(profile["customers"]) for profile in labels.profiles}
    written = {row["segment"]: int(row["customers"]) for row in database.fetch("label_counts")}
    if written != {letter: customers for letter, customers in wanted.items() if customers}:
        raise DataError(
            f"table {database.own.name('customer_segments')} holds {sum(written.values()):,} labels that should be "
            f"{sum(wanted.values()):,}, or others than it was given: look for a trigger, a rule or row-level security "
            "on it; labels stay as they were"
        )
