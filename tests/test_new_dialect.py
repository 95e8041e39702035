"""docs/contributing/adding-a-dialect.md is followed to the letter: what it makes passes the contract."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import servers
from engines import ENGINES

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/contributing/adding-a-dialect.md"
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "var", "dist", "_build", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info"
)
MODEL = "postgres"  # what the page's toy is made of
# Of the contract, what takes minutes, and where the toy has nothing of its own: sessions that are cut, frozen, killed
# or kept waiting, and what stands above every dialect.
LEFT_OUT = (
    *("chaos", "explore", "faults", "interrupt", "lock", "path", "pooler", "secrets", "tls", "waiting"),
    *("append", "corpus", "examples", "features_sql", "init", "init_lines", "listing", "own_tables_guide"),
    *("campaigns", "erase", "moves", "retention", "verify"),
    *(
        "check",
        "own_tables",
        "refused",
        "rehearsal",
        "rejects",
        "report",
        "scores",
        "several_files",
        "shops",
        "to_come",
    ),
    *("touched_customers", "true_words", "warnings"),
    *(
        "as_before",
        "changed_since",
        "features_by_difference",
        "histories",
        "lifecycle",
        "short_nights",
        "write_back_arrives",
    ),
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, with the files that the page says are to be written, and nothing else changed."""
    copy = tmp_path_factory.mktemp("toy") / "repository"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=NOT_COPIED)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    for section in PAGE.read_text().split("\n## ")[1:]:
        files = re.findall(r"^`([a-z/]+\.py)`", section, re.MULTILINE)
        for path, code in zip(files, re.findall(r"```python\n(.*?)```", section, re.DOTALL), strict=True):
            (copy / path).write_text(code)
        for commands in re.findall(r"```sh\n(.*?)```", section, re.DOTALL):
            if not commands.startswith("pytest"):
                subprocess.run(["sh", "-ec", commands], cwd=copy, check=True)
    assert {path: path.read_bytes() for path in before} == before
    return copy


def pytest_in(repository: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    outer = ("PYTEST_", "TEST_", "OLIST_ZIP")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(outer)}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        cwd=repository,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def contract_on(engine: str, repository: Path) -> set[str]:
    """The ids of the contract's tests on the engine, without its name."""
    found = pytest_in(repository, "--collect-only", "tests/contract", "-k", engine).stdout
    return {
        line.replace(engine, "ENGINE") for line in found.splitlines() if f"[{engine}" in line or f"-{engine}]" in line
    }


def test_the_contract_runs_on_the_dialect_of_the_page(repository: Path) -> None:
    wanted, given = contract_on(MODEL, repository), contract_on("toy", repository)
    assert len(given) > 300 and given == wanted
    server = servers.own(ENGINES[MODEL])
    if isinstance(server, servers.Missing):
        pytest.skip(f"no {ENGINES[MODEL].title} server; the top of this output says why")
    url = server.url.replace("postgresql://", "toy://")
    result = pytest_in(
        repository,
        "tests/contract",
        "-k",
        "toy",
        "-rs",
        *(f"--ignore=tests/contract/test_{name}.py" for name in LEFT_OUT),
        f"--basetemp={repository.parent}/basetemp",
        ALLOW_MISSING_SERVERS="1",
        TEST_TOY_URL=url,
    )
    server.stop()
    assert result.returncode == 0, result.stdout[-20_000:] + result.stderr[-5_000:]
    skipped = [line for line in result.stdout.splitlines() if line.startswith("SKIPPED")]
    assert all("no Olist data" in line for line in skipped), skipped
