"""What an order brings: the Gamma-Gamma model. Pure: no database, no files.

A customer's orders are spread around a mean of their own, as a gamma distribution with the shape p; the means are
spread over customers by q and v. Fader and Hardie (2013), The Gamma-Gamma model of monetary value.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, psi

from job.model.likelihood import summit
from job.model.segment_model import Floats

TINY = 1e-3  # over which a variance is finite, and no rounding
STARTS = ((1.0, 1.0, 1.0), (6.0, 4.0, 1.0))  # p, q, and v in mean orders


@dataclass(frozen=True)
class Spending:
    """A fitted model."""

    parameters: Floats  # p, q, v
    covariance: Floats  # of their logs

    def order_value(self, orders: Floats, spend: Floats) -> Floats:
        """Return what the next order of a customer brings on average, who has spent so much with so many orders.

        It is a straight line in the spend, which reckons with it and with the shop's mean.
        """
        p, q, v = map(float, self.parameters)
        return p * (v + spend) / (p * orders + q - 1)

    def order_variance(self, orders: Floats, spend: Floats) -> Floats:
        """Return by how much that next order spreads around its mean, squared; of few orders, what is infinite is the
        mean squared."""
        p, q, _ = map(float, self.parameters)
        mean, shape = self.order_value(orders, spend), p * orders + q
        second = (p + 1) * (shape - 1) / (p * np.maximum(shape - 2, TINY))
        return np.asarray(mean**2 * np.where(shape - 2 > TINY, second - 1, 1))


def fit(orders: Floats, means: Floats, customers: Floats) -> Spending | None:
    """Return Gamma-Gamma by maximum likelihood; None: there is none, or a mean order would be infinite by it.

    orders, means: how many a cell's customers have, and what these bring on average, over 0.
    """
    unit = float(np.average(means, weights=customers))
    found = summit(lambda logs: of_spending(logs, orders, means / unit), customers, STARTS)
    if found is None or found.parameters[1] <= 1:
        return None
    return Spending(found.parameters * (1, 1, unit), found.covariance)


def of_spending(logs: Floats, orders: Floats, means: Floats) -> tuple[Floats, Floats]:
    """Return the log-likelihood of each cell's customer, and its derivatives by the logs of p, q and v."""
    p, q, v = map(float, np.exp(logs))
    shape, spend = p * orders, means * orders
    value = gammaln(shape + q) - gammaln(shape) - gammaln(q) + q * np.log(v)
    value += (shape - 1) * np.log(means) + shape * np.log(orders) - (shape + q) * np.log(v + spend)
    by_p = orders * (psi(shape + q) - psi(shape) + np.log(spend) - np.log(v + spend))
    by_q = psi(shape + q) - psi(q) + np.log(v) - np.log(v + spend)
    by_v = q / v - (shape + q) / (v + spend)
    return value, np.array([by_p * p, by_q * q, by_v * v])
