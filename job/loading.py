"""Files -> the shop's tables, all of them or none, every record accounted for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import structlog

from job import runs
from job.adapters.base import Database
from job.config import WriteBack
from job.csvfiles import CheckedFile, CsvFile, Reader, csv_reader
from job.errors import ClientelaError, ConfigError, DatabaseError, DataError
from job.progress import Steps


@dataclass(frozen=True)
class Plan:
    """What a load has to do."""

    tables: Sequence[str]
    missing: Sequence[str]  # tables that the schema is to make
    ours: Sequence[str]  # tables that an earlier run has loaded
    rows: dict[str, int] | None  # by table; None: the tables do not hold what the files hold


def plan(database: Database, files: Sequence[CsvFile]) -> Plan:
    """Find out what is to be loaded; only read.

    Raises DataError for tables that hold what no run has loaded, DatabaseError when only some of the tables are there.
    """
    there = database.tables()
    tables = [file.table for file in files]
    existing = [table for table in tables if table in there]
    missing = [table for table in tables if table not in there]
    loaded = {row["table_name"]: row for row in database.fetch("loaded_files")} if "loaded_files" in there else {}
    _refuse_strangers(database, [table for table in existing if table not in loaded])
    if existing and missing and "constraints" in database.statements:
        raise DatabaseError(
            f"table {', '.join(missing)} is missing while {', '.join(existing)} is there; "
            "restore what is missing, or drop the others to load everything anew"
        )
    same = not missing and all(loaded.get(file.table, {}).get("fingerprint") == file.fingerprint for file in files)
    rows = _row_counts(database, tables) if same else {}
    unchanged = same and rows == {table: loaded[table]["loaded"] for table in tables}
    ours = [table for table in existing if table in loaded]
    return Plan(tables, missing, ours, rows if unchanged else None)


@contextmanager
def planned(database: Database, files: Sequence[CsvFile]) -> Iterator[Plan]:
    """Find out what is to be loaded, before the transaction that does it, and tidy up around it.

    Where CREATE TABLE commits, missing tables are made here and dropped again when the block fails; where statistics
    cannot be renewed in a transaction, they are renewed after it. Raises as `plan`.
    """
    found = plan(database, files)
    if database.transactional_ddl:
        yield found
        return
    try:
        if found.missing:
            database.execute("schema")
        yield found
    except BaseException:
        if found.missing:
            with suppress(ClientelaError):  # the session may be lost; the first error is the one to tell
                database.execute("drop_tables", tables=found.missing)
        raise
    if found.rows is None:
        database.execute("analyze", tables=found.tables)


def load(
    database: Database, files: Sequence[CsvFile], plan: Plan, write_back: WriteBack, run: runs.Run, steps: Steps
) -> None:
    """Make the tables hold what the files hold, inside the running transaction; fill run.row_counts.

    When a file is new or changed, all tables are loaded anew. Raises DataError when the data is refused, ConfigError
    when the config names a table or column that is not there.
    """
    if plan.rows is not None:
        run.row_counts = plan.rows
        require_columns(database, plan.tables, write_back)
        if files:
            structlog.get_logger().info("unchanged", files=len(files), rows=sum(run.row_counts.values()))
        return
    with steps.step("load") as facts, csv_reader() as reader:
        if plan.ours:
            with steps.step("empty"):
                database.execute("empty_tables", tables=plan.ours)
        if database.transactional_ddl:
            database.execute("schema")
        require_columns(database, plan.tables, write_back)
        checked = _check(database, files, reader, write_back, steps)
        _copy(database, checked, steps)
        if plan.missing and "constraints" in database.statements:
            with steps.step("keys"):
                database.execute("constraints")
        database.verify_references()
        run.row_counts = _row_counts(database, plan.tables)
        _account_for(database, checked, run)
        facts["rows"] = sum(run.row_counts.values())
    if database.transactional_ddl and "analyze" in database.statements:
        database.execute("analyze", tables=plan.tables)


def _refuse_strangers(database: Database, tables: Sequence[str]) -> None:
    """Raise DataError where one of the tables, which no run has loaded, holds rows."""
    for table, count in _row_counts(database, tables).items():
        if count:
            raise DataError(
                f"table {table} holds {count} rows that this job has not loaded, and a load would replace them; "
                "name another database, or empty the table"
            )


def require_columns(database: Database, tables: Sequence[str], write_back: WriteBack) -> None:
    """Raise ConfigError where the config names a table or a column that the schema does not make."""
    for table in tables:
        if not database.columns(table):
            raise ConfigError(f"load.tables names {table}, which is no table of sql/{database.dialect}/schema.sql")
    names = {column.name for column in database.columns(write_back.table)}
    if not names:
        raise ConfigError(
            f"write_back.table is {write_back.table}, which is no table that the database's user may read"
        )
    for key, column in (("key", write_back.key), ("column", write_back.column)):
        if column not in names:
            raise ConfigError(f"write_back.{key} is {column}, which is no column of table {write_back.table}")


def _row_counts(database: Database, tables: Sequence[str]) -> dict[str, int]:
    rows = database.fetch("count_rows", tables=tables) if tables else []
    return {row["table"]: row["rows"] for row in rows}


def _check(
    database: Database, files: Sequence[CsvFile], reader: Reader, write_back: WriteBack, steps: Steps
) -> list[CheckedFile]:
    """Compare all files with the tables before any of them is loaded."""
    checked = []
    with steps.step("check") as facts:
        for file in steps.each(files, "files"):
            ours = write_back.column if file.table == write_back.table else None
            columns = [column for column in database.columns(file.table) if column.name != ours]
            checked.append(reader.check(file, columns))
        facts["records"] = sum(file.records for file in checked)
    return checked


def _copy(database: Database, files: Sequence[CheckedFile], steps: Steps) -> None:
    with steps.step("copy"):
        for file in steps.each(files, "tables"):
            try:
                database.bulk_load(file.source.table, file)
            except DataError as error:
                raise DataError(f"{file.source.name}: {error}; mend the file and run again") from error
            structlog.get_logger().info("copied", file=file.source.name, records=file.records)


def _account_for(database: Database, files: Sequence[CheckedFile], run: runs.Run) -> None:
    """Write down what was loaded. Raises DataError where a table got more or less than its file has."""
    for file in files:
        table, loaded = file.source.table, run.row_counts[file.source.table]
        if loaded != file.records:
            raise DataError(
                f"{file.source.name} has {file.records} records, but table {table} got {loaded} rows; "
                "nothing was loaded, please report this"
            )
        database.execute(
            "record_loaded_file",
            {
                "table_name": table,
                "file_name": file.source.name,
                "fingerprint": file.source.fingerprint,
                "records": file.records,
                "loaded": loaded,
                "rejected": 0,
                "run_id": run.run_id,
                "loaded_at": runs.now(),
            },
        )
