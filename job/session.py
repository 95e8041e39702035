"""A session in the database of a config."""

from job.adapters import dialects
from job.adapters.base import Database
from job.config import Config
from job.errors import DatabaseError, TransientError
from job.retry import retrying


def connect(config: Config, read_only: bool = False) -> Database:
    """Open a session in the configured database; wait up to connect_timeout for a server that is out of reach.

    read_only: the database refuses every change; where there is no server, the file must exist.
    Raises DatabaseError when it cannot be reached, LockedError when another process has its file open.
    """
    settings = config.database
    if settings.missing and (read_only or config.load is None):
        way_out = "clientela run makes it, or" if config.load else "nothing would be in it:"
        raise DatabaseError(f"{settings.missing} does not exist; {way_out} name another file in database.path")
    adapter = dialects()[settings.dialect]

    def attempt() -> Database:
        return adapter.connect(settings, config.own, read_only)

    try:
        return retrying(attempt, on=TransientError, seconds=settings.patience)
    except TransientError as error:  # it has lasted: nothing is to be tried again
        raise DatabaseError(str(error)) from error
