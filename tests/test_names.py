"""Names, read back from their words and judged on the customers themselves."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import crowds
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_segment_model import MODEL

from job.adapters.duckdb import DuckDBSettings
from job.config import Config
from job.formats import Formats
from job.history import DoneRun
from job.model import kmeans, names
from job.model.names import Counts, Cuts
from job.model.segment_model import Axis, Integers, Meaning, SegmentModel
from job.report import page
from job.segmentation import naming
from job.segmentation.labels import NewLabels

CENT = 0.01
AXES = ("monetary", "frequency", "recency_days")
MONEY = Axis("monetary", False, "log1p", "refuse", 0.0, 1.0, 1.0, 0, 1)
ORDERS = Axis("frequency", True, "log1p", "refuse", 0.0, 1.0, 1.0, 0, 1)
NUMBER = r"([\d,.]+)"
WORDS: dict[str, tuple[str, Callable[..., Callable[[Any], Any]]]] = {  # what a name says, as a test on all values
    "one order": ("frequency", lambda: lambda x: x == 1),
    rf"{NUMBER} orders": ("frequency", lambda n: lambda x: x == n),
    rf"{NUMBER}\+ orders": ("frequency", lambda low: lambda x: x >= low),
    rf"{NUMBER} (?:to|or) {NUMBER} orders": ("frequency", lambda low, high: lambda x: (x >= low) & (x <= high)),
    rf"active within {NUMBER} days": ("recency_days", lambda days: lambda x: x <= days),
    rf"away over {NUMBER} days": ("recency_days", lambda days: lambda x: x > days),
    rf"away {NUMBER} to {NUMBER} days": ("recency_days", lambda low, high: lambda x: (x >= low) & (x <= high)),
    rf"spend over {NUMBER}": ("monetary", lambda low: lambda x: x > low),
    rf"spend up to {NUMBER}": ("monetary", lambda high: lambda x: x <= high),
    rf"spend {NUMBER} to {NUMBER}": ("monetary", lambda low, high: lambda x: (x >= low + least(x)) & (x <= high)),
}


def least(values: Any) -> float:
    """Return what amounts are over a bound by at least; whole ones are told from their first one on."""
    return 0.0 if values.dtype.kind == "i" else CENT / 2


def whom(name: str, meaning: Meaning, columns: crowds.Columns) -> Any:
    """Return whom the words speak of, as booleans (customers); of `high spend`, the bounds say what is high."""
    spoken_of = np.ones(len(columns["monetary"]), dtype=bool)
    for word in re.sub(r"^\d+% (with )?", "", name).split(", "):
        if re.fullmatch("(very )?(low|medium|high) spend", word):
            over, up_to = meaning.bounds["monetary"]
            spoken_of &= (columns["monetary"] > over) & (columns["monetary"] <= up_to)
            continue
        [(column, judge, found)] = [
            (column, judge, found)
            for pattern, (column, judge) in WORDS.items()
            if (found := re.fullmatch(pattern, word))
        ]
        limits = [float(number.replace(",", "")) for number in found.groups()]
        spoken_of &= judge(*limits)(columns[column])
    return spoken_of


def labelled(columns: crowds.Columns, axes: Sequence[str], k: int) -> tuple[list[Cuts], Counts, Any]:
    """Return the cuts, the counts and the customers' labels of a fit, the largest mean spend first."""
    points = crowds.points_of(columns, axes)
    centroids = kmeans.fit(points, k, seed=1, n_init=2)
    labels = nearest(columns, points.axes, centroids)
    spend = [columns["monetary"][labels == number].mean() for number in range(k)]
    centroids = centroids[np.argsort(spend)[::-1]]
    labels = nearest(columns, points.axes, centroids)
    cuts = names.cuts(points, kmeans.nearest(points, centroids), k)
    return cuts, counted(cuts, columns, labels, k), labels


def nearest(columns: crowds.Columns, axes: Sequence[Axis], centroids: Integers) -> Any:
    positions = crowds.positions_of(columns, axes).astype(float)
    return kmeans.squared_distances(positions, centroids.astype(float)).argmin(axis=1)


def counted(cuts: Sequence[Cuts], columns: crowds.Columns, labels: Any, k: int) -> Counts:
    """Count as segment_profiles.sql does, in rows."""
    bins = [np.searchsorted(cut.edges, columns[cut.axis.column], side="left") for cut in cuts]
    unique, customers = np.unique(np.column_stack([labels, *bins]), axis=0, return_counts=True)
    rows = [
        {"centroid": row[0], "customers": count, **{f"#bin{index}": at for index, at in enumerate(row[1:])}}
        for row, count in zip(unique.tolist(), customers.tolist(), strict=True)
    ]
    return Counts.of(cuts, rows, k)


def shares(name: str, meaning: Meaning, columns: crowds.Columns, labels: Any, k: int) -> list[float]:
    """Return for what share of each segment the words hold."""
    spoken_of = whom(name, meaning, columns)
    return [float(spoken_of[labels == number].mean()) for number in range(k)]


@given(
    st.sampled_from(crowds.SHOPS),
    st.integers(0, 10_000),
    st.sampled_from([40, 400, 3_000]),
    st.sampled_from([AXES[:1], AXES[:2], AXES]),
    st.integers(2, 12),
)
@settings(max_examples=40, deadline=None)
def test_a_name_is_true_or_says_how_true(shop: Any, seed: int, customers: int, axes: tuple[str, ...], k: int) -> None:
    columns = shop(np.random.default_rng(seed), customers)
    _, counts, labels = labelled(columns, axes, k)
    named = names.names(counts)
    assert len({name for name, _ in named}) == k
    for number, (name, meaning) in enumerate(named):
        assert len(name) <= 48
        if re.fullmatch(r"group \d+|nobody at present.*", name):
            continue
        share = shares(name, meaning, columns, labels, k)[number]
        told = re.match(r"(\d+)% ", name)
        assert share >= 0.8 or (told and int(told[1]) <= 100 * share < int(told[1]) + 1)
        assert share == pytest.approx(meaning.share)


@pytest.mark.parametrize("shop", crowds.SHOPS, ids=lambda shop: shop.__name__)
@pytest.mark.parametrize("axes", [AXES[:2], AXES], ids=len)
def test_a_name_tells_its_segment_from_the_others(shop: Any, axes: tuple[str, ...]) -> None:
    columns = shop(np.random.default_rng(1), 4_000)
    for k in (2, 3, 5, 8, 10):
        _, counts, labels = labelled(columns, axes, k)
        for number, (name, meaning) in enumerate(names.names(counts)):
            fits = shares(name, meaning, columns, labels, k)
            assert fits.pop(number) >= 0.8 and max(fits) <= 0.5, name


def test_names_read_as_people_say_it() -> None:
    random = np.random.default_rng(3)
    spend, orders = random.uniform(5, 999, 4_000), random.choice([1, 2, 3], 4_000, p=[0.9, 0.06, 0.04])
    columns = {"monetary": spend, "frequency": orders}
    labels = np.where(orders >= 2, 1, np.where(spend > 361, 0, np.where(spend > 40, 2, 3)))
    cuts = [Cuts(MONEY, (40, 200, 361), (40, 200, 361), 5), Cuts(ORDERS, (1,), (1,), 1)]
    named = names.names(counted(cuts, columns, labels, 4))
    assert [name for name, _ in named] == [
        "one order, high spend", "2+ orders", "one order, medium spend", "low spend"
    ]  # fmt: skip


def of_shares(*by_bin: list[int]) -> Counts:
    """Counts of segments by 1, 2 and more orders, or by 1 and more."""
    edges = (1.0, 2.0)[: len(by_bin[0]) - 1]
    return Counts([Cuts(ORDERS, edges, edges, 1.0)], np.array(by_bin))


def test_a_segment_without_a_true_word_gets_the_most_telling_one_with_its_share() -> None:
    named = names.names(of_shares([729, 271], [300, 700], [99, 1]))
    assert [name for name, _ in named] == ["72% with one order", "70% with 2+ orders", "one order"]
    assert named[0][1] == Meaning({"frequency": (-math.inf, 1.0)}, 0.729)


def test_segments_of_the_same_customers_get_names_that_differ() -> None:
    named = names.names(of_shares(*[[34, 33, 33]] * 3))
    assert len({name for name, _ in named}) == 3


def test_a_name_stays_while_it_holds() -> None:
    first = names.names(of_shares([90, 10, 0], [0, 10, 90]))
    assert [name for name, _ in first] == ["one order", "3+ orders"]
    later = names.names(of_shares([70, 30, 0], [0, 31, 69]), before=first)
    assert later[0] == first[0]
    assert later[1][0] == "2+ orders"


def test_a_name_with_a_share_stays_while_that_is_near() -> None:
    first = names.names(of_shares([72, 28], [0, 100]))
    assert names.names(of_shares([68, 32], [0, 100]), before=first) == first
    later = names.names(of_shares([61, 39], [0, 100]), before=first)
    assert [name for name, _ in later] == ["61% with one order", "2+ orders"]


def test_high_means_something_beside_low_alone() -> None:
    """A name that stands has its own bounds: what is named beside it, by other cuts, tells them in figures."""
    cuts = [Cuts(MONEY, (50.0, 90.0), (90.0,), 5.0)]
    before = [("high spend", Meaning({"monetary": (50.0, math.inf)}, 0.9)), ("gone", Meaning())]
    named = names.names(Counts(cuts, np.array([[0, 20, 80], [70, 30, 0]])), before=before)
    assert [name for name, _ in named] == ["high spend", "spend up to 90"]


def test_high_is_not_below_the_median() -> None:
    """Most are in the last of four bins: what comes before it is no high spend, and is told in figures."""
    cuts = [Cuts(MONEY, (10.0, 50.0, 90.0), (10.0, 50.0, 90.0), 5.0)]
    counts = Counts(cuts, np.array([[0, 0, 0, 900], [0, 0, 100, 0], [0, 100, 0, 0], [100, 0, 0, 0]]))
    assert [name for name, _ in names.names(counts)] == [
        "very high spend", "spend 50 to 90", "low spend", "very low spend"
    ]  # fmt: skip


def test_what_customers_are_not_counted_by_cannot_stay() -> None:
    named = names.names(of_shares([9, 1, 0], [0, 1, 9]), before=[("big", Meaning({"items": (3.0, 9.0)}, 1.0))] * 2)
    assert [name for name, _ in named] == ["one order", "3+ orders"]


def test_names_of_the_config_come_first_and_are_nobody_elses() -> None:
    counts = of_shares([90, 10, 0], [0, 10, 90])
    named = names.names(counts, ("3+ orders",), names.names(counts))
    assert named[0] == ("3+ orders", Meaning())
    assert named[1][0] == "2+ orders"


def test_an_empty_segment_keeps_its_name() -> None:
    first = names.names(of_shares([90, 10, 0], [0, 10, 90]))
    assert names.names(of_shares([0, 0, 0], [0, 10, 90]), before=first) == first
    assert [name for name, _ in names.names(of_shares([0, 0, 0], [0, 0, 0], [0, 10, 90]))] == [
        "nobody at present", "nobody at present (2)", "2+ orders",
    ]  # fmt: skip


def test_the_counts_follow_the_segments() -> None:
    counts = of_shares([1, 2, 3], [4, 5, 6])
    assert counts.in_order([1, 0]).customers.tolist() == [[4, 5, 6], [1, 2, 3]]


def test_no_cut_is_left_out_that_a_standing_name_needs() -> None:
    columns = crowds.once(np.random.default_rng(1), 500)
    points = crowds.points_of(columns, AXES[:2])
    labels = kmeans.nearest(points, kmeans.fit(points, 3, seed=1, n_init=1))
    standing = Meaning({"monetary": (-math.inf, 77.5)}, 1.0)
    [money, *_] = names.cuts(points, labels, 3, [standing])
    assert 77.5 in money.edges and 77.5 not in money.told


def model(names_of: tuple[str, ...], meanings: tuple[Meaning, ...]) -> SegmentModel:
    """A model of customers by their orders alone, A's at 3 and B's at 1."""
    return SegmentModel(
        axes=(ORDERS,), centroids=((3,), (1,)), names=names_of, names_given=(), rules=(), shares=(0.5, 0.5),
        order_by="monetary", inertia=1.0, error_bound=0.0, refinements=0, points=2, customers=200, bins=(), tried=(),
        feature_space_fingerprint="", settings_fingerprint="", input_fingerprint="", held_back=False,
        meanings=meanings,
    )  # fmt: skip


def named_by_night(config: Config, before: SegmentModel | None, *customers: list[int]) -> SegmentModel:
    """Name the model's segments, whose customers are of so many orders."""
    profiles = [
        {"centroid": number, "customers": sum(each), "monetary": 100 * (2 - number)}
        for number, each in enumerate(customers)
    ]
    new = NewLabels({}, profiles, of_shares(*customers))
    labels, _ = naming.ordered_and_named(config, model((), ()), new, before)
    return labels.model


def test_a_night_names_anew_what_an_earlier_version_has_named_and_keeps_its_own_names() -> None:
    config = Config(database=DuckDBSettings(dialect="duckdb", path=Path("shop.duckdb")))
    first = named_by_night(config, model(("repeat, high spend", "one order, low spend"), ()), [0, 10, 90], [90, 10, 0])
    assert first.names == ("3+ orders", "one order")
    assert first.meanings == (
        Meaning({"frequency": (2.0, math.inf)}, 0.9),
        Meaning({"frequency": (-math.inf, 1.0)}, 0.9),
    )
    later = named_by_night(config, first, [0, 20, 80], [75, 25, 0])
    assert (later.names, later.meanings) == (first.names, first.meanings)
    later = named_by_night(config, first, [0, 20, 80], [30, 70, 0])
    assert later.names == ("3+ orders", "1 or 2 orders")


def test_names_that_are_all_given_leave_the_model_as_it_was() -> None:
    config = Config.model_validate(
        {
            "database": {"dialect": "duckdb", "path": "shop.duckdb"},
            "segments": {"names": ["best", "good"]},
            "clustering": {"k": 2},
        }
    )
    found = named_by_night(config, None, [0, 10, 90], [90, 10, 0])
    assert found.names == found.names_given == ("best", "good")
    assert "meanings" not in found.to_json()


def test_the_report_writes_the_numbers_in_names_as_its_locale_does() -> None:
    """But for names of one's own."""
    told = ("spend over 1,200.5", "72% with 1 to 3 orders", "Top 1,000")
    at = datetime(2026, 1, 31)
    run = DoneRun("run", at, at, "", "", "", {}, {"segments": [{"name": name} for name in told]})
    model = replace(MODEL, names=told, names_given=("Top 1,000",))
    shown = page.in_locale(run, model, Formats("de", "EUR"))
    assert [segment["name"] for segment in shown.figures["segments"]] == [
        "spend over 1.200,5", "72% with 1 to 3 orders", "Top 1,000",
    ]  # fmt: skip
