"""Entry point: python -m job."""

import os

from job import interrupt

# The fit is done by one thread; without this, NumPy would start one for every core of the host as it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if __name__ == "__main__":
    interrupt.install()

    from job.cli import app

    app(prog_name="python -m job")
