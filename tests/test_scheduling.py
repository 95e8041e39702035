"""The files for schedulers: that their programs take them, and that they do what the guide says of exit codes."""

import ast
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from job.cli import app
from job.statements import Statements
from job.tables import OWN_TABLES

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples/scheduling"
UNITS = ROOT / "deploy/systemd"
GUIDE = (ROOT / "docs/guides/scheduling.md").read_text()


class Refused(Exception):
    """In place of what a scheduler does not try again."""

    def __init__(self, said: str, allow_retries: bool = False) -> None:
        super().__init__(said)
        self.allow_retries = allow_retries


def decorator(*given: Any, **_: Any) -> Any:
    """Any of a scheduler's, with arguments or without: the function stays as it is."""
    return given[0] if given and callable(given[0]) else lambda function: function


def left_alone(**_: Any) -> Any:
    """Airflow's @dag: what it decorates is run by a worker."""
    return lambda _: lambda: None


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """An example as a module, with as little of its scheduler as it takes to call what runs the job."""

    def load(name: str) -> Any:
        source = EXAMPLES / f"{name}.py"
        for node in ast.walk(ast.parse(source.read_text())):
            for of in [node.module] if isinstance(node, ast.ImportFrom) else []:
                if str(of).partition(".")[0] in ("airflow", "docker"):
                    made: Any = types.ModuleType(str(of))
                    made.__getattr__ = lambda called: left_alone if called == "dag" else decorator
                    made.AirflowFailException = Refused
                    monkeypatch.setitem(sys.modules, str(of), made)
        dagster: Any = types.ModuleType("dagster")
        dagster.Failure, dagster.MaterializeResult = Refused, types.SimpleNamespace
        dagster.__getattr__ = lambda _: decorator
        monkeypatch.setitem(sys.modules, "dagster", dagster)
        spec = importlib.util.spec_from_file_location(name, source)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


def ends(code: int) -> list[str]:
    """A command that logs as the job does, and ends so."""
    lines = [{"event": "started"}, {"event": "summary", "segments": [{"segment": "A", "customers": 7}]}]
    if code:
        lines = [{"event": "failed", "error": "what is wrong", "exit_code": code}]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    return [sys.executable, "-c", f"import sys; sys.stderr.write({text!r}); print('a table'); sys.exit({code})"]


@pytest.mark.parametrize("code", [1, 2, 3, 4, 5, 143])
def test_only_what_trying_again_helps_is_tried_again(loaded: Callable[[str], Any], code: int) -> None:
    airflow, dagster = loaded("airflow_dag"), loaded("dagster_job")
    with pytest.raises((Refused, RuntimeError), match=f"^{code}: what is wrong$") as raised:
        airflow.run(ends(code))
    assert isinstance(raised.value, RuntimeError) == (code >= 4)
    dagster.COMMAND = ends(code)
    context = types.SimpleNamespace(log=types.SimpleNamespace(info=lambda _: None))
    with pytest.raises(Refused, match=f"^{code}: what is wrong$") as failed:
        dagster.customer_segments(context)
    assert failed.value.allow_retries == (code >= 4)


def test_a_run_that_went_well_gives_its_segments(loaded: Callable[[str], Any]) -> None:
    assert loaded("airflow_dag").run(ends(0)) == [{"segment": "A", "customers": 7}]
    dagster = loaded("dagster_job")
    dagster.COMMAND = ends(0)
    context = types.SimpleNamespace(log=types.SimpleNamespace(info=lambda _: None))
    assert dagster.customer_segments(context).metadata == {"A": 7}


def test_commands_are_the_jobs() -> None:
    group: Any = get_command(app)
    options = {
        option for parameter in group.commands["run"].params for option in (*parameter.opts, *parameter.secondary_opts)
    }
    files = [*EXAMPLES.glob("*.py"), *UNITS.iterdir()]
    for text in [GUIDE, *(file.read_text() for file in files)]:
        for line in re.findall(r"clientela run (.*)|\"run\", (.*)\]", text):
            assert set(re.findall(r"--[a-z][a-z-]+", "".join(line))) <= options


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """With a command that is there in place of the job's."""
    for unit in UNITS.iterdir():
        text = unit.read_text().replace("/srv/clientela/.venv/bin/clientela", "/bin/true")
        (tmp_path / unit.name).write_text(text)
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert "clientela" not in done.stderr, done.stderr
    broken = tmp_path / "clientela.timer"
    broken.write_text(broken.read_text().replace("03:15:00", "27:15:00"))
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert "clientela.timer" in done.stderr


def test_dbt_is_told_of_tables_that_are_there() -> None:
    told = yaml.safe_load((EXAMPLES / "dbt_sources.yml").read_text())
    [source], [exposure] = told["sources"], told["exposures"]
    schema = Statements("duckdb").text("job_schema") + "customer_features customer_rfm"
    for table in source["tables"]:
        assert table["name"] in OWN_TABLES and table["name"] in schema
        for column in table.get("columns", ()):
            assert f'"{column["name"]}"' in schema
    [runs] = [table for table in source["tables"] if table["name"] == "job_runs"]
    assert f'"{runs["config"]["loaded_at_field"]}"' in schema and runs["config"]["freshness"]["error_after"]
    assert exposure["type"] in ("dashboard", "notebook", "analysis", "ml", "application") and exposure["owner"]["email"]


def test_the_guide_names_files_that_are_there() -> None:
    named = re.findall(r"\]\(\.\./\.\./((?:examples/scheduling|deploy/systemd)/[\w.]+)\)", GUIDE)
    files = {str(file.relative_to(ROOT)) for folder in (EXAMPLES, UNITS) for file in folder.iterdir() if file.is_file()}
    assert set(named) == files
