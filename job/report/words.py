"""What the report says in sentences, made from the segments' figures. Pure: no database, no files."""

from collections.abc import Mapping, Sequence
from typing import Any

from job.formats import Formats
from job.model.segments import REPEAT_ORDERS, Move, MoveCounts, Segment

RICH, POOR = 1.5, 0.67  # mean spend against the mean of all customers
AWAY, RECENT = 1.25, 0.8  # mean days since the last order against the mean of all customers
HEADLINE = 3  # segments that it speaks of, at most


def headline(segments: Sequence[Segment], formats: Formats) -> list[str]:
    """Return what stands out, a sentence each: all customers, then the segments whose revenue is furthest from their
    share of the customers, on either side, and those who order again."""
    customers = sum(segment.customers for segment in segments)
    spend = sum(segment.spend for segment in segments)
    filled = [segment for segment in segments if segment.customers]
    repeat = [segment for segment in filled if segment.mean_orders >= REPEAT_ORDERS]
    apart = sorted(filled, key=lambda segment: abs(segment.share_of_spend - segment.share), reverse=True)
    striking = [*repeat, *(segment for segment in apart if segment not in repeat)][:HEADLINE]
    return [
        f"{_customers(customers, formats)} spent {formats.money(spend, whole=True)}, "
        f"{formats.money(spend / max(customers, 1))} each.",
        *(_sentence(segment, formats) for segment in sorted(striking, key=lambda segment: segment.segment)),
    ]


def _sentence(segment: Segment, formats: Formats) -> str:
    verb = "came back and brought" if segment.mean_orders >= REPEAT_ORDERS else "brought"
    return (
        f"{segment.segment}, “{segment.name}”: {_customers(segment.customers, formats)} "
        f"({formats.share(segment.share)}) {verb} {formats.share(segment.share_of_spend)} of the revenue."
    )


def movement(moves: Sequence[Move], formats: Formats) -> str:
    """Return how many customers moved, came and went, in a sentence."""
    counts = MoveCounts.of(moves)
    if not counts.before:
        return "These are the first labels: nobody has moved."
    return (
        f"Since the run before, {_customers(counts.moved, formats)} moved to another segment, "
        f"{formats.number(counts.stayed)} stayed, {formats.number(counts.new)} came in and "
        f"{formats.number(counts.left)} left."
    )


def arrived(figures: Mapping[str, Any], formats: Formats) -> str:
    """Return how many labels have arrived in the shop's own table, by the run's figures; empty: it gets none, or they
    were not counted."""
    if not (count := figures.get("arrival")):
        return ""
    return (
        f"In {figures['write_back']}, {formats.number(count['labelled'])} of {formats.number(count['of_customers'])} "
        f"rows of customers carry their label; {formats.number(count['found'])} of "
        f"{_customers(count['customers'], formats)} have such a row."
    )


def _customers(count: int, formats: Formats) -> str:
    return "1 customer" if count == 1 else f"{formats.number(count)} customers"


def approaches(segments: Sequence[Segment], playbook: Mapping[str, str]) -> list[str]:
    """Return what to do about each segment: the playbook's words for its letter or name, else made from what stands
    out: how often and how recently it orders, and what it spends."""
    customers = max(sum(segment.customers for segment in segments), 1)
    spend = sum(segment.spend for segment in segments) / customers
    recency = sum(segment.mean_recency_days * segment.customers for segment in segments if segment.customers)
    return [
        playbook.get(segment.segment) or playbook.get(segment.name) or _approach(segment, spend, recency / customers)
        for segment in segments
    ]


def _approach(segment: Segment, mean_spend: float, mean_recency: float) -> str:
    if not segment.customers:
        return "Nobody is in it at present."
    rich, poor = segment.mean_spend >= RICH * mean_spend, segment.mean_spend <= POOR * mean_spend
    if segment.mean_orders >= REPEAT_ORDERS:
        words = "They come back by themselves: thank them, let them see new things first, ask them for reviews."
        words += " Protect their service before any discount." if rich else " Offer what goes with earlier orders."
    elif rich:
        words = "One large order each: win the second one by hand, with a personal follow-up and what completes it."
    elif poor:
        words = (
            "Small single orders: keep the cost of contact low, and offer bundles or free delivery over a threshold."
        )
    else:
        words = "One order each, of the usual size: ask for a second one with a reason and a date, by e-mail."
    if mean_recency and segment.mean_recency_days >= AWAY * mean_recency:
        words += " They have been away longer than others: ask before they forget the shop."
    elif mean_recency and segment.mean_recency_days <= RECENT * mean_recency:
        words += " They have ordered lately: this is the time to write."
    return words
