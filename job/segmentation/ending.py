"""What the run's record gets from every run that labels customers."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import structlog

from job import history
from job.config import Config
from job.model.segments import Move, Segment


def warn(record: history.Run, sentences: Sequence[str]) -> None:
    """Log warnings, and keep them for the end of the run's record."""
    for sentence in sentences:
        structlog.get_logger().warning("notice", reason=sentence)
    record.warnings.extend(sentences)


def figures(
    command: str, config: Config, segments: Sequence[Segment], moves: Sequence[Move], changes: Mapping[str, int]
) -> dict[str, Any]:
    """Return the figures that every run has which labels customers.

    moves: between segments. changes: how many rows were written, by kind.
    """
    return {
        "command": command,
        "write_back": config.write_back and config.write_back.label,
        "customers": sum(segment.customers for segment in segments),
        **changes,
        "moves": moves,
        "segments": [asdict(segment) for segment in segments],
    }
