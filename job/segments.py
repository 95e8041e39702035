"""Order and name the segments. Pure: no database, no files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

LETTERS = ascii_uppercase  # A has the highest mean spend

# Mean spend against the mean of all customers, and what it is called. On Olist (k = 5) the ratios of the
# segments with one order lie near 3.3, 1.1, 0.55 and 0.25.
SPEND_WORDS = ((2.0, "very high spend"), (1.0, "high spend"), (0.7, "medium spend"), (0.4, "low spend"))
LOWEST_SPEND = "very low spend"
REPEAT_ORDERS = 1.5  # mean orders from which most of a segment has ordered again


@dataclass(frozen=True)
class Segment:
    """A segment's figures over its customers; money in the shop's currency."""

    segment: str  # A has the highest mean spend
    name: str
    customers: int
    share: float  # of all customers
    spend: float
    mean_spend: float
    mean_orders: float
    mean_recency_days: float
    share_of_spend: float  # of all spend


def order(profiles: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the centroids' numbers by falling mean spend; an empty one comes last."""
    return [
        profile["centroid"]
        for profile in sorted(profiles, key=lambda profile: (-_mean(profile, "monetary"), profile["centroid"]))
    ]


def names(profiles: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a name for each profile, from what it does: how often it orders, and spend against the mean of all.

    Where several would be called the same, they are numbered in their order.
    """
    customers = sum(profile["customers"] for profile in profiles)
    overall = float(sum(profile["monetary"] for profile in profiles)) / customers
    found = [_name(profile, overall) for profile in profiles]
    return [
        f"{name} ({found[:index].count(name) + 1})" if found.count(name) > 1 else name
        for index, name in enumerate(found)
    ]


def _name(profile: Mapping[str, Any], overall: float) -> str:
    orders = "repeat" if _mean(profile, "frequency") >= REPEAT_ORDERS else "one order"
    ratio = _mean(profile, "monetary") / overall if overall > 0 else 0.0
    return f"{orders}, {next((word for least, word in SPEND_WORDS if ratio >= least), LOWEST_SPEND)}"


def _mean(profile: Mapping[str, Any], column: str) -> float:
    return float(profile[column]) / profile["customers"] if profile["customers"] else float("-inf")


def summary(profiles: Sequence[Mapping[str, Any]], segment_names: Sequence[str]) -> list[Segment]:
    """Return the segments' figures; the profiles stand in the segments' order."""
    customers = sum(profile["customers"] for profile in profiles)
    spend = float(sum(profile["monetary"] for profile in profiles))
    return [
        Segment(
            segment=letter,
            name=name,
            customers=profile["customers"],
            share=profile["customers"] / customers,
            spend=float(profile["monetary"]),
            mean_spend=_mean(profile, "monetary"),
            mean_orders=_mean(profile, "frequency"),
            mean_recency_days=_mean(profile, "recency_days"),
            share_of_spend=float(profile["monetary"]) / spend if spend else 0.0,
        )
        for letter, name, profile in zip(LETTERS, segment_names, profiles, strict=False)
    ]
