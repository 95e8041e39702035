"""The process's temporary folder: it goes when the process ends, and where it was killed, at the next run."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import IO

from job.errors import ConfigError
from job.files import locked_folder

PREFIX = "clientela-"


@cache
def folder() -> Path:
    """Return the folder; the first call makes it, and removes those that killed processes have left behind."""
    try:
        made, lock = locked_folder(Path(tempfile.gettempdir()), PREFIX, f".{PREFIX}")
    except OSError as error:
        raise ConfigError(f"no temporary folder can be made ({error.strerror}); name one in TMPDIR") from error
    atexit.register(_remove, made, lock)
    return made


def _remove(made: Path, lock: IO[str]) -> None:
    shutil.rmtree(made, ignore_errors=True)
    lock.close()
