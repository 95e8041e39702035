"""One module per dialect; its driver is imported when the dialect is chosen."""

from importlib import import_module
from typing import TYPE_CHECKING

from job.config import Config
from job.errors import DatabaseError, TransientError
from job.retry import retrying

if TYPE_CHECKING:
    from job.adapters.base import Database


def connect(config: Config, read_only: bool = False) -> "Database":
    """Open a session in the configured database; wait up to connect_timeout for a server that is out of reach.

    read_only: the database refuses every change; a DuckDB file must exist.
    Raises DatabaseError when it cannot be reached, LockedError when another process has the DuckDB file open.
    """
    settings = config.database
    adapter = import_module(f"job.adapters.{settings.dialect}")

    def attempt() -> "Database":
        database: Database = adapter.connect(settings, config.own, read_only)
        return database

    try:
        return retrying(attempt, on=TransientError, seconds=settings.connect_timeout)
    except TransientError as error:  # it has lasted: nothing is to be tried again
        raise DatabaseError(str(error)) from error
