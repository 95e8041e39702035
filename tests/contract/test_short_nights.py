"""A night that brings what has changed ends as one that compares everything, which is done where that is in doubt."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
import structlog
from engines import where
from engines.base import Engine
from shop import (
    TABLES,
    Row,
    Tables,
    ask,
    changed,
    configured,
    everything,
    load_alone,
    records,
    rewritten,
    run,
    without_first_orders,
)

from job import adapters
from job.errors import DataError
from job.load import remembered
from job.staging import difference
from job.staging.difference import Differences

CUSTOMERS, SELLERS, PRODUCTS, PLACES = (TABLES[name] for name in ("customers", "sellers", "products", "geolocation"))
ORDERS, PAYMENTS = TABLES["orders"], TABLES["order_payments"]
SHORT = "incremental"
on_one = where(lambda engine: not engine.has_server)  # what the engine has no part in


def loaded(
    engine: Engine, url: str, data: Path, load: Mapping[str, Any] | None = None, full: bool = False
) -> tuple[dict[str, int], str]:
    """What a load changed, and its way: SHORT, or why it was the full one."""
    with structlog.testing.capture_logs() as log:
        changes = load_alone(configured(engine, url, load), data, full)
    [night] = [line for line in log if line["event"] == "night"]
    return changes, night.get("reason", night["way"])


def first_load(engine: Engine, url: str, data: Path, load: Mapping[str, Any] | None = None) -> None:
    load_alone(configured(engine, url, load), data)


def memory_of(engine: Engine, url: str) -> Path:
    settings = configured(engine, url)
    assert settings.load
    return remembered.path(settings, settings.load)


def tables(engine: Engine, url: str) -> Tables:
    return {table: rows for table, rows in everything(engine, url).items() if table in TABLES}


def edited(shop: Path, folder: Path, file: str, change: Callable[[list[Row]], list[Row]]) -> Path:
    folder.mkdir(exist_ok=True)
    return changed(shop, folder, file, rewritten(change))


def canceled(rows: list[Row]) -> list[Row]:
    for row in rows[10:20]:
        row["order_status"] = "canceled"
    return rows


def turned(rows: list[Row]) -> list[Row]:
    return rows[::-1]


def canceled_and_turned(rows: list[Row]) -> list[Row]:
    return turned(canceled(rows))


def without_city(rows: list[Row]) -> list[Row]:
    rows[0]["seller_city"] = ""
    return rows


def test_what_is_new_changed_or_gone(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """Rows are written as often as they have changed; where DuckDB has to make tables anew, it says so."""
    fewer = without_first_orders(shop, tmp_path / "fewer", 4)
    more = edited(shop, tmp_path / "1", ORDERS, canceled_and_turned)
    more = edited(more, tmp_path / "2", SELLERS, without_city)
    new = sum(len(records(shop / file)) - len(records(fewer / file)) for file in TABLES.values())
    first_load(engine, database_url, fewer)
    assert loaded(engine, database_url, more) == ({"inserted": new, "updated": 11, "deleted": 0}, SHORT)
    short = tables(engine, database_url)
    assert (
        loaded(engine, database_url, edited(more, tmp_path / "5", ORDERS, turned), full=True)[1] == "it was asked for"
    )
    assert tables(engine, database_url) == short
    changes, way = loaded(engine, database_url, edited(fewer, tmp_path / "3", ORDERS, canceled_and_turned))
    if engine.has_server:
        assert (changes["deleted"], way) == (new, SHORT)
    else:
        assert way == "rows of table orders go together with such as refer to them"
    short = tables(engine, database_url)
    loaded(engine, database_url, edited(fewer, tmp_path / "4", ORDERS, canceled), full=True)
    assert tables(engine, database_url) == short


def test_a_row_that_others_refer_to_comes_to_refer_to_another(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    def moved(rows: list[Row]) -> list[Row]:
        rows[0]["customer_id"] = rows[1]["customer_id"]
        return rows

    first_load(engine, database_url, shop)
    changes, way = loaded(engine, database_url, edited(shop, tmp_path, ORDERS, moved))
    if engine.has_server:
        assert (changes["updated"], way) == (1, SHORT)
    else:
        assert way == "rows of table orders, which others refer to, come to refer to others"
    [order, customer] = [records(tmp_path / "changed" / ORDERS)[0][name] for name in ("order_id", "customer_id")]
    assert ask(engine, database_url, f"SELECT customer_id FROM orders WHERE order_id = '{order}'") == [(customer,)]


def test_a_value_written_otherwise_is_no_change(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    def longer(rows: list[Row]) -> list[Row]:
        return [{**row, "payment_value": row["payment_value"] + "000"} for row in rows[:9]] + rows[9:]

    first_load(engine, database_url, shop)
    nothing = {"inserted": 0, "updated": 0, "deleted": 0}
    assert loaded(engine, database_url, edited(shop, tmp_path, PAYMENTS, longer)) == (nothing, SHORT)
    assert loaded(engine, database_url, edited(shop, tmp_path / "back", CUSTOMERS, lambda rows: rows[::-1]))[1] == SHORT


HAND_EDITS = (
    "UPDATE sellers SET seller_state = 'XX'",
    "UPDATE order_payments SET payment_value = 5 - payment_value WHERE payment_value IN (1, 4)",  # they exchange values
    "DELETE FROM product_category_name_translation",
    "UPDATE products SET product_weight_g = NULL WHERE product_weight_g = 0",
)


def test_what_others_change_is_seen_and_mended(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """Even where no file has changed, and where as many rows are there, with the same values elsewhere."""

    def with_values(rows: list[Row]) -> list[Row]:
        rows[0]["payment_value"], rows[1]["payment_value"] = "1", "4"
        return rows

    shop = edited(shop, tmp_path / "1", PAYMENTS, with_values)
    shop = edited(shop, tmp_path / "2", PRODUCTS, lambda rows: [{**rows[0], "product_weight_g": "0"}, *rows[1:]])
    first_load(engine, database_url, shop)
    before = tables(engine, database_url)
    for edit in HAND_EDITS:
        ask(engine, database_url, edit)
        assert tables(engine, database_url) != before
        assert loaded(engine, database_url, shop)[1].startswith("others have changed table ")
        assert tables(engine, database_url) == before


@on_one
def test_what_is_remembered_may_be_lost_or_wrong(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    first_load(engine, database_url, without_first_orders(shop, tmp_path / "fewer", 4))
    memory = memory_of(engine, database_url)
    assert memory.stat().st_mode & 0o777 == 0o600
    of_first_load = memory.read_bytes()
    assert loaded(engine, database_url, shop)[1] == SHORT
    other = edited(shop, tmp_path, SELLERS, without_city)
    for content, reason in (
        (None, "nothing is remembered of the last night"),
        (of_first_load[:5000], "what is remembered cannot be read"),
        (b"nothing of the kind", "what is remembered cannot be read"),
        (of_first_load, "what is remembered is of other tables, or of another night"),
    ):
        memory.unlink()
        if content is not None:
            memory.write_bytes(content)
        assert loaded(engine, database_url, other)[1].startswith(reason)
        assert loaded(engine, database_url, shop)[1] == SHORT
    assert list(memory.parent.glob(f"*{memory.stem}*")) == [memory]  # no draft is left


def test_what_is_held_against_tables_that_are_read_out(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    """Where nothing is remembered, what differs goes back alone; features are right though others have changed orders
    to what tonight's files say."""
    fewer = without_first_orders(shop, tmp_path / "fewer", 4)
    delivered = edited(
        fewer, tmp_path / "1", ORDERS, lambda rows: [{**row, "order_status": "delivered"} for row in rows]
    )
    more = edited(shop, tmp_path / "2", ORDERS, canceled_and_turned)
    run(engine, database_url, delivered)
    first = everything(engine, database_url)
    for data, edit in ((more, ""), (delivered, "UPDATE orders SET order_status = 'delivered'")):
        memory_of(engine, database_url).unlink()
        if edit:
            ask(engine, database_url, edit)
        with structlog.testing.capture_logs() as log:
            run(engine, database_url, data)
        held = any(line["event"] == "compare" for line in log)
        assert not (held and any(line["event"] == "copied" for line in log))
        assert held == adapters.dialects()[engine.dialect].reads_out
    last = everything(engine, database_url)
    for table in ("customer_features_data", *TABLES):
        assert last[table] == first[table]


@on_one
def test_where_nothing_can_be_remembered_every_night_is_a_full_one(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    """It costs time, and no more; and it is told."""
    in_the_way = tmp_path / "a file"
    in_the_way.write_text("")
    for data in (without_first_orders(shop, tmp_path / "fewer", 4), shop):
        with structlog.testing.capture_logs() as log:
            load_alone(configured(engine, database_url, {"memory": in_the_way}), data)
        assert [line["log_level"] for line in log if line["event"] == "not remembered"] == ["warning"]
    assert len(tables(engine, database_url)["orders"]) == len(records(shop / ORDERS))


@on_one
def test_a_memory_that_cannot_be_brought_up_to_date_costs_one_full_night(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Differences._run

    def without_space(self: Differences, *names: str, **context: Any) -> list[dict[str, Any]]:
        if "memory_update" in names:
            raise duckdb.IOException("no space left")
        return run(self, *names, **context)

    first_load(engine, database_url, without_first_orders(shop, tmp_path / "fewer", 4))
    with monkeypatch.context() as patch, structlog.testing.capture_logs() as log:
        patch.setattr(Differences, "_run", without_space)
        load_alone(configured(engine, database_url), shop)
    assert [line["reason"] for line in log if line["event"] == "not remembered"] == [
        f"{memory_of(engine, database_url)}: no space left; see load.memory"
    ]
    other = edited(shop, tmp_path, SELLERS, without_city)
    assert loaded(engine, database_url, other)[1] == "what is remembered is of other tables, or of another night"
    assert loaded(engine, database_url, shop)[1] == SHORT


def test_a_database_of_an_older_version(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """Its loaded_files has no checksums: the first night is a full one, and brings them."""
    fewer = without_first_orders(shop, tmp_path / "fewer", 4)
    first_load(engine, database_url, fewer)
    ask(engine, database_url, "ALTER TABLE loaded_files DROP COLUMN checksum")
    assert loaded(engine, database_url, shop)[1] == "an older version has loaded the tables"
    assert loaded(engine, database_url, edited(shop, tmp_path, SELLERS, without_city))[1] == SHORT


@on_one
def test_a_config_that_is_another_one(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """What is remembered was accepted by what the config was."""
    first_load(engine, database_url, shop)
    other = edited(shop, tmp_path, SELLERS, without_city)
    formats = {"timestamp_formats": ["%d.%m.%Y"]}
    reason = "what is remembered is of other tables, or of another night"
    assert loaded(engine, database_url, other, formats)[1] == reason
    assert loaded(engine, database_url, shop, formats)[1] == SHORT


# Bad records


def twice(rows: list[Row]) -> list[Row]:
    return [*rows, rows[5], {**rows[7], "order_status": "canceled"}]


def too_precise(rows: list[Row]) -> list[Row]:
    return [*rows, {**rows[0], "payment_sequential": "77", "payment_value": "1.234"}]


def orphaned(rows: list[Row]) -> list[Row]:
    return [*rows, {**rows[0], "order_id": "nowhere"}]


def with_another(rows: list[Row]) -> list[Row]:
    rows[1]["order_status"] = "shipped"
    return rows


def with_bad_records(shop: Path, folder: Path) -> Path:
    shop = edited(shop, folder / "1", ORDERS, twice)
    shop = edited(shop, folder / "2", PAYMENTS, too_precise)
    return edited(shop, folder / "3", PAYMENTS, orphaned)


REJECTED = "SELECT table_name, file_name, line, reason, record FROM rejected_records ORDER BY table_name, line"


def test_records_put_aside_cost_no_full_night(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """They are in the files every night, and put aside every night, with the same words."""
    (tmp_path / "bad").mkdir()
    bad = with_bad_records(shop, tmp_path / "bad")
    settings: dict[str, Any] = {"on_error": "quarantine", "rejects": tmp_path / "rejects"}
    first_load(engine, database_url, bad, settings)
    rejected = ask(engine, database_url, REJECTED)
    assert len(rejected) == 4
    more = edited(bad, tmp_path / "more", ORDERS, lambda rows: [{**rows[0], "order_status": "shipped"}, *rows[1:]])
    assert loaded(engine, database_url, more, settings) == ({"inserted": 0, "updated": 1, "deleted": 0}, SHORT)
    assert ask(engine, database_url, REJECTED) == rejected
    files = {path.name: path.read_bytes() for path in (tmp_path / "rejects").iterdir()}
    loaded(engine, database_url, edited(more, tmp_path / "last", ORDERS, with_another), settings, full=True)
    assert ask(engine, database_url, REJECTED) == rejected
    assert {path.name: path.read_bytes() for path in (tmp_path / "rejects").iterdir()} == files
    assert loaded(engine, database_url, shop, settings)[1] == SHORT
    assert ask(engine, database_url, REJECTED) == []


def test_a_parent_that_comes_late_brings_its_children(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"on_error": "quarantine", "rejects": tmp_path / "rejects", "max_rejects": "5%"}
    late = edited(shop, tmp_path, ORDERS, lambda rows: rows[3:])
    first_load(engine, database_url, late, settings)
    assert ask(engine, database_url, REJECTED)
    assert loaded(engine, database_url, shop, settings)[1] == SHORT
    assert ask(engine, database_url, REJECTED) == []
    assert loaded(engine, database_url, late, settings)[1].startswith("known records of table order_")
    assert len(tables(engine, database_url)["orders"]) == len(records(shop / ORDERS)) - 3


def test_a_new_record_before_a_known_one_with_its_key(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    """The first in the file counts: the known one has to go, which the full way does."""
    settings: dict[str, Any] = {"on_error": "quarantine", "rejects": tmp_path / "rejects"}
    first_load(engine, database_url, shop, settings)
    before = edited(shop, tmp_path, ORDERS, lambda rows: [{**rows[7], "order_status": "canceled"}, *rows])
    reason = f"new records of {ORDERS} stand before known ones that have their keys"
    assert loaded(engine, database_url, before, settings)[1] == reason
    assert [line for *_, line, _, _ in ask(engine, database_url, REJECTED)] == [10]


def test_bad_records_are_told_by_line(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    first_load(engine, database_url, shop)
    before = everything(engine, database_url)
    (tmp_path / "bad").mkdir()
    bad = with_bad_records(shop, tmp_path / "bad")
    with pytest.raises(DataError) as short:
        load_alone(configured(engine, database_url), bad)
    with pytest.raises(DataError) as full:
        load_alone(configured(engine, database_url), bad, full=True)
    assert str(short.value) == str(full.value)
    assert everything(engine, database_url) == before


@where(lambda engine: engine.has_server)  # others make all tables anew
def test_beside_tables_that_are_merged_one_without_a_key_is_left_alone(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    load = {"mode": {"orders": "merge", "order_items": "merge"}}
    first_load(engine, database_url, without_first_orders(shop, tmp_path / "fewer", 4), load)
    changes, way = loaded(engine, database_url, shop, load)
    assert way == "load.mode is not mirror, or the database has no hash of rows"
    assert changes["inserted"] > 4
    assert changes["updated"] == changes["deleted"] == 0


def test_a_table_without_a_key(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """There is nothing to tell its rows by; as long as its file stays the same, that does not matter."""
    first_load(engine, database_url, shop)
    other = edited(shop, tmp_path, PLACES, lambda rows: rows[1:])
    way = loaded(engine, database_url, other)[1]
    assert way == "table geolocation, whose file has changed, has no key to tell its rows by"
    assert loaded(engine, database_url, edited(other, tmp_path / "2", SELLERS, without_city))[1] == SHORT


@on_one
def test_much_is_new(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The full way costs no more then."""
    monkeypatch.setattr(difference, "FEW", 3)
    monkeypatch.setattr(difference, "SHARE", 0.001)
    first_load(engine, database_url, without_first_orders(shop, tmp_path, 20))
    assert re.fullmatch(r"of [\d,]+ records of .*csv [\d,]+ are new, 0 gone", loaded(engine, database_url, shop)[1])
