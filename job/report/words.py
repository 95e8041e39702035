"""What the report says in sentences, made from the segments' figures. Pure: no database, no files."""

from collections.abc import Mapping, Sequence
from typing import Any

from job.formats import Formats
from job.model.habits import GONE, Habits, Said
from job.model.segments import Move, MoveCounts, Segment

TENTH = 10  # one customer in so many, whose next order is reckoned with

# What to do, by what most customers spent beside the shop's median; else {more} has how many spent more.
REPEAT = {
    "much": "Most come back by themselves, and most spent more than twice the median: thank them, let them see new "
    "things first, and protect their service before any discount.",
    "more": "Most come back by themselves, and most spent more than the median: let them see new things first, and "
    "ask them for reviews.",
    "less": "Most come back by themselves, and most spent no more than the median: offer what goes with earlier "
    "orders, and free delivery over a threshold.",
    "little": "Most come back by themselves, and most spent half of the median at most: offer what goes with "
    "earlier orders.",
    "": "Most come back by themselves, and {more} spent more than the median: thank these in person, and ask all "
    "for reviews.",
}
ONCE = {
    "much": "Most ordered once, and most spent more than twice the median: win the second order by hand, with a "
    "personal follow-up and what completes the first.",
    "more": "Most ordered once, and most spent more than the median: ask for a second order with a reason and a "
    "date, by e-mail.",
    "less": "Most ordered once, and most spent no more than the median: suggest by e-mail what others bought with it.",
    "little": "Most ordered once, and most spent half of the median at most: keep the cost of contact low, and "
    "offer bundles or free delivery over a threshold.",
    "": "Most ordered once, and {more} spent more than the median: ask these for a second order with a reason and a "
    "date, and offer the others what goes with the first.",
}
SOME = {
    "much": "thank these, and win the second order of the others by hand.",
    "more": "thank these, and ask the others for a second order, with a reason and a date.",
    "less": "offer the others free delivery for a second order.",
    "little": "offer the others a bundle for a second order.",
    "": "ask the others for a second order.",
}


def headline(
    segments: Sequence[Segment], habits: Mapping[str, Habits], median: float | None, formats: Formats
) -> list[str]:
    """Return what there is to know at a glance, a sentence each: all customers, each segment that has any, and how long
    it is between two orders of a customer.

    habits: by segment, where they are known. median: of all customers' spend, where that is. A segment that came back
    is one of whose customers most did; where only a part did, the sentence says how many.
    """
    customers = sum(segment.customers for segment in segments)
    spend = sum(segment.spend for segment in segments)
    half = "" if median is None else f"; half of them {formats.money(median)} or less, the median"
    return [
        f"{_customers(customers, formats)} spent {formats.money(spend, whole=True)}, "
        f"{formats.money(spend / max(customers, 1))} each{half}.",
        *(_sentence(segment, habits.get(segment.segment), formats) for segment in segments if segment.customers),
        *_rhythm(habits, formats),
    ]


def _rhythm(habits: Mapping[str, Habits], formats: Formats) -> list[str]:
    days = next((each.rhythm for each in habits.values()), None)
    if days is None:
        return []
    return [f"Half of those who ordered on several days left {_days(days, formats)} or less between two orders."]


def _days(days: int, formats: Formats) -> str:
    return "1 day" if days == 1 else f"{formats.number(days)} days"


def _sentence(segment: Segment, habits: Habits | None, formats: Formats) -> str:
    verb, more = "brought", ""
    if habits and habits.repeat.true:
        verb = "came back and brought"
    elif habits and not habits.repeat.untrue:
        more = f"; {_part(habits.repeat, formats)} ordered more than once"
    return (
        f"{segment.segment}, “{segment.name}”: {_customers(segment.customers, formats)} "
        f"({formats.share(segment.share)}) {verb} {formats.share(segment.share_of_spend)} of the revenue{more}."
    )


def _part(said: Said, formats: Formats) -> str:
    return f"{formats.number(said.customers)} of {formats.number(said.of)}"


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


def approaches(
    segments: Sequence[Segment], habits: Mapping[str, Habits], playbook: Mapping[str, str], formats: Formats
) -> list[str]:
    """Return what to do about each segment: the playbook's words for its letter or name, else made of what most of its
    customers do, with how many do where they are not most, and of what one more order would bring.

    habits: by segment, where they are known.
    """
    return [
        playbook.get(segment.segment)
        or playbook.get(segment.name)
        or _approach(segment, habits.get(segment.segment), formats)
        for segment in segments
    ]


def _approach(segment: Segment, habits: Habits | None, formats: Formats) -> str:
    if not segment.customers:
        return "Nobody is in it at present."
    said = [_by_orders(habits, formats), _by_recency(habits, formats)] if habits else []
    return " ".join(sentence for sentence in (*said, _one_more_order(segment, formats)) if sentence)


def _by_orders(habits: Habits, formats: Formats) -> str:
    kinds = {
        "much": habits.much.true,
        "more": habits.more.true,
        "little": habits.little.true,
        "less": habits.more.untrue,
    }
    kind = next((name for name, true in kinds.items() if true), "")
    if habits.repeat.true or habits.repeat.untrue:
        return (REPEAT if habits.repeat.true else ONCE)[kind].format(more=_part(habits.more, formats))
    return f"{_part(habits.repeat, formats)} ordered more than once: {SOME[kind]}"


def _by_recency(habits: Habits, formats: Formats) -> str:
    if habits.rhythm is None:
        return ""
    if habits.lately.true:
        return f"Most ordered in the last {_days(habits.rhythm, formats)}, the usual time between orders: write now."
    long = _days(GONE * habits.rhythm, formats)
    if habits.gone.true:
        return f"Most have not ordered for over {long}, {GONE} times the usual: ask before they forget the shop."
    if not habits.gone.customers:
        return f"All ordered in the last {long}, {GONE} times the usual: none is lost yet."
    others = formats.number(habits.gone.of - habits.gone.customers)
    return (
        f"{_part(habits.gone, formats)} have not ordered for over {long}, {GONE} times the usual: write to the other "
        f"{others} first."
    )


def _one_more_order(segment: Segment, formats: Formats) -> str:
    orders = segment.mean_orders * segment.customers
    if orders <= 0 or segment.spend <= 0:
        return ""
    value, some = segment.spend / orders, round(segment.customers / TENTH)
    who = f"a tenth of them ({_customers(some, formats)})" if some > 1 else "one of them"
    return (
        f"One more order from {who}, at their {formats.money(value)} an order, would bring "
        f"{formats.money(value * max(some, 1), whole=some > 1)}."
    )
