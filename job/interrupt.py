"""SIGTERM and Ctrl-C end the job within seconds and cleanly: the running statement is cancelled, then rolled back.

Python looks at a signal between two of its own steps; a call into a driver can keep it from that for minutes,
and an exception thrown into the middle of one would leave the session unusable. So while such a call runs, a second
thread cancels it, and the exception is raised when the call has come back.
"""

import faulthandler
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TypeVar

import structlog

from job.errors import Interrupted

Result = TypeVar("Result")

GRACE = 8.0  # seconds from the signal to the end; container engines kill after 10
FORCED = 9.0  # seconds from the signal to the end of a process in which no Python runs
CANCEL_EVERY = 0.5  # seconds; a cancellation that came just before its statement hits nothing

_lock = threading.Lock()  # held while a call is being cancelled
_received: int | None = None
_listening = True
_raised = threading.Event()
_cancel: Callable[[], None] | None = None


def install() -> None:
    """Handle both signals from now on; to be called once, in the main thread."""
    receiving, sending = socket.socketpair()
    sending.setblocking(False)
    signal.set_wakeup_fd(sending.fileno())
    threading.Thread(target=_watch, args=(receiving, sending), daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _handle)


def stop_listening() -> None:
    """From now on no signal raises Interrupted: the run is about to be committed, and so done.

    A process that has not ended GRACE seconds after a signal is still ended by force.
    """
    global _listening  # noqa: PLW0603 - signals belong to the process
    with _lock:
        _listening = False


def listen_again() -> None:
    """Undo `stop_listening`, as there is more to be done; raises Interrupted when a signal has come since."""
    global _listening  # noqa: PLW0603
    _listening = True
    _raise_once()


def raised() -> Interrupted | None:
    """Return the Interrupted that was raised, if one was: a library that it went through may have made another error
    of it."""
    return Interrupted(_received) if _received is not None and _raised.is_set() else None


@contextmanager
def cancellable(cancel: Callable[[], None]) -> Iterator[None]:
    """Let a signal cancel the call in this block; raises Interrupted at its end when one came.

    cancel: makes the call return soon; it is called from another thread, perhaps more than once.
    Only the main thread gets signals: in another one this does nothing, and whoever started that thread must end it.
    """
    global _cancel  # noqa: PLW0603
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    outer, _cancel = _cancel, cancel
    try:
        yield
    finally:
        _cancel = outer
        if outer is None:
            _raise_once()


def apart(call: Callable[[], Result], seconds: float | None = None) -> Result:
    """Return what the call returns, made in a thread of its own, so that a signal ends the wait for it at once.

    seconds: how long to wait; None: for ever. Raises TimeoutError after that, and leaves the call behind.
    """
    outcome: Future[Result] = Future()

    def make() -> None:
        try:
            outcome.set_result(call())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=make, daemon=True).start()
    return outcome.result(seconds)


def _handle(number: int, frame: FrameType | None) -> None:
    global _received  # noqa: PLW0603
    if _received is not None:  # once is enough; the first may hold the lock
        return
    _received = number
    if _cancel is None:
        _raise_once()


def _raise_once() -> None:
    """Raise Interrupted when a signal has come, but only once: what comes after it is cleaning up."""
    if _received is not None and _listening and not _raised.is_set():
        with _lock:
            _raised.set()
        raise Interrupted(_received)


def _watch(receiving: socket.socket, _: socket.socket) -> None:
    """Cancel what runs when a signal arrives; end the process when that does not help."""
    number = receiving.recv(1)[0]
    last_resort = threading.Timer(GRACE, _end_by_force, [number])
    last_resort.daemon = True
    last_resort.start()
    # A driver may wait for a server while no other Python runs: this one needs none. It ends with 1, and says where.
    faulthandler.dump_traceback_later(FORCED, exit=True)
    while not _raised.is_set() and _listening:
        with _lock:
            if _cancel is not None and not _raised.is_set() and _listening:
                with suppress(Exception):  # then the last resort helps
                    _cancel()
        _raised.wait(CANCEL_EVERY)


def _end_by_force(number: int) -> None:
    """End the process without tidying up: the database rolls back what an ended session has left."""
    sentence = "ended by force, as the database did not let go in time; it goes on to roll back by itself"
    structlog.get_logger().error("failed", error=sentence, exit_code=128 + number)
    os._exit(128 + number)
