"""What parts of a run cost, beside the whole run that has them.

No run is without. So after one, its parts are run again by themselves, on its database, in a transaction that is taken
back.
"""

import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import next_nights
import numpy as np
import servers
from engines.base import Engine
from measuring import Figures, job
from shop import configured

from job import history
from job.adapters.base import Database
from job.config import Campaign, Config
from job.model import structure
from job.report import cohorts, lifts
from job.segmentation import campaigns, grouping, labels, naming, rfm, value
from job.session import connect

EVERYBODY = Campaign(name="everybody", start=date(2000, 1, 1))
NIGHTS = 3  # windows in which the report looks for those who moved


def words_beside_a_run(folder: Path, engine: Engine) -> dict[str, Figures]:
    """A first run, and what of it is words, scores and the look at its groups."""
    with servers.fresh_database(engine) as url:
        found = job(engine, url, folder)
        steps = taken(configured(engine, url), _words)
    return {"job": found, "words and RFM": {"seconds": sum(steps.values()), "steps": steps}}


def to_come_beside_a_night(folder: Path, engine: Engine) -> dict[str, Figures]:
    """A night with 1 % new orders, and what of it is to come, who moved, and a campaign of everybody."""
    with next_nights.without_newest(folder, 0.01) as older, servers.fresh_database(engine) as url:
        job(engine, url, older)
        found = job(engine, url, folder)
        steps = taken(configured(engine, url), _to_come)
    begins = steps.pop("the campaign begins, once")
    parts: Figures = {"seconds": sum(steps.values()), "steps": {**steps, "the campaign begins, once": begins}}
    return {"job": found, "to come, moved, campaign": parts}


def taken(settings: Config, parts: Callable[[Database, Config], dict[str, float]]) -> dict[str, float]:
    """Return the seconds that each part takes on the database of a run."""
    with closing(connect(settings)) as database, database.rolled_back():
        return parts(database, settings)


def _words(database: Database, settings: Config) -> dict[str, float]:
    points = grouping.select_points(database, settings)
    model, _ = history.current_model(database)
    assert model and model.structure
    cuts = naming.cuts(model, points, None)
    found_again = model.structure.found_again
    bare = seconds(labels.of_model, database, model)
    return {
        "cut points of RFM": seconds(rfm.write, database, settings),
        "groups of RFM for the report": seconds(database.fetch, "report_rfm"),
        "counts for words": max(seconds(labels.of_model, database, model, cuts) - bare, 0.0),
        "one crowd": seconds(
            structure.measure, points, np.array(model.centroids), found_again, settings.clustering.seed
        ),
    }


def _to_come(database: Database, settings: Config) -> dict[str, float]:
    settings = settings.model_copy(update={"campaigns": (EVERYBODY,)})
    last, before = (database.fetch("recent_runs", limit=2)[place] for place in (0, 1))
    segments = history.require_last_done(database).segments
    month = cohorts.last_month(last["started_at"].date())
    return {
        "what is to come": seconds(value.write, database, settings, "bench"),
        "what is to come, for the report": seconds(database.fetch, "report_value"),
        "who moved": NIGHTS * seconds(database.fetch, "report_moves", {"started_at": before["started_at"]}),
        "who still orders": seconds(lambda: database.fetch("report_cohorts", first=0, last=month)),
        "the campaign begins, once": seconds(campaigns.begin, database, settings, segments, last["started_at"]),
        "the campaign's arms": seconds(lifts.read, database, settings),
    }


def seconds(do: Callable[..., Any], *values: Any) -> float:
    """Return what it takes to call the function with these values."""
    started = time.perf_counter()
    do(*values)
    return time.perf_counter() - started
