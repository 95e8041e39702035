"""The pages: the site builds, the reference is true to the code, and commands, targets and links are there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer.core
import typer.main
from test_cli import ROOT

from docs import generate
from job.cli import app
from job.config import Config

GROUP = typer.main.get_command(app)
assert isinstance(GROUP, typer.core.TyperGroup)
COMMANDS = GROUP.commands
HOME = ROOT / "README.md"
SITE = [path for path in sorted((ROOT / "docs").rglob("*.md")) if "_build" not in path.parts]
PAGES = [HOME, ROOT / "CONTRIBUTING.md", *SITE, *sorted((ROOT / "examples").glob("*/README.md"))]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    """A warning is a dead link, too, or a page that the index does not link to."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "docs", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (built.returncode, built.stderr) == (0, "")
    html = (tmp_path / "index.html").read_text()
    for page in SITE:
        assert str(page.relative_to(ROOT / "docs").with_suffix(".html")) in html or page.stem == "index"


def test_the_reference_is_what_the_code_gives() -> None:
    for path, text in generate.pages().items():
        assert path.read_text(encoding="utf-8") == text, "make reference writes it anew"


def test_every_key_is_described_and_every_section_is_shown() -> None:
    found = {part.name: part for part in generate.parts()}
    assert [f"{part.name}.{key.name}" for part in found.values() for key in part.keys if not key.meaning] == []
    template = (ROOT / "docs/templates/config.md.j2").read_text()
    assert set(re.findall(r'\{\{ table\("([a-z_.]*)"\) \}\}', template)) == found.keys()
    assert found.keys() >= {"", *Config.model_fields} - {"name"}


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_and_option_has_help(command: str) -> None:
    found = next(shown for shown in generate.commands() if shown.name == command)
    assert found.about and found.example.startswith(f"clientela {command} ")
    parameters = [each for each in COMMANDS[command].params if each.name != "help"]
    assert [each.name for each in parameters if not getattr(each, "help", "")] == []
    assert len(found.options) == len(parameters)


def test_the_readme_is_one_screen() -> None:
    assert len(HOME.read_bytes()) <= 8192
    assert len(re.findall(r"^## ", HOME.read_text(), re.MULTILINE)) <= 8


@each_page
def test_links_to_files_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


@each_page
def test_commands_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in shell(page.read_text()):
        assert set(re.findall(r"\bmake ([a-z-]+)", line)) <= targets
        for command in re.findall(r"^(?:\w+=\S+ )*(?:\.venv/bin/)?clientela ([a-z].*?)(?: \||$)", line):
            name, *arguments = shlex.split(command)
            known = COMMANDS[name]
            options = {name for parameter in known.params for name in (*parameter.opts, *parameter.secondary_opts)}
            assert {argument for argument in arguments if argument.startswith("--")} <= options, line


def shell(text: str) -> list[str]:
    """The lines of the shell blocks, without comments; continued ones are joined."""
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    return [line.split(" #")[0] for block in blocks for line in block.replace("\\\n", " ").splitlines()]
