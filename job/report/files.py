"""The files of the report: one HTML page that needs nothing else, and a CSV of the segments beside it."""

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from job import history
from job.config import Config
from job.errors import ConfigError, DatabaseError, DataError, TransientError, is_disk_full
from job.files import replaced
from job.model.segments import Segment
from job.report import figures, page
from job.spreadsheets import BYTE_ORDER_MARK, defused

if TYPE_CHECKING:
    from job.adapters.base import Database

PAGE = re.compile(r"\d{8}T\d{6}-[0-9a-f]{4}(-\d+)?\.html")  # on a run, by its id; these sort by time
RUNS = 60  # that the picture of the segments over time goes back


def write(database: "Database", config: Config, run_id: str | None = None) -> list[Path]:
    """Write the report on the run, or on the last one, and return the files: RUN.html and, for the last run alone,
    latest.html and segments.csv.

    Raises DataError where no such run has labelled customers, ConfigError where the folder cannot be written,
    DatabaseError where its disk is full.
    """
    last = history.require_last_done(database)
    runs = history.done_runs(database, RUNS, run_id)
    if run_id and (not runs or runs[0].run_id != run_id):
        raise DataError(f"no run {run_id} has labelled customers; clientela runs lists those that have")
    run = runs[0]
    is_last = run.run_id == last.run_id
    html = page.html(figures.read(database, config, runs, is_last), config)
    if is_last and history.require_last_done(database).run_id != run.run_id:
        raise TransientError("another run has ended meanwhile; clientela report tells of it")
    files = {f"{run.run_id}.html": html}
    if is_last:
        files |= {config.latest_report().name: html, "segments.csv": _csv(run.segments, config.report.currency)}
    return [_written(config.folder(config.report.folder) / name, text) for name, text in files.items()]


def forget(config: Config) -> int:
    """Remove the pages on runs that are kept no longer, by report.keep; return how many. Raises OSError."""
    folder = config.folder(config.report.folder)
    if config.report.keep is None or not folder.is_dir():
        return 0
    pages = sorted(path for path in folder.iterdir() if PAGE.fullmatch(path.name))
    old = pages[: -config.report.keep]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _written(path: Path, text: str) -> Path:
    """Write the file, whole or not at all."""
    try:
        with replaced(path, shared=True) as draft:
            draft.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        if is_disk_full(error):
            raise DatabaseError(
                f"{path} cannot be written: the disk is full; make room, then run clientela report"
            ) from error
        raise ConfigError(f"{path} cannot be written ({error.strerror}); see report.folder") from error
    return path


def _csv(segments: Sequence[Segment], currency: str) -> str:
    """Return a row per segment, with a header, as people open it in a spreadsheet."""
    stream = io.StringIO(newline="")
    stream.write(BYTE_ORDER_MARK)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["segment", "name", "rule", "rule_right", "customers", "share", defused(f"revenue_{currency}"),
                     "share_of_revenue", "mean_spend", "mean_orders", "mean_recency_days"])  # fmt: skip
    for segment in segments:
        means = (segment.mean_spend, segment.mean_orders, segment.mean_recency_days)
        writer.writerow(
            [segment.segment, defused(segment.name), defused(segment.rule), segment.rule_right, segment.customers,
             f"{segment.share:.6f}", f"{segment.spend:.2f}", f"{segment.share_of_spend:.6f}",
             *(f"{mean:.4f}" if segment.customers else "" for mean in means)]
        )  # fmt: skip
    return stream.getvalue()
