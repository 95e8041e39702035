"""A config to start from: what is to be filled in, and every other key with its default, commented out."""

import os
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from job import sample, schema
from job.config import Config, DuckDBDatabase, ServerDatabase
from job.errors import ConfigError

NAMES = {"duckdb": "DuckDB", "postgres": "PostgreSQL", "mysql": "MySQL or MariaDB"}
WIDTH = 100

HEAD = """\
# yaml-language-server: $schema={schema}
# Clientela on {name}.
# ${{NAME}} and ${{NAME:-default}} stand for environment variables.
# First comes what to fill in. A #key: without a space holds the default: to change it, take the # away.
"""

REST = """
# All that follows may stay as it is.
"""


def _server(dialect: str, prefix: str, name: str) -> dict[str, Any]:
    return {
        "dialect": dialect,
        "url": "${DATABASE_URL:-}",
        "host": f"${{{prefix}_HOST:-localhost}}",
        "port": f"${{{prefix}_PORT:-{'5432' if dialect == 'postgres' else '3306'}}}",
        "name": f"${{{name}:-clientela}}",
        "user": f"${{{prefix}_USER:-clientela}}",
        "password": f"${{{prefix}_PASSWORD:-}}",
        "password_file": f"${{{prefix}_PASSWORD_FILE:-}}",
        "connect_timeout": "${DATABASE_CONNECT_TIMEOUT:-60}",
    }


DATABASES: dict[str, dict[str, Any]] = {
    "duckdb": {"dialect": "duckdb", "path": "${DUCKDB_PATH:-var/clientela.duckdb}"},
    "postgres": _server("postgres", "POSTGRES", "POSTGRES_DB"),
    "mysql": _server("mysql", "MYSQL", "MYSQL_DATABASE"),
}


def olist(dialect: str, folder: Path = Path()) -> str:
    """Return a config for Olist's tables, loaded into the dialect's database; folder: as in `text`."""
    return text({"database": DATABASES[dialect], **sample.CONFIG}, folder)


def write(config: str, out: Path) -> None:
    """Write the config to a new file. Raises ConfigError when there is such a file, or it cannot be written."""
    try:
        with out.open("x", encoding="utf-8") as stream:
            stream.write(config)
    except FileExistsError:
        raise ConfigError(f"{out} is there already, and stays as it is; name another file with --out") from None
    except OSError as error:
        raise ConfigError(f"{out} cannot be written ({error.strerror}); name another file with --out") from error


def text(values: Mapping[str, Mapping[str, Any]], folder: Path = Path()) -> str:
    """Return a commented config in which these keys are filled in, and all others have their defaults.

    values: sections of the config with their keys, as YAML has them; `database.dialect` is one of them.
    folder: where the config is going to be, for the way from there to the JSON Schema.
    """
    dialect = values["database"]["dialect"]
    database: type[BaseModel] = DuckDBDatabase if dialect == "duckdb" else ServerDatabase
    head = HEAD.format(schema=os.path.relpath(schema.FILE, folder), name=NAMES[dialect])
    filled = [_part(name, database, section) for name, section in values.items()]
    rest = [_part(name, database, None) for name in Config.model_fields if name not in values]
    return "".join([head, *filled, REST, *rest])


def _part(name: str, database: type[BaseModel], filled: Mapping[str, Any] | None) -> str:
    """A section, or a key outside of all sections, with an empty line before it."""
    field = Config.model_fields[name]
    model = database if name == "database" else _section(field.annotation)
    if model is None or (filled is None and any(key.is_required() for key in model.model_fields.values())):
        lines = [*_comment(field.description or ""), *_commented({name: field.default})]
    else:
        lines = [*_comment(model.__doc__ or ""), f"{name}:", *_keys(model, filled or {})]
    return "\n" + "\n".join(lines) + "\n"


def _section(annotation: Any) -> type[BaseModel] | None:
    """The model of a section that may be left out, or not."""
    members = (annotation, *getattr(annotation, "__args__", ()))
    return next((kind for kind in members if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


def _keys(model: type[BaseModel], filled: Mapping[str, Any]) -> Iterator[str]:
    for key, value in filled.items():
        yield from _indented([*_comment(schema.describe(model, key)), *_yaml({key: value})])
    for key, field in model.model_fields.items():
        if key not in filled:
            default = to_jsonable_python(field.default)
            yield from _indented([*_comment(schema.describe(model, key)), *_commented({key: default})])


def _comment(sentence: str) -> list[str]:
    return textwrap.wrap(sentence, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def _commented(values: Mapping[str, Any]) -> list[str]:
    return [f"#{line}" for line in _yaml(values)]


def _yaml(values: Mapping[str, Any]) -> list[str]:
    text = yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True, width=1000)
    return str(text).splitlines()


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]
