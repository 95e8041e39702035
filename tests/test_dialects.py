"""A dialect is one module and says so itself; everything else asks the registry."""

import json
import re
from pathlib import Path

import pytest
from engines import ENGINES
from pydantic import ValidationError

from job import adapters
from job.config import Config
from job.setup import schema

JOB = Path(__file__).parent.parent / "job"
# DuckDB reads and writes files for every database: there, and where its errors are told, it is no dialect.
READS_FILES = [
    JOB / place for place in ("staging", "charsets.py", "errors.py", "export.py", "tables.py", "report/page.py")
]
NAMES = {*adapters.names(), *ENGINES}  # MariaDB speaks a dialect of another name


def test_every_module_is_the_dialect_of_its_name() -> None:
    dialects = adapters.dialects()
    assert set(adapters.names()) == dialects.keys()
    assert {name: adapter.dialect for name, adapter in dialects.items()} == {name: name for name in dialects}
    assert len({adapter.title for adapter in dialects.values()}) == len(dialects)


def test_the_config_and_its_schema_know_every_dialect() -> None:
    for name, adapter in adapters.dialects().items():
        section = {"dialect": name, **({"name": "shop"} if adapter.has_server else {})}
        assert isinstance(Config.model_validate({"database": section}).database, adapter.settings)
        assert adapter.settings.__name__ in schema.make()["$defs"]
    with pytest.raises(ValidationError, match="oracle"):
        Config.model_validate({"database": {"dialect": "oracle"}})


def test_the_command_to_try_quotes_names_as_the_dialects_clients_do() -> None:
    statement = 'SELECT * FROM "my schema"."customer_segments"'
    shown = {name: adapter.command_to_try for name, adapter in adapters.dialects().items() if adapter.has_server}
    assert {name: command(None, statement) for name, command in shown.items()} == {
        "mysql": "SELECT * FROM `my schema`.`customer_segments`",
        "postgres": statement,
    }


def test_no_dialect_is_named_elsewhere() -> None:
    """Not in a comment either: what is true of one dialect stands in its module."""
    words = "|".join(NAMES)
    named = {}
    for path in JOB.rglob("*.py"):
        if path.is_relative_to(JOB / "adapters"):
            continue
        reads_files = any(path.is_relative_to(place) for place in READS_FILES)
        found = {word.lower() for word in re.findall(words, path.read_text(), re.IGNORECASE)}
        if extra := found - ({"duckdb"} if reads_files else set()):
            named[str(path.relative_to(JOB))] = sorted(extra)
    assert json.dumps(named) == "{}"
