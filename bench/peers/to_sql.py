"""pandas: read_csv and DataFrame.to_sql, through SQLAlchemy.

    python bench/peers/to_sql.py URL FOLDER [--multi]

Into tables that are there, with their keys, on PostgreSQL or MySQL; with --multi by INSERTs of many rows that pandas
writes, else in SQLAlchemy's batches. Zip codes are read as text, since they have leading zeros, times as such, and
nothing but an empty field as NULL. Prints a line of JSON: the seconds.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy
from olist import TABLES, header

TIMES = ("_at", "_date", "_timestamp")
ROWS = 2_000  # of an INSERT: PostgreSQL takes 65,535 values, and more rows are no faster


DRIVERS = {"mysql": "mysql+mysqlconnector", "postgresql": "postgresql+psycopg2"}


def main() -> None:
    """Load and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--multi", action="store_true")
    options = parser.parse_args()
    folder, (scheme, _, place) = options.folder, options.url.partition("://")
    engine = sqlalchemy.create_engine(f"{DRIVERS[scheme]}://{place}")
    how: dict[str, Any] = {"method": "multi", "chunksize": ROWS} if options.multi else {}
    started = time.perf_counter()
    with engine.begin() as connection:
        for table, name in TABLES.items():
            columns = header(folder / name)
            frame = pd.read_csv(
                folder / name,
                dtype={column: str for column in columns if column.endswith("zip_code_prefix")},
                parse_dates=[column for column in columns if column.endswith(TIMES)],
                keep_default_na=False,
                na_values=[""],
            )
            frame.to_sql(table, connection, if_exists="append", index=False, **how)
    print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main()
