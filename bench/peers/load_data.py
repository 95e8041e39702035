"""MySQL's LOAD DATA LOCAL INFILE, table by table, in one session; an empty field is NULL.

    python bench/peers/load_data.py URL FOLDER

Into tables that are there, with their keys or without. Prints a line of JSON: the seconds.
"""

import json
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

import mysql.connector
from olist import TABLES, header


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
    columns = header(path)
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
