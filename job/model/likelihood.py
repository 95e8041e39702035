"""Maximum likelihood of a few positive parameters, judged by the gradient. Pure: no database, no files."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from job.model.segment_model import Floats

LEVEL = 1e-5  # steepest gradient, of a customer's mean log-likelihood by the log of a parameter, that is a summit's
STEP = 1e-5  # of the log of a parameter, for the second derivatives
FURTHEST = 30.0  # log of a parameter, to either side: beyond, it is as good as 0 or infinite
VAGUE = 0.01  # what is known before, so to say: a log of a parameter spreads by 10, where the customers tell nothing

# The log of the parameters -> each cell's log-likelihood, and its derivatives by these logs (parameters x cells)
Likelihood = Callable[[Floats], tuple[Floats, Floats]]


class Summit(NamedTuple):
    """Where the likelihood is greatest."""

    parameters: Floats
    log_likelihood: float  # of all customers
    covariance: Floats  # of the logs of the parameters


@np.errstate(all="ignore")  # on its way, an optimizer may try what no number can hold
def summit(likelihood: Likelihood, customers: Floats, starts: Sequence[Sequence[float]]) -> Summit | None:
    """Return the greatest likelihood that is found from these starts; None: none is level enough to be one.

    customers: of each cell. An optimizer's own word is not taken for it: it may stop short of a summit and call that a
    success, or reach it and call it a failure.
    """
    total = customers.sum()

    def uphill(logs: Floats) -> tuple[float, Floats]:
        each, by = likelihood(np.clip(logs, -FURTHEST, FURTHEST))
        return -float((customers * each).sum() / total), -(customers * by).sum(axis=1) / total

    ends = [minimize(uphill, np.log(start), jac=True, method="BFGS", options={"gtol": LEVEL / 100}) for start in starts]
    level = [end for end in ends if np.isfinite(end.fun) and np.abs(end.jac).max() < LEVEL]
    if not level:
        return None
    best = min(level, key=lambda end: float(end.fun))
    logs = np.clip(best.x, -FURTHEST, FURTHEST)
    covariance = _covariance(uphill, logs, total)
    return None if covariance is None else Summit(np.exp(logs), -float(best.fun) * total, covariance)


def _covariance(uphill: Callable[[Floats], tuple[float, Floats]], logs: Floats, total: float) -> Floats | None:
    """Return the inverse of the observed information; in a direction that customers tell nothing about, wide. None:
    it is not finite."""
    steps = STEP * np.eye(len(logs))
    information = np.array([(uphill(logs + step)[1] - uphill(logs - step)[1]) / (2 * STEP) for step in steps]) * total
    if not np.isfinite(information).all():
        return None
    values, vectors = np.linalg.eigh((information + information.T) / 2)
    inverse: Floats = (vectors / (np.maximum(values, 0) + VAGUE)) @ vectors.T
    return inverse
