"""A session in the database of a config."""

import math
import sys
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import structlog
import tenacity

from job.adapters import dialects
from job.adapters.base import Database
from job.config import Config
from job.errors import ClientelaError, DatabaseError, TransientError

Result = TypeVar("Result")


def connect(config: Config, read_only: bool = False) -> Database:
    """Open a session in the configured database; wait up to connect_timeout for a server that is out of reach.

    read_only: the database refuses every change; where there is no server, the file must exist.
    Raises DatabaseError when it cannot be reached, LockedError when another process has its file open.
    """
    settings = config.database
    adapter = dialects()[settings.dialect]

    def attempt() -> Database:
        return adapter.connect(settings, config.own, read_only)

    try:
        return patiently(attempt, TransientError, settings.patience)
    except TransientError as error:  # it has lasted: nothing is to be tried again
        raise DatabaseError(str(error)) from error


def patiently(
    attempt: Callable[[], Result],
    passing: type[ClientelaError],
    seconds: float = math.inf,
    attempts: int = sys.maxsize,
    event: str = "waiting",
) -> Result:
    """Return what the attempt returns; while it raises the passing error, try again for so many seconds or attempts.

    event: the log line that tells of the error before the next attempt.
    """
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(passing),
        stop=tenacity.stop_before_delay(seconds) | tenacity.stop_after_attempt(attempts),
        wait=tenacity.wait_exponential_jitter(multiplier=0.5, max=10, jitter=0.5),
        before_sleep=partial(_tell, event),
        retry_error_callback=_give_up,
    )
    return retrying(attempt)


def _tell(event: str, state: tenacity.RetryCallState) -> None:
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
