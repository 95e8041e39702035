"""What people are told of a run: one POST of a small JSON to a webhook, such as a chat's, without customers' data.

The address is a secret, as whoever knows it may write there: no sentence has any of it.
"""

import http.client
import json
import re
import ssl
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib import error, request

import structlog

from job import __version__
from job.errors import ConfigError
from job.history import DoneRun
from job.model.segments import MoveCounts
from job.retry import retrying

SECONDS = 10.0  # for an attempt as a whole: a server may send its answer byte by byte
ATTEMPTS = 3
BY_SIGNAL = 128  # exit codes from here on: the process is to end soon
ENDED = {0: "done", 130: "interrupted", 143: "interrupted"}
WHY = {
    1: "a bug",
    2: "config or usage",
    3: "data missing or refused",
    4: "database unreachable or failing, or a disk is full",
    5: "another run holds the lock",
}
TOO_MANY = 429
ADDRESS = re.compile(r"\S+@\S+")  # the id of a placeholder may be one


class NotTakenError(ConfigError):
    """The webhook has not taken the message."""


class NotTakenNowError(NotTakenError):
    """It may take it later."""


class _NoRedirect(request.HTTPRedirectHandler):
    """A POST that is sent on becomes a GET without the message, and goes to an address that nobody has given."""

    def redirect_request(self, *_: Any) -> None:
        return None


def send(url: str, message: Mapping[str, Any], attempts: int = ATTEMPTS) -> None:
    """Post the message; where it is not taken, a warning tells why, and nothing else comes of it."""
    try:
        retrying(lambda: _in_time(url, message), on=NotTakenNowError, attempts=attempts, event="notifying again")
    except Exception as problem:
        reason = str(problem) if isinstance(problem, NotTakenError) else f"notify.url: {type(problem).__name__}"
        structlog.get_logger().warning("not notified", reason=reason)


def message(config: str, run_id: str, exit_code: int, run: DoneRun | None, page: Path | None) -> dict[str, Any]:
    """Return what is told of a run.

    config: its name. run: the one that went well; None: it did not, or cannot be asked for. page: its report.
    """
    warnings = [ADDRESS.sub("(an address)", warning) for warning in run.figures["warnings"]] if run else []
    return {
        "text": f"{config}: {_sentence(exit_code, run, warnings)}",
        "config": config,
        "run": run.run_id if run else run_id,
        "status": ENDED.get(exit_code, "failed"),
        "exit_code": exit_code,
        "warnings": warnings,
        "report": str(page.absolute()) if page else None,
    }


def _sentence(exit_code: int, run: DoneRun | None, warnings: Sequence[str]) -> str:
    if exit_code >= BY_SIGNAL:
        return "the run was stopped; labels are as before"
    if exit_code:
        return f"the run failed ({WHY.get(exit_code, 'for another reason')}); labels are as before. The log says more"
    if run is None:
        return "the run is done"
    segments, counts = run.segments, MoveCounts.of(run.moves)
    customers = sum(segment.customers for segment in segments)
    moved = f", {counts.moved:,} moved, {counts.new:,} new, {counts.left:,} left" if counts.before else ""
    warned = f"; {len(warnings)} warnings" if len(warnings) > 1 else "; 1 warning" if warnings else ""
    return f"{customers:,} customers in {len(segments)} segments{moved}{warned}"


def _in_time(url: str, message: Mapping[str, Any]) -> None:
    """Post the message in a thread of its own, which nobody waits for when it takes too long."""
    problems: list[Exception] = []

    def attempt() -> None:
        try:
            _post(url, message)
        except Exception as problem:
            problems.append(problem)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(SECONDS)
    if thread.is_alive():
        raise NotTakenNowError(f"notify.url: no answer in {SECONDS:g} s")
    if problems:
        raise problems[0]


def _post(url: str, message: Mapping[str, Any]) -> None:
    asked = request.Request(
        url,
        data=json.dumps(message).encode(),
        headers={"Content-Type": "application/json", "User-Agent": f"clientela/{__version__}"},
        method="POST",
    )
    try:
        with request.build_opener(_NoRedirect).open(asked, timeout=SECONDS):
            pass  # what it says does not matter: it has been taken
    except error.HTTPError as answer:
        answer.close()
        later = answer.code >= http.client.INTERNAL_SERVER_ERROR or answer.code == TOO_MANY
        raise (NotTakenNowError if later else NotTakenError)(f"notify.url: answered {answer.code}") from None
    except (OSError, http.client.HTTPException) as problem:
        raise NotTakenNowError(f"notify.url: {_reason(problem)}") from None


def _reason(problem: Exception) -> str:
    """Return what is wrong without the text of the error, which may hold the address."""
    cause = getattr(problem, "reason", problem)
    if isinstance(cause, TimeoutError):
        return f"no answer in {SECONDS:g} s"
    if isinstance(cause, ssl.SSLError):
        return f"no trusted session ({cause.reason})"
    if isinstance(cause, OSError) and cause.strerror:
        return f"cannot be reached ({cause.strerror})"
    return f"no answer in HTTP ({type(cause).__name__})"
