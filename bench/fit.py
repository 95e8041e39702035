"""The fit on points against scikit-learn's KMeans on every row: inertia over all customers, time and memory.

    python bench/fit.py [--customers 1000000] [--columns 2 3 4] [--k 2 3 4 5 6 7 8 9 10] [--olist FOLDER]

The shops are synthetic features in a DuckDB file; with --olist, also those of the Olist CSV files in FOLDER, by the
shipped config. The job's side selects points in SQL and fits them as a run does; the other reads every row into NumPy,
scaled alike, and fits with n_init=10. Each side of a shop is a process of its own; inertias are those of all customers.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from engines.duckdb import ENGINE as DUCKDB  # noqa: E402
from shop import configured, run  # noqa: E402

from job.config import Config  # noqa: E402
from job.model import kmeans, quality  # noqa: E402
from job.segmentation import fitting, grouping  # noqa: E402
from job.session import connect  # noqa: E402

AXES = (
    {"column": "monetary", "transform": "log1p"},
    {"column": "frequency", "transform": "log1p"},
    {"column": "recency_days"},
    {"column": "review_score"},
)
FEATURES = """
CREATE TABLE customer_features AS
SELECT
    CAST(number AS VARCHAR) AS customer_unique_id,
    CAST(ROUND(EXP(4.6 + 0.9 * SQRT(-2 * LN(1 - u)) * COS(6.283185307179586 * v)) * frequency, 2) AS DECIMAL(18, 2))
        AS monetary,
    CAST(frequency AS INTEGER) AS frequency,
    CAST(FLOOR(720 * SQRT(w)) AS INTEGER) AS recency_days,
    ROUND(5 - 4 * x * x, 2) AS review_score
FROM (
    SELECT number, RANDOM() AS u, RANDOM() AS v, RANDOM() AS w, RANDOM() AS x,
        1 + FLOOR(LN(1 - RANDOM()) / LN(0.04)) AS frequency
    FROM RANGE({customers}) AS numbers(number)
)
"""


def main() -> None:
    """Print a table per shop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, nargs="+", default=[2, 3, 4])
    parser.add_argument("--k", type=int, nargs="+", default=list(range(2, 11)))
    parser.add_argument("--olist", type=Path)
    parser.add_argument("--side", choices=["job", "rows"], help=argparse.SUPPRESS)
    parser.add_argument("--database", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        work = on_points if options.side == "job" else on_rows
        print(json.dumps(work(settings(options.database, options.columns[0]), options.k)))
        return
    with tempfile.TemporaryDirectory() as folder:
        if options.olist:
            path = Path(folder) / "olist.duckdb"
            run(DUCKDB, f"duckdb://{path}", options.olist)
            compared("Olist, 2 columns", path, 2, options.k)
        path = synthetic(Path(folder), options.customers)
        for columns in options.columns:
            compared(f"{options.customers:,} customers, {columns} columns", path, columns, options.k)


def both_sides(customers: int, columns: int, ks: list[int]) -> tuple[Any, Any]:
    """Return what the job's side and the other find on so many synthetic customers."""
    with tempfile.TemporaryDirectory() as folder:
        path = synthetic(Path(folder), customers)
        return side("job", path, columns, ks), side("rows", path, columns, ks)


def synthetic(folder: Path, customers: int) -> Path:
    """Make a DuckDB file with the features of so many customers."""
    path = folder / "synthetic.duckdb"
    with closing(duckdb.connect(path)) as database:
        database.execute("SET threads = 1")
        database.execute("SELECT SETSEED(0.5)")
        database.execute(FEATURES.format(customers=customers))
    return path


def settings(path: Path, columns: int) -> Config:
    """Return the shipped config on the file, with so many of AXES."""
    return configured(DUCKDB, f"duckdb://{path}", features=list(AXES[:columns]))


def compared(title: str, path: Path, columns: int, ks: list[int]) -> None:
    """Run both sides and print them beside each other."""
    print(f"\n{title}", flush=True)
    ours, theirs = (side(name, path, columns, ks) for name in ("job", "rows"))
    print(f"  points {ours['points']:,}, selected in {ours['reading']:.1f} s; rows read in {theirs['reading']:.1f} s")
    print("   k  inertia, points     every row   ratio      s, points  every row  faster  bound  passes")
    for k, one, other in zip(ks, ours["fits"], theirs["fits"], strict=True):
        print(
            f"  {k:2}  {one['inertia']:15,.2f} {other['inertia']:13,.2f}  {one['inertia'] / other['inertia']:.6f}"
            f"  {one['seconds']:9.2f} {other['seconds']:9.1f} {other['seconds'] / one['seconds']:7.0f}"
            f"  {one['bound']:.0e} {one['passes']:4}"
        )
    took = [side["reading"] + sum(fit["seconds"] for fit in side["fits"]) for side in (ours, theirs)]
    print(
        f"  all: {took[0]:.1f} s against {took[1]:.1f} s, {took[1] / took[0]:.0f} times faster;"
        f" peak memory {ours['memory']:,.0f} MB against {theirs['memory']:,.0f} MB",
        flush=True,
    )


def side(name: str, path: Path, columns: int, ks: list[int]) -> Any:
    """Return what the process of one side prints."""
    command = [sys.executable, __file__, "--side", name, "--database", path, "--columns", columns, "--k", *ks]
    done = subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def on_points(config: Config, ks: list[int]) -> dict[str, Any]:
    """Fit every k as a run does; return inertias, seconds, and what else the table shows."""
    import pandas as pd  # noqa: F401
    import sklearn.cluster  # noqa: F401

    started = time.perf_counter()
    with closing(connect(config)) as database:
        points = grouping.select_points(database, config)
        reading, fits = time.perf_counter() - started, []
        for k in ks:
            started = time.perf_counter()
            centroids = kmeans.fit(points, k, config.clustering.seed)
            inertia, passes = kmeans.inertia_of(points, centroids), 0
            seconds = time.perf_counter() - started
            bound = quality.error_bound(points, centroids)  # which a run asks of the chosen k alone
            if bound > fitting.MAX_ERROR:
                started = time.perf_counter()
                _, inertia, passes = fitting.refined(database, points, centroids, None)
                seconds += time.perf_counter() - started
            fits.append({"inertia": inertia, "seconds": seconds, "bound": bound, "passes": passes})
    return {"points": len(points), "reading": reading, "fits": fits, "memory": memory()}


def on_rows(config: Config, ks: list[int]) -> dict[str, Any]:
    """Fit every k on all customers, held in memory."""
    import numpy as np
    from sklearn.cluster import KMeans

    started = time.perf_counter()
    with closing(connect(config, read_only=True)) as database:
        points = grouping.select_points(database, config)  # for the scales alone
        columns = ", ".join(axis.column for axis in points.axes)
        rows = database.connection.execute(f"SELECT {columns} FROM customer_features").fetchnumpy()
    scaled = []
    for axis in points.axes:
        values = np.asarray(rows[axis.column], dtype=float)
        scaled.append(((np.log1p(values) if axis.transform == "log1p" else values) - axis.centre) / axis.scale)
    places = np.column_stack(scaled)
    reading, fits = time.perf_counter() - started, []
    for k in ks:
        started = time.perf_counter()
        inertia = float(KMeans(k, n_init=10, random_state=0).fit(places).inertia_)
        fits.append({"inertia": inertia, "seconds": time.perf_counter() - started})
    return {"reading": reading, "fits": fits, "memory": memory()}


def memory() -> float:
    """Return this process's peak in MB; getrusage would count the parent's, too."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main()
