"""Files -> the database: into the tables themselves where all are empty, else into temporary ones beside them."""

import time
from collections.abc import Sequence
from functools import partial

import structlog

from job.adapters.base import Database
from job.errors import DataError
from job.load.context import LoadContext, staging_table
from job.progress import Steps, timed
from job.staging import rejects
from job.staging.area import StagedFile
from job.tables import quoted


def copy_files(context: LoadContext, steps: Steps, held: bool = False) -> list[StagedFile]:
    """Stage every file, and copy its records into the database where they may change something; return the files.

    Once a file has more bad records than may be, the others are staged to find theirs, and nothing is copied. held:
    files are to be held against the tables first; nothing is copied yet.
    """
    database, plan = context.database, context.plan
    files: list[StagedFile] = []
    keys_to_make = plan.schema.keys if plan.missing else ()
    prepare = partial(_prepare, context, held)
    with steps.step("copy") as facts, steps.bar("tables", len(plan.to_stage)) as advance:
        with context.staging.ahead(plan.to_stage, context.tables, prepare) as staged:
            for file in staged:
                files.append(file)
                is_needed = plan.may_change(file) and (database.loads_differences or plan.first) and not held
                if is_needed and all(map(context.accepts, files)):
                    _copy(context, file)
                    keys_to_make = _make_keys(database, keys_to_make, plan.tables[len(files) :])
                advance(1)
        facts["records"] = sum(file.records for file in files)
    return files


def _prepare(context: LoadContext, held: bool, file: StagedFile) -> bool:
    """See `Database.prepare`; a file that is not going to be copied is not prepared."""
    is_needed = context.plan.may_change(file) and context.accepts(file) and not held
    return is_needed and context.database.prepare(file, context.staging)


def _copy(context: LoadContext, file: StagedFile) -> None:
    started = time.perf_counter()
    if context.plan.first:
        _send(context, file, file.table)
    else:
        copy_beside(context, file)
    facts = {"file": file.source.name, "records": file.records, "rejected": file.rejected}
    structlog.get_logger().info("copied", **timed(facts, time.perf_counter() - started))


def copy_beside(context: LoadContext, file: StagedFile) -> str:
    """Copy the file's records into a temporary table beside its own; return that table's name. Raises DataError."""
    target = staging_table(file.table)
    context.database.execute("stage", table=context.tables[file.table], staged=target)
    _send(context, file, target)
    return target


def _send(context: LoadContext, file: StagedFile, target: str) -> None:
    try:
        context.database.bulk_load(target, file, context.staging)
    except DataError as error:
        raise DataError(f"{file.source.name}: {error}; correct the file and run again") from error


def _make_keys(database: Database, statements: Sequence[str], to_come: Sequence[str]) -> Sequence[str]:
    """Run the statements that name no table whose rows are still to come; return the others.

    So the database makes keys while the next file is being read, which takes less time than keys at the end.
    """
    later = [statement for statement in statements if any(quoted(table) in statement for table in to_come)]
    for statement in statements:
        if statement not in later:
            database.run(statement)
    return later


def refuse_bad_files(context: LoadContext, files: Sequence[StagedFile]) -> None:
    """Raise DataError with the first problems where a file has more bad records than may be."""
    refused = [file for file in files if not context.accepts(file)]
    if not refused:
        return
    shown, rest = rejects.told(context.staging, refused)
    if rest:
        shown.append(f"and {rest:,} more problems")
    if context.settings.on_error == "quarantine":
        counts = ", ".join(f"{file.rejected:,} of {file.records:,} records of {file.source.name}" for file in refused)
        limit = context.settings.max_rejects
        shown.insert(0, f"{counts} would be rejected, more than load.max_rejects, {limit}, allows")
        way_out = "raise that"
    else:
        way_out = "put such records aside with load.on_error: quarantine"
    raise DataError("\n".join([*shown, f"nothing was loaded; correct the files, or {way_out}"]))
