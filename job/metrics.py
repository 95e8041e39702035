"""What monitoring is told of a run: a file in Prometheus' text format, as the node exporter's textfile collector reads
it. Totals alone, no customer's record.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from job.history import DoneRun
from job.model.segments import MoveCounts

if TYPE_CHECKING:
    from prometheus_client import Metric

CONFIG = "config"  # the label that all have: several shops may be told of on one machine
OF_ANY = {
    "last_run_timestamp_seconds": "When the last run ended, well or not.",
    "last_run_duration_seconds": "How long it took.",
    "last_run_exit_code": "How it ended: 0 is well.",
}
OF_SUCCESS = {
    "last_success_timestamp_seconds": "When the last run that went well ended.",
    "segment_customers": "Customers in each segment after it.",
    "moved_customers": "Customers that it moved from one segment to another.",
    "warnings": "Warnings that it gave.",
}
Values = Mapping[tuple[tuple[str, str], ...], float]  # by labels and their values


def write(path: Path, config: str, exit_code: int, seconds: float, run: DoneRun | None) -> None:
    """Replace the file as a whole; where that cannot be done, a warning tells, and nothing else comes of it.

    config: its name. run: the one that went well; None: it did not, and what the file says of the last that did stays.
    """
    from prometheus_client import CollectorRegistry, write_to_textfile

    registry = CollectorRegistry()
    try:
        registry.register(_Written([*_of_any(config, exit_code, seconds), *_of_success(path, config, run)]))
        write_to_textfile(str(path), registry)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        structlog.get_logger().warning("no metrics", file=str(path), reason=reason)


class _Written:
    """What the registry asks for metrics."""

    def __init__(self, metrics: "Sequence[Metric]") -> None:
        self._metrics = metrics

    def collect(self) -> "Sequence[Metric]":
        return self._metrics


def _of_any(config: str, exit_code: int, seconds: float) -> "list[Metric]":
    values = (time.time(), seconds, exit_code)
    return [_metric(name, {((CONFIG, config),): value}) for name, value in zip(OF_ANY, values, strict=True)]


def _of_success(path: Path, config: str, run: DoneRun | None) -> "list[Metric]":
    if run is None:
        return _kept(path)
    own = (CONFIG, config)
    values: list[Values] = [
        {(own,): run.finished_at.replace(tzinfo=UTC).timestamp()},
        {(own, ("segment", each.segment), ("name", each.name)): each.customers for each in run.segments},
        {(own,): MoveCounts.of(run.moves).moved},
        {(own,): len(run.figures["warnings"])},
    ]
    return [_metric(name, each) for name, each in zip(OF_SUCCESS, values, strict=True)]


def _kept(path: Path) -> "list[Metric]":
    from prometheus_client.parser import text_string_to_metric_families

    if not path.exists():
        return []
    names = {f"clientela_{name}" for name in OF_SUCCESS}
    return [metric for metric in text_string_to_metric_families(path.read_text()) if metric.name in names]


def _metric(name: str, values: Values) -> "Metric":
    from prometheus_client.core import GaugeMetricFamily

    labels = [label for label, _ in next(iter(values))] if values else [CONFIG]
    metric = GaugeMetricFamily(f"clientela_{name}", (OF_ANY | OF_SUCCESS)[name], labels=labels)
    for of_labels, value in values.items():
        metric.add_metric([text for _, text in of_labels], value)
    return metric
