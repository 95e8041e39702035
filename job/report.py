"""The segments as a person reads them."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from job.config import Config, DuckDBDatabase
from job.segments import Segment

WIDE = 110  # columns that the table of segments needs with names on one line
ROOMY = 100  # columns that the lists of runs and models need


def segment_table(segments: Sequence[Segment], currency: str, roomy: bool) -> Table:
    """Return the segments as a terminal table; money in `currency`. roomy: with space between columns."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1 if roomy else 0))
    table.add_column("Segment", style="bold", no_wrap=True)
    table.add_column("Name")
    for heading in (
        "Customers",
        "Share",
        f"Revenue\n{escape(currency)}",
        "Mean\nspend",
        "Mean\norders",
        "Share of\nrevenue",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for segment in segments:
        table.add_row(
            segment.segment,
            escape(segment.name),
            f"{segment.customers:,}",
            f"{segment.share:.1%}",
            f"{segment.spend:,.2f}",
            f"{segment.mean_spend:,.2f}",
            f"{segment.mean_orders:.2f}",
            f"{segment.share_of_spend:.1%}",
        )
    customers = sum(segment.customers for segment in segments)
    spend = sum(segment.spend for segment in segments)
    orders = sum(segment.customers * segment.mean_orders for segment in segments)
    table.add_section()
    table.add_row(
        "",
        "all",
        f"{customers:,}",
        "100.0%",
        f"{spend:,.2f}",
        f"{spend / customers:,.2f}",
        f"{orders / customers:.2f}",
        "100.0%",
    )
    return table


def rule_table(segments: Sequence[Segment]) -> Table:
    """Return each segment's rule in words, and how far it is right, as a terminal table."""
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Segment", style="bold", no_wrap=True)
    table.add_column("Rule")
    table.add_column("Right for", justify="right", no_wrap=True)
    for segment in segments:
        table.add_row(segment.segment, escape(segment.rule), f"{segment.rule_right:.1%}")
    return table


def show(segments: Sequence[Segment], config: Config, page: Path | None) -> None:
    """Print the segments to stdout, where the labels and the report's page are, and what to try next."""
    console = Console(width=None if sys.stdout.isatty() else WIDE, emoji=False)
    database, write_back = config.database, config.write_back
    place = database.path if isinstance(database, DuckDBDatabase) else f"{database.name} on {database.host}"
    console.print(segment_table(segments, config.report.currency, roomy=console.width >= WIDE))
    console.print(rule_table(segments))
    labels = str(config.own.name("customer_segments"))
    shown = f"{labels} and {write_back.table}.{write_back.column}" if write_back else labels
    console.print(f"Labels: {shown} in {place}", soft_wrap=True, markup=False)
    if page:
        console.print(f"Report: {page}", soft_wrap=True, markup=False, highlight=False)
    statement = f"SELECT * FROM {labels} ORDER BY segment LIMIT 10"
    if isinstance(database, DuckDBDatabase):
        statement = f"{sys.executable} -c \"import duckdb; duckdb.connect('{place}').sql('{statement}').show()\""
    console.print(f"Try:    {statement}", soft_wrap=True, markup=False, highlight=False)
    console.print("Next:   your own files and a server of your own, as README.md says", soft_wrap=True)


def show_runs(runs: Sequence[Mapping[str, Any]]) -> None:
    """Print the runs, as `runs.recent` gives them, to stdout."""
    rows = []
    for run in runs:
        figures = run["figures"]
        command = figures.get("command", "run")
        took = (run["finished_at"] - run["started_at"]).total_seconds() if run["finished_at"] else None
        moved = sum(count for before, after, count in figures.get("moves", ()) if before and after and before != after)
        rows.append(
            {
                "Run": run["run_id"],
                "Seconds": "" if took is None else f"{took:,.1f}",
                "Status": f"{run['status']} ({command})" if command != "run" else run["status"],
                "Customers": f"{figures['customers']:,}" if "customers" in figures else "",
                "Moved": f"{moved:,}" if figures.get("moves") else "",
                "Model": run["model_id"] or "",
            }
        )
    console = _console()
    console.print(_listed(rows, ("Run", "Status", "Model"), () if console.width >= ROOMY else ("Model",)))
    for run in runs:
        for sentence in (*run["figures"].get("warnings", ()), *([run["error"]] if run["error"] else ())):
            console.print(f"{run['run_id']}: {sentence}", soft_wrap=True)


def show_models(models: Sequence[Mapping[str, Any]], current: str) -> None:
    """Print the models, as `runs.models` gives them, to stdout; `current` is the id of the one in use."""
    rows = []
    for row in models:
        model = row["model"]
        [quality] = [quality for quality in model.tried if quality.k == model.k]
        rows.append(
            {
                "Model": row["model_id"] + (" *" if row["model_id"] == current else ""),
                "Fitted by run": row["run_id"],
                "k": f"{model.k}",
                "Customers": f"{model.customers:,}",
                "Inertia": f"{model.inertia:,.2f}",
                "Explained": f"{quality.explained:.1%}",
                "Stability": f"{quality.stability:.3f}",
            }
        )
    console = _console()
    narrow = () if console.width >= ROOMY else ("Customers", "Explained")
    console.print(_listed(rows, ("Model", "Fitted by run"), narrow))
    if any(row["model_id"] == current for row in models):
        console.print("* is the current one: job score labels with it, and the next fit starts from it")


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDE, markup=False, highlight=False)


def _listed(rows: Sequence[Mapping[str, str]], texts: Sequence[str], left_out: Sequence[str]) -> Table:
    """Return the rows as a table: `texts` on the left, numbers on the right, without the columns `left_out`."""
    table = Table(box=box.SIMPLE_HEAD)
    headings = [heading for heading in (rows[0] if rows else texts) if heading not in left_out]
    for heading in headings:
        table.add_column(heading, justify="left" if heading in texts else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(row[heading] for heading in headings))
    return table
