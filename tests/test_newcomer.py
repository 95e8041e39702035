"""What somebody meets who has just installed it: no file yet, a mistyped path, no config."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_cli import ROOT


def job(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a folder of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "REPORT_FOLDER"}
    return subprocess.run(
        [sys.executable, "-m", "job", *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", [("segments",), ("runs", "--json"), ("export",), ("report",), ("models",)])
def test_a_database_file_that_is_not_there_is_told(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = job(tmp_path, *command)
    assert (result.returncode, result.stdout) == (4, "")
    assert result.stderr == (
        "error: var/clientela.duckdb does not exist; clientela run makes it, or name another file in database.path\n"
    )
    assert not list(tmp_path.iterdir())


def test_a_mistyped_path_makes_no_file(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("database:\n  dialect: duckdb\n  path: data/shpo.duckdb\n")
    for command in ("run", "score", "check"):
        result = job(tmp_path, command, "--config", "shop.yaml")
        assert result.returncode == 4
        assert "data/shpo.duckdb does not exist; nothing would be in it" in result.stdout + result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["shop.yaml"]


def test_check_and_score_know_the_shop_that_a_run_writes(tmp_path: Path) -> None:
    before = job(tmp_path, "check")
    assert before.returncode == 0 and "a run writes those of a synthetic shop to var/sample" in before.stdout
    assert not list(tmp_path.iterdir())
    job(tmp_path, "sample", "--customers", "200", "--out", "var/sample")
    assert "9 to load" in job(tmp_path, "check").stdout
    assert job(tmp_path, "run").returncode == 0
    assert "hold what the files hold" in job(tmp_path, "check").stdout
    assert job(tmp_path, "score").returncode == 0
