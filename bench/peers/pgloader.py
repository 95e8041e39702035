"""pgloader (Debian: pgloader), a LOAD CSV command per file.

    python bench/peers/pgloader.py URL FOLDER

Into tables that are there, with their keys. Prints a line of JSON: the seconds.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from olist import TABLES, header

COMMAND = """LOAD CSV FROM '{path}' WITH ENCODING UTF-8 ({columns})
INTO {url} TARGET TABLE {table} ({columns})
WITH skip header = 1, fields optionally enclosed by '"', fields escaped by double-quote, fields terminated by ',',
keep unquoted blanks;
"""


def main(url: str, folder: Path) -> None:
    """Load and print."""
    if shutil.which("pgloader") is None:
        sys.exit("pgloader is not installed (Debian: apt-get install pgloader)")
    with tempfile.TemporaryDirectory() as state:
        started = time.perf_counter()
        for table, name in TABLES.items():
            path = (folder / name).resolve()
            columns = ", ".join(header(path))
            with path.open("rb") as raw:
                if raw.readline().endswith(b"\r\n"):  # the last field would keep the CR
                    path = Path(state) / name
                    path.write_bytes((folder / name).read_bytes().replace(b"\r\n", b"\n"))
            command = COMMAND.format(path=path, columns=columns, url=url, table=table)
            script = Path(state) / f"{table}.load"
            script.write_text(command)
            subprocess.run(["pgloader", "--on-error-stop", "--root-dir", state, script], check=True, stdout=sys.stderr)
        print(json.dumps({"seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
