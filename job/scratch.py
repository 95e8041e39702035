"""The process's temporary folder: it goes when the process ends, and where it was killed, at the next run."""

import atexit
import fcntl
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

from job.errors import ConfigError

PREFIX = "clientela-"


@cache
def folder() -> Path:
    """Return the folder; the first call makes it, and removes those that killed processes have left behind.

    A process holds a lock on its folder, which ends with it.
    """
    try:
        hidden = Path(tempfile.mkdtemp(prefix=f".{PREFIX}"))  # until it is locked: another process may be tidying up
    except OSError as error:
        raise ConfigError(f"no temporary folder can be made ({error.strerror}); name one in TMPDIR") from error
    for left in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError), (left / "lock").open() as lock:  # somebody else's, or in use
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
    lock = (hidden / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    made = hidden.rename(hidden.with_name(hidden.name.removeprefix(".")))
    atexit.register(_remove, made, lock)
    return made


def _remove(made: Path, lock: IO[str]) -> None:
    shutil.rmtree(made, ignore_errors=True)
    lock.close()
