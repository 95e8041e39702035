"""Every record of a file is accounted for: it is in its table, or among the rejects."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from job import history, scratch
from job.errors import ConfigError, DataError
from job.load.context import LoadContext, staging_table
from job.load.standing import Rows
from job.staging import rejects
from job.staging.area import StagedFile
from job.staging.csvfiles import CsvFile
from job.staging.rejects import Reject
from job.tables import Table

RECORD_SHOWN = 10_000  # characters of a record that rejected_records holds; rejects/FILE.csv has all of them


def record_loaded_files(
    context: LoadContext, files: Sequence[StagedFile], row_counts: Mapping[str, int], standing: Mapping[str, Rows]
) -> None:
    """Write down what was loaded. standing: what stands in tables whose rows are summed up.

    Raises DataError where a table got more or less than its file has.
    """
    for file in files:
        _record_loaded_file(context, file, row_counts[file.table], standing.get(file.table))


def _record_loaded_file(context: LoadContext, file: StagedFile, rows: int, standing: Rows | None) -> None:
    loaded, adds = _count_loaded(context, file, rows), context.adds(file.table)
    if file.records != loaded + file.rejected:
        raise DataError(
            f"{file.source.name} has {file.records} records, of which {file.rejected} are rejected, but table "
            f"{file.table} got {loaded} rows; nothing was loaded, please report this"
        )
    context.database.execute(
        "record_loaded_file",
        {
            "table_name": file.table,
            "file_name": context.database.held(file.source.name),
            "fingerprint": file.source.content_fingerprint if adds else file.source.fingerprint,
            "records": file.records,
            "loaded": loaded,
            "rejected": file.rejected,
            "table_rows": rows,
            "run_id": context.run_id,
            "loaded_at": history.now(),
            "checksum": str(standing.checksum) if standing else None,
        },
        adds=adds and context.keeps(file.table),
    )


def _count_loaded(context: LoadContext, file: StagedFile, rows: int) -> int:
    """Return how many of the table's rows are the file's: with a key that it has, or, where they were added, new."""
    if not context.keeps(file.table):
        return rows
    if context.adds(file.table):  # others may add rows of their own meanwhile
        return min(rows - context.plan.row_counts[file.table], file.accepted)
    table, staged = context.tables[file.table], staging_table(file.table)
    [counted] = context.database.fetch("count_staged", table=table, staged=staged, file=file)
    return int(counted["rows"])


def keep_rejects(context: LoadContext, files: Sequence[StagedFile]) -> list[dict[str, Any]]:
    """Make rejected_records, and after the commit the rejects folder, tell what these files' tables lack.

    Returns, of each file with rejects, what is to be told once they are there.

    Where rows stay, what an earlier file has lost stays on record until its rejects, corrected, are loaded.
    """
    database = context.database
    path, told = scratch.folder() / "rejected_records.csv", []
    columns = database.columns(database.own.name("rejected_records"))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow([column.name for column in columns])
        for file in files:
            target = context.rejects_folder / file.source.name
            mirrors = context.settings.mode_of(file.table) == "mirror"
            adds_up = not mirrors and target.resolve() != file.source.path.resolve()
            if not adds_up:
                names = {"table_name": file.table, "file_name": file.source.name}
                database.execute("forget_rejects", names, of_file=not mirrors)
            if file.rejected:
                name = database.held(file.source.name)
                draft = _draft(context, target, adds_up)
                for reject in rejects.write(context.staging, file, draft):
                    line, *texts = _on_record(reject)
                    writer.writerow([context.run_id, file.table, name, line, *map(database.held, texts)])
                told.append({"file": file.source.name, "records": file.rejected, "see": str(target)})
            elif not adds_up:
                context.drafts.remove(target)
    staged = context.staging.stage(CsvFile(f"rejects of {context.run_id}", path), Table("rejected_records", columns))
    database.bulk_load(database.own.name("rejected_records"), staged, context.staging)
    return told


def _on_record(reject: Reject) -> tuple[int, str, str]:
    """Return line, reason and record, as rejected_records has them."""
    reasons = "; ".join(str(complaint).strip() for complaint in reject.complaints)
    return reject.record.line, reasons, reject.record.text[:RECORD_SHOWN]


def _draft(context: LoadContext, target: Path, adds_up: bool) -> Path:
    """Return the draft of a file of rejects, with what the file holds where rejects add up.

    Raises ConfigError where it cannot be written.
    """
    try:
        draft = context.drafts.of(target)
        before = target.read_bytes() if adds_up and target.exists() else b""
        if before and not before.endswith((b"\n", b"\r", b"\0")):  # an editor may leave out the last line end
            before += b"\n"
        draft.write_bytes(before)
    except OSError as error:
        raise ConfigError(f"{target} cannot be written ({error.strerror}); see load.rejects") from error
    return draft
