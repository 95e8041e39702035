"""What the report says comes from the figures."""

from dataclasses import replace

from job.formats import Formats
from job.model.segments import Move, Segment
from job.report import words

RICH = Segment("A", "rich", "over 100 BRL", 1.0, 100, 0.1, 50_000.0, 500.0, 1.0, 100.0, 0.5)
LOYAL = Segment("B", "loyal", "2 or more orders", 1.0, 50, 0.05, 10_000.0, 200.0, 2.2, 40.0, 0.1)
USUAL = Segment("C", "usual", "the rest", 1.0, 550, 0.55, 35_000.0, 63.64, 1.0, 100.0, 0.35)
SMALL = Segment("D", "small", "up to 20 BRL", 1.0, 300, 0.3, 5_000.0, 16.67, 1.0, 200.0, 0.05)
FORMATS = Formats("en", "EUR")
ALL = [RICH, LOYAL, USUAL, SMALL]


def test_the_headline_tells_of_who_orders_again_and_of_what_is_out_of_proportion() -> None:
    assert words.headline(ALL, FORMATS) == [
        "1,000 customers spent €100,000, €100.00 each.",
        "A, “rich”: 100 customers (10.0%) brought 50.0% of the revenue.",
        "B, “loyal”: 50 customers (5.0%) came back and brought 10.0% of the revenue.",
        "D, “small”: 300 customers (30.0%) brought 5.0% of the revenue.",
    ]
    assert words.headline(ALL, Formats("de", "EUR"))[:2] == [
        "1.000 customers spent 100.000\xa0€, 100,00\xa0€ each.",
        "A, “rich”: 100 customers (10,0\xa0%) brought 50,0\xa0% of the revenue.",
    ]


def test_moves_are_added_up() -> None:
    moves: list[Move] = [
        Move(*move) for move in [("A", "A", 10), ("A", "B", 1), (None, "A", 2), ("B", None, 3), ("B", "A", 4)]
    ]
    assert words.movement(moves, FORMATS) == (
        "Since the run before, 5 customers moved to another segment, 10 stayed, 2 came in and 3 left."
    )
    assert words.movement([Move(None, "A", 2)], FORMATS).startswith("These are the first labels")


def test_the_playbook_goes_before_what_stands_out() -> None:
    given = words.approaches(ALL, {"A": "call them", "usual": "write"})
    assert (given[0], given[2]) == ("call them", "write")
    assert given[1].startswith("They come back") and "lately" in given[1]
    assert given[3].startswith("Small single orders") and "away longer" in given[3]


def test_an_empty_segment_is_told_of() -> None:
    nobody = replace(SMALL, customers=0, share=0, spend=0, mean_spend=float("-inf"), share_of_spend=0)
    assert words.approaches([RICH, nobody], {})[1] == "Nobody is in it at present."
    assert len(words.headline([RICH, nobody], FORMATS)) == 2
