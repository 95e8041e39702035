"""Who moved, when, why and with how much money: the table, its view, and the file for other tools."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb
import pytest
from engines.base import Engine
from shop import CONFIGS, ask, config_file, configured, place
from typer.testing import CliRunner, Result

from job import history, pipeline
from job.cli import app
from job.config import Config
from job.progress import Steps
from job.report import files, moved
from job.session import connect

HEADER = "customer_unique_id,from_segment,to_segment,monetary,cause,moved_at,run_id"
MOVES = f"SELECT {HEADER} FROM customer_moves WHERE run_id = '{{}}'"
SPEND = "SELECT customer_unique_id, monetary FROM customer_features"
ONE_ORDER = "SELECT MIN(order_id) FROM orders JOIN customers USING (customer_id) WHERE customer_unique_id = '{}'"


def settings(engine: Engine, url: str, **lifecycle: Any) -> Config:
    found = configured(engine, url).model_copy(update={"load": None})
    return found.model_copy(update={"lifecycle": found.lifecycle.model_copy(update=lifecycle)})


def night(config: Config) -> str:
    run_id = history.new_run_id()
    pipeline.run(config, None, run_id, Steps("json"))
    return run_id


def export(engine: Engine, url: str, *options: str | Path) -> Result:
    command = ["export", "--moved", *map(str, options), "--config", str(config_file(engine))]
    return CliRunner().invoke(app, command, env=place(engine, url))


def listed(result: Result) -> list[list[str]]:
    assert result.exit_code == 0, result.stderr
    header, *rows = csv.reader(io.StringIO(result.stdout_bytes.decode(), newline=""))
    assert header == HEADER.split(",")
    return rows


@pytest.mark.usefixtures("first_run")
def test_moves_are_told_with_their_cause_and_money(engine: Engine, database_url: str, tmp_path: Path) -> None:
    [(first,)] = ask(engine, database_url, "SELECT run_id FROM job_runs")
    assert listed(export(engine, database_url)) == []  # the first labels are no moves
    before = dict(ask(engine, database_url, "SELECT customer_unique_id, segment FROM customer_segments"))
    gone, richer = sorted(before)[0], min(customer for customer, segment in before.items() if segment == "E")
    for customer, change in (
        (gone, "UPDATE orders SET order_status = 'canceled' WHERE order_id = '{}'"),
        (richer, "UPDATE order_payments SET payment_value = payment_value + 999.5 WHERE order_id = '{}'"),
    ):
        [(order,)] = ask(engine, database_url, ONE_ORDER.format(customer))
        ask(engine, database_url, change.format(order))
    kept = night(settings(engine, database_url, refit="never"))
    spend = dict(ask(engine, database_url, SPEND))
    bought = {row[0]: row[1:5] for row in ask(engine, database_url, MOVES.format(kept))}
    assert bought[gone] == (before[gone], None, None, "customer")
    assert bought[richer] == ("E", bought[richer][1], pytest.approx(float(spend[richer])), "customer")
    assert bought[richer][1] != "E" and {cause for *_, cause in bought.values()} == {"customer"}

    # The same features by another model: borders move, and no customer does.
    config = settings(engine, database_url, max_moved=1.0)
    clustering = config.clustering.model_copy(update={"seed": 2, "features": config.clustering.features[:1]})
    other = night(config.model_copy(update={"clustering": clustering}))
    borders = ask(engine, database_url, MOVES.format(other))
    assert len(borders) > 10 and {row[4] for row in borders} == {"model"}
    assert all(row[3] == pytest.approx(float(spend[row[0]])) for row in borders)

    # A night on which both happen tells them apart; those who would have moved by the model before, too, have changed.
    now = dict(ask(engine, database_url, "SELECT customer_unique_id, segment FROM customer_segments"))
    richer = min(customer for customer, segment in now.items() if segment == "E")
    [(order,)] = ask(engine, database_url, ONE_ORDER.format(richer))
    ask(engine, database_url, f"UPDATE order_payments SET payment_value = 4999.5 WHERE order_id = '{order}'")
    both = {row[0]: row[4] for row in ask(engine, database_url, MOVES.format(night(config)))}
    assert both.pop(richer) == "customer" and set(both.values()) == {"model"}

    # Going back is told as what it is, and takes nothing away.
    back = history.new_run_id()
    pipeline.roll_back(config, kept, back, Steps("json"))
    returned = ask(engine, database_url, MOVES.format(back))
    assert returned and {row[4] for row in returned} == {"rollback"}
    assert {row[0]: row[2] for row in returned}.items() <= {
        **before,
        **{each: to for each, (_, to, *_) in bought.items()},
    }.items()

    # The file has all of it, run by run, and by the ids' bytes.
    told = [list(row) for run in (kept, other) for row in sorted(ask(engine, database_url, MOVES.format(run)))]
    found = listed(export(engine, database_url, "--since", first))
    assert [row[:3] for row in found[: len(told)]] == [[each or "" for each in row[:3]] for row in told]
    assert [row[3] and float(row[3]) for row in found[: len(told)]] == [row[3] or "" for row in told]
    assert [datetime.fromisoformat(row[5].ljust(26, "0")) for row in found[: len(told)]] == [row[5] for row in told]
    assert sorted({row[6] for row in found}) == sorted({kept, other, back, found[-len(returned) - 1][6]})
    assert listed(export(engine, database_url)) == found[-len(returned) :]
    assert export(
        engine, database_url, "--since", other, "--out", tmp_path / "moves.parquet", "--format", "parquet"
    ).stdout == (f"{tmp_path / 'moves.parquet'}: {len(found) - len(told):,} moves\n")
    types = duckdb.read_parquet(str(tmp_path / "moves.parquet")).types
    assert [str(kind) for kind in types] == [*["VARCHAR"] * 3, "DOUBLE", "VARCHAR", "TIMESTAMP", "VARCHAR"]
    look_at_the_report(engine, database_url, config, before, tmp_path)


def look_at_the_report(engine: Engine, url: str, config: Config, before: dict[str, str], folder: Path) -> None:
    """A week later, all of it is summed up: who is elsewhere than in the first run, and who it was that moved."""
    [(first,)] = ask(engine, url, "SELECT MIN(run_id) FROM job_runs")
    ago = f"{history.now() - timedelta(days=7):%Y-%m-%d %H:%M:%S}"
    ask(engine, url, f"UPDATE job_runs SET started_at = '{ago}' WHERE run_id = '{first}'")
    ask(engine, url, "UPDATE customer_features_data SET monetary = monetary + 1 WHERE monetary > 1000")
    now = dict(ask(engine, url, "SELECT customer_unique_id, segment FROM customer_segments"))
    spend = dict(ask(engine, url, SPEND))
    expected: dict[tuple[Any, ...], list[float]] = {}
    every = sorted(ask(engine, url, f"SELECT moved_at, {HEADER} FROM customer_moves"), key=lambda row: row[0])
    for customer in before.keys() | now.keys():
        if before.get(customer) != now.get(customer):
            own = [row for row in every if row[1] == customer]
            key = (before.get(customer), now.get(customer), "customer" not in {row[5] for row in own})
            found = expected.setdefault(key, [0, 0.0, 0.0])
            money, then = float(spend.get(customer) or 0), own[0][4]
            expected[key] = [found[0] + 1, found[1] + money, found[2] + (money - then if then else 0)]
    with closing(connect(config, read_only=True)) as database:
        model, _ = history.current_model(database)
        last = history.last_done(database)
        assert model and last
        [window] = moved.read(database, last, model)
        cohorts = database.fetch("report_cohorts", first=2000 * 12, last=2100 * 12)
        [page, *_] = files.write(
            database, config.model_copy(update={"report": config.report.model_copy(update={"folder": folder})})
        )
    assert window.nights == 7 and len(expected) >= 2
    assert {flow[:3]: [flow.customers, flow.spend] for flow in window.flows} == {
        key: [customers, pytest.approx(money)] for key, (customers, money, _) in expected.items()
    }
    for flow in window.flows:
        if flow.since is not None and flow.after:
            assert flow.since == pytest.approx(expected[flow[:3]][2])
    days = ask(engine, url, "SELECT segment, first_order_at, last_order_at FROM customer_features f"
                            " JOIN customer_segments s ON s.customer_unique_id = f.customer_unique_id")  # fmt: skip
    counted = Counter(
        (segment, one.year * 12 + one.month - 1, (last.year - one.year) * 12 + last.month - one.month)
        for segment, one, last in days
    )
    assert {(row["segment"], int(row["month"]), int(row["lasted"])): row["customers"] for row in cohorts} == counted
    text = page.read_text()
    for told in (
        "Who moved, and what it is worth",
        "<h3>7 nights</h3>",
        "Who still orders",
        "who have not changed" if any(key[2] for key in expected) else "moved up",
    ):
        assert told in text


@pytest.mark.usefixtures("first_run")
def test_a_database_of_an_older_version_gets_the_columns(engine: Engine, database_url: str) -> None:
    ask(engine, database_url, "DROP VIEW customer_moves")
    for column in ("monetary", "cause"):
        ask(engine, database_url, f"ALTER TABLE customer_segment_changes DROP COLUMN {column}")
    ask(engine, database_url, "INSERT INTO customer_segment_changes SELECT run_id, 'old', 'A', 'B' FROM job_runs")
    refused = export(engine, database_url)
    assert (refused.exit_code, refused.stdout) == (
        3,
        "",
    ) and "the next clientela run makes customer_moves" in refused.stderr
    night(settings(engine, database_url, refit="never"))
    [(customer, *_, monetary, cause, moved_at, _)] = ask(
        engine, database_url, f"SELECT {HEADER} FROM customer_moves WHERE customer_unique_id = 'old'"
    )
    assert (customer, monetary, cause) == ("old", None, None) and moved_at is not None


@pytest.mark.usefixtures("first_run")
def test_what_cannot_be_told(engine: Engine, database_url: str) -> None:
    result = export(engine, database_url, "--since", "nobody's")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "error: no run nobody's has labelled customers; clientela runs lists those that have\n"
    alone = CliRunner().invoke(
        app, ["export", "--since", "a", "--config", str(config_file(engine))], env=place(engine, database_url)
    )
    assert alone.exit_code == 2 and re.search("use it with --moved", alone.stderr)


class Endpoint(BaseHTTPRequestHandler):
    """A mail tool's, which keeps what it gets."""

    def do_POST(self) -> None:
        got = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.headers, got))  # type: ignore[attr-defined]
        self.send_response(500 if b"refused" in got else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def endpoint() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    server.got = []  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_recipes_hand_moves_on(endpoint: HTTPServer, tmp_path: Path) -> None:
    """As they stand on the page, with a file in place of the job's stdout."""
    page = (CONFIGS.parent / "docs/guides/other-tools.md").read_text()
    script = page.partition("```python\n")[2].partition("```")[0]
    [command] = re.findall(r"^clientela export --moved \| (curl .*)$", page, re.MULTILINE)
    moved = "2026-01-31 02:00:00.5,run-1"
    lines = [HEADER, f'"Ann, ü",E,A,12.5,customer,{moved}', f"b,B,A,1,model,{moved}", f"c,C,,,customer,{moved}"]
    environment = {**os.environ, "URL": f"http://127.0.0.1:{endpoint.server_port}/hook", "no_proxy": "*"}

    def give(command: list[str], *more: str) -> int:
        text = "".join(f"{line}\n" for line in (*lines, *more))
        given = subprocess.run(
            command, input=text.encode(), env=environment, capture_output=True, check=False, timeout=60
        )
        return given.returncode

    assert give([sys.executable, "-c", script]) == 0
    [(headers, body)] = endpoint.got  # type: ignore[attr-defined]
    assert json.loads(body) == dict(
        zip(HEADER.split(","), ["Ann, ü", "E", "A", "12.5", "customer", *moved.split(",")], strict=True)
    )
    assert headers["Idempotency-Key"] == "run-1 " + "Ann, ü".encode().hex()
    assert give([sys.executable, "-c", script], f"refused,,A,1,customer,{moved}") != 0
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    assert give(["sh", "-c", command]) == 0
    headers, body = endpoint.got[-1]  # type: ignore[attr-defined]
    assert headers["Content-Type"] == "text/csv" and body.decode().splitlines() == lines
