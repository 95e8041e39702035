"""What a segment's customers do, beside the shop's own rhythm. Pure: no database, no files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FEWEST = 20  # customers who ordered on several days, for their rhythm to be the shop's
GONE = 3  # rhythms without an order, after which a customer seems gone
TRUE = 0.8  # share of a segment's customers from which it can be said of them


@dataclass(frozen=True)
class Said:
    """How many of a segment's customers something can be said of."""

    customers: int
    of: int  # all of the segment

    @property
    def true(self) -> bool:
        """Whether it can be said of them."""
        return self.of > 0 and self.customers >= TRUE * self.of

    @property
    def untrue(self) -> bool:
        """Whether its opposite can be said of them."""
        return Said(self.of - self.customers, self.of).true


@dataclass(frozen=True)
class Habits:
    """What the customers of a segment do."""

    repeat: Said  # ordered more than once
    more: Said  # spent more than the median of all customers
    much: Said  # spent more than twice that median
    little: Said  # spent half of it at most
    lately: Said  # ordered within the rhythm
    gone: Said  # ordered last more than GONE rhythms ago
    rhythm: int | None  # days; None: too few order again to tell

    @classmethod
    def of(cls, row: Mapping[str, Any], rhythm: int | None) -> "Habits":
        """Return what report_habits.sql counts for a segment."""

        def said(name: str) -> Said:
            return Said(int(row[name]), int(row["customers"]))

        return cls(said("repeat"), said("more"), said("much"), said("little"), said("lately"), said("gone"), rhythm)


def rhythm(gaps: Iterable[Mapping[str, Any]]) -> int | None:
    """Return the median of the days between two orders of a customer; None where too few ordered on several days.

    gaps: `customers` by `days` between two of their orders, by rising days.
    """
    counted = [(int(gap["days"]), int(gap["customers"])) for gap in gaps]
    half, seen = sum(customers for _, customers in counted) / 2, 0
    if 2 * half < FEWEST:
        return None
    for days, customers in counted:
        seen += customers
        if seen >= half:
            return days
    return None
