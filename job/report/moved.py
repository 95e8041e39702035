"""Who is in another segment than some nights ago, and what they have spent: read from the database, and in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from job.formats import Formats
from job.history import DoneRun
from job.model.segment_model import SegmentModel

if TYPE_CHECKING:
    from job.adapters.base import Database

NIGHTS = (7, 30, 90)
WIDEST = 10  # segments that a matrix has room for
MOST_FLOWS = 12  # the largest, in a picture, and in the list that stands for a wider matrix
TOLERANCE = timedelta(hours=12)  # a night's run starts a little earlier or later than another's


class Flow(NamedTuple):
    """Customers who went from a segment to a segment; None: from, or to, none."""

    before: str | None
    after: str | None
    by_border: bool  # they have not changed: the model has, or labels were taken back
    customers: int
    spend: float  # in all
    since: float | None  # since they first moved; None: not known of all

    @property
    def up(self) -> bool:
        """Whether the segment is one of higher spend, by the letters."""
        return self.before is not None and self.after is not None and self.after < self.before

    @property
    def down(self) -> bool:
        """Whether it is one of lower spend."""
        return self.before is not None and self.after is not None and self.after > self.before


class Window(NamedTuple):
    """Who moved over so many nights."""

    nights: int
    since: datetime  # when the run began that it is counted from
    flows: list[Flow]

    def own(self) -> list[Flow]:
        """Return those who have changed themselves."""
        return [flow for flow in self.flows if not flow.by_border]


def read(database: "Database", last: DoneRun, model: SegmentModel) -> list[Window]:
    """Return who moved over each of NIGHTS; nights before the first run, and those on which letters stood for other
    segments than the model's, are left out."""
    if "customer_moves" not in database.own_tables():  # of an older version
        return []
    windows: list[Window] = []
    for nights in NIGHTS:
        at = last.started_at - timedelta(days=nights) + TOLERANCE
        for row in database.fetch("last_labelled", {"at": at}):
            then = SegmentModel.from_json(row["model"])
            same = (then.settings_fingerprint, then.k) == (model.settings_fingerprint, model.k)
            if same and row["started_at"] not in {window.since for window in windows}:
                found = database.fetch("report_moves", {"started_at": row["started_at"]})
                windows.append(Window(nights, row["started_at"], flows(found)))
    return windows


def flows(found: Sequence[Mapping[str, Any]]) -> list[Flow]:
    """Return the flows of what report_moves.sql has found, those of one cause together; the most customers first."""
    together: dict[tuple[str | None, str | None, bool], list[Mapping[str, Any]]] = {}
    for row in found:
        together.setdefault((row["from_segment"], row["to_segment"], not row["why"]), []).append(row)
    result = [
        Flow(*key, int(_sum(rows, "customers")), _sum(rows, "spend"), _since(rows)) for key, rows in together.items()
    ]
    return sorted(result, key=lambda flow: (-flow.customers, flow.before or "~", flow.after or "~", flow.by_border))


def _sum(rows: Sequence[Mapping[str, Any]], name: str) -> float:
    return sum(float(row[name] or 0) for row in rows)


def _since(rows: Sequence[Mapping[str, Any]]) -> float | None:
    return _sum(rows, "since") if _sum(rows, "known") == _sum(rows, "customers") else None


def sentences(window: Window, formats: Formats) -> list[str]:
    """Return who moved up and down with their money, who came and went, and for whom it was the border that moved."""
    own = window.own()
    told = [
        _told([flow for flow in own if flow.up], "up", formats),
        _told([flow for flow in own if flow.down], "down", formats),
    ]
    new = [flow for flow in own if flow.before is None]
    if new:
        told.append(f"{_sentence(new, 'came in', formats)}.")
    if gone := sum(flow.customers for flow in own if flow.after is None):
        told.append(f"{formats.number(gone)} left.")
    if borders := sum(flow.customers for flow in window.flows if flow.by_border):
        told.append(
            f"Besides, {formats.number(borders)} who have not changed are in another segment, as a border has moved or "
            "labels were taken back: they are not counted here."
        )
    return told


def _told(flows: Sequence[Flow], way: str, formats: Formats) -> str:
    if not flows:
        return f"Nobody moved {way}."
    sentence = _sentence(flows, f"moved {way}", formats)
    if any(flow.since is None for flow in flows) or any(flow.customers == 1 for flow in flows):
        return f"{sentence}."
    return f"{sentence}, {formats.money(sum(flow.since or 0 for flow in flows), whole=True)} of it since they moved."


def _sentence(flows: Sequence[Flow], did: str, formats: Formats) -> str:
    """Money is told as about so much where one of the flows is one customer: less what others tell, it were theirs."""
    customers, spend = sum(flow.customers for flow in flows), sum(flow.spend for flow in flows)
    alone = any(flow.customers == 1 for flow in flows)
    worth = "" if customers == 1 else formats.about(spend) if alone else formats.money(spend, whole=True)
    return f"{formats.number(customers)} {did}" + (f", worth {worth} in all" if worth else "")


class Cell(NamedTuple):
    """How many customers went from a row's segment to a column's, and what they have spent since."""

    customers: str
    since: str


def matrix(window: Window, letters: Sequence[str], formats: Formats) -> list[tuple[str | None, list[Cell | None]]]:
    """Return a row for each segment that anybody came from, with a cell for each segment, and for those who left; None:
    of nobody. Of more segments than WIDEST, nothing: see `largest`."""
    if len(letters) > WIDEST:
        return []
    cells = {(flow.before, flow.after): _cell(flow, formats) for flow in window.own()}
    rows = [*letters, None]
    return [
        (before, [cells.get((before, after)) for after in rows])
        for before in rows
        if any((before, after) in cells for after in rows)
    ]


def largest(window: Window, letters: Sequence[str], formats: Formats) -> list[tuple[str | None, str | None, Cell]]:
    """Return from where to where the most customers went, where there are too many segments for a matrix."""
    flows = window.own()[:MOST_FLOWS] if len(letters) > WIDEST else []
    return [(flow.before, flow.after, _cell(flow, formats)) for flow in flows]


def _cell(flow: Flow, formats: Formats) -> Cell:
    """Money of single customers, and where it is not known of all, is not told."""
    untold = flow.since is None or flow.customers == 1 or flow.after is None
    return Cell(formats.number(flow.customers), "" if untold else formats.money(flow.since or 0, whole=True))
