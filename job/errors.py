"""What can go wrong, in families: each has the exit code that docs/reference/logs-and-exit-codes.md has.

The message is one plain sentence for the person who runs the job: what is wrong, where, and the way out.
"""

import errno
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


class ClientelaError(Exception):
    """The base of every error that the job expects; anything else is a bug (exit code 1)."""

    exit_code = 1


class ConfigError(ClientelaError):
    """The config or the command line is wrong: by itself, or for the files, the database or the machine."""

    exit_code = 2


class DataError(ClientelaError):
    """The data is missing or refused; the shop's tables and labels are as before."""

    exit_code = 3


class DatabaseError(ClientelaError):
    """The database cannot be reached or failed, or a disk is full; the running transaction was rolled back."""

    exit_code = 4


class TransientError(DatabaseError):
    """The database cannot be reached or go on now, but may later: not started yet, a session cut, a deadlock."""


class LockedError(ClientelaError):
    """Another run works on this database."""

    exit_code = 5


class Interrupted(BaseException):
    """A signal asked the job to end; the exit code is a shell's, 128 and the signal's number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by {signal.Signals(number).name}; what was not committed is rolled back")
        self.exit_code = 128 + number


# What the system says of a disk or a quota that is full, and DuckDB of its temporary folder.
FULL = (os.strerror(errno.ENOSPC), os.strerror(errno.EDQUOT), "failed to offload data block")


def is_disk_full(error: BaseException) -> bool:
    """Whether the error says that a disk is full, as Python, DuckDB and the servers pass it on."""
    return any(sentence in str(error) for sentence in FULL)


@contextmanager
def full_disk_told() -> Iterator[None]:
    """Raise DatabaseError where what the block writes to the temporary folder finds no room."""
    try:
        yield
    except DatabaseError:
        raise
    except Exception as error:
        if not is_disk_full(error):
            raise
        reason = str(error).splitlines()[0]
        raise DatabaseError(
            f"the disk is full: {tempfile.gettempdir()} has no room for the job's temporary files ({reason}); "
            "make room there, or name another folder in TMPDIR, and run again"
        ) from error
