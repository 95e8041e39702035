"""What the report is made of, read from the database: totals alone, no customer's record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import structlog

from job.config import Config
from job.errors import DatabaseError, DataError, TransientError
from job.history import DoneRun
from job.model import habits
from job.model.habits import Habits
from job.model.rfm import Cell, Cuts
from job.model.segment_model import Floats, SegmentModel
from job.report import cohorts, lifts, moved
from job.report.cohorts import Cohorts
from job.report.lifts import Result
from job.report.moved import Window
from job.segmentation import features, rfm, value
from job.transforms import TRANSFORMS

if TYPE_CHECKING:
    from job.adapters.base import Database

FINE, COARSE = 200, 40  # bins: of the spend, for the Pareto curve; of a feature in a picture
VALUES = 30  # most different whole numbers that have a bar each, or where they are skewed, bars from ten on
WIDER = 1.2  # times the bar before: bars of whole numbers that are skewed
SHOP = ("monetary", "frequency")  # features that have a picture in every report


class Fact(NamedTuple):
    """What a facts_ file says of a segment."""

    segment: str
    fact: str
    item: str | None  # None: the value is a figure; else it is this item's share of 1
    value: float


@dataclass(frozen=True)
class Scale:
    """A feature cut into bins: of equal width on its transformed axis, or of whole numbers."""

    column: str
    transform: str
    start: float
    width: float  # 0: the bins are of different widths, and `firsts` has where each begins
    bins: int
    nulls: str | float = "refuse"  # a number: what NULL means
    firsts: tuple[int, ...] = ()  # of whole numbers, the first of each bin, and one past the last of all

    @classmethod
    def of(cls, statistics: Mapping[str, Any], model: SegmentModel) -> "Scale":
        """Return one from the least value to the greatest, of a feature that has values."""
        column, low, high = statistics["column"], statistics["low"], statistics["high"]
        axis = next((axis for axis in model.axes if axis.column == column), None)
        nulls = axis.nulls if axis else "refuse"
        if not isinstance(nulls, str):  # customers without a value stand at this one
            low, high = min(low, nulls), max(high, nulls)
        skewed = low >= 0 and high > 20 * max(statistics["mean"], 1e-9)
        transform = axis.transform if axis else "log1p" if skewed else "none"
        if statistics["whole"] and float(low).is_integer() and (high - low < VALUES or column != "monetary"):
            return cls._of_whole(column, round(low), round(high), transform != "none", nulls)
        start, end = TRANSFORMS[transform].forward(low), TRANSFORMS[transform].forward(high)
        if end - start < 1e-9:  # all have the same: one bin around it
            return cls(column, transform, start - 0.5, 1, 1, nulls)
        bins = FINE if column == "monetary" else COARSE
        return cls(column, transform, start, (end - start) / bins, bins, nulls)

    @classmethod
    def _of_whole(cls, column: str, low: int, high: int, skewed: bool, nulls: str | float) -> "Scale":
        """Return one whose every bin holds as many whole numbers, or of a skewed feature of many, more and more."""
        if high - low < VALUES or low < 0 or not skewed:
            each = 1 if high - low < VALUES else -(-(high - low + 1) // COARSE)
            firsts = tuple(range(low, high + each + 1, each)[: -(-(high - low + 1) // each) + 1])
            return cls(column, "none", low - 0.5, each, len(firsts) - 1, nulls, firsts)
        wider = max(WIDER, (high / 10) ** (1 / VALUES))
        cuts = [low]
        while cuts[-1] <= high:
            cuts.append(max(cuts[-1] + 1, round(cuts[-1] * wider)))
        return cls(column, "none", low, 0, len(cuts) - 1, nulls, tuple(cuts))

    @property
    def together(self) -> int:
        """How many bins are drawn as one."""
        return 1 if self.firsts else max(self.bins // COARSE, 1)

    def coarse(self) -> "Scale":
        """Return the one whose bins are those that are drawn."""
        return replace(self, width=self.width * self.together, bins=self.bins // self.together)

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """The first and the last whole number of each bin; none where they are no whole numbers."""
        return [(first, after - 1) for first, after in pairwise(self.firsts)]

    def edges(self) -> list[float]:
        """Return where the drawn bins begin and end, as transformed values: one more than drawn bins."""
        if self.firsts:
            return [first - 0.5 for first in self.firsts]
        return [self.start + self.width * index for index in range(0, self.bins + 1, self.together)]

    def middle(self, number: int, transform: str) -> float:
        """Return the middle of a drawn bin, on the axis of this transform."""
        if self.firsts:
            return float(TRANSFORMS[transform].forward(sum(self.ranges[number]) / 2))
        return self.start + self.width * self.together * (number + 0.5)


@dataclass(frozen=True)
class Cells:
    """Customers by segment and by the bins of one or two features, as report_cells.sql counts them."""

    scales: Sequence[Scale]
    rows: Sequence[Mapping[str, Any]]

    @classmethod
    def read(cls, database: "Database", scales: Sequence[Scale]) -> "Cells":
        """Count the customers in one statement."""
        return cls(scales, database.fetch("report_cells", scales=scales))

    def scale(self, column: str) -> Scale:
        """Return the scale of a feature."""
        return self.scales[self._index(column)]

    def customers(self, *columns: str) -> dict[tuple[str, tuple[int, ...]], int]:
        """Return the customers by segment and by the drawn bins of these features, of those who have a value."""
        counts: dict[tuple[str, tuple[int, ...]], int] = {}
        for row in self.rows:
            bins = [row[f"bin{self._index(column)}"] for column in columns]
            if None not in bins:
                drawn = tuple(int(at) // self.scale(column).together for at, column in zip(bins, columns, strict=True))
                counts[row["segment"], drawn] = counts.get((row["segment"], drawn), 0) + row["customers"]
        return counts

    def spend(self, column: str) -> list[tuple[int, float]]:
        """Return customers and spend in each bin of a feature that holds anybody, by rising value."""
        totals: dict[int, tuple[int, float]] = {}
        for row in self.rows:
            if (number := row[f"bin{self._index(column)}"]) is not None:
                customers, spend = totals.get(int(number), (0, 0.0))
                totals[int(number)] = customers + row["customers"], spend + float(row["spend"])
        return [totals[number] for number in sorted(totals)]

    def _index(self, column: str) -> int:
        return [scale.column for scale in self.scales].index(column)


class RfmGroups(NamedTuple):
    """The groups by scores for recency, frequency and money."""

    cuts: Cuts
    cells: list[Cell]
    rows: list[dict[str, Any]]  # customers and spend by rfm_group; None: who has no scores


class Revenue(NamedTuple):
    """What of the customers' spend lies at nothing or below."""

    below: int  # customers who got back more than they paid
    below_by: float  # their spend together
    at_nothing: int  # customers whose spend is 0


class Period(NamedTuple):
    """The days of the customers' orders, and the one that recency_days counts up to."""

    first: date
    last: date
    counted_to: date


@dataclass(frozen=True)
class Today:
    """What the tables of customers say. They are as the last run left them: of an earlier one, they say nothing."""

    medians: dict[str, float]  # of the spend, by segment
    median: float  # of all customers' spend
    habits: dict[str, Habits]  # by segment
    facts: list[Fact]
    statistics: list[dict[str, Any]]  # of each numeric feature, by `_statistics`
    cells: list[Cells]  # of the features that have a picture, those together that have one together
    files: list[dict[str, Any]]
    rfm: "RfmGroups | None"  # None: there are no scores yet
    to_come: dict[str, Any]  # what the last run has found out; empty: nothing yet
    to_come_of: list[dict[str, Any]]  # buyers, orders and revenue, by segment
    revenue: "Revenue"
    period: "Period | None"  # None: the features do not tell the orders' days
    moved: list[Window]  # over so many nights each; none: no run is old enough
    cohorts: "Cohorts | None"  # None: there are too few months, or no days
    campaigns: list[Result]  # that have begun


@dataclass(frozen=True)
class Figures:
    """All that the page shows."""

    runs: Sequence[DoneRun]  # the run itself, and those before it, the newest first
    model: SegmentModel
    fitted_at: datetime
    fitted_by: str  # a run's id
    engine: str  # the database's name and version
    today: Today | None


def transformed_centroids(model: SegmentModel) -> Floats:
    """Return the transformed values of the segments' centroids (k x axes)."""
    scaled = model.scaled_centroids
    return np.column_stack([axis.transformed(scaled[:, index]) for index, axis in enumerate(model.axes)])


def read(database: "Database", config: Config, runs: Sequence[DoneRun], is_last: bool) -> Figures:
    """Read the figures of the first of these runs. is_last: no other has labelled customers since."""
    rows = database.fetch("report_model", {"model_id": runs[0].model_id})
    if not rows:
        raise DataError(f"model {runs[0].model_id} of run {runs[0].run_id} is kept no longer, by keep.models")
    [row] = rows
    model = SegmentModel.from_json(row["model"])
    today = _today(database, config, model, runs[0]) if is_last else None
    return Figures(runs, model, row["fitted_at"], row["run_id"], database.version, today)


def _today(database: "Database", config: Config, model: SegmentModel, run: DoneRun) -> Today:
    statistics = _statistics(database)
    has_days = _has_days(database)
    days = _period_and_revenue(database, has_days)
    [row] = database.fetch("report_median_spend")
    median = float(row["median"] or 0)
    return Today(
        medians={row["segment"]: float(row["median"]) for row in database.fetch("report_medians")},
        median=median,
        habits=_habits(database, median, has_days),
        facts=_facts(database, config.write_back.column) if config.write_back else [],
        statistics=statistics,
        cells=_cells(database, model, statistics),
        files=database.fetch("report_files") if "loaded_files" in database.own_tables() else [],
        rfm=_rfm(database),
        to_come=(to_come := value.current(database)),
        to_come_of=database.fetch("report_value") if "day" in to_come else [],
        moved=moved.read(database, run, model),
        cohorts=_cohorts(database, days["period"]),
        campaigns=lifts.read(database, config),
        **days,
    )


def _statistics(database: "Database") -> list[dict[str, Any]]:
    """Return, for each numeric feature: column, whole (whether it holds whole numbers alone), count of customers with
    a value, low, mean, deviation, high; the last four are None where nobody has a value."""
    columns = features.numeric_columns(database)
    [row] = database.fetch("report_statistics", columns=list(columns))
    names = ("count", "low", "mean", "deviation", "high")
    return [
        {"column": column, "whole": whole, **{name: row[f"{name}{index}"] for name in names}}
        for index, (column, whole) in enumerate(columns.items())
    ]


def _cells(database: "Database", model: SegmentModel, statistics: Sequence[Mapping[str, Any]]) -> list[Cells]:
    """Count the customers in the bins of every feature that has a picture and a value, the model's first.

    Two features at a time: each statement joins all customers, and two of the model are a picture together.
    """
    by_column = {row["column"]: row for row in statistics if row["count"]}
    scales = {column: Scale.of(row, model) for column, row in by_column.items()}
    pairs = [pair for pair in together([axis.column for axis in model.axes]) if set(pair) <= set(scales)]
    seen = {column for pair in pairs for column in pair}
    alone = [
        column
        for column in dict.fromkeys([*(axis.column for axis in model.axes), *SHOP])
        if column in scales and column not in seen
    ]
    pairs += [tuple(alone[at : at + 2]) for at in range(0, len(alone), 2)]
    cells: list[Cells] = []
    for pair in pairs:
        cells.append(Cells.read(database, [scales[column] for column in pair]))
        scales |= {column: scales[column].coarse() for column in pair}
    return cells


def together(columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Return which of the model's features have a picture together: each two of up to three, else each with the one
    before it, so that all are shown."""
    return list(combinations(columns, 2)) if len(columns) < 4 else list(pairwise(columns))


def _period_and_revenue(database: "Database", has_days: bool) -> dict[str, Any]:
    """Return the days of the orders, and what of the spend is at nothing or below, in one pass."""
    [row] = database.fetch("report_period", has_days=has_days)
    revenue = Revenue(int(row["below"]), float(row["below_by"]), int(row["at_nothing"]))
    if not has_days or row["first"] is None or row["recency"] is None:
        return {"revenue": revenue, "period": None}
    first, last = (at.date() if isinstance(at, datetime) else at for at in (row["first"], row["last"]))
    return {"revenue": revenue, "period": Period(first, last, last + timedelta(days=int(row["recency"])))}


def _habits(database: "Database", median: float, has_days: bool) -> dict[str, Habits]:
    """Count what the customers of each segment do, beside the median spend of all and the rhythm of their orders."""
    rhythm = habits.rhythm(database.fetch("report_rhythm")) if has_days else None
    days = rhythm or 0
    rows = database.fetch("report_habits", median=median, lately=days, gone=habits.GONE * days)
    return {row["segment"]: Habits.of(row, rhythm) for row in rows}


def _cohorts(database: "Database", period: Period | None) -> Cohorts | None:
    if period is None:
        return None
    last = cohorts.last_month(period.counted_to)
    found = database.fetch("report_cohorts", first=last - cohorts.POOLED + 1, last=last)
    return Cohorts.of(found, period.counted_to)


def _rfm(database: "Database") -> RfmGroups | None:
    if "customer_rfm" not in database.own_tables() or not (cuts := rfm.current_cuts(database)):
        return None
    rows = [row | {"customers": int(row["customers"])} for row in database.fetch("report_rfm")]
    return RfmGroups(cuts, rfm.current_groups(database), rows)


def _has_days(database: "Database") -> bool:
    """Tell whether the features have the days of a customer's first and last order, as a shop's own may not."""
    sample = next(iter(database.fetch("features_sample")), {})
    return all(isinstance(sample.get(name), date) for name in ("first_order_at", "last_order_at"))


def _facts(database: "Database", label: str) -> list[Fact]:
    """Return what the facts_ files say of the segments; those whose tables are not there, or not to be read, say
    nothing. label: the column of the shop's table that holds the segment."""
    facts: list[Fact] = []
    for name in database.statements.names("facts_"):
        try:
            rows = database.fetch(name, label=label)
        except TransientError:
            raise
        except DatabaseError as error:
            structlog.get_logger().debug("left out", facts=name, reason=str(error))
            continue
        facts += [Fact(row["segment"], row["fact"], row["item"], float(row["value"])) for row in rows]
    return facts
