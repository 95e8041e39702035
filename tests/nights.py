"""Simulated nights: a shop gets new orders every day, the job runs every night, and what became of the labels."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
from engines.duckdb import ENGINE as DUCKDB
from shop import configured
from sklearn.metrics import adjusted_rand_score

from job import history, pipeline
from job.model.segment_model import SegmentModel
from job.progress import Steps

LABELS = (
    "SELECT customer_unique_id, segment, segment_name, monetary, frequency"
    " FROM customer_segments JOIN customer_features USING (customer_unique_id) ORDER BY customer_unique_id"
)
MODELS = "SELECT model FROM segment_models JOIN job_runs USING (model_id) WHERE job_runs.run_id = ?"


@dataclass(frozen=True)
class Night:
    """What changed from the night before."""

    customers: int
    kept: float  # share of the customers with unchanged features who keep segment and name
    adjusted_rand: float  # of the labels of customers who were there the night before
    at_home: bool  # every segment has its name still, and is nearer to its own centroid of last night than to another


def nights(path: Path, data: Path, count: int) -> Iterator[Night]:
    """Yield `count` nights of the shop in the CSV files `data`, in the DuckDB file `path`.

    The first night has the older orders; every later one a hundredth of these more. Orders to come count as canceled.
    """
    url = f"duckdb://{path}"
    pipeline.run(configured(DUCKDB, url), data, history.new_run_id(), Steps("json"))
    config = configured(DUCKDB, url).model_copy(update={"load": None})
    with closing(duckdb.connect(path)) as shop:
        shop.execute("UPDATE customers SET segment = NULL")
        shop.execute("DROP TABLE customer_segments; DROP TABLE segment_models; DROP TABLE job_runs")
        shop.execute(
            "CREATE TABLE to_come AS SELECT order_id, order_status,"
            " ROW_NUMBER() OVER (ORDER BY order_purchase_timestamp, order_id) AS number FROM orders"
        )
        [total] = shop.execute("SELECT COUNT(*) FROM to_come").fetchone() or (0,)
        first = total / (1 + count / 100)
        to_come = "UPDATE orders SET order_status = 'canceled' FROM to_come WHERE to_come.order_id = orders.order_id"
        shop.execute(to_come + " AND number > ?", [first])
    before = None
    for night in range(count + 1):
        with closing(duckdb.connect(path)) as shop:
            shop.execute(
                "UPDATE orders SET order_status = to_come.order_status FROM to_come"
                " WHERE to_come.order_id = orders.order_id AND number > ? AND number <= ?",
                [first * (1 + (night - 1) / 100), first * (1 + night / 100)],
            )
        run_id = history.new_run_id()
        pipeline.run(config, None, run_id, Steps("json"))
        with closing(duckdb.connect(path)) as shop:
            labels = shop.execute(LABELS).df().set_index("customer_unique_id")
            [text] = shop.execute(MODELS, [run_id]).fetchone() or ("",)
        model = SegmentModel.from_json(text)
        if before is not None:
            both = labels.join(before[0].add_suffix("_before"), how="inner")
            same = both[(both.monetary == both.monetary_before) & (both.frequency == both.frequency_before)]
            kept = (same.segment == same.segment_before) & (same.segment_name == same.segment_name_before)
            yield Night(
                customers=len(labels),
                kept=float(kept.mean()),
                adjusted_rand=adjusted_rand_score(both.segment, both.segment_before),
                at_home=at_home(model, before[1]),
            )
        before = labels, model


def at_home(model: SegmentModel, before: SegmentModel) -> bool:
    """Return whether names and centroids belong together as they did."""
    old, new = before.centroids_on(model.axes), model.centroids_on(model.axes)
    nearest = ((new[:, None, :] - old[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
    return model.names == before.names and list(nearest) == list(np.arange(len(old)))
