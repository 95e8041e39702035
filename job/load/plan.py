"""What a load has to do, found out before anything is changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from job.adapters.base import Database
from job.config import Load
from job.errors import ConfigError, DatabaseError, DataError
from job.load.standing import Standing
from job.load.tables import Schema, count_rows, require_keys_to_merge
from job.staging.area import StagedFile
from job.staging.csvfiles import CsvFile, Format
from job.tables import OWN_TABLES


@dataclass(frozen=True)
class Plan:
    """What a load has to do."""

    files: Sequence[CsvFile]
    missing: Sequence[str]  # tables that the schema is to make
    row_counts: Mapping[str, int]  # of the tables that are there
    unchanged: frozenset[str]  # tables that hold what their files hold, as an earlier run wrote down
    complete: frozenset[str]  # those of them that lack no record of their files
    rows_left: Mapping[str, int]  # that each table had after its last load
    added: frozenset[str]  # those of them that got their files' records, once and for all (load.mode: append)
    schema: Schema
    standing: Standing = field(default_factory=Standing)

    @property
    def tables(self) -> list[str]:
        """The tables to load, in the config's order."""
        return [file.table for file in self.files]

    @property
    def to_stage(self) -> list[CsvFile]:
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


def file_format(load: Load) -> Format:
    """Return how the config says that the files are written."""
    return Format(load.encoding, load.delimiter, load.timestamp_formats, load.unknown_columns == "ignore")


def make_plan(
    database: Database,
    files: Sequence[CsvFile],
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
    unchanged = frozenset(
        file.table
        for file in files
        if load and file.table in row_counts and file.table in loaded
        if _is_unchanged(file, loaded[file.table], row_counts[file.table], load)
    )
    added = frozenset(table for table in unchanged if load and load.mode_of(table) == "append")
    complete = added | {table for table in unchanged if not loaded[table][-1]["rejected"]}
    rows_left = {table: rows[-1]["table_rows"] for table, rows in loaded.items()}
    plan = Plan(files, missing, row_counts, unchanged, complete, rows_left, added, schema)
    return plan if plan.first else plan.with_standing(standing)


def _refuse_own_tables(database: Database, files: Sequence[CsvFile]) -> None:
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


def _is_unchanged(file: CsvFile, loaded: Sequence[Mapping[str, Any]], rows: int, load: Load) -> bool:
    """Tell whether the table holds what the file holds, by what earlier runs wrote down, the last one's last.

    Records were added, if so, by what the file holds, however it was read; but to a table that was emptied since, they
    are added anew.
    """
    mode, last = load.mode_of(file.table), loaded[-1]
    if mode == "append":
        return rows > 0 and not {file.fingerprint, file.content_fingerprint}.isdisjoint(
            each["fingerprint"] for each in loaded
        )
    return bool(
        last["fingerprint"] == file.fingerprint
        and rows == last["table_rows"]
        and (mode == "merge" or rows == last["loaded"])
        and last["rejected"] <= load.allowed(last["records"])
    )
