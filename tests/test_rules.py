"""Segments in words, judged on the customers themselves."""

from typing import Any

import numpy as np
import pytest

from job.model import rules
from job.model.points import Points
from job.model.segment_model import Axis

UNIT = 1_000_000


def points(**columns: Any) -> Points:
    """A point per customer; `whole_` before a name says that the column holds whole numbers."""
    names = list(columns)
    axes = tuple(
        Axis(name.removeprefix("whole_"), name.startswith("whole_"), "none", "refuse", 0.0, 1.0, UNIT, 0, 1)
        for name in names
    )
    sums = np.rint(np.column_stack([columns[name] for name in names]) * UNIT).astype(np.int64)
    customers = np.ones(len(sums), dtype=np.int64)
    return Points(axes, customers, sums, 0, np.zeros(len(sums)))


def in_words(some: Points, labels: Any) -> list[tuple[str, float]]:
    labels = np.array(labels)
    return [
        (rule.text.replace("{currency}", "BRL"), rule.right) for rule in rules.rules(some, labels, labels.max() + 1)
    ]


def test_rules_read_as_people_say_it() -> None:
    rng = np.random.default_rng(3)
    spend, orders = np.round(rng.uniform(5, 999, 4_000), 2), rng.choice([1, 2, 3], 4_000, p=[0.9, 0.06, 0.04])
    labels = np.where(orders >= 2, 1, np.where(spend > 361, 0, np.where(spend > 40, 2, 3)))
    rules_told = in_words(points(monetary=spend, whole_frequency=orders), labels)
    assert [text for text, _ in rules_told] == [
        "1 order, over 361 BRL",
        "2 or more orders",
        "1 order, 40 to 361 BRL",
        "1 order, up to 40 BRL",
    ]
    assert all(right > 0.99 for _, right in rules_told)


def test_the_share_that_is_right_counts_every_customer() -> None:
    """The rule as it is written, threshold rounded, against the labels: both ways of being wrong count."""
    spend = np.array([10.0] * 90 + [20.0] * 8 + [30.0] * 2)
    labels = np.array([0] * 85 + [1] * 15)  # five who spend 10 are in the other segment
    (low, low_right), (high, high_right) = in_words(points(monetary=spend), labels)
    assert (low, high) == ("up to 15 BRL", "over 15 BRL")
    assert low_right == pytest.approx(85 / 90, abs=1e-4)
    assert high_right == pytest.approx(10 / 15, abs=1e-4)


def test_two_parts_are_joined() -> None:
    days = np.arange(1, 1_000)
    labels = np.where((days <= 100) | (days > 900), 1, 0)
    rules_told = in_words(points(whole_recency_days=days), labels)
    assert rules_told[1] == ("up to 100 days since the last order; or 901 or more days since the last order", 1.0)


def test_other_columns_are_called_by_their_names() -> None:
    rating = np.linspace(0, 5, 500)
    rules_told = in_words(points(review_score=rating), np.where(rating > 2.5, 0, 1))
    assert [text for text, _ in rules_told] == ["review_score over 2.5", "review_score up to 2.5"]


def test_thresholds_have_the_digits_that_they_need() -> None:
    spend = np.linspace(100_000, 100_900, 901)
    rules_told = in_words(points(monetary=spend), np.where(spend > 100_450, 0, 1))
    assert [right > 0.99 for _, right in rules_told] == [True, True] and rules_told[0][0].startswith("over 100,4")


def test_a_segment_that_nobody_is_in_has_no_rule() -> None:
    rules_told = in_words(points(monetary=np.array([1.0, 2.0, 3.0])), [0, 2, 2])
    assert rules_told[1] == ("no one", 0.0)
