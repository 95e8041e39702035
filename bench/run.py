"""The job beside what one would do otherwise, on the same machine, in turns; each answer is checked before it counts.

    python bench/run.py [--full] [--data FOLDER] [--only CASE ...] [--anew]

Without --full the quick set. FOLDER holds the CSV files of Olist, or of any shop with its names; else a synthetic one
of 100,000 customers is taken. What is measured is kept in var/bench/results.json, case by case: a run that is broken
off goes on where it was, and --anew measures again. Afterwards bench/RESULTS.md and its picture are written. Servers
are those of the tests; peers install what they need, pinned, into var/bench.
"""

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import fit
import measuring
import next_nights
import parts
import results
import servers
import waits
from engines.base import Engine
from engines.duckdb import ENGINE as DUCKDB
from engines.mysql import ENGINE as MYSQL
from engines.postgres import ENGINE as POSTGRES
from measuring import Figures, contents, copied, job, loaded, peer, same, segmenting, shop, tables

Subjects = dict[str, Figures]
KS = (2, 9)  # that the notebook tries
CLOSE = 0.005  # of the inertia, by which a peer's local optimum may miss the job's


@dataclass(frozen=True)
class Case:
    """What is measured side by side, several times."""

    name: str
    measure: Callable[[], Subjects]
    repeat: int = 1
    quick: bool = False


def cases(data: Path | None) -> list[Case]:
    """Return all cases, the quick ones first."""
    given = data or shop(100_000)
    return [
        Case("help", start_up, repeat=5, quick=True),
        Case("load, PostgreSQL", partial(load_postgres, given), repeat=3, quick=True),
        Case("load, MySQL", partial(load_mysql, given), repeat=2, quick=True),
        Case("fit, 1 million", fits, repeat=2, quick=True),
        Case("whole, PostgreSQL", partial(whole, given), repeat=2, quick=True),
        *(
            Case(f"nights, {engine.title}", partial(nothing_new, engine, given), repeat=2, quick=True)
            for engine in (DUCKDB, POSTGRES, MYSQL)
        ),
        *(
            Case(f"1 % new, {engine.title}", partial(next_nights.with_new, given, engine, 0.01), quick=True)
            for engine in (POSTGRES, MYSQL, DUCKDB)
        ),
        *(
            Case(f"delta files, {mode}", partial(next_nights.of_delta_files, given, mode), quick=True)
            for mode in ("merge", "append")
        ),
        Case("in the database, 1 % new", partial(next_nights.in_database, given), quick=True),
        *(
            Case(f"waits, {engine.title}", partial(waits.beside_a_night, engine, given), repeat=2, quick=True)
            for engine in (POSTGRES, MYSQL)
        ),
        *(
            Case(
                f"million, {100 * share:g} % new, {engine.title}",
                partial(on_shop, 1_000_000, next_nights.with_new, engine, share),
            )
            for share in (0.001, 0.01, 0.1, 0.3)
            for engine in (POSTGRES, MYSQL, DUCKDB)
        ),
        *(
            Case(f"million, delta files, {mode}", partial(on_shop, 1_000_000, next_nights.of_delta_files, mode))
            for mode in ("merge", "append")
        ),
        Case("10 million in the database, 1 % new", partial(on_shop, 10_000_000, next_nights.in_database)),
        Case("30 nights, PostgreSQL", partial(next_nights.after_nights, given)),
        Case("labels, 1 million", partial(labels, 1_000_000)),
        Case("words, 1 million", partial(on_shop, 1_000_000, parts.words_beside_a_run, POSTGRES)),
        Case("to come, 1 million", partial(on_shop, 1_000_000, parts.to_come_beside_a_night, POSTGRES)),
        Case("peers of the load, PostgreSQL", partial(peers_of_load, given)),
        Case("peers of the segments, PostgreSQL", partial(peers_of_segments, given)),
        *(
            Case(f"scale, {engine.title}, {customers:,}", partial(scale, engine, customers))
            for customers in (100_000, 1_000_000, 10_000_000)
            for engine in (DUCKDB, POSTGRES, MYSQL)
            if (engine, customers) != (MYSQL, 10_000_000)
        ),
        *(Case(f"Spark, {customers:,}", partial(spark, customers)) for customers in (1_000_000, 10_000_000)),
    ]


def start_up() -> Subjects:
    """The seconds to --help."""
    return {"job": measuring.measured([sys.executable, "-m", "job", "--help"])[0]}


def load_postgres(folder: Path) -> Subjects:
    """The first load against \\copy: into the same tables with their keys, and without (the limit)."""
    return load(POSTGRES, folder, {r"\copy": ("psql", True), r"\copy, no keys": ("psql", False)})


def load_mysql(folder: Path) -> Subjects:
    """The first load against LOAD DATA: into the same tables with their keys, and without (the limit)."""
    return load(MYSQL, folder, {"LOAD DATA": ("load_data", True), "LOAD DATA, no keys": ("load_data", False)})


def peers_of_load(folder: Path) -> Subjects:
    """The first load against what else loads files into PostgreSQL."""
    others = {
        "pgloader": ("pgloader",),
        "to_sql": ("to_sql",),
        "to_sql, multi": ("to_sql", "--multi"),
        "dlt": ("dlt_load",),
    }
    return load(POSTGRES, folder, {title: (*how, True) for title, how in others.items()})


def load(engine: Engine, folder: Path, others: dict[str, tuple[Any, ...]]) -> Subjects:
    """The job's load, and others (a peer, its options, whether the tables have keys); all must find the same."""
    with servers.fresh_database(engine) as url:
        found = job(engine, url, folder)
        expected = contents(engine, url, folder)
    subjects = {"job": found | {"seconds": found["steps"]["load"]}}
    for title, (name, *options, keys) in others.items():
        with tables(engine, keys) as url:
            subjects[title] = peer(name, url, folder, *options)
            if name == "dlt_load":  # in tables of its own, with types of its own
                same(
                    {table: (rows, 0) for table, (rows, _) in expected.items()},
                    contents(engine, url, folder, "bench_dlt."),
                )
            else:
                same(contents(engine, url, folder), expected)
    return subjects


def fits() -> Subjects:
    """Points and fits of a million customers for k = 2..10, against scikit-learn on every row."""
    found = fit.both_sides(1_000_000, columns=2, ks=list(range(2, 11)))
    worst = max(one["inertia"] / other["inertia"] for one, other in zip(*(side["fits"] for side in found), strict=True))
    return {
        title: {
            "seconds": side["reading"] + sum(each["seconds"] for each in side["fits"]),
            "memory": side["memory"],
            "inertia": worst if title == "job" else 1.0,
        }
        for title, side in zip(("job", "scikit-learn, every row"), found, strict=True)
    }


def whole(folder: Path) -> Subjects:
    """All of it on PostgreSQL, from the files to the labels: the job, and pandas' to_sql with the notebook's way."""
    with servers.fresh_database(POSTGRES) as url:
        found = job(POSTGRES, url, folder)
    with tables(POSTGRES, keys=True) as url:
        loading = peer("to_sql", url, folder)
        notebook = peer("notebook", url, "--k-range", *map(str, KS), "--write", "updates")
    same_answer(found, notebook)
    return {
        "job": found,
        "notebook": notebook
        | {
            "seconds": loading["seconds"] + notebook["seconds"],
            "steps": {"load": loading["seconds"]} | notebook["steps"],
        },
    }


def nothing_new(engine: Engine, folder: Path) -> Subjects:
    """The first run, and the next, which finds nothing new."""
    with servers.fresh_database(engine) as url:
        first, second = job(engine, url, folder), job(engine, url, folder)
    assert second["found"]["model"] == "kept"
    return {"first": first, "second": second}


def on_shop(customers: int, measure: Callable[..., Subjects], *options: Any) -> Subjects:
    """What is measured on a synthetic shop, which is made no earlier than it is needed."""
    return measure(shop(customers), *options)


def labels(customers: int) -> Subjects:
    """The labels of so many customers, against an UPDATE each, and against CREATE TABLE AS SELECT of the same rows."""
    with loaded(shop(customers)) as template:
        with segmented(template) as (found, url):
            subjects = {"job": found | {"seconds": found["steps"]["labels"]}}
            subjects["CREATE TABLE AS"] = {"seconds": created(url, "customer_segments") + created(url, "customers")}
        for way in ("updates", "executemany", "copy"):
            with copied(template) as url:
                notebook = peer("notebook", url, "--k-range", "5", "5", "--write", way)
                same_answer(found, notebook)
                subjects[way] = notebook | {"seconds": notebook["steps"]["write"]}
    return subjects


@contextmanager
def segmented(template: str, **clustering: Any) -> Iterator[tuple[Figures, str]]:
    """Give the job's figures on a copy of the database, and the copy's URL."""
    with copied(template) as url, segmenting(POSTGRES, **clustering) as config:
        yield job(POSTGRES, url, None, config), url


def created(url: str, table: str) -> float:
    """Return the seconds that it takes to make the same rows anew."""
    with POSTGRES.session(url) as query:
        started = time.perf_counter()
        query(f"CREATE TABLE bench_copy AS SELECT * FROM {table}")
        seconds = time.perf_counter() - started
        query("DROP TABLE bench_copy")
    return seconds


def peers_of_segments(folder: Path) -> Subjects:
    """From the tables to the labels for k = 2..9, the job with `k: auto`, which judges each k as well."""
    with loaded(folder) as template:
        with segmented(template, k="auto", k_range=list(KS)) as (found, _):
            subjects = {"job": found}
        for title, (name, *options) in {
            "notebook": ("notebook", "--write", "updates"),
            "notebook, executemany": ("notebook", "--write", "executemany"),
            "notebook, COPY": ("notebook", "--write", "copy"),
            "MiniBatchKMeans": ("notebook", "--mini-batch", "--write", "copy"),
            "DuckDB and faiss": ("faiss_kmeans", "--folder", str(folder)),
            "Spark, one start": ("spark", "--starts", "1"),
        }.items():
            with copied(template) as url:
                subjects[title] = peer(name, url, "--k-range", *map(str, KS), *options)
                same_customers(found, subjects[title])  # the inertia stands in the table: some are not as good
    return subjects


def spark(customers: int) -> Subjects:
    """From the tables to the labels for k = 5: the job's whole run against Spark's with one start, its own default."""
    with loaded(shop(customers)) as template:
        with segmented(template) as (found, _):
            subjects = {"job": found}
        with copied(template) as url:
            other = peer("spark", url, "--k-range", "5", "5", "--starts", "1")
            same_customers(found, other)
            subjects["Spark ML"] = other | {"seconds": other["seconds"] + other["start"]}
    return subjects


def scale(engine: Engine, customers: int) -> Subjects:
    """A whole first run on a synthetic shop."""
    with servers.fresh_database(engine) as url:
        found = job(engine, url, shop(customers))
        found["size"] = measuring.size(engine, url)
    return {"job": found}


def same_customers(found: Figures, other: Figures) -> None:
    """Refuse a peer that has not segmented the same customers with the same spend."""
    spend = sum(segment["spend"] for segment in found["found"]["segments"])
    same(other["customers"], found["found"]["customers"])
    same(round(other["monetary"], 2), round(spend, 2))


def same_answer(found: Figures, other: Figures) -> None:
    """Refuse a peer whose segments are not as good, or are others, besides."""
    same_customers(found, other)
    if abs(other["inertia"]["5"] / found["inertia"]["5"] - 1) > CLOSE:
        raise AssertionError(f"a peer's inertia is {other['inertia']['5']}, the job's {found['inertia']['5']}")


def main() -> None:
    """Measure what is not there yet, and write what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="measure everything: some hours")
    parser.add_argument("--data", type=Path, metavar="FOLDER")
    parser.add_argument("--only", nargs="+", default=[], metavar="CASE", help="those whose names begin so")
    parser.add_argument("--anew", action="store_true")
    options = parser.parse_args()
    data = options.data.resolve() if options.data else None
    wanted = [
        case
        for case in cases(data)
        if any(case.name.startswith(name) for name in options.only)
        or (not options.only and (options.full or case.quick))
    ]
    known, failed = results.read(), []
    for number, case in enumerate(wanted, start=1):
        found = [] if options.anew else known.get(case.name, [])
        for repetition in range(len(found), case.repeat):
            print(f"{number} of {len(wanted)}: {case.name}, {repetition + 1} of {case.repeat} ", end="", flush=True)
            shutil.rmtree(measuring.MEMORY, ignore_errors=True)
            started = time.perf_counter()
            try:
                found = [*found, case.measure()]
            except (AssertionError, subprocess.CalledProcessError, servers.ServerError) as error:
                print(f"failed: {error}\n{getattr(error, 'output', '')}", flush=True)
                failed.append(case.name)
                break
            print(f"({time.perf_counter() - started:.0f} s) {results.in_short(found[-1])}", flush=True)
            known = results.keep(case.name, found)
    print(f"{results.write(known)} is written")
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


if __name__ == "__main__":
    main()
