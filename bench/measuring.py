"""How a process is measured, and the databases and shops that it is measured on."""

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog.testing
import yaml

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import servers  # noqa: E402
from engines.base import Engine  # noqa: E402
from engines.postgres import ENGINE as POSTGRES  # noqa: E402
from shop import TABLES, ask, config_file, load, place  # noqa: E402

from job.statements import Statements  # noqa: E402

FOLDER = ROOT / "var/bench"
MEMORY = FOLDER / "memory"  # of the nights of one case
PEERS = ROOT / "bench/peers"
TEXT = {"postgres": "VARCHAR", "mysql": "CHAR", "duckdb": "VARCHAR"}
HASH = {
    "postgres": "CAST(HASHTEXT(CONCAT_WS('|', {})) AS BIGINT)",
    "mysql": "CRC32(CONCAT_WS('|', {}))",
    "duckdb": "HASH(CONCAT_WS('|', {}))",
}
LABELS = {
    "customer_features": ("customer_unique_id", "monetary", "frequency", "recency_days"),
    "customer_segments": ("customer_unique_id", "segment", "segment_name"),
    "customers": ("customer_id", "segment"),
}
Figures = dict[str, Any]  # of one subject: seconds, and what else was measured


def measured(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> tuple[Figures, str]:
    """Run the command; return its figures and what it printed.

    seconds of wall time, cpu in seconds, memory: its peak in MB, wire: MB over the loopback, with the servers' answers.
    Raises CalledProcessError with a code other than 0.
    """
    with tempfile.TemporaryDirectory() as folder:
        taken = Path(folder) / "taken.json"
        wire = _loopback()
        timed = [sys.executable, "-S", Path(__file__).parent / "timed.py", taken, *command]
        done = subprocess.run(
            list(map(str, timed)),
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            check=True,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        figures: Figures = json.loads(taken.read_text())
    return figures | {"wire": (_loopback() - wire) / 1e6}, done.stdout


def _loopback() -> int:
    [line] = [line for line in Path("/proc/net/dev").read_text().splitlines() if line.strip().startswith("lo:")]
    return int(line.split()[1])


def peer(name: str, *arguments: str | Path) -> Figures:
    """Run bench/peers/NAME.py in its own environment, which is made where it is not there; return what it printed.

    Its memory is the process's alone: Spark's is in a Java machine that this does not see.
    """
    figures, text = measured([_python(name), PEERS / f"{name}.py", *arguments])
    own: Figures = json.loads(text.strip().splitlines()[-1])
    seconds = own["seconds"]
    total = sum(seconds.values()) if isinstance(seconds, dict) else seconds
    return figures | own | {"seconds": total, "steps": seconds if isinstance(seconds, dict) else {}}


def _python(name: str) -> Path:
    if not (PEERS / f"{name}.txt").exists():
        return Path(sys.executable)
    environment = FOLDER / "venv" / name
    if not (environment / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        pip: list[str | Path] = [
            environment / "bin/python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]
        subprocess.run([*pip, "--require-hashes", "-r", PEERS / f"{name}.txt"], check=True, stdout=sys.stderr)
        (environment / "installed").touch()
    return environment / "bin/python"


def job(engine: Engine, url: str, data: Path | None, config: Path | None = None, full_way: bool = False) -> Figures:
    """Run the job as a user does; return its figures, with its steps' seconds and what it found.

    config: one of `segmenting`, which runs as the database's administrator, and without a report, as no other side
    makes one; None: the shipped one, with the job's role.
    full_way: whatever may be known of the last night.
    """
    settings = config or config_file(engine)
    command: list[str | Path] = [sys.executable, "-m", "job", "run", "--config", settings]
    command += ["--data", data] if data else []
    command += ["--no-report"] if config else []
    command += ["--full"] if full_way else []
    where = {"DATABASE_URL": url} if config else place(engine, url)
    folders = {"REPORT_FOLDER": str(FOLDER / "report"), "MEMORY_FOLDER": str(MEMORY)}
    figures, _ = measured(command, where | folders)
    statement = "SELECT started_at, finished_at, timings, figures FROM job_runs ORDER BY started_at DESC LIMIT 1"
    [(started, finished, timings, found)] = ask(engine, url, statement)
    steps = json.loads(timings)
    later = sum(steps.get(step, 0) for step in ("features", "model", "labels"))
    # The keys, the statistics and the commit are part of the load, too.
    steps["load"] = steps["fingerprint"] + (finished - started).total_seconds() - later
    [(model,)] = ask(engine, url, "SELECT model FROM segment_models ORDER BY fitted_at DESC LIMIT 1")
    inertia = {str(tried["k"]): tried["inertia"] for tried in json.loads(model)["tried"]}
    return figures | {"steps": steps, "found": json.loads(found), "inertia": inertia}


@contextmanager
def segmenting(engine: Engine, **clustering: Any) -> Iterator[Path]:
    """Give a config that segments the tables that are there, as the shipped one does but for `clustering`."""
    config = yaml.safe_load(config_file(engine).read_text())
    del config["load"]
    config["clustering"] |= clustering
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "segments.yaml"
        path.write_text(yaml.safe_dump(config))
        yield path


@contextmanager
def tables(engine: Engine, keys: bool) -> Iterator[str]:
    """Give the URL of a new database with the shop's tables, empty."""
    with servers.fresh_database(engine) as url:
        statements = Statements(engine.dialect)
        wanted = statements.render("schema")
        if "constraints" in statements:
            wanted += statements.render("constraints") if keys else []
        with engine.session(url) as query:
            if engine is not POSTGRES:
                wanted = [*statements.render("session", read_only=False), *wanted]
            for statement in wanted:
                query(statement)
            if not keys and "constraints" not in statements:
                without_keys(query)
        yield url


def without_keys(query: Any) -> None:
    """Take MySQL's tables their keys: references, numbers that are keys alone, then the indexes."""
    schema = "information_schema.{} WHERE table_schema = DATABASE()"
    named = schema.format("table_constraints") + " AND constraint_type = 'FOREIGN KEY'"
    for table, name in query(f"SELECT table_name, constraint_name FROM {named}"):
        query(f"ALTER TABLE {table} DROP FOREIGN KEY {name}")
    numbered = schema.format("columns") + " AND extra LIKE '%auto_increment%'"
    for table, name in query(f"SELECT table_name, column_name FROM {numbered}"):
        query(f"ALTER TABLE {table} DROP COLUMN {name}")
    for table, name in query(f"SELECT DISTINCT table_name, index_name FROM {schema.format('statistics')}"):
        query(f"ALTER TABLE {table} DROP {'PRIMARY KEY' if name == 'PRIMARY' else f'INDEX {name}'}")


@contextmanager
def loaded(shop: Path) -> Iterator[str]:
    """Give the URL of a PostgreSQL database that holds the shop, without labels: a template for `copied`."""
    with servers.fresh_database(POSTGRES) as url:
        with structlog.testing.capture_logs():
            load(POSTGRES, url, shop)
        yield url


@contextmanager
def copied(template: str) -> Iterator[str]:
    """Give the URL of a copy of the database that `loaded` gives."""
    name = urlsplit(template).path.strip("/")
    copy = f"{name}_copy"
    server = urlsplit(template)._replace(path="/").geturl()
    POSTGRES.query(server, f"CREATE DATABASE {copy} TEMPLATE {name}")
    try:
        yield urlsplit(template)._replace(path=f"/{copy}").geturl()
    finally:
        POSTGRES.query(server, f"DROP DATABASE {copy} WITH (FORCE)")


def contents(engine: Engine, url: str, folder: Path, schema: str = "") -> dict[str, tuple[int, int]]:
    """Return how many rows each table has, and, but in a schema of its own, a sum over what the files' columns hold."""
    found = {}
    for table, name in TABLES.items():
        with (folder / name).open(encoding="utf-8-sig", newline="") as stream:
            columns = [] if schema else next(csv.reader(stream))
        found[table] = _content(engine, url, f"{schema}{table}", columns)
    return found


def answer(engine: Engine, url: str, folder: Path, labels: bool = True) -> dict[str, tuple[int, int]]:
    """Return what `contents` does, and the same of the features and, with labels, of these in both places."""
    found = contents(engine, url, folder)
    for table, columns in LABELS.items():
        if labels or table == "customer_features":
            found[f"{table}, {columns[-1]}"] = _content(engine, url, table, columns)
    return found


def _content(engine: Engine, url: str, table: str, columns: Sequence[str]) -> tuple[int, int]:
    """Return how many rows the table has, and a sum over these columns; without any, 0."""
    texts = [f"COALESCE(CAST({column} AS {TEXT[engine.name]}), 'NULL')" for column in columns]
    total = f"SUM({HASH[engine.name].format(', '.join(texts))})" if columns else "0"
    [(rows, hashed)] = ask(engine, url, f"SELECT COUNT(*), {total} FROM {table}")
    return int(rows), int(hashed)


def same(one: object, other: object) -> None:
    """Refuse what differs."""
    if one != other:
        raise AssertionError(f"{one} is not {other}")


def size(engine: Engine, url: str) -> float:
    """Return the MB that the database takes on disk."""
    if not engine.has_server:
        return Path(engine.job_place(url)).stat().st_size / 1e6
    if engine is POSTGRES:
        return float(ask(engine, url, "SELECT pg_database_size(current_database())")[0][0]) / 1e6
    statement = (
        "SELECT SUM(file_size) FROM information_schema.innodb_tablespaces WHERE name LIKE CONCAT(DATABASE(), '/%')"
    )
    return float(ask(engine, url, statement)[0][0]) / 1e6


def shop(customers: int) -> Path:
    """Return the folder of a synthetic shop, which is made where it is not there."""
    folder = FOLDER / "shops" / str(customers)
    if not folder.exists():
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "job",
            "sample",
            "--customers",
            str(customers),
            "--out",
            folder,
        ]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder
