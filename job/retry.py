"""Try again after an error that may pass: a server that is not up yet, a session that was lost, a lock."""

import math
import sys
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import structlog
import tenacity

from job.errors import ClientelaError

Result = TypeVar("Result")


def retrying(
    attempt: Callable[[], Result],
    on: type[ClientelaError],
    seconds: float = math.inf,
    attempts: int = sys.maxsize,
    event: str = "waiting",
) -> Result:
    """Return what the attempt returns; where it raises the error `on`, try again, with longer and longer pauses.

    seconds, attempts: when to stop trying; then the last error is raised, and says for how long it was tried.
    event: the log line that tells of an error before the next attempt.
    """
    loop = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(on),
        stop=tenacity.stop_before_delay(seconds) | tenacity.stop_after_attempt(attempts),
        wait=tenacity.wait_exponential_jitter(multiplier=0.5, max=10, jitter=0.5),
        before_sleep=partial(_log, event),
        retry_error_callback=_give_up,
    )
    return loop(attempt)


def _log(event: str, state: tenacity.RetryCallState) -> None:
    assert state.outcome and state.next_action
    structlog.get_logger().warning(
        event, error=str(state.outcome.exception()), retry_in=round(state.next_action.sleep, 1)
    )


def _give_up(state: tenacity.RetryCallState) -> None:
    assert state.outcome and state.seconds_since_start is not None
    error = state.outcome.exception()
    assert isinstance(error, ClientelaError)
    if state.attempt_number == 1:
        raise error
    raise type(error)(f"{error}; tried for {state.seconds_since_start:.0f} s") from error
