"""Writes docs/reference/config.md, commands.md and types.md from the code: `make reference`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import typer.core
import typer.main
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, to_jsonable_python

from job.adapters import dialects
from job.cli import app
from job.config import Config
from job.tables import FieldType

if TYPE_CHECKING:
    from job.adapters.base import Database

HERE = Path(__file__).parent
EXAMPLE = "Example: "


class Key(NamedTuple):
    """A row of a section's table."""

    name: str  # with its sections: database.host
    default: str
    meaning: str


class Part(NamedTuple):
    """A section of the config."""

    name: str  # empty: the keys outside of all sections
    about: str
    keys: list[Key]


def models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models among an annotation and its members: of a list, a union, an optional section."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for member in get_args(annotation) for model in models(member)]


def parts(model: type[BaseModel] = Config, section: str = "") -> Iterator[Part]:
    """Give the section, and then those within it."""
    yield Part(section, (model.__doc__ or "").splitlines()[0], [*_keys(model, section)])
    for name, field in model.model_fields.items():
        below = models(field.annotation)
        path = f"{section}.{name}".lstrip(".")
        if len(below) == 1:
            yield from parts(below[0], path)
        elif below:
            yield Part(path, field.description or "", [*_keys_of_any(below, path)])


def _keys(model: type[BaseModel], section: str) -> Iterator[Key]:
    for name, field in model.model_fields.items():
        if not models(field.annotation):
            usual = getattr(model, f"default_{name}", None)  # a server's port depends on the dialect
            shown = f"`{usual}`" if usual else default(field)
            yield Key(f"{section}.{name}".lstrip("."), shown, field.description or "")


def _keys_of_any(members: list[type[BaseModel]], section: str) -> Iterator[Key]:
    """The keys of a union's members, told apart by `dialect`: each meaning once, with whose it is."""
    chosen_by = [member.model_fields["dialect"] for member in members]
    yield Key(f"{section}.dialect", "required", " ".join(field.description or "" for field in chosen_by))
    defaults: dict[tuple[str, str], dict[str, str]] = {}  # of a key with its meaning, by dialect
    for member, field in zip(members, chosen_by, strict=True):
        for key in _keys(member, section):
            of = dict.fromkeys(get_args(field.annotation), key.default)
            defaults.setdefault((key.name, key.meaning), {}).update(of)
    every = {dialect for of in defaults.values() for dialect in of}
    names = [name for name, _ in defaults]
    for (name, meaning), of in sorted(defaults.items(), key=lambda item: names.index(item[0][0])):
        whose = "" if every == of.keys() else f"{' and '.join(f'`{dialect}`' for dialect in of)} only. "
        if not name.endswith(".dialect"):
            yield Key(name, _of_all(of), whose + meaning)


def _of_all(defaults: dict[str, str]) -> str:
    """Return the default that the dialects share, or each with its dialect."""
    different = {*defaults.values()}
    if len(different) == 1:
        return different.pop()
    return ", ".join(f"{value} (`{dialect}`)" for dialect, value in defaults.items())


def default(field: FieldInfo) -> str:
    """Return the key's default as YAML writes it."""
    if field.is_required() or field.default is PydanticUndefined:
        return "required"
    if condition := re.search(r"required without `\w+`", field.description or ""):
        return condition[0]
    value = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    if value is None or value in ("", (), {}):
        return "none"
    value = to_jsonable_python(value)
    return f"`{value if isinstance(value, str) else yaml.safe_dump(value, default_flow_style=True).splitlines()[0]}`"


class Command(NamedTuple):
    """A command of the command line."""

    name: str
    usage: str
    about: str
    example: str
    options: list[tuple[str, str]]  # how it is written, and what it means


def commands() -> Iterator[Command]:
    """Give every command, in the order of `--help`."""
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    for name, command in group.commands.items():
        context = typer.Context(command, info_name=f"clientela {name}")
        usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
        example = (command.epilog or "").removeprefix(EXAMPLE)
        options = [record for parameter in command.params if (record := parameter.get_help_record(context))]
        yield Command(name, usage, command.help or "", example, options)


class Types(NamedTuple):
    """A row of a dialect's table: types, and what a field of a column of one of them is, or what to declare instead."""

    names: str
    meaning: str


# What a field is, by the type that it becomes in staging.
FIELDS = {
    "VARCHAR": "the text as it stands, if it is not longer than declared",
    "ENUM": "one of the words, letter for letter",
    "DECIMAL": "a number with no more digits than are declared before and after the point",
    "DOUBLE": "a number, also as `1.5e3`; the nearest double is stored",
    "FLOAT": "a number, also as `1.5e3`, of so few digits that a FLOAT holds all of them",
    "BOOLEAN": "a boolean",
    "DATE": "a day",
    "TIME": "a time of day: `23:59`, `23:59:59` or `23:59:59.999999`",
    "TIMESTAMP": "a time as it is written",
    "TIMESTAMP_NS": "a time as it is written, from 1677 to 2262",
    "TIMESTAMP WITH TIME ZONE": "a moment",
    "UUID": "a UUID with its four hyphens, in upper or lower case",
    "JSON": "a JSON document",
}


def types(adapter: type["Database"]) -> Iterator[Types]:
    """Give the rows of the dialect's table: types that files are loaded into, and then others that have a remark."""
    names: dict[str, list[str]] = {}
    for name, field in sorted(adapter.types.items(), key=lambda item: not item[1].type):
        names.setdefault(_of_type(field), []).append(f"`{name.upper()}`")
    for meaning, of in names.items():
        yield Types(", ".join(of), meaning)


def _of_type(field: FieldType) -> str:
    if not field.type:
        return f"not loaded: declare {field.instead}"
    meaning = FIELDS.get(field.type, "a whole number within the type's range")
    if field.boolean:
        meaning = f"a boolean, or {meaning}"
    if field.instant:
        meaning = "a moment"
    if field.most:
        meaning += f", from {field.least} to {field.most}"
    elif field.least:
        meaning += ", not below 0"
    return meaning + (", and ends in no space" if field.drops_spaces else "")


def pages() -> dict[Path, str]:
    """Return the generated pages' texts by file."""
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters["cell"] = lambda text: re.sub(r"\s+", " ", text).replace("|", "\\|")
    values: dict[str, Any] = {"parts": {part.name: part for part in parts()}, "commands": [*commands()]}
    values["types"] = {adapter.title: [*types(adapter)] for adapter in dialects().values()}
    return {
        HERE / "reference" / name: templates.get_template(f"{name}.j2").render(values)
        for name in ("config.md", "commands.md", "types.md")
    }


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
