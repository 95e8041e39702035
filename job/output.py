"""What commands print to stdout: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from job.adapters import dialects
from job.config import Config
from job.history import DoneRun, moves_of
from job.ids import Erased
from job.model.segment_model import SegmentModel
from job.model.segments import LETTERS, MoveCounts, Segment
from job.progress import printable
from job.tables import quoted, written

WIDE = 110  # columns that the table of segments needs with names on one line
ROOMY = 100  # columns that the lists of runs and models need


def segment_table(segments: Sequence[Segment], currency: str, roomy: bool) -> Table:
    """Return the segments as a terminal table; money in `currency`. roomy: with space between columns."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1 if roomy else 0))
    table.add_column("Segment", style="bold", no_wrap=True)
    table.add_column("Name")
    revenue = f"Revenue\n{escape(currency)}"
    for heading in ("Customers", "Share", revenue, "Mean\nspend", "Mean\norders", "Share of\nrevenue"):
        table.add_column(heading, justify="right", no_wrap=True)
    for segment in segments:
        shares = (segment.share, segment.share_of_spend)
        figures = _segment_figures(segment.customers, segment.spend, segment.mean_spend, segment.mean_orders, shares)
        table.add_row(segment.segment, escape(segment.name), *figures)
    customers = sum(segment.customers for segment in segments)
    spend = sum(segment.spend for segment in segments)
    orders = sum(segment.customers * segment.mean_orders for segment in segments)
    table.add_section()
    table.add_row("", "all", *_segment_figures(customers, spend, spend / customers, orders / customers, (1, 1)))
    return table


def _segment_figures(
    customers: int, spend: float, mean_spend: float, mean_orders: float, shares: tuple[float, float]
) -> list[str]:
    """Return the cells of a row. shares: of the customers and of the spend."""
    of_customers, of_spend = (f"{share:.1%}" for share in shares)
    return [f"{customers:,}", of_customers, f"{spend:,.2f}", f"{mean_spend:,.2f}", f"{mean_orders:.2f}", of_spend]


def rule_table(segments: Sequence[Segment]) -> Table:
    """Return each segment's rule in words, and how far it is right, as a terminal table."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Segment", style="bold", no_wrap=True)
    table.add_column("Rule")
    table.add_column("Right for", justify="right", no_wrap=True)
    for segment in segments:
        table.add_row(segment.segment, escape(segment.rule), f"{segment.rule_right:.1%}")
    return table


def show_labelled(segments: Sequence[Segment], config: Config, page: Path | None) -> None:
    """Print the segments that customers were labelled with, where the labels and the report's page are, and what to
    try next."""
    console = Console(width=None if sys.stdout.isatty() else WIDE, emoji=False)
    database, write_back = config.database, config.write_back
    _print_segments(console, segments, config.report.currency)
    table = config.own.name("customer_segments")
    labels = written(*table)
    shown = " and ".join([labels, *(write_back.labels if write_back else [])])
    console.print(f"Labels: {shown} in {database.place}", soft_wrap=True, markup=False)
    if page:
        console.print(f"Report: {page}", soft_wrap=True, markup=False, highlight=False)
    source = quoted(table) if table.schema else table.table  # alone, the name needs no quotes
    command = dialects()[database.dialect].command_to_try(database, f"SELECT * FROM {source} ORDER BY segment LIMIT 10")
    console.print(f"Try:    {command}", soft_wrap=True, markup=False, highlight=False)
    if config.features.sql is None:
        console.print("Next:   your own files or server: clientela init writes a config for them", soft_wrap=True)


def show_segments(run: DoneRun, currency: str) -> None:
    """Print the segments that the run has labelled customers with, and which run it was."""
    console = Console(width=None if sys.stdout.isatty() else WIDE, emoji=False)
    _print_segments(console, run.segments, currency)
    for sentence in run.figures.get("structure", []):
        console.print(sentence, soft_wrap=True, markup=False, highlight=False)
    console.print(f"As of run {run.run_id}, {run.finished_at:%Y-%m-%d %H:%M} UTC", soft_wrap=True, highlight=False)


def _print_segments(console: Console, segments: Sequence[Segment], currency: str) -> None:
    console.print(segment_table(segments, currency, roomy=console.width >= WIDE))
    console.print(rule_table(segments))


def segment_records(run: DoneRun) -> list[dict[str, Any]]:
    """Return the run's segments, A first, for `clientela segments --json`; the means of an empty one are None."""
    about = {"run_id": run.run_id, "finished_at": run.finished_at, "model_id": run.model_id}
    nothing = dict.fromkeys(("mean_spend", "mean_orders", "mean_recency_days"))
    return [asdict(segment) | ({} if segment.customers else nothing) | about for segment in run.segments]


def run_records(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the runs that `history.recent` gives, as `clientela runs --json` prints them."""
    return [_run_record(run) for run in runs]


def _run_record(run: Mapping[str, Any]) -> dict[str, Any]:
    figures = run["figures"]
    moves = moves_of(figures)
    started, finished = run["started_at"], run["finished_at"]
    return {
        "run_id": run["run_id"],
        "command": figures.get("command"),  # known once it is done
        "status": run["status"],
        "started_at": started,
        "finished_at": finished,
        "seconds": (finished - started).total_seconds() if finished else None,
        "customers": figures.get("customers"),
        "moved": MoveCounts.of(moves).moved if moves else None,
        "model_id": run["model_id"],
        "warnings": figures.get("warnings", []),
        "error": run["error"],
    }


def show_runs(runs: Sequence[Mapping[str, Any]]) -> None:
    """Print a table of the runs that `run_records` gives, and below it what they warned of or failed with."""
    rows = [
        {
            "Run": run["run_id"],
            "Seconds": "" if run["seconds"] is None else f"{run['seconds']:,.1f}",
            "Status": run["status"] + (f" ({run['command']})" if run["command"] not in (None, "run") else ""),
            "Customers": "" if run["customers"] is None else f"{run['customers']:,}",
            "Moved": "" if run["moved"] is None else f"{run['moved']:,}",
            "Model": run["model_id"] or "",
        }
        for run in runs
    ]
    console = _console()
    console.print(_table(rows, ("Run", "Status", "Model"), () if console.width >= ROOMY else ("Model",)))
    for run in runs:
        for sentence in (*run["warnings"], *([run["error"]] if run["error"] else ())):
            console.print(printable(f"{run['run_id']}: {sentence}"), soft_wrap=True)


def show_lift(sentences: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print what there is to say of a campaign, and a table of it, line by line as `rows` gives them."""
    console = _console()
    for sentence in sentences:
        console.print(printable(sentence), soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("Segment", "Treated / held out", "Ordered again", "Revenue each", "Told"):
        table.add_column(heading)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def model_records(models: Sequence[Mapping[str, Any]], current: str) -> list[dict[str, Any]]:
    """Return the models that `history.models` gives, as `clientela models --json` prints them.

    current: the id of the one in use.
    """
    return [_model_record(row, current) for row in models]


def _model_record(row: Mapping[str, Any], current: str) -> dict[str, Any]:
    model: SegmentModel = row["model"]
    [quality] = [quality for quality in model.tried if quality.k == model.k]
    return {
        "model_id": row["model_id"],
        "current": row["model_id"] == current,
        "run_id": row["run_id"],
        "fitted_at": row["fitted_at"],
        "features": [axis.column for axis in model.axes],
        "k": model.k,
        "names": list(model.names),
        "customers": model.customers,
        "inertia": model.inertia,
        "explained": quality.explained,
        "silhouette": quality.silhouette,
        "davies_bouldin": quality.davies_bouldin,
        "calinski_harabasz": quality.calinski_harabasz,
        "stability": quality.stability,
        "beside_one_crowd": model.structure and model.structure.beside_one_crowd,
        "found_again": model.structure and dict(zip(LETTERS, model.structure.found_again, strict=False)),
    }


def show_models(models: Sequence[Mapping[str, Any]]) -> None:
    """Print a table of the models that `model_records` gives."""
    rows = [
        {
            "Model": model["model_id"] + (" *" if model["current"] else ""),
            "Fitted by run": model["run_id"],
            "k": f"{model['k']}",
            "Customers": f"{model['customers']:,}",
            "Inertia": f"{model['inertia']:,.2f}",
            "Explained": f"{model['explained']:.1%}",
            "Stability": f"{model['stability']:.3f}",
        }
        for model in models
    ]
    console = _console()
    narrow = () if console.width >= ROOMY else ("Customers", "Explained")
    console.print(_table(rows, ("Model", "Fitted by run"), narrow))
    if any(model["current"] for model in models):
        console.print("* is the current one: clientela score labels with it, and the next fit starts from it")


def show_erased(erased: Erased, config: Config) -> None:
    """Print what has gone, place by place, and what is not the job's to remove."""
    for place, count in {**erased.rows, **erased.records}.items():
        name = written(*config.own.name(place)) if place in erased.rows else place
        print(f"{name}: {count:,} {'record' if place in erased.records else 'row'}{'' if count == 1 else 's'}")
    for file in erased.removed:
        print(f"{file}: removed; the next run compares all files")
    if not erased.found:
        print("None of the ids is there: are they written as in customer_segments?")
    ids = "1 id" if erased.ids == 1 else f"{erased.ids:,} ids"
    if erased.in_shop:
        print(f"The shop's own tables still have {erased.in_shop:,} of {ids}: the next run labels these again.")
    elif erased.in_shop is None:
        print(f"Whether the shop's own tables still have the {ids} cannot be told: the features cannot be computed.")
    print(
        "Not the job's, and as they were: the shop's own tables, the files that are loaded, exports, logs, backups, "
        "and what a server keeps of deleted rows."
    )


def show_json(records: Sequence[Mapping[str, Any]]) -> None:
    """Print the records as one JSON array; datetimes, which are UTC, as ISO 8601 with a Z."""
    print(json.dumps(records, default=_utc, ensure_ascii=False, allow_nan=False, indent=2))


def _utc(value: datetime) -> str:
    return f"{value.isoformat(timespec='microseconds')}Z"


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDE, markup=False, highlight=False)


def _table(rows: Sequence[Mapping[str, str]], texts: Sequence[str], left_out: Sequence[str]) -> Table:
    """Return the rows as a table: `texts` on the left, numbers on the right, without the columns `left_out`."""
    table = Table(box=box.SIMPLE_HEAD)
    headings = [heading for heading in (rows[0] if rows else texts) if heading not in left_out]
    for heading in headings:
        table.add_column(heading, justify="left" if heading in texts else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(row[heading] for heading in headings))
    return table
