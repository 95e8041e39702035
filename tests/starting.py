"""`init --from-database` on a database that an administrator has filled."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from engines.base import Engine
from typer.testing import CliRunner, Result

from job.cli import app


@contextmanager
def administrator(engine: Engine, url: str) -> Iterator[Any]:
    """A session in which names are quoted as everywhere else."""
    with engine.session(url) as rows:
        for statement in engine.standard_quotes:
            rows(statement)
        yield rows


def role(engine: Engine, url: str) -> str:
    return engine.grantee(urlsplit(url).path[1:])


def init(engine: Engine, url: str, out: Path, *more: str, **columns: str) -> Result:
    options = [*more] + [part for role, name in columns.items() for part in (f"--{role}-column", name)]
    return CliRunner().invoke(app, ["init", "--from-database", engine.job_place(url), "--out", str(out), *options])
