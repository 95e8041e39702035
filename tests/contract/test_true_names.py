"""Names of segments, on every engine: customers are counted as plain Python does, and names are true of them."""

from bisect import bisect_left
from collections import Counter
from contextlib import closing
from typing import Any

import numpy as np
from engines.base import Engine
from shop import ask, configured

from job import history
from job.model.names import Cuts
from job.model.segment_model import SegmentModel
from job.model.segments import LETTERS, Segment
from job.segmentation import labels
from job.session import connect

FEATURES = ("monetary", "frequency")


def customers(engine: Engine, url: str) -> list[tuple[Any, ...]]:
    """Segment, name and features of everybody."""
    statement = (
        "SELECT s.segment, s.segment_name, f.monetary, f.frequency FROM customer_segments s "
        "JOIN customer_features f ON f.customer_unique_id = s.customer_unique_id"
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
        (LETTERS.index(segment), *(bisect_left(cut.edges, float(x)) for cut, x in zip(cuts, values, strict=True)))
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
        own = [dict(zip(FEATURES, map(float, row[2:]), strict=True)) for row in everybody if row[:2] == (letter, name)]
        inside = [all(low < values[column] <= high for column, (low, high) in meaning.bounds.items()) for values in own]
        assert sum(inside) / len(own) == meaning.share >= 0.8
    assert len(everybody) == sum(segment.customers for segment in first_run)
