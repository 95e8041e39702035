"""What a dialect must bring: every statement that the job runs, and the columns by which it reads the answer.

`sql/DIALECT/NAME.sql` comes before `sql/common/NAME.sql`. In the columns, `#` stands for a number from 0, one for each
axis, feature or level that the statement is rendered with; OTHERS for columns whose names the caller gives. No columns:
nothing is read but, at most, how many rows were touched.

A new dialect is a folder with the statements of EACH, those of one of the WAYS to load, and those that its adapter
renders by itself (ADAPTERS, where it gets an entry). `sql/common/defaults.sql` has what its dialect.sql may call
otherwise.
"""

from collections.abc import Mapping

Columns = tuple[str, ...]
OTHERS = "..."
FEATURES: Columns = (
    *("customer_unique_id", "monetary", "frequency", "recency_days"),
    *("first_order_at", "last_order_at"),
)

# Which no folder but the dialect's can have.
EACH: Mapping[str, Columns] = {
    # A table's columns: `type` in DuckDB's words, `nullable` YES or NO, `max_length` in characters or NULL.
    "columns": ("name", "type", "nullable", "max_length"),
    # What the features' SQL selects, with types that CREATE TABLE takes.
    "features_shape": ("name", "type"),
    # The columns of customer_features, with types in the same words.
    "features_table_shape": ("name", "type"),
    # The primary and foreign keys of all tables, a row for each column, in the key's order; `parent` is NULL in a
    # primary key.
    "keys": ("table", "key", "column", "parent", "parent_column"),
    # Takes the lock on the job's own tables for the session; never waits.
    "lock": ("locked",),
    # Makes Olist's tables.
    "schema": (),
    # Every column that the user may read, of tables in any schema; `kind` is decimal, whole, date or other.
    "shop_columns": ("schema", "here", "table", "name", "type", "kind"),
    # The tables of one schema.
    "tables": ("table",),
}

# How the second load changes tables: a dialect brings the statements of one. The first is for a database that can
# delete rows of parents and children in one transaction (Database.loads_differences), the second for one that cannot.
WAYS: tuple[Mapping[str, Columns], ...] = (
    {
        # The temporary table for a file's records, beside the table.
        "stage": (),
        # Rows that are there with other values get those of the file.
        "update_changed": (),
    },
    {
        # Puts rows aside that a file lacks, before the table is made anew.
        "keep_others": (),
        # Brings them back.
        "insert_kept": (),
    },
)

# Which every dialect has from sql/common/, and may replace.
COMMON: Mapping[str, Columns] = {
    # The job's own tables
    "job_schema": (),
    "make_features": (),
    "make_schema": (),
    "schemas": ("schema",),
    # Runs and models
    "current_model": ("model", "fitted_at"),
    "find_model": ("model",),
    "find_run": ("run_id", "started_at", "model_id"),
    "finish_run": (),
    "insert_model": (),
    "last_start": ("started_at",),
    "models": ("model_id", "run_id", "fitted_at", "model"),
    "recent_runs": ("run_id", "status", "started_at", "finished_at", "model_id", "figures", "error"),
    "running": ("run_id", "started_at", "started_by"),
    "start_run": (),
    # Loading
    "count_rows": ("table", "rows"),
    "count_staged": ("rows",),
    "delete_gone": (),
    "drop_tables": (),
    "empty_tables": (),
    "forget_rejects": (),
    "insert_new": (),
    "insert_staged": (),
    "lacking_keys": (OTHERS,),
    "loaded_files": ("table_name", "fingerprint", "records", "loaded", "rejected", "table_rows"),
    "record_loaded_file": (),
    "stage_keys": (),
    # Features and the model
    "feature_statistics": ("all_customers", "customers", "given#", "defined#", "low#", "high#", "mean#", "deviation#"),
    "features": FEATURES,
    "features_probe": ("customer_unique_id", "monetary", "frequency", "recency_days"),
    "grid": ("level_#",),
    "points": ("c#", "s#", "customers", "squares"),
    "refine": ("centroid", "s#", "customers"),
    "replace_features": (),
    "starter_features": FEATURES,
    # Labels
    "any_known": ("known",),
    "any_labelled": ("labelled",),
    "any_other_label": ("found",),
    "any_written_back": ("found",),
    "delete_labels": (),
    "gone": ("from_segment", "customers"),
    "insert_changes": (),
    "insert_labels": (),
    "label_counts": ("segment", "customers"),
    "moves": ("from_segment", "centroid", "customers"),
    "segment_profiles": ("centroid", OTHERS, "customers"),
    "stage_labels": (),
    "stage_labels_of_run": (),
    "update_labels": (),
    "write_back": (),
    # The report; beside these, any facts_*.sql
    "report_cells": ("segment", "bin#", "customers", "spend"),
    "report_files": ("table_name", "file_name", "records", "loaded", "rejected", "table_rows", "run_id", "loaded_at"),
    "report_medians": ("segment", "median"),
    "report_model": ("run_id", "fitted_at", "model"),
    "report_runs": (
        *("run_id", "started_at", "finished_at", "config_fingerprint", "input_fingerprint"),
        *("model_id", "timings", "figures"),
    ),
    "report_statistics": ("count#", "low#", "mean#", "deviation#", "high#", "customers"),
    # The export: included by the statements that write it, or sent as it is
    "exported": ("customer_unique_id", "segment", "segment_name", OTHERS),
}

FACTS: Columns = ("segment", "fact", "item", "value")  # of any facts_*.sql

# Which a dialect has where the database needs them.
OPTIONAL: Mapping[str, Columns] = {
    # Renews what the planner knows of tables that have got their rows.
    "analyze": (),
    # Gives Olist's tables their keys, where these come after the rows.
    "constraints": (),
    # Counts customers with several rows in customer_features, where no primary key refuses them (it is asked for where
    # Database.enforces_keys is false).
    "doubled_customers": ("customers",),
}

# Which one adapter renders by itself, with what it alone knows: a bulk load reads differently in each.
ADAPTERS: Mapping[str, Mapping[str, Columns]] = {
    "duckdb": {
        "bulk_load": (),
        "export": (),
        "session": (),
    },
    "postgres": {
        "bulk_load": (),
        "copy_out": (),
        # What a run needs to be allowed, and whether the role is.
        "rights": ("needed", "granted"),
    },
    "mysql": {
        "bulk_load": (),
        # Ends the statement that another session runs.
        "cancel": (),
        "foreign_key_checks": (),
        # One column, whose name has the user in it: a line for each grant.
        "grants": (OTHERS,),
        # In place of bulk_load where the server does not allow LOAD DATA LOCAL.
        "insert_rows": (),
        "session": (),
        # Long texts that are too short, in tables that an older version has made; and what mends them.
        "short_texts": ("table", "column"),
        "widen_texts": (),
        "version": ("version", "local_infile"),
        # SHOW gives its own names.
        "warnings": ("Level", "Code", "Message"),
    },
}


def of(dialect: str) -> dict[str, Columns]:
    """Return every statement that the dialect may be asked for, with the columns that it returns."""
    found = {**EACH, **COMMON, **OPTIONAL, **ADAPTERS.get(dialect, {})}
    for way in WAYS:
        found |= way
    return found


def lacking(dialect: str, there: frozenset[str]) -> list[str]:
    """Return the statements that the dialect must have and has not, sorted. there: those that it has."""
    way = min((way.keys() - there for way in WAYS), key=len)  # the one that it is nearest to
    required = EACH.keys() | COMMON.keys() | ADAPTERS.get(dialect, {}).keys()
    return sorted((required - there) | way)
