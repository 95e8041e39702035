"""What docs/contributing/layout.md says of the imports."""

import subprocess
import sys

IMPORT_ALL = """
import importlib, pkgutil, sys
import job.model

modules = [module.name for module in pkgutil.iter_modules(job.model.__path__, "job.model.")]
for module in modules:
    importlib.import_module(module)
assert "job.model.kmeans" in modules
print(*sorted({"duckdb", "job.adapters", "job.config"} & sys.modules.keys()))
"""


def test_the_model_knows_no_database() -> None:
    result = subprocess.run([sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.split() == []
