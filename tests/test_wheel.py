"""What a machine without a clone installs: the wheel, in a bare environment, run from another folder."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import duckdb
import pytest

import job

ROOT = Path(__file__).parent.parent
KUBERNETES = ("upload", "base/cronjob", "base/kustomization")


def ran(*command: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`clientela` as a wheel of the source archive installs it; what it depends on is borrowed from here."""
    folder = tmp_path_factory.mktemp("installed")
    archived = ran(sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", folder, cwd=ROOT)
    assert archived.returncode == 0, archived.stderr
    [archive] = folder.glob("*.tar.gz")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    built = ran(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, archive)
    assert built.returncode == 0, built.stderr
    [wheel] = folder.glob("*.whl")
    bare = folder / "bare"
    assert ran(sys.executable, "-m", "venv", "--without-pip", bare).returncode == 0
    installed = ran(*pip, "--python", bare / "bin/python", "install", "--no-deps", "--no-index", wheel)
    assert installed.returncode == 0, installed.stderr
    [packages] = bare.glob("lib/python*/site-packages")
    # A plain path: the link to this clone that its own environment has is not followed from there.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return bare / "bin/clientela"


def test_it_runs_from_any_folder(command: Path, tmp_path: Path) -> None:
    """A synthetic shop where nothing else is given."""
    place = dict.fromkeys(("CLIENTELA_CONFIG", "DATA", "DUCKDB_PATH", "REPORT_FOLDER"), "")
    result = ran(command, "run", cwd=tmp_path, **place)
    assert result.returncode == 0, result.stderr
    assert str(ROOT) not in result.stderr
    with duckdb.connect(tmp_path / "var/clientela.duckdb", read_only=True) as connection:
        [(customers, segments)] = connection.execute(
            "SELECT COUNT(*), COUNT(DISTINCT segment) FROM customer_segments"
        ).fetchall()
    assert customers > 19_000 and segments == 5
    assert (tmp_path / "var/report/latest.html").exists() and len(list((tmp_path / "var/sample").iterdir())) == 9
    again = ran(command, "run", "--no-report", cwd=tmp_path, **place)
    assert again.returncode == 0 and '"same_as"' in again.stderr


def test_it_writes_a_config_that_it_takes(command: Path, tmp_path: Path) -> None:
    assert ran(command, "init", cwd=tmp_path).returncode == 0
    schema = re.match(r"# yaml-language-server: \$schema=(\S+)\n", (tmp_path / "clientela.yaml").read_text())
    assert schema and (tmp_path / schema[1]).exists()
    assert ran(command, "sample", "--customers", "300", "--out", "shop", cwd=tmp_path).returncode == 0
    for name in ("check", "run"):
        result = ran(command, name, "--config", "clientela.yaml", "--data", "shop", cwd=tmp_path)
        assert result.returncode == 0, result.stdout + result.stderr


def test_the_version_has_one_source(command: Path) -> None:
    """What cannot read it, a test holds to it."""
    assert ran(command, "--version").stdout == f"clientela {job.__version__}\n"
    for file in ("Dockerfile", "docker-compose.yml", *(f"deploy/kubernetes/{name}.yaml" for name in KUBERNETES)):
        versions = re.findall(r'(?:clientela:|version[=:] ?")([0-9.]+)', (ROOT / file).read_text())
        assert versions and set(versions) == {job.__version__}, file
