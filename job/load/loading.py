"""Files -> the shop's tables, all of them or none, every record accounted for."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import Any

import structlog

from job.adapters.base import Database
from job.config import Config, Load
from job.errors import ClientelaError
from job.files import Drafts
from job.load.accounts import keep_rejects, record_loaded_files
from job.load.apply import Changes, add_records, apply_differences, make_tables_anew
from job.load.context import LoadContext, opened_staging
from job.load.copy import copy_files, refuse_bad_files
from job.load.doubts import doubts
from job.load.plan import Plan, make_plan
from job.load.tables import count_rows, read_tables, require_columns, require_tables
from job.progress import Steps
from job.staging.area import StagedFile
from job.staging.csvfiles import CsvFile
from job.tables import Table


@dataclass(frozen=True)
class Loaded:
    """What a load has done."""

    changes: Changes
    row_counts: Mapping[str, int]  # of the shop's tables, now
    doubts: Sequence[str]  # see `doubts`
    rejects: Sequence[Mapping[str, Any]] = ()  # of each file that has some: to be told after the commit


@contextmanager
def planned(database: Database, files: Sequence[CsvFile], load: Load | None) -> Iterator[tuple[Plan, Drafts]]:
    """Find out what is to be loaded, before the transaction that does it, and tidy up around it.

    Gives the plan, and the place for files of rejected records: at the end of the block they take their places.

    Where CREATE TABLE commits, missing tables are made here and dropped again when the block fails; where statistics
    cannot be renewed in a transaction, they are renewed after it. Raises as `make_plan`.
    """
    plan, reject_files = make_plan(database, files, load), Drafts()
    makes_tables = bool(plan.missing) and not database.transactional_ddl
    try:
        if makes_tables:
            plan.schema.make(database)
            require_tables(database, plan.tables, load)
        yield plan, reject_files
    except BaseException:
        reject_files.discard()
        if makes_tables:
            with suppress(ClientelaError):  # the session may be lost; the first error is the one to tell
                database.execute("drop_tables", tables=plan.missing)
        raise
    reject_files.publish()
    if not plan.nothing_to_do and not database.transactional_ddl:
        database.execute("analyze", tables=plan.tables)


def load_files(
    database: Database, plan: Plan, reject_files: Drafts, config: Config, run_id: str, steps: Steps
) -> Loaded:
    """Make the tables hold what the files hold, inside the running transaction.

    Tables that hold nothing yet are filled; later the files are staged beside the tables, and the difference applied.
    reject_files: what the rejects folder gets after the commit.
    Raises DataError when the data is refused, ConfigError when the config names a table or column that is not there.
    """
    for file in plan.files:
        if file.table in plan.added:
            structlog.get_logger().info("added before", file=file.name, table=file.table)
    if config.load is None or plan.nothing_to_do:
        require_columns(database, plan.tables, config)
        if plan.files:
            rows = sum(plan.row_counts.values())
            structlog.get_logger().info("unchanged", files=len(plan.files), rows=rows)
        return Loaded(Changes(), plan.row_counts, doubts(plan, config.load, plan.row_counts) if config.load else [])
    tables = _make_missing_tables(database, plan, config)
    rejects_folder = config.folder(config.load.rejects)
    with steps.step("load") as facts, opened_staging(database, plan, config.load, tables) as staging:
        context = LoadContext(database, plan, config.load, rejects_folder, reject_files, run_id, tables, staging)
        files = copy_files(context, steps)
        refuse_bad_files(context, files)
        changed = _changed(context, files)
        changes = _apply(context, changed, steps)
        row_counts = count_rows(database, plan.tables)
        record_loaded_files(context, changed, row_counts)
        told = keep_rejects(context, changed)
        records, rejected = sum(file.records for file in files), sum(file.rejected for file in files)
        facts.update(records=records, rejected=rejected, **asdict(changes))
    database.analyze([file.table for file in changed])
    return Loaded(changes, row_counts, doubts(plan, config.load, row_counts), told)


def _make_missing_tables(database: Database, plan: Plan, config: Config) -> dict[str, Table]:
    """Make the tables that are missing, without keys that come after the rows; return all, as declared with their keys.

    Raises ConfigError as `Schema.make` and `read_tables`.
    """
    if not plan.missing or not database.transactional_ddl:  # all there, or made by `planned`
        return read_tables(database, plan.tables, config)
    if not plan.schema.keys:
        plan.schema.make(database)
        return read_tables(database, plan.tables, config)
    with database.taken_back():
        plan.schema.make(database, with_keys=True)
        tables = read_tables(database, plan.tables, config)
    plan.schema.make(database)
    return tables


def _changed(context: LoadContext, files: Sequence[StagedFile]) -> list[StagedFile]:
    """Return the files that may change their tables; all, where all tables must be made anew for any of them."""
    changed = [file for file in files if context.plan.may_change(file)]
    if context.database.loads_differences or all(context.adds(file.table) for file in changed):
        return changed
    return list(files)


def _apply(context: LoadContext, files: Sequence[StagedFile], steps: Steps) -> Changes:
    """Bring what the files change into the tables, where they were not just filled; return what has changed."""
    if context.plan.first:
        return Changes(inserted=sum(file.accepted for file in files))
    adds_only = all(context.adds(file.table) for file in files)
    remake = add_records if adds_only else make_tables_anew
    apply = apply_differences if context.database.loads_differences else remake
    with steps.step("apply") as facts:
        changes = apply(context, files)
        facts["rows"] = changes.rows
    return changes
