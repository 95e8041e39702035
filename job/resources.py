"""The files that come with the job: in a clone they lie beside the package, in an installed one within it."""

from importlib.resources import files
from pathlib import Path


def shipped(name: str) -> Path:
    """Return where a file or folder of the package is: `sql`, `configs/schema.json`."""
    return Path(str(files("job").joinpath(name))).resolve()
