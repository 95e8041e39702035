"""Speed as a ratio to what else one could do, the best of three turns: a guard, with room for a busy machine.

What the job makes of it on a quiet one is in bench/RESULTS.md.
"""

import json
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import servers
from shop import TABLES, ask, load, run, session
from sklearn.cluster import KMeans

from job.model import kmeans
from job.model.points import Points
from job.model.segment_model import Axis
from job.setup.sample import write_shop
from job.statements import Statements

TURNS = 3


@pytest.fixture(scope="module")
def larger_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("larger") / "shop"
    write_shop(folder, customers=10_000, seed=1)
    return folder


def ratio(one: Callable[[], float], other: Callable[[], float]) -> float:
    """The best of one's seconds to the best of the other's, which take turns."""
    turns = [(one(), other()) for _ in range(TURNS)]
    return min(mine for mine, _ in turns) / min(theirs for _, theirs in turns)


def timings(engine: str, url: str) -> dict[str, float]:
    [(found,)] = ask(engine, url, "SELECT timings FROM job_runs ORDER BY started_at DESC LIMIT 1")
    return dict(json.loads(found))


def need(engine: str) -> None:
    if isinstance(found := servers.server(engine), servers.Missing):
        pytest.skip(found.reason)


def test_points_against_every_customer() -> None:
    """In processor time: 0.02 when it was written."""
    rng = np.random.default_rng(1)
    places = np.floor(rng.normal(scale=2_000, size=(200_000, 2))).astype(np.int64)
    cells, cell, customers = np.unique(places // 200, axis=0, return_inverse=True, return_counts=True)
    sums = np.zeros_like(cells)
    np.add.at(sums, cell.reshape(-1), places)
    axis = Axis("monetary", False, "none", "refuse", 0.0, 1.0, 1_000.0, -10_000, 200)
    points = Points((axis, axis), customers, sums, int((places**2).sum()), np.zeros(len(cells)))

    def on_points() -> float:
        started = time.process_time()
        kmeans.fit(points, 5, 1)
        return time.process_time() - started

    def on_rows() -> float:
        started = time.process_time()
        KMeans(5, n_init=10, random_state=1).fit(places / 1_000)
        return time.process_time() - started

    assert ratio(on_points, on_rows) < 0.3


def test_a_load_against_copy(larger_shop: Path) -> None:
    """Into tables that have their keys."""
    need("postgres")

    def ours() -> float:
        with servers.fresh_database("postgres") as url:
            started = time.perf_counter()
            load("postgres", url, larger_shop)
            return time.perf_counter() - started

    def copy() -> float:
        statements = Statements("postgres")
        with servers.fresh_database("postgres") as url, closing(servers.connect("postgres", url)) as connection:
            cursor = connection.cursor()
            for statement in [*statements.render("schema"), *statements.render("constraints")]:
                cursor.execute(statement)
            connection.commit()
            started = time.perf_counter()
            for table, name in TABLES.items():
                with (larger_shop / name).open(encoding="utf-8-sig") as stream:
                    columns = stream.readline()
                    cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)", stream)
            connection.commit()
            return time.perf_counter() - started

    assert ratio(ours, copy) < 3


def test_labels_against_an_update_each(larger_shop: Path) -> None:
    """0.2 when it was written, beside other tests."""
    need("postgres")
    with servers.fresh_database("postgres") as url:
        run("postgres", url, larger_shop)
        ours = timings("postgres", url)["labels"]
        letters = ask("postgres", url, "SELECT customer_unique_id, segment FROM customer_segments")
        with session("postgres", url) as rows:
            rows("UPDATE customers SET segment = NULL")
            rows("BEGIN")
            started = time.perf_counter()
            for customer, letter in letters:
                rows(f"UPDATE customers SET segment = '{letter}' WHERE customer_unique_id = '{customer}'")
            rows("COMMIT")
            each = time.perf_counter() - started
    assert ours / each < 0.5


@pytest.mark.parametrize("engine", servers.ENGINES)
def test_a_second_run_against_the_first(engine: str, larger_shop: Path, tmp_path: Path) -> None:
    """With nothing new: 0.04 when it was written."""
    need(engine)
    with servers.fresh_database(engine, tmp_path) as url:
        seconds = []
        for _ in range(2):
            started = time.perf_counter()
            run(engine, url, larger_shop)
            seconds.append(time.perf_counter() - started)
    assert seconds[1] / seconds[0] < 0.5
