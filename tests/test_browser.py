"""The report in a real browser: it opens without a word on the console, fits a phone, and axe-core finds nothing.

Chromium is this machine's, or else, as root on Debian, installed. axe-core comes with a Python package.
"""

import html
import json
import os
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import axe_core_python
import browser
import pytest
from engines.duckdb import ENGINE as DUCKDB
from shop import configured, run

from job import pipeline
from job.config import Config
from job.progress import Steps
from job.report.files import write
from job.session import connect

AXE = Path(axe_core_python.__file__).with_name("axe.min.js")
pytestmark = pytest.mark.usefixtures("chromium")
# What is wider than the window; a table may be, as its box scrolls.
OVERFLOW = """
const frame = document.querySelector("iframe"), inside = frame.contentDocument;
const wide = [...inside.querySelectorAll("body *")].filter(
  element => element.getBoundingClientRect().right > WIDTH + 0.5 && !element.parentElement.closest(".scroll, svg"));
const found = {width: inside.documentElement.scrollWidth, view: frame.contentWindow.innerWidth,
  wide: wide.map(element => element.tagName + "." + element.className + ": " + element.textContent.slice(0, 40))};
"""


@pytest.fixture(scope="module")
def chromium() -> str:
    """The program; conftest.py has all tests that need it run in one worker."""
    if found := browser.program():
        return found
    if os.environ.get("ALLOW_MISSING_SERVERS") == "1":
        pytest.skip("no Chromium")
    pytest.fail("no Chromium; install it (Debian: apt-get install chromium), or ALLOW_MISSING_SERVERS=1 skips this")


@pytest.fixture(scope="module")
def page(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on a second run that chose k, with names and advice that are long and odd."""
    folder = tmp_path_factory.mktemp("page")
    url = f"duckdb://{folder}/shop.duckdb"
    run(DUCKDB, url, shop)
    settings = dict(configured(DUCKDB, url))
    changes = {
        "load": None,
        "clustering": settings["clustering"].model_dump() | {"k": "auto", "k_range": (6, 10)},
        "segments": {"names": ["a name without any place to break it" * 3, "x" * 200]},
        "report": {"folder": folder, "playbook": {"B": "y" * 300}},
    }
    config = Config.model_validate({**settings, **changes})
    pipeline.run(config, None, "second", Steps("json"))
    with closing(connect(config, read_only=True)) as database:
        return write(database, config)[0]


def opened(page: Path) -> tuple[str, list[str]]:
    """The document after its scripts have run, and what was said on the console."""
    result = browser.opened(page, "--window-size=1400,900", "--dump-dom")
    return result.stdout, [line for line in result.stderr.splitlines() if "CONSOLE" in line]


def result_of(page: Path, body: str, script: str) -> Any:
    """What the script, in a page with this body, leaves in `found`."""
    show = 'document.body.insertAdjacentHTML("beforeend", "<pre id=found></pre>");'
    show += 'document.getElementById("found").textContent = JSON.stringify(found);'
    page.write_text(body + f"<script>onload = async () => {{ {script} {show} }}</script>")
    text, console = opened(page)
    assert not console
    [found] = re.findall(r'<pre id="found">(.*?)</pre>', text, re.DOTALL)
    return json.loads(html.unescape(found))


def test_it_opens_without_a_word(page: Path) -> None:
    text, console = opened(page)
    assert "Customers as the model sees them" in text and console == []


def test_a_request_would_be_heard_of(page: Path) -> None:
    loud = page.with_name("loud.html")
    loud.write_text(page.read_text().replace("<main>", '<main><img src="https://example.invalid/x.png" alt="x">'))
    _, console = opened(loud)
    assert len(console) == 1 and "Content Security Policy" in console[0]


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_nothing_overflows(page: Path, width: int) -> None:
    frame = f'<iframe src="{page.name}" style="width:{width}px;height:900px;border:0"></iframe>'
    found = result_of(page.with_name("frame.html"), frame, OVERFLOW.replace("WIDTH", str(width)))
    assert found == {"width": width, "view": width, "wide": []}


@pytest.mark.parametrize("width", [375, 1280])
def test_axe_finds_no_violation(page: Path, width: int) -> None:
    """The policy that forbids scripts is taken out, for axe is one."""
    bare = page.with_name("bare.html")
    source = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text())
    bare.write_text(source.replace("</head>", f"<script>{AXE.read_text()}</script></head>"))
    frame = f'<iframe src="{bare.name}" title="report" style="width:{width}px;height:900px;border:0"></iframe>'
    script = """
    const ran = await document.querySelector("iframe").contentWindow.axe.run({resultTypes: ["violations"]});
    const found = {passed: ran.passes.length, violations: ran.violations.map(
      violation => [violation.id, violation.nodes.map(node => node.html.slice(0, 120))])};
    """
    found = result_of(page.with_name("axe.html"), frame, script)
    assert found["violations"] == [] and found["passed"] > 20
