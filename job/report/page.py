"""The report: aggregates from the database, put into one HTML file that needs nothing else, and a CSV beside it."""

import csv
import io
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
import yaml

from job.config import Config, Lifecycle, WriteBack
from job.errors import ConfigError, DatabaseError, DataError, TransientError, is_disk_full
from job.formats import Formats
from job.model.segment_model import Axis, SegmentModel, fingerprint
from job.model.segments import LETTERS, Move, Segment
from job.report import charts, words
from job.segmentation import features
from job.transforms import TRANSFORMS

if TYPE_CHECKING:
    from job.adapters.base import Database

NIGHTS = 60  # runs that the history goes back
FINE, COARSE = 200, 50  # bins: of the spend, for the Pareto curve; of a feature in a picture
VALUES = 30  # most different whole numbers that have a bar each
DOTS = 1500  # most dots of the customers in feature space
STEEP = 50  # times the bar in the middle: then bars are shown on a logarithmic axis
PACKAGES = ("duckdb", "numpy", "scikit-learn", "matplotlib", "babel")


@dataclass(frozen=True)
class Picture:
    """An SVG with what stands below it."""

    title: str
    svg: str
    caption: str


@dataclass(frozen=True)
class Run:
    """A run that has labelled customers, as `job_runs` has it."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    config_fingerprint: str
    input_fingerprint: str
    model_id: str
    timings: dict[str, float]
    figures: dict[str, Any]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Run":
        """Return the run of a row of report_runs.sql."""
        return cls(**{**row, **{name: json.loads(row[name] or "{}") for name in ("timings", "figures")}})

    @property
    def segments(self) -> list[Segment]:
        """The segments' figures, A first."""
        return [Segment(**segment) for segment in self.figures["segments"]]

    @property
    def names(self) -> list[str]:
        """The segments' names, A's first."""
        return [segment.name for segment in self.segments]

    @property
    def moves(self) -> list[Move]:
        """From a segment to a segment, customers."""
        return [Move(*move) for move in self.figures["moves"]]


@dataclass(frozen=True)
class Today:
    """What only the tables of the last run can tell."""

    medians: dict[str, float]  # of the spend, by segment
    facts: dict[str, list[tuple[str, str]]]  # by segment: a fact of the shop, in words
    statistics: list[dict[str, Any]]  # by feature
    pictures: list[Picture]
    files: list[dict[str, Any]]


def write(database: "Database", config: Config, run_id: str | None = None) -> list[Path]:
    """Write the report on the run, or on the last one, and return the files: RUN.html and, for the last run alone,
    latest.html and segments.csv.

    Raises DataError where no such run has labelled customers, ConfigError where the folder cannot be written.
    """
    if "job_runs" not in database.own_tables():
        raise DataError("no run has labelled customers yet; job run does")
    last = _runs(database, None, 1)
    history = _runs(database, run_id, NIGHTS) if run_id else _runs(database, None, NIGHTS)
    if not history or (run_id and history[0].run_id != run_id):
        wanted = f"no run {run_id} has labelled customers; job runs lists those that have"
        raise DataError(wanted if run_id else "no run has labelled customers yet; job run does")
    run = history[0]
    is_last = run.run_id == last[0].run_id
    page = _page(database, config, history, is_last)
    if is_last and _runs(database, None, 1)[0].run_id != run.run_id:
        raise TransientError("another run has ended meanwhile; job report tells of it")
    files = {f"{run.run_id}.html": page}
    if is_last:
        files |= {config.latest_report().name: page, "segments.csv": _csv(run.segments, config.report.currency)}
    return [_written(config.folder(config.report.folder) / name, text) for name, text in files.items()]


def _runs(database: "Database", run_id: str | None, limit: int) -> list[Run]:
    """Return the last runs that have labelled customers, from this one back, the newest first."""
    return [Run.of(row) for row in database.fetch("report_runs", {"run_id": run_id}, run_id=run_id, limit=limit)]


def _written(path: Path, text: str) -> Path:
    """Write the file, whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(path)
    except OSError as error:
        if is_disk_full(error):
            raise DatabaseError(
                f"{path} cannot be written: the disk is full; make room, then run job report"
            ) from error
        raise ConfigError(f"{path} cannot be written ({error.strerror}); see report.folder") from error
    return path


def _csv(segments: Sequence[Segment], currency: str) -> str:
    """Return a row per segment, with a header, as spreadsheets read it."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["segment", "name", "rule", "rule_right", "customers", "share", f"revenue_{currency}",
                     "share_of_revenue", "mean_spend", "mean_orders", "mean_recency_days"])  # fmt: skip
    for segment in segments:
        means = (segment.mean_spend, segment.mean_orders, segment.mean_recency_days)
        writer.writerow(
            [segment.segment, segment.name, segment.rule, segment.rule_right, segment.customers,
             f"{segment.share:.6f}", f"{segment.spend:.2f}", f"{segment.share_of_spend:.6f}",
             *(f"{mean:.4f}" if segment.customers else "" for mean in means)]
        )  # fmt: skip
    return stream.getvalue()


def _page(database: "Database", config: Config, history: Sequence[Run], is_last: bool) -> str:
    """Return the HTML. history: the run itself, and those before it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    run, before = history[0], history[1] if len(history) > 1 else None
    formats = Formats(config.report.locale, config.report.currency)
    [registered] = database.fetch("report_model", {"model_id": run.model_id})
    model = SegmentModel.from_json(registered["model"])
    today = _today(database, formats, model, run.segments, config.write_back) if is_last else None
    pictures = [
        _shares(run.segments, formats),
        *(today.pictures if today else []),
        *_history(history, formats),
        *_elbow(model, formats),
    ]
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("report.html").render(
        name=config.name,
        run=run,
        previous=before,
        others=bool(before and before.names != run.names),
        formats=formats,
        headline=words.headline(run.segments, formats),
        movement=words.movement(run.moves, formats),
        approaches=words.approaches(run.segments, config.report.playbook),
        matrix=_matrix(run.moves),
        total=_total(run.segments),
        today=today,
        pictures=pictures,
        model=model,
        registered=registered,
        centres=[[_raw(axis, at) for axis, at in zip(model.axes, row, strict=True)] for row in model.centroids],
        drift=_drift(run, config.lifecycle, formats),
        settings=_settings(config, run),
        versions=_versions(database),
        colour=charts.colour,
        ink=charts.ink,
    )  # fmt: skip


def _today(
    database: "Database",
    formats: Formats,
    model: SegmentModel,
    segments: Sequence[Segment],
    write_back: WriteBack | None,
) -> Today:
    """Read what belongs to the last run."""
    statistics = _statistics(database)
    by_name = {row["column"]: row for row in statistics if row["count"]}
    axes = [axis.column for axis in model.axes]
    drawn = [column for column in dict.fromkeys(["monetary", "frequency", *axes]) if column in by_name]
    # Two at a time, for each statement joins all customers: the model's first two axes, whose cells are a picture, too.
    columns = [column for column in dict.fromkeys([*axes, *drawn]) if column in by_name]
    scales = [Scale.of(by_name[column], model) for column in columns]
    grids = [Cells.of(database, scales[at : at + 2]) for at in range(0, len(scales), 2)]
    found = {scale.column: (cells, side) for cells in grids for side, scale in enumerate(cells.scales)}
    pictures = [_histogram(*found[column], by_name[column], formats) for column in drawn]
    if "monetary" in found and by_name["monetary"]["low"] >= 0:
        pictures.append(_pareto(*found["monetary"], formats))
    if len(axes) > 1 and columns[:2] == axes[:2]:
        pictures.append(_space(grids[0], model, [segment.segment for segment in segments], formats))
    return Today(
        medians={row["segment"]: float(row["median"]) for row in database.fetch("report_medians")},
        facts=_facts(database, formats, write_back.column) if write_back else {},
        statistics=statistics,
        pictures=pictures,
        files=database.fetch("report_files") if "loaded_files" in database.own_tables() else [],
    )


def _statistics(database: "Database") -> list[dict[str, Any]]:
    """Return, for each numeric feature: column, whole, count, low, mean, deviation, high."""
    columns = features.numbers(database)
    [row] = database.fetch("report_statistics", columns=list(columns))
    names = ("count", "low", "mean", "deviation", "high")
    return [
        {"column": column, "whole": whole, **{name: row[f"{name}{index}"] for name in names}}
        for index, (column, whole) in enumerate(columns.items())
    ]


def _facts(database: "Database", formats: Formats, label: str) -> dict[str, list[tuple[str, str]]]:
    """Return what the facts_ files say of each segment, figures first; those whose tables are not there, or not to be
    read, say nothing."""
    found: dict[str, dict[tuple[bool, str], list[str]]] = {}
    for name in database.statements.names("facts_"):
        try:
            rows = database.fetch(name, label=label)
        except TransientError:
            raise
        except DatabaseError as error:
            structlog.get_logger().debug("left out", facts=name, reason=str(error))
            continue
        for row in rows:
            value = float(row["value"])
            text = formats.number(value, 2) if row["item"] is None else f"{row['item']}\xa0{formats.share(value, 0)}"
            found.setdefault(row["segment"], {}).setdefault((row["item"] is not None, row["fact"]), []).append(text)
    return {
        letter: [(fact, ", ".join(facts[items, fact])) for items, fact in sorted(facts)]
        for letter, facts in found.items()
    }


# Pictures


def _shares(segments: Sequence[Segment], formats: Formats) -> Picture:
    rows = [(segment.segment, segment.share, segment.share_of_spend) for segment in segments]
    told = "; ".join(
        f"{letter} {formats.share(share)} of customers, {formats.share(spend)} of revenue"
        for letter, share, spend in rows
    )
    caption = "Each segment's share of the customers (grey) and of the revenue (its colour)."
    return Picture("Customers and revenue", charts.shares(rows, f"Bars: {told}.", formats), caption)


@dataclass(frozen=True)
class Scale:
    """A feature cut into bins of equal width on its transformed axis; where it is discrete, one for each value."""

    column: str
    transform: str
    discrete: bool
    start: float
    width: float
    bins: int
    nulls: str | float = "refuse"  # a number: what NULL means

    @classmethod
    def of(cls, row: Mapping[str, Any], model: SegmentModel) -> "Scale":
        """Return one from the least value to the greatest. row: of the statistics."""
        column, low, high = row["column"], row["low"], row["high"]
        axis = next((axis for axis in model.axes if axis.column == column), None)
        nulls = axis.nulls if axis else "refuse"
        if not isinstance(nulls, str):  # who has no value stands at this one
            low, high = min(low, nulls), max(high, nulls)
        if row["whole"] and high - low < VALUES and float(low).is_integer():
            return cls(column, "none", True, low - 0.5, 1, round(high - low) + 1, nulls)
        skewed = "log1p" if low >= 0 and high > 20 * max(row["mean"], 1e-9) else "none"
        transform = axis.transform if axis else skewed
        start, end = TRANSFORMS[transform].forward(low), TRANSFORMS[transform].forward(high)
        bins = FINE if column == "monetary" else COARSE
        return cls(column, transform, False, start, max((end - start) / bins, 1e-9), bins, nulls)

    @property
    def together(self) -> int:
        """How many bins are drawn as one."""
        return 1 if self.discrete else self.bins // COARSE

    def edges(self) -> list[float]:
        """Return where the drawn bins begin and end."""
        return [self.start + self.width * index for index in range(0, self.bins + 1, self.together)]

    def middle(self, number: int, transform: str) -> float:
        """Return the middle of a drawn bin, on the axis of this transform."""
        at = self.start + self.width * self.together * (number + 0.5)
        return TRANSFORMS[transform].forward(at) if self.discrete else at


@dataclass(frozen=True)
class Cells:
    """Customers by segment and by the bins of one or two features, as report_cells.sql has them."""

    scales: Sequence[Scale]
    rows: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, database: "Database", scales: Sequence[Scale]) -> "Cells":
        """Count them."""
        return cls(scales, database.fetch("report_cells", scales=scales))

    def drawn(self, *sides: int) -> dict[tuple[str, tuple[int, ...]], int]:
        """Return the customers by segment and drawn bins, without those who have no value."""
        found: dict[tuple[str, tuple[int, ...]], int] = {}
        for row in self.rows:
            bins = [row[f"bin{side}"] for side in sides]
            if None not in bins:
                numbers = tuple(int(at) // self.scales[side].together for at, side in zip(bins, sides, strict=True))
                found[row["segment"], numbers] = found.get((row["segment"], numbers), 0) + row["customers"]
        return found


def _histogram(cells: Cells, side: int, row: Mapping[str, Any], formats: Formats) -> Picture:
    """Return the distribution of a feature. row: of the statistics."""
    scale = cells.scales[side]
    edges = scale.edges()
    counts: dict[str, list[int]] = {}
    for (segment, (number,)), customers in sorted(cells.drawn(side).items()):
        counts.setdefault(segment, [0] * (len(edges) - 1))[number] = customers
    total = sorted(sum(bins) for bins in zip(*counts.values(), strict=True)) or [0]
    steep = scale.discrete and total[-1] > STEEP * max(total[len(total) // 2], 1)
    label = _label(row["column"], formats.currency)
    least, most = (formats.figures(row[end], 6) for end in ("low", "high"))
    told = f"{least} to {most}, {formats.number(row['mean'], 2)} on average."
    alt = f"Histogram of {label}, from {told}"
    svg = charts.distribution(label, scale.transform, edges, counts, steep, alt, formats)
    caption = f"From {told}"
    caption += " Each step up the axis is ten times the customers." if steep else ""
    caption += " Values to the right are drawn closer together." if scale.transform != "none" else ""
    return Picture(f"Customers by {label}", svg, caption)


def _pareto(cells: Cells, side: int, formats: Formats) -> Picture:
    bins: dict[int, tuple[int, float]] = {}
    for row in cells.rows:
        if (number := row[f"bin{side}"]) is not None:
            customers, spend = bins.get(int(number), (0, 0.0))
            bins[int(number)] = customers + row["customers"], spend + float(row["spend"])
    falling = [bins[number] for number in sorted(bins, reverse=True)]
    counts, sums = (list(accumulate(column, initial=0.0)) for column in zip(*falling, strict=True))
    curve = [(count / counts[-1], money / (sums[-1] or 1)) for count, money in zip(counts, sums, strict=True)]
    told = " and ".join(
        f"the {formats.share(share, 0)} who spent most brought {formats.share(_at(curve, share), 0)}"
        for share in (0.1, 0.2)
    )
    caption = f"Of the customers, {told} of the revenue. On the dashed line, all would have spent the same."
    return Picture("Revenue against customers (Pareto)", charts.pareto(curve, "the revenue", caption), caption)


def _at(curve: Sequence[tuple[float, float]], share: float) -> float:
    """Return the curve's height at a share of the customers, along the straight line between two of its points."""
    for (left, low), (right, high) in pairwise(curve):
        if left <= share <= right:
            return low + (high - low) * (share - left) / max(right - left, 1e-12)
    return 1.0


def _space(cells: Cells, model: SegmentModel, letters: Sequence[str], formats: Formats) -> Picture:
    """Return the customers on the model's first two axes, which the cells are of."""
    axes = model.axes[:2]
    # In the middle of its cell: where a customer is alone there, the picture does not tell what they have spent.
    (x, across), (y, up) = ((scale.middle, axis.transform) for scale, axis in zip(cells.scales, axes, strict=True))
    points = [
        (segment, x(column, across), y(row, up), customers)
        for (segment, (column, row)), customers in cells.drawn(0, 1).items()
    ]
    points = sorted(points, key=lambda point: (-point[-1], *point))[:DOTS]
    centres = {
        letter: (_transformed(axes[0], centroid[0]), _transformed(axes[1], centroid[1]))
        for letter, centroid in zip(LETTERS, model.centroids, strict=False)
        if letter in letters
    }
    labels = tuple(_label(axis.column, formats.currency) for axis in axes)
    told = f"Customers by {labels[0]} and {labels[1]}, coloured by segment; a letter stands at its centroid."
    more = f" The model has {len(model.axes)} features; the first two are shown." if len(model.axes) > len(axes) else ""
    caption = f"{told} A dot stands for the customers of a small area: the larger, the more.{more}"
    transforms = (axes[0].transform, axes[1].transform)
    svg = charts.space((labels[0], labels[1]), transforms, points, centres, told, formats)
    return Picture("Customers as the model sees them", svg, caption)


def _elbow(model: SegmentModel, formats: Formats) -> list[Picture]:
    """Return what was found for every k that was tried; nothing where k was given."""
    if len(model.tried) < 3:
        return []
    told = "; ".join(f"k = {quality.k}: {formats.figures(quality.inertia)}" for quality in model.tried)
    refused = [
        f"k = {quality.k} was refused (hollow): {quality.refused}." for quality in model.tried if quality.refused
    ]
    caption = " ".join([f"{model.k} segments were chosen (the large dot).", *refused])
    alt = f"Inertia, silhouette, Davies-Bouldin index and stability by number of segments. Inertia: {told}."
    return [Picture("How many segments", charts.elbow(model.tried, model.k, alt, formats), caption)]


def _history(newest_first: Sequence[Run], formats: Formats) -> list[Picture]:
    """Return the segments' shares over time; nothing with one run."""
    if len(newest_first) < 2:
        return []
    runs = list(reversed(newest_first))
    shares = [{segment.segment: segment.share for segment in run.segments} for run in runs]
    anew = [index for index in range(1, len(runs)) if runs[index].names != runs[index - 1].names]
    since = anew[-1] if anew else 0
    told = "; ".join(
        f"{letter} from {formats.share(shares[since].get(letter, 0))} to {formats.share(share)}"
        for letter, share in shares[-1].items()
    )
    caption = f"Each segment's share of the customers in the last {len(runs)} runs."
    caption += " At a dotted line, letters were given to other segments." if anew else ""
    alt = f"{caption} " + (f"Over the last {len(runs) - since}: {told}." if since < len(runs) - 1 else "")
    svg = charts.history(list(zip([run.started_at for run in runs], shares, strict=True)), anew, alt, formats)
    return [Picture("Segments over time", svg, caption)]


# Tables


def _matrix(moves: Sequence[Move]) -> dict[str, Any]:
    """Return rows and columns (None: in no segment), the customers of each pair, and those of each row."""
    if not any(before for before, _, _ in moves):
        return {}
    counts: dict[tuple[str | None, str | None], int] = {}
    for before, after, customers in moves:
        counts[before, after] = counts.get((before, after), 0) + customers
    rows, columns = (sorted({pair[side] for pair in counts}, key=lambda at: (at is None, at)) for side in (0, 1))
    totals = {row: sum(counts.get((row, column), 0) for column in columns) for row in rows}
    return {"rows": rows, "columns": columns, "counts": counts, "totals": totals}


def _total(segments: Sequence[Segment]) -> dict[str, float]:
    customers = sum(segment.customers for segment in segments)
    means = {
        name: sum(getattr(segment, name) * segment.customers for segment in segments if segment.customers)
        / max(customers, 1)
        for name in ("mean_orders", "mean_recency_days")
    }
    return {"customers": customers, "spend": sum(segment.spend for segment in segments), **means}


def _drift(run: Run, lifecycle: Lifecycle, formats: Formats) -> list[tuple[str, str, bool]]:
    """Return, for each feature and segment, what it is, how far it has drifted, and whether that is warned of."""
    drift = run.figures.get("drift")
    if not drift:
        return []
    found = [
        (f"{column}: population stability index", formats.number(psi, 3), psi >= lifecycle.warn_psi)
        for column, psi in drift["psi"].items()
    ]
    return found + [
        (f"segment {letter}: share, in points", formats.number(100 * by, 2), abs(by) >= lifecycle.warn_share)
        for letter, by in drift["share"].items()
    ]


def _settings(config: Config, run: Run) -> str:
    """Return the config as YAML, without the database: who reads the report need not know where that is. Empty: the
    run was made with another one."""
    if fingerprint(config.model_dump(exclude={"database"})) != run.config_fingerprint:
        return ""
    return yaml.safe_dump(config.model_dump(mode="json", exclude={"database"}), sort_keys=False, allow_unicode=True)


def _versions(database: "Database") -> str:
    from importlib.metadata import version

    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return f"{database.version}; Python {platform.python_version()}, {packages}"


def _label(column: str, currency: str) -> str:
    known = {
        "monetary": f"spend, {currency}",
        "frequency": "number of orders",
        "recency_days": "days since the last order",
    }
    return known.get(column, column)


def _transformed(axis: Axis, position: int) -> float:
    return position / axis.unit * axis.scale + axis.centre


def _raw(axis: Axis, position: int) -> float:
    return float(TRANSFORMS[axis.transform].inverse(_transformed(axis, position)))
