"""A file is there whole, or as it was before: new content goes to a draft beside it, which then takes its place.

A draft is in a hidden folder in the file's own, as a rename is atomic only within one file system. A process holds a
lock on that folder, which ends with it: so what a killed process has left is known, and goes with the next draft there.
"""

import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

DRAFTS, MADE = ".clientela-draft-", ".clientela-made-"


@contextmanager
def private() -> Iterator[None]:
    """What the block makes, whoever writes it, is for the user alone: files 0600, folders 0700."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def mode_of(path: Path, shared: bool = False) -> int:
    """Return who may do what with the file: as now, where it is there, else the user alone.

    Where a folder is a group's (its setgid bit), so is what is new in it. shared: whoever may read the folder may read
    what is new in it.
    """
    with suppress(FileNotFoundError):
        return stat.S_IMODE(path.stat().st_mode)
    folder = path.parent.stat().st_mode
    return 0o600 | (folder & 0o060 if folder & stat.S_ISGID else 0) | (folder & 0o044 if shared else 0)


def locked_folder(parent: Path, prefix: str, made: str) -> tuple[Path, IO[str]]:
    """Make a folder with a lock that this process holds; return both. Raises OSError.

    prefix: of its name. made: of the name that it has until it is locked, as another process may be tidying up.
    """
    hidden = Path(tempfile.mkdtemp(prefix=made, dir=parent))
    tidy(parent, prefix)
    lock = (hidden / "lock").open("w")
    with suppress(OSError):  # where files have no locks
        fcntl.flock(lock, fcntl.LOCK_EX)
    return hidden.rename(hidden.with_name(prefix + hidden.name.removeprefix(made))), lock


def tidy(parent: Path, prefix: str = DRAFTS) -> None:
    """Remove the locked folders that killed processes have left behind."""
    for left in parent.glob(f"{prefix}*"):
        with suppress(OSError), (left / "lock").open() as lock:  # somebody else's, or in use
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def replaced(path: Path, shared: bool = False) -> Iterator[Path]:
    """Give the path to write the file's new content to; at the end of the block that becomes the file.

    Makes the folder where it is missing. shared: as for `mode_of`. When the block raises, the file stays as it was.
    Raises OSError.
    """
    drafts = Drafts()
    try:
        yield drafts.of(path)
        drafts.publish(shared)
    except BaseException:
        drafts.discard()
        raise


class Drafts:
    """Several files that are written now, and take their places later or not at all."""

    def __init__(self) -> None:
        self._drafts: dict[Path, Path] = {}
        self._outdated: list[Path] = []
        self._folders: dict[Path, tuple[Path, IO[str]]] = {}  # of drafts, by the files' folder

    def of(self, path: Path) -> Path:
        """Return where to write the file's new content; make the folder where it is missing. Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.parent not in self._folders:
            self._folders[path.parent] = locked_folder(path.parent, DRAFTS, MADE)
        return self._drafts.setdefault(path, self._folders[path.parent][0] / path.name)

    def remove(self, path: Path) -> None:
        """Have the file removed when the others take their places; it need not be there."""
        self._outdated.append(path)

    def forget(self, path: Path) -> None:
        """Have the file stay as it is."""
        with suppress(KeyError, OSError):
            self._drafts.pop(path).unlink()

    def publish(self, shared: bool = False) -> None:
        """Put every draft in its file's place. shared: as for `mode_of`. Raises OSError."""
        for path, draft in self._drafts.items():
            draft.chmod(mode_of(path, shared))
            draft.replace(path)
        for path in self._outdated:
            with suppress(OSError):
                path.unlink()
        self.discard()

    def discard(self) -> None:
        """Remove the drafts; the files stay as they were."""
        for folder, lock in self._folders.values():
            shutil.rmtree(folder, ignore_errors=True)
            lock.close()
        self._folders.clear()
        self._drafts.clear()
