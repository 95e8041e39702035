"""What the run's record gets from every run that labels customers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import structlog

from job import history
from job.config import Config
from job.model import structure
from job.model.segment_model import SegmentModel
from job.model.segments import Move, Segment
from job.segmentation import arrival
from job.segmentation.label_column import LabelTarget

if TYPE_CHECKING:
    from job.adapters.base import Database


def warn(record: history.Run, sentences: Sequence[str]) -> None:
    """Log warnings, and keep them for the end of the run's record."""
    for sentence in sentences:
        structlog.get_logger().warning("notice", reason=sentence)
    record.warnings.extend(sentences)


def bring_labels(
    database: "Database", config: Config, record: history.Run, targets: Sequence[LabelTarget]
) -> dict[str, Any]:
    """Bring the labels to the shop's own table, where it gets any, and warn of those that are missing there.

    Returns, for the record, how many rows changed, and the count: `written_back` and `arrival`; of RFM groups
    `rfm_written_back` and `rfm_arrival`. Raises as `arrival.write_back`.
    """
    brought: dict[str, Any] = {}
    for target in targets:
        written, counted, missing = arrival.write_back(database, config, target)
        warn(record, missing)
        before = "rfm_" if target.of_groups else ""
        brought |= {f"{before}written_back": written, f"{before}arrival": asdict(counted)}
    return brought


def told(brought: Mapping[str, Any]) -> dict[str, int]:
    """Return what the step's line in the log says of the labels brought to the shop's own table."""
    if not brought:
        return {}
    names = ("customers", "found", "of_customers", "labelled")
    says = ("with_label", "with_row", "rows_to_label", "rows_labelled")
    counts = {says: brought["arrival"][name] for name, says in zip(names, says, strict=True)}
    written = {name: brought[name] for name in ("written_back", "rfm_written_back") if name in brought}
    return {**written, **counts}


def figures(
    command: str,
    config: Config,
    model: SegmentModel,
    segments: Sequence[Segment],
    moves: Sequence[Move],
    changes: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the figures that every run has which labels customers.

    moves: between segments. changes: how many rows were written, by kind, and what
    `bring_labels` gives.
    """
    write_back = config.write_back
    return {
        "command": command,
        "write_back": write_back and write_back.label,
        **(
            {"rfm_write_back": config.write_back.rfm_label} if config.write_back and config.write_back.rfm_label else {}
        ),
        "customers": sum(segment.customers for segment in segments),
        **changes,
        "moves": moves,
        "segments": [asdict(segment) for segment in segments],
        "structure": structure.told(model),
    }
