"""A run, step by step."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from job import clustering, csvfiles, interrupt, loading, runs, segments
from job.adapters import connect, patience, patiently
from job.clustering import SegmentModel
from job.config import Config
from job.errors import ConfigError, DataError, LockedError, TransientError, full_disk_told
from job.progress import Steps
from job.segments import Segment

if TYPE_CHECKING:
    import pandas as pd

    from job.adapters.base import Database

ATTEMPTS = 3


def run(config: Config, data: Path | None, run_id: str, steps: Steps, wait: float = 0) -> list[Segment]:
    """Load the files, compute features, fit, label every customer; return the segments, A first.

    data: a folder or .zip of CSV files; without it the config's load.data counts. A config without load: reads the
    tables that are there.
    wait: seconds to wait for another run on the database to end.
    A run that is hit by a TransientError is rolled back and tried again in a new session, as RUN_ID-2, RUN_ID-3.
    Raises ClientelaError; then tables, features and labels are as after the last run that was done.
    """
    files = files_to_load(config, data)
    numbers = count(1)
    earlier: list[runs.Run] = []

    def attempt() -> list[Segment]:
        number = next(numbers)
        again = number > 1
        attempt_id = f"{run_id}-{number}" if again else run_id
        # The server may not have noticed yet that the session before is gone.
        seconds = max(wait, patience(config.database)) if again else wait
        try:
            with structlog.contextvars.bound_contextvars(run_id=attempt_id):
                return _attempt(config, files, attempt_id, steps, seconds, earlier)
        except TransientError:
            interrupt.heed()
            raise

    return patiently(attempt, TransientError, attempts=ATTEMPTS, event="retrying")


def _attempt(
    config: Config, files: Sequence[csvfiles.CsvFile], run_id: str, steps: Steps, wait: float, earlier: list[runs.Run]
) -> list[Segment]:
    """Do it once. earlier: the attempts before, whose end may not be on record; this one is added."""
    log = structlog.get_logger()
    with closing(patiently(lambda: _locked_session(config), LockedError, wait)) as database:
        for ended in earlier:
            runs.write_end(database, ended)
        steps.timings = {}
        log.info("started", engine=database.version, files=len(files))
        with steps.step("fingerprint") as facts:
            fingerprints = {file.table: file.fingerprint for file in steps.each(files, "files")}
            facts["files"] = len(files)
        record = runs.Run(
            run_id=run_id,
            started_at=runs.now(),
            config_fingerprint=runs.fingerprint(config.model_dump(exclude={"database"})),
            input_fingerprint=runs.fingerprint(fingerprints),
            timings=steps.timings,
        )
        earlier.append(record)
        with (
            runs.recorded(database, record),
            full_disk_told(),
            steps.step("total"),
            loading.planned(database, files, config.load) as plan,
            database.transaction(),
        ):
            loaded = loading.load(database, plan, config, record, steps)
            found = _segment(database, config, record, loaded, steps)
        log.info("summary", **record.figures)
    return found


@full_disk_told()
def _locked_session(config: Config) -> "Database":
    database = connect(config.database)
    try:
        runs.take_lock(database)
    except BaseException:
        database.close()
        raise
    return database


def files_to_load(config: Config, data: Path | None) -> list[csvfiles.CsvFile]:
    """Return the file of every table of the config's load; none where it loads nothing.

    Raises DataError where data is not named or lacks a file, ConfigError where it is named and nothing is loaded.
    """
    if config.load is None:
        if data:
            raise ConfigError(f"--data {data} is given, but the config has no load: section")
        return []
    if (source := data or config.load.data) is None:
        raise DataError("no data is given; name a folder or a .zip of CSV files with --data or load.data")
    return csvfiles.find(source, config.load.tables, loading.written(config.load))


def _segment(
    database: "Database", config: Config, record: runs.Run, loaded: dict[str, int], steps: Steps
) -> list[Segment]:
    """Compute features, fit or find the model, label; with the end of the run's record."""
    with steps.step("features") as facts:
        database.execute("replace_features")
        axes, points = _points(database, config)
        facts.update(customers=int(points["customers"].sum()), points=len(points))
    with steps.step("model") as facts:
        record.model_id = clustering.model_id(points, axes, config.clustering)
        model = runs.find_model(database, record.model_id)
        facts["model"] = f"{record.model_id} ({'kept' if model else 'new'})"
        if model is None:
            model = _named(database, clustering.fit(points, axes, config.clustering))
            runs.keep_model(database, record, model)
        found = segments.summary(_profiles(database, model), model.names)
        facts["inertia"] = model.inertia
    with steps.step("labels") as facts:
        changes = _write_labels(database, config, record.model_id, model)
        facts.update(changes)
    record.figures = {
        "load": loaded,
        "customers": model.customers,
        "inertia": model.inertia,
        "points": model.points,
        **changes,
        "segments": [asdict(segment) for segment in found],
    }
    runs.finish(database, record)
    return found


def _points(database: "Database", config: Config) -> "tuple[tuple[clustering.Axis, ...], pd.DataFrame]":
    """Select the points, on a coarser grid until they are few enough.

    Raises ConfigError for a feature that is no number, DataError for one without a value for some customer.
    """
    import pandas as pd

    features = config.clustering.features
    columns = {column.name: column.type for column in database.columns("customer_features")}
    for feature in features:
        if columns.get(feature.column, "VARCHAR") in ("VARCHAR", "TIMESTAMP"):
            raise ConfigError(f"clustering.features: {feature.column} is no numeric column of customer_features")
    [statistics] = database.fetch("feature_statistics", features=features)
    cells = clustering.CELLS
    while True:
        axes = clustering.make_axes(features, statistics, cells)
        rows = database.fetch("points", axes=axes, limit=clustering.MAX_POINTS + 1)
        if len(rows) <= clustering.MAX_POINTS:
            return axes, pd.DataFrame(rows)
        cells //= 2


def _profiles(database: "Database", model: SegmentModel) -> list[dict[str, Any]]:
    """Return the figures of every centroid's customers, in the centroids' order."""
    found = {row["centroid"]: row for row in database.fetch("segment_profiles", model=model)}
    nobody = {"customers": 0, "monetary": 0, "frequency": 0, "recency_days": 0}
    return [found.get(index, {"centroid": index, **nobody}) for index in range(len(model.centroids))]


def _named(database: "Database", model: SegmentModel) -> SegmentModel:
    """Order the centroids by what their customers spend, and name them."""
    profiles = _profiles(database, model)
    order = segments.order(profiles)
    return model.in_order(order, segments.names([profiles[index] for index in order]))


def _write_labels(database: "Database", config: Config, model_id: str, model: SegmentModel) -> dict[str, int]:
    """Label every customer, touching only the rows whose label changes; return how many."""
    values: dict[str, Any] = {"model_id": model_id, "labelled_at": runs.now()}
    for index, (letter, name) in enumerate(zip(segments.LETTERS, model.names, strict=False)):
        values |= {f"segment_{index}": letter, f"name_{index}": name}
    changes = {
        "removed": database.execute("delete_labels"),
        "changed": database.execute("update_labels", values, model=model),
        "new": database.execute("insert_labels", values, model=model),
        "written_back": database.execute("write_back", write_back=config.write_back),
    }
    if not database.fetch("any_written_back", write_back=config.write_back):
        key, table = config.write_back.key, config.write_back.table
        raise ConfigError(
            f"write_back.key: column {key} of table {table} holds no customer's id; name the one that does"
        )
    return changes
