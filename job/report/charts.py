"""Pictures of small tables, as SVG to be put into a page. Pure: no database, no files; the same table, the same SVG.

matplotlib is imported as the first picture is drawn: --help does without.
"""

import io
import itertools
import logging
import math
import re
import textwrap
import warnings
from collections import Counter
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

# Okabe and Ito, 2008: colours that stay apart for the colour-blind. With more than eight segments they come again,
# paler or darker, and the letters, which every picture has, tell them apart.
PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442", "#7a7a7a")
SHADES = ((255, 0.0), (255, 0.5), (0, 0.4), (255, 0.75))  # towards white or black, and how far
GREY, PALE, DARK = "#5f6b76", "#d5dbe1", "#1f2933"
FAINT = "#9aa5b1"  # of bands and bars that belong to no segment
ACCENT = PALETTE[0]  # of what belongs to no segment; the page's, too
DIAMETERS = (3, 5, 8, 12)  # of dots, in points
LETTERS_ACROSS = 46  # that fit side by side below a picture
LETTERS_UP = 34  # and beside it
MOST_MARKED = 12  # runs whose points are marked on the lines
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
    again, index = divmod(ascii_uppercase.index(letter), len(PALETTE))
    towards, share = SHADES[again]
    parts = (int(PALETTE[index][start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(part + (towards - part) * share):02x}" for part in parts)


def ink(letter: str) -> str:
    """Return black or white, whichever is easier to read on the segment's colour."""
    red, green, blue = (int(colour(letter)[start : start + 2], 16) / 255 for start in (1, 3, 5))
    channels = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    luminance = 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#000000"


def ticks(transform: str, low: float, high: float, most: int = 6, whole: bool = False) -> list[float]:
    """Return round raw values whose transformed ones lie from low to high, well apart from each other.

    whole: of a feature of whole numbers, which has no ticks between them.
    """
    if high - low < 1e-9:
        return []
    way = TRANSFORMS[transform]
    first, last = way.inverse(low), way.inverse(high)
    taken: list[float] = []
    if transform != "none":
        top = math.ceil(math.log10(max(last, 1))) + 1
        powers = [0.0, *(10.0**power for power in range(top))]
        for value in [*powers, *(m * 10.0**p for p in range(top) for m in (5, 2, 3))]:
            apart = min((abs(way.forward(value) - way.forward(other)) for other in taken), default=math.inf)
            if low - 1e-9 <= way.forward(value) <= high + 1e-9 and apart >= (high - low) / most:
                taken.append(value)
    return sorted(taken) if len(taken) > 2 else max(sorted(taken), _even_ticks(first, last, most, whole), key=len)


def _even_ticks(first: float, last: float, most: int, whole: bool) -> list[float]:
    """Return the multiples of the smallest round step from first to last that are not too many."""
    size = max(10.0 ** (math.floor(math.log10(max(last - first, 1e-9))) - 1), 1 if whole else 0)
    step = next(size * times for times in (1, 2, 5, 10, 20, 50, 100) if (last - first) / (size * times) < most)
    values = sorted({round(number * step, 9) for number in range(math.floor(first / step), math.ceil(last / step) + 1)})
    return [value for value in values if first - 1e-9 <= value <= last + 1e-9]


class FeatureAxis(NamedTuple):
    """An axis that a feature is drawn on."""

    label: str
    transform: str
    money: bool = False
    whole: bool = False  # whether its values are whole numbers

    def written(self, value: float, formats: Formats) -> str:
        """Return a round value as it stands at the axis."""
        return formats.money(value, whole=value == round(value)) if self.money else formats.figures(value)


def distribution(
    feature: FeatureAxis,
    edges: Sequence[float],
    counts: Mapping[str, Sequence[int]],
    steep: bool,
    alt: str,
    formats: Formats,
    ranges: Sequence[tuple[int, int]] = (),
) -> str:
    """Return a histogram.

    edges: transformed values, one more than bins. counts: the customers in each bin, by segment.
    Segments are stacked; steep: all customers together, on a logarithmic axis.
    ranges: of whole numbers, the first and the last in each bin; then bars are of one width, side by side.
    """
    with _figure(f"distribution of {feature.label}", 2.7) as (figure, axes):
        places = [float(place) for place in range(len(ranges) + 1)] if ranges else list(edges)
        total = [sum(bins) for bins in zip(*counts.values(), strict=True)]
        least = 0.7 if steep else 0.0
        base = [least] * len(total)
        for letter, bins in [("", total)] if steep else counts.items():
            tops = [low + more for low, more in zip(base, bins, strict=True)]
            _bars(axes, places, base, tops, colour(letter) if letter else GREY, letter, 0.12 if ranges else 0)
            base = tops
        if steep:
            axes.set_yscale("log", nonpositive="clip")
        else:
            _legend(axes, len(counts))
        axes.set_ylim(least, max(total) * (2 if steep else 1.05))
        axes.set_xlabel(textwrap.fill(feature.label, LETTERS_ACROSS))
        axes.set_ylabel("customers" + (" (log scale)" if steep else ""))
        if ranges:
            labels = [_range(*range_, formats) for range_ in ranges]
            step = next(step for step in range(1, len(labels) + 1) if _fits(labels[::step]))
            axes.set_xticks([at + 0.5 for at in range(0, len(labels), step)], labels[::step])
        else:
            _numbers(axes.xaxis, formats, feature, edges[0], edges[-1])
        axes.set_xlim(places[0], places[-1])
        _counts(axes.yaxis, formats, steep)
        return _svg(figure, alt)


def _bars(
    axes: "Axes",
    places: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    fill: str,
    label: str,
    gap: float,
) -> None:
    """Draw the bars that have a height as one path, which takes a tenth of the bytes of a path each."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    corners: list[tuple[float, float]] = []
    for (left, right), bottom, top in zip(itertools.pairwise(places), low, high, strict=True):
        if top > bottom:
            start, end = left + gap / 2, right - gap / 2
            corners += [(start, bottom), (start, top), (end, top), (end, bottom), (start, bottom)]
    one = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    path = Path(corners or [(places[0], low[0])], one * (len(corners) // 5) or [Path.MOVETO])
    axes.add_patch(PathPatch(path, facecolor=fill, linewidth=0, label=label))


def _fits(labels: Sequence[str]) -> bool:
    """Tell whether the labels, evenly spaced along the axis, stand apart."""
    return len(labels) < 2 or len(labels) * (max(map(len, labels)) + 1.5) <= LETTERS_ACROSS


def _range(first: int, last: int, formats: Formats) -> str:
    return formats.number(first) if first == last else f"{formats.number(first)}-{formats.number(last)}"


def elbow(tried: Sequence[Quality], chosen: int, alt: str, formats: Formats) -> str:
    """Return the inertia and three indices of every k that was tried, with the chosen one marked."""
    panels = (
        ("inertia", "Inertia: lower is tighter"),
        ("silhouette", "Silhouette: higher is better"),
        ("davies_bouldin", "Davies-Bouldin: lower is better"),
        ("stability", "Stability: higher is better"),
    )
    refused = {quality.k: bool(quality.refused) for quality in tried}
    with _figure("elbow", 3.6, rows=2, columns=2) as (figure, grid):
        for (name, title), axes in zip(panels, grid.flat, strict=True):
            values = {quality.k: getattr(quality, name) for quality in tried}
            axes.plot(list(values), list(values.values()), color=GREY, linewidth=1.2, zorder=1)
            for hollow, fill in ((True, "white"), (False, GREY)):
                places = [(k, values[k]) for k in refused if refused[k] == hollow]
                for width, ink_ in ((5.5, GREY), (4, fill)):
                    _dots(axes, places, width, ink_, 1)
            _dots(axes, [(chosen, values[chosen])], 9, ACCENT, 1)
            axes.set_title(title, fontsize=8, loc="left")
            axes.set_xticks([quality.k for quality in tried][:: 1 + len(tried) // 12])
            axes.tick_params(labelsize=7)
            axes.grid(axis="y")
            axes.yaxis.set_major_formatter(lambda value, _: formats.figures(value))
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
    with _figure(f"space of {features[0].label} and {features[1].label}", 3.2) as (figure, axes):
        largest = max((customers for *_, customers in points), default=1)
        by_look: dict[tuple[str, int], list[tuple[float, float]]] = {}
        for letter, x, y, customers in points:
            diameter = math.sqrt(6 + 130 * customers / largest)
            width = min(DIAMETERS, key=lambda each: abs(each - diameter))
            by_look.setdefault((letter, width), []).append((x, y))
        for (letter, width), places in sorted(by_look.items()):
            _dots(axes, places, width, colour(letter))
        _dots(axes, list(centroids.values()), 16, "white", 1)
        for letter, (at, up) in sorted(centroids.items()):
            _dots(axes, [(at, up)], 14, colour(letter), 1)
            axes.text(at, up, letter, ha="center", va="center_baseline", fontweight="bold", color=ink(letter))
        axes.set_xlabel(textwrap.fill(features[0].label, LETTERS_ACROSS))
        axes.set_ylabel(textwrap.fill(features[1].label, LETTERS_UP))
        axes.update_datalim([*centroids.values(), *((x, y) for _, x, y, _ in points)])
        axes.margins(0.06)
        axes.autoscale_view()
        axes.grid()
        (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
        _numbers(axes.xaxis, formats, features[0], left, right)
        _numbers(axes.yaxis, formats, features[1], bottom, top)
        return _svg(figure, alt)


def _dots(axes: "Axes", places: Sequence[tuple[float, float]], width: float, fill: str, alpha: float = 0.65) -> None:
    """Draw dots of one look as the round ends of lines without length: a dot takes some 15 bytes."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if not places:
        return
    path = Path([place for place in places for _ in "ML"], [Path.MOVETO, Path.LINETO] * len(places))
    path.should_simplify = False
    look = {"edgecolor": fill, "linewidth": width, "capstyle": "round", "alpha": alpha}
    axes.add_patch(PathPatch(path, fill=False, clip_on=False, zorder=2 if alpha < 1 else 3, **look))


def pareto(curve: Sequence[tuple[float, float]], label: str, alt: str) -> str:
    """Return the share of the revenue that the customers with the highest spend bring.

    curve: share of the customers, share of the revenue; both rise from 0 to 1.
    """
    with _figure("pareto", 2.9) as (figure, axes):
        x, y = [100 * customers for customers, _ in curve], [100 * spend for _, spend in curve]
        axes.fill_between(x, y, x, color=PALE, alpha=0.6, linewidth=0)
        axes.plot([0, 100], [0, 100], color=GREY, linewidth=0.8, linestyle="--")
        axes.plot(x, y, color=ACCENT, linewidth=1.8)
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 102)
        axes.set_xlabel("% of the customers, highest spend first")
        axes.set_ylabel(f"% of {label}")
        axes.grid()
        return _svg(figure, alt)


def flows(moves: Sequence[tuple[str, str, int]], alt: str) -> str:
    """Return bands from segments on the left to segments on the right, as wide as there are customers in them.

    moves: from, to, customers; a segment's letter, else a word. A band has the colour of where it leads; to a word,
    grey.
    """
    from matplotlib.patches import PathPatch, Rectangle
    from matplotlib.path import Path

    sides = [Counter[str](), Counter[str]()]
    for before, after, customers in moves:
        sides[0][before] += customers
        sides[1][after] += customers
    total = sides[0].total()
    gap = 0.06 * total
    with _figure("flows", 2.9) as (figure, axes):
        tops: list[dict[str, float]] = [{}, {}]
        height = max(map(len, sides)) * gap + total
        for side, sizes in enumerate(sides):
            at = -(height - total - gap * (len(sizes) - 1)) / 2
            for name in sorted(sizes, key=lambda name: (len(name) > 1, name)):
                tops[side][name] = at
                corner = (side - 0.02, at - sizes[name])
                axes.add_patch(Rectangle(corner, 0.04, sizes[name], color=_fill(name), linewidth=0, clip_on=False))
                where = {"ha": "left" if side else "right", "va": "center", "fontweight": "bold"}
                axes.text(side + (0.05 if side else -0.05), at - sizes[name] / 2, name, **where)
                at -= sizes[name] + gap
        for before, after, customers in sorted(moves, key=lambda move: (len(move[1]) > 1, move[1], move[0])):
            left, right = tops[0][before], tops[1][after]
            upper = [(0, left), (0.5, left), (0.5, right), (1, right)]
            lower = [(1, right - customers), (0.5, right - customers), (0.5, left - customers), (0, left - customers)]
            curve = [Path.CURVE4] * 3
            band = Path([*upper, *lower, (0, left)], [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY])
            axes.add_patch(PathPatch(band, color=_fill(after), alpha=0.45, linewidth=0, clip_on=False))
            tops[0][before] -= customers
            tops[1][after] -= customers
        axes.set_xlim(-0.3, 1.3)
        axes.set_ylim(-height, 0)
        axes.axis("off")
        return _svg(figure, alt)


def _fill(name: str) -> str:
    return colour(name) if len(name) == 1 else FAINT


def history(
    runs: Sequence[tuple[datetime, Mapping[str, float]]], anew: Sequence[int], alt: str, formats: Formats
) -> str:
    """Return each segment's share of the customers, run by run, the oldest first.

    anew: the numbers of the runs that gave letters and names to other segments than before.
    """
    last = {letter: 100 * share for letter, share in runs[-1][1].items()}
    with _figure("history", max(2.9, 0.7 + 0.13 * len(last))) as (figure, axes):
        for start, end in itertools.pairwise([0, *anew, len(runs)]):
            for letter in sorted({letter for _, then in runs[start:end] for letter in then}):
                values = [100 * then.get(letter, math.nan) for _, then in runs[start:end]]
                axes.plot(range(start, end), values, color=colour(letter), linewidth=1.5)
                if len(runs) <= MOST_MARKED:
                    places = [(start + at, value) for at, value in enumerate(values) if not math.isnan(value)]
                    _dots(axes, places, 4, colour(letter), 1)
        for index in anew:
            axes.axvline(index - 0.5, color=GREY, linewidth=0.8, linestyle=":")
        heights = _apart(last, max(last.values()) / max(18, len(last)))
        for letter, height in heights.items():
            axes.text(len(runs) - 1 + 0.03 * len(runs), height, letter, va="center", fontweight="bold")
        shown = list(range(len(runs)))[:: -(1 + (len(runs) - 1) // 4)][::-1]
        axes.set_xticks(shown, formats.moments([runs[index][0] for index in shown]))
        axes.set_xlim(-0.3, (len(runs) - 1) * 1.08 + 0.3)
        axes.set_ylim(0, 1.04 * max(*heights.values(), axes.get_ylim()[1]))
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
        loc="lower right", bbox_to_anchor=(1, 1), ncols=count if count <= 10 else 9, borderpad=0, handlelength=0.9,
        handletextpad=0.3, columnspacing=0.9,
    )  # fmt: skip


def _numbers(axis: "XAxis | YAxis", formats: Formats, feature: FeatureAxis, low: float, high: float) -> None:
    """Give the axis round values, written as the locale has them; it ends at low and high."""
    forward = TRANSFORMS[feature.transform].forward
    for most in (6, 5, 4, 3, 2):
        at = ticks(feature.transform, low, high, most, feature.whole)
        labels = [feature.written(value, formats) for value in at]
        places = [LETTERS_ACROSS * (forward(value) - low) / max(high - low, 1e-12) for value in at]
        ends = zip(itertools.pairwise(places), itertools.pairwise(labels), strict=True)
        if axis.axis_name == "y" or all(
            right - left > (len(one) + len(next_)) / 2 + 1 for (left, right), (one, next_) in ends
        ):
            break
    axis.set_ticks([forward(value) for value in at], labels=labels)
    axis.set_view_interval(low, high, ignore=True)


def _counts(axis: "YAxis", formats: Formats, steep: bool) -> None:
    """Write customers at the axis: there are no halves of them."""
    from matplotlib.ticker import MaxNLocator

    if not steep:
        axis.set_major_locator(MaxNLocator(5, integer=True))
    axis.set_major_formatter(lambda value, _: formats.figures(value))
    axis.set_minor_formatter(lambda value, _: "")


def _svg(figure: "Figure", alt: str) -> str:
    """Return the figure as an SVG element: no ids that nothing refers to, no name spaces, no date, and places to a
    tenth of a point."""
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
    body = re.sub(r'\b(d|x|y|width|height|transform)="[^"]*"', _short, body)
    body = re.sub(r" font-family: [^;\"]*;|stroke-linejoin: miter; ", "", body)  # the page's, or nothing to join
    body = re.sub(r" transform=\"rotate\(-?0 [^\"]*\"", "", body)
    body = re.sub(rf"(<use [^>]*?) style=\"fill: {GREY}[^\"]*\"", r"\1", body)  # a tick, which has it
    if "<g " not in body:
        body = re.sub(r"</?g>", "", body)
    body = re.sub(r"\s*\n\s*", "\n", body)
    return f'<svg {view} role="img" aria-label="{escape(alt)}" stroke-linejoin="round">{body}'.rstrip()


def _short(attribute: re.Match[str]) -> str:
    """Return the attribute with its numbers to a tenth."""
    text = re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), attribute[0])
    if attribute[1] != "d":
        return text
    text = re.sub(r"\s*([MLCQzZ\"])\s*", r"\1", text)
    text = re.sub(r"M([-\d.]+ [-\d.]+)L\1(?=[M\"])", r"M\1h0", text)
    return re.sub(r"M(\S+) ([^L]+)L\1 ([^L]+)L(\S+) \3L\4 \2(?:L\1 \2)?z", _box, text)


def _box(corners: re.Match[str]) -> str:
    """Return the path of an upright box, by its first corner, its height and its width."""
    left, bottom, top, right = map(float, corners.groups())
    return f"M{left:g} {bottom:g}v{top - bottom:.4g}h{right - left:.4g}v{bottom - top:.4g}z"
