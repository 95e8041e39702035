"""Entry point: python -m job."""

import os
import sys

from job import interrupt
from job.errors import Interrupted

# The fit is done by one thread; without this, NumPy would start one for every core of the host as it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if __name__ == "__main__":
    interrupt.install()
    try:
        from job.cli import app

        app(prog_name="python -m job")
    except Interrupted as error:  # before a command had begun
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
