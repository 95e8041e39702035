"""What can go wrong, in families: each has the exit code that the README documents.

The message is one plain sentence for the person who runs the job: what is wrong, where, and the way out.
"""

import signal


class ClientelaError(Exception):
    """The base of every error that the job expects; anything else is a bug (exit code 1)."""

    exit_code = 1


class ConfigError(ClientelaError):
    """The config or the command line is wrong; nothing was connected to."""

    exit_code = 2


class DataError(ClientelaError):
    """The data is missing or refused; the shop's tables and labels are as before."""

    exit_code = 3


class DatabaseError(ClientelaError):
    """The database cannot be reached or failed; the running transaction was rolled back."""

    exit_code = 4


class TransientError(DatabaseError):
    """The database cannot be reached now, but may be later: not started yet, or too busy."""


class LockedError(ClientelaError):
    """Another run works on this database."""

    exit_code = 5


class Interrupted(BaseException):
    """A signal asked the job to end; the exit code is a shell's, 128 and the signal's number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by {signal.Signals(number).name}; what was not committed is rolled back")
        self.exit_code = 128 + number
