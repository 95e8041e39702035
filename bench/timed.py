"""Run a command and write what it took: seconds, cpu (seconds) and memory (peak, MB), as JSON.

    python bench/timed.py FILE COMMAND ...

A process of its own, since a peak counts what the process was before it became the command: the one that measures has
all of pandas in memory.
"""

import json
import os
import sys
import time
from pathlib import Path


def main(target: str, command: list[str]) -> int:
    """Return the command's exit code."""
    started = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    figures = {
        "seconds": time.perf_counter() - started,
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss / 1024,
    }
    Path(target).write_text(json.dumps(figures))
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
