"""What the report says in sentences, made from the segments' figures. Pure: no database, no files."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from job.formats import Formats
from job.model import rfm
from job.model.habits import GONE, Habits, Said
from job.model.rfm import Cuts
from job.model.segments import Move, MoveCounts, Segment
from job.report.figures import Period, Revenue

NUMBER = r"\d[\d,]*(?:\.\d+)?"  # as rules have it
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


class KeyFigure(NamedTuple):
    """One of the numbers that matter, with what it is and what belongs to it."""

    label: str
    value: str
    note: str


def key_figures(
    segments: Sequence[Segment],
    habits: Mapping[str, Habits],
    median: float | None,
    revenue: Revenue | None,
    formats: Formats,
) -> list[KeyFigure]:
    """Return the three numbers that matter: customers, revenue, and how many came back.

    habits: by segment, where they are known; else the third is the orders of a customer. median: of all customers'
    spend, where that is. revenue: what of it is at nothing or below, where that is. Where a segment is one customer,
    money is rounded, or it would tell theirs.
    """
    customers = sum(segment.customers for segment in segments)
    spend = sum(segment.spend for segment in segments)
    money = formats.about if any(segment.customers == 1 for segment in segments) else formats.money
    total = money(spend) if money == formats.about else formats.money(spend, whole=True)
    half = "" if median is None else f"; half of them {formats.money(median)} or less"
    each = f"{money(spend / max(customers, 1))} each{half}."
    mean = sum(segment.mean_orders * segment.customers for segment in segments if segment.customers)
    return [
        KeyFigure("Customers", formats.number(customers), _most_from(segments, formats)),
        KeyFigure(
            "Revenue, net of refunds" if revenue and revenue.below else "Revenue",
            total,
            " ".join(part for part in (each, _below(revenue, formats)) if part),
        ),
        _came_back(habits, formats)
        if habits
        else KeyFigure("Orders each", formats.number(mean / max(customers, 1), 2), ""),
    ]


def _most_from(segments: Sequence[Segment], formats: Formats) -> str:
    """Return the fewest segments that half of the revenue comes from, and how many of the customers those are."""
    letters, customers, spend = [], 0.0, 0.0
    for segment in sorted(segments, key=lambda each: -each.share_of_spend):
        if spend < 0.5 and segment.customers:
            letters.append(segment.segment)
            customers, spend = customers + segment.share, spend + segment.share_of_spend
    if spend < 0.5 or spend > 1 or len(letters) == len(segments):
        return ""
    *first, last = sorted(letters)
    who = f"{', '.join(first)} and {last} are" if first else f"{last} is"
    return f"{who} {formats.share(customers, 0)} of them, and {formats.share(spend, 0)} of the revenue."


def _below(revenue: Revenue | None, formats: Formats) -> str:
    """Say whether the revenue is net of all refunds, or each customer's spend ends at 0."""
    if revenue and revenue.below:
        back = formats.about(-revenue.below_by) if revenue.below == 1 else formats.money(-revenue.below_by)
        return f"{_customers(revenue.below, formats)} got back more than they paid: {back} in all."
    if revenue and revenue.at_nothing:
        return f"Nobody's spend is below 0; {_customers(revenue.at_nothing, formats)} at 0."
    return ""


def _came_back(habits: Mapping[str, Habits], formats: Formats) -> KeyFigure:
    repeat = sum(each.repeat.customers for each in habits.values())
    of = sum(each.repeat.of for each in habits.values())
    note = f"{formats.number(repeat)} ordered more than once."
    if (days := next(iter(habits.values())).rhythm) is not None:
        note += f" Half of those who did so on several days left {_days(days, formats)} or less between two orders."
    return KeyFigure("Came back", formats.share(repeat / max(of, 1)), note)


def rfm_doubts(cuts: Cuts, without: int, formats: Formats) -> list[str]:
    """Return what the scores do not tell: of which column, and of how many customers.

    without: customers who have no scores.
    """
    names = {"recency_days": "days since the last order", "frequency": "number of orders", "monetary": "spend"}
    sentences = []
    for column, kinds in rfm.doubts(cuts):
        if kinds:
            many = "1 kind" if kinds == 1 else f"{kinds} kinds"
            sentences.append(
                f"Too many customers have the same {names[column]}: {rfm.LETTERS[column].upper()} tells {many} of them "
                "apart, not five. Groups that differ by it say less here."
            )
        else:
            sentences.append(f"Nobody has a score: {column} has no values.")
    if without and not any(kinds == 0 for _, kinds in rfm.doubts(cuts)):
        sentences.append(f"{_customers(without, formats)} without a value for one of the three have no group.")
    return sentences


def period(period: Period | None, formats: Formats) -> str:
    """Return the days that the orders are of, in a sentence; empty: they are not known."""
    if period is None:
        return ""
    first, last, counted_to = (formats.date(day) for day in period)
    return f"Orders from {first} to {last}; days count to {counted_to}."


def rule(segment: Segment, formats: Formats) -> str:
    """Return the segment's rule with its amounts as money, and how often it is right."""
    currency = re.escape(formats.currency)
    money = re.compile(rf"(?<![\w.,])({NUMBER})(?: to ({NUMBER}))? {currency}(?![\w])")

    parts = money.split(segment.rule)
    written = formats.rewritten(parts[0])
    for low, high, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        written += " to ".join(formats.money(float(part.replace(",", ""))) for part in (low, high) if part)
        written += formats.rewritten(rest)
    return f"{written} (right for {formats.share(segment.rule_right)})"


def _days(days: int, formats: Formats) -> str:
    return "1 day" if days == 1 else f"{formats.number(days)} days"


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
    if orders <= 0 or segment.spend <= 0 or segment.customers == 1:
        return ""
    value, some = segment.spend / orders, round(segment.customers / TENTH)
    who = f"a tenth of them ({_customers(some, formats)})" if some > 1 else "one of them"
    return (
        f"One more order from {who}, at their {formats.money(value)} an order, would bring "
        f"{formats.money(value * max(some, 1), whole=some > 1)}."
    )
