"""A whole run on every engine, judged by the files themselves."""

import json
import re
from collections import defaultdict
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import structlog.testing
from engines import where
from engines.base import Engine
from engines.duckdb import ENGINE as DUCKDB
from shop import TABLES, ask, changed, configured, everything, records, run

from job import history, pipeline
from job.errors import ConfigError, DatabaseError, DataError
from job.model.segments import Segment
from job.progress import Steps
from job.session import connect
from job.staging.finding import find

NOT_COUNTED = {"canceled", "unavailable"}


def features_of(shop: Path) -> dict[str, tuple[Decimal, int, int, datetime, datetime, int]]:
    """The features by plain Python, order by order."""
    people = {row["customer_id"]: row["customer_unique_id"] for row in records(shop / "olist_customers_dataset.csv")}
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for row in records(shop / "olist_order_payments_dataset.csv"):
        paid[str(row["order_id"])] += Decimal(str(row["payment_value"]))
    orders = records(shop / "olist_orders_dataset.csv")
    bought_at = [datetime.fromisoformat(str(row["order_purchase_timestamp"])) for row in orders]
    found: dict[str, list[tuple[datetime, Decimal]]] = defaultdict(list)
    for row, moment in zip(orders, bought_at, strict=True):
        if row["order_status"] not in NOT_COUNTED:
            found[str(people[row["customer_id"]])].append((moment, paid[str(row["order_id"])]))
    last = max(bought_at).date()
    return {
        person: (
            sum((spent for _, spent in bought), Decimal(0)),
            len(bought),
            (last - max(bought)[0].date()).days,
            min(bought)[0],
            max(bought)[0],
            len({at.date() for at, _ in bought}),
        )
        for person, bought in found.items()
    }


def features_in(engine: Engine, url: str) -> dict[str, tuple[Any, ...]]:
    columns = "customer_unique_id, monetary, frequency, recency_days, first_order_at, last_order_at, order_days"
    return {row[0]: row[1:] for row in ask(engine, url, f"SELECT {columns} FROM customer_features")}


@pytest.mark.usefixtures("first_run")
def test_features_are_what_the_files_say(engine: Engine, database_url: str, shop: Path) -> None:
    assert features_in(engine, database_url) == features_of(shop)


@pytest.mark.usefixtures("first_run")
def test_every_record_is_a_row_with_its_values(engine: Engine, database_url: str, shop: Path) -> None:
    for file in find(shop, TABLES):
        expected = records(file.parts[0].path)
        columns = list(expected[0])
        rows = ask(engine, database_url, f"SELECT {', '.join(columns)} FROM {file.table}")
        written = sorted(tuple(None if value is None else as_text(value) for value in row) for row in map(tuple, rows))
        judged = sorted(
            (
                tuple(None if row[name] is None else as_number(str(row[name]), name) for name in columns)
                for row in expected
            ),
            key=str,
        )
        assert sorted(written, key=str) == judged, file.table


def as_text(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def as_number(text: str, column: str) -> str:
    return repr(float(text)) if column.endswith(("_lat", "_lng")) else text


@pytest.mark.usefixtures("first_run")
def test_every_customer_has_the_nearest_segment(engine: Engine, database_url: str, shop: Path) -> None:
    """On a first run, and when another k moves most of them."""
    before = assert_labels_are_nearest(engine, database_url)
    run(engine, database_url, shop, k=3)
    after = assert_labels_are_nearest(engine, database_url)
    moved = sum(before[customer] != label for customer, label in after.items())
    statement = "SELECT figures FROM job_runs ORDER BY started_at DESC LIMIT 1"
    figures = json.loads(ask(engine, database_url, statement)[0][0])
    assert (figures["new"], figures["removed"], figures["changed"] >= moved > 0) == (0, 0, True)


def assert_labels_are_nearest(engine: Engine, database_url: str) -> dict[str, str]:
    """Compare every label with NumPy's nearest centroid of the last run's model; return the labels."""
    statement = "SELECT model FROM segment_models JOIN job_runs USING (model_id) ORDER BY started_at DESC LIMIT 1"
    model = json.loads(ask(engine, database_url, statement)[0][0])
    features = features_in(engine, database_url)
    labels = dict(ask(engine, database_url, "SELECT customer_unique_id, segment FROM customer_segments"))
    values = np.log1p(np.array([[float(row[0]), row[1]] for row in features.values()]))
    centre, scale = (np.array([axis[name] for axis in model["axes"]]) for name in ("centre", "scale"))
    positions = np.floor((values - centre) / scale * 1e6 + 0.5)
    distances = ((positions[:, None, :] - np.array(model["centroids"])) ** 2).sum(axis=2)
    nearest = ["ABCDE"[index] for index in distances.argmin(axis=1)]
    assert labels == dict(zip(features, nearest, strict=True))
    return labels


def test_segments_are_in_order_and_written_back(engine: Engine, database_url: str, first_run: list[Segment]) -> None:
    figures = ask(
        engine,
        database_url,
        "SELECT segment, MIN(segment_name), COUNT(*), SUM(monetary) FROM customer_segments"
        " JOIN customer_features USING (customer_unique_id) GROUP BY segment ORDER BY segment",
    )
    assert [(s.segment, s.name, s.customers, f"{s.spend:.2f}") for s in first_run] == [
        (letter, name, customers, f"{spend:.2f}") for letter, name, customers, spend in figures
    ]
    assert [row[0] for row in figures] == list("ABCDE")
    means = [float(spend) / customers for _, _, customers, spend in figures]
    assert means == sorted(means, reverse=True)
    assert len({name for _, name, _, _ in figures}) == 5
    written_back = ask(
        engine,
        database_url,
        "SELECT COUNT(*), SUM(CASE WHEN customers.segment = customer_segments.segment THEN 1 ELSE 0 END),"
        " COUNT(customers.segment), COUNT(customer_segments.segment) FROM customers"
        " LEFT JOIN customer_segments USING (customer_unique_id)",
    )
    [(rows, equal, labelled, with_segment)] = written_back
    assert equal == labelled == with_segment < rows


def test_the_run_is_on_record(engine: Engine, database_url: str, first_run: list[Segment], shop: Path) -> None:
    [row] = ask(
        engine,
        database_url,
        "SELECT status, started_at <= finished_at, model_id, row_counts, figures, error FROM job_runs",
    )
    status, in_order, model_id, row_counts, figures, error = row
    assert (status, bool(in_order), error) == ("done", True, None)
    assert ask(engine, database_url, "SELECT DISTINCT model_id FROM customer_segments") == [(model_id,)]
    assert json.loads(figures)["new"] == sum(segment.customers for segment in first_run)
    files = find(shop, TABLES)
    expected = {(file.table, file.name, file.fingerprint, len(records(file.parts[0].path))) for file in files}
    loaded = ask(
        engine, database_url, "SELECT table_name, file_name, fingerprint, records, loaded, rejected FROM loaded_files"
    )
    assert {row[:4] for row in loaded} == expected
    assert {row[0]: row[4] for row in loaded} == json.loads(row_counts) == {row[0]: row[3] - row[5] for row in loaded}


@pytest.mark.usefixtures("first_run")
def test_a_second_run_changes_nothing(engine: Engine, database_url: str, shop: Path) -> None:
    before = everything(engine, database_url)
    run(engine, database_url, shop)
    assert everything(engine, database_url) == before
    runs = ask(engine, database_url, "SELECT figures FROM job_runs ORDER BY started_at")
    first, second = (json.loads(figures) for (figures,) in runs)
    assert first["new"] > 0
    assert [second[name] for name in ("new", "changed", "removed", "written_back")] == [0, 0, 0, 0]


@pytest.mark.usefixtures("first_run")
def test_a_dropped_row_is_noticed_and_loaded_again(engine: Engine, database_url: str, shop: Path) -> None:
    before = everything(engine, database_url)
    ask(engine, database_url, "DELETE FROM geolocation WHERE geolocation_zip_code_prefix IS NOT NULL")
    run(engine, database_url, shop)
    after = everything(engine, database_url)
    assert after["geolocation"] == before["geolocation"] != []
    assert after["customer_segments"] == before["customer_segments"]


@pytest.mark.usefixtures("first_run")
def test_changed_files_become_the_tables(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """One order gone with all that belongs to it, one person's spend multiplied."""
    orders = records(shop / "olist_orders_dataset.csv")
    gone = next(row for row in orders if row["order_status"] == "delivered")
    folder = shop
    for file in ("orders", "order_items", "order_payments", "order_reviews", "customers"):
        key = gone["customer_id"] if file == "customers" else gone["order_id"]
        record = rf'^(?:[^,\n]*,)?{key},(?:[^"\n]|"(?:[^"]|"")*")*\n'
        without = partial(re.compile(record, re.MULTILINE).sub, "")
        folder = changed(folder, tmp_path / file, f"olist_{file}_dataset.csv", without)
    richer = records(folder / "olist_order_payments_dataset.csv")[0]
    folder = changed(
        folder,
        tmp_path / "richer",
        "olist_order_payments_dataset.csv",
        lambda text: text.replace(f",{richer['payment_value']}\n", ",99999.00\n", 1),
    )
    assert len(records(folder / "olist_orders_dataset.csv")) == len(orders) - 1
    run(engine, database_url, folder)
    assert features_in(engine, database_url) == features_of(folder)
    assert ask(engine, database_url, "SELECT MAX(payment_value) FROM order_payments") == [(Decimal("99999.00"),)]
    [(labelled,)] = ask(engine, database_url, "SELECT COUNT(*) FROM customer_segments")
    assert labelled == len(features_of(folder))


@pytest.mark.usefixtures("first_run")
def test_all_engines_agree(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    other = f"duckdb://{tmp_path}/other.duckdb"
    run(DUCKDB, other, shop)
    for table in ("customer_features", "segment_models", "customer_segments"):
        columns = {
            "customer_features": "*",
            "segment_models": "model_id, model",
            "customer_segments": "customer_unique_id, segment, segment_name, model_id",
        }[table]
        statement = f"SELECT {columns} FROM {table} ORDER BY 1"
        assert ask(engine, database_url, statement) == ask(DUCKDB, other, statement)


@pytest.mark.usefixtures("first_run")
def test_the_schema_has_its_keys(engine: Engine, database_url: str) -> None:
    """Or in comments, for the load alone to hold records against them."""
    with closing(connect(configured(engine, database_url))) as database:
        keys = [keys for table, keys in database.keys().items() if table in TABLES]
    assert sum(bool(its.primary) for its in keys) == 8
    assert sum(len(its.references) for its in keys) == 6
    if engine.keys_in_comments:
        return
    kinds = (
        "SELECT constraint_type, COUNT(*) FROM information_schema.table_constraints"
        " WHERE table_name IN ({}) AND {} GROUP BY constraint_type"
    )
    tables = ", ".join(f"'{table}'" for table in TABLES if table != "geolocation")  # some servers want a key of it
    found = dict(ask(engine, database_url, kinds.format(tables, f"table_schema = {engine.schema}")))
    assert (found["PRIMARY KEY"], found["FOREIGN KEY"]) == (8, 6)


@pytest.mark.usefixtures("first_run")
def test_the_database_is_closed_again(engine: Engine, database_url: str) -> None:
    settings = configured(engine, database_url)
    database = connect(settings)
    assert database.lock()
    database.close()


@pytest.mark.parametrize(
    ("section", "change", "sentence"),
    [
        ("write_back", {"column": "label"}, "write_back.column is label, which is no column of table customers"),
        ("write_back", {"table": "nobody"}, "write_back.table is nobody, which is no table"),
        (
            "write_back",
            {"key": "customer_id"},
            "write_back.key: column customer_id of table customers holds no customer",
        ),
        ("load", {"tables": {"strangers": "olist_sellers_dataset.csv"}}, "load.tables names strangers"),
        ("clustering", {"features": [{"column": "age"}]}, "age is no numeric column of customer_features"),
        ("clustering", {"features": [{"column": "last_order_at"}]}, "last_order_at is no numeric column"),
    ],
)
def test_names_that_the_database_lacks_are_told(
    engine: Engine, database_url: str, shop: Path, section: str, change: dict[str, Any], sentence: str
) -> None:
    settings = configured(engine, database_url)
    mistaken = {**getattr(settings, section).model_dump(), **change}
    settings = type(settings).model_validate({**dict(settings), section: mistaken})
    with pytest.raises(ConfigError, match=sentence):
        pipeline.run(settings, shop, history.new_run_id(), Steps("json"))
    assert ask(engine, database_url, "SELECT COUNT(*) FROM customer_segments") == [(0,)]


def test_tables_of_somebody_else_are_left_alone(engine: Engine, database_url: str, shop: Path) -> None:
    ask(engine, database_url, "CREATE TABLE orders (id INTEGER, who VARCHAR(9))")
    ask(engine, database_url, "INSERT INTO orders VALUES (1, 'me')")
    before = everything(engine, database_url)
    if engine.rights_by_table:
        with pytest.raises(DatabaseError, match="permission denied for table orders"):
            run(engine, database_url, shop)
        ask(engine, database_url, "GRANT SELECT ON orders TO PUBLIC")
    with pytest.raises(DataError, match="table orders holds 1 rows that this job has not loaded"):
        run(engine, database_url, shop)
    assert everything(engine, database_url)["orders"] == before["orders"] == [(1, "me")]


@pytest.mark.usefixtures("first_run")
def test_a_refusal_after_the_load_changes_nothing(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    before = everything(engine, database_url)
    pattern = re.compile("(?<=,)(delivered|shipped|invoiced|processing|approved|created)(?=,)")
    nobody = changed(shop, tmp_path, "olist_orders_dataset.csv", partial(pattern.sub, "canceled"))
    with pytest.raises(DataError, match="no customer has an order that counts"):
        run(engine, database_url, nobody)
    assert everything(engine, database_url) == before


@pytest.mark.usefixtures("first_run")
def test_who_no_longer_counts_loses_the_label(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    once = next(person for person, features in features_of(shop).items() if features[1] == 1)
    ids = {
        row["customer_id"] for row in records(shop / "olist_customers_dataset.csv") if row["customer_unique_id"] == once
    }
    order = next(
        row
        for row in records(shop / "olist_orders_dataset.csv")
        if row["customer_id"] in ids and row["order_status"] == "delivered"
    )
    line = f"{order['order_id']},{order['customer_id']},"
    gone = changed(
        shop, tmp_path, "olist_orders_dataset.csv", lambda text: text.replace(f"{line}delivered", f"{line}canceled")
    )
    run(engine, database_url, gone)
    labels = "SELECT segment FROM {} WHERE customer_unique_id = '{}'"
    assert ask(engine, database_url, labels.format("customer_segments", once)) == []
    assert set(ask(engine, database_url, labels.format("customers", once))) == {(None,)}


def test_letters_stay_with_centroids_when_spend_turns_over(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    """The same points, but who spent much now spent little: nobody moves, and the run says what is odd."""
    axes = [{"column": "recency_days"}]
    run(engine, database_url, shop, features=axes)
    labels = "SELECT customer_unique_id, segment, segment_name FROM customer_segments ORDER BY 1"
    before = ask(engine, database_url, labels)
    rows = records(shop / "olist_order_payments_dataset.csv")
    header = ",".join(rows[0])
    turned = "\n".join(
        f"{row['order_id']},{row['payment_sequential']},{row['payment_type']},{row['payment_installments']},"
        f"{Decimal(100000) / (1 + Decimal(str(row['payment_value']))):.2f}"
        for row in rows
    )
    folder = changed(shop, tmp_path, "olist_order_payments_dataset.csv", lambda _: f"{header}\n{turned}\n")
    with structlog.testing.capture_logs() as log:
        run(engine, database_url, folder, features=axes)
    assert ask(engine, database_url, labels) == before
    [told] = [line["reason"] for line in log if line["log_level"] == "warning"]
    assert re.fullmatch("by mean monetary the segments now stand ([A-E], ){4}[A-E]: they keep their letters", told)


def test_without_load_the_tables_in_the_database_are_segmented(
    engine: Engine, database_url: str, first_run: list[Segment], shop: Path
) -> None:
    for view in ("customer_features", "customer_moves"):
        ask(engine, database_url, f"DROP VIEW {view} CASCADE")
    features = ("customer_features_data", "customer_features_as_of", "rfm_cuts", "rfm_groups")
    for table in (*features, "customer_segments", "segment_models", "loaded_files", "job_runs"):
        ask(engine, database_url, f"DROP TABLE {table}")
    ask(engine, database_url, "UPDATE customers SET segment = NULL")
    config = configured(engine, database_url).model_copy(update={"load": None})
    assert pipeline.run(config, None, "no-load", Steps("json")) == first_run
    assert ask(engine, database_url, "SELECT COUNT(*) FROM loaded_files") == [(0,)]
    count = "SELECT COUNT(DISTINCT customer_unique_id) FROM customers WHERE segment IS NOT NULL"
    [(labelled,)] = ask(engine, database_url, count)
    assert labelled == sum(segment.customers for segment in first_run)
    with pytest.raises(ConfigError, match="no load: section"):
        pipeline.run(config, shop, "no-load", Steps("json"))


@pytest.mark.usefixtures("first_run")
@where(lambda engine: engine.local_infile)
def test_without_local_infile_the_same_rows_are_inserted(engine: Engine, database_url: str, shop: Path) -> None:
    before = everything(engine, database_url)
    for table in reversed(TABLES):
        ask(engine, database_url, f"DELETE FROM {table}")
    ask(engine, database_url, "SET GLOBAL local_infile = 0")
    inserts = "SHOW GLOBAL STATUS LIKE 'Com_insert'"
    [(_, done)] = ask(engine, database_url, inserts)
    try:
        with structlog.testing.capture_logs() as log:
            run(engine, database_url, shop)
    finally:
        ask(engine, database_url, "SET GLOBAL local_infile = 1")
    [(_, now_done)] = ask(engine, database_url, inserts)
    assert int(now_done) - int(done) < 100  # statements, for some ten thousand rows
    after = everything(engine, database_url)
    assert {table: after[table] for table in TABLES} == {table: before[table] for table in TABLES}
    [warning] = [line for line in log if line["log_level"] == "warning"]
    assert "SET GLOBAL local_infile = 1" in warning["reason"]
