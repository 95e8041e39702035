"""Campaigns in the report and on the terminal: read from the database, and in words."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from job.config import Config
from job.errors import DataError
from job.formats import Formats
from job.model import lift
from job.model.lift import Effect, Lift
from job.segmentation import campaigns

if TYPE_CHECKING:
    from job.adapters.base import Database


class Result(NamedTuple):
    """A campaign that has begun, and what became of its customers."""

    name: str
    began_at: datetime
    lifts: list[Lift]  # of all, and of each segment


class Row(NamedTuple):
    """A line of a campaign's table: of all, or of a segment."""

    segment: str | None
    customers: str  # treated and held out
    ordered: str
    revenue: str
    verdict: str


def read(database: "Database", config: Config) -> list[Result]:
    """Return the config's campaigns that have begun."""
    if not config.campaigns:
        return []
    began = campaigns.begun(database, [campaign.name for campaign in config.campaigns])
    return [_result(database, name, at) for name, at in began.items()]


def require(database: "Database", config: Config, name: str) -> Result:
    """Return the campaign of that name, in the config or not. Raises DataError where it has not begun."""
    began = campaigns.begun(database, [name])
    if name in began:
        return _result(database, name, began[name])
    for campaign in config.campaigns:
        if campaign.name == name:
            raise DataError(f"campaign {name} begins with the first run on or after {campaign.start} (UTC)")
    others = ", ".join(campaigns.all_begun(database)) or "none"
    raise DataError(f"there is no campaign {name}; those that have begun: {others}")


def _result(database: "Database", name: str, began_at: datetime) -> Result:
    return Result(name, began_at, lift.lifts(database.fetch("campaign_results", {"campaign": name})))


def sentences(result: Result, formats: Formats) -> list[str]:
    """Return what there is to say of the campaign as a whole."""
    total = result.lifts[0]
    customers = total.treated.customers + total.holdout.customers
    told = [
        f"{formats.number(total.treated.customers)} customers since {formats.date(result.began_at)}, beside "
        f"{formats.number(total.holdout.customers)} who were held out."
    ]
    if total.ordered:
        told.append(
            f"{_share(total.treated.rate, formats)} ordered again, against {_share(total.holdout.rate, formats)}: "
            f"{_verdict(total)}."
        )
    else:
        told.append(f"{total.too_few[:1].upper()}{total.too_few[1:]}.")
    if total.needed:
        enough = "there are enough" if total.needed <= customers else "there are fewer"
        told.append(
            f"To tell a tenth more buyers than the holdout's takes {formats.number(total.needed)} customers: {enough}."
        )
    if gone := total.treated.gone + total.holdout.gone:
        told.append(f"{formats.number(gone)} are no customers any more, and count with no order and no money.")
    return told


def rows(result: Result, formats: Formats) -> list[Row]:
    """Return the lines of the campaign's table: all, then the segments that it began with."""
    return [
        Row(
            each.segment,
            f"{formats.number(each.treated.customers)} / {formats.number(each.holdout.customers)}",
            _ordered(each, formats),
            _revenue(each, formats),
            each.too_few or _verdict(each),
        )
        for each in result.lifts
    ]


def _ordered(each: Lift, formats: Formats) -> str:
    if not each.ordered:
        return ""
    points = [formats.number(100 * value, 1) for value in each.ordered[:3]]
    rates = f"{_share(each.treated.rate, formats)} / {_share(each.holdout.rate, formats)}"
    return f"{rates}; {_signed(each.ordered, points[0])} points ({points[1]} to {points[2]})"


def _revenue(each: Lift, formats: Formats) -> str:
    if not each.revenue:
        return ""
    money = [formats.money(value) for value in each.revenue[:3]]
    means = f"{formats.money(each.treated.mean)} / {formats.money(each.holdout.mean)}"
    return f"{means}; {_signed(each.revenue, money[0])} ({money[1]} to {money[2]})"


def _signed(effect: Effect, text: str) -> str:
    return f"+{text}" if effect.difference > 0 else text


def _share(value: float, formats: Formats) -> str:
    return formats.share(value)


def _verdict(each: Lift) -> str:
    return "; ".join(filter(None, (_word(each.ordered, "buyers", "fewer"), _word(each.revenue, "revenue", "less"))))


def _word(effect: Effect | None, what: str, less: str) -> str:
    if effect is None:
        return ""
    return f"{'more' if effect.difference > 0 else less} {what}" if effect.told else f"no difference in {what}"


def as_records(result: Result) -> Sequence[dict[str, object]]:
    """Return a record for all, and for each segment, as JSON has it."""
    return [
        {
            "campaign": result.name,
            "began_at": result.began_at,
            "segment": each.segment,
            "customers": each.treated.customers,
            "held_out": each.holdout.customers,
            "ordered_again": each.treated.rate,
            "ordered_again_held_out": each.holdout.rate,
            "ordered_again_difference": each.ordered and each.ordered._asdict(),
            "revenue": each.treated.mean,
            "revenue_held_out": each.holdout.mean,
            "revenue_difference": each.revenue and each.revenue._asdict(),
            "too_few": each.too_few or None,
            "needed": each.needed,
            "gone": each.treated.gone + each.holdout.gone,
        }
        for each in result.lifts
    ]
