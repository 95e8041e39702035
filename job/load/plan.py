"""What a load has to do, found out before anything is changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from job.adapters.base import Database
from job.config import Load, WrittenAs
from job.errors import ConfigError, DatabaseError, DataError
from job.load.standing import Standing, of_last_run
from job.load.tables import Schema, count_rows, require_keys_to_merge
from job.staging.area import StagedFile
from job.staging.csvfiles import CsvFile, Format, Source, TableFiles
from job.staging.values import Values
from job.tables import OWN_TABLES


@dataclass(frozen=True)
class Plan:
    """What a load has to do."""

    files: Sequence[Source]
    missing: Sequence[str]  # tables that the schema is to make
    row_counts: Mapping[str, int]  # of the tables that are there
    unchanged: frozenset[str]  # tables that hold what their files hold, as an earlier run wrote down
    complete: frozenset[str]  # those of them that lack no record of their files
    rows_left: Mapping[str, int]  # that each table had after its last load
    added: frozenset[str]  # those of them that got their files' records, once and for all (load.mode: append)
    schema: Schema
    passed_over: Sequence[CsvFile] = ()  # whose records were added before
    files_before: Mapping[str, frozenset[str]] = field(default_factory=dict)  # names, by table
    standing: Standing = field(default_factory=Standing)

    @property
    def tables(self) -> list[str]:
        """The tables to load, in the config's order."""
        return [file.table for file in self.files]

    @property
    def to_stage(self) -> list[Source]:
        """The files whose records count: not those that were added before."""
        return [file for file in self.files if file.table not in self.added]

    @property
    def nothing_to_do(self) -> bool:
        """Tell whether no file is new or changed."""
        return self.unchanged == set(self.tables)

    @property
    def first(self) -> bool:
        """Tell whether no table holds anything yet."""
        return not any(self.row_counts.values())

    def with_standing(self, standing: Standing) -> "Plan":
        """Return the plan without trust in tables that others have changed, or of which that is not known."""
        edited = standing.edited & standing.mirrored
        complete = self.complete - edited - (standing.unproven & standing.mirrored)
        return replace(self, unchanged=self.unchanged - edited, complete=complete, standing=standing)

    def may_change(self, file: StagedFile) -> bool:
        """Tell whether the file may change its table; one whose parents lost rows may, though it is the same."""
        return file.table not in self.complete or file.rejected > 0


def file_format(load: Load, table: str) -> Format:
    """Return how the config says that the table's files are written."""
    own, columns = load.formats_of(table)
    return Format(
        own.encoding,
        own.delimiter,
        _values(own),
        load.unknown_columns == "ignore",
        tuple((column, _values(each)) for column, each in columns.items()),
    )


def _values(written: WrittenAs) -> Values:
    return Values(
        written.timestamp_formats,
        written.decimal,
        written.thousands,
        written.currency,
        written.negatives,
        written.nulls,
    )


def make_plan(
    database: Database,
    files: Sequence[Source],
    load: Load | None,
    look: Callable[[Sequence[str]], Standing] = lambda tables: Standing(),
) -> Plan:
    """Find out what is to be loaded; only read.

    look: returns what stands in tables, all of which are there; what it has counted is not counted again.
    Raises DataError for tables that hold what no run has loaded, DatabaseError when only some of the tables are there,
    ConfigError when the schema's file cannot be read, a table is the job's own, or as `require_keys_to_merge`.
    """
    _refuse_own_tables(database, files)
    there = database.tables()
    existing = [file.table for file in files if file.table in there]
    missing = [file.table for file in files if file.table not in there]
    loaded = _loaded_files(database)
    counted = count_rows(database, [table for table in existing if table not in loaded])
    _refuse_strangers(counted)
    schema = Schema.read(database, load)
    if load and existing:
        require_keys_to_merge(load, existing, database.keys())
    if existing and missing and schema.keys:
        raise DatabaseError(
            f"table {', '.join(missing)} is missing while {', '.join(existing)} is there; "
            "restore what is missing, or drop the others to load everything anew"
        )
    standing = look(existing) if loaded and not missing else Standing()
    counted |= {table: rows.count for table, rows in standing.rows.items()}
    counted |= count_rows(database, [table for table in existing if table not in counted])
    row_counts = {table: counted[table] for table in existing}
    files, passed_over = _without_added(files, loaded, row_counts, load)
    unchanged = frozenset(
        file.table
        for file in files
        if load and file.table in row_counts and file.table in loaded
        if _is_unchanged(file, loaded[file.table], row_counts[file.table], load)
    )
    added = frozenset(table for table in unchanged if load and load.mode_of(table) == "append")
    complete = added | {table for table in unchanged if not any(row["rejected"] for row in of_last_run(loaded[table]))}
    rows_left = {table: rows[-1]["table_rows"] for table, rows in loaded.items()}
    before = {table: frozenset(row["file_name"] for row in rows) for table, rows in loaded.items()}
    plan = Plan(files, missing, row_counts, unchanged, complete, rows_left, added, schema, passed_over, before)
    return plan if plan.first else plan.with_standing(standing)


def _refuse_own_tables(database: Database, files: Sequence[Source]) -> None:
    """Raise ConfigError where a file is to fill a table that is the job's own."""
    if database.own.schema:
        return
    own = {database.own.name(table).table.lower() for table in OWN_TABLES}
    if strange := [file.table for file in files if file.table.lower() in own]:
        raise ConfigError(
            f"load.tables names {', '.join(strange)}, a table of the job's own; call the shop's otherwise, or put "
            "the job's own elsewhere with database.job_schema or name"
        )


def _loaded_files(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Return, by table, what the runs that have loaded it wrote down; the last one comes last."""
    if "loaded_files" not in database.own_tables():
        return {}
    loaded: dict[str, list[dict[str, Any]]] = {}
    for row in database.fetch("loaded_files"):
        loaded.setdefault(row["table_name"], []).append(row)
    return loaded


def _refuse_strangers(row_counts: Mapping[str, int]) -> None:
    """Raise DataError where one of the tables, which no run has loaded, holds rows."""
    for table, count in row_counts.items():
        if count:
            raise DataError(
                f"table {table} holds {count} rows that this job has not loaded, and a load would replace them; "
                "name another database, empty the table, or leave load: out where something else fills it"
            )


def _without_added(
    files: Sequence[Source],
    loaded: Mapping[str, Sequence[Mapping[str, Any]]],
    rows: Mapping[str, int],
    load: Load | None,
) -> tuple[list[Source], list[CsvFile]]:
    """Return the files without those whose records were added before, and these; tables stay that have no others.

    Records were added, if so, by what the file holds, however it was read; but to a table that was emptied since, they
    are added anew. What two files hold is added once.
    """
    left: list[Source] = []
    passed_over: list[CsvFile] = []
    for file in files:
        if not load or load.mode_of(file.table) != "append":
            left.append(file)
            continue
        seen = {row["fingerprint"] for row in loaded.get(file.table, ())} if rows.get(file.table) else set()
        new: list[CsvFile] = []
        for part in file.parts:
            if seen.isdisjoint({part.fingerprint, part.content_fingerprint}):
                new.append(part)
            else:
                passed_over.append(part)
            seen |= {part.content_fingerprint}
        left.append(replace(file, parts=tuple(new)) if new and isinstance(file, TableFiles) else file)
    return left, passed_over


def _is_unchanged(file: Source, loaded: Sequence[dict[str, Any]], rows: int, load: Load) -> bool:
    """Tell whether the table holds what its files hold, by what earlier runs wrote down, the last one's last."""
    mode, last = load.mode_of(file.table), of_last_run(loaded)
    if mode == "append":  # the parts that are left are new, if one is
        known = {row["fingerprint"] for row in loaded}
        return rows > 0 and all(
            not known.isdisjoint({part.fingerprint, part.content_fingerprint}) for part in file.parts
        )
    records, accepted, rejected = (sum(row[key] for row in last) for key in ("records", "loaded", "rejected"))
    return bool(
        {row["fingerprint"] for row in last} == {part.fingerprint for part in file.parts}
        and rows == last[-1]["table_rows"]
        and (mode == "merge" or rows == accepted)
        and rejected <= load.allowed(records)
    )
