"""How Sphinx builds the site: `make docs` writes it to docs/_build.

The pages are plain Markdown that a forge shows as it is, so the tree of pages is not written into them: it is made from
the headings and links of index.md.
"""

import re

from sphinx.application import Sphinx

from job import __version__

project = "Clientela"
version = release = __version__
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
nitpicky = True
smartquotes = False  # code and SQL are quoted as they are typed
html_theme = "furo"
html_title = f"{project} {version}"
html_show_copyright = False


def trees(index: str) -> str:
    """Return the table of contents: for each heading of the index, the pages that it links to."""
    parts = []
    for section in re.split(r"^## ", index, flags=re.MULTILINE)[1:]:
        pages = re.findall(r"\]\(([a-z-]+/[a-z-]+)\.md\)", section)
        parts += ["```{toctree}", ":hidden:", f":caption: {section.splitlines()[0]}", *pages, "```", ""]
    return "\n".join(parts)


def _adapt(_: Sphinx, name: str, source: list[str]) -> None:
    """Add the table of contents to the index; make links to files outside docs/ downloads."""
    source[0] = re.sub(r"\]\((?=\.\./\.\./)", "](path:", source[0])
    if name == "index":
        source[0] += "\n" + trees(source[0])


def setup(app: Sphinx) -> None:
    """Let Sphinx adapt each page as it is read."""
    app.connect("source-read", _adapt)
