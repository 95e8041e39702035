"""Did a campaign help: customers who were held out beside those who were not. Pure: no database, no files.

Whoever was in an arm at the start is counted there, whatever became of them. The tests are SciPy's: chi-squared for how
many ordered again, Welch's for the revenue, Wilson's intervals put together by Newcombe's method 10 (1998), and
Benjamini and Hochberg's correction over the segments.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

FEWEST_BUYERS = 50  # in the smaller arm
FEWEST_EXPECTED = 10  # who order again, and who do not, in each arm
LEVEL = 0.95  # of intervals
POWER = 0.8  # that a sample is told for
WORTH_TELLING = 0.1  # more buyers than in the holdout: what a sample is told for


@dataclass(frozen=True)
class Arm:
    """What became of an arm's customers since the start."""

    customers: int = 0
    gone: int = 0  # no customers any more; they count with no order and no money
    buyers: int = 0
    revenue: float = 0.0
    squares: float = 0.0  # the sum of each one's revenue, squared

    def __add__(self, other: "Arm") -> "Arm":
        return Arm(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    @property
    def rate(self) -> float:
        """The share who ordered again."""
        return self.buyers / self.customers if self.customers else 0.0

    @property
    def mean(self) -> float:
        """The revenue of a customer."""
        return self.revenue / self.customers if self.customers else 0.0

    @property
    def deviation(self) -> float:
        """The standard deviation of that; 0 with fewer than two customers."""
        if self.customers < 2:
            return 0.0
        return math.sqrt(max(self.squares - self.customers * self.mean**2, 0.0) / (self.customers - 1))


class Effect(NamedTuple):
    """A difference, treated less holdout, with its interval, and how likely one so large is where there is none."""

    difference: float
    low: float
    high: float
    p: float
    adjusted: float  # p, corrected over the segments

    @property
    def told(self) -> bool:
        """Whether it is more than chance would give in one of twenty campaigns without effect."""
        return self.adjusted < 1 - LEVEL


@dataclass(frozen=True)
class Lift:
    """Two arms compared: of a segment, or of all."""

    segment: str | None  # None: all
    treated: Arm
    holdout: Arm
    too_few: str  # in words; empty: there are enough
    needed: int | None  # customers in all, for WORTH_TELLING to be told; None: nobody held out has ordered
    ordered: Effect | None = None
    revenue: Effect | None = None


def lifts(rows: Sequence[Mapping[str, Any]]) -> list[Lift]:
    """Return the comparison of all, and of each segment by letter, of what campaign_results.sql has found.

    All are compared as they are; the segments' p are corrected for there being several.
    """
    arms: dict[tuple[str, str], Arm] = {}
    for row in rows:
        customers, gone, buyers = (int(row[name] or 0) for name in ("customers", "gone", "buyers"))
        revenue, squares = (float(row[name] or 0) for name in ("revenue", "squares"))
        arms[row["segment"], row["arm"]] = Arm(customers, gone, buyers, revenue, squares)
    letters = sorted({segment for segment, _ in arms})
    both = {each: [arms.get((each, arm), Arm()) for arm in ("treated", "holdout")] for each in letters}
    totals = [sum(column, start=Arm()) for column in zip(*both.values(), strict=True)] or [Arm(), Arm()]
    return [compared(None, *totals), *_corrected([compared(each, *arms) for each, arms in both.items()])]


def compared(segment: str | None, treated: Arm, holdout: Arm) -> Lift:
    """Compare two arms, where there are enough customers in them to tell."""
    plain = Lift(segment, treated, holdout, _too_few(treated, holdout), needed(treated, holdout))
    return (
        plain
        if plain.too_few
        else replace(plain, ordered=_ordered(treated, holdout), revenue=_revenue(treated, holdout))
    )


def _table(treated: Arm, holdout: Arm) -> list[list[int]]:
    return [[arm.buyers, arm.customers - arm.buyers] for arm in (treated, holdout)]


def _too_few(treated: Arm, holdout: Arm) -> str:
    smaller, name = min((holdout, "holdout"), (treated, "treated"), key=lambda pair: pair[0].customers)
    if smaller.buyers < FEWEST_BUYERS:
        return f"too few: {smaller.buyers} of the {name} ordered again, fewer than {FEWEST_BUYERS}"
    from scipy.stats.contingency import expected_freq

    if expected_freq(_table(treated, holdout)).min() < FEWEST_EXPECTED:
        return f"too few: fewer than {FEWEST_EXPECTED} of an arm would order again, or would not, without any effect"
    return ""


def _ordered(treated: Arm, holdout: Arm) -> Effect:
    from scipy.stats import binomtest, chi2_contingency

    p = float(chi2_contingency(_table(treated, holdout), correction=False).pvalue)
    ours, theirs = (
        binomtest(arm.buyers, arm.customers).proportion_ci(LEVEL, method="wilson") for arm in (treated, holdout)
    )
    difference = treated.rate - holdout.rate
    low = difference - math.hypot(treated.rate - ours.low, theirs.high - holdout.rate)
    high = difference + math.hypot(ours.high - treated.rate, holdout.rate - theirs.low)
    return Effect(difference, low, high, p, p)


def _revenue(treated: Arm, holdout: Arm) -> Effect:
    from scipy.stats import t, ttest_ind_from_stats

    difference = treated.mean - holdout.mean
    parts = [arm.deviation**2 / arm.customers for arm in (treated, holdout)]
    if not any(parts):  # everybody spent the same
        return Effect(
            difference, difference, difference, 1.0 if difference == 0 else 0.0, 1.0 if difference == 0 else 0.0
        )
    stats = [(arm.mean, arm.deviation, arm.customers) for arm in (treated, holdout)]
    p = float(ttest_ind_from_stats(*stats[0], *stats[1], equal_var=False).pvalue)
    freedom = sum(parts) ** 2 / sum(
        part**2 / (arm.customers - 1) for part, arm in zip(parts, (treated, holdout), strict=True)
    )
    low, high = t.interval(LEVEL, freedom, loc=difference, scale=math.sqrt(sum(parts)))
    return Effect(difference, float(low), float(high), p, p)


def needed(treated: Arm, holdout: Arm) -> int | None:
    """Return how many customers a campaign with arms of these shares needs, to tell a tenth more buyers than the
    holdout's in four of five cases; None: nobody held out has ordered, or everybody has."""
    rate, customers = holdout.rate, treated.customers + holdout.customers
    if not 0 < rate < 1 or not treated.customers:
        return None
    from scipy.stats import norm

    quantiles = float(norm.ppf((1 + LEVEL) / 2) + norm.ppf(POWER))
    share = holdout.customers / customers
    return math.ceil(quantiles**2 * rate * (1 - rate) / ((WORTH_TELLING * rate) ** 2 * share * (1 - share)))


def _corrected(of_segments: list[Lift]) -> list[Lift]:
    """Return the segments with their p corrected, those of each figure together."""
    from scipy.stats import false_discovery_control

    for name in ("ordered", "revenue"):
        told = [(at, getattr(lift, name)) for at, lift in enumerate(of_segments) if getattr(lift, name)]
        if told:
            adjusted = false_discovery_control([effect.p for _, effect in told])
            for (at, effect), value in zip(told, adjusted, strict=True):
                of_segments[at] = replace(of_segments[at], **{name: effect._replace(adjusted=float(value))})
    return of_segments
