"""What customers are going to bring: chances, orders and revenue by cells of customers, and in all. Pure: no database.

Customers are in one cell who ordered on as many days, over as many weeks, and first came as many weeks ago.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from job.model import buying
from job.model.buying import Buying, Histories
from job.model.segment_model import Floats
from job.model.spending import Spending

WEEK = 7.0  # days
NINE_OF_TEN = 1.645  # standard deviations to either side
STEP = 1e-4  # of the log of a parameter

TOTALS = ("buyers", "orders", "revenue")  # as `Outlook` has them, and all that keep them


class Range(NamedTuple):
    """What is expected, and between what and what it is in nine of ten cases, if the model is right."""

    expected: float
    low: float
    high: float


class Values(NamedTuple):
    """What is expected of a customer of each cell; the revenue is `base` and so much of what they have spent."""

    chance: Floats
    orders: Floats
    base: Floats
    per_spend: Floats


@dataclass(frozen=True)
class Outlook:
    """What is going to come, by fitted models. Of spending: None, orders alone can be told."""

    of: Histories
    spend: Floats  # of all customers of a cell, without what lies below 0
    buying: Buying
    spending: Spending | None

    def told(self) -> dict[str, Any]:
        """Return the models, for the record."""
        names = ("r", "alpha", "a", "b")[: len(self.buying.parameters)]
        money = self.spending.parameters.tolist() if self.spending else []
        return {
            "model": "BG/NBD" if self.buying.leaves else "NBD",
            "parameters": dict(zip(names, self.buying.parameters.tolist(), strict=True)),
            "log_likelihood": self.buying.log_likelihood,
            "spending": dict(zip("pqv", money, strict=True)) if money else None,
        }

    def values(self, days: int) -> Values:
        """Return what a customer of each cell does within so many days, on average."""
        orders = self.buying.expected(self.of, days / WEEK)
        chance = self.buying.chance(self.of, days / WEEK)
        if self.spending is None:
            return Values(chance, orders, np.zeros_like(orders), np.zeros_like(orders))
        ordered = self.of.again + 1
        base = self.spending.order_value(ordered, np.zeros_like(ordered))
        each = self.spending.order_value(ordered, np.ones_like(ordered)) - base
        return Values(chance, orders, orders * base, orders * each)

    def buyers(self, days: int) -> Range:
        """Return how many customers order within so many days."""
        chance = self.buying.chance(self.of, days / WEEK)
        by_chance = float((self.of.customers * chance * (1 - chance)).sum())
        return _range(lambda each: each._buyers(days), self, by_chance)

    def orders(self, days: int) -> Range:
        """Return on how many days customers order, within so many."""
        return _range(lambda each: each._orders(days), self, float((self.of.customers * self._variance(days)).sum()))

    def revenue(self, days: int) -> Range | None:
        """Return what these orders bring; None: it cannot be told."""
        if self.spending is None:
            return None
        orders, ordered = self.buying.expected(self.of, days / WEEK), self.of.again + 1
        spent = self.spend / self.of.customers
        mean = self.spending.order_value(ordered, spent)
        each = mean**2 * self._variance(days) + orders * self.spending.order_variance(ordered, spent)
        return _range(lambda outlook: outlook._revenue(days), self, float((self.of.customers * each).sum()))

    def _variance(self, days: int) -> Floats:
        """Return by how much a customer's orders spread by chance, squared: rates differ, and some have left."""
        alive, orders = self.buying.alive(self.of), self.buying.expected(self.of, days / WEEK)
        of_alive = orders / alive
        variance: Floats = orders + alive * of_alive**2 * (1 / (self.buying.parameters[0] + self.of.again) + 1 - alive)
        return variance

    def _buyers(self, days: int) -> float:
        return float((self.of.customers * self.buying.chance(self.of, days / WEEK)).sum())

    def _orders(self, days: int) -> float:
        return float((self.of.customers * self.buying.expected(self.of, days / WEEK)).sum())

    def _revenue(self, days: int) -> float:
        values = self.values(days)
        return float((self.of.customers * values.base + self.spend * values.per_spend).sum())


def _range(total: Callable[[Outlook], float], outlook: Outlook, by_chance: float) -> Range:
    """Return a total with its range: chance, and how little the customers tell of each model's parameters."""
    of_buying = _by_logs(
        lambda factors: total(
            replace(outlook, buying=replace(outlook.buying, parameters=outlook.buying.parameters * factors))
        ),
        len(outlook.buying.parameters),
    )
    variance = by_chance + float(of_buying @ outlook.buying.covariance @ of_buying)
    if spending := outlook.spending:
        of_spending = _by_logs(
            lambda factors: total(
                replace(outlook, spending=replace(spending, parameters=spending.parameters * factors))
            ),
            len(spending.parameters),
        )
        variance += float(of_spending @ spending.covariance @ of_spending)
    expected = total(outlook)
    away = NINE_OF_TEN * float(np.sqrt(variance))
    return Range(expected, max(expected - away, 0.0), expected + away)


def _by_logs(total: Callable[[Floats], float], parameters: int) -> Floats:
    """Return the derivatives of a total by the logs of the parameters that the factors are of."""
    steps = STEP * np.eye(parameters)
    return np.array([(total(np.exp(step)) - total(np.exp(-step))) / (2 * STEP) for step in steps])


def doubts(outlook: Outlook) -> list[str]:
    """Return what a reader should know before relying on it, in sentences."""
    told = []
    if (came_back := outlook.of.came_back) < buying.FEW:
        told.append(
            f"Only {came_back} customers have ordered on a second day: with fewer than {buying.FEW}, this can be 10% "
            "off and more."
        )
    if not outlook.buying.leaves:
        told.append("Nothing shows that customers leave for good, so it is reckoned that they all stay.")
    if outlook.spending is None:
        told.append("What orders will bring cannot be told: the customers' spend fits no model.")
    return told
