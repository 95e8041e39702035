"""A night that knows whose records have changed computes their features, and those of a few others to be sure."""

from pathlib import Path

import pytest
from engines.base import Engine
from shop import TABLES, Row, ask, changed, configured, rewritten

from job import history, pipeline
from job.progress import Steps
from job.segmentation import features


def dearer(rows: list[Row]) -> list[Row]:
    """The first five lines of orders cost more."""
    return [{**row, "price": "999.99"} if number < 5 else row for number, row in enumerate(rows)]


def heavier(rows: list[Row]) -> list[Row]:
    return [{**row, "product_weight_g": "1000"} for row in rows]


def test_features_of_ones_own_that_are_per_customer(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    computed: list[int] = []
    stage = features._stage

    def counted(*arguments: object) -> int:
        computed.append(stage(*arguments))  # type: ignore[arg-type]
        return computed[-1]

    monkeypatch.setattr(features, "_stage", counted)
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
