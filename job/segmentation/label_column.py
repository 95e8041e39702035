"""The column of the shop's own table that takes the labels: whether it can, and what may keep them from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from job.config import Config, WriteBack
from job.errors import ConfigError, DatabaseError, DataError, TransientError
from job.segmentation import rfm
from job.tables import Column, Keys, Name, quoted

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
    of_groups: bool = False  # what goes there are the RFM groups, else the segments' letters

    @property
    def is_copied(self) -> bool:
        """Whether a dialect that joins the labels' table as it is takes a copy of it."""
        return self.is_expression or self.of_groups

    @property
    def label(self) -> str:
        """The column with its table, for people."""
        return f"{self.name}.{self.column}"


def is_there(database: "Database", write_back: WriteBack) -> bool:
    """Tell whether the table of the labels is there already; files may be yet to fill it."""
    return bool(_facts(database, write_back, write_back.column) or database.columns(write_back.name))


def find(database: "Database", config: Config, of_groups: bool = False) -> LabelTarget:
    """Return where the labels go; of_groups: the RFM groups, which write_back.rfm_column must be named for.

    Raises ConfigError where the table or a column is not there, the column cannot take a label and NULL, or the key
    cannot be computed; DatabaseError where the user may not read the one or the other.
    """
    assert config.write_back
    write_back, name, key = config.write_back, config.write_back.name, config.write_back.key
    column = _column(write_back, of_groups)
    if facts := _facts(database, write_back, column):
        _require_fit(database, write_back, facts, of_groups)
    declared = {column.name: column for column in database.columns(name)}
    columns = declared.keys()
    write_back.require_columns(columns)
    obstacles = database.fetch("label_obstacles", {**name._asdict(), "column": column})
    if of_groups:
        _require_names_fit(config, declared[column])
    _require_room(database, config, obstacles, of_groups)
    primary = database.keys().get(name.table, Keys()).primary if name.schema is None else ()
    target = LabelTarget(
        name,
        column,
        f"{quoted(name)}.{quoted(key)}" if key in columns else f"(\n{key}\n)",
        key not in columns,
        primary if set(primary) <= columns else (),
        tuple(row["name"] for row in obstacles if row["detail"] == "kept"),
        tuple(filter(None, map(_hazard, obstacles))),
        next((ROW_SECURITY for row in obstacles if row["kind"] == "row security"), ""),
        of_groups,
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


def _column(write_back: WriteBack, of_groups: bool) -> str:
    column = write_back.rfm_column if of_groups else write_back.column
    assert column
    return column


def _facts(database: "Database", write_back: WriteBack, column: str) -> dict[str, Any] | None:
    """Return what the catalog says of the column, whether or not the user may read it."""
    return next(iter(database.fetch("label_column", {**write_back.name._asdict(), "column": column})), None)


def _where(write_back: WriteBack, of_groups: bool) -> str:
    key = "write_back.rfm_column" if of_groups else "write_back.column"
    return f"{key}: column {_column(write_back, of_groups)} of table {write_back.table}"


def _require_fit(database: "Database", write_back: WriteBack, facts: Mapping[str, Any], of_groups: bool) -> None:
    """Raise ConfigError where the column cannot take a label and NULL."""
    table, column = write_back.table, _column(write_back, of_groups)
    where = _where(write_back, of_groups)
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
        what, such = ("an RFM group's name", "VARCHAR(30)") if of_groups else ("a segment's letter", "VARCHAR(1)")
        raise ConfigError(f"{where} is of type {facts['type']}; {what} needs a text, such as {such}")
    if facts["required"]:
        raise ConfigError(f"{where} is NOT NULL; who is no customer has no label: let it be NULL")


def _require_names_fit(config: Config, column: Column) -> None:
    """Raise ConfigError where the column cannot hold the name of an RFM group."""
    assert config.write_back
    for name in _names(config, of_groups=True):
        too_long = (column.max_length or len(name)) < len(name) or (column.max_bytes or 255) < len(name.encode())
        if too_long or (column.charset and not column.charset.holds(name)):
            raise ConfigError(
                f"{_where(config.write_back, True)} cannot hold '{name}', the name of an RFM group: it is of type "
                f"{column.declared}"
            )


def _names(config: Config, of_groups: bool) -> Sequence[str]:
    """Return the labels that there may be."""
    if of_groups:
        return list(dict.fromkeys(cell.name for cell in rfm.cells_of(config)))
    most = config.clustering.k_range[1] if config.clustering.k == "auto" else config.clustering.k
    return ascii_uppercase[:most]


def _require_room(
    database: "Database", config: Config, obstacles: Sequence[Mapping[str, Any]], of_groups: bool
) -> None:
    """Raise ConfigError where a constraint refuses a label that a customer may have."""
    assert config.write_back
    where, names = _where(config.write_back, of_groups), _names(config, of_groups)
    for row in obstacles:
        if row["kind"] == "unique":
            same = "group" if of_groups else "letter"
            raise ConfigError(f"{where} is unique by {row['name']}, and many customers have the same {same}")
        if row["kind"] == "constraint":
            refuses = partial(_refuses, database, _column(config.write_back, of_groups), row["detail"])
            if refused := list(filter(refuses, names)):
                called = "RFM groups are called so" if of_groups else f"segments are called A to {names[-1]}"
                raise ConfigError(
                    f"{where} has the constraint {row['name']}, which refuses {', '.join(refused)}: {called}"
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
