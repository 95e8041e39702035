"""Harm at random moments, while a reader polls: no state between, and the next run ends as if nothing had happened.

The job is killed by kill -9; or the path to its server is frozen, cut, or closed on the job's side alone.

CHAOS_KILLS says how many runs of an engine are harmed (`make chaos`: 50), CHAOS_SEED when and how.
"""

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import path as paths
import pytest
import servers
import yaml
from engines import SERVERS, where
from engines.base import Engine
from shop import TABLES, Row, ask, changed, config_file, everything, records, rewritten, started, without_first_orders

WAYS = ("killed", "cut", "half open", "frozen", "frozen and ended")
KILLS = int(os.environ.get("CHAOS_KILLS", "1"))
SEED = int(os.environ.get("CHAOS_SEED", random.SystemRandom().randrange(10_000)))
# Hold the times and ids of runs, or what moved from one to the next.
OWN_TIMES = {"loaded_files", "segment_models", "customer_segments", "customer_segment_changes", "customer_moves"}
# What a reader sees at one moment, in one statement: a figure of every table, and of the labels in both places.
COUNTED = (*TABLES, "customer_features", "customer_segments", "loaded_files")
STATE = "SELECT (SELECT SUM(payment_value) FROM order_payments), {}, {}".format(
    ", ".join(f"(SELECT COUNT(*) FROM {table})" for table in COUNTED),
    ", ".join(
        f"(SELECT COUNT(*) FROM {table} WHERE segment = '{letter}')"
        for table in ("customers", "customer_segments")
        for letter in "ABCDE"
    ),
)
OF_DUCKDB = duckdb.IOException, duckdb.CatalogException, duckdb.ConnectionException
GONE = OF_DUCKDB + tuple(engine.driver_error for engine in SERVERS)
State = tuple[Any, ...] | None  # None: not to be read, since the tables are not there or a process has DuckDB's file


def state(engine: Engine, url: str) -> State:
    try:
        return ask(engine, url, STATE)[0]
    except GONE:
        return None


@contextmanager
def reader(engine: Engine, url: str) -> Iterator[list[State]]:
    """Polls the state within the block."""
    seen: list[State] = []
    ended = threading.Event()

    def poll() -> None:
        while not ended.is_set():
            if (found := state(engine, url)) not in seen:
                seen.append(found)

    thread = threading.Thread(target=poll)
    if not engine.one_process:
        thread.start()
    try:
        yield seen
    finally:
        ended.set()
        if thread.ident:
            thread.join()
    seen.append(state(engine, url))


def a_hundredth_changed(shop: Path, folder: Path) -> Path:
    """The shop without a hundredth of its orders, and with another value in a hundredth of the payments."""
    orders, payments = (TABLES[table] for table in ("orders", "order_payments"))
    fewer = without_first_orders(shop, folder, len(records(shop / orders)) // 100)
    count = len(records(fewer / payments)) // 100

    def pay_more(rows: list[Row]) -> list[Row]:
        more = [{**row, "payment_value": f"9{row['payment_value']}"} for row in rows[-count:]]
        return rows[:-count] + more

    return changed(fewer, folder, payments, rewritten(pay_more))


def begun(engine: Engine, url: str, data: Path) -> "subprocess.Popen[str]":
    """A run whose labels depend on the data, and not on the nights before but for the first."""
    config = yaml.safe_load(config_file(engine).read_text())
    config["lifecycle"] = {"refit": "never", "max_moved": "100%"}
    path = data.parent / f"{engine}.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return started(engine, url, data, "--config", str(path), "--wait", "60", "--no-report")


def harmed(engine: Engine, url: str, data: Path, way: str, seconds: float) -> None:
    """A run that is harmed so many seconds after its first line; but for kill -9, it ends as it should."""
    with ExitStack() as ending:
        path = None if way == "killed" else ending.enter_context(paths.path_to(url))
        process = ending.enter_context(begun(engine, path.url if path else url, data))
        assert process.stderr
        for line in process.stderr:
            if json.loads(line)["event"] == "started":
                break
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=seconds)
        if not path:
            process.kill()
            return
        harm(path, way, process)
        code, log = process.wait(timeout=120), process.stderr.read()
        assert code == 0 or (code == 128 + signal.SIGTERM and way == "frozen and ended"), (SEED, way, seconds, log)


def harm(path: paths.Path, way: str, process: "subprocess.Popen[str]") -> None:
    if way == "cut":
        path.cut()
    elif way == "half open":
        path.half_open()
    elif way == "frozen and ended":
        path.freeze()
        process.send_signal(signal.SIGTERM)
    else:
        path.freeze()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=2)
        path.thaw()


def finished(engine: Engine, url: str, data: Path) -> tuple[float, dict[str, list[tuple[Any, ...]]]]:
    """A run to its end: the seconds from its first line on, and what is in the tables, but for times and ids."""
    with begun(engine, url, data) as process:
        assert process.stderr
        first = process.stderr.readline()
        began = time.perf_counter()
        rest = process.stderr.read()
        assert process.wait() == 0, first + rest
        took = time.perf_counter() - began
    rows = {table: rows for table, rows in everything(engine, url).items() if table not in OWN_TIMES}
    rows["labels"] = sorted(ask(engine, url, "SELECT customer_unique_id, segment FROM customer_segments"))
    return took, rows


@where(lambda engine: KILLS > 1 or engine.name == engine.dialect)  # of a few, one engine stands for a dialect
def test_a_harmed_run_leaves_the_state_before_or_after(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    moments = random.Random(SEED)
    other = a_hundredth_changed(shop, tmp_path / "other")
    shops = [shop, other]
    expected, states, seconds = [], [], []
    for data in shops:
        took, rows = finished(engine, database_url, data)
        expected.append(rows)
        states.append(state(engine, database_url))
        seconds.append(took)
    with servers.fresh_database(engine) as empty:
        first_expected = [expected[0], finished(engine, empty, other)[1]]
        first_states = [states[0], state(engine, empty)]
    seconds[0], _ = finished(engine, database_url, shop)  # in place of what was there, as the runs to be killed
    assert None not in states and states[0] != states[1]
    before = 0
    ways = WAYS if engine.has_server else WAYS[:1]
    for number in range(KILLS):
        share, turn, way = moments.random(), number % 2, moments.choice(ways)
        if number % 3 == 0:  # a first load
            with servers.fresh_database(engine) as empty:
                with reader(engine, empty) as seen:
                    harmed(engine, empty, shops[turn], way, share * 1.5 * seconds[turn])
                assert all(found == first_states[turn] for found in seen if found and any(found)), (SEED, number)
                assert finished(engine, empty, shops[turn])[1] == first_expected[turn], (SEED, number)
        else:
            with reader(engine, database_url) as seen:
                harmed(engine, database_url, shops[turn], way, share * seconds[turn])
            assert all(found in states for found in seen), (SEED, number, way)
            before += seen[-1] != states[turn]
    print(f"{engine}: {KILLS} runs harmed with seed {SEED}; {before} of those after a first load kept the state before")
    for data, rows in zip(shops, expected, strict=True):
        assert finished(engine, database_url, data)[1] == rows
    assert not list(tmp_path.glob("clientela-*"))
    assert ask(engine, database_url, "SELECT COUNT(*) FROM job_runs WHERE status = 'running'") == [(0,)]
