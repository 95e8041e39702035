"""Labels of customers: what they add up to, in one pass; where they differ from those that stand, in another."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from job import history
from job.config import Config
from job.errors import ConfigError, DataError
from job.model import boxes, segments
from job.model.names import Counts, Cuts
from job.model.segment_model import SegmentModel
from job.model.segments import LETTERS, Move, MoveCounts, Segment
from job.segmentation import features

if TYPE_CHECKING:
    from job.adapters.base import Database

CUSTOMER, ROLLBACK = "customer", "rollback"  # causes of moves; sql/common/insert_changes.sql has a third
Profile = dict[str, Any]  # what segments.py says that it is


@dataclass(frozen=True)
class NewLabels:
    """The number of a centroid, or of its box, for every customer, as statements compute it."""

    source: Mapping[str, Any]  # what sql/common/new_labels.sql needs
    profiles: Sequence[Profile]  # in the order of the centroids' numbers
    counts: Counts  # in that order, too


@dataclass(frozen=True)
class Labels:
    """What the customers are to be labelled with."""

    model: SegmentModel
    order: Sequence[int]  # the number of each segment's centroid, A first
    new: NewLabels

    @property
    def letters(self) -> dict[int, str]:
        """The segment of each centroid."""
        return dict(zip(self.order, LETTERS, strict=False))

    def segments(self, currency: str) -> list[Segment]:
        """Return the figures of every segment, A first."""
        profiles = [self.new.profiles[number] for number in self.order]
        return segments.summary(profiles, self.model.names, self.model.rules, currency)


class Cause(NamedTuple):
    """Why customers move, as customer_segment_changes says it."""

    word: str | None  # None: that cannot be told
    by_model: bool = False  # but for those in the temporary table moved_by_model


def of_model(database: "Database", model: SegmentModel, cuts: Sequence[Cuts] = ()) -> NewLabels:
    """Return what the model's centroids add up to, and count their customers between the cuts; nothing is written.

    Where a feature is NULL, what stands for it on the model's axes is added and counted.
    """
    values_for_null = {axis.column: axis.nulls for axis in model.axes if not isinstance(axis.nulls, str)}
    parts = boxes.conditions_of(model.axes, model.boxes)
    source = {"axes": model.axes, "centroids": model.centroids, "boxes": parts}
    return _profiled(database, model.k, source, values_for_null, cuts)


def of_run(database: "Database", started_at: datetime, model: SegmentModel) -> Labels:
    """Return the labels as they were after a run.

    started_at: the run's, as job_runs has it (UTC, without a zone). model: the run's.
    The profiles are of today's features; a feature that is NULL adds nothing to them.
    """
    database.execute("stage_labels_of_run", {"started_at": started_at})
    return Labels(model, range(model.k), _profiled(database, model.k, {"centroids": (), "boxes": ()}, {}))


def _profiled(
    database: "Database",
    k: int,
    source: Mapping[str, Any],
    values_for_null: Mapping[str, float],
    cuts: Sequence[Cuts] = (),
) -> NewLabels:
    columns = list(features.numeric_columns(database))
    rows = database.fetch("segment_profiles", columns=columns, values_for_null=values_for_null, cuts=cuts, **source)
    profiles: list[Profile] = [{"centroid": number, "customers": 0, **dict.fromkeys(columns, 0)} for number in range(k)]
    for row in rows:
        profile = profiles[row["centroid"]]
        profile |= {name: profile[name] + row[name] for name in ("customers", *columns)}
    return NewLabels(source, profiles, Counts.of(cuts, rows, k))


def stage(database: "Database", labels: Labels) -> list[Move]:
    """Find the customers whose label changes, for `write`; return how many go from which segment to which.

    They are in the temporary table changed_labels. Raises ConfigError where the database cannot hold a segment's name.
    """
    _refuse_names(database, labels.model.names)
    values: dict[str, str] = {}
    for (number, letter), name in zip(labels.letters.items(), labels.model.names, strict=False):
        values |= {f"segment_{number}": letter, f"name_{number}": name}
    database.execute("stage_changes", values, k=labels.model.k, **labels.new.source)
    changes = [
        Move(row["from_segment"], row["to_segment"], row["customers"])
        for row in database.fetch("changed_label_counts")
        if row["from_segment"] != row["to_segment"]  # else it is the name alone
    ]
    before = {row["segment"]: row["customers"] for row in database.fetch("label_counts")}
    after = {letter: labels.new.profiles[number]["customers"] for number, letter in labels.letters.items()}
    return _with_others(changes, before, after)


def _with_others(changes: Sequence[Move], before: Mapping[str, int], after: Mapping[str, int]) -> list[Move]:
    """Return the changes, and how many stay in each segment or leave it for none.

    before, after: how many customers each segment has.
    """
    staying, losing = Counter[str | None](after), Counter[str | None](before)
    for move in changes:
        staying[move.after] -= move.customers
        losing[move.before] -= move.customers
    stays = [Move(letter, letter, staying[letter]) for letter in after]
    leaves = [Move(letter, None, losing[letter] - staying[letter]) for letter in before]
    return [move for move in (*changes, *stays, *leaves) if move.customers]


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


def cause_of_moves(database: "Database", last: SegmentModel | None, model: SegmentModel) -> Cause:
    """Return why the labels change that are staged. last: the model that customers were labelled with last.

    Where the last one may have had another label for the same features, it is asked: moved_by_model, a temporary
    table, gets the customers whom it would have left in their segment as they are tonight.
    """
    if last is None or last.model_id == model.model_id:
        return Cause(CUSTOMER)
    same_space = last.feature_space_fingerprint == model.feature_space_fingerprint
    if same_space and last.boxes and last.boxes == model.boxes:
        return Cause(CUSTOMER)
    if not {axis.column for axis in last.axes} <= features.numeric_columns(database).keys():
        return Cause(None)
    parts = boxes.conditions_of(last.axes, last.boxes)
    database.execute("stage_moved_by_model", axes=last.axes, centroids=last.centroids, boxes=parts)
    return Cause(CUSTOMER, by_model=True)


def write(database: "Database", run_id: str, labels: Labels, moves: Sequence[Move], cause: Cause) -> dict[str, int]:
    """Label every customer in customer_segments, touching only the rows whose label changes.

    moves: what `stage` has returned for these labels. cause: of the moves.
    Returns how many labels went, changed and came: `removed`, `changed`, `new`.
    Raises DataError where the table does not hold the labels afterwards.
    """
    values = {"run_id": run_id, "model_id": labels.model.model_id, "labelled_at": history.now()}
    counts = MoveCounts.of(moves)
    if counts.left:
        database.execute("stage_losses", **labels.new.source)
    if counts.before and (counts.moved or counts.new or counts.left):  # the first labels of all are no changes
        database.execute("insert_changes", values | {"cause": cause.word}, by_model=cause.by_model)
    changes = {
        "removed": database.execute("delete_labels") if counts.left else 0,
        "changed": database.execute("update_labels", values) if counts.before else 0,
        "new": database.execute("insert_labels", values) if counts.new else 0,
    }
    _require_written(database)
    database.analyze_written(database.own.name("customer_segments"), sum(changes.values()), counts.before)
    return changes


def _refuse_names(database: "Database", names: Sequence[str]) -> None:
    """Raise ConfigError where the database cannot hold a segment's name."""
    for name in names:
        if database.charset and not database.charset.holds(name):
            lacking = next(database.charset.lacking(name))
            raise ConfigError(f"segments.names: '{name}' has '{lacking}', which {database.charset.title} cannot hold")


def _require_written(database: "Database") -> None:
    """Raise DataError where customer_segments does not hold the labels that it was given."""
    [found] = database.fetch("unwritten_labels")
    if found["unwritten"]:
        raise DataError(
            f"table {database.own.name('customer_segments')} does not hold {found['unwritten']:,} of the "
            f"{found['given']:,} labels that it was given: look for a trigger, a rule or row-level security on it; "
            "labels stay as they were"
        )
