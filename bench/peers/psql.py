"""psql's \\copy, table by table, in one session.

    python bench/peers/psql.py URL FOLDER

Into tables that are there, with their keys or without. Prints a line of JSON: the seconds.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from olist import TABLES, header


def main(url: str, folder: Path) -> None:
    """Load and print."""
    commands = []
    for table, name in TABLES.items():
        columns = ", ".join(header(folder / name))
        commands.append(f"\\copy {table} ({columns}) from '{folder / name}' with (format csv, header)")
    started = time.perf_counter()
    subprocess.run(["psql", url, "-q", "-v", "ON_ERROR_STOP=1"], input="\n".join(commands), text=True, check=True)
    print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
