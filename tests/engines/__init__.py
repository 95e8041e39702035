"""The engines that the tests run on: one for every module here that has an ENGINE."""

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

import pytest

from engines.base import Engine

_MODULES = [import_module(f"engines.{module.name}") for module in iter_modules(__path__)]
ENGINES: dict[str, Engine] = {module.ENGINE.name: module.ENGINE for module in _MODULES if hasattr(module, "ENGINE")}
SERVERS = [engine for engine in ENGINES.values() if engine.has_server]


def where(holds: Callable[[Engine], object]) -> pytest.MarkDecorator:
    """Runs a test on those engines alone of which this is true."""
    return pytest.mark.parametrize("engine", [one for one in ENGINES.values() if holds(one)], indirect=True)


on_servers = where(lambda engine: engine.has_server)
# What takes long, and depends on the driver more than on the server: one engine stands for a dialect.
one_for_a_dialect = where(lambda engine: engine.name == engine.dialect)
one_server_for_a_dialect = where(lambda engine: engine.has_server and engine.name == engine.dialect)
