"""What every statement may be rendered with: small samples on the shop's own tables, which the job's schema makes."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace as Scale
from typing import Any

from job import spreadsheets
from job.config import ClusteringFeature
from job.model.names import Cuts
from job.model.segment_model import Axis
from job.segmentation.changed_since import Records
from job.segmentation.label_column import LabelTarget
from job.setup.files import ShopTable
from job.setup.manners import Found
from job.setup.shop import Link
from job.staging.area import Comparison, StagedFile, StagedPart
from job.staging.conversion import EMAIL, SPACES, Shape
from job.staging.csvfiles import CsvFile, Format
from job.staging.values import Values
from job.tables import EVERYBODY, Column, Keys, Name, Reference, Table, Whose

REFERENCE = Reference(("customer_id",), "customers", ("customer_id",))
TABLE = Table(
    "orders",
    [
        Column("order_id", "VARCHAR", required=True, max_length=32),
        Column("customer_id", "VARCHAR", required=True, max_length=32),
        Column("order_purchase_timestamp", "TIMESTAMP", required=True),
        Column("order_status", "VARCHAR", required=False),
    ],
    Keys(("order_id",), (REFERENCE,)),
)
CSV = CsvFile("orders", Path("orders.csv"), None, Format(values=Values(("%d.%m.%Y",))))
FILE = StagedFile(
    CSV,
    [StagedPart(CSV, Path("/tmp/orders.csv"), Path("/tmp/orders.csv"), [column.name for column in TABLE.columns])],
    TABLE.columns,
    TABLE.keys.primary,
    Path("/tmp/orders.parquet"),
)
COMPARED = replace(
    FILE,
    hashed=True,
    comparison=Comparison('"last_night"."orders"', '"vanished orders"', Path("/tmp/orders.compared.parquet")),
)
REMEMBERED = {"file": FILE, "known": '"last_night"."orders"', "columns": ["order_id", "customer_id"]}
AXES = (
    Axis("monetary", False, "log1p", "refuse", 4.5, 0.75, 1e6, -3_000_000, 250_000),
    Axis("frequency", True, "none", 0.0, 1.25, 0.5, 1e6, 0, 250_000),
)
COLUMNS = [axis.column for axis in AXES]
BOXES = [[(0, None, 250_000), (1, 0, 1_000_000)], [(0, 250_000, None)]]
CUTS = [Cuts(AXES[0], (9.5, 120.0), (9.5, 120.0), 0.0), Cuts(AXES[1], (1.0,), (1.0,), 0.0)]
FEATURES = [ClusteringFeature(column="monetary", transform="log1p"), ClusteringFeature(column="frequency", nulls=0)]
FEATURES_SQL = 'SELECT "customer_unique_id", 1.5 AS "monetary", 1 AS "frequency", 2 AS "recency_days"\nFROM "customers"'
LINES = (
    'SELECT "customer_id" AS "customer", "order_id" AS "order", "order_purchase_timestamp" AS "at", 1.5 AS "amount"'
    ' FROM "orders"'
)
SHAPE = {"customer_unique_id": "VARCHAR(255)", "monetary": "DECIMAL(10, 2)", "frequency": "INT", "recency_days": "INT"}
COUNTED = {"columns": list(SHAPE), "counted": "INT"}
TARGET = LabelTarget(Name(None, "customers"), "segment", '"customers"."customer_unique_id"', is_expression=False)
RECORDS = Records(Name(None, "orders"), '"orders"."customer_id"', "order_purchase_timestamp", "order_approved_at")
LABELS = {"axes": AXES, "centroids": [[0, 0], [1_000_000, 2_000_000]], "boxes": [], "columns": COLUMNS}

# Of a dialect's statements. What is not here needs nothing.
CONTEXTS: dict[str, dict[str, Any]] = {
    "alike_keys": {"columns": REFERENCE.parent_columns, "limit": 10},
    "analyze": {"tables": ["customers", Name(None, "customer_features")]},
    "any_written_back": {"target": TARGET},
    "begin": {"read_only": True, "version": 170000, "lock_timeout": 60_000},
    "blockers": {"session": 7, "mariadb": False},
    "begin_campaign": {"segments": ["A", "B"]},
    "bulk_load": {"table": "orders", "file": FILE, "columns": TABLE.columns, "path": FILE.path, "form": "csv"},
    "cancel": {"session": 7},
    "copy_out": {"rows": "exported", "columns": TABLE.columns[:0], "whose": EVERYBODY},
    "count_rows": {"tables": ["customers", "orders"]},
    "count_staged": {"table": TABLE, "staged": "staged_orders", "file": FILE},
    "customer_totals": {"width": 30, "bins": 1300, "dated": True, "today": "2026-01-31"},
    "days_counted_to": {"counted": "DECIMAL(10, 2)", "limit": 10, "touched": True},
    "delete_features": {"touched": True},
    "delete_gone": {"table": TABLE, "staged": "staged_orders"},
    "delete_listed": {"table": TABLE},
    "drop_staged_features": {"tables": ["#changed"]},
    "drop_tables": {"tables": ["customers", "orders"]},
    "empty_tables": {"tables": ["customers", "orders"]},
    "end_session": {"session": 7},
    "erase_customers": {"table": Name(None, "customer_segments")},
    "erase_records": {"table": Name(None, "rejected_records")},
    "export": {
        **{"rows": "exported", "columns": TABLE.columns[:0], "whose": EVERYBODY},
        **{"target": Path("/tmp/labels.csv"), "form": "csv"},
    },
    "exported": {
        "columns": [
            Column("monetary", "DECIMAL(18,2)", required=True),
            Column("campaign_spring", "VARCHAR", required=False, declared="campaign"),
        ],
        "whose": Whose("A", moved_in=True),
    },
    "exported_moves": {"since": "20260131T020000-1f3a"},
    "facts_categories": {"label": "segment"},
    "facts_cities": {"label": "segment"},
    "facts_reviews": {"label": "segment"},
    "facts_states": {"label": "segment"},
    "feature_statistics": {"features": FEATURES},
    "features_grants": {"view": "customer_features"},
    "features_preview": {"features_sql": FEATURES_SQL, "features": FEATURES},
    "features_probe": {"features_sql": FEATURES_SQL},
    "features_shape": {"features_sql": FEATURES_SQL},
    "fill_features": {**COUNTED, "features_sql": FEATURES_SQL},
    "first_counted": {"limit": 10, "touched": True},
    "foreign_key_checks": {"on": False},
    "grid": {"axes": AXES, "levels": 3},
    "insert_kept": {"table": TABLE},
    "insert_new": {"table": TABLE, "staged": "staged_orders"},
    "insert_rows": {"table": "orders", "columns": TABLE.columns},
    "insert_staged": {"table": TABLE, "staged": "staged_orders"},
    "keep_others": {"table": TABLE, "file": FILE},
    "forget_rejects": {"of_file": True},
    "forget_run": {"table": Name(None, "rejected_records")},
    "key_probe": {"target": TARGET},
    "label_probe": {"target": TARGET},
    "lacking_keys": {"reference": REFERENCE, "limit": 10},
    "present_keys": {"reference": REFERENCE, "limit": 10},
    "read_out": {"table": "orders", "types": {"order_id": "VARCHAR", "order_purchase_timestamp": "TIMESTAMP"}},
    "record_loaded_file": {"adds": True},
    "rejects_after": {"limit": 10},
    "rewrite": {"database": "clientela", "target": Path("/tmp/.clientela.duckdb.new")},
    "rekey_files": {"key": "loaded_files_pkey"},
    "lock_timeout": {"seconds": 60},
    "look_up": {"begin": True},
    "lost_client": {"idle": 60, "interval": 10},
    "largest_customers": {"orders": 100.0, "spend": 1.5, "limit": 10},
    "make_features": {"columns": list(SHAPE.items()), "counted": "INT"},
    "make_features_view": {**COUNTED, "view": Name(None, "customer_features")},
    "make_schema": {"schema": "the shop's"},
    "matching_keys": {"target": TARGET, "form": "any", "features_sql": FEATURES_SQL},
    "models": {"limit": 10},
    "old_models": {"limit": 10, "others": 2},
    "old_runs_in": {"table": Name(None, "rejected_records"), "limit": 10},
    "near_keys": {"target": TARGET, "form": "any"},
    "numbers_beyond": {"columns": COLUMNS, "largest": 1e30},
    "points": {"axes": AXES, "limit": 10},
    "recent_runs": {"limit": 10},
    "refine": LABELS,
    "refused_letter": {"column": "segment", "letter": "B", "condition": "\"segment\" IN ('A')"},
    "report_cells": {
        "scales": [
            Scale(column="monetary", transform="log1p", start=0.5, width=0.25, bins=24, nulls="refuse"),
            Scale(column="frequency", transform="none", start=0.5, width=0, bins=2, nulls=0.0, firsts=(1, 3, 9)),
        ]
    },
    "report_cohorts": {"first": 24000, "last": 24035},
    "report_period": {"has_days": True},
    "rfm_cut_points": {"column": "monetary"},
    "make_value_view": {"known": True},
    "insert_value_cells": {"rows": [(0, 0, 3, "0.0100", "0.010000", "1.0000", "NULL"), (1, 2, 3, 0, 0, 0, 0)]},
    "value_histories": {"weeks": 1, "limit": 10},
    "value_spending": {"parts": 50, "limit": 10},
    "write_value_forecast": {"columns": ["day", "features"]},
    "write_rfm_cuts": {"cuts": ["r1", "m4"]},
    "write_rfm_groups": {"cells": [(5, 5, 5, "Can't Lose"), (1, 1, 1, "b")]},
    "report_habits": {"median": 107.5, "lately": 30, "gone": 90},
    "report_runs": {"run_id": "a", "limit": 10},
    "renamed_labels": {"target": replace(TARGET, of_groups=True)},
    "report_statistics": {"columns": COLUMNS},
    "segment_profiles": LABELS | {"values_for_null": {"frequency": 0.0}, "cuts": CUTS},
    "run_before": {"back": 2},
    "rows_checksum": {"table": "orders", "columns": TABLE.columns, "key": ("order_id",), "among": "staged_orders"},
    "session": {"read_only": True},
    "starter_tables": {
        "tables": [
            ShopTable("sales", "sales.csv", CSV, [Found("id", "BIGINT", is_key=True), Found("paid", about="a")], ["x"])
        ]
    },
    "temporary_columns": {"table": '"customers"'},
    "without_rows": {
        "tables": [("customers", [{"Field": "customer_unique_id", "Type": "varchar(9)", "Collation": "utf8mb4_bin"}])],
        "features_sql": FEATURES_SQL,
    },
    "short_texts": {"tables": ["job_runs", "segment_models"]},
    "widen_text": {"table": "job_runs", "column": "error", "nullable": True},
    "stage": {"table": TABLE, "staged": "staged_orders"},
    "stage_changed_features": {**COUNTED, "by_text": ["monetary"]},
    "stage_features": {"columns": list(SHAPE.items()), "features_sql": FEATURES_SQL, "customers": ["a'b", "c"]},
    "stage_changes": LABELS | {"k": 2, "boxes": BOXES},
    "stage_keys": {"reference": REFERENCE},
    "stage_losses": LABELS,
    "stage_moved_by_model": LABELS | {"boxes": BOXES},
    "insert_changes": {"by_model": True},
    "stage_odd_rows": {"target": TARGET},
    "still_wrong": {"target": TARGET, "everywhere": False},
    "starter_children": {"table": "order_items", "key": "order_item_id", "column": "order_item_id", "amount": "price"},
    "starter_currencies": {"lines": 'SELECT "order_status" AS "currency", 1.5 AS "amount" FROM "orders"', "limit": 10},
    "starter_guests": {"table": "customers", "customer": '"customer_id"', "email": '"customer_city"'},
    "starter_names": {
        **{"table": "customers", "key": '"customer_id"', "called": '"customer_city"', "limit": 10},
    },
    "starter_discounts": {
        **{"table": "order_items", "discount": '"freight_value"', "price": '"price"', "quantity": '"order_item_id"'}
    },
    "starter_facts": {"lines": LINES, "order": True},
    "starter_features": {
        **{"lines": LINES, "once": True, "refunds": "They are.", "distinct": "", "about": ["An order.", "They are."]}
    },
    "starter_key": {"table": "orders", "column": '"order_id"'},
    "starter_lines": {
        "customer": 'CAST("orders"."customer_id" AS CHAR)',
        "given": '"orders"."customer_id"',
        "is_text": True,
        "order": '"orders"."order_id"',
        "date": '"orders"."order_purchase_timestamp"',
        "amount": '"order_items"."price" * "order_items"."order_item_id"',
        "table": "order_items",
        "links": [Link(Name(None, "order_items"), "order_id", Name(None, "orders"), "order_id")],
        "currency": '"orders"."order_status"',
        "parent": None,
        "first_alone": True,
        "back": {"less": '"order_items"."freight_value"', "amount": '"order_items"."price"'},
        "statuses": [{"texts": ['"orders"."order_status"', "'x'"], "left_out": ["'canceled'", "'it''s lost'"]}],
        "flags": [{"columns": ['"orders"."order_approved_at"'], "unset": "NULL"}],
        "knows_currency": True,
        "only": {"column": '"orders"."order_status"', "value": "'delivered'"},
        "about": {
            **{"customer": ["An id."], "date": ["A text."], "amount": ["Another."]},
            **{"statuses": ["Those."], "currency": ["One."]},
        },
    },
    "starter_preview": {
        "features_sql": f"SELECT f.*, NULL AS first_order_at, NULL AS last_order_at FROM ({FEATURES_SQL}) f"
    },
    "starter_unread": {"table": "orders", "column": '"order_status"', "read": "NULLIF(TRIM(\"order_status\"), 'lost')"},
    "starter_sample": {"table": "orders", "column": '"order_status"', "limit": 10},
    "starter_statuses": {"table": "orders", "column": '"order_status"', "limit": 10},
    "swap_features": {"view": Name(None, "customer_features_new"), "before": Name(None, "customer_features_old")},
    "touched_customers": {"limit": 10},
    "touched_by": {"staged": {"customers": "staged_customers", "orders": "staged_orders"}},
    "look_at_records": {"records": RECORDS},
    "stage_touched": {"tables": [RECORDS, RECORDS]},
    "customers_with_records": {"tables": [RECORDS, RECORDS], "customers": ["a'b", "c"]},
    "update_changed": {"table": TABLE, "staged": "staged_orders"},
    "waits_for_table": {"session": 7},
    "words_of_runs": {"limit": 10},
    "write_features": {"columns": list(SHAPE)},
    "write_back": {"target": TARGET, "keyless": True, "all_at_once": False},
}

# Of the statements of staging.
STAGING: dict[str, dict[str, Any]] = {
    "alike_keys": {"file": FILE, "loose": TABLE.columns[:1], "same": ["fold0"]},
    "alike_keys_export": {"target": Path("/tmp/alike_keys.parquet")},
    "alike_keys_insert": {"columns": TABLE.columns},
    "staged_alike": {"file": FILE},
    "convert": {
        "fields": TABLE.columns,
        "texts": TABLE.columns[:1],
        "addresses": ["order_id", "customer_id"],
        "source": Path("/dev/fd/7"),
        "target": Path("/tmp/labels.csv"),
        "form": "csv",
        "has_header": True,
        "shape": Shape(for_spreadsheets=True, hash_emails=True),
        "email": EMAIL,
        "spaces": SPACES,
        "spreadsheets": spreadsheets,
    },
    "compared": {"file": COMPARED},
    "csv_compare": {"file": COMPARED, "repeats": True},
    "csv_count": {"file": FILE},
    "csv_refused": {"file": FILE},
    "csv_stage": {"file": FILE},
    "may_be_duplicates": {"file": FILE},
    "difference_counts": {"file": COMPARED},
    "held_against": {
        "file": COMPARED,
        "rows": Path("/tmp/orders.rows.parquet"),
        "differing": Path("/tmp/orders.differing.parquet"),
        "gone": Path("/tmp/orders.gone.parquet"),
    },
    "gone_keys": {"file": COMPARED, "target": Path("/tmp/orders.gone.parquet")},
    "known_duplicates": {"file": COMPARED},
    "lost_keys": {"child": COMPARED, "parent": COMPARED, "reference": REFERENCE, "still": True},
    "memory_open": {"path": Path("/tmp/memory.duckdb")},
    "memory_update": {"remembered": [{**REMEMBERED, "file": COMPARED}], "states": {"orders": "a"}},
    "memory_write": {"path": Path("/tmp/memory.duckdb"), "remembered": [REMEMBERED], "states": {"orders": "a"}},
    "new_stage": {"file": COMPARED, "some_vanished": True},
    "not_staged": {"file": COMPARED},
    "refer_elsewhere": {"file": COMPARED, "columns": REFERENCE.columns},
    "read_out": {
        "types": {"order_id": "VARCHAR", "paid": "DECIMAL(10,2)"},
        "source": Path("/dev/fd/7"),
        "target": Path("/tmp/orders.rows.parquet"),
    },
    "repeats": {"file": COMPARED},
    "orphan_keys_export": {"target": Path("/tmp/orphan_keys.parquet")},
    "orphan_keys_insert": {"columns": TABLE.columns},
    "problem_counts": {"table": "orders"},
    "problems": {"table": "orders", "limit": 10},
    "rejected": {"table": "orders", "numbers": (0, 9)},
    "sniffed": {"path": Path("/tmp/orders.csv")},
    "some_values": {"file": FILE, "column": "order_status"},
    "looked_at": {"file": FILE, "column": "order_status", "kinds": {"BIGINT": "1"}, "decimal": "."},
    "moments": {"file": FILE, "column": "order_status", "formats": ["%Y"], "casts": ["TIMESTAMP '2024-01-01'"]},
    "parquet_columns": {"path": Path("/tmp/orders.parquet")},
    "parquet_csv": {
        **{"path": Path("/tmp/orders.parquet"), "target": Path("/tmp/orders.csv"), "delimiter": ",", "decimal": ","},
        **{"columns": [("order_id", "other"), ("price", "number"), ("at", "moment")], "limit": 1},
    },
    "staged_accepted": {"file": FILE, "target": Path("/tmp/orders.accepted.parquet")},
    "staged_bytes": {"file": FILE, "record": "''::BLOB"},
    "staged_duplicates": {"file": FILE},
    "staged_export": {"file": FILE, "target": Path("/tmp/exported.csv"), "null": "NULL"},
    "staged_orphan_keys": {"child": FILE, "parent": None, "reference": REFERENCE},
    "staged_orphans": {"child": FILE, "reference": REFERENCE, "kind": "orphan"},
    "staged_rows": {"file": FILE},
}
