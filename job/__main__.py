"""Entry point: `clientela`, and `python -m job`."""

import atexit
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from job import interrupt
from job.errors import Interrupted

# The fit is done by one thread; without this, NumPy would start one for every core of the host as it is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> NoReturn:
    """Run the command line of this process; never returns."""
    interrupt.install()
    try:
        from job.cli import app

        app(prog_name="python -m job" if Path(sys.argv[0]).name == "__main__.py" else "clientela")
    except SystemExit as end:
        _end(end.code if isinstance(end.code, int) else int(end.code is not None))
    except Interrupted as error:  # before a command had begun
        print(f"error: {error}", file=sys.stderr)
        _end(error.exit_code)
    _end(0)


def _end(code: int) -> NoReturn:
    """End the process, tidied up, but without Python's own end.

    There, the reader of the files would list line by line what an interrupted load still holds.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # whoever read it has ended
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
