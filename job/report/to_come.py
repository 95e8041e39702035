"""What the report says of what is to come. Pure: no database, no files."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from job.formats import Formats

ADD = {
    "order_days": "COUNT(DISTINCT CAST(ordered_at AS DATE)) AS order_days",
    "first_order_at": "MIN(ordered_at) AS first_order_at",
    "last_order_at": "MAX(ordered_at) AS last_order_at",
}


class Row(NamedTuple):
    """What is expected of the customers of a segment; None: it would tell of one customer, or cannot be told."""

    segment: str
    name: str
    customers: int
    buyers: float | None
    orders: float | None
    revenue: float | None


class ToCome(NamedTuple):
    """The section: sentences, and a row for each segment; without rows, it cannot be told."""

    sentences: list[str]
    rows: list[Row]
    days: int  # within which it is expected


def told(
    figures: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    alone: bool,
    formats: Formats,
) -> ToCome:
    """Return the section.

    figures: as the last run has found them. rows: buyers, orders and revenue by segment. names: of the segments,
    by letter. alone: a segment has one customer, so that money in full would tell theirs.
    """
    if "missing" in figures:
        return ToCome([_missing(figures["missing"])], [], 0)
    if "refused" in figures:
        return ToCome([f"What is to come cannot be told: {figures['refused']}."], [], 0)
    sentences = [_totals(figures, alone, formats), *figures["doubts"], _held_against(figures, alone, formats)]
    return ToCome(sentences, [_row(row, names.get(row["segment"], "")) for row in rows], figures["days"])


def _missing(columns: Sequence[str]) -> str:
    add = ", ".join(ADD[column] for column in columns)
    return (
        f"What is to come cannot be told without {' and '.join(columns)} among the features; in features.sql, select "
        f"such as {add}."
    )


def _row(row: Mapping[str, Any], name: str) -> Row:
    customers = int(row["customers"])
    if customers < 2:
        return Row(row["segment"], name, customers, None, None, None)
    revenue = None if row["revenue"] is None else float(row["revenue"])
    return Row(row["segment"], name, customers, float(row["buyers"]), float(row["orders"]), revenue)


def _totals(figures: Mapping[str, Any], alone: bool, formats: Formats) -> str:
    start = date.fromisoformat(figures["day"])
    buyers, orders = (_between(figures[name], formats.number) for name in ("buyers", "orders"))
    revenue = ""
    if figures["revenue"]:
        money = formats.about if alone else lambda amount: formats.money(amount, whole=True)
        revenue = f", for {_between(figures['revenue'], money)}"
    return (
        f"Within {figures['days']} days from {formats.date(start)}, {buyers} of these "
        f"{formats.number(figures['customers'])} customers are expected to order again, on {orders} days{revenue}. "
        "What comes is within these ranges nine times in ten, as long as customers go on as they did."
    )


def _between(total: Sequence[float], written: Any) -> str:
    expected, low, high = (written(each) for each in total)
    return f"{expected} ({low} to {high})"


def _held_against(figures: Mapping[str, Any], alone: bool, formats: Formats) -> str:
    """Say what has come of an earlier forecast, or when it will be known what has come of this one."""
    if not (check := figures["check"]):
        end = date.fromisoformat(figures["day"]) + timedelta(days=figures["days"])
        return f"A run on orders up to {formats.date(end)} or the week after will hold this against what came."
    money = formats.about if alone else lambda amount: formats.money(amount, whole=True)
    kinds: dict[str, tuple[str, Callable[[float], str]]] = {
        "buyers": (" customers", formats.number),
        "orders": (" days with orders", formats.number),
        "revenue": ("", money),
    }
    parts = [
        f"{written(expected)}{what} were expected, and {written(came)} came{_error(came, expected, formats)}"
        for name, (what, written) in kinds.items()
        for expected, came in [(check["expected"][name], check["came"][name])]
        if expected is not None
    ]
    day = formats.date(date.fromisoformat(check["day"]))
    return f"How it went before, in the {check['days']} days from {day}: {'; '.join(parts)}."


def _error(came: float, expected: float, formats: Formats) -> str:
    if expected <= 0:
        return ""
    off = came / expected - 1
    return f" ({formats.share(abs(off), 0)} {'more' if off >= 0 else 'less'})"
