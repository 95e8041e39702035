"""Spark ML: tables over JDBC, features by DataFrames, Spark's KMeans, labels over JDBC and one UPDATE.

    python bench/peers/spark.py URL [--k-range 2 9] [--starts 10] [--jdbc /usr/share/java/postgresql.jar]

A user of Spark reads each table in two parts at once, caches the standardized features, fits k-means|| for each k, to
scikit-learn's iterations and tolerance, and writes the labels of k=5 into a table, from which one UPDATE takes them
into customers.segment. Spark's KMeans has no n_init, and one start is not enough: on Olist seed 1 ends at 1.11 times
the inertia of k=5 and 1.29 times that of k=2, so the best of --starts seeds is taken. It needs Java 17 and
PostgreSQL's JDBC driver (Debian: libpostgresql-jdbc-java). Prints a line of JSON: seconds to read (with the features),
fit and write; those to start Spark, which are in none of these, as imports are not; customers, their monetary and
frequency, the inertia of each k, and the customers that each letter has in the database afterwards.
"""

import argparse
import json
import time
from contextlib import closing
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg2
from pyspark.ml.clustering import KMeans
from pyspark.ml.feature import StandardScaler, VectorAssembler
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

K = 5
CORES = 2
FIRST_HALF = "8"  # of ids, which are hexadecimal
UPDATE = """UPDATE customers SET segment = bench_spark_label.segment FROM bench_spark_label
WHERE bench_spark_label.customer_unique_id = customers.customer_unique_id"""
COUNT = """SELECT segment, COUNT(DISTINCT customer_unique_id) FROM customers
WHERE segment IS NOT NULL GROUP BY segment ORDER BY segment"""


def main() -> None:
    """Read, fit, write; print the answer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--k-range", type=int, nargs=2, default=(2, 9), metavar=("FIRST", "LAST"))
    parser.add_argument("--starts", type=int, default=10)
    parser.add_argument("--jdbc", default="/usr/share/java/postgresql.jar", metavar="PATH")
    options = parser.parse_args()
    first, last = options.k_range
    if not first <= K <= last:
        parser.error(f"--k-range must hold {K}")
    start = time.perf_counter()
    spark = session(options.jdbc)
    started = time.perf_counter()
    points = standardized(features(spark, options.url)).cache()
    total = points.agg(F.count("*"), F.sum("monetary"), F.sum("frequency")).first()
    read = time.perf_counter()
    models = {k: best(points, k, options.starts) for k in range(first, last + 1)}
    fitted = time.perf_counter()
    write(options.url, lettered(models[K].transform(points)))
    written = time.perf_counter()
    with closing(psycopg2.connect(options.url)) as connection, connection.cursor() as cursor:
        cursor.execute(COUNT)
        segments = dict(cursor.fetchall())
    customers, monetary, frequency = total
    # Spark's StandardScaler divides by the sample's deviation: larger units than the population's.
    larger = customers / (customers - 1)
    answer = {
        "seconds": {"read": read - started, "fit": fitted - read, "write": written - fitted},
        "start": started - start,
        "customers": customers,
        "monetary": float(monetary),
        "frequency": frequency,
        "inertia": {k: model.summary.trainingCost * larger for k, model in models.items()},
        "segments": segments,
    }
    spark.stop()
    print(json.dumps(answer))


def session(driver: str) -> Any:
    """Return Spark on this machine's cores; a shuffle of this size needs no more parts than these."""
    return (
        SparkSession.builder.master(f"local[{CORES}]")
        .config("spark.driver.memory", "8g")
        .config("spark.jars", driver)
        .config("spark.sql.shuffle.partitions", CORES)
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )


def place(url: str) -> tuple[str, dict[str, str]]:
    """Return the JDBC URL and the properties of a postgresql:// URL."""
    parts = urlsplit(url)
    properties = {
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "driver": "org.postgresql.Driver",
        "fetchsize": "10000",
        "batchsize": "10000",
        "reWriteBatchedInserts": "true",
    }
    return f"jdbc:postgresql://{parts.hostname}:{parts.port or 5432}{parts.path}", properties


def features(spark: Any, url: str) -> DataFrame:
    """Return customer_unique_id, monetary and frequency of those with an order that counts."""
    jdbc, properties = place(url)

    def table(name: str, key: str) -> DataFrame:
        halves = [f"{key} < '{FIRST_HALF}'", f"{key} >= '{FIRST_HALF}'"]
        return spark.read.jdbc(jdbc, name, predicates=halves, properties=properties)

    orders = table("orders", "order_id").where(~F.col("order_status").isin("canceled", "unavailable"))
    paid = table("order_payments", "order_id").groupBy("order_id").agg(F.sum("payment_value").alias("paid"))
    return (
        orders.join(table("customers", "customer_id"), "customer_id")
        .join(paid, "order_id", "left")
        .groupBy("customer_unique_id")
        .agg(F.coalesce(F.sum("paid"), F.lit(0)).alias("monetary"), F.count("*").alias("frequency"))
    )


def standardized(customers: DataFrame) -> DataFrame:
    """Add the vector "features": log1p of monetary and frequency, standardized."""
    logs = customers.withColumns({f"log_{name}": F.log1p(name) for name in ("monetary", "frequency")}).cache()
    assembled = VectorAssembler(inputCols=["log_monetary", "log_frequency"], outputCol="logs").transform(logs)
    scaler = StandardScaler(inputCol="logs", outputCol="features", withMean=True, withStd=True)
    return scaler.fit(assembled).transform(assembled).select("customer_unique_id", "monetary", "frequency", "features")


def best(points: DataFrame, k: int, starts: int) -> Any:
    """Return the model with the lowest inertia."""
    kmeans = KMeans(k=k, initMode="k-means||", maxIter=300, tol=1e-4)
    tried = (kmeans.setSeed(seed).fit(points) for seed in range(1, starts + 1))
    return min(tried, key=lambda model: model.summary.trainingCost)


def lettered(customers: DataFrame) -> DataFrame:
    """Return customer_unique_id and segment: A has the highest mean of monetary."""
    by_mean = customers.groupBy("prediction").agg(F.avg("monetary").alias("mean")).orderBy(F.desc("mean")).collect()
    letters = [F.lit(part) for i, row in enumerate(by_mean) for part in (row["prediction"], "ABCDE"[i])]
    return customers.select("customer_unique_id", F.create_map(*letters)[F.col("prediction")].alias("segment"))


def write(url: str, labels: DataFrame) -> None:
    """Write each customer's letter into customers.segment."""
    jdbc, properties = place(url)
    labels.write.jdbc(jdbc, "bench_spark_label", mode="overwrite", properties=properties)
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(UPDATE)
        cursor.execute("DROP TABLE bench_spark_label")


if __name__ == "__main__":
    main()
