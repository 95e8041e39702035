"""One module per dialect: whatever the job wants to know of an engine, it asks that module's `ADAPTER`."""

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from job.tables import HERE

if TYPE_CHECKING:
    from job.adapters.base import Database

NO_DIALECT = ("base", "binary", "pooling", "server", "settings", "watch")  # modules of this folder


def names() -> list[str]:
    """Return the dialects' names, without a look into their modules."""
    return [module.name for module in pkgutil.iter_modules(__path__) if module.name not in NO_DIALECT]


@cache
def dialects() -> dict[str, type["Database"]]:
    """Return every dialect's adapter by the dialect's name."""
    return {name: import_module(f"{__name__}.{name}").ADAPTER for name in names()}


def embedded() -> type["Database"]:
    """Return the adapter of the dialect that needs no server."""
    [adapter] = [adapter for adapter in dialects().values() if not adapter.has_server]
    return adapter


def in_memory() -> "Database":
    """Open an empty database that goes with its session."""
    adapter = embedded()
    settings = adapter.settings.model_validate({"dialect": adapter.dialect, "path": ":memory:"})
    return adapter.connect(settings, HERE, read_only=False)
