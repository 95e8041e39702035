"""Campaigns: which customers are held out, written down once, as their campaign begins.

The arm is told by the SHA-256 of salt and id alone: it is the same on every engine, on every night, and for whoever
computes it elsewhere. Segment, orders and spend are those of the first night.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from fractions import Fraction
from typing import TYPE_CHECKING

import structlog

from job.config import Campaign, Config
from job.model.segments import Segment

if TYPE_CHECKING:
    from job.adapters.base import Database

DIGITS = 16  # of the hash in hex, that are compared


def begun(database: "Database", names: Iterable[str]) -> dict[str, datetime]:
    """Return those of the campaigns that have begun, and when (UTC)."""
    if "campaign_customers" not in database.own_tables():  # of an older version
        return {}
    rows = [row for name in names for row in database.fetch("campaign_began", {"campaign": name})]
    return {row["campaign"]: row["began_at"] for row in rows}


def all_begun(database: "Database") -> list[str]:
    """Return the names of all campaigns that have begun, whether the config still has them or not."""
    there = "campaign_customers" in database.own_tables()
    return [row["campaign"] for row in database.fetch("begun_campaigns")] if there else []


def begin(database: "Database", config: Config, segments: Sequence[Segment], started_at: datetime) -> list[str]:
    """Write down the customers of the campaigns that begin with this run; return what there is to warn of.

    segments: those that customers are labelled with. started_at: the run's. Nothing is read where no campaign is due.
    """
    due = [campaign for campaign in config.campaigns if campaign.start <= started_at.date()]
    there = begun(database, [campaign.name for campaign in due]) if due else {}
    warnings = []
    for campaign in due:
        if campaign.name not in there:
            warnings += _begin(database, campaign, segments, started_at)
    return warnings


def _begin(database: "Database", campaign: Campaign, segments: Sequence[Segment], started_at: datetime) -> list[str]:
    known = {each for segment in segments for each in (segment.segment, segment.name)}
    if unknown := [each for each in campaign.segments if each not in known]:
        return [f"campaign {campaign.name} has not begun: no segment is called {unknown[0]}"]
    wanted = set(campaign.segments) or known
    letters = [segment.segment for segment in segments if wanted & {segment.segment, segment.name}]
    values = {
        "campaign": campaign.name,
        "salt": prefix(campaign),
        "below": below(campaign.share),
        "began_at": started_at,
    }
    customers = database.execute("begin_campaign", values, segments=letters)
    if not customers:
        return [f"campaign {campaign.name} has not begun: nobody is in its segments"]
    database.analyze([database.own.name("campaign_customers")])
    structlog.get_logger().info("campaign", name=campaign.name, customers=customers)
    return []


def prefix(campaign: Campaign) -> str:
    """Return what stands before a customer's id in the text that is hashed."""
    return f"{campaign.salt or campaign.name}:"


def below(share: float) -> str:
    """Return the number, in hex, below which the first digits of a hash are held out: of all numbers, this share."""
    return f"{int(Fraction(str(share)) * 16**DIGITS):0{DIGITS}x}"
