"""dlt: the files as Arrow tables, CSV as the loader's format, which PostgreSQL's destination takes by COPY.

    python bench/peers/dlt_load.py URL FOLDER

dlt makes its tables itself, without keys, in the schema bench_dlt: what it saves by that is to its credit. Its state
is in a temporary folder. Prints a line of JSON: the seconds.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from olist import TABLES, header


def main(url: str, folder: Path, state: str) -> None:
    """Load and print."""
    os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": state, "NORMALIZE__WORKERS": "2"}
    import dlt

    pipeline = dlt.pipeline(
        "bench", destination=dlt.destinations.postgres(url), dataset_name="bench_dlt", pipelines_dir=state
    )
    started = time.perf_counter()
    resources = [dlt.resource(batches(folder / name), name=table) for table, name in TABLES.items()]
    pipeline.run(resources, write_disposition="replace", loader_file_format="csv").raise_on_failed_jobs()
    print(json.dumps({"seconds": time.perf_counter() - started}))


def batches(path: Path) -> Iterator[Any]:
    """Yield the file in Arrow's record batches; zip codes are text, since they have leading zeros."""
    import pyarrow as pa
    from pyarrow import csv

    zips = {column: pa.string() for column in header(path) if column.endswith("zip_code_prefix")}
    yield from csv.open_csv(
        path,
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(column_types=zips, strings_can_be_null=True),
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        main(sys.argv[1], Path(sys.argv[2]), temporary)
