"""Whether what stands in the database is what the last run has left there, and what features and model give.

Nothing is changed: what has to be staged is taken back.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import Any, Literal

from job import history
from job.adapters.base import Database
from job.config import Config
from job.errors import ClientelaError, TransientError
from job.history import DoneRun
from job.load import standing
from job.load.tables import count_rows, read_tables
from job.model import rfm as scores
from job.model.segment_model import SegmentModel
from job.model.segments import MoveCounts
from job.segmentation import arrival, features, labels, rfm
from job.segmentation.arrival import Arrival
from job.segmentation.label_column import LabelTarget
from job.segmentation.labels import Labels
from job.staging.csvfiles import Source

Mark = Literal["ok", "changed", "wrong", "--"]
MOST_RUNS = 100_000  # and models, that are looked at
SHOWN = 5  # places of a kind that a sentence names


@dataclass(frozen=True)
class Finding:
    """A thing that was looked at. changed: since the last run, and no wonder; --: it could not be looked at."""

    name: str
    mark: Mark
    text: str

    @property
    def line(self) -> str:
        """The line of the list."""
        return f"{self.mark:<7} {self.name:<9} {self.text}"


def verify(database: Database, config: Config, files: Sequence[Source]) -> Iterator[Finding]:
    """Look at all that the last run has left; yield what there is to say of each thing.

    files: those that a run would load; none where that is not known. The session must hold the lock.
    Raises DataError where no run has labelled customers.
    """
    last = history.require_last_done(database)
    runs = history.recent(database, MOST_RUNS)
    erased = any(run["figures"].get("command") == "erase" for run in runs)
    models = _sound_models(database)
    yield from _told("models", _models(database, config, runs, models))
    yield from _told("history", _history(database, runs, erased))
    yield from _told("rejects", _rejects(database, config, erased))
    edited = _tables(database, config, last)
    yield from edited
    yield from _files(database, files)
    with database.rolled_back():
        yield from _told("labels", _labels(database, runs, last, models.get(last.model_id)))
        yield from _told("scores", _scores(database, config, last))
        yield _features(database, config, runs, unchanged=bool(edited) and {each.mark for each in edited} == {"ok"})
    for of_groups in [False, True] if config.write_back else []:
        with database.rolled_back():
            yield from _write_back(database, config, last, bool(edited), of_groups)


def _told(name: str, found: tuple[str, list[str]]) -> Iterator[Finding]:
    """Yield a finding for each thing that is wrong, or what was found right."""
    right, wrong = found
    yield from [Finding(name, "wrong", sentence) for sentence in wrong] or [Finding(name, "ok", right)]


def _sound_models(database: Database) -> dict[str, SegmentModel | None]:
    """Return the models by id; None: it is not what its id stands for."""
    found: dict[str, SegmentModel | None] = {}
    for row in database.fetch("models", limit=MOST_RUNS):
        try:
            model = SegmentModel.from_json(row["model"])
            sound = model.model_id == row["model_id"] and model.to_json() == row["model"]
        except (ClientelaError, ValueError):
            sound = False
        found[row["model_id"]] = model if sound else None
    return found


def _models(
    database: Database, config: Config, runs: Sequence[dict[str, Any]], models: Mapping[str, SegmentModel | None]
) -> tuple[str, list[str]]:
    """Every model is what its id says, and none is missing that labels or runs name."""
    wrong = [f"segment_models: model {model_id} is not what its id stands for"
             for model_id, model in models.items() if model is None]  # fmt: skip
    known = models.keys()
    used = {run["model_id"] for run in runs if run["model_id"]}
    current = next(run["model_id"] for run in runs if run["model_id"])
    of_labels = {row["model_id"] for row in database.fetch("labels_by_model")}
    if strange := sorted(of_labels - used):
        wrong.append(f"customer_segments: labels of model {_listed(strange)}, which no run has used")
    missing = sorted(({current} if config.keep.models else used) - known)
    if missing:
        wrong.append(f"segment_models lacks model {_listed(missing)}")
    return f"{len(known):,} models are what their ids stand for", wrong


def _history(database: Database, runs: Sequence[dict[str, Any]], erased: bool) -> tuple[str, list[str]]:
    """Who moved, by run, is as many as that run has counted, and leads to the labels that stand."""
    wrong = []
    counted = Counter({row["run_id"]: row["customers"] for row in database.fetch("changes_by_run")})
    since, total = history.changes_from(database), counted.total()
    for run in runs:
        moves, count = history.moves_of(run["figures"]), counted.pop(run["run_id"], 0)
        if run["status"] != "done" or (since and run["started_at"].isoformat(timespec="microseconds") <= since):
            continue
        moved = MoveCounts.of(moves)
        told = moved.moved + moved.new + moved.left if moved.before else 0
        if count > told or (count < told and not erased):
            wrong.append(
                f"customer_segment_changes has {count:,} customers of run {run['run_id']}, which has counted {told:,}"
            )
    if counted:
        wrong.append(f"customer_segment_changes has {counted.total():,} rows of runs that are not in job_runs")
    [found] = database.fetch("history_of_labels")
    if found["broken"]:
        wrong.append(
            f"customer_segment_changes: {found['broken']:,} changes begin at another label than the one before led to"
        )
    if found["otherwise"]:
        wrong.append(f"{found['otherwise']:,} customers have another label than their last change has led to")
    return f"{total:,} changes of labels lead to those that stand", wrong


def _rejects(database: Database, config: Config, erased: bool) -> tuple[str, list[str]]:
    """Every record of a file is accounted for, by loaded_files and by rejected_records."""
    wrong, expected = [], Counter[str]()
    loads = database.fetch("loaded_files") if config.load else []
    for row in loads:
        if row["records"] != row["loaded"] + row["rejected"]:
            wrong.append(f"loaded_files: records of {row['file_name']} are not those loaded and those rejected")
    there = Counter({row["table_name"]: row["records"] for row in database.fetch("rejects_by_table")})
    for row in loads:
        expected[row["table_name"]] += row["rejected"]
    for table, count in expected.items():
        mirrored = config.load and table in config.load.tables and config.load.mode_of(table) == "mirror"
        less = there[table] < count and not (erased or config.keep.rejects)
        if mirrored and (there[table] > count or less):
            wrong.append(f"rejected_records has {there[table]:,} records of table {table}, of {count:,} rejected")
    return f"{there.total():,} rejected records are accounted for", wrong


def _tables(database: Database, config: Config, last: DoneRun) -> list[Finding]:
    """Tables that are loaded hold what their last load has left there; of others, nothing was written down."""
    loads = standing.last_loads(database, config.load.tables) if config.load else {}
    if not (config.load and loads):
        return []
    there = database.tables()
    if gone := sorted(loads.keys() - there):
        return [Finding("tables", "wrong", f"table {_listed(gone)} is not there")]
    try:
        tables = read_tables(database, list(loads), config)
    except ClientelaError as error:
        return [Finding("tables", "wrong", str(error))]
    edited: set[str] = set()
    if standing.sums_rows(database):
        edited |= standing.look(database, tables.values(), ()).edited
    rows = count_rows(database, list(loads))
    edited |= {table for table, load in loads.items() if load["table_rows"] != rows[table]}
    return [
        Finding(
            "tables",
            "wrong" if config.load.mode_of(table) == "mirror" else "changed",
            f"table {table} is not as its last load has left it: {rows[table]:,} rows, {loads[table]['table_rows']:,} "
            "then",
        )
        for table in sorted(edited)
    ] or [Finding("tables", "ok", f"{len(loads):,} tables are as their last loads have left them")]


def _files(database: Database, files: Sequence[Source]) -> list[Finding]:
    """Files that are there still are those that were loaded."""
    if not files:
        return []
    loaded = {row["fingerprint"] for row in database.fetch("loaded_files")}
    parts = [part for file in files for part in file.parts]
    other = [part.name for part in parts if not {part.fingerprint, part.content_fingerprint} & loaded]
    if other:
        return [Finding("files", "changed", f"{_listed(other)}: not loaded yet, or changed since")]
    return [Finding("files", "ok", f"{len(parts):,} files are those that were loaded")]


def _labels(
    database: Database, runs: Sequence[dict[str, Any]], last: DoneRun, model: SegmentModel | None
) -> tuple[str, list[str]]:
    """Labels are as many as the run log says, and by the features that stand and the model, they are those."""
    gone = sum(
        run["figures"]["erased"]["customer_segments"]
        for run in runs
        if run["figures"].get("command") == "erase" and run["started_at"] > last.started_at
    )
    counts = Counter({row["segment"]: row["customers"] for row in database.fetch("label_counts")})
    told = Counter({segment.segment: segment.customers for segment in last.segments})
    wrong = [
        f"segment {segment} has {counts[segment]:,} customers, and the run log says {told[segment]:,}"
        for segment in sorted(counts.keys() | told.keys())
        if counts[segment] > told[segment] or counts[segment] < told[segment] - gone
    ]
    if counts.total() != last.figures["customers"] - gone:
        wrong.append(f"{counts.total():,} customers have a label, and the run log says {last.figures['customers']:,}")
    if last.figures["command"] == "rollback":
        return f"{counts.total():,} labels are as many as the run log says; they are those of a rollback", wrong
    if model is None:
        return "", [*wrong, "labels cannot be computed without the current model"]
    new = labels.of_model(database, model)
    moves = [move for move in labels.stage(database, Labels(model, range(model.k), new)) if move.before != move.after]
    wrong += [
        f"{move.customers:,} customers have {_label(move.before)}, and by features and model {_label(move.after)}"
        for move in moves[:SHOWN]
    ]
    names = [row for row in database.fetch("changed_label_counts") if row["from_segment"] == row["to_segment"]]
    wrong += [f"{row['customers']:,} customers of segment {row['to_segment']} have another name of it" for row in names]
    for segment, profile in zip(last.segments, new.profiles, strict=False):
        if not gone and not isclose(float(profile["monetary"]), segment.spend, rel_tol=1e-6, abs_tol=0.01):
            wrong.append(
                f"segment {segment.segment} spends {profile['monetary']:,.2f}; by the run log, {segment.spend:,.2f}"
            )
    return f"{counts.total():,} labels are those that features and model give", wrong


def _label(segment: str | None) -> str:
    return f"label {segment}" if segment else "none"


def _scores(database: Database, config: Config, last: DoneRun) -> tuple[str, list[str]]:
    """The cut points and groups of customer_rfm are those that the last run has written."""
    before = last.figures.get("rfm")
    wrong = []
    if before is not None and {name: list(four) for name, four in rfm.current_cuts(database).items()} != before:
        wrong.append("rfm_cuts has other cut points than the last run has written")
    same_config = last.config_fingerprint == history.config_fingerprint(config)
    groups = [scores.Group(group.name, group.r, group.f, group.m) for group in config.rfm.groups]
    if before is not None and same_config and rfm.current_groups(database) != scores.cells(groups):
        wrong.append("rfm_groups has other groups than the config says")
    return "cut points and groups are those that the last run has written", wrong


def _features(database: Database, config: Config, runs: Sequence[dict[str, Any]], unchanged: bool) -> Finding:
    """What is stored is what the features' SQL gives, or what the last run has left, and the shop's data has changed.

    unchanged: the shop's tables are known to be as the last run has read them.
    """
    left = next((run["figures"]["features_stand"] for run in runs if run["figures"].get("features_stand")), None)
    stands = left is not None and left == features.stand(database)
    try:
        found = features.differences(database, config)
    except TransientError:
        raise
    except ClientelaError as error:
        return Finding("features", "--" if stands else "wrong", f"the features cannot be computed: {error}")
    differ = ", ".join(
        f"{count:,} {what}"
        for count, what in (
            (found.other, "customers have other features"),
            (found.new, "customers have none stored"),
            (found.gone, "customers are there no more"),
            (found.days, "day that recency counts up to is another"),
        )
        if count
    )
    if left is not None and not stands:
        so = f"by the SQL, {differ}" if differ else "though it is what the SQL gives"
        return Finding("features", "wrong", f"customer_features_data is not as the last run has left it; {so}")
    if differ and unchanged:
        return Finding("features", "wrong", f"of the same tables, {differ}")
    if differ:
        return Finding("features", "changed", f"the shop's data has changed since the run: {differ}")
    return Finding("features", "ok", f"{found.customers:,} customers' features are what their SQL gives")


def _write_back(
    database: Database, config: Config, last: DoneRun, mirrored: bool, of_groups: bool
) -> Iterator[Finding]:
    """The label in the shop's own table is that of customer_segments; rows that were added since have none as yet.

    of_groups: instead, the RFM group, where the config names a column for it.
    """
    try:
        if target := arrival.find_target(database, config, of_groups):
            before = last.figures.get("rfm_arrival" if of_groups else "arrival") or {}
            yield _column(target, arrival.count(database, target), before, mirrored)
    except TransientError:
        raise
    except ClientelaError as error:
        yield Finding("column", "wrong", str(error))


def _column(target: LabelTarget, now: Arrival, before: Mapping[str, Any], mirrored: bool) -> Finding:
    other = now.of_customers - now.labelled - now.empty
    parts = [
        f"{count:,} rows {what}"
        for count, what in ((other, "have another label"), (now.stale, "of nobody have one"), (now.empty, "have none"))
        if count
    ]
    if not parts:
        return Finding("column", "ok", f"{now.labelled:,} rows of {target.label} have their label")
    was = before.get("empty", 0), before.get("stale", 0)
    added = not mirrored and not other and now.stale <= was[1] and now.rows > before.get("rows", 0)
    same = not other and (now.empty, now.stale) == was
    return Finding("column", "ok" if same else "changed" if added else "wrong", f"{target.label}: {', '.join(parts)}")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
