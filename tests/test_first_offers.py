"""Who takes the first offer everywhere, on a terminal, gets right figures of the shops that people have.

So do the examples, whose READMEs show what both print.
"""

import re
import runpy
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from layouts import LAYOUTS
from test_cli import ROOT
from test_starter import typed
from typer.testing import CliRunner

from examples.invented import orders
from job.cli import app

ENTER = b"\n" * 9  # more than there are questions


@pytest.mark.parametrize("name", LAYOUTS)
def test_two_commands_and_no_edit(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    example, path, data = ROOT / "examples" / name, tmp_path / "shop.duckdb", tmp_path / "files"
    for variable, value in {"DUCKDB_PATH": path, "DATA": data, "MEMORY_FOLDER": tmp_path / "memory"}.items():
        monkeypatch.setenv(variable, str(value))
    has_files = "\nload:" in (example / "config.yaml").read_text()
    monkeypatch.setattr(sys, "argv", ["shop", str(data if has_files else path)])
    runpy.run_path(str(example / "shop.py"), run_name="__main__")
    result = CliRunner().invoke(app, ["run", "--no-report", "--config", str(example / "config.yaml")])
    assert result.exit_code == 0, result.stderr
    with duckdb.connect(path) as connection:
        rows = connection.execute("SELECT customer_unique_id, monetary, frequency FROM customer_features").fetchall()
    expected = LAYOUTS[name].expected(orders())
    assert {person: (Decimal(spend), often) for person, spend, often in rows} == {
        person: (features.spend, features.orders) for person, features in expected.items()
    }
    origin = ("--from-files", data) if has_files else ("--from-database", path)
    code, seen = typed(ENTER, "init", *origin, "--out", tmp_path / "begun.yaml")
    assert code == 0, seen
    for written in ("load.sql", "features.sql")[not has_files :]:
        assert (tmp_path / f"begun-{written}").read_text() == (example / written).read_text()
    table, preview = re.findall(r"```\n\n```\n(.*?)```", (example / "README.md").read_text(), re.DOTALL)
    assert lacking(table, result.stdout) == lacking(preview, seen) == []


@pytest.mark.parametrize("name", ["shopify", "saleslog"])
def test_files_take_two_commands_and_no_edit(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a terminal by Enter alone; without one by the columns' names."""
    monkeypatch.setattr(sys, "argv", ["shop", str(tmp_path / "files")])
    runpy.run_module(f"examples.{name}.shop", run_name="__main__")
    code, seen = typed(ENTER, "init", "--from-files", tmp_path / "files", "--out", tmp_path / "shop.yaml")
    assert code == 0, seen
    options = [part for role, column in LAYOUTS[name].options.items() for part in (f"--{role}-column", column)]
    named = ["init", "--from-files", str(tmp_path / "files"), "--out", str(tmp_path / "named.yaml"), *options]
    assert CliRunner().invoke(app, named).exit_code == 0
    assert (tmp_path / "named-features.sql").read_text() == (tmp_path / "shop-features.sql").read_text()
    monkeypatch.setenv("DUCKDB_PATH", str(tmp_path / "shop.duckdb"))
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["run", "--no-report", "--config", str(tmp_path / "shop.yaml")])
    assert result.exit_code == 0, result.stderr
    with duckdb.connect(tmp_path / "shop.duckdb") as connection:
        rows = connection.execute("SELECT customer_unique_id, monetary, frequency FROM customer_features").fetchall()
    assert {person: (Decimal(spend), often) for person, spend, often in rows} == {
        person: (features.spend, features.orders) for person, features in LAYOUTS[name].expected(orders()).items()
    }


def test_the_guide_shows_a_real_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORT_FOLDER", str(tmp_path / "report"))
    guide = (ROOT / "docs/guides/your-own-tables.md").read_text()
    shown = re.search(r"<!-- terminal -->\n```sh\n(.*?)```\n\n```\n(.*?)```", guide, re.DOTALL)
    assert shown
    commands = [line.replace("var/", f"{tmp_path}/").split() for line in shown[1].splitlines()]
    make, begin, run = [line[2:] if line[1] == "-m" else ["job", *line[1:]] for line in commands]
    subprocess.run([sys.executable, "-m", *make], cwd=ROOT, check=True)
    code, seen = typed(ENTER, *begin[1:])
    assert code == 0 and lacking(shown[2], seen) == [], seen
    result = CliRunner().invoke(app, run[1:])
    assert result.exit_code == 0 and (tmp_path / "report/latest.html").exists(), result.stderr


def test_the_guide_shows_what_becomes_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = (ROOT / "docs/guides/your-own-tables.md").read_text()
    shown = re.search(r"<!-- files -->\n```sh\n(.*?)```\n\n```\n(.*?)```", guide, re.DOTALL)
    assert shown
    commands = [line.split() for line in shown[1].replace("\\\n", "").replace("var/", f"{tmp_path}/").splitlines()]
    make, begin, run = [line[2:] if line[1] == "-m" else line[1:] for line in commands]
    subprocess.run([sys.executable, "-m", *make], cwd=ROOT, check=True)
    monkeypatch.setenv("DUCKDB_PATH", str(tmp_path / "gifts.duckdb"))
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, begin)
    assert result.exit_code == 0 and lacking(shown[2], result.stdout) == [], result.stderr
    assert CliRunner().invoke(app, [*run, "--no-report"]).exit_code == 0


def lacking(shown: str, printed: str) -> list[str]:
    """The lines of an example that are not printed."""
    text = " ".join(printed.split())
    return [line for line in shown.splitlines() if "──" not in line and " ".join(line.split()) not in text]
