"""What is in an HTML page, read with the standard library alone."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "hr", "input"}


@dataclass
class Table:
    headings: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def column(self, heading: str) -> dict[str, str]:
        """The column's cells by the row's first cell."""
        place = self.headings.index(heading)
        return {row[0]: row[place] for row in self.rows}


class Page(HTMLParser):
    """Raises AssertionError where tags do not match."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.tables: dict[str, Table] = {}
        self.open: list[str] = []
        self._cells: list[str] | None = None
        self._table: Table | None = None
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self._table = self.tables[dict(attrs).get("id") or f"table {len(self.tables)}"] = Table()
        elif tag == "tr":
            self._cells = []
        elif tag in ("td", "th") and self._cells is not None:
            self._cells.append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "tr" and self._table is not None and self._cells is not None:
            cells = [" ".join(cell.split()) for cell in self._cells]
            if self._table.headings:  # a row of one cell says more of the one before
                self._table.rows += [cells] if len(cells) > 1 else []
            else:
                self._table.headings = cells

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            return
        self.text += data
        if self._cells and {"td", "th"} & set(self.open):
            self._cells[-1] += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]
