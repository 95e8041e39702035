"""What cannot be right about customers, and about the segments made of them. Pure: no database, no files.

Each limit stands with its reason. They are set so that a healthy shop is not warned; docs/guides/warnings.md says what
each finding means, and what to do.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from job.model.points import Points
from job.model.segment_model import Axis, Floats, Integers
from job.model.segments import Segment

Check = Literal["one_customer", "ids", "dates", "spend", "order_counts", "axes", "few_customers", "stability"]

BIN_DAYS = 30  # of the ages that customer_totals.sql counts by
BINS = 1300  # of them, 107 years; what is older is in the last
LARGEST = 100  # customers whose ids are looked at: those with the largest shares
MOST_NAMED = 3  # ids in a run's warnings
# Times its fair share that one customer must have, besides checks.one_customer_share: among twenty customers, one with
# a tenth of the orders is nothing odd.
OUTSIZED = 10
# Times the mean orders, or the mean spend, that make a placeholder worth a word: a shop may count its customers from 0,
# and that one is like the others.
BUSY = 5
QUIET_YEAR = 366  # days without an order that no shop at work has, at the end of its data ...
NEWEST_FEW = 0.01  # ... but for so small a share of its customers as a mistyped year makes
QUIET_YEARS = 5 * 365  # days without an order, whoever is on either side: 1970-01-01 can be a third of the customers
PER_SEGMENT = 10  # customers, on average, below which shares and means are chance: one more or less is a tenth
OFF_COMMONEST = 3  # customers off an axis's commonest value, below which the axis can only set them alone
# Share of the customers at one point: all segments but one are then made of the rest. Olist's fullest has 0.3%.
AT_ONE_POINT = 0.9
# Mean adjusted Rand index of refits: below it, more of the grouping is lost than kept. Olist has 0.98, a synthetic shop
# of 20,000 customers 0.95; of 140 healthy shops of 40 to 1,000 customers, drawn at random, the lowest had 0.51.
STABLE = 0.5
BIN_DECADES = 0.3  # width of the bins of spend, in powers of ten: each begins at twice the one before
APART = 4  # bins between two heaps of spend: 16 times as much. Cents beside whole are 100 times
VALLEY = 0.05  # of the lower heap's peak, between the two
LEAST_IN_HEAP = 20  # customers: fewer leave valleys by chance
NO_SHARES = 1e100  # what is divided by it is next to nothing
MANY = 20  # customers who have all an even number of orders, or one, by no chance

WORD = (
    r"(?:guests?|anonymous|anon|unknown|unnamed|none|null|nil|nan|na|n/a|\#n/a|n\.a\.|undefined|empty|missing|blank|"
    r"default|tests?|tester|testing|demo|dummy|example|sample|no[ _-]?name|no[ _-]?id|no[ _-]?reply|walk[ _-]?in|cash|"
    r"consumidor(?:[ _-]final)?|convidad[oa]|invitad[oa]|invit[eé]|gast|laufkundschaft|unbekannt)"
)
PLACEHOLDER = re.compile(
    rf"""
      | [+-]?0+(?:[.]0+)?                                    # nothing at all, 0, 0.0
      | -[0-9]+(?:[.]0+)?                                    # -1
      | 9{{4,}} | ([0-9])\1{{5,}}                            # 9999, 111111
      | [-_.?*x\#]{{1,5}} | \\n                              # -, ???, \N
      | (?:0{{8}}|f{{8}})(?:-?[0f]{{4}}){{3}}-?(?:0{{12}}|f{{12}})  # the nil UUID
      | {WORD}(?:[ _-]?(?:user|customer|client|cliente|checkout|account|order|buyer|id))?[ _-]?[0-9]{{0,3}}
      | {WORD}(?:[+._-][^@]*)?[0-9]{{0,3}}@[\w.-]{{1,64}}    # anonymous@shop.example
    """,
    re.VERBOSE,
)


@dataclass(frozen=True)
class Finding:
    """A sentence on what cannot be right, without a full stop, and the checks of the config that it is of."""

    checks: tuple[Check, ...]
    sentence: str


@dataclass(frozen=True)
class Totals:
    """The rows of customer_totals.sql, the newest customers first, and what they add up to."""

    rows: Sequence[Mapping[str, Any]]

    def sum(self, name: str) -> float:
        """Return the sum of a column over all customers; NULL adds nothing."""
        return float(sum(row[name] or 0 for row in self.rows))

    def least(self, name: str) -> float:
        """Return the least value of a column; 0 where no customer has one."""
        return float(min((row[name] for row in self.rows if row[name] is not None), default=0))

    def most(self, name: str) -> float:
        """Return the greatest value of a column; 0 where no customer has one."""
        return float(max((row[name] for row in self.rows if row[name] is not None), default=0))

    def whole(self, name: str) -> float:
        """Return what a column adds up to, to divide by; where that is nothing, a number that makes shares none."""
        total = self.sum(name)
        return total if 0 < total < math.inf else NO_SHARES

    @property
    def customers(self) -> int:
        """How many there are."""
        return int(self.sum("customers"))


def is_placeholder(person: str) -> bool:
    """Return whether an id looks like one that stands for nobody, such as 0, guest or n/a."""
    return PLACEHOLDER.fullmatch(person.strip().lower()) is not None


def of_customers(
    totals: Totals, largest: Sequence[Mapping[str, Any]], share: float, columns: Collection[str]
) -> list[Finding]:
    """Return what cannot be right about the features that every shop has: ids, orders, spend, recency.

    largest: the rows of largest_customers.sql. share: of all orders, or of all spend, that one customer may have.
    columns: those that are axes.
    """
    return [
        *_of_one(totals, largest, share),
        *_of_spreadsheets(totals),
        *_of_dates(totals),
        *_of_spend(totals),
        *_of_single_orders(totals, columns),
    ]


def _of_one(totals: Totals, largest: Sequence[Mapping[str, Any]], share: float) -> list[Finding]:
    """Those who have far more than others: the largest customer, and placeholders."""
    findings: list[Finding] = []
    for place, row in enumerate(largest):
        shares = [min(float(row[name] or 0) / totals.whole(name), 1.0) for name in ("orders", "spend")]
        times = max(shares) * totals.customers
        outsized = place == 0 and max(shares) >= share and times >= OUTSIZED
        has = f"has {row['orders']:,.0f} orders, {_share(shares[0])} of all, and {_share(shares[1])} of the revenue"
        if is_placeholder(row["customer_unique_id"]) and times >= BUSY and len(findings) < MOST_NAMED:
            checks: tuple[Check, ...] = ("one_customer", "ids") if outsized else ("ids",)
            findings.append(Finding(checks, _placeholder_told(row["customer_unique_id"].strip(), has)))
        elif outsized:
            sentence = (
                f"one customer {has}: is it one? Guests under one id, the shop itself, test orders or a wrong "
                "amount are to be left out in features.sql; for a real one, raise checks.one_customer_share "
                "(customer_features, ordered by monetary or frequency, shows who it is)"
            )
            findings.append(Finding(("one_customer",), sentence))
    return findings


def _placeholder_told(person: str, has: str) -> str:
    who = f"the id {person}" if person else "the empty id"
    return (
        f"{who} {has}, and looks like a placeholder for many: give guests ids of their own, such as their e-mail, or "
        f"leave them out in features.sql (WHERE your_id <> '{person}', with your column's name)"
    )


def _of_spreadsheets(totals: Totals) -> list[Finding]:
    ids = totals.sum("spreadsheet")
    if not ids:
        return []
    sentence = (
        f"{_have(ids)} an id that a spreadsheet has rounded, such as 5.51E+11: all whose numbers begin alike are one; "
        "export the file again with that column as text"
    )
    return [Finding(("ids",), sentence)]


def _of_dates(totals: Totals) -> list[Finding]:
    mean = totals.sum("days") / max(totals.customers, 1)
    quiet, and_mean = _quiet(totals), f"and the mean of recency_days is {mean:,.0f}"
    sentences = []
    if before := totals.sum("before_zero"):
        sentences.append(
            f"{_have(before)} recency_days below 0, the least {totals.least('newest'):,.0f}: they ordered after the "
            "day that it is counted from; correct dates in the future, or count from the newest order"
        )
    if (ahead := totals.most("ahead")) > 1:
        sentences.append(
            f"the newest order is dated {ahead:,.0f} days from now ({_have(totals.sum('in_future'))} one in the "
            f"future), {and_mean}: it may be counted from that order; correct the date, or leave the order out in "
            "features.sql"
        )
    elif quiet and quiet.at_the_end:
        nobody = f"but for {_customers(quiet.newer)}, nobody" if quiet.newer else "nobody"
        sentences.append(
            f"{nobody} has ordered in the {quiet.until:,.0f} days up to the day that recency is counted from, "
            f"{and_mean}: correct an order dated in the future (a mistyped year, 9999-12-31) or leave it out in "
            "features.sql, unless the data ends there"
        )
    if quiet and not quiet.at_the_end:
        sentences.append(
            f"the last order of {_customers(quiet.older)} is {quiet.until:,.0f} days old or older, and nobody's is of "
            f"the {quiet.days:,.0f} days after that: dates such as 1970-01-01 stand for none; correct them, or leave "
            "those orders out in features.sql"
        )
    if totals.customers >= MANY and totals.least("newest") == totals.most("oldest"):
        sentences.append(
            f"the last orders of all {_customers(totals.customers)} are of one day: look whether it is that of an "
            "import, and name the column with the order's own date in features.sql"
        )
    return [Finding(("dates",), sentence) for sentence in sentences]


@dataclass(frozen=True)
class _Quiet:
    """A time in which no customer has ordered last."""

    newer: int  # customers after it
    older: int  # customers before it
    days: float  # how long it is
    until: float  # the recency at which it begins, seen from today

    @property
    def at_the_end(self) -> bool:
        """Whether the newer customers, or none, are the odd ones."""
        return self.newer <= self.older


def _quiet(totals: Totals) -> _Quiet | None:
    """Return the longest quiet time, where no healthy shop has one so long."""
    times, newer, last = [], 0, 0.0
    for row in totals.rows:
        if row["newest"] is not None:
            first = float(row["newest"])
            times.append(_Quiet(newer, totals.customers - newer, first - last, first))
            newer, last = newer + row["customers"], max(float(row["oldest"]), 0.0)
    longest = max(times, key=lambda time: time.days, default=None)
    if longest is None:
        return None
    few = longest.newer <= max(1, NEWEST_FEW * totals.customers)
    return longest if longest.days >= QUIET_YEARS or (few and longest.days >= QUIET_YEAR) else None


def _of_spend(totals: Totals) -> list[Finding]:
    if not (negative := totals.sum("negative")):
        return []
    sentence = (
        f"{_have(negative)} spent less than nothing, the least {totals.least('least_spend'):,.2f}: refunds weigh more "
        "than purchases; leave refunds out in features.sql, or count such a customer as 0: GREATEST(SUM(...), 0)"
    )
    return [Finding(("spend",), sentence)]


def _of_single_orders(totals: Totals, columns: Collection[str]) -> list[Finding]:
    if totals.customers < MANY or not totals.least("fewest_orders") == totals.most("most_orders") == 1:
        return []
    checks: tuple[Check, ...] = ("order_counts", "axes") if "frequency" in columns else ("order_counts",)
    sentence = (
        f"each of {totals.customers:,} customers has one order: look whether customer_unique_id is the order's id in "
        "place of the person's, and take frequency out of clustering.features if it is right"
    )
    return [Finding(checks, sentence)]


def of_points(points: Points, k: int) -> list[Finding]:
    """Return what cannot be right about the axes, and about how the customers are spread over them.

    k: the least number of segments that the config allows.
    """
    findings = []
    if points.total < PER_SEGMENT * k:
        sentence = (
            f"{points.total:,} customers are few for {k} segments: with less than {PER_SEGMENT} to a segment, its "
            "figures are chance; set clustering.k lower"
        )
        findings.append(Finding(("few_customers",), sentence))
    for number, axis in enumerate(points.axes):
        values, inverse = np.unique(points.scaled[:, number], return_inverse=True)
        customers = np.bincount(inverse, points.customers).astype(np.int64)
        raw = np.round(axis.raw(axis.transformed(values)), 4)  # without the noise of the transform: 0 is 0
        findings += _of_axis(axis, raw, customers, exact=not points.sums[:, number].any())
        if axis.column == "monetary":
            findings += _of_heaps(raw, customers)
        if axis.column == "frequency":
            findings += _of_even_orders(raw, customers)
    if len(points) > 1 and points.customers.max() >= AT_ONE_POINT * points.total:
        [at] = points.scaled[[points.customers.argmax()]]
        where = ", ".join(
            f"{axis.column} {_figure(axis, axis.raw(axis.transformed(at[number : number + 1]))[0])}"
            for number, axis in enumerate(points.axes)
        )
        sentence = (
            f"{_share(points.customers.max() / points.total)} of the customers are alike ({where}), so that the "
            "segments tell the few others apart: look whether features.sql finds all orders and amounts"
        )
        findings.append(Finding(("axes",), sentence))
    return findings


def _of_axis(axis: Axis, raw: Floats, customers: Integers, exact: bool) -> list[Finding]:
    """An axis that tells hardly anybody apart.

    raw: its different values, rising (values). customers: how many have each (values).
    exact: if there is one value, all customers have just that one, and not one near it.
    """
    total, off = int(customers.sum()), int(customers.sum() - customers.max())
    value = _figure(axis, raw[customers.argmax()])
    advice = "take it out of clustering.features, or look at it in features.sql"
    if axis.column == "frequency" and len(raw) == 1 and round(raw[0]) == 1 and total >= MANY:
        return []  # `order_counts` says more
    if len(raw) == 1:
        same = "the same" if exact else "nearly the same"
        return [Finding(("axes",), f"{axis.column} is {same} for every customer, so it tells none apart; {advice}")]
    if off < OFF_COMMONEST and total > PER_SEGMENT:
        alike = f"{axis.column} is about {value} for {total - off:,} of {total:,} customers"
        return [Finding(("axes",), f"{alike}: it can only set {off} apart; {advice}")]
    young = axis.column == "frequency" and list(np.rint(raw)) == [1, 2]  # the counts of a shop that is new
    if len(raw) == 2 and not young:
        both = " and ".join(
            f"{_figure(axis, each)} ({count:,} customers)" for each, count in zip(raw, customers, strict=True)
        )
        sentence = f"{axis.column} has two values, {both}: the segments follow that split before anything else"
        return [Finding(("axes",), f"{sentence}; {advice}, or give it a lower weight")]
    return []


def _of_heaps(raw: Floats, customers: Integers) -> list[Finding]:
    """Spend in two heaps with next to nobody between: two currencies, or cents beside whole.

    raw: the different spends, rising (values). customers: how many have each (values).
    """
    paid = raw > 0
    bins = np.floor(np.log10(raw[paid]) / BIN_DECADES).astype(int)
    if not len(bins) or np.ptp(bins) < APART:
        return []
    counts = np.bincount(bins - bins[0], customers[paid])
    for valley in range(1, len(counts) - 1):
        left, right = counts[:valley], counts[valley + 1 :]
        apart = valley + 1 + right.argmax() - left.argmax()
        low = counts[valley] <= VALLEY * min(left.max(), right.max())
        if low and apart >= APART and min(left.sum(), right.sum()) >= LEAST_IN_HEAP:
            edge = 10 ** ((bins[0] + valley) * BIN_DECADES)
            sentence = (
                f"spend lies in two heaps: {_customers(left.sum())} below {edge:,.0f} and {right.sum():,.0f} "
                f"from {edge * 10**BIN_DECADES:,.0f} on, with {counts[valley]:,.0f} between; look whether amounts are "
                "in two currencies, or some of them in cents, and convert them in features.sql"
            )
            return [Finding(("spend",), sentence)]
    return []


def _of_even_orders(raw: Floats, customers: Integers) -> list[Finding]:
    """raw: the different numbers of orders, rising (values). customers: how many have each (values)."""
    whole = np.rint(raw)
    if customers.sum() < MANY or len(raw) < 2 or abs(raw - whole).max() > 0.01 or (whole % 2).any() or not whole.all():
        return []
    sentence = (
        f"each of {customers.sum():,} customers has an even number of orders: look whether every order is there twice, "
        "and count it once in features.sql (COUNT(DISTINCT ...))"
    )
    return [Finding(("order_counts",), sentence)]


def of_segments(segments: Sequence[Segment], stability: float | None) -> list[Finding]:
    """Return what cannot be right about the segments.

    stability: of the model, as a mean adjusted Rand index; None: it is not known.
    """
    findings = []
    if alone := [segment.segment for segment in segments if segment.customers == 1]:
        each = f"segment {alone[0]} is" if len(alone) == 1 else f"segments {' and '.join(alone)} are each"
        sentence = (
            f"{each} one customer alone: look at it in customer_segments, leave it "
            "out in features.sql if it is no customer, or set clustering.k lower"
        )
        findings.append(Finding(("few_customers",), sentence))
    if stability is not None and stability < STABLE:
        sentence = (
            f"the {len(segments)} segments are not found again on resampled customers, which agree by {stability:.2f} "
            f"only (adjusted Rand index; 1 is the same, {STABLE} the least to rely on): set clustering.k lower or to "
            "auto, or take other features"
        )
        findings.append(Finding(("stability",), sentence))
    return findings


def _customers(number: float) -> str:
    return f"{number:,.0f} customer{'' if number == 1 else 's'}"


def _have(number: float) -> str:
    return f"{_customers(number)} {'has' if number == 1 else 'have'}"


def _share(share: float) -> str:
    """A share in per cent, with a digit where it is small."""
    return f"{share:.0%}" if share >= 0.1 else f"{share:.1%}"


def _figure(axis: Axis, raw: float) -> str:
    return f"{raw:,.0f}" if axis.whole else f"{round(raw, 4) + 0.0:,.6g}"
