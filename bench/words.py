"""What words, RFM scores and the question whether there are groups at all cost, beside the whole run that has them.

No run is without. So after one, its parts are run again by themselves, on its database, in a transaction that is taken
back.
"""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import servers
from engines.base import Engine
from measuring import Figures, job
from shop import configured

from job import history
from job.config import Config
from job.model import structure
from job.segmentation import grouping, labels, naming, rfm
from job.session import connect


def beside_the_run(folder: Path, engine: Engine) -> dict[str, Figures]:
    """A first run, and what of it is words, scores and the look at its groups."""
    with servers.fresh_database(engine) as url:
        found = job(engine, url, folder)
        steps = parts(configured(engine, url))
    return {"job": found, "words and RFM": {"seconds": sum(steps.values()), "steps": steps}}


def parts(settings: Config) -> dict[str, float]:
    """Return the seconds that each takes on the database of a run."""
    with closing(connect(settings)) as database, database.rolled_back():
        points = grouping.select_points(database, settings)
        model, _ = history.current_model(database)
        assert model and model.structure
        cuts = naming.cuts(model, points, None)
        bare = seconds(labels.of_model, database, model)
        return {
            "cut points of RFM": seconds(rfm.write, database, settings),
            "groups of RFM for the report": seconds(database.fetch, "report_rfm"),
            "counts for words": max(seconds(labels.of_model, database, model, cuts) - bare, 0.0),
            "one crowd": seconds(
                structure.measure,
                points,
                np.array(model.centroids),
                model.structure.found_again,
                settings.clustering.seed,
            ),
        }


def seconds(do: Callable[..., Any], *values: Any) -> float:
    """Return what it takes to call the function with these values."""
    started = time.perf_counter()
    do(*values)
    return time.perf_counter() - started
