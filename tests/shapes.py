"""The report's page on made-up shops of many shapes, made of its figures alone: no database."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from job.config import Config, Report
from job.history import DoneRun
from job.model import lift, rfm
from job.model.habits import Habits
from job.model.segment_model import Axis, Quality, Rule, SegmentModel
from job.model.segments import LETTERS, Segment
from job.report import moved, page
from job.report.cohorts import Cohorts
from job.report.figures import Cells, Fact, Figures, Period, Revenue, RfmGroups, Scale, Today, together
from job.report.lifts import Result
from job.report.moved import Flow, Window
from job.transforms import TRANSFORMS

Column = Callable[[np.random.Generator, int], Any]
GROUPS = dict.fromkeys(cell.name for cell in rfm.cells([]))
LONG = "a name of one's own that is as long as a name may be, or nearly so; "


@dataclass(frozen=True)
class Shape:
    """What a shop's page has to show."""

    columns: dict[str, Column]  # monetary, frequency and recency_days first
    axes: tuple[str, ...]
    k: int
    customers: int = 3_000
    runs: int = 2
    transform: str = "log1p"
    locale: str = "en"
    currency: str = "EUR"
    name: str = "spend 58 to 330, away 85 to 250 days"
    rule: str = "1 order, 13 to 136 days since the last order, 59.4 to 136 EUR; or up to 64 days, over 1,260 EUR"
    warnings: tuple[str, ...] = ()
    alone: bool = False  # whether the first segment is one customer
    facts: bool = False
    an_earlier_run: bool = False


def spend(mean: float, wide: float) -> Column:
    return lambda random, customers: np.round(random.lognormal(mean, wide, customers), 2)


def whole(mean: float, most: int) -> Column:
    return lambda random, customers: np.minimum(1 + random.geometric(1 / mean, customers) - 1, most)


def days(most: int) -> Column:
    return lambda random, customers: random.integers(0, most, customers)


THREE = {"monetary": spend(4.5, 0.9), "frequency": whole(9, 111), "recency_days": days(700)}
SHAPES = {
    "many": Shape(THREE, ("monetary", "frequency", "recency_days"), 10, locale="pt_BR", currency="BRL", runs=60),
    "large": Shape(
        {**THREE, "monetary": spend(19, 2), "the value of an odd, long named feature of a shop": spend(9, 3)},
        ("monetary", "frequency", "recency_days", "the value of an odd, long named feature of a shop"), 26,
        currency="IDR", locale="id", name=LONG * 2, runs=3, warnings=("x" * 300, "segment A is odd"), facts=True,
    ),
    "narrow": Shape(
        {"monetary": spend(3.7, 0.02), "frequency": whole(1, 1), "recency_days": days(3)}, ("monetary",), 2,
        transform="none", currency="JPY", locale="ja", runs=1,
    ),
    "alone": Shape(
        {"monetary": spend(4, 0.4), "frequency": whole(1.2, 3), "recency_days": days(90)}, ("monetary", "frequency"), 4,
        customers=80, currency="a unit of its own", locale="de", alone=True, transform="none", warnings=("odd",),
    ),
    "earlier": Shape(THREE, ("monetary", "frequency"), 5, an_earlier_run=True, runs=12),
}  # fmt: skip


def html(shape: Shape) -> str:
    """The page."""
    random = np.random.default_rng(1)
    columns = {name: column(random, shape.customers) for name, column in shape.columns.items()}
    if shape.alone:
        columns["monetary"][0] = 246_913.57
    labels = np.argsort(np.argsort(-columns["monetary"])) * shape.k // shape.customers
    if shape.alone:
        labels = np.where(columns["monetary"] > 246_913, 0, np.maximum(labels, 1))
    statistics = [
        {
            "column": name, "whole": values.dtype.kind == "i", "count": len(values), "low": float(values.min()),
            "mean": float(values.mean()), "deviation": float(values.std()), "high": float(values.max()),
        }
        for name, values in columns.items()
    ]  # fmt: skip
    segments = [_segment(shape, columns, labels == number, letter) for number, letter in enumerate(LETTERS[: shape.k])]
    model = _model(shape, columns, labels)
    today = None if shape.an_earlier_run else _today(shape, columns, labels, statistics, model)
    figures = Figures(_runs(shape, segments), model, datetime(2026, 1, 1, tzinfo=UTC), "first", "DuckDB 1", today)
    report = Report(currency=shape.currency, locale=shape.locale)
    database = {"dialect": "duckdb", "path": "shop.duckdb"}
    return page.html(figures, Config.model_validate({"database": database, "report": report.model_dump()}))


def _segment(shape: Shape, columns: dict[str, Any], here: Any, letter: str) -> Segment:
    spent = float(columns["monetary"][here].sum())
    count = int(here.sum())
    spend, orders, days = (float(columns[name][here].mean()) for name in ("monetary", "frequency", "recency_days"))
    share = spent / float(columns["monetary"].sum())
    rule = shape.rule.replace("EUR", shape.currency)
    return Segment(
        letter,
        f"{shape.name[:250]} {letter}",
        rule,
        0.755,
        count,
        count / shape.customers,
        spent,
        spend,
        orders,
        days,
        share,
    )


def _model(shape: Shape, columns: dict[str, Any], labels: Any) -> SegmentModel:
    axes = tuple(
        Axis(name, columns[name].dtype.kind == "i", shape.transform, "refuse", 0, 1, 1000, 0, 100)
        for name in shape.axes
    )
    means = [
        tuple(
            int(1000 * TRANSFORMS[shape.transform].forward(columns[name][labels == number]).mean())
            for name in shape.axes
        )
        for number in range(shape.k)
    ]
    tried = tuple(
        Quality(k, 1e6 / k, 0.5, 0.6, 0.7, 80_000, 0.1, 0.9, "unstable" if k % 4 == 0 else "")
        for k in range(max(2, shape.k - 6), shape.k + 3)
    )
    return SegmentModel(
        axes, tuple(means), (), (), tuple(Rule("a rule", 1.0) for _ in means), (), "monetary", 1234.5, 0.0, 0, 3000,
        shape.customers, (), tried, "", "", "", False,
    )  # fmt: skip


def _runs(shape: Shape, segments: Sequence[Segment]) -> list[DoneRun]:
    letters = [segment.segment for segment in segments]
    moves = [[before, after, 1 + 977 * (before == after)] for before in [*letters, None] for after in [*letters, None]]
    figures = {
        "segments": [vars(segment) for segment in segments],
        "warnings": list(shape.warnings),
        "moves": moves[:-1] if shape.runs > 1 else [[None, letter, 5] for letter in letters],
        "write_back": "customers.segment",
        "drift": {"psi": dict.fromkeys(shape.axes, 0.1), "share": dict.fromkeys(letters, 0.01)},
    }
    start = datetime(2026, 1, 31, 2, tzinfo=UTC)
    return [
        DoneRun(
            f"20260131T02{minute:02d}00-abcd", start - timedelta(minutes=minute), start + timedelta(seconds=9),
            "c" * 64, "i" * 64, "m" * 16, {"fit": 1.5, "total": 3.0}, figures,
        )
        for minute in range(shape.runs)
    ]  # fmt: skip


def _today(shape: Shape, columns: dict[str, Any], labels: Any, statistics: Sequence[Any], model: SegmentModel) -> Today:
    scales = {row["column"]: Scale.of(row, model) for row in statistics}
    pairs = together(shape.axes)
    pairs += [(name,) for name in shape.columns if not any(name in pair for pair in pairs)]
    letters = list(LETTERS[: shape.k])
    habits = {
        letter: Habits.of(
            dict.fromkeys(("repeat", "more", "much", "little", "lately", "gone"), 7) | {"customers": 9}, 30
        )
        for letter in letters
    }
    facts = [
        Fact(letter, "Cities by spend", f"a city of some length {item}", 0.1) for letter in letters for item in "abc"
    ]
    return Today(
        medians={letter: float(np.median(columns["monetary"][labels == at])) for at, letter in enumerate(letters)},
        median=float(np.median(columns["monetary"])),
        habits=habits,
        facts=facts if shape.facts else [],
        statistics=[dict(row) for row in statistics],
        cells=[_cells(columns, labels, [scales[name] for name in pair]) for pair in pairs],
        files=[
            dict.fromkeys(("records", "loaded", "rejected", "table_rows"), 99_441)
            | {"table_name": "orders", "file_name": "olist_orders_dataset.csv", "run_id": "20260131T020000-abcd"}
        ],
        rfm=RfmGroups(
            {name: [float(cut) for cut in np.quantile(columns[name], (0.2, 0.4, 0.6, 0.8))] for name in rfm.LETTERS},
            rfm.cells([]),
            [{"rfm_group": name, "customers": 1 + at, "spend": 12_345_678.9} for at, name in enumerate(GROUPS)],
        ),
        to_come={
            **{"day": "2018-09-03", "days": 90, "customers": 94_990, "buyers": (812.3, 760.1, 871.9)},
            **{"orders": (840.0, 784.2, 899.9), "revenue": (123_456.7, 112_345.6, 134_567.8)},
            **{"doubts": ["Only 212 customers have ordered on a second day."], "check": None},
        },
        to_come_of=[
            {"segment": letter, "customers": 1 + 99 * at, "buyers": 1.5 * at, "orders": 2.5 * at, "revenue": 999.9 * at}
            for at, letter in enumerate(letters)
        ],
        revenue=Revenue(0, 0.0, 3),
        period=Period(date(2016, 9, 4), date(2018, 9, 3), date(2018, 10, 17)),
        moved=[Window(nights, datetime(2018, 10, 17), _flows(letters, nights)) for nights in moved.NIGHTS],
        cohorts=Cohorts.of(
            (
                {"segment": letter, "month": 2018 * 12 + 9 - age, "lasted": lasted, "customers": 11_111}
                for letter in letters
                for age in range(1, 14)
                for lasted in range(age)
            ),
            date(2018, 10, 17),
        ),
        campaigns=[Result("spring-mail", datetime(2018, 10, 1), lift.lifts(_arms(letters)))],
    )


def _arms(letters: Sequence[str]) -> list[dict[str, Any]]:
    """Of every second segment too few."""
    return [
        {"segment": letter, "arm": arm, "customers": 1000 * size, "gone": 3, "buyers": 20 * size * (1 + 4 * (at % 2)),
         "revenue": 98_765.4 * size, "squares": 98_765_432.1 * size}
        for at, letter in enumerate(letters)
        for arm, size in (("treated", 9), ("holdout", 1))
    ]  # fmt: skip


def _flows(letters: Sequence[str], nights: int) -> list[Flow]:
    """From each segment to its neighbours, some of them by a border; one customer alone."""
    places = [None, *letters, None]
    ways = [way for pair in pairwise(places) for way in (pair, pair[::-1]) if way != (None, None)]
    flows = [
        Flow(*way, by_border=False, customers=1 + 97 * at, spend=1e6 * nights, since=1234.5)
        for at, way in enumerate(ways)
    ]
    return [*flows, Flow(letters[0], letters[-1], by_border=True, customers=1234, spend=1e6, since=None)]


def _cells(columns: dict[str, Any], labels: Any, scales: Sequence[Scale]) -> Cells:
    bins = [_bins(columns[scale.column], scale) for scale in scales]
    rows: dict[tuple[int, ...], list[float]] = {}
    for place, spent in zip(zip(labels, *bins, strict=True), columns["monetary"], strict=True):
        cell = rows.setdefault(tuple(map(int, place)), [0, 0.0])
        cell[0], cell[1] = cell[0] + 1, cell[1] + float(spent)
    return Cells(
        scales,
        [
            {"segment": LETTERS[place[0]], "customers": int(count), "spend": spent}
            | {f"bin{index}": at for index, at in enumerate(place[1:])}
            for place, (count, spent) in rows.items()
        ],
    )


def _bins(values: Any, scale: Scale) -> Any:
    if scale.firsts:
        return np.searchsorted(scale.firsts, values, side="right") - 1
    at = np.floor((TRANSFORMS[scale.transform].forward(values) - scale.start) / scale.width)
    return np.clip(at, 0, scale.bins - 1).astype(int) if math.isfinite(scale.width) else at
