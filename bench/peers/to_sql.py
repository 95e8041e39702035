"""pandas: read_csv and DataFrame.to_sql with many rows to an INSERT, through SQLAlchemy.

    python bench/peers/to_sql.py URL FOLDER

Into tables that are there, with their keys, on PostgreSQL or MySQL. Zip codes are read as text, since they have leading
zeros, and times as such. Prints a line of JSON: the seconds.
"""

import json
import sys
import time
from pathlib import Path

import pandas as pd
import sqlalchemy

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
TIMES = ("_at", "_date", "_timestamp")
ROWS = 2_000  # of an INSERT: PostgreSQL takes 65,535 values, and more rows are no faster


def main(url: str, folder: Path) -> None:
    """Load and print."""
    engine = sqlalchemy.create_engine(url.replace("mysql://", "mysql+mysqlconnector://"))
    started = time.perf_counter()
    with engine.begin() as connection:
        for table, name in TABLES.items():
            header = pd.read_csv(folder / name, nrows=0).columns
            frame = pd.read_csv(
                folder / name,
                dtype={column: str for column in header if column.endswith("zip_code_prefix")},
                parse_dates=[column for column in header if column.endswith(TIMES)],
            )
            frame.to_sql(table, connection, if_exists="append", index=False, method="multi", chunksize=ROWS)
    print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
