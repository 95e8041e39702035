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
import shapes
from engines.duckdb import ENGINE as DUCKDB
from shop import configured, run

from job import pipeline
from job.config import Config
from job.progress import Steps
from job.report.files import write
from job.session import connect

AXE = Path(axe_core_python.__file__).with_name("axe.min.js")
pytestmark = pytest.mark.usefixtures("chromium")
# In every frame: what is wider than the window or than its own box, text of a picture that is outside of it, and the
# labels of an axis that touch.
CUT = """
const found = {};
for (const frame of document.querySelectorAll("iframe")) {
  const inside = frame.contentDocument, width = frame.contentWindow.innerWidth, told = [];
  inside.querySelectorAll("details").forEach(details => details.open = true);
  if (inside.documentElement.scrollWidth > width) told.push("the page");
  for (const element of inside.querySelectorAll("body *:not(svg *)")) {
    const shown = element.getBoundingClientRect(), style = frame.contentWindow.getComputedStyle(element);
    const hidden = element.closest("thead") && frame.contentWindow.getComputedStyle(element.closest("thead")).position;
    if (hidden == "absolute" || style.display == "inline") continue;
    if (shown.right > width + 0.5 || element.clientWidth && element.scrollWidth > element.clientWidth + 1)
      told.push(element.tagName + "." + element.className + ": " + element.textContent.slice(0, 40));
  }
  for (const picture of inside.querySelectorAll("svg")) {
    const whole = picture.getBoundingClientRect(), texts = [...picture.querySelectorAll("text")];
    const at = texts.map(text => text.getBoundingClientRect());
    texts.forEach((text, index) => {
      const own = at[index], next = at[index + 1];
      if (own.left < whole.left - 1 || own.right > whole.right + 1 || own.bottom > whole.bottom + 1)
        told.push("outside: " + text.textContent);
      if (next && Math.abs(own.top - next.top) < 1 && own.left < next.left && own.right > next.left &&
          !text.style.fontWeight && !texts[index + 1].style.fontWeight)
        told.push("touches: " + text.textContent + " " + texts[index + 1].textContent);
    });
  }
  found[frame.title] = told;
}
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
    assert "Spend and number of orders" in text and console == []


def test_a_request_would_be_heard_of(page: Path) -> None:
    loud = page.with_name("loud.html")
    loud.write_text(page.read_text().replace("<main>", '<main><img src="https://example.invalid/x.png" alt="x">'))
    _, console = opened(loud)
    assert len(console) == 1 and "Content Security Policy" in console[0]


def test_nothing_is_cut_on_shops_of_many_shapes(page: Path) -> None:
    """Neither on a phone nor on a desktop, where it has the full width."""
    for name, shape in shapes.SHAPES.items():
        page.with_name(f"{name}.html").write_text(shapes.html(shape))
    names = [page.stem, *shapes.SHAPES]
    frames = [
        f'<iframe src="{name}.html" title="{name}, {width}" style="width:{width}px;height:900px;border:0"></iframe>'
        for name in names
        for width in (320, 375, 768, 1280)
    ]
    found = result_of(page.with_name("frame.html"), "".join(frames), CUT)
    assert len(found) == 4 * len(names)
    assert {frame: told for frame, told in found.items() if told} == {}


@pytest.mark.parametrize("name", shapes.SHAPES)
def test_a_page_is_small(name: str) -> None:
    """docs/concepts/report.md says how small."""
    assert len(shapes.html(shapes.SHAPES[name]).encode()) < 320_000


def test_a_segment_of_one_customer_does_not_tell_what_they_spent() -> None:
    source = shapes.html(shapes.SHAPES["alone"])
    assert "246.9" not in source and "246913" not in source and "A letter stands" in source


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
