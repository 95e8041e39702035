"""Entry point: `clientela`, and `python -m job`."""

import os
import sys
from pathlib import Path

from job import interrupt
from job.errors import Interrupted

# The fit is done by one thread; without this, NumPy would start one for every core of the host as it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> None:
    """Run the command line of this process; never returns."""
    interrupt.install()
    try:
        from job.cli import app

        app(prog_name="python -m job" if Path(sys.argv[0]).name == "__main__.py" else "clientela")
    except Interrupted as error:  # before a command had begun
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
