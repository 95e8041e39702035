"""The segments as a person reads them."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from job.config import Config, DuckDBDatabase
from job.segments import Segment

WIDE = 110  # columns that the table needs with names on one line


def segment_table(segments: Sequence[Segment], currency: str, roomy: bool) -> Table:
    """Return the segments as a terminal table; money in `currency`. roomy: with space between columns."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1 if roomy else 0))
    table.add_column("Segment", style="bold", no_wrap=True)
    table.add_column("Name")
    for heading in ("Customers", "Share", f"Revenue\n{currency}", "Mean\nspend", "Mean\norders", "Share of\nrevenue"):
        table.add_column(heading, justify="right", no_wrap=True)
    for segment in segments:
        table.add_row(
            segment.segment,
            segment.name,
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
        table.add_row(segment.segment, segment.rule, f"{segment.rule_right:.1%}")
    return table


def show(segments: Sequence[Segment], config: Config, page: Path | None) -> None:
    """Print the segments to stdout, where the labels and the report's page are, and what to try next."""
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    database, write_back = config.database, config.write_back
    place = database.path if isinstance(database, DuckDBDatabase) else f"{database.name} on {database.host}"
    console.print(segment_table(segments, config.report.currency, roomy=console.width >= WIDE))
    console.print(rule_table(segments))
    console.print(
        f"Labels: customer_segments and {write_back.table}.{write_back.column} in {place}", soft_wrap=True, markup=False
    )
    if page:
        console.print(f"Report: {page}", soft_wrap=True, markup=False, highlight=False)
    statement = "SELECT * FROM customer_segments ORDER BY segment LIMIT 10"
    if isinstance(database, DuckDBDatabase):
        statement = f"{sys.executable} -c \"import duckdb; duckdb.connect('{place}').sql('{statement}').show()\""
    console.print(f"Try:    {statement}", soft_wrap=True, markup=False, highlight=False)
    console.print("Next:   your own files and a server of your own, as README.md says", soft_wrap=True)


def show_runs(runs: Sequence[Mapping[str, Any]]) -> None:
    """Print the runs, as `runs.recent` gives them, to stdout."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("Run", "Started, UTC", "Seconds", "Status", "Customers", "Model"):
        table.add_column(heading, justify="right" if heading in ("Seconds", "Customers") else "left", no_wrap=True)
    for run in runs:
        command = run["figures"].get("command", "run")
        took = (run["finished_at"] - run["started_at"]).total_seconds() if run["finished_at"] else None
        table.add_row(
            run["run_id"],
            f"{run['started_at']:%Y-%m-%d %H:%M:%S}",
            "" if took is None else f"{took:,.1f}",
            f"{run['status']} ({command})" if command != "run" else run["status"],
            f"{run['figures']['customers']:,}" if run["figures"] else "",
            run["model_id"] or "",
        )
    console = Console(width=None if sys.stdout.isatty() else WIDE, markup=False, highlight=False)
    console.print(table)
    for run in runs:
        if run["error"]:
            console.print(f"{run['run_id']}: {run['error']}", soft_wrap=True)


def show_models(models: Sequence[Mapping[str, Any]], current: str) -> None:
    """Print the models, as `runs.models` gives them, to stdout; `current` is the id of the one in use."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("Model", "Fitted by run", "k", "Customers", "Inertia", "Explained", "Stability"):
        table.add_column(heading, justify="left" if heading in ("Model", "Fitted by run") else "right", no_wrap=True)
    for row in models:
        model = row["model"]
        [quality] = [quality for quality in model.tried if quality.k == model.k]
        table.add_row(
            row["model_id"] + (" *" if row["model_id"] == current else ""),
            row["run_id"],
            f"{model.k}",
            f"{model.customers:,}",
            f"{model.inertia:,.2f}",
            f"{quality.explained:.1%}",
            f"{quality.stability:.3f}",
        )
    console = Console(width=None if sys.stdout.isatty() else WIDE, markup=False, highlight=False)
    console.print(table)
    if current:
        console.print("* is the current one: job score labels with it, and the next fit starts from it")
