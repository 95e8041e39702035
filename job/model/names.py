"""Names that are true of the customers who bear them. Pure: no database, no files.

Every axis is cut where that tells the segments apart; the customers themselves are counted between the cuts, by SQL.
A name is a range of bins on one axis or more, in words, in which most of its segment is: on all of them at once.
In shapes, `k` is the number of segments, `bins` that of the bins of an axis, `runs` that of the ranges of its bins.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from job.model.points import Points
from job.model.segment_model import Axis, Bounds, Floats, Integers, Meaning

TRUE = 0.8  # share of a segment's customers that its name must hold for
STAYS = 0.7  # the same, for a name that it has already
NEAR = 0.05  # how far the share that a name tells may be from the true one, in the nights to come
SHARED = 0.5  # of another segment's customers, from which a name does not tell the two apart
LONGEST, LONGEST_COLUMN = 48, 24  # characters of a name, and of a column's in it
LEAVES, MORE_LEAVES, FEW = 5, 8, 5  # bins of an axis at most; with more segments than FEW
PLANE = 2  # axes, up to which there may be as many bins as segments: all their combinations are few
DIGITS, MOST_DIGITS = 2, 7  # of a cut: "spend over 270"
MOVED = 0.1  # share of a segment that a cut may pass as it is rounded
MOST_AXES = 3  # that names speak of
TELLS = 0.003  # share of the impurity that a cut must take away
# What a name costs: the worst share of another segment that it holds for, counted half; the mean share of the others,
# counted once; and these for every word, for every bin more than one, and for what it gains by being truer than TRUE.
WORST, WORD, WIDE, TRUER = 0.5, 0.1, 0.01, 0.95

SPEND_WORDS: Mapping[int, Sequence[str]] = {
    2: ("low", "high"),
    3: ("low", "medium", "high"),
    4: ("very low", "low", "high", "very high"),
    5: ("very low", "low", "medium", "high", "very high"),
}


@dataclass(frozen=True)
class Cuts:
    """Where an axis is cut, in the column's unit. A bin is over one edge, and up to the next."""

    axis: Axis
    edges: tuple[float, ...]  # between the bins that customers are counted in
    told: tuple[float, ...]  # of these, the ones that new names are made of
    least: float  # of the points' values

    @property
    def ends(self) -> tuple[float, ...]:
        """The edges that new names are made of, with both ends."""
        return (-math.inf, *self.told, math.inf)

    def inside(self, over: float, up_to: float) -> Any:
        """Return which bins (bins) are between the bounds, as booleans."""
        edges = np.array([-math.inf, *self.edges, math.inf])
        return (edges[:-1] >= over) & (edges[1:] <= up_to)


@dataclass(frozen=True)
class Counts:
    """Customers by segment and by the bins of the axes that are cut."""

    cuts: Sequence[Cuts]
    customers: Integers  # (k x bins of the first axis x bins of the second ...)

    @classmethod
    def of(cls, cuts: Sequence[Cuts], rows: Sequence[Mapping[str, Any]], k: int) -> "Counts":
        """Return what rows count: the segment's number is `centroid`, its bins are `#bin0`, `#bin1`, ..."""
        counted = np.zeros((k, *(len(cut.edges) + 1 for cut in cuts)), dtype=np.int64)
        for row in rows:
            counted[int(row["centroid"]), *(int(row[f"#bin{number}"]) for number in range(len(cuts)))] += int(
                row["customers"]
            )
        return cls(cuts, counted)

    def in_order(self, order: Sequence[int]) -> "Counts":
        """Return the counts with the segments in this order."""
        return Counts(self.cuts, self.customers[list(order)])

    @property
    def sizes(self) -> Integers:
        """The customers of each segment (k)."""
        sizes: Integers = self.customers.reshape(len(self.customers), -1).sum(axis=1)
        return sizes

    def shares(self, runs: Sequence[Any]) -> Floats:
        """Return the shares of each segment in every combination of runs (k x runs of the first axis x ...).

        runs: for each axis, which bins each run holds, as booleans (runs x bins). An empty segment is in none.
        """
        found = self.customers.astype(float)  # whole numbers, so sums are exact
        for run in runs:  # takes the foremost axis of bins, and puts its runs behind all others
            found = np.tensordot(found, np.asarray(run, dtype=float), axes=([1], [1]))
        return found / np.maximum(self.sizes, 1).reshape(-1, *[1] * len(self.cuts))

    def share(self, bounds: Mapping[str, Bounds]) -> Floats | None:
        """Return the share of each segment (k) between the bounds; None where customers are not counted by them."""
        by_column = {cut.axis.column: cut for cut in self.cuts}
        if not bounds.keys() <= by_column.keys():
            return None
        everything = (-math.inf, math.inf)
        runs = [cut.inside(*bounds.get(column, everything))[None] for column, cut in by_column.items()]
        return self.shares(runs).reshape(len(self.customers))


def cuts(points: Points, labels: Integers, k: int, before: Sequence[Meaning] = ()) -> list[Cuts]:
    """Return where to cut the axes that tell most; there, customers are counted.

    labels: the number of each point's segment (points). before: what the names that stand mean.
    """
    wanted = [_cut(points, labels, k, index, before) for index in range(len(points.axes))]
    known = {column for meaning in before for column in meaning.bounds}
    best = sorted(wanted, key=lambda one: (one[0].axis.column not in known, -one[1]))
    telling = [cut for cut, _ in best if cut.edges][:MOST_AXES]
    return [cut for cut, _ in wanted if cut in telling]


def _cut(points: Points, labels: Integers, k: int, index: int, before: Sequence[Meaning]) -> tuple[Cuts, float]:
    """Return the axis' cuts, and what share of the impurity they take away.

    Every segment counts the same, however few its customers are: they are to be told apart, too.
    """
    from sklearn.tree import DecisionTreeClassifier

    axis, values = points.axes[index], points.raw[:, index]
    sizes = np.maximum(points.totals(labels, k)[0], 1)
    leaves = LEAVES if k <= FEW else max(MORE_LEAVES, k if len(points.axes) <= PLANE else 0)
    tree = DecisionTreeClassifier(max_leaf_nodes=leaves, min_impurity_decrease=TELLS, random_state=0)
    weights = points.customers / sizes[labels]
    nodes = tree.fit(values[:, None], labels, sample_weight=weights).tree_
    inner = nodes.children_left >= 0
    thresholds = [math.floor(value) if axis.whole else float(value) for value in nodes.threshold[inner]]
    told = sorted({_rounded(threshold, values, weights) for threshold in thresholds})
    told = [value for value in told if values.min() <= value < values.max()]
    standing = {bound for meaning in before for bound in meaning.bounds.get(axis.column, ()) if math.isfinite(bound)}
    within = nodes.weighted_n_node_samples / nodes.weighted_n_node_samples[0]
    gain = nodes.impurity[0] - float((within * nodes.impurity)[~inner].sum())
    return Cuts(axis, tuple(sorted({*told, *standing})), tuple(told), float(values.min())), gain


def _rounded(threshold: float, values: Floats, weights: Floats) -> float:
    """Return the threshold with DIGITS, or with as many more as it takes to have few on its other side.

    values, weights: of the points (points); every segment weighs 1.
    """
    for digits in range(DIGITS, MOST_DIGITS):
        rounded = float(f"{threshold:.{digits}g}")
        low, high = sorted((rounded, threshold))
        if weights[(values > low) & (values <= high)].sum() <= MOVED:
            return rounded
    return threshold


def names(
    counts: Counts, given: Sequence[str] = (), before: Sequence[tuple[str, Meaning]] = ()
) -> list[tuple[str, Meaning]]:
    """Return a name for each segment, and what it means: those given first, then those that stand, then new ones.

    before: the names that stand, in the segments' order, where the segments are those of before.
    """
    kept = _kept(counts, given, before)
    settled = {number: (name, Meaning()) for number, name in enumerate(given)} | kept
    named = _named(counts, settled, relative=not kept)
    used = {bound for _, meaning in named for both in meaning.bounds.values() for bound in both}
    fewer = [replace(cut, told=tuple(edge for edge in cut.told if edge in used)) for cut in counts.cuts]
    return _named(Counts(fewer, counts.customers), settled, relative=not kept)  # the same, in words for fewer cuts


def _named(counts: Counts, settled: Mapping[int, tuple[str, Meaning]], relative: bool) -> list[tuple[str, Meaning]]:
    """Return the names that are settled, by the number of the segment, and new ones for the others."""
    taken = {name for name, _ in settled.values()}
    spoken = _Spoken(counts, relative)
    named = []
    for number in range(len(counts.customers)):
        one = settled.get(number) or spoken.name(number, taken)
        taken.add(one[0])
        named.append(one)
    return named


def _kept(
    counts: Counts, given: Sequence[str], before: Sequence[tuple[str, Meaning]]
) -> dict[int, tuple[str, Meaning]]:
    """Return the names that stand and hold, by the number of the segment."""
    kept: dict[int, tuple[str, Meaning]] = {}
    for number, (name, meaning) in list(enumerate(before))[len(given) :]:
        shares = counts.share(meaning.bounds) if meaning.bounds and name not in given else None
        if shares is None:
            continue
        told = meaning.share < TRUE
        holds = abs(shares[number] - meaning.share) <= NEAR if told else shares[number] >= STAYS
        if holds or not counts.sizes[number]:
            kept[number] = (name, meaning)
    return kept


class _Spoken:
    """All that could be said of the segments, and how true it is of each."""

    def __init__(self, counts: Counts, relative: bool) -> None:
        """Find the share of every segment in every combination of runs.

        relative: whether words such as `high` may be used, which mean something only beside each other.
        """
        self.counts, self.spend = counts, _spend_words(counts) if relative else {}
        places = [list(combinations(range(len(cut.ends)), 2)) for cut in counts.cuts]
        self.runs = [
            [(cut.ends[i], cut.ends[j]) for i, j in pairs] for cut, pairs in zip(counts.cuts, places, strict=True)
        ]
        inside = [
            np.array([cut.inside(*run) for run in runs]) for cut, runs in zip(counts.cuts, self.runs, strict=True)
        ]
        shares = counts.shares(inside)
        self.shape = shares.shape[1:]
        self.shares = shares.reshape(len(shares), -1)
        words, width = np.zeros(self.shape, dtype=int), np.zeros(self.shape, dtype=int)
        for axis, (cut, pairs) in enumerate(zip(counts.cuts, places, strict=True)):
            wide = np.array([j - i for i, j in pairs])
            says = wide <= len(cut.told)
            along = [-1 if other == axis else 1 for other in range(len(self.shape))]
            words += says.reshape(along)
            width += np.where(says, wide - 1, 0).reshape(along)
        self.words, self.width = words.ravel(), width.ravel()

    def name(self, number: int, taken: set[str]) -> tuple[str, Meaning]:
        """Return the best name that is not taken."""
        if not self.counts.sizes[number]:
            return _free("nobody at present", taken), Meaning()
        own, others = self.shares[number], np.delete(self.shares, number, axis=0)
        sizes = np.delete(self.counts.sizes, number)
        worst = others.max(axis=0, initial=0)
        mean = sizes @ others / max(sizes.sum(), 1)
        cost = WORST * worst + mean + WORD * self.words + WIDE * self.width - np.minimum(own, TRUER)
        cost += worst > SHARED
        true = np.flatnonzero((own >= TRUE) & (self.words > 0))
        for index in true[np.argsort(cost[true], kind="stable")]:
            if (text := self.text(index)) not in taken and len(text) <= LONGEST:
                return text, Meaning(self.bounds(index), float(own[index]))
        single = np.flatnonzero((self.words == 1) & (own < TRUE))
        for index in single[np.argsort((mean - own)[single], kind="stable")]:
            text = f"{math.floor(100 * own[index])}% {self.text(index, share=True)}"
            if text not in taken and len(text) <= LONGEST:
                return text, Meaning(self.bounds(index), float(own[index]))
        return _free(f"group {number + 1}", taken), Meaning()

    def bounds(self, index: int) -> dict[str, Bounds]:
        """Return what a combination says of which column."""
        places = np.unravel_index(index, self.shape)
        found = [(cut.axis.column, runs[at]) for cut, runs, at in zip(self.counts.cuts, self.runs, places, strict=True)]
        return {column: run for column, run in found if run != (-math.inf, math.inf)}

    def text(self, index: int, share: bool = False) -> str:
        """Return a combination in words, the number of orders first. share: a share of the customers goes before."""
        bounds = self.bounds(index)
        said = sorted(
            (cut for cut in self.counts.cuts if cut.axis.column in bounds),
            key=lambda cut: cut.axis.column != "frequency",
        )
        text = ", ".join(_word(cut, bounds[cut.axis.column], self.spend) for cut in said)
        return f"with {text}" if share and said[0].axis.column != "recency_days" else text


def _free(text: str, taken: set[str]) -> str:
    """Return the text, numbered where it is taken."""
    numbered = (f"{text} ({number})" for number in range(2, len(taken) + 3))
    return text if text not in taken else next(one for one in numbered if one not in taken)


def _spend_words(counts: Counts) -> dict[Bounds, str]:
    """Return what to call the bins of the spend: high is no bin that the median customer is above, and low none that
    the median customer is below."""
    found = {}
    for index, cut in enumerate(counts.cuts):
        others = tuple(axis for axis in range(counts.customers.ndim) if axis != index + 1)
        customers = counts.customers.sum(axis=others)
        for word, over, up_to in zip(SPEND_WORDS.get(len(cut.told) + 1, ()), cut.ends, cut.ends[1:], strict=False):
            below, above = (customers[cut.inside(*end)].sum() for end in ((-math.inf, over), (up_to, math.inf)))
            beside = above if word.endswith("high") else below if word.endswith("low") else 0
            if cut.axis.column == "monetary" and 2 * beside <= customers.sum():
                found[over, up_to] = f"{word} spend"
    return found


def _word(cut: Cuts, bounds: Bounds, spend: Mapping[Bounds, str]) -> str:
    """Return what the bounds say; spend: what they are called on the axis of the spend."""
    axis, (over, up_to) = cut.axis, bounds
    if axis.column == "monetary" and bounds in spend:
        return spend[bounds]
    least, first = round(cut.least), (f"{over + 1:,.0f}" if over > -math.inf else f"{cut.least:,.0f}")
    low, high = _number(over), _number(up_to)
    if axis.column == "frequency" and axis.whole:
        if up_to == math.inf:
            return f"{first}+ orders"
        one = max(over + 1, least) == up_to
        orders = first if one else f"{first} {'or' if up_to - max(over + 1, least) == 1 else 'to'} {high}"
        return "one order" if one and up_to == 1 else f"{orders} orders"
    if axis.column == "recency_days":
        text = f"away {first if axis.whole else low} to {high} days"
        text = f"active within {high} days" if over == -math.inf else text
        return f"away over {low} days" if up_to == math.inf else text
    what = "spend" if axis.column == "monetary" else axis.column[:LONGEST_COLUMN]
    text = f"{first if axis.whole else low} to {high}"
    text = f"up to {high}" if over == -math.inf else text
    return f"{what} over {low}" if up_to == math.inf else f"{what} {text}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value % 1 == 0 and abs(value) < 1e15 else f"{value:,}"
