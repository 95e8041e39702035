"""customer_features: made by the shop's own SQL where the config names one."""

from pathlib import Path

from job.adapters.base import Database
from job.config import Config
from job.errors import ConfigError

REQUIRED = ("customer_unique_id", "monetary", "frequency", "recency_days")
TEXT, WHOLE = ("VARCHAR", "TIMESTAMP", "DATE", "BOOLEAN"), ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")


def make_table(database: Database, config: Config) -> None:
    """Give customer_features the columns that the features' SQL has, where it has others; its rows go.

    Raises ConfigError where the SQL cannot be read or lacks a column.
    """
    sql = _sql(database, config)
    wanted = [tuple(row.values())[:2] for row in database.fetch("features_shape", features_sql=sql)]
    names = [name for name, _ in wanted]
    if missing := [name for name in REQUIRED if name not in names]:
        raise ConfigError(f"features.sql: {config.features.sql} selects no {' and no '.join(missing)}")
    if config.features.sql is None:  # the schema says its types
        if names != [column.name for column in database.columns("customer_features")]:
            database.execute("drop_tables", tables=["customer_features"])
            database.execute("job_schema")
    elif wanted != [tuple(row.values())[:2] for row in database.fetch("features_table_shape")]:
        database.execute("make_features", features_sql=sql)


def replace(database: Database, config: Config) -> None:
    """Compute every customer's features anew."""
    columns = [column.name for column in database.columns("customer_features")]
    database.execute("replace_features", columns=columns, features_sql=_sql(database, config))


def numbers(database: Database) -> dict[str, bool]:
    """Return the numeric columns of customer_features: whether each holds whole numbers alone."""
    return {
        column.name: column.type.partition("(")[0] in WHOLE
        for column in database.columns("customer_features")
        if column.type.partition("(")[0].split(" ")[0] not in TEXT
    }


def read(path: Path) -> str:
    """Return the SELECT in the file, without the semicolon at its end.

    Raises ConfigError where it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8").rstrip().removesuffix(";")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"features.sql: {path} cannot be read ({error})") from error


def _sql(database: Database, config: Config) -> str:
    path = config.features.sql
    return read(path) if path else database.statements.text("features")
