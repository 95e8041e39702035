"""Modules import downwards only: no circle, and no arrow that runs back up."""

import ast
import subprocess
import sys
from pathlib import Path

JOB = Path(__file__).parent.parent / "job"
FLOORS = (  # from the ground up; what shares a floor does not import each other
    {"charsets"},
    {"errors", "files", "formats", "progress", "resources", "config_section", "tables", "transforms",
     "spreadsheets", "statement_contract", "fingerprint", "__init__"},
    {"ids", "imitation", "interrupt", "retry", "scratch", "statements"},
    {"staging"},
    {"adapters"},
    {"config"},
    {"session", "model"},
    {"history"},
    {"export", "load", "metrics", "notify", "segmentation", "output"},
    {"report", "setup", "erasure", "retention", "verification"},
    {"pipeline", "rehearsal"},
    {"check"},
    {"cli"},
    {"__main__"},
)  # fmt: skip
IMPORT_ALL = """
import importlib, pkgutil, sys
import job.model

modules = [module.name for module in pkgutil.iter_modules(job.model.__path__, "job.model.")]
for module in modules:
    importlib.import_module(module)
assert "job.model.kmeans" in modules
print(*sorted({"duckdb", "job.adapters", "job.config"} & sys.modules.keys()))
"""
FLOOR = {part: number for number, floor in enumerate(FLOORS) for part in floor}


def part_of(module: str) -> str:
    """The folder, or the module beside the folders."""
    return module.split(".")[1] if "." in module else "__init__"


def imported(path: Path) -> set[str]:
    """The job's modules that it imports, anywhere in it."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "job":
            modules |= {f"job.{alias.name}" for alias in node.names if not alias.name.startswith("_")}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("job."):
            modules.add(str(node.module))
    return modules


def test_modules_import_downwards_only() -> None:
    up = []
    for path in JOB.rglob("*.py"):
        own = path.relative_to(JOB).with_suffix("").parts[0]
        for module in imported(path):
            other = part_of(module)
            if other != own and FLOOR[other] >= FLOOR[own]:
                up.append(f"{path.relative_to(JOB)} imports {module}")
    assert not up


def test_no_module_imports_itself_by_way_of_others() -> None:
    modules = {
        ".".join(("job", *path.relative_to(JOB).with_suffix("").parts)).removesuffix(".__init__"): path
        for path in JOB.rglob("*.py")
    }
    below = {name: {each for each in imported(path) if each in modules} - {name} for name, path in modules.items()}
    while ground := {name for name, its in below.items() if not its}:
        below = {name: its - ground for name, its in below.items() if name not in ground}
    assert not below


def test_the_model_knows_no_database() -> None:
    result = subprocess.run([sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.split() == []
