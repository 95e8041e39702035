"""Nights on which something is new, of the first run, and by the full way on a copy: both must end alike."""

import csv
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import servers
import structlog.testing
import yaml
from engines.base import Engine
from engines.postgres import ENGINE as POSTGRES
from measuring import Figures, answer, job, loaded, same, segmenting, size
from shop import TABLES, ask, config_file, load

Subjects = dict[str, Figures]
ORDERS = TABLES["orders"]
# What belongs to an order, by its id; in Olist's files each has a customer_id of its own.
OF_ORDERS = {
    "customers": "customer_id",
    "orders": "order_id",
    "order_items": "order_id",
    "order_payments": "order_id",
    "order_reviews": "order_id",
}
# Which tells by an order's time that it is new; here nothing else changes
ORDERS_OF_PEOPLE = """
CREATE VIEW orders_of_people AS
SELECT customer_unique_id, order_purchase_timestamp
FROM orders
JOIN customers ON customers.customer_id = orders.customer_id"""
BY_ORDERS = {"table": "orders_of_people", "key": "customer_unique_id", "column": "order_purchase_timestamp"}
NIGHTS = 30
SMALL = 1e6  # bytes of a table: a page more of one that is smaller says nothing
HISTORY = ("job_runs", "segment_models", "customer_segment_changes", "loaded_files", "rejected_records")
WRITTEN = "SELECT SUM(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables WHERE relname <> 'bench_features'"
FEATURES = "customer_unique_id, monetary, frequency, first_order_at, last_order_at, order_days"
KEEP_FEATURES = f"CREATE TABLE bench_features AS SELECT {FEATURES} FROM customer_features"
CHANGED_FEATURES = f"""
SELECT COUNT(DISTINCT customer_unique_id) FROM (
    (SELECT {FEATURES} FROM bench_features EXCEPT SELECT {FEATURES} FROM customer_features)
    UNION ALL
    (SELECT {FEATURES} FROM customer_features EXCEPT SELECT {FEATURES} FROM bench_features)
) AS differing"""
SIZES = """
SELECT relname, pg_total_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""


def with_new(folder: Path, engine: Engine, share: float) -> Subjects:
    """A first run, and a night with so many new orders, of those that were there.

    folder: here and below, the shop's files with all orders.
    """
    with without_newest(folder, share) as older, servers.fresh_database(engine) as url:
        first = job(engine, url, older)
        return {"first": first} | both_ways(engine, url, folder, (folder, folder), (None, None))


def of_delta_files(folder: Path, mode: str) -> Subjects:
    """A first run on PostgreSQL, and a night whose files hold the new orders alone, 1 %, which are merged or added."""
    with (
        without_newest(folder, 0.01) as older,
        newest_alone(folder, 0.01) as newer,
        loading(dict.fromkeys(OF_ORDERS, mode)) as config,
        loading("mirror") as mirroring,
        servers.fresh_database(POSTGRES) as url,
    ):
        first = job(POSTGRES, url, older, config)
        return {"first": first} | both_ways(POSTGRES, url, folder, (newer, folder), (config, mirroring))


def in_database(folder: Path) -> Subjects:
    """A first run on PostgreSQL's tables, and a night after something else has brought 1 % new orders into them."""
    with without_newest(folder, 0.01) as older, loaded(older) as url, segmenting(POSTGRES) as config:
        POSTGRES.query(url, ORDERS_OF_PEOPLE)
        settings = yaml.safe_load(config.read_text())
        config.write_text(yaml.safe_dump(settings | {"features": {"changed_since": [BY_ORDERS]}}))
        first = job(POSTGRES, url, None, config)
        with structlog.testing.capture_logs():
            load(POSTGRES, url, folder)
        return {"first": first} | both_ways(POSTGRES, url, folder, (None, None), (config, config))


def both_ways(
    engine: Engine,
    url: str,
    folder: Path,
    nights: tuple[Path | None, Path | None],
    configs: tuple[Path | None, Path | None],
) -> Subjects:
    """The night, and the full way on a copy of the database; refuse one that ends otherwise than the other.

    folder: the shop's files, as both must leave its tables.
    nights, configs: the files and the config for each.
    """
    with servers.fresh_database(engine, template=url) as copy:
        with counting_rows(engine, url) as rows:
            night = job(engine, url, nights[0], configs[0])
        by_full_way = job(engine, copy, nights[1], configs[1], full_way=True)
        same(answer(engine, copy, folder), answer(engine, url, folder))
    if rows:
        found = night["found"]
        labels = sum(found[kind] for kind in ("new", "changed", "removed", "written_back"))
        rows["changed"] += sum(found["load"].values()) + labels
        night |= rows
        night["steps"] |= {f"rows {kind}": count for kind, count in rows.items()}
    return {"night": night, "night, full way": by_full_way}


@contextmanager
def counting_rows(engine: Engine, url: str) -> Iterator[dict[str, int]]:
    """Give, after the block and where the server counts them, the rows `written` in it, and `changed` in the features.

    Recency is not counted among these, as it changes for all customers with every new day.
    """
    rows: dict[str, int] = {}
    if engine is not POSTGRES:
        yield rows
        return
    with engine.session(url) as query:
        query(KEEP_FEATURES)
    [(before,)] = ask(engine, url, WRITTEN)
    yield rows
    [(after,)] = ask(engine, url, WRITTEN)
    [(changed,)] = ask(engine, url, CHANGED_FEATURES)
    rows |= {"written": int(after - before), "changed": int(changed)}


def after_nights(folder: Path) -> Subjects:
    """The size of PostgreSQL's tables after thirty nights with 1 % new orders each, of those that a first run fills."""
    with loading("mirror") as config, TemporaryDirectory() as scratch:
        with servers.fresh_database(POSTGRES) as url:
            fresh = job(POSTGRES, url, folder, config)
            sizes, fresh["size"] = table_sizes(url), size(POSTGRES, url)
            expected = answer(POSTGRES, url, folder, labels=False)  # labels are by another model
        with servers.fresh_database(POSTGRES) as url:
            count = count_of(folder, NIGHTS / 100) // NIGHTS
            for night in range(NIGHTS + 1):
                data = Path(scratch) / str(night)
                write_part(folder, data, (NIGHTS - night) * count, new=False)
                last = job(POSTGRES, url, data, config)
                shutil.rmtree(data)
            same(answer(POSTGRES, url, folder, labels=False), expected)
            now, last["size"] = table_sizes(url), size(POSTGRES, url)
    grown = {table: now[table] / bytes_ for table, bytes_ in sizes.items() if bytes_ >= SMALL}
    last["growth"] = max(grown.values())
    last["steps"] |= {f"times {table}": ratio for table, ratio in sorted(grown.items())}
    return {"filled once": fresh, f"the last of {NIGHTS} nights": last}


def table_sizes(url: str) -> dict[str, int]:
    """Return the bytes of every table, with its indexes, but of those that hold what happened on each night."""
    return {table: int(bytes_) for table, bytes_ in ask(POSTGRES, url, SIZES) if table not in HISTORY}


@contextmanager
def loading(mode: Any) -> Iterator[Path]:
    """Give PostgreSQL's shipped config with another load.mode."""
    config = yaml.safe_load(config_file(POSTGRES).read_text())
    config["load"]["mode"] = mode
    with TemporaryDirectory() as folder:
        path = Path(folder) / "loading.yaml"
        path.write_text(yaml.safe_dump(config, sort_keys=False))
        yield path


@contextmanager
def without_newest(folder: Path, share: float) -> Iterator[Path]:
    """Give the shop's files without its newest orders, which are so many of those that are left."""
    with TemporaryDirectory() as scratch:
        yield write_part(folder, Path(scratch) / "older", count_of(folder, share), new=False)


@contextmanager
def newest_alone(folder: Path, share: float) -> Iterator[Path]:
    """Give the shop's files with those orders alone that `without_newest` leaves out."""
    with TemporaryDirectory() as scratch:
        yield write_part(folder, Path(scratch) / "newer", count_of(folder, share), new=True)


def count_of(folder: Path, share: float) -> int:
    """Return how many orders are new, where they are this share of the others."""
    [(orders,)] = duckdb.execute(f"SELECT COUNT(*) FROM {_orders(folder)}").fetchall()
    return round(int(orders) * share / (1 + share))


def _orders(folder: Path) -> str:
    return f"read_csv('{folder / ORDERS}', header = true, all_varchar = true)"


def write_part(folder: Path, target: Path, count: int, new: bool) -> Path:
    """Write the shop's files with so many of its newest orders alone, or with all others; return their folder."""
    newest = f"{_orders(folder)} ORDER BY order_purchase_timestamp DESC, order_id LIMIT {count}"
    ids = {
        column: {each for (each,) in duckdb.execute(f"SELECT {column} FROM {newest}").fetchall()}
        for column in ("order_id", "customer_id")
    }
    target.mkdir()
    for table, name in TABLES.items():
        if table not in OF_ORDERS:
            shutil.copy(folder / name, target / name)
            continue
        column = OF_ORDERS[table]
        with (
            (folder / name).open(encoding="utf-8", newline="") as read,
            (target / name).open("w", encoding="utf-8", newline="") as written,
        ):
            reader, writer = csv.reader(read), csv.writer(written, lineterminator="\n")
            header = next(reader)
            writer.writerow(header)
            place = header.index(column)
            writer.writerows(row for row in reader if (row[place] in ids[column]) == new)
    return target
