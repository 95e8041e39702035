"""The notebook's way: rows into pandas, features by merge and groupby, scikit-learn's KMeans, labels by psycopg2.

    python bench/peers/notebook.py URL [--k-range 2 9] [--mini-batch] [--write updates|executemany|copy]

A user who knows pandas reads the tables' rows (the columns that count), fits KMeans on every customer for each k, and
writes the letters of k=5 into customers.segment, in one transaction: by an UPDATE per customer, by executemany of the
same, or by COPY into a temporary table and one UPDATE. With --mini-batch the fits are MiniBatchKMeans', where nearly
the answer will do: on Olist the inertia of k=5 ends 0.4 % above KMeans', that of k=9 59 %. Prints a line of JSON:
seconds to read (with the features), fit and write; customers, their monetary and frequency, the inertia of each k, and
the customers that each letter has in the database afterwards.
"""

import argparse
import io
import json
import time
from contextlib import closing

import numpy as np
import pandas as pd
import psycopg2
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.preprocessing import StandardScaler

K = 5
UPDATE = "UPDATE customers SET segment = %s WHERE customer_unique_id = %s"
COUNT = """SELECT segment, COUNT(DISTINCT customer_unique_id) FROM customers
WHERE segment IS NOT NULL GROUP BY segment ORDER BY segment"""


def main() -> None:
    """Read, fit, write; print the answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--k-range", type=int, nargs=2, default=(2, 9), metavar=("FIRST", "LAST"))
    parser.add_argument("--mini-batch", action="store_true")
    parser.add_argument("--write", choices=["updates", "executemany", "copy"], default="updates")
    options = parser.parse_args()
    first, last = options.k_range
    if not first <= K <= last:
        parser.error(f"--k-range must hold {K}")
    with closing(psycopg2.connect(options.url)) as connection:
        started = time.perf_counter()
        customers = features(connection)
        read = time.perf_counter()
        points = StandardScaler().fit_transform(np.log1p(customers[["monetary", "frequency"]]))
        kind = MiniBatchKMeans if options.mini_batch else KMeans
        models = {k: kind(k, n_init=10, random_state=1).fit(points) for k in range(first, last + 1)}
        fitted = time.perf_counter()
        customers["cluster"] = models[K].labels_
        best_first = customers.groupby("cluster")["monetary"].mean().sort_values(ascending=False).index
        customers["segment"] = customers["cluster"].map({cluster: "ABCDE"[i] for i, cluster in enumerate(best_first)})
        write(connection, customers["segment"], options.write)
        written = time.perf_counter()
        cursor = connection.cursor()
        cursor.execute(COUNT)
        segments = dict(cursor.fetchall())
    answer = {
        "seconds": {"read": read - started, "fit": fitted - read, "write": written - fitted},
        "customers": len(customers),
        "monetary": round(float(customers["monetary"].sum()), 2),
        "frequency": int(customers["frequency"].sum()),
        "inertia": {k: float(model.inertia_) for k, model in models.items()},
        "segments": segments,
    }
    print(json.dumps(answer))


def features(connection: psycopg2.extensions.connection) -> pd.DataFrame:
    """Return monetary and frequency of each customer_unique_id with an order that counts."""
    customers = pd.read_sql("SELECT customer_id, customer_unique_id FROM customers", connection)
    orders = pd.read_sql("SELECT order_id, customer_id, order_status FROM orders", connection)
    payments = pd.read_sql("SELECT order_id, payment_value FROM order_payments", connection)
    paid = payments.groupby("order_id")["payment_value"].sum().rename("paid")
    counted = orders[~orders["order_status"].isin(["canceled", "unavailable"])]
    joined = counted.merge(customers, on="customer_id").merge(paid, on="order_id", how="left")
    return joined.groupby("customer_unique_id").agg(monetary=("paid", "sum"), frequency=("order_id", "count"))


def write(connection: psycopg2.extensions.connection, segment: "pd.Series[str]", way: str) -> None:
    """Write each customer's letter into customers.segment, in one transaction."""
    cursor = connection.cursor()
    letters = zip(segment, segment.index, strict=True)
    if way == "updates":
        for letter in letters:
            cursor.execute(UPDATE, letter)
    elif way == "executemany":
        cursor.executemany(UPDATE, letters)
    else:
        cursor.execute("CREATE TEMPORARY TABLE label (customer_unique_id VARCHAR(32), segment VARCHAR(1))")
        cursor.copy_expert("COPY label FROM STDIN WITH (FORMAT csv)", io.StringIO(segment.to_csv(header=False)))
        cursor.execute(
            "UPDATE customers SET segment = label.segment FROM label"
            " WHERE label.customer_unique_id = customers.customer_unique_id"
        )
    connection.commit()


if __name__ == "__main__":
    main()
