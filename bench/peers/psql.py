"""psql's \\copy, table by table, in one session.

    python bench/peers/psql.py URL FOLDER

Into tables that are there, with their keys or without. Prints a line of JSON: the seconds.
"""

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

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
    commands = []
    for table, name in TABLES.items():
        with (folder / name).open(encoding="utf-8-sig", newline="") as stream:
            columns = ", ".join(next(csv.reader(stream)))
        commands.append(f"\\copy {table} ({columns}) from '{folder / name}' with (format csv, header)")
    started = time.perf_counter()
    subprocess.run(["psql", url, "-q", "-v", "ON_ERROR_STOP=1"], input="\n".join(commands), text=True, check=True)
    print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
