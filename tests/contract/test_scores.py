"""Scores for recency, frequency and money: those that Python counts, night after night, on every engine."""

import csv
import io
import os
from bisect import bisect_left
from collections import Counter
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from engines import on_servers
from engines.base import Engine
from page import Page
from shop import ask, config_file, configured, place
from typer.testing import CliRunner

from job import history, pipeline
from job.cli import app
from job.config import Config
from job.model import rfm
from job.progress import Steps
from job.report.files import write
from job.session import connect

FEATURES = "SELECT customer_unique_id, recency_days, frequency, monetary FROM customer_features"
SCORES = "SELECT customer_unique_id, r, f, m, rfm_group FROM customer_rfm"


def cut_points(values: list[float]) -> list[float]:
    """The least values that a fifth of the customers, two, three and four reach, by whole numbers alone."""
    counts, reached = Counter(values), 0
    found: list[float] = []
    for value in sorted(counts):
        reached += counts[value]
        while len(found) < 4 and 5 * reached >= (len(found) + 1) * len(values):
            found.append(value)
    return found


def expected(engine: Engine, url: str) -> dict[str, tuple[int, int, int, str]]:
    """The scores of every customer."""
    rows = {str(row[0]): [float(value) for value in row[1:]] for row in ask(engine, url, FEATURES)}
    cuts = [cut_points([values[at] for values in rows.values()]) for at in range(3)]
    names = {(cell.r, cell.f, cell.m): cell.name for cell in rfm.cells([])}
    scores = {}
    for id_, values in rows.items():
        over = [bisect_left(four, value) for four, value in zip(cuts, values, strict=True)]
        r, f, m = 5 - over[0], 1 + over[1], 1 + over[2]
        scores[id_] = (r, f, m, names[r, f, m])
    return scores


def found(engine: Engine, url: str) -> dict[str, tuple[int, int, int, str]]:
    return {str(id_): (int(r), int(f), int(m), name) for id_, r, f, m, name in ask(engine, url, SCORES)}


def settings(engine: Engine, url: str, folder: Path, **sections: object) -> Config:
    shipped = dict(configured(engine, url))
    report = shipped["report"].model_copy(update={"folder": folder})
    return Config.model_validate({**shipped, "load": None, "report": report, **sections})


@pytest.mark.usefixtures("first_run")
def test_every_customer_has_the_scores_that_python_counts(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """After the first night; and after one on which a single customer's orders are other ones, and all days later."""
    before = expected(engine, database_url)
    assert found(engine, database_url) == before and len({scores[3] for scores in before.values()}) > 4
    config = settings(engine, database_url, tmp_path)
    with closing(connect(config, read_only=True)) as database:
        page = Page(write(database, config)[0].read_text())
    table = page.tables["rfm-table"]
    sizes = Counter(name for *_, name in before.values())
    assert {name: cell.split()[0] for name, cell in table.column("Customers").items()} == {
        name: f"{size:,}" for name, size in sizes.items()
    }
    assert "F tells 2 kinds of them apart" in page.text or "F tells 3 kinds of them apart" in page.text
    [(order,)] = ask(engine, database_url, "SELECT MAX(order_id) FROM orders WHERE order_status = 'delivered'")
    later = f"UPDATE orders SET order_purchase_timestamp = '2019-03-01 10:00:00' WHERE order_id = '{order}'"
    ask(engine, database_url, later)
    stored = ask(engine, database_url, "SELECT COUNT(*) FROM customer_features_data")
    pipeline.run(config, None, history.new_run_id(), Steps("json"))
    after = expected(engine, database_url)
    assert found(engine, database_url) == after
    assert ask(engine, database_url, "SELECT COUNT(*) FROM rfm_cuts") == [(1,)]
    assert ask(engine, database_url, "SELECT COUNT(*) FROM customer_features_data") == stored


@pytest.mark.usefixtures("first_run")
def test_the_export_has_them(engine: Engine, database_url: str) -> None:
    result = CliRunner().invoke(app, ["export", "--config", str(config_file(engine))], env=place(engine, database_url))
    rows = list(csv.DictReader(io.StringIO(result.stdout_bytes.decode(), newline="")))
    shown = {row["customer_unique_id"]: (int(row["r"]), int(row["f"]), int(row["m"]), row["rfm_group"]) for row in rows}
    assert shown == expected(engine, database_url)


@pytest.mark.usefixtures("first_run")
def test_cut_points_and_groups_of_ones_own(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """One customer has no recency, and so no score; the night after, the usual groups are back."""
    own = {
        "monetary": [50, 100, 100, 500],
        "groups": [{"name": "it's the best", "m": [4, 5]}, {"name": "new", "r": [5, 5], "f": [1, 2]}],
    }
    config = settings(engine, database_url, tmp_path, rfm=own)
    pipeline.run(config, None, history.new_run_id(), Steps("json"))
    [(best,)] = ask(engine, database_url, "SELECT COUNT(*) FROM customer_features WHERE monetary > 100")
    [(fives,)] = ask(engine, database_url, "SELECT COUNT(*) FROM customer_features WHERE monetary > 500")
    shown = found(engine, database_url).values()
    assert sum(name == "it's the best" for *_, name in shown) == best > 0
    assert sum(m == 5 for _, _, m, _ in shown) == fives > 0
    assert {name for *_, name in shown} == {"it's the best", "new", "Others"}
    pipeline.run(settings(engine, database_url, tmp_path), None, history.new_run_id(), Steps("json"))
    assert found(engine, database_url) == expected(engine, database_url)


def without_days(engine: Engine, url: str, folder: Path) -> Config:
    """With features of which one is of another type, and has no values."""
    own = folder / "features.sql"
    own.write_text(
        "SELECT customer_unique_id, 1.5 AS monetary, COUNT(*) AS frequency,"
        " CAST(NULL AS DECIMAL(9, 2)) AS recency_days FROM customers GROUP BY customer_unique_id"
    )
    axes = [{"column": "frequency", "transform": "log1p"}]
    return settings(
        engine, url, folder, features={"sql": own}, lifecycle={"max_moved": 1}, clustering={"k": 2, "features": axes}
    )


@on_servers
@pytest.mark.usefixtures("first_run")
def test_who_may_read_the_scores_still_may(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """With no right but that, after the features got other columns, and the view over them was made anew."""
    name = f"{urlsplit(database_url).path[1:]}_r"[-30:]
    ask(engine, database_url, engine.make_user.format(name))
    try:
        for view in ("customer_rfm", "customer_value"):
            ask(engine, database_url, f"GRANT SELECT ON {view} TO {name}")
        pipeline.run(without_days(engine, database_url, tmp_path), None, history.new_run_id(), Steps("json"))
        parts = urlsplit(database_url)
        theirs = parts._replace(netloc=f"{name}:secret@{parts.netloc.rpartition('@')[2]}").geturl()
        assert len(ask(engine, theirs, SCORES)) == len(ask(engine, database_url, SCORES)) > 1000
        assert ask(engine, theirs, "SELECT * FROM customer_value") == []  # which has no rows for so few
    finally:
        for statement in engine.drop_role(name):
            ask(engine, database_url, statement)


@pytest.mark.usefixtures("first_run")
def test_what_has_no_value_has_no_score(engine: Engine, database_url: str, tmp_path: Path) -> None:
    config = without_days(engine, database_url, tmp_path)
    pipeline.run(config, None, history.new_run_id(), Steps("json"))
    assert {row[1:] for row in ask(engine, database_url, SCORES) if row[1] is not None or row[4] is not None} == set()
    with closing(connect(config, read_only=True)) as database:
        page = Page(write(database, config)[0].read_text())
    assert "Nobody has a score: recency_days has no values." in page.text and "rfm-table" not in page.tables


def test_the_orders_of_the_r_package_rfm(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Its rfm_data_orders as a CSV file, with its own cut points and the grid of its version 0.2.

    https://cran.r-project.org/package=rfm; its data is not ours to hand on.
    """
    if not (orders := os.environ.get("RFM_ORDERS")):
        pytest.skip("RFM_ORDERS names no CSV file of the R package rfm's rfm_data_orders")
    with Path(orders).open(newline="") as stream:
        rows = [(row["customer_id"], row["order_date"], row["revenue"]) for row in csv.DictReader(stream)]
    kinds = "customer_id VARCHAR(99), order_date DATE, revenue DECIMAL(9, 2)"
    ask(engine, engine.job_place(database_url) if engine.has_server else database_url, f"CREATE TABLE bought ({kinds})")
    values = ", ".join(f"({engine.literal(id_)}, '{at}', {paid})" for id_, at, paid in rows)
    ask(engine, database_url, f"INSERT INTO bought VALUES {values}")
    own = tmp_path / "features.sql"
    days = (
        "DATEDIFF('2006-12-31', MAX(order_date))"
        if engine.dialect == "mysql"
        else ("CAST(CAST('2006-12-31' AS DATE) - MAX(order_date) AS INTEGER)")
    )
    own.write_text(
        "SELECT customer_id AS customer_unique_id, SUM(revenue) AS monetary, COUNT(*) AS frequency, "
        f"{days} AS recency_days FROM bought GROUP BY customer_id"
    )
    scores = {
        "recency_days": [114, 180, 297, 481],
        "frequency": [3, 4, 5, 7],
        "monetary": [255, 381, 506, 665],
        "groups": [{"name": "Champions", "r": [4, 5], "f": [4, 5], "m": [4, 5]}],
    }
    config = settings(engine, database_url, tmp_path, features={"sql": own}, rfm=scores, write_back=None)
    pipeline.run(config, None, history.new_run_id(), Steps("json"))
    told = ask(
        engine,
        database_url,
        "SELECT COUNT(*), SUM(frequency), SUM(monetary) FROM customer_features f JOIN customer_rfm s ON"
        " s.customer_unique_id = f.customer_unique_id WHERE rfm_group = 'Champions'",
    )
    assert [tuple(map(int, row)) for row in told] == [(158, 1_234, 120_178)]
