"""While a statement runs, its session can say nothing: another thread looks at it from beside."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context

import structlog

FIRST = 1.0  # seconds of a statement, before the first look at its session
EVERY = 10.0  # seconds from a look to the next one
TELL_AGAIN = 60.0  # seconds after which a wait that goes on is told again


class Watch:
    """Tells in the log for whom a session's statement waits, and cuts a session whose server no longer answers.

    look: returns in words who keeps the session waiting, empty for nobody; raises TimeoutError where the server says
    nothing. cut: ends the session without its server, so that the statement comes back with an error.
    patience: seconds without any answer, before the session is cut.
    """

    def __init__(self, look: Callable[[], str], cut: Callable[[], None], patience: float) -> None:
        self._look, self._cut, self._patience = look, cut, patience
        self._lock = threading.Lock()  # held while a session is being cut: its statement must not end meanwhile
        self._since: float | None = None  # when the statement began that runs
        self._ended = threading.Event()
        self._blocked_by = ""  # who keeps it waiting, as far as is known
        self.failed_after = 0.0  # seconds of the last statement that ended with an error
        self.was_blocked_by = ""  # who had kept that waiting
        self.silent_for = 0.0  # seconds without an answer, after which the session was cut
        threading.Thread(target=copy_context().run, args=(self._loop,), daemon=True).start()

    @contextmanager
    def over_statement(self) -> Iterator[None]:
        """Look at the session while the block runs, if that lasts."""
        outer, began = self._since, time.monotonic()
        self._blocked_by, self._since = "", began
        try:
            yield
        except BaseException:
            self.failed_after, self.was_blocked_by = time.monotonic() - began, self._blocked_by
            raise
        finally:
            with self._lock:
                self._since = outer

    def end(self) -> None:
        """Look no more."""
        self._ended.set()

    def _loop(self) -> None:
        looked = told = 0.0
        silent_since: float | None = None
        while not self._ended.wait(FIRST / 2):
            since, now = self._since, time.monotonic()
            if since is None or now < (since + FIRST if looked < since else looked + EVERY):
                silent_since = silent_since if since else None
                continue
            if looked < since:
                told, silent_since = 0.0, None
            try:
                waits_for = self._look()
            except TimeoutError:
                if silent_since is None:
                    silent_since = now
                    structlog.get_logger().warning("no answer", gives_up_after=self._patience)
                if time.monotonic() - silent_since >= self._patience:
                    self._give_up(since, time.monotonic() - since)
                continue  # without a pause
            looked, silent_since = now, None
            if self._since == since and waits_for and (waits_for != self._blocked_by or now - told >= TELL_AGAIN):
                told, self._blocked_by = now, waits_for
                structlog.get_logger().warning("waiting for a lock", seconds=round(now - since), held_by=waits_for)

    def _give_up(self, since: float, seconds: float) -> None:
        with self._lock:
            if self._since == since:
                self.silent_for = seconds
                self._cut()
