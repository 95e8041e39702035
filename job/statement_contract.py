"""What a dialect must bring: every statement that the job runs, and the columns by which it reads the answer.

`sql/DIALECT/NAME.sql` comes before `sql/common/NAME.sql`. In the columns, `#` stands for a number from 0, one for each
axis, feature or level that the statement is rendered with; OTHERS for columns whose names the caller gives. No columns:
nothing is read but, at most, how many rows were touched.

A new dialect is a folder with the statements of EACH, and those for what its database can and cannot; what its adapter
renders by itself, with what it alone knows, stands in that (Database.own_statements). `sql/common/defaults.sql` has
what the folder's dialect.sql may call otherwise.
"""

from collections.abc import Collection, Mapping

Columns = tuple[str, ...]
OTHERS = "..."
FEATURES: Columns = (
    *("customer_unique_id", "monetary", "frequency", "recency_days"),
    *("first_order_at", "last_order_at", "order_days"),
)
MOVES: Columns = ("customer_unique_id", "from_segment", "to_segment", "monetary", "cause", "moved_at", "run_id")
RECENCY = "INTEGER"  # the type of recency_days in job_schema

# Which no folder but the dialect's can have.
EACH: Mapping[str, Columns] = {
    # A table's columns: `kind` as in Database.types, `declared` as people write the type, `nullable` YES or NO, what a
    # text may have at most, `precision` and `scale` of a number, `second_digits` of a time, `words` of an ENUM as the
    # database lists them; each NULL where it does not count. `loose`: texts that differ may be equal. `generated`: the
    # database fills the column by itself.
    "columns": (
        *("name", "kind", "declared", "nullable", "max_length", "max_bytes"),
        *("precision", "scale", "second_digits", "words", "loose", "generated"),
    ),
    # What the features' SQL selects, with types that CREATE TABLE takes.
    "features_shape": ("name", "type"),
    # The columns of customer_features, with types in the same words.
    "features_table_shape": ("name", "type"),
    # The primary and foreign keys of all tables, a row for each column, in the key's order; `parent` is NULL in a
    # primary key.
    "keys": ("table", "key", "column", "parent", "parent_column"),
    # What the column for the labels is; `kind` of relation, and `type`, in the database's words for people.
    "label_column": ("kind", "updatable", "type", "is_text", "required", "generated"),
    # What stands between a label and its column: `row security`, a `trigger`, a `rule`, a `unique` index, a
    # `constraint` (`detail`: its condition, about the label alone), a column that changes `on update` (`detail`: kept,
    # where the job may prevent that).
    "label_obstacles": ("kind", "name", "detail"),
    # Takes the lock on the job's own tables for the session; never waits.
    "lock": ("locked",),
    # Makes Olist's tables.
    "schema": (),
    # What a shop's script must leave as it is: settings of the session, and the running transaction.
    "session_state": ("name", "value"),
    # Every column that the user may read, of tables in any schema; `kind` is decimal, whole, date, text or other;
    # `offered`: it is in the database that the session has opened.
    "shop_columns": ("schema", "here", "table", "name", "type", "kind", "offered"),
    # The keys of the same tables, a row for each column, in the key's order; `kind` is primary, unique or foreign.
    "shop_keys": ("schema", "table", "key", "kind", "column", "parent_schema", "parent", "parent_column"),
    # The tables of one schema.
    "tables": ("table",),
}

# Where the database can delete rows of parents and children in one transaction (Database.loads_differences).
LOADS_DIFFERENCES: Mapping[str, Columns] = {
    # The temporary table for a file's records, beside the table.
    "stage": (),
    # Rows that are there with other values get those of the file.
    "update_changed": (),
}
# Where it cannot, so that tables are made anew.
MAKES_TABLES_ANEW: Mapping[str, Columns] = {
    # Tables with an index beside those of their key and of what they refer to.
    "unique_columns": ("table",),
    # Puts rows aside that a file lacks, before the table is made anew.
    "keep_others": (),
    # Brings them back.
    "insert_kept": (),
}

# Which every dialect has from sql/common/, and may replace.
COMMON: Mapping[str, Columns] = {
    # Make the job's own tables, where they are missing; customer_features with other columns; the schema they are in.
    "job_schema": (),
    "make_features": (),
    "make_schema": (),
    # Whether the schema is there.
    "schemas": ("schema",),
    # Runs: the record of one begins and ends; the last ones; one that is at work.
    "start_run": (),
    "finish_run": (),
    "recent_runs": ("run_id", "status", "started_at", "finished_at", "model_id", "figures", "error"),
    "last_start": ("started_at",),
    "running": ("run_id", "started_at", "started_by"),
    # What is kept no longer: the start of the run so many back; the oldest runs of which a table has rows, and these
    # go; the models but the newest, and one of them goes.
    "run_before": ("started_at",),
    "old_runs_in": ("run_id",),
    "forget_run": (),
    "old_models": ("model_id",),
    "forget_model": (),
    # What stands is looked at: how changes of labels follow each other, and by run; labels by model; rejects by table.
    "history_of_labels": ("broken", "otherwise"),
    "changes_by_run": ("run_id", "customers"),
    "labels_by_model": ("model_id", "customers"),
    "rejects_by_table": ("table_name", "records"),
    # Models: the registry gets one; one by its id; the one that customers were labelled with last; the last ones.
    "insert_model": (),
    "find_model": ("model",),
    "current_model": ("model", "fitted_at"),
    "models": ("model_id", "run_id", "fitted_at", "model"),
    # What the shop's tables hold, and what an earlier run has written down of that.
    "count_rows": ("table", "rows"),
    "loaded_files": (
        *("table_name", "file_name", "run_id", "fingerprint", "records", "loaded", "rejected", "table_rows"),
    ),
    "record_loaded_file": (),
    "last_loads": ("table_name", "run_id", "fingerprint", "records", "rejected", "table_rows", "checksum"),
    # An older version's loaded_files gets the column for checksums.
    "add_checksums": (),
    # Its customer_segment_changes gets the columns for money and cause; customer_moves is a view of it and of the runs.
    "add_money": (),
    "make_moves_view": (),
    # How many of a file's records the table has, by key.
    "count_staged": ("rows",),
    # The staged records become the table's: new ones, all of them where no key counts; rows of no record go.
    "insert_new": (),
    "insert_staged": (),
    "delete_gone": (),
    # Beside the job's own features: the tables of customers' records; adds customers to touched_customers, by rows
    # of them that are staged.
    "tables_of_customers": ("table",),
    "touched_by": (),
    # The rows go whose keys are in staged_keys.
    "delete_listed": (),
    # Empty tables, or drop them: children come last in the list, and go first.
    "empty_tables": (),
    "drop_tables": (),
    # The temporary table for keys of files; those that a table does not have, and those that it has.
    "stage_keys": (),
    "lacking_keys": (OTHERS,),
    # The staged keys that are equal to others among them, with the number of the group of equal ones.
    "alike_keys": ("group", OTHERS),
    "present_keys": (OTHERS,),
    # Earlier rejects of a table, or of its file of the same name alone, go from rejected_records.
    "forget_rejects": (),
    # Customers are forgotten: erased_customers and erased_records are staged; their rows go; how many of the customers
    # the shop has; rejected records, and what runs have said, to be looked through.
    "stage_erased": (),
    "erase_customers": (),
    "erase_records": (),
    "still_in_shop": ("customers",),
    "rejects_after": ("run_id", "table_name", "file_name", "line", "reason", "record"),
    "words_of_runs": ("run_id", "figures", "error"),
    "reword_run": (),
    # The job's own SELECT of the features, and the one that it writes for a shop's tables.
    "features": FEATURES,
    "starter_features": FEATURES,
    # The tables that files fill, with comments.
    "starter_tables": (),
    # What it reads, a row for each line of an order, and what these show.
    "starter_lines": ("customer", OTHERS),
    "starter_facts": (
        *("lines", "moments", "negative", "unknown", "unknown_amount"),
        *("numbered", "orders", "example", "several", "repeated", "long", "single"),
    ),
    # Before it is written: some texts of a column, and how many are written otherwise; statuses with their rows; how a
    # discount is meant; how often the values of a column that tables are joined by are there again; rows that lead to
    # others of their table; guests; currencies; what the features add up to.
    "starter_sample": ("value",),
    "starter_unread": ("unread",),
    "starter_statuses": ("value", "rows"),
    "starter_names": ("value", "name"),
    "starter_discounts": ("rows", "most", "negative", "beyond", "broken"),
    "starter_key": ("doubled",),
    "starter_children": ("children", "negative"),
    "starter_guests": ("guests",),
    "starter_currencies": ("value", "rows", "amount"),
    "starter_preview": ("customers", "orders", "revenue", "largest", "first_day", "last_day", "customer"),
    # The columns that the features' SQL gives.
    "features_probe": (OTHERS,),
    # customer_features is a view of customer_features_data and customer_features_as_of: it is made, and goes; which
    # views there are in a schema.
    "make_features_view": (),
    "drop_features_view": (),
    "views": ("view",),
    # customer_rfm is a view of customer_features, rfm_cuts and rfm_groups: made, looked at and written.
    "make_rfm_view": (),
    "rfm_cut_points": ("cut#",),
    "current_rfm_cuts": ("r1", "r2", "r3", "r4", "f1", "f2", "f3", "f4", "m1", "m2", "m3", "m4"),
    "current_rfm_groups": ("r", "f", "m", "rfm_group"),
    "write_rfm_cuts": (),
    "write_rfm_groups": (),
    # customer_value is a view of customer_features, value_as_of and value_cells: made, read and written. Customers by
    # cells, and those who ordered on several days by their spend.
    "make_value_view": (),
    "current_value": ("day", "days", "figures"),
    "delete_value_cells": (),
    "insert_value_cells": (),
    "write_value_as_of": (),
    "any_valued": ("valued",),
    "value_histories": (*("again", "last_week", "known_week", "customers", "last_days", "known_days", "spend", "day"),),
    "value_spending": ("orders", "customers", "spend"),
    # What was expected on a day; what of that ends now, and what has come of the customers of that day.
    "write_value_forecast": (),
    "value_due": (
        *("day", "days", "features", "customers", "order_days", "spend", "buyers", "orders", "revenue"),
        *("buyers_week_later", "orders_week_later", "revenue_week_later", "came_by"),
    ),
    "value_came": ("customers", "order_days", "spend", "buyers"),
    "write_value_came": (),
    # Stores the features, where none are stored.
    "fill_features": (),
    # Where some are: computes them, and stages those that differ from what is stored; how many there are; these are
    # written, and those of nobody go.
    "stage_features": (),
    "stage_changed_features": (),
    "changed_features": ("known", "new"),
    "write_features": (),
    "delete_features": (),
    "drop_staged_features": (),
    # Up to which day recency_days counts now, by so many of the first customers; that it does; who these are.
    "days_counted_to": ("day", "customers"),
    "count_days_to": (),
    "first_counted": ("customer_unique_id", "#day"),
    # Whose records a load has changed; who else has other features now; somebody whose recency_days is no number of
    # days.
    "touched_customers": ("customer_unique_id",),
    "changed_untouched": ("customers", "example"),
    "uncounted_customer": ("customer_unique_id",),
    # Of a table that something else fills: what tells the rows that change from now on, and what is left of those that
    # the last run knew; touched_customers of those whose rows have changed; who of some customers has rows.
    "look_at_records": ("mark", "known_to", "rows", "rows_before", "checksum_before", "checksum_since"),
    "stage_touched": (),
    "customers_with_records": ("customer_unique_id",),
    # Counts customers with several rows.
    "doubled_customers": ("customers", "example"),
    # What is wrong with the ids that the features' SQL gives, and what axes are made from; without customer_features.
    "features_preview": (
        *("all_customers", "ids", "different", "wrong", "example", "customers"),
        *("given#", "defined#", "low#", "high#", "mean#", "deviation#"),
    ),
    # Counts customers with an id that a shop's own SELECT may not give.
    # In how many rows of customer_features each of these numbers is infinite, none, or too large to reckon with.
    "numbers_beyond": ("beyond#",),
    "wrong_ids": ("customers", "example"),
    # What axes are made from; the points on a grid; how many there are on grids ever wider.
    "feature_statistics": ("all_customers", "customers", "given#", "defined#", "low#", "high#", "mean#", "deviation#"),
    "points": ("c#", "s#", "customers", "squares"),
    "grid": ("level_#",),
    # Whether the customers can be right: one of them, for the columns; what they add up to, by the age of their last
    # order; those with the largest shares.
    "features_sample": ("customer_unique_id", OTHERS),
    "customer_totals": (
        *("bin", "customers", "spend", "least_spend", "negative", "orders", "fewest_orders", "most_orders"),
        *("days", "newest", "oldest", "before_zero", "spreadsheet", "ahead", "in_future"),
    ),
    "largest_customers": ("customer_unique_id", "orders", "spend"),
    # The sums of all customers' positions by centroid.
    "refine": ("centroid", "s#", "customers"),
    # What each centroid's customers are, by bins of some features; by a model, or as they were after a run, which is
    # staged first: labels_of_run.
    "stage_labels_of_run": (),
    "segment_profiles": ("centroid", "#bin#", OTHERS, "customers"),
    # changed_labels: the customers whose label changes, and those who lose it; the table of labels becomes so; what of
    # it that does not hold.
    "stage_changes": (),
    "changed_label_counts": ("from_segment", "to_segment", "customers"),
    "stage_losses": (),
    # moved_by_model: of them, those whom the model before would have left where they were.
    "stage_moved_by_model": (),
    "insert_changes": (),
    "delete_labels": (),
    "update_labels": (),
    "insert_labels": (),
    # Campaigns: one that has begun, or all of them; one begins; what became of its customers.
    "campaign_began": ("campaign", "began_at"),
    "begun_campaigns": ("campaign",),
    "begin_campaign": (),
    "campaign_results": ("segment", "arm", "customers", "gone", "buyers", "revenue", "squares"),
    "unwritten_labels": ("given", "unwritten"),
    "label_counts": ("segment", "customers"),
    # Whether anybody is labelled, and still there.
    "any_labelled": ("labelled",),
    "any_labelled_customer_still_here": ("still_here",),
    # Whether the column of the shop's own table holds any label; "#odd_rows": what of the table is not as with a
    # customer's row that carries its label; what it adds up to. The labels go into rows that do not carry what they
    # should, and from rows of nobody; what of that did not help.
    "any_written_back": ("written_back",),
    "stage_odd_rows": (),
    "arrived": ("rows", "without_key", "of_nobody", "keyless", "empty", "other", "stale", "customers", "lost"),
    "write_back": (),
    "still_wrong": ("empty", "other", "stale"),
    # How customers' ids and the table's keys come together, where both are written in one form; of the odd rows' keys
    # how many do.
    "matching_keys": ("customers", "found", "rows", "of_customers"),
    "near_keys": ("rows",),
    # Whether the key can be computed, and the label read; whether a condition on the label refuses a letter.
    "key_probe": ("nobody",),
    "label_probe": ("label",),
    "refused_letter": ("refused",),
    # The report; beside these, any facts_*.sql.
    "report_runs": (
        *("run_id", "started_at", "finished_at", "config_fingerprint", "input_fingerprint"),
        *("model_id", "timings", "figures"),
    ),
    "report_model": ("run_id", "fitted_at", "model"),
    "report_files": ("table_name", "file_name", "records", "loaded", "rejected", "table_rows", "run_id", "loaded_at"),
    "report_statistics": ("count#", "low#", "mean#", "deviation#", "high#", "customers"),
    "report_medians": ("segment", "median"),
    "report_rhythm": ("days", "customers"),
    "report_habits": ("segment", "customers", "repeat", "more", "much", "little", "lately", "gone"),
    "report_median_spend": ("median",),
    "report_rfm": ("rfm_group", "customers", "spend"),
    "report_value": ("segment", "customers", "buyers", "orders", "revenue"),
    # The first three only where the features have the days of the orders.
    "report_period": ("first", "last", "recency", "below", "below_by", "at_nothing"),
    "last_labelled": ("run_id", "started_at", "model"),
    "report_moves": ("from_segment", "to_segment", "why", "customers", "known", "spend", "since"),
    # Only where the features have the days of the orders.
    "report_cohorts": ("segment", "month", "lasted", "customers"),
    "report_cells": ("segment", "bin#", "customers", "spend"),
    # Every labelled customer with features: for the statements that write a file, or sent as it is.
    "exported": ("customer_unique_id", "segment", "segment_name", OTHERS),
    # Likewise every move in the runs after one.
    "exported_moves": MOVES,
}

FACTS: Columns = ("segment", "fact", "item", "value")  # of any facts_*.sql

# Where CREATE TABLE commits, and what has been made cannot be taken back (Database.transactional_ddl is false).
COMMITS_TABLES: Mapping[str, Columns] = {
    # Renews what the planner knows of tables that have got their rows, after the commit.
    "analyze": (),
    # A view takes the place of the table customer_features.
    "swap_features": (),
}

# Which a dialect has where the database needs them.
OPTIONAL: Mapping[str, Columns] = {
    # Renews what the planner knows of tables that have got their rows.
    "analyze": (),
    # Before tables are made in a transaction that is taken back: gives up soon where others keep it waiting.
    "rehearse": (),
    # Gives Olist's tables their keys, where these come after the rows.
    "constraints": (),
    # What others may do with customer_features, as statements, where that goes with a table; a column's name, or NULL.
    "features_grants": ("column", "grant"),
    # The primary key of loaded_files, and the statement that makes it that of this version.
    "key_of_files": ("key", "column"),
    "rekey_files": (),
    # Before `stage_odd_rows` by a key that is an expression: a copy of the labels whose names are no column's.
    "renamed_labels": (),
    # How many rows a table has, or such as another table has the keys of, and the sum of their hashes. Without it,
    # every night compares all that the files hold with the tables. With it, dialect.sql has hash_of, which
    # look_at_records takes.
    "rows_checksum": ("rows", "checksum"),
    # Tables of which the user sees some rows alone, and cannot tell it from what a SELECT gives.
    "limited_tables": ("table",),
}


def of(own: Mapping[str, Columns]) -> dict[str, Columns]:
    """Return every statement that a dialect may be asked for, with the columns that it returns.

    own: those that its adapter renders by itself.
    """
    return {**EACH, **COMMON, **OPTIONAL, **COMMITS_TABLES, **LOADS_DIFFERENCES, **MAKES_TABLES_ANEW, **own}


def required(own: Collection[str], loads_differences: bool = True, transactional_ddl: bool = True) -> set[str]:
    """Return the statements that a dialect must have. own: as for `of`; the flags are those of its adapter."""
    needed = {*EACH, *COMMON, *own, *(LOADS_DIFFERENCES if loads_differences else MAKES_TABLES_ANEW)}
    return needed | (set() if transactional_ddl else COMMITS_TABLES.keys())
