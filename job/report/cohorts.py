"""Customers by the month of their first order, and how many of them still order months later. Pure: no database, no
files."""

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

SHOWN = 12  # cohorts, the newest
POOLED = 36  # that a segment's shares are of
AFTER = (1, 2, 3, 6, 9, 12)  # months
FEWEST = 10  # customers that a share is told of
NEEDED = 3  # cohorts, at least


class Row(NamedTuple):
    """A cohort, or a segment: its customers, and the share who order so many months later or after that."""

    label: str  # a month such as 2026-01, or a segment's letter
    customers: int
    shares: tuple[float | None, ...]  # for each of AFTER; None: too early to tell, or too few


@dataclass(frozen=True)
class Cohorts:
    """Who still orders, by cohort and by segment."""

    rows: list[Row]  # the newest cohorts, the oldest first
    segments: list[Row]  # today's, of all cohorts that are old enough

    @classmethod
    def of(cls, found: Iterable[Mapping[str, Any]], counted_to: date) -> "Cohorts | None":
        """Return them of what report_cohorts.sql found; None: there are too few. counted_to: the data's end."""
        counts = Counter[tuple[str, int, int]]()
        for row in found:
            counts[row["segment"], int(row["month"]), int(row["lasted"])] += int(row["customers"])
        complete = last_month(counted_to)
        months = sorted({month for _, month, _ in counts})
        rows = [
            Row(f"{month // 12}-{month % 12 + 1:02}", *_shares(counts, complete, lambda _, at, own=month: at == own))
            for month in months[-SHOWN:]
        ]
        if len(months) < NEEDED or not any(share is not None for row in rows for share in row.shares):
            return None
        letters = sorted({segment for segment, _, _ in counts})
        of_segments = [
            Row(letter, *_shares(counts, complete, lambda segment, _, own=letter: segment == own)) for letter in letters
        ]
        return cls(rows, of_segments)


def last_month(counted_to: date) -> int:
    """Return the last month that is over by the end of that day, in months since the year 0."""
    month = counted_to.year * 12 + counted_to.month - 1
    return month if counted_to.day == monthrange(counted_to.year, counted_to.month)[1] else month - 1


def _shares(
    counts: Mapping[tuple[str, int, int], int], complete: int, among: Any
) -> tuple[int, tuple[float | None, ...]]:
    """Return how many customers there are among these, and the share of those old enough who still order."""
    own = {key: customers for key, customers in counts.items() if among(key[0], key[1])}
    shares = []
    for after in AFTER:
        of = sum(customers for (_, month, _), customers in own.items() if month + after <= complete)
        still = sum(
            customers for (_, month, lasted), customers in own.items() if month + after <= complete and lasted >= after
        )
        shares.append(still / of if of >= FEWEST else None)
    return sum(own.values()), tuple(shares)
