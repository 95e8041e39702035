"""What is kept for a time only, by the config's keep:, goes after a run, in steps that each are a transaction."""

import time
from datetime import datetime, timedelta

import structlog

from job import history
from job.adapters.base import Database
from job.config import Config, Load
from job.errors import ClientelaError
from job.load.accounts import rejects_files
from job.staging import finding

STEPS = 100  # runs, and models, of which a night forgets at most so many: the next one goes on


def apply(database: Database, config: Config) -> None:
    """Remove what is kept no longer, and tell how much it was. The session holds the lock, and the labels are written.

    Where that fails, the run has not: it is a warning, and the next run does it.
    """
    try:
        gone = {
            "changes": _forget_changes(database),
            "models": _forget_models(database, config.keep.models),
            "rejected": _forget_rejects(database, config.keep.rejects),
            "files": _forget_files(config.load, config) if config.load else 0,
        }
    except (ClientelaError, OSError) as error:
        structlog.get_logger().warning("not forgotten", reason=f"{error}; the next run forgets it")
        return
    if any(gone.values()):
        structlog.get_logger().info("forgotten", **gone)


def _forget_changes(database: Database) -> int:
    """Remove who moved in nights that `clientela rollback` does not go back to any more: the last run says so."""
    since = history.changes_from(database)
    return _forget_runs(database, "customer_segment_changes", datetime.fromisoformat(since)) if since else 0


def _forget_rejects(database: Database, days: int | None) -> int:
    return _forget_runs(database, "rejected_records", history.now() - timedelta(days)) if days else 0


def _forget_runs(database: Database, table: str, until: datetime) -> int:
    """Remove the table's rows of runs that had started by then; return how many."""
    name = database.own.name(table)
    runs = database.fetch("old_runs_in", {"until": until}, table=name, limit=STEPS)
    return sum(database.execute("forget_run", {"run_id": run["run_id"]}, table=name) for run in runs)


def _forget_models(database: Database, keep: int | None) -> int:
    last = history.last_done(database)
    if keep is None or last is None:
        return 0
    old = database.fetch("old_models", {"current": last.model_id}, others=keep - 1, limit=STEPS)
    return sum(database.execute("forget_model", {"model_id": model["model_id"]}) for model in old)


def _forget_files(load: Load, config: Config) -> int:
    """Remove files of rejected records to which none has been added for so many days."""
    if config.keep.rejects is None:
        return 0
    until = time.time() - timedelta(config.keep.rejects).total_seconds()
    old = [path for path in rejects_files(config) if path.stat().st_mtime <= until]
    ours = [path for path in old if finding.table_of(path.name.removesuffix(".csv"), load.tables)
            or finding.table_of(path.name, load.tables)]  # fmt: skip
    for path in ours:
        path.unlink(missing_ok=True)
    return len(ours)
