"""A file is there whole, or as it was before: new content goes to a hidden draft beside it, which then takes its place.

A draft is in the file's own folder, as a rename is atomic only within one file system.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Give the path to write the file's new content to; at the end of the block that becomes the file.

    Makes the folder where it is missing. When the block raises, the file stays as it was. Raises OSError.
    """
    drafts = Drafts(str(os.getpid()))
    try:
        yield drafts.of(path)
        drafts.publish()
    except BaseException:
        drafts.discard()
        raise


class Drafts:
    """Several files that are written now, and take their places later or not at all.

    suffix: of their names. What a killed process has left is written over where it is the same.
    """

    def __init__(self, suffix: str = "new") -> None:
        self._suffix = suffix
        self._drafts: dict[Path, Path] = {}
        self._outdated: list[Path] = []

    def of(self, path: Path) -> Path:
        """Return where to write the file's new content; make the folder where it is missing. Raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        return self._drafts.setdefault(path, path.with_name(f".{path.name}.{self._suffix}"))

    def remove(self, path: Path) -> None:
        """Have the file removed when the others take their places; it need not be there."""
        self._outdated.append(path)

    def forget(self, path: Path) -> None:
        """Have the file stay as it is."""
        with suppress(KeyError, OSError):
            self._drafts.pop(path).unlink()

    def publish(self) -> None:
        """Put every draft in its file's place. Raises OSError."""
        for path, draft in self._drafts.items():
            draft.replace(path)
        for path in self._outdated:
            with suppress(OSError):
                path.unlink()

    def discard(self) -> None:
        """Remove the drafts; the files stay as they were."""
        for draft in self._drafts.values():
            with suppress(OSError):
                draft.unlink()
