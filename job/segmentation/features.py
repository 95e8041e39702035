"""customer_features: made by the shop's own SQL where the config names one."""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from job.adapters.base import Database
from job.config import Config
from job.errors import ConfigError, DatabaseError, DataError, TransientError
from job.fingerprint import fingerprint
from job.segmentation import rfm, value
from job.statement_contract import RECENCY
from job.statements import read_script
from job.tables import Name, quoted

REQUIRED = ("customer_unique_id", "monetary", "frequency", "recency_days")
WHOLE = {f"{sign}{size}INT" for sign in ("", "U") for size in ("TINY", "SMALL", "BIG", "HUGE")}
WHOLE |= {"INTEGER", "UINTEGER"}
NUMBERS = WHOLE | {"DECIMAL", "NUMERIC", "DOUBLE", "FLOAT"}
BOUNDLESS = {"NUMERIC", "DOUBLE", "FLOAT"}
BOUNDLESS_TYPE = re.compile(r"(numeric|double( precision)?|float|real)( unsigned)?", re.IGNORECASE)  # in any words
LARGEST = 1e30  # number of a feature: the trees that rules come from reckon with floats, which end at 3e38
NUMBER = re.compile(  # the same, in the words of any database
    r"(u?(tiny|small|medium|big|huge)?int(eger)?|decimal|numeric|double( precision)?|float|real)"
    r"(\([\d, ]+\))?( unsigned)?",
    re.IGNORECASE,
)
VIEWS = {"customer_rfm": rfm.make_view, "customer_value": value.make_view}  # of customer_features
# Types of recency_days that hold any number of days: then the day that it counts from is stored
DAYS = re.compile(
    r"int(eger)?|bigint|hugeint|numeric|double( precision)?"
    r"|(decimal|numeric)\((?P<digits>\d+), ?(?P<scale>\d+)\)",
    re.IGNORECASE,
)
DAYS_DIGITS = 7  # before the point
# Types whose equal values look alike
SHOWN_ALIKE = WHOLE | {"DECIMAL", "BOOLEAN", "DATE", "TIME", "TIMESTAMP"}
CUSTOMERS_FOR_DAY = 10_000  # by which to see up to which day recency_days counts now
WITNESSES = 100  # customers that are not touched
MOST_TOUCHED = 150_000  # ids in a statement
MOST_BYTES = 5_000_000  # of these: a server may take no longer statement than 16 MB, with each byte as two
SHARE_TO_ANALYZE = 0.1  # of the rows
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

    The table that an older version has made becomes a view of what is stored; who may read it still may. Where CREATE
    TABLE commits, there are the features of the tables as they are at once: a run that fails leaves none empty. Raises
    as `require_shape`.
    """
    wanted = require_shape(database, config)
    view = database.own.name("customer_features")
    is_there = "customer_features" in database.own_tables()
    is_view = view.table in {row["view"] for row in database.fetch("views", {"schema": database.own.schema})}
    if is_view and _fits(wanted, _table_shape(database), config):
        return
    if config.features.sql:
        _refuse_before_making(database, config)
    names = [name for name, _ in wanted]
    grants = _grants(database, view, names) if is_there else []
    over = [make for name, make in VIEWS.items() if name in database.own_tables()]  # views of the view
    for name in VIEWS.keys() & database.own_tables():
        grants += _grants(database, database.own.name(name))
    if is_view:
        database.execute("drop_features_view")
    elif is_there and database.transactional_ddl:
        database.execute("drop_tables", tables=[view])
    counted = _make_data(database, config, wanted)
    if is_there and not is_view and not database.transactional_ddl:
        with _of_own_sql(config):
            _fill(database, config, names, counted)
        beside, before = (Name(view.schema, f"{view.table}_{end}") for end in ("new", "old"))
        database.execute("make_features_view", view=beside, columns=names, counted=counted)
        database.execute("swap_features", view=beside, before=before)
        return
    database.execute("make_features_view", view=view, columns=names, counted=counted)
    for make in over:
        make(database)
    for grant in grants:
        database.run(grant)
    if not database.transactional_ddl:
        with _of_own_sql(config):
            _fill(database, config, names, counted)


def _table_shape(database: Database) -> list[tuple[str, str]]:
    """Return each column's name and type of customer_features."""
    return _shape(database, "features_table_shape")


def _fits(wanted: list[tuple[str, str]], there: list[tuple[str, str]], config: Config) -> bool:
    """Tell whether customer_features has the columns that the features' SQL has."""
    if config.features.sql is None:  # the schema says its types
        return [name for name, _ in wanted] == [name for name, _ in there]
    return _without_id(wanted) == _without_id(there)


def _grants(database: Database, view: Name, columns: Collection[str] | None = None) -> list[str]:
    """Return the statements that give others what they may do with a view, if it goes, and they with it.

    columns: those that it keeps; None: all.
    """
    rows = database.fetch("features_grants", view=view) if "features_grants" in database.statements else []
    return [row["grant"] for row in rows if columns is None or row["column"] is None or row["column"] in columns]


def _make_data(database: Database, config: Config, wanted: list[tuple[str, str]]) -> str | None:
    """Make the table behind customer_features, empty; return the type of recency_days, None: it is not counted."""
    if config.features.sql is None:
        database.execute("drop_tables", tables=[database.own.name("customer_features_data")])
        database.execute("job_schema")
        return RECENCY
    counted = _counted(wanted)
    database.execute("make_features", columns=wanted, counted=counted)
    return counted


def _counted(columns: list[tuple[str, str]]) -> str | None:
    """Return the type of recency_days if every number of days is a value of it, else None."""
    type_ = dict(columns)["recency_days"]
    found = DAYS.fullmatch(type_)
    if not found or (found["digits"] and int(found["digits"]) - int(found["scale"]) < DAYS_DIGITS):
        return None
    return type_


def _refuse_before_making(database: Database, config: Config) -> None:
    """Raise DataError for what a run would refuse, where a new customer_features could not be taken back."""
    if not database.transactional_ddl:
        found = _preview(database, config)
        if found["all_customers"]:  # else the tables are still to be filled
            _refuse_numbers(database, config, found)


def preview(database: Database, config: Config) -> int:
    """Return how many customers the features' SQL gives, of the tables as they are; customer_features is not touched.

    Raises DataError where a run would refuse their ids or their numbers.
    """
    found = _preview(database, config)
    _refuse_numbers(database, config, found)
    return int(found["customers"])


def _refuse_numbers(database: Database, config: Config, found: dict[str, Any]) -> None:
    """Raise DataError for numbers that a run would refuse, in its order. found: by `_preview`."""
    if config.features.sql:
        with _of_own_sql(config):
            _try_all_columns(database, text(database, config))
    _make_axes(config, found)


def _try_all_columns(database: Database, sql: str) -> None:
    """Compute every column, and store it as a run would: not only those that tell customers apart."""
    columns = _shape(database, "features_shape", features_sql=sql)
    database.execute("stage_features", columns=columns, features_sql=sql, customers=None)
    boundless = [name for name, type_ in columns if BOUNDLESS_TYPE.fullmatch(type_) and name != REQUIRED[0]]
    _refuse_beyond(database, boundless, customer_features=quoted("#features"))
    database.execute("drop_staged_features", tables=["#features"])


def _preview(database: Database, config: Config) -> dict[str, Any]:
    path = config.features.sql
    sql, axes = text(database, config), config.clustering.features
    with _of_own_sql(config):
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


def require_shape(database: Database, config: Config, sql: str | None = None) -> list[tuple[str, str]]:
    """Return each column's name and type of the features' SQL, which is not computed.

    sql: what is to be asked in its place. Raises ConfigError where the SQL cannot be read or run, or lacks what the
    config names.
    """
    sql = sql or text(database, config)
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


def replace(database: Database, config: Config, touched: bool = False) -> int:
    """Bring customer_features up to date; return how many rows were written.

    Every customer's features are computed, and what differs is written. touched: the temporary table
    touched_customers, of this session, has the ids (customer_unique_id) of all customers whose records have changed
    since the features were stored, by the same SQL; then those alone are computed, where the SQL is the job's or the
    config says that it is per customer. If a few of the others show that they have changed too, everybody's are.
    Raises DataError where a shop's own SQL gives a customer two rows, one without an id, or a number beyond LARGEST.
    """
    with _of_own_sql(config):
        return _replace(database, config, touched and (config.features.sql is None or config.features.per_customer))


@contextmanager
def _of_own_sql(config: Config) -> Iterator[None]:
    """Say of data that is refused that a shop's own SQL has given it, where there is such."""
    try:
        yield
    except DataError as error:
        if config.features.sql is None:
            raise
        raise wrong_rows(config.features.sql, str(error)) from error


def _replace(database: Database, config: Config, touched: bool) -> int:
    data = database.own.name("customer_features_data")
    shape = _table_shape(database)
    names, counted = [name for name, _ in shape], _counted(shape)
    [there] = database.fetch("count_rows", tables=[data])
    if not there["rows"]:
        return _fill(database, config, names, counted)
    staged = _stage_touched(database, config, shape, counted) if touched else None
    if staged is None:
        touched, staged = False, _stage_all(database, config, shape, counted)
    [changed] = database.fetch("changed_features")
    database.execute("write_features", columns=names)
    written: int = staged.days + changed["known"] + changed["new"]
    if touched or there["rows"] > staged.customers - changed["new"]:
        written += database.execute("delete_features", touched=touched)
    _drop_staged(database)
    if written > there["rows"] * SHARE_TO_ANALYZE:
        database.analyze([data])
    return written


class Differences(NamedTuple):
    """How many customers' features are not stored as their SQL gives them."""

    customers: int  # whom the SQL gives
    other: int
    new: int
    gone: int
    days: int  # 1: recency_days counts up to another day


def differences(database: Database, config: Config) -> Differences:
    """Compute all features, and compare them with those that are stored, in a transaction that is to be taken back.

    Raises as `replace`.
    """
    with _of_own_sql(config):
        shape = _table_shape(database)
        [there] = database.fetch("count_rows", tables=[database.own.name("customer_features_data")])
        staged = _stage_all(database, config, shape, _counted(shape))
        [changed] = database.fetch("changed_features")
    gone = there["rows"] - (staged.customers - changed["new"])
    return Differences(staged.customers, changed["known"], changed["new"], gone, staged.days)


def _fill(database: Database, config: Config, columns: list[str], counted: str | None) -> int:
    """Store every customer's features, where none are stored; return how many there are."""
    sql = text(database, config)
    written = database.execute("fill_features", columns=columns, counted=counted, features_sql=sql)
    if config.features.sql:
        _refuse_wrong_rows(database)
    database.analyze([database.own.name("customer_features_data")])
    return written


class _Staged(NamedTuple):
    """What is staged: how many customers' features, and how many rows were written for the day they count up to."""

    customers: int
    days: int


def _stage_all(database: Database, config: Config, shape: list[tuple[str, str]], counted: str | None) -> _Staged:
    """Compute every customer's features, and stage those that are stored otherwise."""
    customers = _stage(database, config, shape)
    found = database.fetch("days_counted_to", counted=counted, limit=CUSTOMERS_FOR_DAY, touched=False)
    days = database.execute("count_days_to", {"day": found[0]["day"]}) if found else 0
    _stage_changed(database, shape, counted)
    return _Staged(customers, days)


def _stage_touched(
    database: Database, config: Config, shape: list[tuple[str, str]], counted: str | None
) -> _Staged | None:
    """Compute the features of touched customers, and stage those that are stored otherwise.

    By how much recency_days has grown, some customers tell that are not touched; whose must be as they were but for
    that. None where that cannot be told, or does not hold, or too many are touched: all are to be computed.
    """
    log = structlog.get_logger()
    witnesses = database.fetch("first_counted", limit=WITNESSES, touched=True)
    rows = database.fetch("touched_customers", limit=MOST_TOUCHED + 1)
    customers = [row["customer_unique_id"] for row in (*rows, *witnesses)]
    if not witnesses or database.fetch("uncounted_customer"):
        log.info("all features", reason="recency_days of some customers, or of all others, is no number of days")
        return None
    if len(rows) > MOST_TOUCHED or sum(len(customer.encode()) for customer in customers) > MOST_BYTES:
        log.info("all features", reason=f"more than {len(rows) - 1:,} customers have records that have changed")
        return None
    staged = _stage(database, config, shape, customers)
    found = database.fetch("days_counted_to", counted=counted, limit=WITNESSES, touched=True)
    if [row["customers"] for row in found] == [len(witnesses)]:
        days = database.execute("count_days_to", {"day": found[0]["day"]})
        _stage_changed(database, shape, counted)
        [others] = database.fetch("changed_untouched")
        if not others["customers"]:
            return _Staged(staged, days)
        database.execute("drop_staged_features", tables=["#changed"])
    database.execute("drop_staged_features", tables=["#features"])
    log.warning("all features", reason="customers whose records have not changed have other features")
    return None


def _stage(database: Database, config: Config, shape: list[tuple[str, str]], customers: list[str] | None = None) -> int:
    """Compute the features, of those customers or all; return how many customers have some. Raises as `replace`."""
    staged = database.execute("stage_features", columns=shape, features_sql=text(database, config), customers=customers)
    if config.features.sql:
        _refuse_wrong_rows(database, customer_features=quoted("#features"))
    return staged


def _stage_changed(database: Database, shape: list[tuple[str, str]], counted: str | None) -> None:
    columns = database.columns(database.own.name("customer_features"))
    by_text = [column.name for column in columns if column.base not in SHOWN_ALIKE]
    database.execute("stage_changed_features", columns=[name for name, _ in shape], counted=counted, by_text=by_text)


def _drop_staged(database: Database) -> None:
    database.execute("drop_staged_features", tables=["#features", "#changed"])


def wrong_rows(path: Path, problem: str) -> DataError:
    """Return the error that a shop's SELECT gives rows which are not one for each customer."""
    return DataError(
        f"features.sql: {path}: {problem}; it must give a row per customer, with an id of 1 to 255 characters that "
        "does not end in a space, and finite numbers"
    )


def _refuse_wrong_rows(database: Database, **source: Any) -> None:
    """Raise DataError for what the keys and types of some databases let through.

    source: `customer_features`, where the rows to look at are elsewhere.
    """
    wrong = {
        "a wrong id": database.fetch("wrong_ids", **source),
        "more than one row": database.fetch("doubled_customers", **source),
    }
    for what, [found] in wrong.items():
        if found["customers"]:
            raise DataError(_such_as(found["customers"], what, found["example"]))
    _refuse_boundless(database, **source)


def _such_as(customers: int, what: str, example: str) -> str:
    return f"{customers} customers have {what}, such as {_shortened(repr(example))}"


def _refuse_boundless(database: Database, **source: Any) -> None:
    """Raise DataError for numbers whose squares, added up, are no longer finite; for NaN and infinity, too.

    Looked at are types alone that hold such numbers.
    """
    columns = database.columns(database.own.name("customer_features"))
    _refuse_beyond(database, [column.name for column in columns if column.base in BOUNDLESS], **source)


def _refuse_beyond(database: Database, boundless: list[str], **source: Any) -> None:
    if not boundless:
        return
    [beyond] = database.fetch("numbers_beyond", columns=boundless, largest=LARGEST, **source)
    for name, customers in zip(boundless, beyond.values(), strict=True):
        if customers:
            raise DataError(f"column {name} is NaN, infinite or beyond {LARGEST:g} in {customers} rows")


def stand(database: Database) -> str | None:
    """Return what stands for the features that are stored, by which changes that others make are seen.

    None: the database has no hash of rows.
    """
    if "rows_checksum" not in database.statements:
        return None
    data = database.own.name("customer_features_data")
    [row] = database.fetch("rows_checksum", table=data, columns=database.columns(data), key=(), among="")
    return f"{row['rows']} {row['checksum']}"


def doubt(database: Database, config: Config, figures: Mapping[str, Any]) -> str:
    """Return why the stored features may not be those that a run has left, by the SQL of now; empty: they are.

    figures: of that run.
    """
    if figures.get("features") != fingerprint_of_sql(database, config):
        return "the features are not those of the last run by this SQL"
    if figures.get("features_stand") != stand(database):
        return f"others have changed table {database.own.name('customer_features_data')}"
    return ""


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
    return computed_by(text(database, config))


def computed_by(sql: str) -> dict[str, str]:
    """Return what `computed` does, for this SELECT."""
    return {"customer_features": f'(\n{sql}\n) AS "features"'}


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
