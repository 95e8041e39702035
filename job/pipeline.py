"""A run, step by step."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from job import history, interrupt
from job.config import Config
from job.errors import ClientelaError, ConfigError, DataError, LockedError, TransientError, full_disk_told
from job.load import loading
from job.model.segment_model import fingerprint
from job.model.segments import Segment
from job.progress import Steps
from job.segmentation import features, labelling
from job.session import connect, patiently
from job.staging import csvfiles

if TYPE_CHECKING:
    from job.adapters.base import Database

ATTEMPTS = 3


def run(
    config: Config, data: Path | None, run_id: str, steps: Steps, wait: float = 0, score: bool = False
) -> list[Segment]:
    """Load the files, compute features, fit, label every customer; return the segments, A first.

    data: a folder or .zip of CSV files; without it the config's load.data counts. A config without load: reads the
    tables that are there.
    wait: seconds to wait for another run on the database to end.
    score: label with the current model, without a fit.
    A run that is hit by a TransientError is rolled back and tried again in a new session, as RUN_ID-2, RUN_ID-3.
    Raises ClientelaError; then tables, features and labels are as after the last run that was done.
    """
    files = files_to_load(config, data)
    numbers = count(1)
    earlier: list[history.Run] = []

    def attempt() -> list[Segment]:
        number = next(numbers)
        again = number > 1
        attempt_id = f"{run_id}-{number}" if again else run_id
        # The server may not have noticed yet that the session before is gone.
        seconds = max(wait, config.database.patience) if again else wait
        try:
            with structlog.contextvars.bound_contextvars(run_id=attempt_id):
                return _attempt(config, files, attempt_id, steps, seconds, earlier, score)
        except TransientError:
            interrupt.heed()
            raise

    return patiently(attempt, TransientError, attempts=ATTEMPTS, event="retrying")


def _attempt(
    config: Config,
    files: Sequence[csvfiles.CsvFile],
    run_id: str,
    steps: Steps,
    wait: float,
    earlier: list[history.Run],
    score: bool,
) -> list[Segment]:
    """Do it once. earlier: the attempts before, whose end may not be on record; this one is added."""
    log = structlog.get_logger()
    with closing(patiently(lambda: _locked_session(config), LockedError, wait)) as database:
        for ended in earlier:
            history.write_end(database, ended)
        steps.timings = {}
        log.info("started", engine=database.version, files=len(files))
        with steps.step("fingerprint") as facts:
            fingerprints = {file.table: file.fingerprint for file in steps.each(files, "files")}
            facts["files"] = len(files)
        record = history.Run(
            run_id=run_id,
            started_at=history.start_time(database),
            config_fingerprint=fingerprint(config.model_dump(exclude={"database"})),
            input_fingerprint=fingerprint(fingerprints),
            timings=steps.timings,
        )
        earlier.append(record)
        with (
            history.recorded(database, record),
            full_disk_told(),
            steps.step("total"),
            loading.planned(database, files, config.load) as plan,
            _transaction(database, config),
        ):
            loaded = loading.load(database, plan, config, record, steps)
            same = labelling.as_before(database, config, record, loaded, score) if plan.nothing_to_do else None
            if same is None and database.transactional_ddl:
                features.make_table(database, config)
            found = same or labelling.segment(database, config, record, loaded, steps, score)
        log.info("summary", **record.figures)
    return found


@contextmanager
def _transaction(database: "Database", config: Config) -> Iterator[None]:
    """Where CREATE TABLE commits, the features' table gets its columns before the transaction begins."""
    if not database.transactional_ddl:
        features.make_table(database, config)
    with database.transaction():
        yield


def report(config: Config, steps: Steps) -> Path | None:
    """Write the report on the last run; return the page, or None where that failed.

    It comes after the commit: whatever goes wrong is told as a warning, and changes neither labels nor exit code.
    Where the run found all as before, the page that is there stays.
    """
    try:
        with steps.step("report") as facts, closing(connect(config, read_only=True)) as database:
            last, page = history.last_done(database), config.latest_report()
            if not (last and last["figures"].get("same_as") and page.exists()):
                from job.report.page import write

                write(database, config)
            facts["file"] = str(page)
    except Exception as error:
        reason = str(error) if isinstance(error, ClientelaError) else f"{type(error).__name__}: {error}"
        sentence = f"{reason}; the labels are written, and job report writes the report once that is mended"
        structlog.get_logger().warning("no report", reason=sentence)
        return None
    return page


def roll_back(config: Config, target: str, run_id: str, steps: Steps, wait: float = 0) -> list[Segment]:
    """Bring the labels, and the current model, back to those after the run `target`; return the segments, A first.

    Raises DataError where no such run has labelled customers; else as `run`.
    """
    if missing := config.database.missing:
        raise DataError(f"{missing}: there is no such database; see database.path")
    with closing(patiently(lambda: _locked_session(config), LockedError, wait)) as database:
        record = history.Run(
            run_id=run_id,
            started_at=history.start_time(database),
            config_fingerprint=fingerprint(config.model_dump(exclude={"database"})),
            input_fingerprint=fingerprint(target),
            timings=steps.timings,
        )
        with history.recorded(database, record), full_disk_told(), steps.step("total"), database.transaction():
            found = labelling.roll_back(database, config, record, target, steps)
        structlog.get_logger().info("summary", **record.figures)
    return found


@full_disk_told()
def _locked_session(config: Config) -> "Database":
    database = connect(config)
    try:
        history.take_lock(database)
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
