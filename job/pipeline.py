"""A run, step by step."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from job import erasure, history, interrupt, retention, verification
from job.config import Config
from job.errors import ClientelaError, ConfigError, DataError, LockedError, TransientError, full_disk_told
from job.files import Drafts, tidy
from job.ids import Erased
from job.load.loading import load_files, planned
from job.load.plan import file_format
from job.model.segments import Segment
from job.progress import Steps
from job.retry import retrying
from job.segmentation import (
    arrival,
    changed_since,
    ending,
    features,
    label_column,
    night,
    rfm,
    rollback,
    unchanged,
    value,
)
from job.session import connect
from job.staging import csvfiles, finding
from job.verification import Finding

if TYPE_CHECKING:
    from job.adapters.base import Database, Session

ATTEMPTS = 3
GHOST = 10  # seconds for a session to go that was lost and is being ended


def run(
    config: Config,
    data: Path | None,
    run_id: str,
    steps: Steps,
    wait: float = 0,
    score: bool = False,
    full: bool = False,
) -> list[Segment]:
    """Load the files, compute features, fit, label every customer; return the segments, A first.

    data: a folder or .zip of CSV files; without it the config's load.data counts. A config without load: reads the
    tables that are there.
    wait: seconds to wait for another run on the database to end.
    score: label with the current model, without a fit.
    full: compare files that have changed with the tables as a whole, and compute all features, whatever is known of
    the last night.
    A run that is hit by a TransientError is rolled back and tried again in a new session, as RUN_ID-2, RUN_ID-3.
    Raises ClientelaError; then tables, features and labels are as after the last run that was done.
    """
    attempts = _Attempts(config, files_to_load(config, data), run_id, steps, wait, score, full)
    return retrying(attempts.next, on=TransientError, attempts=ATTEMPTS, event="retrying")


@dataclass
class _Attempts:
    """What a run is to do, and the attempts at it: each has a session, an id and a record of its own."""

    config: Config
    files: Sequence[csvfiles.Source]
    run_id: str
    steps: Steps
    wait: float
    score: bool
    full: bool
    number: int = 0  # of the attempt, from 1
    records: list[history.Run] = field(default_factory=list)
    sessions: list["Session"] = field(default_factory=list)  # of attempts, where there is a server

    @property
    def _parts(self) -> list[csvfiles.CsvFile]:
        return [part for file in self.files for part in file.parts]

    def next(self) -> list[Segment]:
        """Try once more; return the segments, A first. Raises TransientError where another session may do better."""
        self.number += 1
        again = self.number > 1
        run_id = f"{self.run_id}-{self.number}" if again else self.run_id
        # The server may not have noticed yet that the session before is gone.
        wait = max(self.wait, self.config.database.patience, GHOST) if again else self.wait
        try:
            with (
                structlog.contextvars.bound_contextvars(run_id=run_id),
                closing(_locked_session(self.config, wait, self.sessions)) as database,
            ):
                self.sessions += [database.session] if database.session else []
                for failed in self.records:  # a session that was lost could not write how its attempt ended
                    history.write_end(database, failed)
                record = self._begin(database, run_id)
                self.records.append(record)
                return self._label(database, record)
        except TransientError:
            interrupt.listen_again()
            raise

    def _begin(self, database: "Database", run_id: str) -> history.Run:
        """Read all files once for their fingerprints; return the record of a run on them."""
        self.steps.timings = {}
        structlog.get_logger().info("started", engine=database.version, files=len(self._parts))
        with self.steps.step("fingerprint") as facts:
            read = self.steps.each(csvfiles.read_fingerprints(self.files), "files", len(self.files))
            fingerprints = {file.table: fingerprint for file, fingerprint in read}
            facts["files"] = len(self._parts)
        return history.new_run(database, self.config, run_id, fingerprints, self.steps.timings)

    def _label(self, database: "Database", record: history.Run) -> list[Segment]:
        """Load the files, compute the features, fit and label, in one transaction; return the segments, A first."""
        config, steps = self.config, self.steps
        for folder in _folders(config):
            tidy(folder)
        with (
            history.recorded(database, record),
            full_disk_told(),
            steps.step("total"),
            _fit_for_run(database, config),
            planned(database, self.files, config) as (plan, drafts),
            _transaction(database, config),
        ):
            loaded = load_files(database, plan, drafts, config, record.run_id, steps, self.full)
            record.row_counts = dict(loaded.row_counts)
            ending.warn(record, loaded.doubts)
            changes = asdict(loaded.changes)
            segments = (
                unchanged.as_before(database, config, record, changes, self.score) if plan.nothing_to_do else None
            )
            if segments is None:
                if database.transactional_ddl:
                    _make_features(database, config)
                segments = night.segment(
                    database, config, record, changes, steps, score=self.score, touched=loaded.touched, full=self.full
                )
        retention.apply(database, config)
        for facts in loaded.rejects:
            structlog.get_logger().warning("rejected", **facts)
        structlog.get_logger().info("summary", **record.figures)
        return segments


def _folders(config: Config) -> list[Path]:
    """Return the folders for the job's files, in which a run that was killed may have left drafts."""
    of_load = [config.load.rejects, config.load.memory] if config.load else []
    return [config.folder(folder) for folder in (config.report.folder, *of_load)]


@contextmanager
def _fit_for_run(database: "Database", config: Config) -> Iterator[None]:
    """Before anything is changed: the column for the labels can take them, where its table is there already.

    And the tables of features.changed_since tell what has changed.
    """
    changed_since.tables(database, config)
    if config.write_back and label_column.is_there(database, config.write_back):
        arrival.find_targets(database, config)
    yield


@contextmanager
def _transaction(database: "Database", config: Config) -> Iterator[None]:
    """Where CREATE TABLE commits, the features' table gets its columns before the transaction begins."""
    if not database.transactional_ddl:
        _make_features(database, config)
    with database.transaction():
        yield


def _make_features(database: "Database", config: Config) -> None:
    """Give customer_features the columns that its SQL has, and make the views over it."""
    features.make_table(database, config)
    rfm.make_view(database)
    value.make_view(database)


def report(config: Config, steps: Steps) -> Path | None:
    """Write the report on the last run; return the page, or None where that failed.

    It comes after the commit: whatever goes wrong is a warning, and changes neither labels nor exit code.
    Where the run found all as before, the page that is there stays.
    """
    try:
        with steps.step("report") as facts, closing(connect(config, read_only=True)) as database:
            last, page = history.last_done(database), config.latest_report()
            if not (last and last.figures.get("same_as") and page.exists()):
                from job.report.files import write

                write(database, config)
            facts["file"] = str(page)
        if config.report.keep:
            from job.report.files import forget

            if gone := forget(config):
                structlog.get_logger().info("forgotten", pages=gone)
    except Exception as error:
        reason = str(error) if isinstance(error, ClientelaError) else f"{type(error).__name__}: {error}"
        sentence = f"{reason}; the labels are written, and clientela report writes the report once that is put right"
        structlog.get_logger().warning("no report", reason=sentence)
        return None
    return page


def last_done(config: Config) -> history.DoneRun | None:
    """Return the last run that has labelled customers, or None. Raises as `connect`."""
    with closing(connect(config, read_only=True)) as database:
        return history.last_done(database)


def roll_back(config: Config, target: str, run_id: str, steps: Steps, wait: float = 0) -> list[Segment]:
    """Bring the labels, and the current model, back to those after the run `target`; return the segments, A first.

    Raises DataError where no such run has labelled customers; else as `run`.
    """
    if missing := config.database.missing:
        raise DataError(f"{missing}: there is no such database; see database.path")
    with closing(_locked_session(config, wait)) as database:
        record = history.new_run(database, config, run_id, target, steps.timings)
        with history.recorded(database, record), full_disk_told(), steps.step("total"), database.transaction():
            segments = rollback.roll_back(database, config, record, target, steps)
        structlog.get_logger().info("summary", **record.figures)
    return segments


def erase(config: Config, ids: Sequence[str], run_id: str, steps: Steps, wait: float = 0) -> Erased:
    """Forget the customers of those ids: remove them from all that the job keeps; return what has gone.

    Nothing that is told or kept names them. Raises as `roll_back`.
    """
    if missing := config.database.missing:
        raise DataError(f"{missing}: there is no such database; see database.path")
    drafts = Drafts()
    with closing(_locked_session(config, wait)) as database:
        record = history.new_run(database, config, run_id, "erase", steps.timings)
        in_shop = erasure.count_in_shop(database, config, ids)
        try:
            with (
                history.recorded(database, record),
                full_disk_told(),
                steps.step("erase") as facts,
                database.transaction(),
            ):
                erased = erasure.erase(database, config, ids, drafts)
                erased.in_shop = in_shop
                facts.update(ids=erased.ids, **erased.rows)
                record.figures = {
                    **{"command": "erase", "ids": erased.ids, "erased": erased.rows, "in_shop": in_shop},
                    "features_stand": erased.features_stand,
                }
                history.finish(database, record)
        except BaseException:
            drafts.discard()
            raise
        drafts.publish()
        database.purge()
    return erased


def verify(config: Config, data: Path | None, wait: float = 0) -> list[Finding]:
    """Look whether what stands is what the last run has left, and what features and model give; change nothing.

    data: as for `run`; without it, and without load.data, files are not looked at. Raises as `roll_back`.
    """
    if missing := config.database.missing:
        raise DataError(f"{missing}: there is no such database; see database.path")
    files = files_to_load(config, data) if data or (config.load and config.load.data) else []
    with closing(_locked_session(config, wait, make_tables=False)) as database, full_disk_told():
        return list(verification.verify(database, config, files))


def _locked_session(
    config: Config, wait: float, lost: Sequence["Session"] = (), make_tables: bool = True
) -> "Database":
    """Open a session and take the lock; wait so many seconds for another run to end.

    lost: as for `history.require_lock`. make_tables: the job's own, where they are missing.
    """
    lock = history.take_lock if make_tables else history.require_lock

    @full_disk_told()
    def attempt() -> "Database":
        database = connect(config)
        try:
            lock(database, lost)
        except BaseException:
            database.close()
            raise
        return database

    return retrying(attempt, on=LockedError, seconds=wait)


def holds_other_files(config: Config, data: Path) -> bool:
    """Tell whether the database's tables have been loaded from other files than those of the folder or .zip.

    Raises as `files_to_load` and `connect`.
    """
    if config.database.missing:
        return False
    files = {file.table: file.fingerprint for file in files_to_load(config, data)}
    with closing(connect(config, read_only=True)) as database:
        rows = database.fetch("loaded_files") if "loaded_files" in database.own_tables() else []
    return bool(rows) and {row["table_name"]: row["fingerprint"] for row in rows} != files


def files_to_load(config: Config, data: Path | None) -> list[csvfiles.Source]:
    """Return the file, or files, of every table of the config's load; none where it loads nothing.

    Raises DataError where data is not named or lacks a file, ConfigError where it is named and nothing is loaded.
    """
    if config.load is None:
        if data:
            raise ConfigError(f"--data {data} is given, but the config has no load: section")
        return []
    if (source := data or config.load.data) is None:
        raise DataError("no data is given; name a folder or a .zip of CSV files with --data or load.data")
    return finding.find(
        source, config.load.tables, {table: file_format(config.load, table) for table in config.load.tables}
    )
