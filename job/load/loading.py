"""Files -> the shop's tables, all of them or none, every record accounted for."""

import csv
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from job import history, scratch
from job.adapters.base import Database
from job.config import Config, Load
from job.errors import ClientelaError, ConfigError, DatabaseError, DataError, TransientError
from job.progress import Steps, timed
from job.staging import rejects
from job.staging.area import MAX_ORPHAN_KEYS, StagedFile, Staging
from job.staging.csvfiles import CsvFile, Format
from job.statements import read_statements
from job.tables import Keys, Name, Reference, Table, quoted

RECORD_SHOWN = 10_000  # characters of a record that rejected_records holds; rejects/FILE.csv has it whole


@dataclass(frozen=True)
class Plan:
    """What a load has to do."""

    files: Sequence[CsvFile]
    missing: Sequence[str]  # tables that the schema is to make
    rows: Mapping[str, int]  # in the tables that are there
    unchanged: frozenset[str]  # tables that hold what their files hold, as an earlier run wrote down
    whole: frozenset[str]  # those of them that lack no record
    schema: Sequence[str]  # the statements that make the tables
    schema_file: Path | None  # the shop's own, which they are from
    keys: Sequence[str]  # those that give them their keys, where they come after the rows
    rejected: dict[Path, bool] = field(default_factory=dict)  # files of rejected records; whether there are any, by now

    @property
    def tables(self) -> list[str]:
        """The tables to load, in the config's order."""
        return [file.table for file in self.files]

    @property
    def nothing_to_do(self) -> bool:
        """Tell whether no file is new or changed."""
        return self.unchanged == set(self.tables)

    @property
    def first(self) -> bool:
        """Tell whether no table holds anything yet."""
        return not any(self.rows.values())

    def concerns(self, file: StagedFile) -> bool:
        """Tell whether the file may change its table; one whose parents lost rows may, though it is the same."""
        return file.table not in self.whole or file.rejected > 0


def plan(database: Database, files: Sequence[CsvFile], load: Load | None) -> Plan:
    """Find out what is to be loaded; only read.

    Raises DataError for tables that hold what no run has loaded, DatabaseError when only some of the tables are there,
    ConfigError when the schema's file cannot be read.
    """
    there = database.tables()
    existing = [file.table for file in files if file.table in there]
    missing = [file.table for file in files if file.table not in there]
    loaded = (
        {row["table_name"]: row for row in database.fetch("loaded_files")}
        if "loaded_files" in database.own_tables()
        else {}
    )
    rows = _row_counts(database, existing)
    _refuse_strangers({table: count for table, count in rows.items() if table not in loaded})
    schema, keys = _schema(database, load)
    if existing and missing and keys:
        raise DatabaseError(
            f"table {', '.join(missing)} is missing while {', '.join(existing)} is there; "
            "restore what is missing, or drop the others to load everything anew"
        )
    unchanged = {
        file.table
        for file in files
        if load and file.table in rows and file.table in loaded
        if _holds(file, loaded[file.table], rows[file.table], load)
    }
    whole = {table for table in unchanged if not loaded[table]["rejected"]}
    return Plan(files, missing, rows, frozenset(unchanged), frozenset(whole), schema, load.sql if load else None, keys)


def make_tables(database: Database, load: Load) -> None:
    """Make the shop's tables, without what comes after their rows, in an empty database."""
    _make(database, _schema(database, load)[0], load.sql)


def _schema(database: Database, load: Load | None) -> tuple[list[str], list[str]]:
    """Return the statements that make the shop's tables, and those for their keys. Raises ConfigError."""
    if load and load.sql:
        return read_statements("load.sql", load.sql), []
    keys = database.statements.render("constraints") if "constraints" in database.statements else []
    return database.statements.render("schema"), keys


def _holds(file: CsvFile, before: Mapping[str, Any], rows: int, load: Load) -> bool:
    """Tell whether the table holds what the file holds, by what an earlier run wrote down."""
    return bool(
        before["fingerprint"] == file.fingerprint
        and rows == before["table_rows"]
        and (load.mode == "merge" or rows == before["loaded"])
        and before["rejected"] <= load.allowed(before["records"])
    )


@contextmanager
def planned(database: Database, files: Sequence[CsvFile], load: Load | None) -> Iterator[Plan]:
    """Find out what is to be loaded, before the transaction that does it, and tidy up around it.

    Where CREATE TABLE commits, missing tables are made here and dropped again when the block fails; where statistics
    cannot be renewed in a transaction, they are renewed after it. Raises as `plan`.
    """
    found = plan(database, files, load)
    makes_tables = bool(found.missing) and not database.transactional_ddl
    try:
        if makes_tables:
            _make(database, found.schema, found.schema_file)
        yield found
    except BaseException:
        for path in found.rejected:
            with suppress(OSError):
                _in_making(path).unlink()
        if makes_tables:
            with suppress(ClientelaError):  # the session may be lost; the first error is the one to tell
                database.execute("drop_tables", tables=found.missing)
        raise
    for path, any_left in found.rejected.items():
        if any_left:
            _in_making(path).replace(path)
        else:
            with suppress(OSError):  # not there, as a rule
                path.unlink()
    if not found.nothing_to_do and not database.transactional_ddl:
        database.execute("analyze", tables=found.tables)


def load(database: Database, plan: Plan, config: Config, run: history.Run, steps: Steps) -> dict[str, int]:
    """Make the tables hold what the files hold, inside the running transaction; fill run.row_counts.

    Tables that hold nothing yet are filled; later the files are staged beside the tables, and the difference applied.
    Returns how many rows were inserted, updated and deleted. Raises DataError when the data is refused, ConfigError
    when the config names a table or column that is not there.
    """
    changes = {"inserted": 0, "updated": 0, "deleted": 0}
    if config.load is None or plan.nothing_to_do:
        run.row_counts = dict(plan.rows)
        require_columns(database, plan.tables, config)
        if plan.files:
            structlog.get_logger().info("unchanged", files=len(plan.files), rows=sum(run.row_counts.values()))
        return changes
    tables = _declared(database, plan, config)
    with steps.step("load") as facts, _staging(database, plan, config.load, tables) as staging:
        files = _copy(database, plan, config.load, staging, tables, changes, steps)
        _refuse(config.load, staging, files)
        concerned = [file for file in files if plan.concerns(file) or not database.loads_differences]
        if not plan.first:
            with steps.step("apply") as applied:
                if database.loads_differences:
                    _apply(database, [tables[file.table] for file in concerned], config.load.mode, changes)
                else:
                    _replace(database, plan, config.load.mode, staging, tables, files, changes)
                applied["rows"] = sum(changes.values())
        run.row_counts = _row_counts(database, plan.tables)
        for file in concerned:
            merged = config.load.mode == "merge" and not plan.first and bool(file.key)
            _account_for(database, tables[file.table], file, merged, run)
        _keep_rejects(database, plan, config, staging, concerned, run)
        facts.update(
            records=sum(file.records for file in files), rejected=sum(file.rejected for file in files), **changes
        )
    database.analyze([file.table for file in concerned])
    return changes


def written(load: Load) -> Format:
    """Return how the config says that the files are written."""
    return Format(load.encoding, load.delimiter, load.timestamp_formats, load.unknown_columns == "ignore")


def _refuse_strangers(rows: Mapping[str, int]) -> None:
    """Raise DataError where one of the tables, which no run has loaded, holds rows."""
    for table, count in rows.items():
        if count:
            raise DataError(
                f"table {table} holds {count} rows that this job has not loaded, and a load would replace them; "
                "name another database, empty the table, or leave load: out where something else fills it"
            )


def require_columns(database: Database, tables: Sequence[str], config: Config) -> None:
    """Raise ConfigError where the config names a table or a column that is not there."""
    for table in tables:
        if not database.columns(Name(None, table)):
            raise ConfigError(f"load.tables names {table}, which is no table of {_schema_file(database, config.load)}")
    write_back = config.write_back
    if write_back is None:
        return
    names = {column.name for column in database.columns(write_back.name)}
    if not names:
        raise ConfigError(
            f"write_back.table is {write_back.table}, which is no table that the database's user may read"
        )
    for key, column in (("key", write_back.key), ("column", write_back.column)):
        if column not in names:
            raise ConfigError(
                f"write_back.{key} is {column}, which is no column of table {write_back.table} that the database's "
                "user may read"
            )


def _schema_file(database: Database, load: Load | None) -> str:
    return str(load.sql) if load and load.sql else f"sql/{database.dialect}/schema.sql"


def _row_counts(database: Database, tables: Sequence[str]) -> dict[str, int]:
    rows = database.fetch("count_rows", tables=tables) if tables else []
    return {row["table"]: row["rows"] for row in rows}


@contextmanager
def _staging(database: Database, plan: Plan, load: Load, tables: Mapping[str, Table]) -> Iterator[Staging]:
    """Give the staging area; of rows that no file has, it may ask the database."""

    def lacking(reference: Reference, keys: StagedFile) -> list[tuple[Any, ...]]:
        database.execute("stage_keys", reference=reference)
        database.bulk_load("staged_keys", keys, staging)
        found = database.fetch("lacking_keys", reference=reference, limit=MAX_ORPHAN_KEYS + 1)
        return [tuple(row[column] for column in reference.parent_columns) for row in found]

    parents = {reference.parent for table in tables.values() for reference in table.keys.references}
    elsewhere = parents if load.mode == "merge" and not plan.first else parents - tables.keys()
    folder = scratch.folder() / "staging"
    with closing(Staging(folder, load.on_error == "quarantine", elsewhere, lacking)) as staging:
        yield staging


def _declared(database: Database, plan: Plan, config: Config) -> dict[str, Table]:
    """Make the tables that are missing, but for keys that come after the rows; return what the database declares."""
    if database.transactional_ddl:
        if plan.missing and plan.keys:
            with database.taken_back():
                _make(database, [*plan.schema, *plan.keys], plan.schema_file)
                tables = _tables(database, plan, config)
            _make(database, plan.schema, plan.schema_file)
            return tables
        if plan.missing:
            _make(database, plan.schema, plan.schema_file)
    return _tables(database, plan, config)


def _make(database: Database, statements: Sequence[str], schema_file: Path | None) -> None:
    """Run the schema's statements. Raises ConfigError where those of a shop's own file cannot be run."""
    try:
        for statement in statements:
            database.run(statement)
    except DatabaseError as error:
        if schema_file is None or isinstance(error, TransientError):
            raise
        raise ConfigError(f"load.sql: {schema_file}: {error}") from error


def _tables(database: Database, plan: Plan, config: Config) -> dict[str, Table]:
    """Return what the database declares of the tables to load.

    Raises ConfigError where the config names what is not there, or a child before its parent.
    """
    require_columns(database, plan.tables, config)
    keys = database.keys()
    ours = {config.write_back.table: config.write_back.column} if config.write_back else {}
    tables = {
        table: Table(
            table,
            [column for column in database.columns(Name(None, table)) if column.name != ours.get(table)],
            keys.get(table, Keys()),
        )
        for table in plan.tables
    }
    for number, table in enumerate(plan.tables):
        for reference in tables[table].keys.references:
            if reference.parent in plan.tables[number + 1 :]:
                raise ConfigError(f"load.tables: {reference.parent} must come before {table}, which refers to it")
    return tables


def _copy(
    database: Database,
    plan: Plan,
    load: Load,
    staging: Staging,
    tables: Mapping[str, Table],
    changes: dict[str, int],
    steps: Steps,
) -> list[StagedFile]:
    """Stage every file, and bring its records into the database.

    Once a file has more bad records than may be, the others are staged to find theirs, and nothing is copied.
    """
    files: list[StagedFile] = []
    later = list(plan.keys) if plan.missing else []
    with steps.step("copy") as facts, steps.bar("tables", len(plan.files)) as advance:
        with staging.ahead(plan.files, tables) as staged:
            for file in staged:
                files.append(file)
                good = all(each.rejected <= load.allowed(each.records) for each in files)
                if good and plan.concerns(file) and (database.loads_differences or plan.first):
                    _bring(database, plan, tables[file.table], file, staging, changes)
                    later = _add_keys(database, later, plan.tables[len(files) :])
                advance(1)
        facts["records"] = sum(file.records for file in files)
    return files


def _add_keys(database: Database, statements: Sequence[str], to_come: Sequence[str]) -> list[str]:
    """Run the statements that name no table whose rows are still to come; return the others.

    So the database makes keys while the next file is being read: loading Olist takes 5.1 s so, 6.5 s with keys last.
    """
    later = [statement for statement in statements if any(quoted(table) in statement for table in to_come)]
    for statement in statements:
        if statement not in later:
            database.run(statement)
    return later


def _bring(
    database: Database, plan: Plan, table: Table, file: StagedFile, staging: Staging, changes: dict[str, int]
) -> None:
    """Fill the table itself where all are empty, else a temporary table beside it for `_apply`."""
    target = table.name
    if plan.first:
        changes["inserted"] += file.accepted
    else:
        target = staged_name(table.name)
        database.execute("stage", table=table, staged=target)
    started = time.perf_counter()
    try:
        database.bulk_load(target, file, staging)
    except DataError as error:
        raise DataError(f"{file.source.name}: {error}; mend the file and run again") from error
    facts = {"file": file.source.name, "records": file.records, "rejected": file.rejected}
    structlog.get_logger().info("copied", **timed(facts, time.perf_counter() - started))


def staged_name(table: str) -> str:
    """Return the name of the temporary table that holds a file's records beside the table."""
    return f"staged_{table}"


def _refuse(load: Load, staging: Staging, files: Sequence[StagedFile]) -> None:
    """Raise DataError with the first problems where a file has more bad records than may be."""
    refused = [file for file in files if file.rejected > load.allowed(file.records)]
    if not refused:
        return
    shown: list[str] = []
    for file in refused:
        if len(shown) < rejects.SHOWN:
            shown += rejects.sentences(staging, file, rejects.SHOWN - len(shown))
    if rest := sum(file.problems for file in refused) - len(shown):
        shown.append(f"and {rest:,} more problems")
    if load.on_error == "quarantine":
        counts = ", ".join(f"{file.rejected:,} of {file.records:,} records of {file.source.name}" for file in refused)
        shown.insert(0, f"{counts} would be rejected, more than load.max_rejects, {load.max_rejects}, bears")
    raise DataError("\n".join([*shown, "nothing was loaded; mend the files, or see docs/guides/bad-records.md"]))


def _apply(database: Database, tables: Sequence[Table], mode: str, changes: dict[str, int]) -> None:
    """Insert, update and delete what differs between the tables and the staged records.

    Parents get their rows before the children that refer to them, and lose them after. A table without a key is
    replaced.
    """
    for table in tables:
        staged = staged_name(table.name)
        database.analyze([staged])
        if not table.keys.primary:
            changes["deleted"] += database.execute("empty_tables", tables=[table.name])
            changes["inserted"] += database.execute("insert_staged", table=table, staged=staged)
            continue
        changes["inserted"] += database.execute("insert_new", table=table, staged=staged)
        if len(table.columns) > len(table.keys.primary):
            changes["updated"] += database.execute("update_changed", table=table, staged=staged)
    if mode == "mirror":
        for table in reversed([table for table in tables if table.keys.primary]):
            changes["deleted"] += database.execute("delete_gone", table=table, staged=staged_name(table.name))


def _replace(
    database: Database,
    plan: Plan,
    mode: str,
    staging: Staging,
    tables: Mapping[str, Table],
    files: Sequence[StagedFile],
    changes: dict[str, int],
) -> None:
    """Make the tables anew, where a parent's row and its children's cannot be deleted in one transaction."""
    kept = {file.table for file in files if mode == "merge" and file.key and plan.rows.get(file.table)}
    for table in kept:
        [file] = [file for file in files if file.table == table]
        database.execute("keep_others", table=tables[table], file=file)
    database.execute("drop_tables", tables=[*plan.rows, *_empty_children(database, plan)])
    _make(database, plan.schema, plan.schema_file)
    changes["deleted"] += sum(plan.rows.values())
    for file in files:
        database.bulk_load(file.table, file, staging)
        changes["inserted"] += file.accepted
        if file.table in kept:
            changes["inserted"] += database.execute("insert_kept", table=tables[file.table])


def _empty_children(database: Database, plan: Plan) -> list[str]:
    """Return the tables outside of load.tables that refer to its tables, and so must be made anew with them.

    Raises ConfigError where one of them has rows, which would go.
    """
    keys = database.keys()
    found = list(plan.rows)
    for parent in found:  # which grows: children have children
        for table, its in keys.items():
            if table not in found and parent in {reference.parent for reference in its.references}:
                found.append(table)
    children = found[len(plan.rows) :]
    for table, rows in _row_counts(database, children).items():
        if rows:
            raise ConfigError(f"load.tables must name {table}, too: it refers to a table that DuckDB has to make anew")
    return children


def _account_for(database: Database, table: Table, file: StagedFile, merged: bool, run: history.Run) -> None:
    """Write down what was loaded. Raises DataError where the table got more or less than its file has.

    merged: the table may hold rows that the file lacks.
    """
    rows = run.row_counts[table.name]
    loaded = rows
    if merged:
        [found] = database.fetch("count_staged", table=table, staged=staged_name(table.name), file=file)
        loaded = found["rows"]
    if file.records != loaded + file.rejected:
        raise DataError(
            f"{file.source.name} has {file.records} records, of which {file.rejected} are rejected, but table "
            f"{table.name} got {loaded} rows; nothing was loaded, please report this"
        )
    database.execute(
        "record_loaded_file",
        {
            "table_name": table.name,
            "file_name": file.source.name,
            "fingerprint": file.source.fingerprint,
            "records": file.records,
            "loaded": loaded,
            "rejected": file.rejected,
            "table_rows": rows,
            "run_id": run.run_id,
            "loaded_at": history.now(),
        },
    )


def _keep_rejects(
    database: Database, plan: Plan, config: Config, staging: Staging, files: Sequence[StagedFile], run: history.Run
) -> None:
    """Make rejected_records, and after the commit the rejects folder, tell what these files' tables lack.

    Where rows are merged, what an earlier file has lost stays on record until its rejects, mended, are loaded.
    """
    assert config.load
    log, load, folder = structlog.get_logger(), config.load, config.folder(config.load.rejects)
    path = scratch.folder() / "rejected_records.csv"
    columns = database.columns(database.own.name("rejected_records"))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        writer.writerow([column.name for column in columns])
        for file in files:
            target = folder / file.source.name
            adds_up = load.mode == "merge" and target.resolve() != file.source.path.resolve()
            if not adds_up:
                database.execute("forget_rejects", {"table_name": file.table})
            if file.rejected or not adds_up:
                plan.rejected[target] = file.rejected > 0
            if file.rejected:
                _prepare(target, adds_up)
                for reject in rejects.write(staging, file, _in_making(target)):
                    reasons = "; ".join(str(complaint).strip() for complaint in reject.complaints)
                    text = reject.record.text[:RECORD_SHOWN]
                    writer.writerow([run.run_id, file.table, file.source.name, reject.record.line, reasons, text])
                log.warning("rejected", file=file.source.name, records=file.rejected, see=str(target))
    kept = staging.stage(CsvFile("rejected_records", path), Table("rejected_records", columns))
    database.bulk_load(database.own.name("rejected_records"), kept, staging)


def _prepare(target: Path, adds_up: bool) -> None:
    """Make the file beside the target that takes its place after the commit. Raises ConfigError where it cannot."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        before = target.read_bytes() if adds_up and target.exists() else b""
        if before and not before.endswith((b"\n", b"\r", b"\0")):  # an editor may leave out the last line end
            before += b"\n"
        _in_making(target).write_bytes(before)
    except OSError as error:
        raise ConfigError(f"{target} cannot be written ({error.strerror}); see load.rejects") from error


def _in_making(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")
