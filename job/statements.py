"""The SQL files: found per dialect, rendered with Jinja2, split into statements.

A lookup takes `sql/DIALECT/x.sql`, else `sql/common/x.sql`. Values are bound as `%(name)s`; only identifiers,
numbers that the job computed itself and repetition are rendered.
"""

from pathlib import Path
from typing import Any

import sqlparse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from job.errors import ConfigError
from job.resources import shipped
from job.tables import HERE, OWN_TABLES, Own, quoted
from job.transforms import transformed_sql

SQL_FOLDER = shipped("sql")


class Statements:
    """The SQL files of one dialect."""

    def __init__(self, dialect: str, own: Own = HERE) -> None:
        self._templates = Environment(
            loader=FileSystemLoader([SQL_FOLDER / dialect, SQL_FOLDER / "common"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # SQL, not HTML: names go through `identifier`, values are bound
        )
        self._templates.filters["identifier"] = quoted
        self._templates.filters["text"] = text
        self._templates.filters["number"] = number
        self._templates.filters["transformed"] = transformed_sql
        self._templates.globals |= {table: quoted(own.name(table)) for table in OWN_TABLES}

    def __contains__(self, name: str) -> bool:
        return f"{name}.sql" in self._templates.list_templates()

    def names(self, prefix: str) -> list[str]:
        """Return the names of the files that begin so, without .sql, sorted."""
        found = {name.removesuffix(".sql") for name in self._templates.list_templates(extensions=["sql"])}
        return sorted(name for name in found if name.startswith(prefix))

    def text(self, name: str) -> str:
        """Return NAME.sql as it stands."""
        loader = self._templates.loader
        assert loader
        return loader.get_source(self._templates, f"{name}.sql")[0]

    def render(self, name: str, **context: Any) -> list[str]:
        """Return the statements of NAME.sql, in order.

        Raises jinja2.TemplateNotFound or jinja2.UndefinedError: both are bugs.
        """
        return split(self._templates.get_template(f"{name}.sql").render(context))


def read_statements(key: str, path: Path) -> list[str]:
    """Return the statements of a shop's own file, without comments.

    key: the config's, for the ConfigError that is raised where the file cannot be read or has none.
    """
    try:
        found = split(sqlparse.format(path.read_text(encoding="utf-8-sig"), strip_comments=True))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{key}: {path} cannot be read ({error})") from error
    if not found:
        raise ConfigError(f"{key}: {path} holds no statement")
    return found


def split(script: str) -> list[str]:
    """Return the script's statements, without the semicolons between them."""
    return [statement.rstrip(";") for statement in sqlparse.split(script) if not _is_comment(statement)]


def _is_comment(statement: str) -> bool:
    return all(line.startswith("--") or not line.strip() for line in statement.splitlines())


def text(value: object) -> str:
    """Return the text as an SQL string: for file names, where no engine binds values."""
    return "'" + str(value).replace("'", "''") + "'"


def number(value: float) -> str:
    """Return a literal that every engine reads back as the same double: 17 significant digits, in brackets."""
    return f"({value:.16e})"
