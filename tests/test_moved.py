"""Who moved, and who still orders, in the report's words: made of what the statements find, without a database."""

from datetime import date, datetime
from typing import Any

import pytest

from job.formats import Formats
from job.report import cohorts, moved, pictures
from job.report.cohorts import Cohorts
from job.report.moved import Window

EN = Formats("en", "EUR")


def row(before: str | None, after: str | None, customers: int, **more: Any) -> dict[str, Any]:
    told = {"why": 2, "known": customers, "spend": 1000.0 * customers, "since": 10.0 * customers}
    return {"from_segment": before, "to_segment": after, "customers": customers, **told, **more}


def window(*rows: dict[str, Any]) -> Window:
    return Window(7, datetime(2026, 1, 24, 2), moved.flows(rows))


def test_up_and_down_are_told_with_what_they_are_worth() -> None:
    found = window(
        row("B", "A", 400), row("D", "C", 12), row("A", "B", 3), row(None, "C", 5), row("C", None, 2, spend=None),
        row("B", "A", 7, why=1), row("A", "C", 30, why=0),
    )  # fmt: skip
    assert moved.sentences(found, EN) == [
        "419 moved up, worth €419,000 in all, €4,190 of it since they moved.",
        "3 moved down, worth €3,000 in all, €30 of it since they moved.",
        "5 came in, worth €5,000 in all.",
        "2 left.",
        "Besides, 30 who have not changed are in another segment, as a border has moved or labels were taken back: "
        "they are not counted here.",
    ]
    assert moved.sentences(window(), EN) == ["Nobody moved up.", "Nobody moved down."]


def test_what_is_not_known_of_all_or_is_one_customers_is_not_told() -> None:
    older = window(row("B", "A", 400, known=399), row("A", "B", 9), row("A", "C", 1, spend=1234.5))
    assert moved.sentences(older, EN) == [
        "400 moved up, worth €400,000 in all.",
        "10 moved down, worth about €10,000 in all.",
    ]
    assert moved.sentences(window(row("A", "C", 1)), EN) == ["Nobody moved up.", "1 moved down."]
    rows = dict(moved.matrix(older, ["A", "B", "C"], EN))
    assert rows["B"] == [("400", ""), None, None, None]
    assert rows["A"] == [None, ("9", "€90"), ("1", ""), None] and rows.keys() == {"A", "B"}


def test_the_picture_has_a_band_for_each_way() -> None:
    rows = (row("B", "A", 400), row(None, "A", 5), row("A", None, 2), row("C", "A", 9, why=0))
    svg = pictures.flows(window(*rows), EN)
    assert "B to A: 400; new to A: 5; A to gone: 2." in svg and "C to A" not in svg
    assert pictures.flows(window(row("C", "A", 9, why=0)), EN) == ""


def found(*counts: tuple[str, int, int, int]) -> list[dict[str, Any]]:
    return [dict(zip(("segment", "month", "lasted", "customers"), each, strict=True)) for each in counts]


def test_cohorts_count_who_orders_months_later_or_after_that() -> None:
    january = 2026 * 12
    told = Cohorts.of(
        found(
            ("A", january, 0, 50), ("A", january, 1, 20), ("B", january, 3, 30), ("B", january + 1, 0, 9),
            ("B", january + 1, 2, 1), ("B", january + 2, 0, 9),
        ),
        date(2026, 4, 29),
    )  # fmt: skip
    assert told is not None
    assert [(each.label, each.customers) for each in told.rows] == [("2026-01", 100), ("2026-02", 10), ("2026-03", 9)]
    assert told.rows[0].shares == (0.5, 0.3, None, None, None, None)  # April is not over
    assert told.rows[1].shares == (0.1, None, None, None, None, None)
    assert told.rows[2].shares == (None,) * 6
    assert [each.shares[:2] for each in told.segments] == [(20 / 70, 0.0), (31 / 40, 1.0)]


def test_too_few_months_tell_nothing() -> None:
    assert Cohorts.of([], date(2026, 4, 30)) is None
    two = found(("A", 24312, 0, 500), ("A", 24313, 0, 500))
    assert Cohorts.of(two, date(2026, 4, 30)) is None
    few = found(*(("A", 24312 + at, 0, 3) for at in range(3)))
    assert Cohorts.of(few, date(2026, 4, 30)) is None


@pytest.mark.parametrize(("day", "month"), [(date(2026, 4, 30), 3), (date(2026, 4, 29), 2), (date(2024, 2, 28), -24)])
def test_a_month_is_over_on_its_last_day(day: date, month: int) -> None:
    assert cohorts.last_month(day) == 2026 * 12 + month
