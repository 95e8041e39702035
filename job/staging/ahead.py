"""Bytes on their way from the thread that makes them to the one that sends them."""

import threading
from collections import deque

from job.errors import DatabaseError

ROOM = 32 << 20  # bytes that are held; with so many, whoever makes them waits


class Ahead:
    """The bytes of tables, one table after the other: made in one thread, taken in the same order in another."""

    def __init__(self) -> None:
        self._held: deque[tuple[str, memoryview | None]] = deque()
        self._size = 0
        self._closed = False
        self._changed = threading.Condition()

    def put(self, table: str, piece: memoryview) -> None:
        """Add to the table's bytes, once there is room. Raises DatabaseError where nobody takes them any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._size < ROOM)
            if self._closed:
                raise DatabaseError("the load has ended")
            self._held.append((table, piece))
            self._size += len(piece)
            self._changed.notify_all()

    def end(self, table: str) -> None:
        """Say that the table has no more bytes."""
        with self._changed:
            self._held.append((table, None))
            self._changed.notify_all()

    def take(self, table: str) -> memoryview | None:
        """Return the table's next bytes, None at their end; those of tables before it are dropped."""
        with self._changed:
            while True:
                self._changed.wait_for(lambda: self._closed or self._held)
                if self._closed:
                    return None
                owner, piece = self._held.popleft()
                self._size -= len(piece or b"")
                self._changed.notify_all()
                if owner == table:
                    return piece

    def close(self) -> None:
        """Let go of what is held, and of who waits."""
        with self._changed:
            self._closed = True
            self._held.clear()
            self._changed.notify_all()


class Stream:
    """A table's bytes as a file that is read, between those that begin and end it."""

    def __init__(self, ahead: Ahead, table: str, beginning: bytes, ending: bytes) -> None:
        self._ahead = ahead
        self._table = table
        self._piece: memoryview | None = memoryview(beginning)
        self._ending = memoryview(ending)

    def read(self, size: int) -> bytes:
        """Return at most so many bytes, none at the end."""
        while self._piece is not None and not self._piece:
            self._piece = self._ahead.take(self._table)
        if self._piece is None:
            data, self._ending = self._ending[:size], self._ending[size:]
        else:
            data, self._piece = self._piece[:size], self._piece[size:]
        return bytes(data)
