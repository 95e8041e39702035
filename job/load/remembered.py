"""The file that remembers the last night: whether it may be believed, and its new content, which takes its place after
the commit.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog

from job.config import Config, Load
from job.fingerprint import fingerprint
from job.load.context import LoadTask
from job.load.standing import last_loads, sums_rows
from job.staging import memory
from job.staging.area import StagedFile, Staging
from job.staging.difference import Differences, Doubt


def path(config: Config, load: Load) -> Path:
    """Return where the last night of this database is remembered."""
    of_database = fingerprint([type(config.database).__name__, config.database.model_dump()])
    return config.folder(load.memory) / memory.file_name(of_database)


def can_be(task: LoadTask) -> bool:
    """Tell whether nights are remembered: all tables mirror their files, and the database has a hash of rows."""
    return sums_rows(task.database) and all(task.settings.mode_of(table) == "mirror" for table in task.tables)


def opened(task: LoadTask) -> Path:
    """Return a draft with what is remembered. Raises Doubt where the tables are not as the last night has left them."""
    plan = task.plan
    if plan.first:
        raise Doubt("nothing is loaded yet")
    if not can_be(task):
        raise Doubt("load.mode is not mirror, or the database has no hash of rows")
    if plan.standing.edited:
        raise Doubt(f"others have changed table {', '.join(sorted(plan.standing.edited))}")
    if plan.standing.rows.keys() != set(plan.tables):
        raise Doubt("an older version has loaded the tables")
    if not task.memory.exists():
        raise Doubt("nothing is remembered of the last night")
    try:
        draft = task.drafts.of(task.memory)
        memory.prepare(draft, task.memory)
    except OSError as error:
        task.drafts.forget(task.memory)
        raise Doubt(f"what is remembered cannot be copied ({error.strerror})") from error
    return draft


def states(task: LoadTask, loads: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the state of every table, by which it is proved that it is the one that is remembered."""
    return {
        file.table: memory.state(task.tables[file.table], file.format, loads[file.table]) for file in task.plan.files
    }


def update(task: LoadTask, staging: Differences, files: Sequence[StagedFile]) -> None:
    """Bring the memory up to what the tables hold now, once loaded_files has it. files: those with differences.

    Where that fails, nothing is remembered, and it is told.
    """
    with _forgiven(task):
        staging.remember_changes(files, task.tables, states(task, last_loads(task.database, task.tables)))


def write(task: LoadTask, staging: Staging, files: Sequence[StagedFile]) -> None:
    """Remember all files anew, once loaded_files has them. Where that fails, nothing is remembered, and it is told."""
    with _forgiven(task):
        draft = task.drafts.of(task.memory)
        memory.prepare(draft)
        staging.remember(draft, files, task.tables, states(task, last_loads(task.database, task.tables)))
        draft.chmod(0o600)


@contextmanager
def _forgiven(task: LoadTask) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        task.drafts.forget(task.memory)
        reason = error.strerror or str(error)
        structlog.get_logger().warning("not remembered", reason=f"{task.memory}: {reason}; see load.memory")
