"""A load after the first: only what differs is touched, and what belongs to the tables stays."""

from pathlib import Path
from typing import Any

import pytest
from engines import on_servers
from engines.base import Engine
from engines.duckdb import ENGINE as DUCKDB
from shop import TABLES, Row, ask, changed, everything, load, records, rewritten, run, without_first_orders

from job.errors import ConfigError, DataError

CUSTOMERS, SELLERS, PRODUCTS, ORDERS, ITEMS, PAYMENTS, REVIEWS, PLACES = (
    f"olist_{name}_dataset.csv"
    for name in (
        "customers",
        "sellers",
        "products",
        "orders",
        "order_items",
        "order_payments",
        "order_reviews",
        "geolocation",
    )
)
MERGED = {table: "merge" for table in TABLES if table != "geolocation"}  # which has no key


def fresh(engine: Engine, tmp_path: Path, data: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the shop's tables after a first load on a database of their own; DuckDB tells for all."""
    url = f"duckdb://{tmp_path}/fresh.duckdb"
    load(DUCKDB, url, data)
    return {table: rows for table, rows in everything(DUCKDB, url).items() if table in TABLES}


def test_a_later_load_ends_as_a_first_one_would(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """Orders and customers come and go, references move, values become NULL and something else than NULL."""
    fewer = without_first_orders(shop, tmp_path / "fewer", 20)
    fewer = changed(fewer, tmp_path / "sellers", SELLERS, rewritten(moved_away))
    load(engine, database_url, fewer)
    load(engine, database_url, shop)
    shops_tables = {table: rows for table, rows in everything(engine, database_url).items() if table in TABLES}
    assert shops_tables == fresh(engine, tmp_path, shop)
    load(engine, database_url, fewer)
    shops_tables = {table: rows for table, rows in everything(engine, database_url).items() if table in TABLES}
    (tmp_path / "fresh.duckdb").unlink()
    assert shops_tables == fresh(engine, tmp_path, fewer)


def moved_away(rows: list[Row]) -> list[Row]:
    rows[0]["seller_city"] = ""
    rows[1]["seller_city"] += " "  # MySQL would call these the same
    rows[2]["seller_city"] = rows[2]["seller_city"].upper()
    return rows


@on_servers
def test_only_what_differs_is_written(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    load(engine, database_url, without_first_orders(shop, tmp_path, 5))
    expected = {"inserted": 0, "updated": 0, "deleted": 0}
    for table in ("orders", "order_items", "order_payments", "order_reviews"):
        gone = {str(row["order_id"]) for row in records(shop / ORDERS)[:5]}
        expected["inserted"] += sum(row["order_id"] in gone for row in records(shop / TABLES[table]))
    more = changed(shop, tmp_path, SELLERS, rewritten(moved_away))
    written_before = written(engine, database_url)
    assert load(engine, database_url, more) == {**expected, "updated": 3}
    if engine.row_version:
        new = {table: rows - written_before[table] for table, rows in written(engine, database_url).items()}
        assert sum(map(len, new.values())) == expected["inserted"] + 3
        assert not new["geolocation"] and not new["products"]


def written(engine: Engine, url: str) -> dict[str, set[tuple[Any, ...]]]:
    tables = [table for table in TABLES if engine.row_version and table != "customers"]
    return {table: set(ask(engine, url, f"SELECT {engine.row_version} FROM {table}")) for table in tables}


def test_merge_keeps_what_the_files_lack(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """Two halves of the orders, one after the other: the second's customers and products are in the database alone."""
    first, rest = halves(shop, tmp_path)
    load(engine, database_url, first, {"mode": MERGED})
    load(engine, database_url, rest, {"mode": MERGED})
    merged = {table: rows for table, rows in everything(engine, database_url).items() if table in TABLES}
    assert merged == fresh(engine, tmp_path, shop)
    counts = {
        row[0]: row[1:] for row in ask(engine, database_url, "SELECT table_name, records, loaded FROM loaded_files")
    }
    for table in ("orders", "order_items"):
        in_file = len(records(rest / TABLES[table]))
        assert counts[table] == (in_file, in_file) and in_file < len(merged[table])
    before = everything(engine, database_url)
    load(engine, database_url, rest, {"mode": MERGED})
    assert everything(engine, database_url) == before
    load(engine, database_url, shop)
    assert ask(engine, database_url, "SELECT COUNT(*) FROM orders") == [(len(records(shop / ORDERS)),)]


def halves(shop: Path, folder: Path) -> tuple[Path, Path]:
    """The shop with the first half of its orders, and the other half without customers, products and sellers."""
    orders = [str(row["order_id"]) for row in records(shop / ORDERS)]
    first, rest = shop, shop
    for half, ids in (("first", set(orders[::2])), ("rest", set(orders[1::2]))):
        part = shop
        for number, file in enumerate((ORDERS, ITEMS, PAYMENTS, REVIEWS)):
            keep = rewritten(lambda rows, ids=ids: [row for row in rows if row["order_id"] in ids])  # type: ignore[misc]
            part = changed(part, folder / half / str(number), file, keep)
        first, rest = (part, rest) if half == "first" else (first, part)
    for number, file in enumerate((CUSTOMERS, PRODUCTS, SELLERS)):
        rest = changed(rest, folder / "bare" / str(number), file, rewritten(lambda rows: rows[:1]))
    return first, rest


@pytest.mark.usefixtures("first_run")
def test_merge_refuses_what_neither_files_nor_database_know(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    _, rest = halves(shop, tmp_path)
    before = everything(engine, database_url)

    def with_orphan(rows: list[Row]) -> list[Row]:
        rows[2]["product_id"] = "nobody's"
        return rows

    orphan = changed(rest, tmp_path / "orphan", ITEMS, rewritten(with_orphan))
    with pytest.raises(DataError, match=rf"{ITEMS}:4:product_id: value 'nobody's' has no match in products"):
        load(engine, database_url, orphan, {"mode": MERGED})
    assert everything(engine, database_url) == before


@pytest.mark.usefixtures("first_run")
def test_a_table_without_a_key_is_replaced_when_its_file_changed(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    for mode in (MERGED, "mirror"):
        shop = changed(shop, tmp_path / str(mode == MERGED), PLACES, rewritten(lambda rows: rows[5:]))
        load(engine, database_url, shop, {"mode": mode})
        assert ask(engine, database_url, "SELECT COUNT(*) FROM geolocation") == [(len(records(shop / PLACES)),)]


@pytest.mark.usefixtures("first_run")
def test_views_and_grants_survive(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    ask(engine, database_url, "CREATE VIEW big_orders AS SELECT order_id FROM order_payments WHERE payment_value > 1")
    grants = "SELECT grantee, privilege_type FROM information_schema.table_privileges WHERE table_name = 'orders'"
    if engine.rights_by_table:
        ask(engine, database_url, "GRANT SELECT ON orders TO PUBLIC")
    before = ask(engine, database_url, grants) if engine.has_server else []
    fewer = without_first_orders(shop, tmp_path, 7)
    load(engine, database_url, fewer)
    assert len(ask(engine, database_url, "SELECT * FROM big_orders")) == sum(
        float(str(row["payment_value"])) > 1 for row in records(fewer / PAYMENTS)
    )
    assert (ask(engine, database_url, grants) if engine.has_server else []) == before


@pytest.mark.usefixtures("first_run")
def test_labels_stay_with_rows_that_stay(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    labels = "SELECT customer_id, segment FROM customers ORDER BY customer_id"
    before = ask(engine, database_url, labels)
    run(engine, database_url, changed(shop, tmp_path, SELLERS, rewritten(moved_away)))
    assert ask(engine, database_url, labels) == before
    assert ask(engine, database_url, "SELECT COUNT(*) FROM customers WHERE segment IS NOT NULL")[0][0] > 1000


def test_rows_changed_by_somebody_else_are_loaded_again(engine: Engine, database_url: str, shop: Path) -> None:
    """A row more or less is noticed; the files are the truth."""
    load(engine, database_url, shop)
    before = everything(engine, database_url)
    ask(engine, database_url, "INSERT INTO sellers (seller_id) VALUES ('a stranger')")
    load(engine, database_url, shop)
    after = everything(engine, database_url)
    assert {table: after[table] for table in TABLES} == {table: before[table] for table in TABLES}


def test_a_table_that_was_empty_gets_its_rows_after_its_parents(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    none = rewritten(lambda rows: [])
    empty = without_first_orders(shop, tmp_path / "fewer", 20)
    load(engine, database_url, changed(empty, tmp_path / "empty", REVIEWS, none))
    load(engine, database_url, shop)
    assert ask(engine, database_url, "SELECT COUNT(*) FROM order_reviews") == [(len(records(shop / REVIEWS)),)]
    load(engine, database_url, changed(shop, tmp_path / "again", REVIEWS, none))
    assert ask(engine, database_url, "SELECT COUNT(*) FROM order_reviews") == [(0,)]


def test_some_of_the_tables_may_be_left_out(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """As long as an engine that makes tables anew need not make those anew that refer to them and have rows."""
    some = {"tables": {table: file for table, file in TABLES.items() if table != "order_reviews"}}
    load(engine, database_url, without_first_orders(shop, tmp_path, 5), some)
    load(engine, database_url, shop, some)
    assert ask(engine, database_url, "SELECT COUNT(*) FROM orders") == [(len(records(shop / ORDERS)),)]
    load(engine, database_url, shop)
    richer = changed(shop, tmp_path / "sellers", ORDERS, lambda text: text.replace(",delivered,", ",shipped,", 1))
    if engine.makes_tables_anew:
        with pytest.raises(ConfigError, match=r"load\.tables must name order_reviews, too"):
            load(engine, database_url, richer, some)
    else:
        load(engine, database_url, richer, some)
    assert len(ask(engine, database_url, "SELECT * FROM order_reviews")) == len(records(shop / REVIEWS))


def test_a_child_before_its_parent_is_told(engine: Engine, database_url: str, shop: Path) -> None:
    backwards = {"tables": dict(reversed(TABLES.items()))}
    with pytest.raises(ConfigError, match=r"load\.tables: \w+ must come before \w+, which refers to it"):
        load(engine, database_url, shop, backwards)
