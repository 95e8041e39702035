"""One module per dialect; its driver is imported when the dialect is chosen."""

from importlib import import_module
from typing import TYPE_CHECKING

from job.config import DuckDBDatabase, ServerDatabase

if TYPE_CHECKING:
    from job.adapters.base import Database


def connect(settings: DuckDBDatabase | ServerDatabase) -> "Database":
    """Open a session in the configured database.

    Raises DatabaseError when it cannot be reached, LockedError when another process has the DuckDB file open.
    """
    database: Database = import_module(f"job.adapters.{settings.dialect}").connect(settings)
    return database
