"""The job's code knows no shop: what is Olist's stands in sql/, config/ and the sample shop."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
OWN = {"customer_unique_id"}  # the key of the job's own tables


def olists_names() -> set[str]:
    """Of tables and columns, but for plain words such as `orders`."""
    schemas = [path.read_text() for path in (ROOT / "sql").glob("*/schema.sql")]
    return {name for schema in schemas for name in re.findall(r'"(\w+_\w+)"', schema)} - OWN


def named(code: str) -> list[str]:
    return sorted(olists_names().intersection(re.findall(r"\w+", code))) + re.findall(r"\bolist_\w*", code)


def test_no_module_names_a_table_or_column_of_olists() -> None:
    modules = [path for path in (ROOT / "job").rglob("*.py") if path.name != "sample.py"]
    found = {str(path): names for path in modules if (names := named(path.read_text()))}
    assert found == {}


def test_such_names_would_be_found() -> None:
    assert {"order_payments", "order_id", "customer_zip_code_prefix"} <= olists_names()
    assert named((ROOT / "job/setup/sample.py").read_text())
    assert named('open("olist_orders_dataset.csv")') == ["olist_orders_dataset"]
