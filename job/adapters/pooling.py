"""Whether a pooler between the job and a PostgreSQL server lets the job's session keep its backend.

A backend is the server's process for a session. A pooler may give it to somebody else after each transaction, with
whatever was left in it: settings, temporary tables, locks.
"""

import select
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

ROUNDS = 3
PATIENCE = 2.0  # seconds for another backend; a pool that has none left to give takes none away either
BACKEND = "SELECT pg_backend_pid()"


def backend(connection: Any) -> int:
    """Return the number of the backend that runs a statement of the session now."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(BACKEND)
        return int(cursor.fetchone()[0])


def is_pooled(connection: Any) -> bool:
    """Tell whether a pooler is in between: then the session's number for cancelling is the pooler's own."""
    return bool(backend(connection) != connection.info.backend_pid)


def keeps_backend(connection: Any, open_another: Callable[[], Any]) -> bool:
    """Tell whether an idle session keeps its backend while another one wants some.

    Nothing is set, made or locked for it: what it finds out about, it does not leave behind.
    connection: outside of a transaction. open_another: opens an asynchronous session in the same place.
    Raises psycopg2.Error where the pooler lets no other session in, TimeoutError where it takes too long.
    """
    import psycopg2

    with closing(open_another()) as another:
        _wait(another)
        try:
            for _ in range(ROUNDS):
                before = backend(connection)
                taken = _backend_in_transaction(another)
                if taken == before or backend(connection) != before:
                    return False
                _execute(another, "ROLLBACK")
        except (TimeoutError, psycopg2.OperationalError):  # no other backend is to be had
            pass
    return True


def _backend_in_transaction(another: Any) -> int:
    """Begin a transaction, which keeps the backend until it ends; return the backend's number."""
    _execute(another, "BEGIN")
    with closing(another.cursor()) as cursor:
        cursor.execute(BACKEND)
        _wait(another)
        return int(cursor.fetchone()[0])


def _execute(another: Any, statement: str) -> None:
    with closing(another.cursor()) as cursor:
        cursor.execute(statement)
        _wait(another)


def _wait(another: Any) -> None:
    """Wait until the asynchronous session is done. Raises TimeoutError where that takes longer than PATIENCE."""
    from psycopg2 import extensions

    deadline = time.monotonic() + PATIENCE
    while (state := another.poll()) != extensions.POLL_OK:
        reading, writing = ([another], []) if state == extensions.POLL_READ else ([], [another])
        if not any(select.select(reading, writing, [], max(deadline - time.monotonic(), 0))):
            raise TimeoutError
