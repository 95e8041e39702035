"""What a run would do with the tables and the features, tried in a transaction that is taken back."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from job import history
from job.adapters import in_memory
from job.adapters.base import Database
from job.config import Config
from job.load.plan import Plan
from job.load.tables import Schema, read_tables
from job.segmentation import changed_since, features
from job.session import connect
from job.tables import Table


@contextmanager
def session(config: Config) -> Iterator[Database]:
    """Give a session that holds the lock, and takes back whatever is done in it.

    In place of a database file that a run would make, the database is in memory. Raises as `connect` and
    `history.require_lock`.
    """
    if config.database.missing:
        with stand_in() as database:
            yield database
        return
    with closing(connect(config)) as database:
        history.require_lock(database)  # nobody else makes the tables at the same time
        with database.rolled_back():
            if "rehearse" in database.statements:
                database.execute("rehearse")
            yield database


@contextmanager
def stand_in() -> Iterator[Database]:
    """Give an empty database in memory: the tables that come with the job are the same in each dialect."""
    with closing(in_memory()) as database, database.rolled_back():
        yield database


def tables(database: Database, config: Config, plan: Plan) -> dict[str, Table]:
    """Make the tables that are missing; return those that are loaded, as the database declares them.

    Raises ConfigError where load.sql cannot be run, or the config names a table or a column that is not there, or one
    that cannot tell what has changed.
    """
    if plan.missing:
        Schema.read(database, config.load).try_out(database)
    found = read_tables(database, plan.tables, config)
    changed_since.tables(database, config)
    return found


def select(database: Database, config: Config) -> list[str]:
    """Return the columns of the features' SELECT. Raises ConfigError where it does not give what the config needs."""
    sql = database.from_imitated(features.text(database, config))
    return [name for name, _ in features.require_shape(database, config, sql)]


def values(database: Database, config: Config) -> int:
    """Return how many customers the features' SELECT gives, now that the tables hold what they should.

    Raises DataError where their ids, or their numbers, will not do.
    """
    return features.preview(database, config)
