"""A night that knows whose records have changed computes their features, and those of a few others to be sure."""

import csv
import io
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from engines.base import Engine
from shop import TABLES, Row, ask, changed, configured, rewritten, without_first_orders

from job import history, pipeline
from job.progress import Steps
from job.segmentation import features


def dearer(rows: list[Row]) -> list[Row]:
    """The first five lines of orders cost more."""
    return [{**row, "price": "999.99"} if number < 5 else row for number, row in enumerate(rows)]


def heavier(rows: list[Row]) -> list[Row]:
    return [{**row, "product_weight_g": "1000"} for row in rows]


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Of how many customers the features are computed, night after night."""
    counts: list[int] = []
    stage = features._stage

    def counted(*arguments: object) -> int:
        counts.append(stage(*arguments))  # type: ignore[arg-type]
        return counts[-1]

    monkeypatch.setattr(features, "_stage", counted)
    return counts


def test_features_of_ones_own_that_are_per_customer(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path, computed: list[int]
) -> None:
    last = '(SELECT MAX("order_purchase_timestamp") FROM "orders")'
    recency = engine.days_between('MAX("order_purchase_timestamp")', last)
    sql = tmp_path / "features.sql"
    sql.write_text(
        'SELECT "customer_unique_id", SUM("price") AS "monetary", COUNT(DISTINCT "orders"."order_id") AS "frequency",\n'
        '    MAX("product_weight_g") AS "heaviest",\n'
        f'    {recency} AS "recency_days" FROM "customers"\n'
        'JOIN "orders" ON "orders"."customer_id" = "customers"."customer_id"\n'
        'JOIN "order_items" ON "order_items"."order_id" = "orders"."order_id"\n'
        'JOIN "products" ON "products"."product_id" = "order_items"."product_id" GROUP BY "customer_unique_id"'
    )
    shipped = configured(engine, database_url, {"memory": tmp_path / "memory"})
    own = shipped.features.model_copy(update={"sql": sql, "per_customer": True})
    lenient = shipped.lifecycle.model_copy(update={"max_moved": 1.0})
    config = shipped.model_copy(update={"features": own, "lifecycle": lenient})
    later = changed(shop, tmp_path, TABLES["order_items"], rewritten(dearer))
    heavy = changed(later, tmp_path / "last", TABLES["products"], rewritten(heavier))
    rows = "SELECT customer_unique_id, monetary, frequency, recency_days, heaviest FROM"
    anew = [*engine.standard_quotes, f"{rows} ({sql.read_text()}) AS f ORDER BY 1"]
    for data in (shop, later, heavy):
        pipeline.run(config, data, history.new_run_id(), Steps("json"))
        assert ask(engine, database_url, f"{rows} customer_features ORDER BY 1") == engine.query(database_url, *anew)
    [few, everybody] = computed  # products are nobody's records: all features may come out otherwise
    assert 0 < few - features.WITNESSES <= 5
    assert everybody > 10 * few


def dearer_paid(rows: list[Row]) -> list[Row]:
    return [{**row, "payment_value": "999.99"} if number < 5 else row for number, row in enumerate(rows)]


def given_to_others(rows: list[Row]) -> list[Row]:
    """Two orders change hands."""
    rows[20]["customer_id"], rows[30]["customer_id"] = rows[30]["customer_id"], rows[20]["customer_id"]
    return rows


def canceled(rows: list[Row]) -> list[Row]:
    rows[60]["order_status"] = "canceled"
    return rows


def renamed(rows: list[Row]) -> list[Row]:
    """One customer becomes another."""
    rows[40]["customer_unique_id"] = rows[50]["customer_unique_id"]
    return rows


def without(known: list[Row], rows: list[Row]) -> list[Row]:
    return [row for row in rows if row not in known]


def differences(before: Path, after: Path, folder: Path) -> Path:
    """Files with the records alone in which a shop is not as it was."""
    folder.mkdir()
    for file in TABLES.values():
        known = list(csv.DictReader(io.StringIO((before / file).read_text())))
        (folder / file).write_text(rewritten(partial(without, known))((after / file).read_text()))
    return folder


def test_files_with_what_has_changed_alone(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path, computed: list[int]
) -> None:
    """Later orders, dearer ones, orders that change hands, a customer who becomes another; then a change by hand."""
    merged = dict.fromkeys(TABLES, "merge") | {"geolocation": "append"}
    shipped = configured(engine, database_url, {"mode": merged})
    config = shipped.model_copy(update={"lifecycle": shipped.lifecycle.model_copy(update={"max_moved": 1.0})})

    def night(data: Path, full: bool = False) -> list[tuple[Any, ...]]:
        pipeline.run(config, data, history.new_run_id(), Steps("json"), full=full)
        return ask(engine, database_url, "SELECT * FROM customer_features ORDER BY customer_unique_id")

    fewer = without_first_orders(shop, tmp_path / "fewer", 5)
    night(fewer)
    other = changed(shop, tmp_path / "1", TABLES["order_payments"], rewritten(dearer_paid))
    other = changed(other, tmp_path / "2", TABLES["orders"], rewritten(given_to_others))
    other = changed(other, tmp_path / "3", TABLES["customers"], rewritten(renamed))
    delta = differences(fewer, other, tmp_path / "delta")
    assert night(delta) == night(other, full=True)
    few, everybody = computed
    assert 0 < few - features.WITNESSES < 20 if engine.has_server else few == everybody

    ask(engine, database_url, "UPDATE order_payments SET payment_value = payment_value + 1000 WHERE payment_value < 30")
    canceled_one = changed(other, tmp_path / "4", TABLES["orders"], rewritten(canceled))
    night(differences(other, canceled_one, tmp_path / "last"))
    paid = (
        "SELECT SUM(payment_value) FROM order_payments JOIN orders ON orders.order_id = order_payments.order_id "
        "WHERE order_status NOT IN ('canceled', 'unavailable')"
    )
    assert ask(engine, database_url, "SELECT SUM(monetary) FROM customer_features") == ask(engine, database_url, paid)
    assert computed[2] == everybody - 1
