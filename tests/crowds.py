"""Customers of made-up shops of many shapes as points, without a database."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from job.config import ClusteringFeature
from job.model.points import Points, make_axes
from job.model.segment_model import Axis, Integers

Columns = dict[str, Any]  # a value for every customer, by column


def steady(random: np.random.Generator, customers: int) -> Columns:
    """Buyers who differ in how often and for how much they buy, and of whom some have left."""
    rate, mean = random.gamma(0.8, 4.0, customers), random.lognormal(3.5, 0.6, customers)
    orders = 1 + random.poisson(rate)
    spend = np.round(mean * random.gamma(orders * 2.0, 0.5), 2)
    return {"monetary": spend, "frequency": orders, "recency_days": random.geometric(np.minimum(0.9, 0.004 * orders))}


def once(random: np.random.Generator, customers: int) -> Columns:
    """Nearly all ordered once."""
    orders = np.minimum(random.zipf(4.5, customers), 20)
    spend = np.round(orders * random.lognormal(4.6, 0.9, customers), 2)
    return {"monetary": spend, "frequency": orders, "recency_days": random.integers(0, 700, customers)}


def alike(random: np.random.Generator, customers: int) -> Columns:
    """All ordered once, at prices that hardly differ."""
    spend = np.round(random.normal(40, 3, customers).clip(1), 2)
    return {"monetary": spend, "frequency": np.ones(customers, int), "recency_days": random.integers(0, 90, customers)}


def businesses(random: np.random.Generator, customers: int) -> Columns:
    """Private buyers, and a few that order large amounts all the time."""
    big = random.random(customers) < 0.02
    orders = np.where(big, random.integers(40, 400, customers), random.integers(1, 6, customers))
    spend = np.round(orders * np.where(big, random.lognormal(7, 1, customers), random.lognormal(3, 0.5, customers)), 2)
    return {"monetary": spend, "frequency": orders, "recency_days": random.integers(0, np.where(big, 30, 900))}


def few_prices(random: np.random.Generator, customers: int) -> Columns:
    """A subscription at three prices, paid monthly."""
    price, months = random.choice([5, 9, 29], customers, p=[0.6, 0.3, 0.1]), random.integers(1, 37, customers)
    return {"monetary": price * months, "frequency": months, "recency_days": random.integers(0, 31, customers)}


SHOPS: tuple[Callable[[np.random.Generator, int], Columns], ...] = (steady, once, alike, businesses, few_prices)


def positions_of(columns: Columns, axes: Sequence[Axis]) -> Integers:
    """Return every customer's positions."""
    transformed = [np.log1p(columns[axis.column]) for axis in axes]
    scaled = [(values - axis.centre) / axis.scale for values, axis in zip(transformed, axes, strict=True)]
    return np.floor(np.column_stack(scaled) * axes[0].unit + 0.5).astype(np.int64)


def points_of(columns: Columns, names: Sequence[str]) -> Points:
    """Return a point for all customers who are alike, on axes as the job makes them, of logarithms."""
    features = [ClusteringFeature(column=name, transform="log1p") for name in names]
    statistics: dict[str, Any] = {"customers": len(columns[names[0]]), "all_customers": len(columns[names[0]])}
    for index, name in enumerate(names):
        values = np.log1p(columns[name])
        found = {"low": values.min(), "high": values.max(), "mean": values.mean(), "deviation": values.std()}
        statistics |= {f"{figure}{index}": float(value) for figure, value in found.items()}
        statistics |= {f"{figure}{index}": len(values) for figure in ("given", "defined")}
    axes = make_axes(features, statistics, [name for name in names if np.asarray(columns[name]).dtype.kind == "i"])
    positions = positions_of(columns, axes)
    unique, counts = np.unique(positions, axis=0, return_counts=True)
    return Points(axes, counts, unique * counts[:, None], 0, np.zeros(len(unique)))
