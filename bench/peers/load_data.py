"""MySQL's LOAD DATA LOCAL INFILE, table by table, in one session; an empty field is NULL.

    python bench/peers/load_data.py URL FOLDER

Into tables that are there, with their keys or without. Prints a line of JSON: the seconds.
"""

import csv
import json
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

import mysql.connector

TABLES = {
    "customers": "olist_customers_dataset.csv",
    "sellers": "olist_sellers_dataset.csv",
    "products": "olist_products_dataset.csv",
    "product_category_name_translation": "product_category_name_translation.csv",
    "orders": "olist_orders_dataset.csv",
    "order_items": "olist_order_items_dataset.csv",
    "order_payments": "olist_order_payments_dataset.csv",
    "geolocation": "olist_geolocation_dataset.csv",
    "order_reviews": "olist_order_reviews_dataset.csv",
}


def main(url: str, folder: Path) -> None:
    """Load and print."""
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
        started = time.perf_counter()
        for table, name in TABLES.items():
            connection.cursor().execute(statement(table, folder / name))
            connection.commit()
        print(json.dumps({"seconds": time.perf_counter() - started}))


def statement(table: str, path: Path) -> str:
    """Return the LOAD DATA for a file, in the order of its header."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        columns = next(csv.reader(stream))
    with path.open("rb") as raw:
        line_end = "\\r\\n" if raw.readline().endswith(b"\r\n") else "\\n"
    return (
        f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE {table} CHARACTER SET utf8mb4"
        " FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"' ESCAPED BY ''"
        f" LINES TERMINATED BY '{line_end}' IGNORE 1 LINES"
        f" ({', '.join(f'@{column}' for column in columns)})"
        f" SET {', '.join(f'''{column} = NULLIF(@{column}, '')''' for column in columns)}"
    )


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
