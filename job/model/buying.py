"""How often customers order, and whether they have left: BG/NBD, or NBD where nobody leaves. Pure: no database.

A customer's orders come at random, at a rate of their own; the rates are spread as a gamma distribution (r, alpha).
After each order, the customer may leave for good, with a probability of their own, spread as a beta distribution
(a, b). Fader, Hardie and Lee (2005), "Counting your customers" the easy way. Times are in weeks.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, hyp2f1, psi

from job.model.likelihood import Summit, summit
from job.model.segment_model import Floats

FEWEST = 100  # customers who came back: with fewer, parameters are anything
FEW = 500  # with fewer, what is expected may be 10 % off, and more
LEAVING = 5.99  # twice what the log-likelihood gains by two parameters more: what chance gives once in twenty times
SPAN = 10.0  # that the longest time is brought to, so that alpha is of the size of the others
STARTS = ((1.0, 1.0, 1.0, 1.0), (0.3, 1.0, 0.8, 2.5))
NEAR_ONE = 1e-7  # where the formula divides by a - 1


@dataclass(frozen=True)
class Histories:
    """What is known of customers, by cells of those who are alike."""

    again: Floats  # days with orders, without the first
    last: Floats  # weeks from the first order to the last
    known: Floats  # weeks from the first order until now
    customers: Floats

    @property
    def came_back(self) -> int:
        """How many customers ordered on a second day."""
        return round(float(self.customers[self.again > 0].sum()))


@dataclass(frozen=True)
class Buying:
    """A fitted model."""

    parameters: Floats  # r, alpha, a, b; r, alpha: nobody leaves
    log_likelihood: float
    covariance: Floats  # of their logs

    @property
    def leaves(self) -> bool:
        """Whether customers leave."""
        return len(self.parameters) > 2

    def alive(self, of: Histories) -> Floats:
        """Return the probability that a customer has not left; it is 1 for all who ordered once."""
        if not self.leaves:
            return np.ones_like(of.known)
        r, alpha, a, b = map(float, self.parameters)
        gone = a / (b + np.maximum(of.again, 1) - 1) * ((alpha + of.known) / (alpha + of.last)) ** (r + of.again)
        return np.asarray(1 / (1 + np.where(of.again > 0, gone, 0)))

    def chance(self, of: Histories, weeks: float) -> Floats:
        """Return the probability that a customer orders within so many weeks from now."""
        r, alpha = map(float, self.parameters[:2])
        none = ((alpha + of.known) / (alpha + of.known + weeks)) ** (r + of.again)
        return self.alive(of) * (1 - none)

    def expected(self, of: Histories, weeks: float) -> Floats:
        """Return how many days with orders are expected of a customer within so many weeks from now."""
        r, alpha = map(float, self.parameters[:2])
        if not self.leaves:
            return (r + of.again) / (alpha + of.known) * weeks
        a, b = map(float, self.parameters[2:])
        a = 1 + NEAR_ONE if abs(a - 1) < NEAR_ONE else a
        z = weeks / (alpha + of.known + weeks)
        # By Euler's transformation: its arguments do not grow with the orders, as those of the published form do
        series = hyp2f1(a + b - 1 - r, a - 1, a + b + of.again - 1, z)
        return np.asarray((a + b + of.again - 1) / (a - 1) * (1 - (1 - z) ** (a - 1) * series) * self.alive(of))


def fit(of: Histories) -> Buying | None:
    """Return BG/NBD by maximum likelihood; NBD where it explains the customers as well; None: neither is found."""
    scale = SPAN / of.known.max()
    scaled = Histories(of.again, of.last * scale, of.known * scale, of.customers)
    staying = summit(lambda logs: of_staying(logs, scaled), of.customers, [start[:2] for start in STARTS])
    leaving = summit(lambda logs: of_leaving(logs, scaled), of.customers, STARTS)
    best = leaving or staying
    if leaving and staying and 2 * (leaving.log_likelihood - staying.log_likelihood) < LEAVING:
        best = staying
    return _in_weeks(best, scaled, scale) if best else None


def _in_weeks(found: Summit, scaled: Histories, scale: float) -> Buying:
    parameters = found.parameters.copy()
    parameters[1] /= scale
    orders = float((scaled.customers * scaled.again).sum())
    return Buying(parameters, found.log_likelihood + orders * float(np.log(scale)), found.covariance)


def of_staying(logs: Floats, of: Histories) -> tuple[Floats, Floats]:
    """Return the log-likelihood of each cell's customer by NBD, and its derivatives by the logs of r and alpha."""
    r, alpha = map(float, np.exp(logs))
    x, known = of.again, of.known
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + known)
    by_r = psi(r + x) - psi(r) + np.log(alpha) - np.log(alpha + known)
    by_alpha = r / alpha - (r + x) / (alpha + known)
    return value, np.array([by_r * r, by_alpha * alpha])


def of_leaving(logs: Floats, of: Histories) -> tuple[Floats, Floats]:
    """Return the log-likelihood of each cell's customer by BG/NBD, and its derivatives by the logs of r to b."""
    r, alpha, a, b = map(float, np.exp(logs))
    x, last, known = of.again, of.last, of.known
    before = np.maximum(x, 1) - 1
    stayed = -(r + x) * np.log(alpha + known)
    left = np.where(x > 0, np.log(a) - np.log(b + before) - (r + x) * np.log(alpha + last), -np.inf)
    either = np.logaddexp(stayed, left)
    p_left = np.exp(left - either)
    p_stayed = 1 - p_left
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    value += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x) + either
    by_r = psi(r + x) - psi(r) + np.log(alpha) - p_stayed * np.log(alpha + known) - p_left * np.log(alpha + last)
    by_alpha = r / alpha - (r + x) * (p_stayed / (alpha + known) + p_left / (alpha + last))
    both = psi(a + b) - psi(a + b + x)
    by_a = both + p_left / a
    by_b = both + psi(b + x) - psi(b) - np.where(x > 0, p_left / (b + before), 0)
    return value, np.array([by_r * r, by_alpha * alpha, by_a * a, by_b * b])
