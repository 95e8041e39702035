"""Order and sum up the segments. Pure: no database, no files.

A profile is what segment_profiles.sql selects of a centroid: its number (`centroid`), how many `customers` it has, and
what these add up to in every numeric column of customer_features.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any, NamedTuple

from job.model.segment_model import Rule

LETTERS = ascii_uppercase  # A has the highest mean of order_by


class Move(NamedTuple):
    """How many customers go from a segment to a segment; None: in none."""

    before: str | None
    after: str | None
    customers: int


@dataclass(frozen=True)
class MoveCounts:
    """How many customers keep, change, get and lose their segment."""

    stayed: int
    moved: int  # from a segment to another
    new: int  # in a segment for the first time, or again
    left: int

    @classmethod
    def of(cls, moves: Sequence[Move]) -> "MoveCounts":
        """Return what the moves add up to."""

        def customers(among: Callable[[Move], bool]) -> int:
            return sum(move.customers for move in moves if among(move))

        return cls(
            stayed=customers(lambda move: move.before is not None and move.before == move.after),
            moved=customers(lambda move: None not in (move.before, move.after) and move.before != move.after),
            new=customers(lambda move: move.before is None),
            left=customers(lambda move: move.after is None),
        )

    @property
    def before(self) -> int:
        """How many had a segment before; 0: these are the first labels."""
        return self.stayed + self.moved + self.left


@dataclass(frozen=True)
class Segment:
    """A segment's figures over its customers; money in the shop's currency."""

    segment: str  # A had the highest mean of order_by when the letters were given
    name: str
    rule: str
    rule_right: float
    customers: int
    share: float  # of all customers
    spend: float
    mean_spend: float
    mean_orders: float
    mean_recency_days: float
    share_of_spend: float  # of all spend


def order(profiles: Sequence[Mapping[str, Any]], by: str = "monetary") -> list[int]:
    """Return the centroids' numbers by falling mean of the column `by`; an empty one comes last."""
    return [
        profile["centroid"]
        for profile in sorted(
            profiles, key=lambda profile: (not profile["customers"], -_mean(profile, by), profile["centroid"])
        )
    ]


def _mean(profile: Mapping[str, Any], column: str) -> float:
    """Ten digits: the last ones of a sum of doubles depend on the order that an engine adds in. 0 for nobody."""
    return float(f"{float(profile[column]) / profile['customers']:.10g}") if profile["customers"] else 0.0


def summary(
    profiles: Sequence[Mapping[str, Any]], segment_names: Sequence[str], rules: Sequence[Rule], currency: str
) -> list[Segment]:
    """Return the segments' figures; the profiles stand in the segments' order."""
    customers = sum(profile["customers"] for profile in profiles)
    spend = float(sum(profile["monetary"] for profile in profiles))
    return [
        Segment(
            segment=letter,
            name=name,
            rule=rule.text.replace("{currency}", currency),
            rule_right=rule.right,
            customers=profile["customers"],
            share=profile["customers"] / customers,
            spend=float(profile["monetary"]),
            mean_spend=_mean(profile, "monetary"),
            mean_orders=_mean(profile, "frequency"),
            mean_recency_days=_mean(profile, "recency_days"),
            share_of_spend=float(profile["monetary"]) / spend if spend else 0.0,
        )
        for letter, name, rule, profile in zip(LETTERS, segment_names, rules, profiles, strict=False)
    ]
