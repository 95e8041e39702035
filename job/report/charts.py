"""Pictures of small tables, as SVG to be put into a page. Pure: no database, no files; the same table, the same SVG.

matplotlib is imported as the first picture is drawn: --help does without.
"""

import io
import itertools
import logging
import math
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from html import escape
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any, NamedTuple

from job.formats import Formats
from job.model.segment_model import Quality
from job.transforms import TRANSFORMS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import XAxis, YAxis
    from matplotlib.figure import Figure

# Okabe and Ito, 2008: colours that stay apart for the colour-blind. With more than eight segments they come again, and
# the letters, which every picture has, tell them apart.
PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442", "#7a7a7a")
GREY, PALE, DARK = "#5f6b76", "#d5dbe1", "#1f2933"
WIDTH = 4.0  # inches: what a phone, or a third of a desktop's page, is wide; letters are 10 pixels high there
STYLE = {
    "svg.fonttype": "none",  # text stays text: small, sharp, to be found and copied
    "text.parse_math": False,  # a $ is a dollar
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib, and is wide: what fits in it fits in others
    "font.size": 8.5,
    "text.color": DARK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": DARK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": DARK,
    "ytick.labelcolor": DARK,
    "grid.color": "#e7ebef",
    "axes.axisbelow": True,
    "legend.frameon": False,
}


def colour(letter: str) -> str:
    """Return the segment's colour, the same in every picture and on the page."""
    return PALETTE[ascii_uppercase.index(letter) % len(PALETTE)]


def ink(letter: str) -> str:
    """Return black or white, whichever is easier to read on the segment's colour."""
    red, green, blue = (int(colour(letter)[start : start + 2], 16) / 255 for start in (1, 3, 5))
    channels = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    luminance = 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#000000"


def ticks(transform: str, low: float, high: float, most: int = 6) -> list[float]:
    """Return round raw values whose transformed ones lie from low to high, well apart from each other."""
    if transform == "none" or high <= low:
        return []
    last = TRANSFORMS[transform].inverse(high)
    top = math.ceil(math.log10(max(last, 1))) + 1
    round_values = [0.0, *(10.0**power for power in range(top)), *(m * 10.0**p for p in range(top) for m in (5, 2, 3))]
    taken: list[float] = []
    for value in round_values:
        transformed = TRANSFORMS[transform].forward(value)
        apart = min((abs(transformed - TRANSFORMS[transform].forward(other)) for other in taken), default=math.inf)
        if low - 1e-9 <= transformed <= high + 1e-9 and apart >= (high - low) / most:
            taken.append(value)
    return sorted(taken)


class FeatureAxis(NamedTuple):
    """An axis that a feature is drawn on."""

    label: str
    transform: str


def distribution(
    feature: FeatureAxis,
    edges: Sequence[float],
    counts: Mapping[str, Sequence[int]],
    steep: bool,
    alt: str,
    formats: Formats,
) -> str:
    """Return a histogram.

    edges: transformed values, one more than bins. counts: the customers in each bin, by segment.
    Segments are stacked; steep: all customers together, on a logarithmic axis.
    """
    with _figure(f"distribution of {feature.label}", 2.7) as (figure, axes):
        widths = [high - low for low, high in itertools.pairwise(edges)]
        total = [sum(bins) for bins in zip(*counts.values(), strict=True)]
        if steep:
            axes.bar(edges[:-1], total, widths, align="edge", color=GREY, edgecolor="white", linewidth=0.4)
            axes.set_yscale("log", nonpositive="clip")
            axes.set_ylim(0.7, max(total) * 2)
        else:
            base = [0] * len(total)
            for letter, bins in counts.items():
                axes.bar(
                    edges[:-1], bins, widths, base, align="edge", color=colour(letter), edgecolor="white",
                    linewidth=0.2, label=letter,
                )  # fmt: skip
                base = [below + more for below, more in zip(base, bins, strict=True)]
            _legend(axes, len(counts))
        axes.set_xlabel(feature.label)
        axes.set_ylabel("customers" + (" (log scale)" if steep else ""))
        _numbers(axes.xaxis, formats, feature.transform, edges[0], edges[-1])
        axes.set_xlim(edges[0], edges[-1])
        _numbers(axes.yaxis, formats)
        return _svg(figure, alt)


def elbow(tried: Sequence[Quality], chosen: int, alt: str, formats: Formats) -> str:
    """Return the inertia and three indices of every k that was tried, with the chosen one marked."""
    panels = (
        ("inertia", "Inertia: lower is tighter"),
        ("silhouette", "Silhouette: higher is better"),
        ("davies_bouldin", "Davies-Bouldin: lower is better"),
        ("stability", "Stability: higher is better"),
    )
    with _figure("elbow", 3.6, rows=2, columns=2) as (figure, grid):
        for (name, title), axes in zip(panels, grid.flat, strict=True):
            values = {quality.k: getattr(quality, name) for quality in tried}
            axes.plot(list(values), list(values.values()), color=GREY, linewidth=1.2, zorder=1)
            for quality in tried:
                fill = colour("A") if quality.k == chosen else "white" if quality.refused else GREY
                axes.scatter(quality.k, values[quality.k], s=60 if quality.k == chosen else 20, color=fill,
                             edgecolor=GREY, zorder=2)  # fmt: skip
            axes.set_title(title, fontsize=8, loc="left")
            axes.set_xticks([quality.k for quality in tried][:: 1 + len(tried) // 12])
            axes.tick_params(labelsize=7)
            axes.grid(axis="y")
            _numbers(axes.yaxis, formats)
        for axes in grid[1]:
            axes.set_xlabel("number of segments, k")
        return _svg(figure, alt)


def space(
    features: tuple[FeatureAxis, FeatureAxis],
    points: Sequence[tuple[str, float, float, int]],
    centroids: Mapping[str, tuple[float, float]],
    alt: str,
    formats: Formats,
) -> str:
    """Return the customers in feature space.

    points: segment, transformed values on the two axes, and how many customers stand there: the area of the dot.
    centroids: the transformed values of each segment's, on the two axes.
    """
    with _figure("space", 3.6) as (figure, axes):
        largest = max((customers for *_, customers in points), default=1)
        for letter in sorted(centroids):
            own = [(x, y, 6 + 130 * customers / largest) for segment, x, y, customers in points if segment == letter]
            if own:
                x, y, areas = zip(*own, strict=True)
                axes.scatter(x, y, s=areas, color=colour(letter), alpha=0.65, linewidths=0)
        for letter, (at, up) in sorted(centroids.items()):
            disc = {"boxstyle": "circle,pad=0.25", "facecolor": colour(letter), "edgecolor": "white"}
            axes.text(at, up, letter, ha="center", va="center", fontweight="bold", color=ink(letter), bbox=disc)
        axes.set_xlabel(features[0].label)
        axes.set_ylabel(features[1].label)
        axes.update_datalim(list(centroids.values()))
        axes.margins(0.06)
        axes.autoscale_view()
        axes.grid()
        (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
        _numbers(axes.xaxis, formats, features[0].transform, left, right)
        _numbers(axes.yaxis, formats, features[1].transform, bottom, top)
        return _svg(figure, alt)


def pareto(curve: Sequence[tuple[float, float]], label: str, alt: str) -> str:
    """Return the share of the revenue that the customers with the highest spend bring.

    curve: share of the customers, share of the revenue; both rise from 0 to 1.
    """
    with _figure("pareto", 2.9) as (figure, axes):
        x, y = [100 * customers for customers, _ in curve], [100 * spend for _, spend in curve]
        axes.fill_between(x, y, x, color=PALE, alpha=0.6, linewidth=0)
        axes.plot([0, 100], [0, 100], color=GREY, linewidth=0.8, linestyle="--")
        axes.plot(x, y, color=colour("A"), linewidth=1.8)
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 102)
        axes.set_xlabel("% of the customers, highest spend first")
        axes.set_ylabel(f"% of {label}")
        axes.grid()
        return _svg(figure, alt)


def shares(rows: Sequence[tuple[str, float, float]], alt: str, formats: Formats) -> str:
    """Return, for each segment, its share of the customers and of the revenue, as bars side by side."""
    with _figure("shares", 0.75 + 0.38 * len(rows)) as (figure, axes):
        for index, (letter, customers, spend) in enumerate(rows):
            axes.barh(index - 0.19, 100 * customers, 0.34, color=PALE, edgecolor=GREY, linewidth=0.6)
            axes.barh(index + 0.19, 100 * spend, 0.34, color=colour(letter), edgecolor=GREY, linewidth=0.6)
            for offset, share, what in ((-0.19, customers, "customers"), (0.19, spend, "revenue")):
                axes.text(
                    100 * share + 0.6, index + offset, f"{formats.share(share)} of {what}", va="center", fontsize=7
                )
        axes.set_yticks(range(len(rows)), [letter for letter, *_ in rows], fontweight="bold")
        axes.invert_yaxis()
        axes.set_xlim(0, 100 * max(max(customers, spend) for _, customers, spend in rows) * 1.3 + 3)
        axes.set_xlabel("%")
        axes.tick_params(axis="y", length=0)
        return _svg(figure, alt)


def history(
    runs: Sequence[tuple[datetime, Mapping[str, float]]], anew: Sequence[int], alt: str, formats: Formats
) -> str:
    """Return each segment's share of the customers, run by run, the oldest first.

    anew: the numbers of the runs that gave letters and names to other segments than before.
    """
    with _figure("history", 2.9) as (figure, axes):
        for start, end in itertools.pairwise([0, *anew, len(runs)]):
            for letter in sorted({letter for _, then in runs[start:end] for letter in then}):
                values = [100 * then.get(letter, math.nan) for _, then in runs[start:end]]
                axes.plot(range(start, end), values, color=colour(letter), marker="o", markersize=3, linewidth=1.5)
        for index in anew:
            axes.axvline(index - 0.5, color=GREY, linewidth=0.8, linestyle=":")
        last = {letter: 100 * share for letter, share in runs[-1][1].items()}
        for letter, height in _apart(last, 0.055 * max(last.values())).items():
            axes.text(len(runs) - 1 + 0.03 * len(runs), height, letter, va="center", fontweight="bold")
        step = 1 + (len(runs) - 1) // 4
        shown = list(range(len(runs)))[::-step][::-1]
        axes.set_xticks(shown, [f"{formats.day(runs[index][0])}\n{runs[index][0]:%H:%M}" for index in shown])
        axes.set_xlim(-0.3, (len(runs) - 1) * 1.08 + 0.3)
        axes.set_ylim(bottom=0)
        axes.set_ylabel("% of the customers")
        axes.grid(axis="y")
        return _svg(figure, alt)


def _apart(heights: Mapping[str, float], gap: float) -> dict[str, float]:
    """Return the heights, those that are nearer than the gap to the one below moved up."""
    moved: dict[str, float] = {}
    for letter, height in sorted(heights.items(), key=lambda pair: pair[1]):
        moved[letter] = max(height, max(moved.values(), default=-gap) + gap)
    return moved


@contextmanager
def _figure(name: str, height: float, rows: int = 1, columns: int = 1) -> Iterator[tuple["Figure", Any]]:
    """Give an empty figure of the job's style and its axes: one, or an array of them."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where it keeps its cache concerns nobody
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    # The salt makes the ids of what is defined in a picture its own within the page.
    style: Any = {**STYLE, "svg.hashsalt": name}
    with matplotlib.rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # the reader's own fonts may have it
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure, figure.subplots(rows, columns)


def _legend(axes: "Axes", count: int) -> None:
    axes.legend(
        loc="lower right", bbox_to_anchor=(1, 1), ncols=min(count, 13), borderpad=0, handlelength=0.9,
        handletextpad=0.3, columnspacing=0.9,
    )  # fmt: skip


def _numbers(axis: "XAxis | YAxis", formats: Formats, transform: str = "none", low: float = 0, high: float = 0) -> None:
    """Write numbers as the locale has them; an axis that is transformed gets round values, and ends at low and high."""
    if transform == "none":
        axis.set_major_formatter(lambda value, _: formats.figures(value))
        return
    at = ticks(transform, low, high)
    axis.set_ticks(
        [TRANSFORMS[transform].forward(value) for value in at], labels=[formats.number(value) for value in at]
    )
    axis.set_view_interval(low, high, ignore=True)


def _svg(figure: "Figure", alt: str) -> str:
    """Return the figure as an SVG element: no ids that nothing refers to, no name spaces, no date."""
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    head, body = text.split(">", 1)
    [view] = re.findall(r'viewBox="[^"]*"', head)
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r"<g id=\"[^\"]*\"", "<g", body).replace("xlink:href", "href")
    body = re.sub(r"<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    body = re.sub(r"\s*\n\s*", "\n", body)
    return f'<svg {view} role="img" aria-label="{escape(alt)}" stroke-linejoin="round">{body}'.rstrip()
