"""What the report says comes from the figures."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from job.formats import Formats
from job.model import habits
from job.model.habits import Habits
from job.model.segments import Move, Segment
from job.report import words
from job.report.figures import Period, Revenue

RICH = Segment("A", "rich", "over 100 BRL", 1.0, 100, 0.1, 50_000.0, 500.0, 1.0, 100.0, 0.5)
LOYAL = Segment("B", "loyal", "2 or more orders", 1.0, 50, 0.05, 10_000.0, 200.0, 2.5, 40.0, 0.1)
USUAL = Segment("C", "usual", "the rest", 1.0, 550, 0.55, 35_000.0, 63.64, 1.0, 100.0, 0.35)
SMALL = Segment("D", "small", "up to 20 BRL", 1.0, 300, 0.3, 5_000.0, 16.67, 1.0, 200.0, 0.05)
FORMATS = Formats("en", "EUR")
ALL = [RICH, LOYAL, USUAL, SMALL]


def do(of: int, rhythm: int | None = 30, **customers: int) -> Habits:
    """The habits of so many customers, of whom so many do each of these; what is not named, nobody does."""
    counts = {"repeat": 0, "more": 0, "much": 0, "little": 0, "lately": 0, "gone": 0, **customers}
    return Habits.of({"customers": of, **counts}, rhythm)


HABITS = {
    "A": do(100, more=100, much=95, gone=90),
    "B": do(50, repeat=45, more=30, lately=40),
    "C": do(550, repeat=150, gone=200),
    "D": do(300, repeat=60, little=240),
}


def test_the_three_numbers_that_matter() -> None:
    assert words.key_figures(ALL, HABITS, 60.0, Revenue(0, 0.0, 3), FORMATS) == [
        ("Customers", "1,000", "A is 10% of them, and 50% of the revenue."),
        (
            "Revenue",
            "€100,000",
            "€100.00 each; half of them €60.00 or less. Nobody's spend is below 0; 3 customers at 0.",
        ),
        (
            "Came back",
            "25.5%",
            "255 ordered more than once. Half of those who did so on several days left 30 days or less between two "
            "orders.",
        ),
    ]
    figures = words.key_figures(ALL, {}, None, None, Formats("de", "EUR"))
    assert [figure.value for figure in figures] == ["1.000", "100.000\xa0€", "1,08"]
    assert [figure.label for figure in figures] == ["Customers", "Revenue", "Orders each"]


def test_net_revenue_says_so() -> None:
    figure = words.key_figures(ALL, HABITS, 60.0, Revenue(2, -35.5, 0), FORMATS)[1]
    assert figure.label == "Revenue, net of refunds"
    assert figure.note.endswith("2 customers got back more than they paid: €35.50 in all.")
    single = words.key_figures(ALL, HABITS, 60.0, Revenue(1, -35.2, 0), FORMATS)[1]
    assert single.note.endswith("1 customer got back more than they paid: about €35 in all.")


def test_money_is_rounded_where_a_segment_is_one_customer() -> None:
    """Else the total, less the other segments, would be theirs to the cent."""
    alone = replace(RICH, customers=1, spend=98_765.43, mean_spend=98_765.43)
    figure = words.key_figures([alone, LOYAL], {}, None, None, FORMATS)[1]
    assert (figure.value, figure.note) == ("about €110,000", "about €2,100 each.")


def test_half_of_the_revenue_comes_from_the_fewest_segments() -> None:
    spread = [replace(each, share_of_spend=share) for each, share in zip(ALL, (0.3, 0.1, 0.25, 0.35), strict=True)]
    assert (
        words.key_figures(spread, {}, None, None, FORMATS)[0].note == "A and D are 40% of them, and 65% of the revenue."
    )
    assert words.key_figures([RICH], {}, None, None, FORMATS)[0].note == ""


def test_the_period_of_the_data() -> None:
    days = Period(date(2016, 9, 4), date(2018, 9, 3), date(2018, 10, 17))
    assert words.period(days, FORMATS) == "Orders from Sep 4, 2016 to Sep 3, 2018; days count to Oct 17, 2018."
    assert words.period(None, FORMATS) == ""


def test_a_rule_has_its_amounts_as_money() -> None:
    rule = "1 order, 59.4 to 1,260 EUR; or 2 to 5 visits, over 311 EUR"
    assert words.rule(replace(RICH, rule=rule, rule_right=0.5), FORMATS) == (
        "1 order, €59.40 to €1,260.00; or 2 to 5 visits, over €311.00 (right for 50.0%)"
    )
    assert words.rule(replace(RICH, rule="2 or more orders"), Formats("de", "EUR")) == (
        "2 or more orders (right for 100,0\xa0%)"
    )


@pytest.mark.parametrize("repeat", [80, 79, 21, 20])
def test_what_is_said_of_customers_is_true_of_most_or_counted(repeat: int) -> None:
    [advice, *_] = words.approaches(ALL, {"A": do(100, repeat=repeat)}, {}, FORMATS)
    begins = "Most come back" if repeat >= 80 else "Most ordered once" if repeat <= 20 else f"{repeat} of 100 ordered"
    assert advice.startswith(begins)


def test_moves_are_added_up() -> None:
    moves: list[Move] = [
        Move(*move) for move in [("A", "A", 10), ("A", "B", 1), (None, "A", 2), ("B", None, 3), ("B", "A", 4)]
    ]
    assert words.movement(moves, FORMATS) == (
        "Since the run before, 5 customers moved to another segment, 10 stayed, 2 came in and 3 left."
    )
    assert words.movement([Move(None, "A", 2)], FORMATS).startswith("These are the first labels")


def test_the_playbook_goes_before_what_most_customers_do() -> None:
    given = words.approaches(ALL, HABITS, {"A": "call them", "usual": "write"}, FORMATS)
    assert (given[0], given[2]) == ("call them", "write")
    assert given[1] == (
        "Most come back by themselves, and 30 of 50 spent more than the median: thank these in person, and ask all for "
        "reviews. Most ordered in the last 30 days, the usual time between "
        "orders: write now. One more order from a tenth of them (5 customers), at their €80.00 an order, would bring "
        "€400."
    )
    assert given[3] == (
        "Most ordered once, and most spent half of the median at most: keep the cost of contact low, and offer bundles "
        "or free delivery over a threshold. All ordered in the last 90 days, 3 times the usual: none is lost yet. One "
        "more order from a tenth of them (30 customers), at their €16.67 an order, would bring €500."
    )


def test_the_time_since_the_last_order_is_told_by_the_shops_rhythm() -> None:
    told = words.approaches(ALL, HABITS, {}, FORMATS)
    assert "Most have not ordered for over 90 days, 3 times the usual: ask before they forget the shop." in told[0]
    assert "200 of 550 have not ordered for over 90 days, 3 times the usual: write to the other 350 first." in told[2]
    [without, *_] = words.approaches(ALL, {"A": do(100, rhythm=None)}, {}, FORMATS)
    assert "days" not in without


@given(st.lists(st.tuples(*[st.integers(0, 40)] * 4), min_size=2, max_size=6))
def test_segments_that_differ_get_advice_that_differs(drawn: list[tuple[int, ...]]) -> None:
    some = [
        replace(RICH, segment=letter, customers=40 + index, spend=100.0 * (index + 1))
        for index, letter in enumerate("ABCDEF"[: len(drawn)])
    ]
    habits = {
        segment.segment: do(segment.customers, repeat=repeat, more=above, lately=min(lately, 40 - gone), gone=gone)
        for segment, (repeat, above, lately, gone) in zip(some, drawn, strict=True)
    }
    told = words.approaches(some, habits, {}, FORMATS)
    assert len(set(told)) == len(told)


def test_an_earlier_run_says_what_one_more_order_would_bring() -> None:
    """What its customers do is known of the last run alone."""
    assert words.approaches([LOYAL, replace(LOYAL, spend=0.0)], {}, {}, FORMATS) == [
        "One more order from a tenth of them (5 customers), at their €80.00 an order, would bring €400.",
        "",
    ]
    few = replace(LOYAL, customers=2, spend=60.0, mean_orders=3.0)
    assert words.approaches([few], {}, {}, FORMATS)[0].startswith("One more order from one of them, at their €10.00")
    assert words.approaches([replace(few, customers=1)], {}, {}, FORMATS) == [""]


def test_an_empty_segment_is_told_of() -> None:
    nobody = replace(SMALL, customers=0, share=0, spend=0, mean_spend=float("-inf"), share_of_spend=0)
    assert words.approaches([RICH, nobody], HABITS, {}, FORMATS)[1] == "Nobody is in it at present."


def test_the_rhythm_is_the_median_of_the_days_between_orders() -> None:
    assert (
        habits.rhythm([{"days": 3, "customers": 9}, {"days": 30, "customers": 2}, {"days": 80, "customers": 9}]) == 30
    )
    assert habits.rhythm([{"days": 3, "customers": 10}, {"days": 30, "customers": 10}]) == 3
    assert habits.rhythm([{"days": 3, "customers": 19}]) is None
    assert habits.rhythm([]) is None
