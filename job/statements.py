"""The SQL files: found in their folders, rendered with Jinja2, split into statements.

Values are bound as `%(name)s`; only identifiers, numbers that the job computed itself and repetition are rendered.
"""

from collections.abc import Collection, Iterable, Sequence, Sized
from pathlib import Path
from typing import Any

import sqlparse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from job.errors import ConfigError
from job.resources import shipped
from job.tables import HERE, OWN_TABLES, Column, Name, Own, quoted
from job.transforms import transformed_sql

SQL_FOLDER = shipped("sql")


class SqlFiles:
    """The files of folders of `sql/`; where several have a file, that of the first counts."""

    def __init__(self, *folders: str) -> None:
        self._templates = Environment(
            loader=FileSystemLoader([SQL_FOLDER / folder for folder in folders]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            autoescape=False,  # SQL, not HTML: names go through `identifier`, values are bound
        )
        self._templates.filters |= {
            "identifier": quoted,
            "names": names,
            "number": number,
            "numbered": numbered,
            "pairs": pairs,
            "text": text,
            "transformed": transformed_sql,
        }
        files = self._templates.list_templates(extensions=["sql"])
        self._names = frozenset(file.removesuffix(".sql") for file in files)

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def names(self, prefix: str = "") -> list[str]:
        """Return the names of the files that begin so, without .sql, sorted."""
        return sorted(name for name in self._names if name.startswith(prefix))

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


class Statements(SqlFiles):
    """Those of a dialect: `sql/DIALECT/` before `sql/common/`.

    At hand in all of them: the names of the job's own tables, such as {{ customer_features }}, and what
    `sql/common/defaults.sql` defines, in the dialect's words where its dialect.sql has others.
    required: names of those that must be there. Raises ConfigError where one is not.
    """

    def __init__(self, dialect: str, own: Own = HERE, required: Collection[str] = ()) -> None:
        super().__init__(dialect, "common")
        if lacking := sorted(set(required) - self._names):
            raise ConfigError(
                f"sql/{dialect} lacks {', '.join(f'{name}.sql' for name in lacking)}; "
                "job/statement_contract.py and the adapter say what each is for"
            )
        self._templates.globals |= {table: quoted(own.name(table)) for table in OWN_TABLES}
        for name in ("defaults", "dialect"):
            if name in self:
                self._templates.globals |= self._defined(name)

    def _defined(self, name: str) -> dict[str, Any]:
        """Return the macros and variables of NAME.sql."""
        module = self._templates.get_template(f"{name}.sql").module
        return {key: value for key, value in vars(module).items() if not key.startswith("_")}


def read_statements(key: str, path: Path) -> list[str]:
    """Return the statements of a shop's own file, without comments.

    key: the config's, for the ConfigError that is raised where the file cannot be read or has none.
    """
    try:
        statements = split(sqlparse.format(path.read_text(encoding="utf-8-sig"), strip_comments=True))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{key}: {path} cannot be read ({error})") from error
    if not statements:
        raise ConfigError(f"{key}: {path} holds no statement")
    return statements


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


def names(columns: Iterable[str | Column], of: str | Name | None = None) -> str:
    """Return the columns as a list: `"a", "b"`, or `"t"."a", "t"."b"` of a table or alias."""
    return ", ".join(_column(column, of) for column in columns)


def pairs(columns: Sequence[str], left: str | Name, right: str | Name, as_right: Sequence[str] | None = None) -> str:
    """Return the condition that rows of two tables, or aliases, agree: `"l"."a" = "r"."a" AND "l"."b" = "r"."b"`.

    as_right: what the columns are called on the right, where that is otherwise.
    """
    both = zip(columns, as_right or columns, strict=True)
    return " AND ".join(f"{_column(ours, left)} = {_column(theirs, right)}" for ours, theirs in both)


def numbered(items: Sized, prefix: str) -> str:
    """Return a list of as many columns as there are items: `"p0", "p1"`."""
    return names(f"{prefix}{number}" for number in range(len(items)))


def _column(column: str | Column, of: str | Name | None) -> str:
    name = quoted(column if isinstance(column, str) else column.name)
    return name if of is None else f"{quoted(of)}.{name}"
