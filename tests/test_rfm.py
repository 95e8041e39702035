"""Groups by scores: the usual grid, one's own, and what their scores mean in days, orders and money."""

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from job.config import Rfm
from job.formats import Formats
from job.model import rfm
from job.model.rfm import Cell, Group
from job.report import tables, words
from job.report.figures import RfmGroups

FORMATS = Formats("en", "EUR")
CUTS = {
    "recency_days": (30.0, 60.0, 90.5, 200.0),
    "frequency": (1.0, 2.0, 3.0, 7.0),
    "monetary": (10.0, 20.0, 50.5, 99.99),
}


def test_the_usual_grid_has_ten_groups_and_does_not_ask_for_money() -> None:
    cells = rfm.cells([])
    assert [(cell.r, cell.f, cell.m) for cell in cells] == list(product(range(1, 6), repeat=3))
    by_score = {(cell.r, cell.f): cell.name for cell in cells}
    assert all(by_score[cell.r, cell.f] == cell.name for cell in cells) and len(set(by_score.values())) == 10
    assert by_score[5, 5] == "Champion" and by_score[5, 1] == "New" and by_score[3, 3] == "Need Attention"
    assert by_score[1, 5] == by_score[2, 5] == "Can't Lose" and by_score[4, 3] == "Potential Loyalist"


def test_of_groups_of_ones_own_the_first_that_fits_counts() -> None:
    groups = [Group("best", (4, 5), (4, 5), (4, 5)), Group("recent", (4, 5), (1, 5), (1, 5))]
    found = {cell[:3]: cell.name for cell in rfm.cells(groups)}
    assert (found[5, 5, 5], found[5, 5, 3], found[3, 5, 5]) == ("best", "recent", "Others")


@given(st.floats(0, 300), st.sampled_from(list(CUTS)))
def test_bounds_are_those_of_the_scores(value: float, column: str) -> None:
    over = sum(value > cut for cut in CUTS[column])
    score = 5 - over if column == "recency_days" else 1 + over
    for other in range(1, 6):
        low, high = rfm.bounds(column, [other], CUTS[column])
        assert (low < value <= high) == (other == score)
    assert rfm.bounds(column, [1, 5], CUTS[column]) == (-math.inf, math.inf)


def test_groups_are_told_in_days_and_orders() -> None:
    rows = [{"rfm_group": name, "customers": 10, "spend": 100} for name in {cell.name for cell in rfm.cells([])}]
    told = tables.rfm_rows(
        RfmGroups(CUTS, rfm.cells([]), [*rows, {"rfm_group": None, "customers": 3, "spend": 1}]), FORMATS
    )
    assert [row.name for row in told][:2] == ["Champion", "Potential Loyalist"] and len(told) == 10
    words_of = {row.name: row.bounds for row in told}
    assert words_of["Champion"] == "ordered in the last 30 days, 4 or more orders"
    assert words_of["New"] == "ordered in the last 30 days, 1 order"
    assert words_of["Promising"] == "ordered 31 to 60 days ago, 1 order"
    assert words_of["At Risk"] == "ordered 91 or more days ago, 3 to 7 orders"
    assert words_of["Need Attention"] == "ordered 61 to 90 days ago, 3 orders"
    assert sum(row.share for row in told) == pytest.approx(1)


def test_money_is_told_where_it_counts() -> None:
    cells = rfm.cells([Group("best", (1, 5), (1, 5), (5, 5)), Group("small", (1, 5), (1, 5), (1, 2))])
    rows = [{"rfm_group": name, "customers": 2, "spend": 100} for name in ("best", "small", "Others")]
    assert {row.name: row.bounds for row in tables.rfm_rows(RfmGroups(CUTS, cells, rows), FORMATS)} == {
        "best": "spent over €99.99",
        "small": "spent up to €20.00",
        "Others": "",
    }


def test_scores_that_tell_little_are_told_of() -> None:
    assert words.rfm_doubts(CUTS, 0, FORMATS) == []
    [told] = words.rfm_doubts({**CUTS, "frequency": (1.0, 1.0, 1.0, 2.0)}, 0, FORMATS)
    assert told.startswith(
        "Too many customers have the same number of orders: F tells 3 kinds of them apart, not five."
    )
    empty = dict.fromkeys(CUTS, (None,) * 4) | {"monetary": CUTS["monetary"]}
    assert words.rfm_doubts(empty, 5, FORMATS)[0] == "Nobody has a score: recency_days has no values."
    [told] = words.rfm_doubts(CUTS, 5, FORMATS)
    assert told == "5 customers without a value for one of the three have no group."


def test_a_group_without_customers_is_not_shown() -> None:
    assert tables.rfm_rows(RfmGroups(CUTS, [Cell(1, 1, 1, "a")], []), FORMATS) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"frequency": [3, 2, 4, 5]},
        {"monetary": [1, 2, 3]},
        {"groups": [{"name": "a", "r": [5, 4]}]},
        {"groups": [{"name": "a", "f": [0, 4]}]},
        {"groups": [{"name": ""}]},
    ],
)
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Rfm.model_validate(wrong)
