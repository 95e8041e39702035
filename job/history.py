"""The job's memory in the database: the runs, the models, and the lock that keeps two runs apart."""

import json
import os
import socket
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from job import interrupt
from job.adapters.base import Database, Session
from job.config import Config
from job.errors import ClientelaError, DataError, LockedError
from job.fingerprint import fingerprint
from job.model.segment_model import SegmentModel
from job.model.segments import Move, Segment


@dataclass
class Run:
    """What a run writes to `job_runs` about itself as it goes."""

    run_id: str
    started_at: datetime
    config_fingerprint: str
    input_fingerprint: str
    model_id: str | None = None
    row_counts: dict[str, int] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)  # seconds by step: those of `Steps`, as they come
    figures: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    keep_changes: int | None = None  # runs for which it is kept who moved; None: all
    status: str = "running"
    error: str | None = None


@dataclass(frozen=True)
class DoneRun:
    """A run that has labelled customers, as `job_runs` has it."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    config_fingerprint: str
    input_fingerprint: str
    model_id: str
    timings: dict[str, float]  # seconds by step
    figures: dict[str, Any]

    @property
    def segments(self) -> list[Segment]:
        """The segments, A first."""
        return [Segment(**segment) for segment in self.figures["segments"]]

    @property
    def names(self) -> list[str]:
        """The segments' names, A's first."""
        return [segment.name for segment in self.segments]

    @property
    def moves(self) -> list[Move]:
        """How many customers went from each segment to each."""
        return moves_of(self.figures)


def moves_of(figures: Mapping[str, Any]) -> list[Move]:
    """Return how many customers went from each segment to each, by a run's figures; empty: it did not come to that."""
    return [Move(*move) for move in figures.get("moves", [])]


def now() -> datetime:
    """Return the time in UTC without its zone, as the job's tables hold it."""
    return datetime.now(UTC).replace(tzinfo=None)


def new_run_id() -> str:
    """Return an id that sorts by time: 20260131T020000-1f3a."""
    return f"{now():%Y%m%dT%H%M%S}-{os.urandom(2).hex()}"


def config_fingerprint(config: Config) -> str:
    """Return what stands for the config: equal for all configs that differ in nothing but their database, in whom they
    tell, and in for how long things are kept.
    """
    return fingerprint(config.model_dump(exclude={"database": True, "notify": True, "keep": True, "report": {"keep"}}))


def new_run(database: Database, config: Config, run_id: str, source: Any, timings: dict[str, float]) -> Run:
    """Return the record of a run that starts now. The session must hold the lock.

    source: what the run starts from, by fingerprint: those of its files by table, or the run that it goes back to.
    timings: the seconds by step, which are still to come.
    """
    return Run(
        run_id,
        _start_time(database),
        config_fingerprint(config),
        fingerprint(source),
        timings=timings,
        keep_changes=config.keep.changes,
    )


def _start_time(database: Database) -> datetime:
    """Return the time, but later than any run's: whoever holds the lock comes after them, whatever the clocks say."""
    [row] = database.fetch("last_start")
    return max(now(), row["started_at"] + timedelta(microseconds=1)) if row["started_at"] else now()


def require_lock(database: Database, lost: Collection[Session] = ()) -> None:
    """Take the lock on the job's own tables for this session.

    lost: sessions of this process that are no more, though the server may not have noticed: one that holds the lock is
    ended.
    Raises LockedError when another run holds the lock, or such a session still does.
    """
    if database.lock():
        return
    sentence = f"another run works on this database ({_running(database)}); wait until it ends"
    holder = database.lock_holder()
    if holder is None:
        raise LockedError(sentence)
    if holder.session in lost:
        structlog.get_logger().warning("ending lost session", holds_the_lock=holder.words)
        database.end_session(holder.session)
        raise LockedError(f"{holder.words}, which this run has lost, still holds the lock, and is being ended")
    way_out = f"if its process or machine is gone, end it by {holder.statement}"
    raise LockedError(f"{sentence}; the lock is held by {holder.words}: {way_out}")


def take_lock(database: Database, lost: Collection[Session] = ()) -> None:
    """Take the lock for this session and make the job's own tables.

    Raises as `require_lock`.
    """
    require_lock(database, lost)
    database.make_own_tables()


def _running(database: Database) -> str:
    if "job_runs" in database.own_tables() and (running := database.fetch("running")):
        return "run {run_id}, since {started_at:%Y-%m-%d %H:%M:%S} UTC, by {started_by}".format(**running[0])
    return "it has just started"


@contextmanager
def recorded(database: Database, run: Run) -> Iterator[None]:
    """Write the run to `job_runs`: running, then done, failed or interrupted."""
    started_by = f"{os.environ.get('USER', os.getuid())}@{socket.gethostname()}, process {os.getpid()}"
    try:
        database.execute(
            "start_run",
            {
                "run_id": run.run_id,
                "started_at": run.started_at,
                "started_by": database.held(started_by),
                "config_fingerprint": run.config_fingerprint,
                "input_fingerprint": run.input_fingerprint,
            },
        )
        yield
    except BaseException as error:
        error = interrupt.raised() or error
        run.status = "failed" if isinstance(error, Exception) else "interrupted"
        run.error = _storable(str(error) or type(error).__name__)
        try:
            write_end(database, run)
        except ClientelaError:  # the database cannot hold the text, or is gone; the first error is the one to tell
            run.error = ascii(run.error)[1:-1]
            with suppress(ClientelaError):
                write_end(database, run)
        raise


def _storable(text: str) -> str:
    """Return the text with escapes for what no database stores: NUL, and bytes of a file's name that are no text."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\0")


def finish(database: Database, run: Run) -> None:
    """Write that the run is done, in the transaction that writes its labels."""
    if run.model_id and (since := _changes_from(database, run)):
        run.figures = run.figures | {"changes_from": since}
    run.status = "done"
    write_end(database, run)


def changes_from(database: Database) -> str | None:
    """Return the start of the first run after which all changes of labels are kept, as ISO 8601; None: all are."""
    last = last_done(database)
    return last.figures.get("changes_from") if last else None


def require_changes(database: Database, run: DoneRun) -> None:
    """Raise DataError where changes of labels after the run are kept no longer."""
    if (since := changes_from(database)) and _written(run.started_at) < since:
        raise DataError(
            f"run {run.run_id} is too long ago: what has changed after it is kept no longer, by keep.changes"
        )


def _changes_from(database: Database, run: Run) -> str | None:
    """Return what `changes_from` is to be with this run: what is gone does not come back with a longer keep.changes."""
    known = [since for since in [changes_from(database)] if since]
    if run.keep_changes:
        rows = database.fetch("run_before", back=run.keep_changes - 1)
        known += [_written(row["started_at"]) for row in rows]
    return max(known, default=None)


def _written(moment: datetime) -> str:
    """Return the time as ISO 8601, so that later times are greater as texts."""
    return moment.isoformat(timespec="microseconds")


def write_end(database: Database, run: Run) -> None:
    """Write how the run ended, unless that is on record already: a session that was lost could not write it."""
    database.execute(
        "finish_run",
        {
            "run_id": run.run_id,
            "status": run.status,
            "finished_at": now(),
            "model_id": run.model_id,
            "row_counts": json.dumps(run.row_counts, allow_nan=False),
            "timings": json.dumps(run.timings, allow_nan=False),
            "figures": json.dumps(run.figures, allow_nan=False),
            "error": run.error and database.held(run.error),
        },
    )


def recent(database: Database, limit: int) -> list[dict[str, Any]]:
    """Return the last runs, the newest first; figures are empty unless the run was done."""
    if "job_runs" not in database.own_tables():
        return []
    return [_decoded(row) for row in database.fetch("recent_runs", limit=limit)]


def done_runs(database: Database, limit: int, run_id: str | None = None) -> list[DoneRun]:
    """Return the last runs that have labelled customers, the newest first.

    run_id: from this run back; one that is not there has none before it.
    """
    rows = database.fetch("report_runs", {"run_id": run_id}, run_id=run_id, limit=limit)
    return [DoneRun(**_decoded(row)) for row in rows]


def last_done(database: Database) -> DoneRun | None:
    """Return the last run that has labelled customers, or None."""
    return next(iter(done_runs(database, 1)), None)


def require_last_done(database: Database) -> DoneRun:
    """Return the last run that has labelled customers. Raises DataError where there is none."""
    if "job_runs" in database.own_tables() and (run := last_done(database)):
        return run
    raise DataError("no run has labelled customers yet; clientela run does")


def _decoded(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of job_runs with those of its columns that hold JSON read; a run that was not done has none."""
    return {**row, **{name: json.loads(row[name] or "{}") for name in ("timings", "figures") if name in row}}


def find_run(database: Database, run_id: str) -> DoneRun | None:
    """Return the run of that id; None where there is none that has labelled customers."""
    return next((run for run in done_runs(database, 1, run_id) if run.run_id == run_id), None)


def moved_since(database: Database, run_id: str | None) -> str:
    """Return the id of a run after which customers moved: of this one, or of the one before the last that has labelled.

    Raises DataError where no run has labelled customers, no such run has, or the moves are of an older version.
    """
    last = require_last_done(database)
    if "customer_moves" not in database.own_tables():
        raise DataError("an older version has labelled the customers; the next clientela run makes customer_moves")
    if run_id and not find_run(database, run_id):
        raise DataError(f"no run {run_id} has labelled customers; clientela runs lists those that have")
    before = done_runs(database, 2)[1:]
    return run_id or (before or [last])[0].run_id


def find_model(database: Database, model_id: str) -> SegmentModel | None:
    """Return the model of that id, or None where the registry lacks it."""
    rows = database.fetch("find_model", {"model_id": model_id})
    return SegmentModel.from_json(rows[0]["model"]) if rows else None


def current_model(database: Database) -> tuple[SegmentModel | None, datetime | None]:
    """Return the model that customers were labelled with last, and when it was fitted."""
    rows = database.fetch("current_model")
    return (SegmentModel.from_json(rows[0]["model"]), rows[0]["fitted_at"]) if rows else (None, None)


def keep_model(database: Database, run: Run, model: SegmentModel, fitted_at: datetime | None) -> None:
    """Add the model to the registry, unless it has it already. fitted_at: None is now."""
    if find_model(database, model.model_id) is None:
        values = {"run_id": run.run_id, "fitted_at": fitted_at or now(), "model": model.to_json()}
        database.execute("insert_model", {"model_id": model.model_id, **values})


def models(database: Database, limit: int) -> list[dict[str, Any]]:
    """Return the last models, the newest first: model_id, run_id, fitted_at, and the model."""
    if "segment_models" not in database.own_tables():
        return []
    return [row | {"model": SegmentModel.from_json(row["model"])} for row in database.fetch("models", limit=limit)]
