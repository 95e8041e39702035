"""Pictures: the same table gives the same SVG, and what a table holds is drawn."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from string import ascii_uppercase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from job.formats import Formats
from job.model.segment_model import Quality
from job.report import charts
from job.transforms import TRANSFORMS

FORMATS = Formats("en", "BRL")
ALT = 'what "it" <shows> & more'
TRIED = [Quality(k, 100 / k, 0.5, 0.6, 0.7, 80, 0.1, 0.9, "unstable" if k == 4 else "") for k in range(2, 7)]
NIGHTS = [
    (datetime(2026, 1, 31, 2, tzinfo=UTC) + timedelta(days=day), {"A": 0.1, "B": 0.9} if day < 5 else {"A": 1.0})
    for day in range(9)
]
SPEND = charts.FeatureAxis("spend", "log1p")
AXES = (charts.FeatureAxis("spend", "log1p", money=True), charts.FeatureAxis("orders", "sqrt", whole=True))
BINS = {"A": [1, 2, 3], "B": [0, 9, 1]}
BINS_OF_TWO = {"A": [1, 2]}
POINTS = [("A", 5.0, 0.7, 10), ("B", 2.0, 0.69, 90_000)]
CENTRES = {"A": (5.0, 0.7), "B": (2.0, 0.69), "C": (9.0, 2.0)}
PICTURES: dict[str, Callable[[], str]] = {
    "distribution": lambda: charts.distribution(SPEND, [0, 1, 2, 3], BINS, False, ALT, FORMATS),
    "steep": lambda: charts.distribution(
        charts.FeatureAxis("orders $x^2$", "none"), [0.5, 1.5, 2.5], {"A": [90_000, 1]}, True, ALT, FORMATS
    ),
    "elbow": lambda: charts.elbow(TRIED, 3, ALT, FORMATS),
    "space": lambda: charts.space(AXES, POINTS, CENTRES, ALT, FORMATS),
    "pareto": lambda: charts.pareto([(0, 0), (0.1, 0.4), (1, 1)], "the revenue", ALT),
    "whole": lambda: charts.distribution(
        charts.FeatureAxis("visits", "none", whole=True),
        [0.5, 1.5, 3.5],
        BINS_OF_TWO,
        False,
        ALT,
        FORMATS,
        ranges=[(1, 1), (2, 3)],
    ),
    "history": lambda: charts.history(NIGHTS, [5], ALT, FORMATS),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_the_same_every_time_and_says_what_it_shows(name: str) -> None:
    svg = PICTURES[name]()
    assert svg == PICTURES[name]()
    root = ET.fromstring(svg)
    assert root.tag == "svg" and root.attrib["role"] == "img" and root.attrib["aria-label"] == ALT
    assert "http" not in svg and "<style" not in svg and "<metadata" not in svg and "2026-" not in svg


def test_ids_are_each_pictures_own() -> None:
    found = [set(re.findall(r'id="([^"]*)"', draw())) for draw in PICTURES.values()]
    assert sum(map(len, found)) == len(set().union(*found)) > 0
    for draw in PICTURES.values():
        svg = draw()
        assert set(re.findall(r'(?:href="#|url\(#)([^")]*)', svg)) <= set(re.findall(r'id="([^"]*)"', svg))


def test_text_stays_text() -> None:
    words = re.findall(r">([^<>\n]+)</text>", PICTURES["space"]() + PICTURES["steep"]() + PICTURES["whole"]())
    assert {"spend", "R$1,000", "orders $x^2$", "10,000", "A", "C", "2-3", "1"} <= set(words)


def test_text_is_escaped() -> None:
    svg = charts.pareto([(0, 0), (1, 1)], "<script>alert(1)</script>", "<script>")
    assert "<script" not in svg and "&lt;script&gt;alert(1)&lt;/script&gt;" in svg


def test_letters_that_no_font_here_has_are_drawn() -> None:
    assert "顧客" in charts.distribution(charts.FeatureAxis("顧客", "none"), [0, 1], {"A": [1]}, False, ALT, FORMATS)


def test_every_segment_has_its_colour_everywhere() -> None:
    svg = PICTURES["distribution"]()
    assert charts.colour("A") in svg and charts.colour("B") in svg and charts.colour("C") not in svg
    assert len({charts.colour(letter) for letter in ascii_uppercase}) == 26


@pytest.mark.parametrize("letter", list(ascii_uppercase))
def test_letters_can_be_read_on_their_colour(letter: str) -> None:
    """By the measure of the Web Content Accessibility Guidelines, 4.5 to 1 at least."""

    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(charts.colour(letter)), luminance(charts.ink(letter))))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


@example(transform="sqrt", one=0.0, other=1.9e-14, whole=False)  # hardly wider than nothing
@given(st.sampled_from(["none", "log1p", "sqrt"]), st.floats(0, 1e7), st.floats(0, 1e7), st.booleans())
def test_ticks_are_round_and_lie_inside(transform: str, one: float, other: float, whole: bool) -> None:
    low, high = sorted(TRANSFORMS[transform].forward(value) for value in (one, other))
    found = charts.ticks(transform, low, high, whole=whole)
    assert not whole or all(value == round(value) for value in found)
    assert found == sorted(set(found)) and len(found) <= 7
    assert all(low - 1e-6 <= TRANSFORMS[transform].forward(value) <= high + 1e-6 for value in found)


@pytest.mark.parametrize(("low", "high"), [(35, 45), (0.2, 0.9), (1000, 1100), (4.1, 4.3), (0, 99_999), (12, 13.5)])
@pytest.mark.parametrize("transform", ["none", "log1p", "sqrt"])
def test_a_narrow_range_has_ticks_too(transform: str, low: float, high: float) -> None:
    found = charts.ticks(transform, TRANSFORMS[transform].forward(low), TRANSFORMS[transform].forward(high))
    assert len(found) >= 2


def test_there_are_no_half_customers() -> None:
    svg = charts.distribution(SPEND, [0, 1, 2, 3], {"A": [1, 2, 1]}, False, ALT, FORMATS)
    assert "0.5<" not in svg and "1.5<" not in svg and ">2<" in svg


def test_a_dot_takes_few_bytes_and_none_is_lost() -> None:
    points = [("AB"[index % 2], 1 + index / 300, 0.7 + index % 7 / 10, 1) for index in range(1500)]
    svg = charts.space(AXES, points, CENTRES, ALT, FORMATS)
    assert svg.count("h0") == 1500 + 2 * len(CENTRES) and len(svg) < 45_000


def test_times_that_are_shown_differ() -> None:
    at = datetime(2026, 1, 31, 2, tzinfo=UTC)
    assert FORMATS.moments([at, at + timedelta(days=1)]) == ["Jan 31", "Feb 1"]
    assert FORMATS.moments([at, at + timedelta(days=365)]) == ["Jan 31, 2026", "Jan 31, 2027"]
    assert FORMATS.moments([at, at + timedelta(minutes=1)]) == ["Jan 31\n02:00", "Jan 31\n02:01"]
    assert FORMATS.moments([at, at + timedelta(seconds=1)]) == ["Jan 31\n02:00:00", "Jan 31\n02:00:01"]


@given(st.sampled_from(["none", "log1p", "sqrt"]), st.floats(0, 1e9))
def test_back_is_the_way_back(transform: str, value: float) -> None:
    assert TRANSFORMS[transform].inverse(TRANSFORMS[transform].forward(value)) == pytest.approx(
        value, rel=1e-9, abs=1e-9
    )
