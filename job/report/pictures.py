"""The report's pictures: each with its title, its caption and a text for who cannot see it. Pure: no database, no
files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from job.formats import Formats
from job.history import DoneRun
from job.model.segment_model import SegmentModel
from job.model.segments import LETTERS
from job.report import charts
from job.report.figures import SHOP, Cells, Figures, Today, together, transformed_centroids
from job.report.moved import MOST_FLOWS, Window

DOTS = 900  # most dots of the customers, in all pictures of feature space together
STEEP = 50  # times the bar in the middle: then bars are shown on a logarithmic axis


@dataclass(frozen=True)
class Picture:
    """An SVG with what stands above and below it."""

    title: str
    svg: str
    caption: str


def all_pictures(figures: Figures, formats: Formats) -> list[Picture]:
    """Return the pictures that there are figures for, as they follow each other on the page."""
    return [
        *(_of_customers(figures.today, figures.model, formats) if figures.today else []),
        *_history(figures.runs, formats),
        *_elbow(figures.model, formats),
    ]


def _of_customers(today: Today, model: SegmentModel, formats: Formats) -> list[Picture]:
    """Return the distributions of the features, of the revenue, and the customers in feature space."""
    statistics = {row["column"]: row for row in today.statistics}
    cells = {scale.column: pair for pair in reversed(today.cells) for scale in pair.scales}  # the first, finest ones
    axes = [axis.column for axis in model.axes]
    shown = [column for column in dict.fromkeys([*SHOP, *axes]) if column in cells]
    labels = {column: _axis(statistics[column], model, formats) for column in shown}
    pictures = [_histogram(cells[column], labels[column], statistics[column], formats) for column in shown]
    if "monetary" in cells and statistics["monetary"]["low"] >= 0:
        pictures.append(_pareto(cells["monetary"], formats))
    pairs = [pair for pair in today.cells if [scale.column for scale in pair.scales] in _pairs(axes)]
    return pictures + [_space(pair, model, labels, DOTS // len(pairs), formats) for pair in pairs]


def _pairs(axes: Sequence[str]) -> list[list[str]]:
    return [list(pair) for pair in together(axes)]


def _axis(statistics: Mapping[str, Any], model: SegmentModel, formats: Formats) -> charts.FeatureAxis:
    """Return the axis of the feature that the statistics are of."""
    column = statistics["column"]
    transform = next((axis.transform for axis in model.axes if axis.column == column), "none")
    labels = {"monetary": "spend", "frequency": "number of orders", "recency_days": "days since the last order"}
    return charts.FeatureAxis(labels.get(column, column), transform, column == "monetary", bool(statistics["whole"]))


def _histogram(cells: Cells, axis: charts.FeatureAxis, statistics: Mapping[str, Any], formats: Formats) -> Picture:
    """Return the distribution of the feature that the statistics are of."""
    column = statistics["column"]
    scale = cells.scale(column)
    edges, ranges = scale.edges(), scale.ranges
    bars: dict[str, list[int]] = {}
    for (segment, (number,)), customers in sorted(cells.customers(column).items()):
        bars.setdefault(segment, [0] * (len(edges) - 1))[number] = customers
    total = [sum(bins) for bins in zip(*bars.values(), strict=True)] or [0]
    half = sorted(total)[len(total) // 2]
    steep = bool(ranges) and max(total) > STEEP * max(half, 1)
    mean = formats.money(statistics["mean"]) if axis.money else formats.number(statistics["mean"], 2)
    alt = f"Histogram of {axis.label}: {mean} on average; the highest of {len(total)} bars has "
    alt += f"{formats.number(max(total))} customers."
    svg = charts.distribution(axis._replace(transform=scale.transform), edges, bars, steep, alt, formats, ranges)
    caption = f"{mean} on average."
    caption += " Each step up the axis is ten times the customers." if steep else ""
    if scale.transform != "none":
        caption += " Values to the right are drawn closer together."
    elif len({last - first for first, last in ranges}) > 1:
        caption += " Bars to the right stand for more numbers."
    return Picture(f"Customers by {axis.label}", svg, caption)


def _pareto(cells: Cells, formats: Formats) -> Picture:
    """Return the share of the revenue by share of the customers. cells: of the spend."""
    falling = reversed(cells.spend("monetary"))
    counts, sums = (list(accumulate(column, initial=0.0)) for column in zip(*falling, strict=True))
    curve = [(count / counts[-1], money / (sums[-1] or 1)) for count, money in zip(counts, sums, strict=True)]
    brought = " and ".join(
        f"the {formats.share(share, 0)} who spent most brought {formats.share(_height(curve, share), 0)}"
        for share in (0.1, 0.2)
    )
    caption = f"Of the customers, {brought} of the revenue. On the dashed line, all would have spent the same."
    return Picture("Revenue against customers (Pareto)", charts.pareto(curve, "the revenue", caption), caption)


def _height(curve: Sequence[tuple[float, float]], share: float) -> float:
    """Return the curve's height at a share of the customers, along the straight line between two of its points."""
    for (left, low), (right, high) in pairwise(curve):
        if left <= share <= right:
            return low + (high - low) * (share - left) / max(right - left, 1e-12)
    return 1.0


def _space(
    cells: Cells, model: SegmentModel, labels: Mapping[str, charts.FeatureAxis], dots: int, formats: Formats
) -> Picture:
    """Return the customers on two of the model's axes. cells: of these two. dots: at most so many."""
    across, up = (next(axis for axis in model.axes if axis.column == scale.column) for scale in cells.scales)
    x, y = cells.scales
    # In the middle of its cell: where a customer is alone there, the picture does not tell what they have spent.
    points = [
        (segment, x.middle(column, across.transform), y.middle(row, up.transform), customers)
        for (segment, (column, row)), customers in cells.customers(across.column, up.column).items()
    ]
    points = sorted(points, key=lambda point: (-point[-1], *point))[:dots]
    places = transformed_centroids(model)
    at, above = model.axes.index(across), model.axes.index(up)
    centroids = {
        letter: (float(place[at]), float(place[above])) for letter, place in zip(LETTERS, places, strict=False)
    }
    axes = labels[across.column], labels[up.column]
    alt = f"Customers by {axes[0].label} and {axes[1].label}, coloured by segment; a letter stands at its centroid."
    caption = "A letter stands at its segment's centroid. The larger a dot, the more customers stand there."
    svg = charts.space(axes, points, centroids, alt, formats)
    return Picture(f"{axes[0].label} and {axes[1].label}".capitalize(), svg, caption)


def flows(window: Window, formats: Formats) -> str:
    """Return those who moved by themselves as bands from segment to segment, the widest ones; empty: nobody did."""
    own = [flow for flow in window.own() if flow.customers][:MOST_FLOWS]
    if not own:
        return ""
    told = "; ".join(
        f"{flow.before or 'new'} to {flow.after or 'gone'}: {formats.number(flow.customers)}" for flow in own
    )
    moves = [(flow.before or "new", flow.after or "gone", flow.customers) for flow in own]
    return charts.flows(moves, f"Who moved in {window.nights} nights, from the left to the right. {told}.")


def _elbow(model: SegmentModel, formats: Formats) -> list[Picture]:
    """Return what came out for every k that was tried; nothing where k was given."""
    if len(model.tried) < 3:
        return []
    inertia = "; ".join(f"k = {quality.k}: {formats.figures(quality.inertia)}" for quality in model.tried)
    refused = [
        f"k = {quality.k} was refused (hollow): {quality.refused}." for quality in model.tried if quality.refused
    ]
    caption = " ".join([f"{model.k} segments were chosen (the large dot).", *refused])
    alt = f"Inertia, silhouette, Davies-Bouldin index and stability by number of segments. Inertia: {inertia}."
    return [Picture("How many segments", charts.elbow(model.tried, model.k, alt, formats), caption)]


def _history(newest_first: Sequence[DoneRun], formats: Formats) -> list[Picture]:
    """Return the segments' shares over time; nothing with one run."""
    if len(newest_first) < 2:
        return []
    runs = list(reversed(newest_first))
    shares = [{segment.segment: segment.share for segment in run.segments} for run in runs]
    anew = [index for index in range(1, len(runs)) if runs[index].names != runs[index - 1].names]
    since = anew[-1] if anew else 0
    changes = "; ".join(
        f"{letter} from {formats.share(shares[since].get(letter, 0))} to {formats.share(share)}"
        for letter, share in shares[-1].items()
    )
    caption = f"Each segment's share of the customers in the last {len(runs)} runs."
    caption += " At a dotted line, letters were given to other segments." if anew else ""
    alt = f"{caption} " + (f"Over the last {len(runs) - since}: {changes}." if since < len(runs) - 1 else "")
    svg = charts.history(list(zip([run.started_at for run in runs], shares, strict=True)), anew, alt, formats)
    return [Picture("Segments over time", svg, caption)]
