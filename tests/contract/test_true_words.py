"""Words on segments, on every engine: customers are counted as plain Python does, and names are true of them."""

import statistics
from bisect import bisect_left
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engines import where
from engines.base import Engine
from shop import ask, configured

from job import history, pipeline
from job.model import habits
from job.model.habits import Habits, Said
from job.model.names import Cuts
from job.model.segment_model import SegmentModel
from job.model.segments import LETTERS, Segment
from job.progress import Steps
from job.report.files import write
from job.segmentation import labels
from job.session import connect

FEATURES = ("monetary", "frequency")


def customers(engine: Engine, url: str) -> list[tuple[Any, ...]]:
    """Segment, name and features of everybody."""
    statement = (
        "SELECT s.segment, s.segment_name, f.monetary, f.frequency, f.recency_days, f.first_order_at, f.last_order_at "
        "FROM customer_segments s JOIN customer_features f ON f.customer_unique_id = s.customer_unique_id"
    )
    return ask(engine, url, statement)


def current_model(engine: Engine, url: str) -> SegmentModel:
    with closing(connect(configured(engine, url), read_only=True)) as database:
        model, _ = history.current_model(database)
    assert model
    return model


def test_customers_are_counted_between_the_cuts(engine: Engine, database_url: str, first_run: list[Segment]) -> None:
    model = current_model(engine, database_url)
    everybody = customers(engine, database_url)
    exactly = float(sorted(row[2] for row in everybody)[700])  # what some customer spent: up to it
    cuts = [Cuts(model.axes[0], (20.0, exactly, 250.0), (), 0), Cuts(model.axes[1], (1.0, 2.0), (), 1)]
    expected = Counter(
        (LETTERS.index(segment), *(bisect_left(cut.edges, float(x)) for cut, x in zip(cuts, values[:2], strict=True)))
        for segment, _, *values in everybody
    )
    with closing(connect(configured(engine, database_url), read_only=True)) as database:
        counted = labels.of_model(database, model, cuts)
        plain = labels.of_model(database, model)
    assert {place: count for place, count in np.ndenumerate(counted.counts.customers) if count} == expected
    assert counted.profiles == plain.profiles


def test_names_are_true_of_the_customers(engine: Engine, database_url: str, first_run: list[Segment]) -> None:
    model = current_model(engine, database_url)
    everybody = customers(engine, database_url)
    assert len(set(model.names)) == len(first_run)
    for letter, name, meaning in zip(LETTERS, model.names, model.meanings, strict=False):
        own = [dict(zip(FEATURES, map(float, row[2:4]), strict=True)) for row in everybody if row[:2] == (letter, name)]
        inside = [all(low < values[column] <= high for column, (low, high) in meaning.bounds.items()) for values in own]
        assert sum(inside) / len(own) == meaning.share >= 0.8
    assert len(everybody) == sum(segment.customers for segment in first_run)


def test_what_customers_do_is_counted(engine: Engine, database_url: str, first_run: list[Segment]) -> None:
    everybody = customers(engine, database_url)
    spent = [float(spend) for _, _, spend, *_ in everybody]
    with closing(connect(configured(engine, database_url), read_only=True)) as database:
        gaps = database.fetch("report_rhythm")
        days = habits.rhythm(gaps)
        assert days
        [row] = database.fetch("report_median_spend")
        median = float(row["median"])
        rows = database.fetch("report_habits", median=median, lately=days, gone=habits.GONE * days)
    between = [
        (last.date() - first.date()).days // (orders - 1) for *_, orders, _, first, last in everybody if orders > 1
    ]
    assert {int(row["days"]): row["customers"] for row in gaps} == Counter(gap for gap in between if gap)
    assert days == statistics.median_low([gap for gap in between if gap])
    assert median == pytest.approx(statistics.median(spent))
    assert len(rows) == len(first_run)
    for row in rows:
        own = [each for each in everybody if each[0] == row["segment"]]
        assert Habits.of(row, days) == Habits(
            repeat=Said(sum(orders > 1 for *_, orders, _, _, _ in own), len(own)),
            more=Said(sum(float(spend) > median for _, _, spend, *_ in own), len(own)),
            much=Said(sum(float(spend) > 2 * median for _, _, spend, *_ in own), len(own)),
            little=Said(sum(float(spend) <= median / 2 for _, _, spend, *_ in own), len(own)),
            lately=Said(sum(since <= days for *_, since, _, _ in own), len(own)),
            gone=Said(sum(since > 3 * days for *_, since, _, _ in own), len(own)),
            rhythm=days,
        )


@where(lambda engine: not engine.has_server)
@pytest.mark.usefixtures("first_run")
def test_a_shop_whose_features_have_no_days_has_no_rhythm(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Its page says no word on how long ago the last orders are."""
    sql = tmp_path / "features.sql"
    sql.write_text(
        'SELECT "customer_unique_id", COUNT(*) AS "monetary", COUNT(*) AS "frequency", 7 AS "recency_days", '
        "'2026-01-31' AS \"first_order_at\", '2026-01-31' AS \"last_order_at\" "
        'FROM "customers" GROUP BY "customer_unique_id"'
    )
    config = configured(engine, database_url, k=2)
    config = config.model_copy(
        update={
            "load": None,
            "features": config.features.model_copy(update={"sql": sql}),
            "report": config.report.model_copy(update={"folder": tmp_path}),
        }
    )
    pipeline.run(config, None, history.new_run_id(), Steps("json"))
    with closing(connect(config, read_only=True)) as database:
        [page, *_] = write(database, config)
    text = page.read_text()
    assert "ordered once" in text and "on several days" not in text and "the usual" not in text
