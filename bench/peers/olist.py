"""The shop's tables and their files, parents first, for the peers that load them."""

import csv
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


def header(path: Path) -> list[str]:
    """Return the columns that the file's first line names."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return next(csv.reader(stream))
