"""A small synthetic shop, the job run on it in this process, and questions asked past the job's own code."""

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import servers
import yaml

from job import config, pipeline, runs
from job.config import Config
from job.progress import Steps
from job.segments import Segment

CONFIGS = Path(__file__).parent.parent / "config"
TABLES: dict[str, str] = yaml.safe_load((CONFIGS / "duckdb.yaml").read_text())["load"]["tables"]
DIALECTS = {"duckdb": "duckdb", "postgres": "postgres", "mysql": "mysql", "mariadb": "mysql"}


def configured(engine: str, url: str, **clustering: Any) -> Config:
    """The shipped config of the engine's dialect, on this database."""
    shipped = config.read(CONFIGS / f"{DIALECTS[engine]}.yaml").model_dump()
    place = {"path": url.removeprefix("duckdb://")} if engine == "duckdb" else {"url": url}
    shipped["database"] = {"dialect": DIALECTS[engine], **place}
    shipped["clustering"] |= clustering
    return Config.model_validate(shipped)


def run(engine: str, url: str, data: Path, **clustering: Any) -> list[Segment]:
    return pipeline.run(configured(engine, url, **clustering), data, runs.new_run_id(), Steps("json"))


def started(
    engine: str, url: str, data: Path, *options: str, within: Sequence[str] = (), **environment: str
) -> "subprocess.Popen[str]":
    """The job as a user starts it, with the shipped config, in a process of its own.

    within: a command that runs the job's.
    """
    place = {"DUCKDB_PATH": url.removeprefix("duckdb://")} if engine == "duckdb" else {"DATABASE_URL": url}
    config_file = CONFIGS / f"{DIALECTS[engine]}.yaml"
    return subprocess.Popen(
        [*within, sys.executable, "-m", "job", "run", "--config", str(config_file), "--data", str(data), *options],
        cwd=CONFIGS.parent,
        env={**os.environ, **place, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ask(engine: str, url: str, statement: str) -> list[tuple[Any, ...]]:
    """The rows, through the driver alone."""
    if engine != "duckdb":
        return [tuple(row) for row in servers.query(engine, url, statement)]
    with duckdb.connect(url.removeprefix("duckdb://")) as connection:
        return connection.execute(statement).fetchall()


def records(path: Path) -> list[dict[str, str | None]]:
    """What Python's csv module reads: the judge of what the file says. Empty fields are None."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [{name: value or None for name, value in row.items()} for row in csv.DictReader(stream)]


def changed(shop: Path, folder: Path, file: str, change: Callable[[str], str]) -> Path:
    """A copy of the shop in which one file's text is changed."""
    copy = folder / "changed"
    shutil.copytree(shop, copy)
    path = copy / file
    with path.open(encoding="utf-8", newline="") as stream:
        text = stream.read()
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(change(text))
    return copy


def everything(engine: str, url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables but the history of the runs."""
    quote = "`" if DIALECTS[engine] == "mysql" else '"'
    schema = {"duckdb": "'main'", "postgres": "'public'"}.get(engine, "DATABASE()")
    tables = ask(engine, url, f"SELECT table_name FROM information_schema.tables WHERE table_schema = {schema}")
    return {
        table: sorted(ask(engine, url, f"SELECT * FROM {quote}{table}{quote}"), key=str)
        for (table,) in tables
        if table != "job_runs"
    }
