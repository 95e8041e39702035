"""What a person or a log collector sees while a run goes on: structlog lines, and rich bars on a terminal."""

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import structlog
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from structlog.dev import KeyValueColumnFormatter

Item = TypeVar("Item")

ROWS = ("records", "customers", "rows")  # what a step works on: the first of them that it counts
COUNTED = (*ROWS, "files")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # but for tabs and line breaks
MINUTES = 120  # seconds from which a time is shown in minutes


class _CurrentStderr:
    """rich puts its own stream in sys.stderr's place while a bar is shown, so that lines go above the bar."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure_logging(log_format: str) -> str:
    """Send log lines to stderr, as text for people or as JSON lines; return which.

    auto: text on a terminal, JSON elsewhere. NO_COLOR (any value) switches colours off.
    """
    if log_format == "auto":
        log_format = "console" if sys.stderr.isatty() else "json"
    processors: list[Any] = [structlog.contextvars.merge_contextvars, structlog.processors.add_log_level]
    if log_format == "json":
        processors += [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
        ]
    else:
        processors += [
            _for_people,
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
            structlog.dev.ConsoleRenderer(
                columns=_columns(colors=sys.stderr.isatty() and not os.environ.get("NO_COLOR")), sort_keys=False
            ),
        ]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        logger_factory=structlog.WriteLoggerFactory(file=_CurrentStderr()),  # type: ignore[arg-type]
    )
    return log_format


def _columns(colors: bool) -> list[structlog.dev.Column]:
    """Return how a line reads: time, level where it is no info, event, what was done how fast, and the rest."""
    styles = structlog.dev.ConsoleRenderer.get_default_column_styles(colors)

    def value(style: str, width: int = 0) -> KeyValueColumnFormatter:
        return KeyValueColumnFormatter(None, style, styles.reset, str, width)

    levels = structlog.dev.ConsoleRenderer.get_default_level_styles(colors)
    return [
        structlog.dev.Column("", KeyValueColumnFormatter(styles.kv_key, styles.kv_value, styles.reset, str)),
        structlog.dev.Column("timestamp", value(styles.timestamp)),
        structlog.dev.Column("level", structlog.dev.LogLevelColumnFormatter(levels, styles.reset)),
        structlog.dev.Column("event", value(styles.bright, 11)),
        structlog.dev.Column("work", value("")),
    ]


def _for_people(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """The terminal shows one run, so its id says nothing; the table says the summary; what is none is left out."""
    if event["event"] == "summary":
        raise structlog.DropEvent
    event.pop("run_id", None)
    if event["level"] != "info":
        return {key: _number(value) for key, value in event.items()}
    event.pop("level")
    work = {"work": _work(event)} if "seconds" in event else {}
    return {**work, **{key: _number(value) for key, value in event.items() if value not in (0, "")}}


def printable(text: str) -> str:
    """Return the text as a terminal may show it: what would move its cursor or change its title is spelled out."""
    return CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def _number(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else value


def _work(event: structlog.typing.EventDict) -> str:
    """Take what was worked on, for how long and how fast, out of the event; return it as columns of text."""
    unit = next((unit for unit in COUNTED if unit in event), "")
    count, rate, seconds = event.pop(unit, ""), event.pop("per_second", 0), event.pop("seconds")
    took = f"{seconds:.1f} s" if seconds < MINUTES else f"{seconds // 60:.0f}m {seconds % 60:02.0f}s"
    return f"{_number(count):>11} {unit:<9} {took:>7}" + (f" {rate:>9,}/s" if rate else "")


def timed(facts: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Return the facts with the seconds, and where rows were worked on, how many per second, to three digits."""
    count = next((facts[unit] for unit in ROWS if unit in facts), 0)
    rate = {"per_second": int(float(f"{count / seconds:.3g}"))} if count and seconds else {}
    return {**facts, "seconds": round(seconds, 3), **rate}


class Steps:
    """Times the steps of a run and shows them: a log line when one ends, a bar while it runs on a terminal."""

    def __init__(self, log_format: str) -> None:
        self.timings: dict[str, float] = {}
        self._log = structlog.get_logger()
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
            auto_refresh=False,  # its thread would now and then erase a log line with the bar above
            disable=log_format == "json" or not sys.stderr.isatty(),
        )

    @contextmanager
    def shown(self) -> Iterator["Steps"]:
        """Show bars within this block."""
        with self._progress:
            yield self

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, Any]]:
        """Time the block; what it puts into the dict is logged with the seconds when it ends well."""
        facts: dict[str, Any] = {}
        task = self._progress.add_task(name, total=None)
        self._progress.refresh()
        started = time.perf_counter()
        try:
            yield facts
        finally:
            self._progress.remove_task(task)
        self.timings[name] = round(time.perf_counter() - started, 3)
        self._log.info(name, **timed(facts, self.timings[name]))

    @contextmanager
    def bar(self, name: str, total: int) -> Iterator[Callable[[int], None]]:
        """Show a bar within the block; give the function that moves it on."""
        task = self._progress.add_task(f"  {name}", total=total)

        def advance(count: int) -> None:
            self._progress.advance(task, count)
            self._progress.refresh()

        try:
            yield advance
        finally:
            self._progress.remove_task(task)

    def each(self, items: Iterable[Item], name: str, count: int) -> Iterator[Item]:
        """Yield the items, so many, with a bar that counts them."""
        with self.bar(name, count) as advance:
            for item in items:
                yield item
                advance(1)
