"""The column of the shop's own table that takes the labels: whether it can, and what may keep them from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from job.config import Config, WriteBack
from job.errors import ConfigError, DatabaseError, DataError, TransientError
from job.tables import Keys, Name, quoted

if TYPE_CHECKING:
    from job.adapters.base import Database

ROW_SECURITY = "row-level security limits which rows the user sees and changes"


@dataclass(frozen=True)
class LabelTarget:
    """Where labels go, as statements need it."""

    name: Name
    column: str
    key: str  # SQL of the table's columns: the customer's id in a row
    is_expression: bool  # else the key is a column, with its table
    primary: tuple[str, ...] = ()  # the table's own key, where it has one that the user may read
    kept: tuple[str, ...] = ()  # columns that an update would change by itself; they are assigned to themselves
    hazards: tuple[str, ...] = ()  # what may keep or change a label on its way, in words
    hides_rows: str = ""  # what may hide rows of the table from the user, in words

    @property
    def label(self) -> str:
        """The column with its table, for people."""
        return f"{self.name}.{self.column}"


def is_there(database: "Database", write_back: WriteBack) -> bool:
    """Tell whether the table of the labels is there already; files may be yet to fill it."""
    return bool(_facts(database, write_back) or database.columns(write_back.name))


def find(database: "Database", config: Config) -> LabelTarget:
    """Return where the labels go.

    Raises ConfigError where the table or a column is not there, the column cannot take a label and NULL, or the key
    cannot be computed; DatabaseError where the user may not read the one or the other.
    """
    assert config.write_back
    write_back, name, key = config.write_back, config.write_back.name, config.write_back.key
    if facts := _facts(database, write_back):
        _require_fit(database, write_back, facts)
    columns = {column.name for column in database.columns(name)}
    write_back.require_columns(columns)
    obstacles = database.fetch("label_obstacles", _values(write_back))
    _require_room(database, config, obstacles)
    primary = database.keys().get(name.table, Keys()).primary if name.schema is None else ()
    target = LabelTarget(
        name,
        write_back.column,
        f"{quoted(name)}.{quoted(key)}" if key in columns else f"(\n{key}\n)",
        key not in columns,
        primary if set(primary) <= columns else (),
        tuple(row["name"] for row in obstacles if row["detail"] == "kept"),
        tuple(filter(None, map(_hazard, obstacles))),
        next((ROW_SECURITY for row in obstacles if row["kind"] == "row security"), ""),
    )
    database.fetch("label_probe", target=target)
    try:
        database.fetch("key_probe", target=target)
    except DatabaseError as error:
        if key in columns or isinstance(error, TransientError):
            raise
        raise ConfigError(
            f"write_back.key: {key} is no column of table {name}, nor an expression of its columns that gives the "
            f"customer's id: {error}"
        ) from error
    return target


def _values(write_back: WriteBack) -> dict[str, Any]:
    return {**write_back.name._asdict(), "column": write_back.column}


def _facts(database: "Database", write_back: WriteBack) -> dict[str, Any] | None:
    """Return what the catalog says of the column, whether or not the user may read it."""
    return next(iter(database.fetch("label_column", _values(write_back))), None)


def _require_fit(database: "Database", write_back: WriteBack, facts: Mapping[str, Any]) -> None:
    """Raise ConfigError where the column cannot take a letter and NULL."""
    table, column = write_back.table, write_back.column
    where = f"write_back.column: column {column} of table {table}"
    if not facts["updatable"]:
        article = "a table" if facts["kind"] == "table" else f"a {facts['kind']}"
        raise ConfigError(
            f"write_back.table: {table} is {article} that {database.title} cannot update in column {column}; name the "
            "table that has the column itself"
        )
    if column == write_back.key:
        raise ConfigError(f"{where} is the key, too; the label needs a column of its own")
    if facts["generated"]:
        raise ConfigError(f"{where} is computed by the database itself; the label needs an ordinary column")
    if not facts["is_text"]:
        raise ConfigError(f"{where} is of type {facts['type']}; a segment's letter needs a text, such as VARCHAR(1)")
    if facts["required"]:
        raise ConfigError(f"{where} is NOT NULL; who is no customer has no label: let it be NULL")


def _require_room(database: "Database", config: Config, obstacles: Sequence[Mapping[str, Any]]) -> None:
    """Raise ConfigError where a constraint refuses a letter that a segment may have."""
    assert config.write_back
    where = f"write_back.column: column {config.write_back.column} of table {config.write_back.table}"
    clustering = config.clustering
    most = clustering.k_range[1] if clustering.k == "auto" else clustering.k
    for row in obstacles:
        if row["kind"] == "unique":
            raise ConfigError(f"{where} is unique by {row['name']}, and many customers have the same letter")
        if row["kind"] == "constraint":
            refuses = partial(_refuses, database, config.write_back.column, row["detail"])
            if refused := list(filter(refuses, ascii_uppercase[:most])):
                raise ConfigError(
                    f"{where} has the constraint {row['name']}, which refuses {', '.join(refused)}: segments are "
                    f"called A to {ascii_uppercase[most - 1]}"
                )


def _refuses(database: "Database", column: str, condition: str, letter: str) -> bool:
    try:
        return bool(database.fetch("refused_letter", column=column, condition=condition, letter=letter))
    except DataError:  # a domain's
        return True
    except TransientError:
        raise
    except DatabaseError:  # it is about other columns, too, or about a table that the user may not read
        return False


def _hazard(obstacle: Mapping[str, Any]) -> str:
    kind, name = obstacle["kind"], obstacle["name"]
    if kind == "row security":
        return ROW_SECURITY
    if kind == "trigger":
        return f"trigger {name} fires on every row that gets a label"
    if kind == "rule":
        return f"rule {name} says what an UPDATE does"
    if kind == "on update" and obstacle["detail"] != "kept":
        return f"column {name} changes in every row that gets a label, as the user may not UPDATE it"
    return ""
