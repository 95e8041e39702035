"""customer_features: made by the shop's own SQL where the config names one."""

import re
from pathlib import Path
from typing import Any

from job.adapters.base import Database
from job.config import Config
from job.errors import ConfigError, DatabaseError, DataError, TransientError
from job.fingerprint import fingerprint
from job.statements import read_script

REQUIRED = ("customer_unique_id", "monetary", "frequency", "recency_days")
WHOLE = {f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")}
WHOLE |= {"INTEGER", "UINTEGER"}
NUMBERS = WHOLE | {"DECIMAL", "NUMERIC", "DOUBLE", "FLOAT"}
BOUNDLESS = {"NUMERIC", "DOUBLE", "FLOAT"}
LARGEST = 1e30  # number of a feature: the trees that rules come from reckon with floats, which end at 3e38
NUMBER = re.compile(  # the same, in the words of any database
    r"(u?(tiny|small|medium|big|huge)?int(eger)?|decimal|numeric|double( precision)?|float|real)"
    r"(\([\d, ]+\))?( unsigned)?",
    re.IGNORECASE,
)
OURS = re.compile(r"[pd]\d+|centroid|customers")  # names that statements over customer_features give
NAME = re.compile(r"""[^\W\d](?!.*\w\()([^%"`\\;*+/=|?\x00-\x1f]*[^%"`\\;*+/=|?\x00-\x1f\s])?""")  # no expression's
LONGEST_NAME = 62  # bytes; there are engines that cut longer ones without a word
# What begins otherwise than a SELECT, behind comments and brackets: engines refuse it, each in words of its own.
NO_SELECT = re.compile(
    r"(?>\s|--[^\n]*\n|#[^\n]*\n|/\*(?!M?!).*?\*/|\()*+"
    r"(ALTER|ANALYZE|BEGIN|CALL|COMMIT|COPY|CREATE|DELETE|DESC|DESCRIBE|DO|DROP|EXECUTE|EXPLAIN|GRANT|INSERT|LOAD|LOCK"
    r"|MERGE|REPLACE|REVOKE|ROLLBACK|SET|SHOW|START|SUMMARIZE|TRUNCATE|UPDATE|USE|VACUUM)\b",
    re.DOTALL | re.IGNORECASE,
)


def make_table(database: Database, config: Config) -> None:
    """Give customer_features the columns that the features' SQL has, where it has others.

    Where CREATE TABLE commits, the new table has the features of the tables as they are: a run that fails does not
    leave it empty. Raises as `require_shape`.
    """
    wanted = require_shape(database, config)
    names = [name for name, _ in wanted]
    there = _shape(database, "features_table_shape")
    if config.features.sql is None:  # the schema says its types
        if names == [name for name, _ in there]:
            return
        database.execute("drop_tables", tables=[database.own.name("customer_features")])
        database.execute("job_schema")
    elif _without_id(wanted) != _without_id(there):
        _refuse_before_making(database, config)
        database.execute("make_features", columns=wanted)
    else:
        return
    if not database.transactional_ddl:
        replace(database, config)


def _refuse_before_making(database: Database, config: Config) -> None:
    """Raise DataError for what a run would refuse, where a new customer_features could not be taken back."""
    if not database.transactional_ddl:
        found = _preview(database, config)
        if found["all_customers"]:  # else the tables are still to be filled
            _make_axes(config, found)


def preview(database: Database, config: Config) -> int:
    """Return how many customers the features' SQL gives, of the tables as they are; customer_features is not touched.

    Raises DataError where a run would refuse their ids or their numbers.
    """
    found = _preview(database, config)
    _make_axes(config, found)
    return int(found["customers"])


def _preview(database: Database, config: Config) -> dict[str, Any]:
    path = config.features.sql
    sql, axes = text(database, config), config.clustering.features
    [found] = database.fetch("features_preview", features_sql=sql, features=axes)
    rows, ids = found["all_customers"], found["ids"]
    if path and rows > ids:
        raise wrong_rows(path, f"{rows - ids} rows have no id")
    if path and ids > found["different"]:
        raise wrong_rows(path, f"{ids} rows are of {found['different']} customers")
    if path and found["wrong"]:
        raise wrong_rows(path, _such_as(found["wrong"], "a wrong id", found["example"]))
    return found


def _make_axes(config: Config, found: dict[str, Any]) -> None:
    from job.model.points import make_axes

    make_axes(config.clustering.features, found)


def require_shape(database: Database, config: Config) -> list[tuple[str, str]]:
    """Return each column's name and type of the features' SQL, which is not computed.

    Raises ConfigError where the SQL cannot be read or run, or lacks what the config names.
    """
    sql = text(database, config)
    if config.features.sql:
        require_columns(database, sql, config.features.sql)
    columns = _shape(database, "features_shape", features_sql=sql)
    require_numbers(columns, config)
    return columns


def _shape(database: Database, name: str, **context: Any) -> list[tuple[str, str]]:
    """Return each column's name and type, in the columns' order."""
    return [(row["name"], str(row["type"])) for row in database.fetch(name, **context)]


def _without_id(columns: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Its type is the job's: text."""
    return [(name, "" if name == REQUIRED[0] else type_) for name, type_ in columns]


def replace(database: Database, config: Config) -> None:
    """Compute every customer's features anew.

    Raises DataError where a shop's own SQL gives a customer two rows, one without an id, or a number beyond LARGEST.
    """
    table = database.own.name("customer_features")
    columns = [column.name for column in database.columns(table)]
    path = config.features.sql
    try:
        database.execute("replace_features", columns=columns, features_sql=text(database, config))
        if path:
            _refuse_wrong_ids(database)
            _refuse_boundless(database)
    except DataError as error:
        if path is None:
            raise
        raise wrong_rows(path, str(error)) from error
    database.analyze([table])


def wrong_rows(path: Path, problem: str) -> DataError:
    """Return the error that a shop's SELECT gives rows which are not one for each customer."""
    return DataError(
        f"features.sql: {path}: {problem}; it must give a row per customer, with an id of 1 to 255 characters that "
        "does not end in a space, and finite numbers"
    )


def _refuse_wrong_ids(database: Database) -> None:
    """Raise DataError for what the keys and types of some databases let through: two rows of a customer, odd ids."""
    wrong = {"a wrong id": database.fetch("wrong_ids")}
    if not database.enforces_keys:
        wrong["more than one row"] = database.fetch("doubled_customers")
    for what, [found] in wrong.items():
        if found["customers"]:
            raise DataError(_such_as(found["customers"], what, found["example"]))


def _such_as(customers: int, what: str, example: str) -> str:
    return f"{customers} customers have {what}, such as {_shortened(repr(example))}"


def _refuse_boundless(database: Database) -> None:
    """Raise DataError for numbers whose squares, added up, are no longer finite; for NaN and infinity, too.

    Looked at are types alone that hold such numbers.
    """
    columns = database.columns(database.own.name("customer_features"))
    boundless = [column.name for column in columns if column.base in BOUNDLESS]
    [beyond] = database.fetch("numbers_beyond", columns=boundless, largest=LARGEST) if boundless else [{}]
    for name, customers in zip(boundless, beyond.values(), strict=True):
        if customers:
            raise DataError(f"column {name} is NaN, infinite or beyond {LARGEST:g} in {customers} rows")


def numeric_columns(database: Database) -> dict[str, bool]:
    """Return the numeric columns of customer_features: whether each holds whole numbers alone."""
    columns = database.columns(database.own.name("customer_features"))
    kinds = {column.name: column.base for column in columns}
    return {name: kind in WHOLE for name, kind in kinds.items() if kind in NUMBERS and name != REQUIRED[0]}


def text(database: Database, config: Config) -> str:
    """Return the SELECT that computes the features.

    Raises ConfigError where the config's file cannot be read or holds something else than one statement.
    """
    path = config.features.sql
    return read(type(database), path) if path else database.statements.text("features")


def computed(database: Database, config: Config) -> dict[str, str]:
    """Return the name by which statements that read customer_features compute the features, and need no such table.

    Raises as `text`.
    """
    return {"customer_features": f'(\n{text(database, config)}\n) AS "features"'}


def fingerprint_of_sql(database: Database, config: Config) -> str:
    """Return the fingerprint of the SELECT, which another version of the job may have another of; raises as `text`."""
    return fingerprint(text(database, config))


def read(adapter: type[Database], path: Path) -> str:
    """Return the one SELECT in the file, as it stands there; raises as `text`.

    adapter: of the database that it is for.
    """
    script = read_script("features.sql", path)
    try:
        statements = adapter.split(script)
    except ValueError as error:
        raise ConfigError(
            f"features.sql: {path}: it cannot be told where the statement ends, since a quote or a comment seems to be "
            f"open; close it, and leave out semicolons inside of others ({error})"
        ) from error
    if len(statements) != 1:
        raise ConfigError(f"features.sql: {path} holds {len(statements) or 'no'} statements; it must be one SELECT")
    if found := NO_SELECT.match(statements[0]):
        raise ConfigError(f"features.sql: {path} begins with {found[1].upper()}; it must be one SELECT")
    return statements[0]


def require_columns(database: Database, sql: str, path: Path) -> None:
    """Raise ConfigError where a shop's SELECT cannot be run, or does not give the columns that it must.

    Nothing is computed, and nothing changed. Raises TransientError where another session may be luckier.
    """
    try:
        names = database.column_names(sql)
    except (DatabaseError, DataError) as error:  # a constant may be out of range
        if isinstance(error, TransientError):
            raise
        raise ConfigError(f"features.sql: {path}: {str(error).splitlines()[0]}") from error
    if problem := _wrong_name(names):
        raise ConfigError(f"features.sql: {path} selects {problem}")


def require_numbers(columns: list[tuple[str, str]], config: Config) -> None:
    """Raise ConfigError where a column that must be a number is none, or is not there.

    columns: each one's name, and its type in the words of the database.
    """
    types, path = dict(columns), config.features.sql
    named = dict.fromkeys(REQUIRED[1:], "features.sql")
    named |= {feature.column: "clustering.features" for feature in config.clustering.features}
    named |= {config.segments.order_by: "segments.order_by"}
    for column, key in named.items():
        type_ = types.get(column, "")
        if NUMBER.fullmatch(type_):
            continue
        if path is None:
            raise ConfigError(f"{key}: {column} is no numeric column of customer_features")
        if type_:
            raise ConfigError(f"features.sql: {path} gives {column} as {type_}; it must be a number: CAST it")
        raise ConfigError(f"{key} names {column}, which features.sql ({path}) does not select")


def _wrong_name(names: list[str]) -> str:
    """Say what is wrong with the names of the columns; empty: nothing."""
    seen = [name.casefold() for name in names]
    for number, name in enumerate(names):
        if seen.index(seen[number]) < number:
            return f"two columns of the name {name} (large and small letters are one); call one otherwise, with AS"
        if not NAME.fullmatch(name) or len(name.encode()) > LONGEST_NAME:
            return (
                f"a column without a name that every database takes ({_shortened(name)}); give it one with AS: a "
                f"letter or _ first, no %, quotes or operators, and at most {LONGEST_NAME} bytes"
            )
        if name != seen[number] and seen[number] in REQUIRED:
            return f"{name}, which must be in small letters: {seen[number]}"
        if OURS.fullmatch(name):
            return f"a column {name}, but the job gives the name {name} itself; call it otherwise, with AS"
    missing = [name for name in REQUIRED if name not in names]
    return f"no {' and no '.join(missing)}" if missing else ""


def _shortened(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:40]}..."
