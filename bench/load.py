"""The first load against the database's own: psql's \\copy, and LOAD DATA, into the same tables with their keys.

    python bench/load.py FOLDER [--engines postgres mysql mariadb] [--repeat 3]

FOLDER holds the nine CSV files. Both sides load into a new, empty database of the same server, in turns; their rows are
compared before a time counts. Servers are those of the tests: see README.md.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

import mysql.connector
import psycopg2

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import servers  # noqa: E402
from shop import CONFIGS, DIALECTS, TABLES, ask  # noqa: E402

from job.sql import Statements  # noqa: E402


def main() -> None:
    """Print a line per engine and repetition, and the medians of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engines", nargs="+", default=["postgres", "mysql", "mariadb"])
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    for engine in options.engines:
        found = servers.server(engine)
        if isinstance(found, servers.Missing):
            print(f"{engine}: not measured, {found.reason}")
            continue
        print(f"{servers.NAMES[engine]} {found.version}", flush=True)
        ratios = [compared(engine, options.folder) for _ in range(options.repeat)]
        first, again = (statistics.median(ratio) for ratio in zip(*ratios, strict=True))
        print(f"  median: first load {first:.2f} of the database's own, unchanged files {again:.2f} s", flush=True)


def compared(engine: str, folder: Path) -> tuple[float, float]:
    """Return the job's share of the time of the database's own load, and the seconds of a load of unchanged files."""
    with servers.fresh_database(engine) as url:
        own = own_load(engine, url, folder)
        expected = counts(engine, url)
    with servers.fresh_database(engine) as url:
        first = timed_run(engine, url, folder)
        assert counts(engine, url) == expected
        again = timed_run(engine, url, folder)
    print(f"  own load {own:.2f} s, job {first:.2f} s, ratio {first / own:.2f}, unchanged {again:.2f} s", flush=True)
    return first / own, again


def counts(engine: str, url: str) -> dict[str, int]:
    """Return the rows in each table."""
    return {table: ask(engine, url, f"SELECT COUNT(*) FROM {table}")[0][0] for table in TABLES}


def timed_run(engine: str, url: str, folder: Path) -> float:
    """Return the seconds that a run spends until its tables hold what the files hold."""
    command = [sys.executable, "-m", "job", "run", "--config", str(CONFIGS / f"{DIALECTS[engine]}.yaml")]
    environment = {**os.environ, "DATABASE_URL": url}
    subprocess.run(
        [*command, "--data", str(folder.resolve())], cwd=ROOT, env=environment, check=True, capture_output=True
    )
    statement = "SELECT started_at, finished_at, timings FROM job_runs ORDER BY started_at DESC LIMIT 1"
    [(started, finished, timings)] = ask(engine, url, statement)
    seconds = json.loads(timings)
    after = sum(seconds[step] for step in ("features", "model", "labels"))
    return float(seconds["fingerprint"] + (finished - started).total_seconds() - after)


def own_load(engine: str, url: str, folder: Path) -> float:
    """Return the seconds that the database's own command takes for all files."""
    statements = Statements(DIALECTS[engine])
    schema = ["schema", *(["constraints"] if "constraints" in statements else [])]
    return copy(url, folder, schema) if engine == "postgres" else load_data(url, folder)


def header_of(path: Path) -> list[str]:
    """Return the names in the file's first line."""
    with path.open(encoding="utf-8-sig") as stream:
        return stream.readline().strip().replace('"', "").split(",")


def copy(url: str, folder: Path, schema: list[str]) -> float:
    """Load by psql's \\copy."""
    with closing(psycopg2.connect(url)) as connection:
        for name in schema:
            for statement in Statements("postgres").render(name):
                connection.cursor().execute(statement)
        connection.commit()
    commands = [
        f"\\copy {table} ({', '.join(header_of(folder / file))}) from '{folder / file}' with (format csv, header)"
        for table, file in TABLES.items()
    ]
    started = time.perf_counter()
    subprocess.run(["psql", url, "-q", "-v", "ON_ERROR_STOP=1"], input="\n".join(commands), text=True, check=True)
    return time.perf_counter() - started


def load_data(url: str, folder: Path) -> float:
    """Load by LOAD DATA LOCAL INFILE, an empty field as NULL."""
    place = urlsplit(url)
    with closing(
        mysql.connector.connect(
            host=place.hostname,
            port=place.port,
            user=place.username,
            password=unquote(place.password or ""),
            database=place.path.strip("/"),
            allow_local_infile=True,
            use_pure=True,
        )
    ) as connection:
        cursor = connection.cursor()
        for name in ("session", "schema"):
            for statement in Statements("mysql").render(name, read_only=False):
                cursor.execute(statement)
        started = time.perf_counter()
        for table, file in TABLES.items():
            path = folder / file
            names = header_of(path)
            line_end = "\\r\\n" if b"\r\n" in path.open("rb").readline() else "\\n"
            cursor.execute(
                f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE {table} CHARACTER SET utf8mb4"
                " FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ESCAPED BY ''"
                f" LINES TERMINATED BY '{line_end}' IGNORE 1 LINES"
                f" ({', '.join(f'@{name}' for name in names)})"
                f" SET {', '.join(f'''{name} = NULLIF(@{name}, '')''' for name in names)}"
            )
            connection.commit()
        return time.perf_counter() - started


if __name__ == "__main__":
    main()
