"""A small synthetic shop, the job run on it in this process, and questions asked past the job's own code."""

import csv
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from engines.base import Engine

from job import config, history, pipeline
from job.config import Config
from job.load.loading import load_files, planned
from job.model.segments import Segment
from job.progress import Steps
from job.session import connect

CONFIGS = Path(__file__).parent.parent / "config"
TABLES: dict[str, str] = yaml.safe_load((CONFIGS / "duckdb.yaml").read_text())["load"]["tables"]
OF_ORDERS = tuple(TABLES[table] for table in ("orders", "order_items", "order_payments", "order_reviews"))
Row = dict[str, str]
Tables = dict[str, list[tuple[Any, ...]]]


def config_file(engine: Engine) -> Path:
    """The shipped config of the engine's dialect."""
    return CONFIGS / f"{engine.dialect}.yaml"


def configured(engine: Engine, url: str, load: Mapping[str, Any] | None = None, **clustering: Any) -> Config:
    """The shipped config of the engine's dialect, on this database, with the job's role."""
    shipped = config.read(config_file(engine)).model_dump()
    shipped["database"] = {"dialect": engine.dialect, engine.place_key: engine.job_place(url)}
    shipped["load"] |= load or {}
    shipped["clustering"] |= clustering
    return Config.model_validate(shipped)


def elsewhere(settings: Config, **keys: Any) -> Config:
    """The config with other keys in its database section, and the URL's left out."""
    return settings.model_copy(update={"database": settings.database.model_copy(update=keys)})


def run(
    engine: Engine, url: str, data: Path, load: Mapping[str, Any] | None = None, **clustering: Any
) -> list[Segment]:
    return pipeline.run(configured(engine, url, load, **clustering), data, history.new_run_id(), Steps("json"))


def load(engine: Engine, url: str, data: Path, settings: Mapping[str, Any] | None = None) -> dict[str, int]:
    """The load of a run, and no more of it; gives how many rows it inserted, updated and deleted."""
    return load_alone(configured(engine, url, settings), data)


def load_alone(settings: Config, data: Path, full: bool = False) -> dict[str, int]:
    """As `load`, with any config."""
    files = pipeline.files_to_load(settings, data)
    with closing(connect(settings)) as database:
        history.take_lock(database)
        with planned(database, files, settings) as (plan, drafts), database.transaction():
            loaded = load_files(database, plan, drafts, settings, history.new_run_id(), Steps("json"), full)
    return asdict(loaded.changes)


def place(engine: Engine, url: str) -> dict[str, str]:
    """What the shipped config takes from the environment: this database, with the job's role."""
    return {engine.place_variable: engine.job_place(url)}


class Template(NamedTuple):
    """A database in which the job has run once on the shop."""

    url: str
    segments: list[Segment]


class Job(subprocess.Popen[str]):
    """A block that fails, or is interrupted, does not wait for the job's end: a test may have stopped it."""

    def __exit__(self, kind: type[BaseException] | None, *rest: Any) -> None:
        if kind:
            self.kill()
        super().__exit__(kind, *rest)


def started(engine: Engine, url: str, data: Path, *options: str, within: Sequence[str] = (), **environment: str) -> Job:
    """The job as a user starts it, with the shipped config, in a process of its own.

    within: a command that runs the job's.
    environment: variables that the process gets besides, or in place of those that say where the database is.
    """
    return Job(
        [*within, sys.executable, "-m", "job", "run", "--config", config_file(engine), "--data", data, *options],
        cwd=CONFIGS.parent,
        env={**os.environ, **place(engine, url), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ask(engine: Engine, url: str, statement: str) -> list[tuple[Any, ...]]:
    """The statement's rows, in a session of its own, through the driver alone, for an administrator."""
    return engine.query(url, statement)


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


def rewritten(change: Callable[[list[Row]], list[Row]]) -> Callable[[str], str]:
    """Change a file's records, as Python's csv module reads and writes them."""

    def apply(text: str) -> str:
        reader = csv.DictReader(io.StringIO(text, newline=""))
        stream = io.StringIO(newline="")
        writer = csv.DictWriter(stream, list(reader.fieldnames or ()), lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(list(reader)))
        return stream.getvalue()

    return apply


def without_first_orders(shop: Path, folder: Path, count: int) -> Path:
    """The shop without its first orders, and all that belongs to them."""
    gone = {str(row["order_id"]) for row in records(shop / OF_ORDERS[0])[:count]}
    for number, file in enumerate(OF_ORDERS):
        keep = rewritten(lambda rows: [row for row in rows if row["order_id"] not in gone])
        shop = changed(shop, folder / str(number), file, keep)
    return shop


def everything(engine: Engine, url: str) -> Tables:
    """All rows of all tables but the history of the runs."""
    with engine.session(url) as rows:
        tables = rows(f"SELECT table_name FROM information_schema.tables WHERE table_schema = {engine.schema}")
        return {
            table: sorted(rows(f"SELECT * FROM {engine.quote(table)}"), key=str)
            for (table,) in tables
            if table not in ("job_runs", "customer_features_as_of")  # whose day customer_features shows
        }
