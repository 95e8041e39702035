"""Order and figures of segments."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from job.model import segments
from job.model.segment_model import Rule
from job.model.segments import Move, MoveCounts


def profile(
    centroid: int, customers: int, monetary: float, frequency: int = 0, recency_days: int = 0
) -> dict[str, Any]:
    return {
        "centroid": centroid,
        "customers": customers,
        "monetary": monetary,
        "frequency": frequency or customers,
        "recency_days": recency_days,
    }


RULES = [Rule("over 20 {currency}", 0.9), Rule("up to 20 BRL", 1.0)]

profiles = st.lists(
    st.tuples(st.integers(1, 10_000), st.floats(0, 1e7)), min_size=1, max_size=26
).map(lambda drawn: [profile(number, customers, money) for number, (customers, money) in enumerate(drawn)])  # fmt: skip


@given(profiles)
def test_mean_spend_falls(rows: list[dict[str, Any]]) -> None:
    order = segments.order(rows)
    assert sorted(order) == list(range(len(rows)))
    means = [rows[index]["monetary"] / rows[index]["customers"] for index in order]
    assert means == sorted(means, reverse=True)


def test_an_empty_segment_comes_last() -> None:
    assert segments.order([profile(0, 0, 0), profile(1, 5, 10), profile(2, 5, 20)]) == [2, 1, 0]


def test_the_summary_adds_up() -> None:
    figures = segments.summary([profile(0, 1, 90, 3, 40), profile(1, 3, 10, 3, 30)], ["few", "many"], RULES, "BRL")
    assert [(s.segment, s.name, s.customers) for s in figures] == [("A", "few", 1), ("B", "many", 3)]
    assert [s.share for s in figures] == [0.25, 0.75]
    assert [s.rule for s in figures] == ["over 20 BRL", "up to 20 BRL"]
    assert [s.share_of_spend for s in figures] == [0.9, 0.1]
    assert [s.mean_orders for s in figures] == [3, 1]
    assert [s.mean_recency_days for s in figures] == [40, 10]
    assert sum(s.spend for s in figures) == pytest.approx(100)


def test_a_shop_without_revenue_has_a_summary() -> None:
    [segment] = segments.summary([profile(0, 2, 0)], ["free"], RULES, "BRL")
    assert (segment.share_of_spend, segment.mean_spend) == (0, 0)


def test_a_segment_that_has_become_empty_has_figures() -> None:
    empty, full = segments.summary([profile(0, 0, 0), profile(1, 3, 10)], ["gone", "many"], RULES, "BRL")
    assert (empty.customers, empty.mean_spend, empty.mean_orders, full.customers) == (0, 0, 0, 3)


def test_another_column_may_order_them() -> None:
    rows = [profile(0, 10, 1_000, recency_days=3_000), profile(1, 10, 1_000, recency_days=1_000)]
    assert segments.order(rows, "recency_days") == [0, 1]


def test_moves_are_counted() -> None:
    moves = [Move("A", "A", 10), Move("A", "B", 1), Move("B", "A", 4), Move(None, "A", 2), Move("B", None, 3)]
    counts = MoveCounts.of(moves)
    assert counts == MoveCounts(stayed=10, moved=5, new=2, left=3)
    assert counts.before == 18
    assert MoveCounts.of([Move(None, "A", 2)]).before == 0
