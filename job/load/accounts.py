"""Every record of a file is accounted for: it is in its table, or among the rejects."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from job import history, scratch
from job.config import Config
from job.errors import ConfigError, DataError
from job.load.context import LoadContext, staging_table
from job.load.standing import Rows
from job.staging import rejects
from job.staging.area import StagedFile, StagedPart
from job.staging.csvfiles import CsvFile, TableFiles
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
    now = history.now()
    for number, part in enumerate(file.parts):
        records = part.records + part.broken
        context.database.execute(
            "record_loaded_file",
            {
                "table_name": file.table,
                "file_name": context.database.held(part.source.name),
                "fingerprint": part.source.content_fingerprint if adds else part.source.fingerprint,
                "records": records,
                "loaded": records - part.rejected,
                "rejected": part.rejected,
                "table_rows": rows,
                "run_id": context.run_id,
                "loaded_at": now,
                "checksum": str(standing.checksum) if standing else None,
            },
            adds=number > 0 or (adds and context.keeps(file.table)),
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
            drafts = [_ready(context, part) for part in file.parts]
            names = [database.held(part.source.name) for part in file.parts]
            _forget_lost_files(context, file)
            for reject in rejects.write(context.staging, file, drafts):
                line, *texts = _on_record(reject)
                writer.writerow([context.run_id, file.table, names[reject.part], line, *map(database.held, texts)])
            told += [
                {"file": part.source.name, "records": part.rejected, "see": str(_target(context, part.source.name))}
                for part in file.parts
                if part.rejected
            ]
    staged = context.staging.stage(CsvFile(f"rejects of {context.run_id}", path), Table("rejected_records", columns))
    database.bulk_load(database.own.name("rejected_records"), staged, context.staging)
    return told


def _target(context: LoadContext, name: str) -> Path:
    """Return the file for the rejects of a file; those of a Parquet file are CSV, too."""
    return context.rejects_folder / (f"{name}.csv" if name.lower().endswith(".parquet") else name)


def _ready(context: LoadContext, part: StagedPart) -> Path:
    """Forget what was rejected of the file before, unless rejects add up; return the draft for those of now."""
    source, target = part.source, _target(context, part.source.name)
    mirrors = context.settings.mode_of(source.table) == "mirror"
    adds_up = not mirrors and target.resolve() != source.path.resolve()
    if not adds_up:
        names = {"table_name": source.table, "file_name": source.name}
        context.database.execute("forget_rejects", names, of_file=not mirrors)
    if part.rejected:
        return _draft(context, target, adds_up)
    if not adds_up:
        context.drafts.remove(target)
    return target


def _forget_lost_files(context: LoadContext, file: StagedFile) -> None:
    """Have the rejects go of files that have filled the table together with others, and are there no more."""
    if isinstance(file.source, TableFiles) and context.settings.mode_of(file.table) == "mirror":
        lost = context.plan.files_before.get(file.table, frozenset()) - {part.source.name for part in file.parts}
        for name in sorted(lost):
            context.drafts.remove(_target(context, name))


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


def rejects_files(config: Config) -> list[Path]:
    """Return the files of rejected records that are there, which need not be of this version or config.

    Raises ConfigError where the folder cannot be read.
    """
    assert config.load
    folder = config.folder(config.load.rejects)
    if config.load.data and folder.resolve() == config.load.data.resolve():  # they are the shop's
        return []
    try:
        return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []
    except OSError as error:
        raise ConfigError(f"{folder} cannot be read ({error.strerror}); see load.rejects") from error
