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

from job import charts, features, words
from job.config import Config, Lifecycle
from job.errors import ConfigError, DatabaseError, DataError, TransientError, is_disk_full
from job.model import Axis, SegmentModel, fingerprint
from job.segments import LETTERS, Segment

if TYPE_CHECKING:
    from job.adapters.base import Database

LATEST = "latest.html"
NIGHTS = 60  # runs that the history goes back
FINE, COARSE = 200, 50  # bins of a feature: those that are fetched, those that are drawn
VALUES = 30  # most different whole numbers that have a bar each
CELLS, DOTS = 50, 1500  # cells an axis, and dots at most, of the customers in feature space
STEEP = 50  # times the bar in the middle: then bars are shown on a logarithmic axis
PACKAGES = ("duckdb", "numpy", "scikit-learn", "matplotlib")


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
    def moves(self) -> list[words.Move]:
        """From a segment to a segment, customers."""
        return [(before, after, customers) for before, after, customers in self.figures["moves"]]


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
        files |= {LATEST: page, "segments.csv": _csv(run.segments, config.report.currency)}
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

    run = history[0]
    [registered] = database.fetch("report_model", {"model_id": run.model_id})
    model = SegmentModel.from_json(registered["model"])
    today = _today(database, config, model, run.segments) if is_last else None
    pictures = [_shares(run.segments), *(today.pictures if today else []), *_elbow(model), *_history(history)]
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("report.html").render(
        run=run,
        previous=history[1] if len(history) > 1 else None,
        currency=config.report.currency,
        headline=words.headline(run.segments, config.report.currency),
        movement=words.movement(run.moves),
        approaches=words.approaches(run.segments, config.report.playbook),
        matrix=_matrix(run.moves),
        total=_total(run.segments),
        today=today,
        pictures=pictures,
        model=model,
        registered=registered,
        centres=[[_raw(axis, at) for axis, at in zip(model.axes, row, strict=True)] for row in model.centroids],
        drift=_drift(run, config.lifecycle),
        settings=_settings(config, run),
        versions=_versions(database),
        colour=charts.colour,
        ink=charts.ink,
    )  # fmt: skip


def _today(database: "Database", config: Config, model: SegmentModel, segments: Sequence[Segment]) -> Today:
    """Read what belongs to the last run."""
    statistics = _statistics(database)
    by_name = {row["column"]: row for row in statistics if row["count"]}
    drawn = dict.fromkeys(["monetary", "frequency", *(axis.column for axis in model.axes)])
    histograms = [_histogram(database, config, by_name[column], model) for column in drawn if column in by_name]
    pictures = [picture for picture, _ in histograms]
    if "monetary" in by_name and by_name["monetary"]["low"] >= 0:
        pictures.append(_pareto(histograms[0][1]))
    pictures += _space(database, config, model, by_name, [segment.segment for segment in segments])
    return Today(
        medians={row["segment"]: float(row["median"]) for row in database.fetch("report_medians")},
        facts=_facts(database),
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


def _facts(database: "Database") -> dict[str, list[tuple[str, str]]]:
    """Return what the facts_ files say of each segment; those whose tables are not there, or not to be read, say
    nothing."""
    found: dict[str, dict[str, list[str]]] = {}
    for name in database.statements.names("facts_"):
        try:
            rows = database.fetch(name)
        except TransientError:
            raise
        except DatabaseError as error:
            structlog.get_logger().debug("left out", facts=name, reason=str(error))
            continue
        for row in rows:
            value = float(row["value"])
            text = f"{value:,.2f}" if row["item"] is None else f"{row['item']} {value:.0%}"
            found.setdefault(row["segment"], {}).setdefault(row["fact"], []).append(text)
    return {letter: [(fact, ", ".join(items)) for fact, items in facts.items()] for letter, facts in found.items()}


# Pictures


def _shares(segments: Sequence[Segment]) -> Picture:
    rows = [(segment.segment, segment.share, segment.share_of_spend) for segment in segments]
    told = "; ".join(f"{letter} {share:.1%} of customers, {spend:.1%} of revenue" for letter, share, spend in rows)
    return Picture("Customers and revenue", charts.shares(rows, f"Bars: {told}."), "Each segment's share of both.")


def _histogram(
    database: "Database", config: Config, row: Mapping[str, Any], model: SegmentModel
) -> tuple[Picture, list[dict[str, Any]]]:
    """Return the distribution of a feature, and the rows that it was made of."""
    column, low, high = row["column"], row["low"], row["high"]
    discrete = row["whole"] and high - low < VALUES
    own = {axis.column: axis.transform for axis in model.axes}
    skewed = "log1p" if low >= 0 and high > 20 * max(row["mean"], 1e-9) else "none"
    transform = "none" if discrete else own.get(column, skewed)
    start, end = (low - 0.5, high + 0.5) if discrete else (charts.forward(transform, at) for at in (low, high))
    fetched = round(end - start) if discrete else FINE
    width = max((end - start) / fetched, 1e-9)
    feature = {"column": column, "transform": transform, "nulls": "refuse"}
    rows = database.fetch("report_histogram", feature=feature, low=start, width=width, bins=fetched)
    together = 1 if discrete else FINE // COARSE
    counts: dict[str, list[int]] = {}
    for found in rows:
        bins = counts.setdefault(found["segment"], [0] * (fetched // together))
        bins[int(found["bin"]) // together] += found["customers"]
    total = sorted(sum(bins) for bins in zip(*counts.values(), strict=True)) or [0]
    steep = bool(discrete) and total[-1] > STEEP * max(total[len(total) // 2], 1)
    edges = [start + width * together * index for index in range(fetched // together + 1)]
    label = _label(column, config.report.currency)
    alt = f"Histogram of {label}, from {low:,.6g} to {high:,.7g}, {row['mean']:,.2f} on average."
    svg = charts.distribution(label, transform, edges, dict(sorted(counts.items())), steep, alt)
    scale = " The axis is roughly logarithmic." if transform == "log1p" else ""
    return Picture(f"Customers by {label}", svg, f"{alt}{scale}"), rows


def _pareto(rows: Sequence[Mapping[str, Any]]) -> Picture:
    """rows: of report_histogram.sql, by bins of the spend."""
    bins: dict[int, tuple[int, float]] = {}
    for row in rows:
        customers, spend = bins.get(int(row["bin"]), (0, 0.0))
        bins[int(row["bin"])] = customers + row["customers"], spend + float(row["spend"])
    falling = [bins[number] for number in sorted(bins, reverse=True)]
    counts, sums = (list(accumulate(column, initial=0.0)) for column in zip(*falling, strict=True))
    curve = [(count / counts[-1], money / (sums[-1] or 1)) for count, money in zip(counts, sums, strict=True)]
    told = " and ".join(f"the top {share:.0%} of the customers bring {_at(curve, share):.0%}" for share in (0.1, 0.2))
    caption = f"By spend, {told} of the revenue."
    return Picture("Revenue against customers", charts.pareto(curve, "the revenue", caption), caption)


def _at(curve: Sequence[tuple[float, float]], share: float) -> float:
    """Return the curve's height at a share of the customers, along the straight line between two of its points."""
    for (left, low), (right, high) in pairwise(curve):
        if left <= share <= right:
            return low + (high - low) * (share - left) / max(right - left, 1e-12)
    return 1.0


def _space(
    database: "Database",
    config: Config,
    model: SegmentModel,
    statistics: Mapping[str, Mapping[str, Any]],
    letters: Sequence[str],
) -> list[Picture]:
    """Return the customers on the model's first two axes; nothing where it has one."""
    axes = model.axes[:2]
    if len(axes) < 2 or any(axis.column not in statistics for axis in axes):
        return []
    ends = [[charts.forward(axis.transform, statistics[axis.column][end]) for end in ("low", "high")] for axis in axes]
    widths = [max((high - low) / CELLS, 1e-9) for low, high in ends]
    rows = database.fetch("report_space", axes=axes, lows=[low for low, _ in ends], widths=widths, limit=DOTS)
    points = [(row["segment"], float(row["x"]), float(row["y"]), row["customers"]) for row in rows]
    if not points:
        return []
    centres = {
        letter: (_transformed(axes[0], centroid[0]), _transformed(axes[1], centroid[1]))
        for letter, centroid in zip(LETTERS, model.centroids, strict=False)
        if letter in letters
    }
    labels = tuple(_label(axis.column, config.report.currency) for axis in axes)
    told = f"Customers by {labels[0]} and {labels[1]}, coloured by segment; a letter stands at its centroid."
    more = f" The model has {len(model.axes)} features; the first two are shown." if len(model.axes) > len(axes) else ""
    caption = f"{told} A dot stands for the customers of a small area: the larger, the more.{more}"
    transforms = (axes[0].transform, axes[1].transform)
    svg = charts.space((labels[0], labels[1]), transforms, points, centres, told)
    return [Picture("Customers as the model sees them", svg, caption)]


def _elbow(model: SegmentModel) -> list[Picture]:
    """Return what was found for every k that was tried; nothing where k was given."""
    if len(model.tried) < 3:
        return []
    told = "; ".join(f"k = {quality.k}: {quality.inertia:,.5g}" for quality in model.tried)
    refused = [f"k = {quality.k} was refused: {quality.refused}." for quality in model.tried if quality.refused]
    caption = " ".join([f"{model.k} segments were chosen (the large dot).", *refused])
    alt = f"Inertia, silhouette, Davies-Bouldin index and stability by number of segments. Inertia: {told}."
    return [Picture("How many segments", charts.elbow(model.tried, model.k, alt), caption)]


def _history(newest_first: Sequence[Run]) -> list[Picture]:
    """Return the segments' shares over time; nothing with one run."""
    if len(newest_first) < 2:
        return []
    runs = list(reversed(newest_first))
    shares = [{segment.segment: segment.share for segment in run.segments} for run in runs]
    names = [[segment.name for segment in run.segments] for run in runs]
    anew = [index for index in range(1, len(runs)) if names[index] != names[index - 1]]
    first, last = shares[0], shares[-1]
    told = "; ".join(f"{letter} from {first.get(letter, 0):.1%} to {share:.1%}" for letter, share in last.items())
    caption = f"The last {len(runs)} runs: {told}." + (" At a dotted line, segments got other names." if anew else "")
    svg = charts.history(list(zip([run.started_at for run in runs], shares, strict=True)), anew, caption)
    return [Picture("Segments over time", svg, caption)]


# Tables


def _matrix(moves: Sequence[words.Move]) -> dict[str, Any]:
    """Return rows and columns (None: in no segment), the customers of each pair, and each pair's share of its row."""
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


def _drift(run: Run, lifecycle: Lifecycle) -> list[tuple[str, str, bool]]:
    """Return, for each feature and segment, what it is, how far it has drifted, and whether that is warned of."""
    drift = run.figures.get("drift")
    if not drift:
        return []
    found = [
        (f"{column}: population stability index", f"{psi:.3f}", psi >= lifecycle.warn_psi)
        for column, psi in drift["psi"].items()
    ]
    return found + [
        (f"segment {letter}: change of its share, in points", f"{100 * by:+.2f}", abs(by) >= lifecycle.warn_share)
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
    return charts.back(axis.transform, _transformed(axis, position))
