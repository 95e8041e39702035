"""The real Olist on every engine, against its known figures. Skipped where the file is not there."""

import json
import os
import pickle
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import servers
from engines.base import Engine
from engines.duckdb import ENGINE as DUCKDB
from shop import ask, configured, started
from sklearn.cluster import KMeans

from job import config, pipeline
from job.model import kmeans, resampled
from job.progress import Steps
from job.segmentation.grouping import select_points
from job.session import connect

ROOT = Path(__file__).parent.parent.parent
ZIP = Path(os.environ.get("OLIST_ZIP", ROOT.parent / "shared/data/olist/brazilian-ecommerce.zip"))
pytestmark = pytest.mark.skipif(not ZIP.exists(), reason="no Olist data: set OLIST_ZIP to its .zip")

ROWS = {
    "customers": 99_441,
    "sellers": 3_095,
    "products": 32_951,
    "product_category_name_translation": 71,
    "geolocation": 1_000_163,
    "orders": 99_441,
    "order_items": 112_650,
    "order_payments": 103_886,
    "order_reviews": 99_224,
}
SIZES = (33_301, 28_562, 21_919, 8_320, 2_888)  # of segments with an inertia of 18,784; lower ones are near it
INERTIA = 18_784


@dataclass
class Olist:
    """A database after two runs on Olist."""

    engine: Engine
    url: str
    before: list[tuple[Any, ...]]  # the labels after the first run
    log: dict[str, dict[str, Any]]  # of the second run, by event

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        return ask(self.engine, self.url, statement)


def log_of_run(engine: Engine, url: str) -> dict[str, dict[str, Any]]:
    with started(engine, url, ZIP, "--no-report") as process:
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    return {entry["event"]: entry for entry in map(json.loads, errors.splitlines())}


@pytest.fixture(scope="module")
def olist(engine: Engine) -> Iterator[Olist]:
    with servers.fresh_database(engine) as url:
        log_of_run(engine, url)
        before = ask(engine, url, LABELS)
        yield Olist(engine, url, before, log_of_run(engine, url))


LABELS = "SELECT * FROM customer_segments ORDER BY customer_unique_id"


def test_every_record_is_there(olist: Olist) -> None:
    assert {table: olist.ask(f"SELECT COUNT(*) FROM {table}")[0][0] for table in ROWS} == ROWS
    assert dict(olist.ask("SELECT table_name, loaded FROM loaded_files")) == ROWS


def test_known_figures(olist: Olist) -> None:
    [figures] = olist.ask("SELECT COUNT(*), SUM(monetary), MAX(frequency) FROM customer_features")
    assert figures == (94_990, Decimal("15739137.01"), 16)
    statement = "SELECT frequency, COUNT(*) FROM customer_features GROUP BY frequency ORDER BY frequency"
    assert olist.ask(statement)[:3] == [(1, 92_102), (2, 2_652), (3, 188)]
    assert olist.ask("SELECT SUM(payment_value) FROM order_payments") == [(Decimal("16008872.12"),)]


def test_every_customer_is_labelled(olist: Olist) -> None:
    sizes = dict(olist.ask("SELECT segment, COUNT(*) FROM customer_segments GROUP BY segment"))
    assert sum(sizes.values()) == 94_990
    assert sorted(sizes.values(), reverse=True) == pytest.approx(SIZES, rel=0.1)
    [(different,)] = olist.ask(
        "SELECT COUNT(*) FROM customers LEFT JOIN customer_segments USING (customer_unique_id)"
        " WHERE COALESCE(customers.segment, '') <> COALESCE(customer_segments.segment, '')"
    )
    assert different == 0


def test_inertia_is_at_or_below_a_fit_on_every_row(olist: Olist) -> None:
    """Computed from the labels alone: every customer's squares around its segment's mean."""
    rows = olist.ask(
        "SELECT monetary, frequency, segment FROM customer_features JOIN customer_segments USING (customer_unique_id)"
    )
    values = np.log1p(np.array([[float(spent), orders] for spent, orders, _ in rows]))
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    labels = np.array([segment for *_, segment in rows])
    within = [values[labels == segment] for segment in "ABCDE"]
    inertia = sum(((part - part.mean(axis=0)) ** 2).sum() for part in within)
    assert inertia <= INERTIA
    if olist.engine is DUCKDB:  # once is enough: the engines agree, as the next test shows
        assert inertia <= KMeans(5, n_init=10, random_state=0).fit(values).inertia_


def test_all_engines_agree(olist: Olist, run_folder: Path) -> None:
    """As far as they have been here: the last one meets all others."""
    statement = (
        "SELECT f.customer_unique_id, monetary, frequency, recency_days, first_order_at, last_order_at, order_days,"
        " segment, segment_name, model_id"
        " FROM customer_features f JOIN customer_segments s ON s.customer_unique_id = f.customer_unique_id"
    )
    found = sorted(olist.ask(statement))
    assert len(found) == 94_990
    part = run_folder / f"{olist.engine}.part"
    part.write_bytes(pickle.dumps(found))
    part.rename(run_folder / f"{olist.engine}.olist")
    for path in run_folder.glob("*.olist"):
        assert pickle.loads(path.read_bytes()) == found, path.name


def test_a_second_run_finds_nothing_to_do(olist: Olist) -> None:
    assert olist.ask(LABELS) == olist.before
    assert olist.ask("SELECT COUNT(DISTINCT run_id) FROM loaded_files") == [(1,)]
    assert olist.log["unchanged"]["rows"] == sum(ROWS.values())
    assert olist.log["as before"]["customers"] == 94_990
    assert olist.log["summary"]["warnings"] == []  # it could all be right
    assert olist.log.keys().isdisjoint({"copied", "load", "features", "model", "labels"})


def test_the_report_tells_of_everybody(olist: Olist, tmp_path: Path) -> None:
    settings = configured(olist.engine, olist.url)
    settings = settings.model_copy(update={"report": settings.report.model_copy(update={"folder": tmp_path})})
    page = pipeline.report(settings, Steps("json"))
    assert page and "R$15,739,137" in page.read_text() and "94,990" in page.read_text()
    assert page.stat().st_size < 260_000


@pytest.mark.parametrize("engine", [DUCKDB], indirect=True)  # others have the same points
def test_the_seed_does_not_matter(olist: Olist) -> None:
    settings = configured(olist.engine, olist.url)
    with closing(connect(settings)) as database:
        points = select_points(database, settings)
    labels = [kmeans.nearest(points, kmeans.fit(points, 5, seed)) for seed in range(1, 21)]
    found = [resampled.adjusted_rand(labels[0], other, points.customers) for other in labels[1:]]
    print(f"adjusted Rand index of seeds 2 to 20 with seed 1: at least {min(found):.4f}")
    assert min(found) >= 0.99


def test_the_notebooks_figures(tmp_path: Path) -> None:
    """Those published, and those that examples/notebook/README.md has."""
    shipped = config.read(ROOT / "examples/notebook/config.yaml")
    clusters = shipped.clustering.model_copy(update={"k": "auto", "k_range": (2, 9)})
    database = shipped.database.model_copy(update={"path": tmp_path / "notebook.duckdb"})
    features = shipped.features.model_copy(update={"sql": ROOT / "examples/notebook/features.sql"})
    settings = shipped.model_copy(update={"database": database, "features": features})
    found = pipeline.run(settings, ZIP, "five", Steps("json"))
    assert [segment.customers for segment in found] == [5_208, 10_080, 17_713, 24_814, 32_128]
    url = f"duckdb://{tmp_path}/notebook.duckdb"
    written = "SELECT segment, COUNT(*) FROM customers WHERE segment IS NOT NULL GROUP BY segment ORDER BY segment"
    assert ask(DUCKDB, url, written) == [(segment.segment, segment.customers) for segment in found]
    pipeline.run(settings.model_copy(update={"clustering": clusters}), ZIP, "all", Steps("json"))
    [(model,)] = ask(DUCKDB, url, "SELECT model FROM segment_models WHERE run_id = 'all'")
    inertias = [quality["inertia"] for quality in json.loads(model)["tried"]]
    published = [181.55e6, 83.20e6, 46.92e6, 30.28e6, 21.52e6, 15.75e6, 12.19e6, 9.57e6]
    assert inertias == pytest.approx(published, rel=0.0015)
    assert all(found <= told * 1.0001 for found, told in zip(inertias, published, strict=True))
    sql = (ROOT / "examples/notebook/features.sql").read_text()
    before, after = sql.split('WHERE "normalized_frequency" <= 1.18')
    assert after.strip() == 'AND "monetary" <= 400'
    figures = (
        "SELECT COUNT(*), ROUND(AVG(normalized_frequency), 6), ROUND(STDDEV_SAMP(normalized_frequency), 6),"
        " [ROUND(q, 6) FOR q IN QUANTILE_CONT(normalized_frequency, [0.25, 0.5, 0.75])],"
        " ROUND(MAX(normalized_frequency), 6),"
        " LIST(monetary ORDER BY monetary DESC)[:3] FROM"
    )
    [row] = ask(DUCKDB, url, f"{figures} ({before})")
    quartiles, largest = [0.164398, 0.314123, 0.500727], [Decimal("13664.08"), Decimal("7274.88"), Decimal("6929.31")]
    assert row == (96_485, 0.353013, 0.290259, quartiles, 16.338439, largest)
