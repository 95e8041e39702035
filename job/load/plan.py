"""What a load has to do, found out before anything is changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from job.adapters.base import Database
from job.config import Load
from job.errors import DatabaseError, DataError
from job.load.tables import Schema, count_rows
from job.staging.area import StagedFile
from job.staging.csvfiles import CsvFile, Format


@dataclass(frozen=True)
class Plan:
    """What a load has to do."""

    files: Sequence[CsvFile]
    missing: Sequence[str]  # tables that the schema is to make
    row_counts: Mapping[str, int]  # of the tables that are there
    unchanged: frozenset[str]  # tables that hold what their files hold, as an earlier run wrote down
    complete: frozenset[str]  # those of them that lack no record of their files
    schema: Schema

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
        return not any(self.row_counts.values())

    def may_change(self, file: StagedFile) -> bool:
        """Tell whether the file may change its table; one whose parents lost rows may, though it is the same."""
        return file.table not in self.complete or file.rejected > 0


def file_format(load: Load) -> Format:
    """Return how the config says that the files are written."""
    return Format(load.encoding, load.delimiter, load.timestamp_formats, load.unknown_columns == "ignore")


def make_plan(database: Database, files: Sequence[CsvFile], load: Load | None) -> Plan:
    """Find out what is to be loaded; only read.

    Raises DataError for tables that hold what no run has loaded, DatabaseError when only some of the tables are there,
    ConfigError when the schema's file cannot be read.
    """
    there = database.tables()
    existing = [file.table for file in files if file.table in there]
    missing = [file.table for file in files if file.table not in there]
    loaded = _loaded_files(database)
    row_counts = count_rows(database, existing)
    _refuse_strangers({table: count for table, count in row_counts.items() if table not in loaded})
    schema = Schema.read(database, load)
    if existing and missing and schema.keys:
        raise DatabaseError(
            f"table {', '.join(missing)} is missing while {', '.join(existing)} is there; "
            "restore what is missing, or drop the others to load everything anew"
        )
    unchanged = frozenset(
        file.table
        for file in files
        if load and file.table in row_counts and file.table in loaded
        if _is_unchanged(file, loaded[file.table], row_counts[file.table], load)
    )
    complete = frozenset(table for table in unchanged if not loaded[table]["rejected"])
    return Plan(files, missing, row_counts, unchanged, complete, schema)


def _loaded_files(database: Database) -> dict[str, dict[str, Any]]:
    """Return, by table, what the last run to load it wrote down."""
    if "loaded_files" not in database.own_tables():
        return {}
    return {row["table_name"]: row for row in database.fetch("loaded_files")}


def _refuse_strangers(row_counts: Mapping[str, int]) -> None:
    """Raise DataError where one of the tables, which no run has loaded, holds rows."""
    for table, count in row_counts.items():
        if count:
            raise DataError(
                f"table {table} holds {count} rows that this job has not loaded, and a load would replace them; "
                "name another database, empty the table, or leave load: out where something else fills it"
            )


def _is_unchanged(file: CsvFile, loaded: Mapping[str, Any], rows: int, load: Load) -> bool:
    """Tell whether the table holds what the file holds, by what an earlier run wrote down."""
    return bool(
        loaded["fingerprint"] == file.fingerprint
        and rows == loaded["table_rows"]
        and (load.mode == "merge" or rows == loaded["loaded"])
        and loaded["rejected"] <= load.allowed(loaded["records"])
    )
