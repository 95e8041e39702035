"""Files -> the shop's tables, all of them or none, every record accounted for."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import structlog

from job.adapters.base import Database
from job.config import Config
from job.errors import ClientelaError
from job.files import Drafts
from job.load import held, incremental, remembered, standing, touched
from job.load.accounts import keep_rejects, record_loaded_files
from job.load.apply import Changes, add_records, apply_differences, make_tables_anew
from job.load.context import LoadContext, LoadTask, opened_staging
from job.load.copy import copy_beside, copy_files, refuse_bad_files
from job.load.doubts import doubts
from job.load.plan import Plan, make_plan
from job.load.standing import Rows, Standing, rows_of, sums_rows
from job.load.tables import count_rows, read_tables, require_columns, require_tables
from job.progress import Steps
from job.staging.area import StagedFile, Staging
from job.staging.csvfiles import Source
from job.staging.difference import Difference, Differences, Doubt
from job.tables import Table

ANALYZED = 0.1  # of the rows: where fewer have changed, what the planner knows of them holds


@dataclass(frozen=True)
class Loaded:
    """What a load has done."""

    changes: Changes
    row_counts: Mapping[str, int]  # of the shop's tables, now
    doubts: Sequence[str]  # see `doubts`
    rejects: Sequence[Mapping[str, Any]] = ()  # of each file that has some: to be told after the commit
    records: int = 0  # in the files
    rejected: int = 0  # of them
    touched: bool = False  # touched_customers has whose features may have changed; see job/load/touched.py


@contextmanager
def planned(database: Database, files: Sequence[Source], config: Config) -> Iterator[tuple[Plan, Drafts]]:
    """Find out what is to be loaded, before the transaction that does it, and tidy up around it.

    Gives the plan, and the place for files of rejected records, and for what is remembered: at the end of the block
    they take their places.

    Where CREATE TABLE commits, missing tables are made here and dropped again when the block fails; where statistics
    cannot be renewed in a transaction, they are renewed after it. Raises as `make_plan`.
    """
    plan, drafts = make_plan(database, files, config.load, partial(_look, database, config)), Drafts()
    makes_tables = bool(plan.missing) and not database.transactional_ddl
    try:
        if makes_tables:
            plan.schema.make(database)
            require_tables(database, plan.tables, config.load)
        yield plan, drafts
    except BaseException:
        drafts.discard()
        if makes_tables:
            with suppress(ClientelaError):  # the session may be lost; the first error is the one to tell
                database.execute("drop_tables", tables=plan.missing)
        raise
    drafts.publish()
    if not plan.nothing_to_do and not database.transactional_ddl:
        database.execute("analyze", tables=plan.tables)


def _look(database: Database, config: Config, names: Sequence[str]) -> Standing:
    if not (config.load and sums_rows(database)):
        return Standing()
    tables = read_tables(database, names, config)
    mirrored = {name for name in tables if config.load.mode_of(name) == "mirror"}
    followed = database.loads_differences and _tables_of_customers(database, config, tables)
    summed = [table for name, table in tables.items() if followed or name in mirrored]
    return standing.look(database, summed, mirrored)


def load_files(
    database: Database, plan: Plan, drafts: Drafts, config: Config, run_id: str, steps: Steps, full: bool = False
) -> Loaded:
    """Make the tables hold what the files hold, inside the running transaction.

    Tables that hold nothing yet are filled; later it is what differs from the last night that is applied to them. full:
    all files are staged beside the tables, and the difference found there, as where the last night is not remembered.
    drafts: what the rejects folder gets after the commit, and what is remembered.
    Raises DataError when the data is refused, ConfigError when the config names a table or column that is not there.
    """
    for part in plan.passed_over:
        structlog.get_logger().info("added before", file=part.name, table=part.table)
    if config.load is None or plan.nothing_to_do:
        require_columns(database, plan.tables, config)
        if plan.files:
            rows = sum(plan.row_counts.values())
            files = sum(len(file.parts) for file in plan.files)
            structlog.get_logger().info("unchanged", files=files, rows=rows)
        return Loaded(Changes(), plan.row_counts, doubts(plan, config.load, plan.row_counts) if config.load else [])
    tables = _make_missing_tables(database, plan, config)
    folder, memory = config.folder(config.load.rejects), remembered.path(config, config.load)
    own_features = config.features.sql is not None
    of_customers = _tables_of_customers(database, config, tables)
    task = LoadTask(database, plan, config.load, folder, memory, drafts, run_id, tables, of_customers, own_features)
    with steps.step("load") as facts:
        try:
            if full:
                raise Doubt("it was asked for")
            loaded = _load_differences(task, steps)
        except Doubt as doubt:
            if not plan.first:
                structlog.get_logger().info("night", way="full", reason=str(doubt))
            loaded = _load_whole_files(task, steps, holds=not (full or doubt.much))
        facts.update(records=loaded.records, rejected=loaded.rejected, **asdict(loaded.changes))
    return loaded


def _tables_of_customers(database: Database, config: Config, tables: Mapping[str, Table]) -> frozenset[str]:
    """Return the tables of a customer's records, where features come from these alone; none where they may not."""
    if (config.load and config.load.sql) or (config.features.sql and not config.features.per_customer):
        return frozenset()
    found = frozenset(row["table"] for row in database.fetch("tables_of_customers"))
    return found if found <= tables.keys() else frozenset()


def _load_differences(task: LoadTask, steps: Steps) -> Loaded:
    """Load what differs from the last night. Raises Doubt where it has to be all files, before anything is changed."""
    database, plan = task.database, task.plan
    with opened_staging(task, partial(Differences, last_night=remembered.opened(task))) as staging:
        context = task.with_staging(staging)
        with steps.step("compare") as facts:
            differences = incremental.stage_differences(context, staging)
            files = [difference.file for difference in differences]
            new, gone = sum(each.new for each in differences), sum(each.gone.records for each in differences)
            facts.update(records=sum(file.records for file in files), new=new, gone=gone)
        with steps.step("apply") as facts:
            changes, rows = incremental.apply(context, differences)
            facts["rows"] = changes.rows
        row_counts = {name: each.count for name, each in rows.items()}
        record_loaded_files(context, files, row_counts, rows)
        remembered.update(task, staging, files)
        told = keep_rejects(context, files)
    loads = standing.last_loads(database, plan.tables)
    records, rejected = (sum(int(load[what]) for load in loads.values()) for what in ("records", "rejected"))
    structlog.get_logger().info("night", way="incremental", records=new + gone, of=records)
    _analyze(database, changes, row_counts, files)
    sentences = doubts(plan, task.settings, row_counts)
    tells = touched.tells(context, [each.table for each in differences if each.new or each.gone.records])
    return Loaded(changes, row_counts, sentences, told, records, rejected, tells)


def _load_whole_files(task: LoadTask, steps: Steps, holds: bool) -> Loaded:
    """Load all records of all files. holds: files are held against the tables where that costs less."""
    database, plan = task.database, task.plan
    remembers = remembered.can_be(task)
    with opened_staging(task, partial(Staging, hashed=remembers)) as staging:
        context = task.with_staging(staging)
        holds = holds and held.can_be(context)
        files = copy_files(context, steps, holds)
        refuse_bad_files(context, files)
        changed = _changed(context, files)
        differences = _held(context, changed, steps) if holds else None
        changes, rows = _apply(context, changed, differences, steps)
        counted = count_rows(database, [table for table in plan.tables if table not in rows])
        row_counts = {table: rows[table].count if table in rows else counted[table] for table in plan.tables}
        record_loaded_files(context, changed, row_counts, rows)
        if remembers:
            remembered.write(task, staging, files)
        told = keep_rejects(context, changed)
    _analyze(database, changes, row_counts, changed)
    records, rejected = sum(file.records for file in files), sum(file.rejected for file in files)
    followed = touched.can_follow(context, changed) or (differences is not None and not plan.standing.edited)
    tells = followed and touched.tells(context, [file.table for file in changed])
    sentences = doubts(plan, task.settings, row_counts)
    return Loaded(changes, row_counts, sentences, told, records, rejected, tells)


def _held(context: LoadContext, files: Sequence[StagedFile], steps: Steps) -> list[Difference] | None:
    """Return what differs between the files and their tables; None: that is not known, and all is beside the tables."""
    with steps.step("compare") as facts:
        try:
            differences = held.differences(context, files)
        except Doubt as doubt:
            facts["copied"] = str(doubt)
            for file in files:
                copy_beside(context, file)
            return None
        facts.update(new=sum(each.new for each in differences), gone=sum(each.gone.records for each in differences))
    return differences


def _analyze(database: Database, changes: Changes, row_counts: Mapping[str, int], files: Sequence[StagedFile]) -> None:
    if changes.rows > ANALYZED * sum(row_counts.values()):
        database.analyze([file.table for file in files])


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


def _apply(
    context: LoadContext, files: Sequence[StagedFile], differences: Sequence[Difference] | None, steps: Steps
) -> tuple[Changes, dict[str, Rows]]:
    """Bring what the files change into the tables, where they were not just filled.

    differences: all of it, where it is known; else the files' records are beside the tables.
    Returns what has changed, and what stands in tables whose rows are summed up.
    """
    if context.plan.first:
        return Changes(inserted=sum(file.accepted for file in files)), _standing(context, files)
    with steps.step("apply") as facts:
        if differences is not None:
            changes, rows = incremental.apply(context, differences)
        elif touched.can_follow(context, files):
            changes, rows = incremental.add(context, files)
        else:
            adds_only = all(context.adds(file.table) for file in files)
            remake = add_records if adds_only else make_tables_anew
            apply = apply_differences if context.database.loads_differences else remake
            changes, rows = apply(context, files), _standing(context, files)
        facts["rows"] = changes.rows
    return changes, rows


def _standing(context: LoadContext, files: Sequence[StagedFile]) -> dict[str, Rows]:
    summed = [context.tables[file.table] for file in files if context.sums(file.table)]
    return {table.name: rows_of(context.database, table) for table in summed}
