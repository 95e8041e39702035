"""A config to start from: what is to be filled in, and every other key with its default, commented out."""

import os
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import to_jsonable_python

from job.adapters import dialects, embedded
from job.adapters.settings import ServerSettings
from job.config import Config
from job.errors import ConfigError
from job.session import connect
from job.setup import files, purchases, sample, schema
from job.setup.catalog import Catalog
from job.setup.files import Questioner
from job.setup.manners import Asked
from job.setup.purchases import Person
from job.statements import Statements
from job.tables import written as as_written

OFFER = "The table must have it already, empty; to have every run fill it, take the # away."
WIDTH = 100
SHIPPED = "clientela"  # what the files of the shipped configs are called

HEAD = """\
# yaml-language-server: $schema={schema}
# Clientela on {name}.
# ${{NAME}} and ${{NAME:-default}} stand for environment variables.
# First comes what to fill in. A #key: without a space holds the default: to change it, take the # away.
"""

REST = """
# All that follows may stay as it is.
"""


class Begun(NamedTuple):
    """What a config was begun with."""

    files: Sequence[Path]  # beside it, that of the features' SQL last
    currency: str  # empty: nothing says it
    on_server: bool = False


def olist(dialect: str, out: Path | None = None) -> str:
    """Return a config for Olist's tables, loaded into the dialect's database.

    out: where the config is going to be; None: it stands for the shipped one, and names the same files.
    """
    if out is None or out.stem == SHIPPED:
        return text({"database": _to_fill_in(dialect), **sample.CONFIG}, out.parent if out else Path())
    name = own_name(out)
    values = {"database": _to_fill_in(dialect, name=name), **sample.CONFIG, "report": {"folder": report_folder(name)}}
    return text(values, out.parent)


def own_name(out: Path) -> str:
    """Return what the files of a config at this path are called by, so that no other shop's are overwritten."""
    name = re.sub(r"[^\w.-]+", "-", out.stem)
    return f"{name}-shop" if name == SHIPPED else name


def report_folder(name: str) -> str:
    """Return the folder of the report, by a config's `own_name`."""
    return f"${{REPORT_FOLDER:-var/{name}-report}}"


def _to_fill_in(dialect: str, address: str | None = None, name: str = SHIPPED) -> dict[str, Any]:
    return {"dialect": dialect, **dialects()[dialect].settings.to_fill_in(address, name)}


def url_from_outside() -> str:
    """Return what DATABASE_URL says, or the file that DATABASE_URL_FILE names; empty: neither is set.

    Raises ConfigError where the file cannot be read.
    """
    if url := os.environ.get("DATABASE_URL"):
        return url
    file = os.environ.get("DATABASE_URL_FILE")
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"DATABASE_URL_FILE: {file} cannot be read ({error})") from error


def from_database(
    url: str,
    given: Mapping[str, str | None],
    leave_out: Sequence[str] | None,
    currency: str | None,
    out: Path,
    person: Person | None,
    tell: Callable[[str], None],
) -> Begun:
    """Write a config for the tables that a database holds, and beside it a file with the features' SQL.

    url: the server's, or the path of a database file; a URL is in neither file.
    given, leave_out, currency, person: as `purchases.found` has them. tell: takes the lines of the preview.
    Raises ConfigError, and DatabaseError as `connect` does.
    """
    if not url:
        raise ConfigError(
            "--from-database: which database? Set DATABASE_URL, or DATABASE_URL_FILE to a file with the URL, or name a "
            "database file"
        )
    features = out.with_name(f"{out.stem}-features.sql")
    for path in (out, features):
        if path.exists():  # `write` would say so, but after all questions
            _refuse(path, FileExistsError())
    config = _reached(url)
    with closing(connect(config, read_only=True)) as database:
        catalog = Catalog(database)
        written = purchases.found(database, catalog, given, leave_out, currency, person)
    for line in written.preview:
        tell(line)
    if person and not person.agrees():
        raise ConfigError("--from-database: nothing is written; name other columns, or write features.sql by hand")
    keyed_by = catalog.keyed_by(written.customer)
    dialect = config.database.dialect
    values = {
        "database": _to_fill_in(dialect, url),
        "features": {"sql": features.name},
        "report": {"currency": written.currency or "units", "folder": report_folder(own_name(out))},
    }
    offered = {}
    if keyed_by:
        table, key = keyed_by
        offered = {"write_back": {"table": as_written(*table), "key": key, "column": "segment"}}
    write({out: text(values, out.parent, offered), features: written.sql})
    return Begun([features], written.currency, dialects()[dialect].has_server)


def from_files(
    data: Path,
    given: Mapping[str, str | None],
    leave_out: Sequence[str] | None,
    currency: str | None,
    asked: Asked,
    out: Path,
    person: Questioner | None,
    tell: Callable[[str], None],
    dialect: str | None = None,
) -> Begun:
    """Write a config for files, and beside it the SQL of their tables and of the features.

    data: a folder, a .zip, or one file. dialect: of the config's database; None: the embedded one's, in a file of its
    own name. The others, and errors, as `files.found` and `from_database`.
    """
    load, features = (out.with_name(f"{out.stem}-{what}.sql") for what in ("load", "features"))
    name = own_name(out)
    for path in (out, load, features):
        if path.exists():
            _refuse(path, FileExistsError())
    dialect = dialect or embedded().dialect
    shop = files.found(data, given, leave_out, currency, asked, person, Statements(dialect))
    for line in shop.features.preview:
        tell(line)
    if person and not person.agrees():
        raise ConfigError("--from-files: nothing is written; name other columns, or write features.sql by hand")
    values = {
        "database": _to_fill_in(dialect, name=name),
        "load": {"data": str(data), "sql": load.name, **shop.load, "rejects": f"var/{name}-rejects"},
        "features": {"sql": features.name},
        "report": {"currency": shop.features.currency or "units", "folder": report_folder(name)},
    }
    write({out: text(values, out.parent), load: shop.load_sql, features: shop.features.sql})
    return Begun([load, features], shop.features.currency, dialects()[dialect].has_server)


def _reached(url: str) -> Config:
    """The config that reaches the database, at once or not at all."""
    sections = {dialect: adapter.settings.from_address(url) for dialect, adapter in dialects().items()}
    database = next(({"dialect": dialect, **keys} for dialect, keys in sections.items() if keys is not None), None)
    if database is None:
        scheme, schemes = url.partition("://")[0], _schemes()
        raise ConfigError(
            f"--from-database: {scheme}:// is neither {' nor '.join(schemes)}; name a database file by its path"
        )
    try:
        return Config.model_validate({"database": database})
    except ValidationError as error:  # without its cause, which may show a password
        problems = [problem["msg"].removeprefix("Value error, ") for problem in error.errors()]
        raise ConfigError(f"--from-database: {'; '.join(problems)}") from None


def _schemes() -> list[str]:
    """What a server's URL may begin with."""
    servers = (adapter.settings for adapter in dialects().values() if issubclass(adapter.settings, ServerSettings))
    return [f"{settings.schemes[0]}://" for settings in servers]


def write(files: Mapping[Path, str]) -> None:
    """Write each text to its file, a new one: all of them, or none.

    Raises ConfigError when there is such a file, or it cannot be written.
    """
    made: list[Path] = []
    try:
        for path, content in files.items():
            with path.open("x", encoding="utf-8") as stream:
                made.append(path)
                stream.write(content)
    except OSError as error:
        for file in made:
            file.unlink()
        _refuse(path, error)


def _refuse(path: Path, error: OSError) -> NoReturn:
    if isinstance(error, FileExistsError):
        raise ConfigError(f"{path} is there already, and stays as it is; name another file with --out") from None
    raise ConfigError(f"{path} cannot be written ({error.strerror}); name another file with --out") from error


def text(
    values: Mapping[str, Mapping[str, Any]],
    folder: Path = Path(),
    offered: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """Return a commented config in which these keys are filled in, and all others have their defaults.

    values: sections of the config with their keys, as YAML has them; `database.dialect` is one of them.
    folder: where the config is going to be, for the way from there to the JSON Schema.
    offered: sections that are filled in, and commented out.
    """
    dialect = values["database"]["dialect"]
    adapter = dialects()[dialect]
    database = adapter.settings
    head = HEAD.format(schema=os.path.relpath(schema.FILE, folder), name=adapter.title)
    filled = [_part(name, database, section) for name, section in values.items()]
    filled += [_offer(name, section) for name, section in (offered or {}).items()]
    given = values.keys() | (offered or {}).keys()
    rest = [_part(name, database, None) for name in Config.model_fields if name not in given]
    return "".join([head, *filled, REST, *rest])


def _offer(name: str, section: Mapping[str, Any]) -> str:
    model = _section(Config.model_fields[name].annotation)
    return (
        "\n" + "\n".join([*_comment(f"{model.__doc__ if model else ''} {OFFER}"), *_commented({name: section})]) + "\n"
    )


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
