"""customer_features: made by the shop's own SQL where the config names one."""

import re
from pathlib import Path
from typing import Any

from job.adapters.base import Database
from job.config import Config
from job.errors import ConfigError, DatabaseError, DataError, TransientError
from job.fingerprint import fingerprint
from job.statements import read_statements

REQUIRED = ("customer_unique_id", "monetary", "frequency", "recency_days")
WHOLE = {"TINYINT", "SMALLINT", "MEDIUMINT", "INTEGER", "BIGINT", "HUGEINT"}
NUMBERS = WHOLE | {"DECIMAL", "DOUBLE", "FLOAT", "REAL"}
OURS = re.compile(r"[pd]\d+|centroid|customers")  # names that statements over customer_features give


def make_table(database: Database, config: Config) -> None:
    """Give customer_features the columns that the features' SQL has, where it has others.

    Where CREATE TABLE commits, the new table has the features of the tables as they are: a run that fails does not
    leave it empty. Raises ConfigError where the SQL cannot be read, or lacks a column.
    """
    sql = text(database, config)
    try:
        wanted = _shape(database, "features_shape", features_sql=sql)
    except DatabaseError as error:
        if config.features.sql is None or isinstance(error, TransientError):
            raise
        raise ConfigError(f"features.sql: {config.features.sql}: {error}") from error
    names = [name for name, _ in wanted]
    if missing := [name for name in REQUIRED if name not in names]:
        raise ConfigError(f"features.sql: {config.features.sql} selects no {' and no '.join(missing)}")
    if ours := [name for name in names if OURS.fullmatch(name)]:
        raise ConfigError(f"features.sql: the job gives the name {ours[0]} itself; call that column otherwise")
    there = _shape(database, "features_table_shape")
    if config.features.sql is None:  # the schema says its types
        if names == [name for name, _ in there]:
            return
        database.execute("drop_tables", tables=[database.own.name("customer_features")])
        database.execute("job_schema")
    elif _without_id(wanted) != _without_id(there):
        database.execute("make_features", columns=wanted)
    else:
        return
    if not database.transactional_ddl:
        replace(database, config)


def _shape(database: Database, name: str, **context: Any) -> list[tuple[str, str]]:
    """Return each column's name and type, in the columns' order."""
    return [(row["name"], str(row["type"])) for row in database.fetch(name, **context)]


def _without_id(columns: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Its type is the job's: text."""
    return [(name, "" if name == REQUIRED[0] else type_) for name, type_ in columns]


def replace(database: Database, config: Config) -> None:
    """Compute every customer's features anew.

    Raises DataError where a shop's own SQL gives a customer two rows, or one without an id.
    """
    table = database.own.name("customer_features")
    columns = [column.name for column in database.columns(table)]
    path = config.features.sql
    try:
        database.execute("replace_features", columns=columns, features_sql=text(database, config))
        if path and not database.enforces_keys:
            [doubled] = database.fetch("doubled_customers")
            if doubled["customers"]:
                raise DataError(f"{doubled['customers']} customers have more than one row")
    except DataError as error:
        if path is None:
            raise
        raise DataError(f"features.sql: {path}: {error}; it must give a row per customer, with an id") from error
    database.analyze([table])


def numeric_columns(database: Database) -> dict[str, bool]:
    """Return the numeric columns of customer_features: whether each holds whole numbers alone."""
    columns = database.columns(database.own.name("customer_features"))
    kinds = {column.name: column.type.partition("(")[0] for column in columns}
    return {name: kind in WHOLE for name, kind in kinds.items() if kind in NUMBERS and name != REQUIRED[0]}


def text(database: Database, config: Config) -> str:
    """Return the SELECT that computes the features.

    Raises ConfigError where the config's file cannot be read or holds something else than one statement.
    """
    path = config.features.sql
    return read(path) if path else database.statements.text("features")


def computed(database: Database, config: Config) -> dict[str, str]:
    """Return the name by which statements that read customer_features compute the features, and need no such table.

    Raises as `text`.
    """
    return {"customer_features": f'(\n{text(database, config)}\n) AS "features"'}


def fingerprint_of_sql(database: Database, config: Config) -> str:
    """Return the fingerprint of the SELECT, which another version of the job may have another of; raises as `text`."""
    return fingerprint(text(database, config))


def read(path: Path) -> str:
    """Return the one SELECT in the file; raises as `text`."""
    statements = read_statements("features.sql", path)
    if len(statements) != 1:
        raise ConfigError(f"features.sql: {path} holds {len(statements)} statements; it must be one SELECT")
    return statements[0]
