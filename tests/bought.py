"""A made-up shop of days and amounts, and the features of it: for what is to come."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np
from engines.base import Engine
from shop import ask, configured

from job.config import Config

TODAY = date(2025, 6, 30)
HELD = 93  # days later: three days after the 90 that are asked for


class Bought(NamedTuple):
    """An order."""

    customer: str
    day: date
    amount: Decimal


def made_up(customers: int, seed: int = 1) -> list[Bought]:
    """Orders by BG/NBD and Gamma-Gamma, until TODAY and HELD days more; somebody orders on both of these."""
    rng = np.random.default_rng(seed)
    orders = [Bought("0", TODAY - timedelta(days=30), Decimal(10))]
    orders += [Bought("0", TODAY + timedelta(days=days), Decimal(10)) for days in (0, HELD)]
    for number in range(1, customers):
        known, rate, left = rng.integers(200, 700), rng.gamma(0.5, 1 / 40), rng.beta(0.6, 2.0)
        mean, at = rng.gamma(3.7, 1 / 15.0), 0.0
        while at < known + HELD:
            amount = Decimal(str(round(float(rng.gamma(6.0, 1 / mean)), 2)))
            orders.append(Bought(str(number), TODAY + timedelta(days=int(at - known)), amount))
            if at and rng.random() < left:
                break
            at += rng.exponential(1 / rate)
    return orders


def fill(engine: Engine, url: str, orders: Sequence[Bought]) -> None:
    """Write the orders into the table `bought`, which is made where it is not there."""
    place = engine.job_place(url) if engine.has_server else url
    ask(engine, place, "CREATE TABLE IF NOT EXISTS bought (customer VARCHAR(20), day DATE, amount DECIMAL(12, 2))")
    for start in range(0, len(orders), 5_000):
        rows = (f"('{each.customer}', '{each.day}', {each.amount})" for each in orders[start : start + 5_000])
        ask(engine, url, f"INSERT INTO bought VALUES {', '.join(rows)}")


def config_of(engine: Engine, url: str, folder: Path, order_days: str = "COUNT(DISTINCT day)") -> Config:
    """A config with features of that table."""
    own = folder / "features.sql"
    last = "(SELECT MAX(day) FROM bought)"
    days = f"DATEDIFF({last}, MAX(day))" if engine.dialect == "mysql" else f"CAST({last} - MAX(day) AS INTEGER)"
    own.write_text(
        "SELECT customer AS customer_unique_id, SUM(amount) AS monetary, COUNT(*) AS frequency,"
        f" {days} AS recency_days, MIN(day) AS first_order_at, MAX(day) AS last_order_at, {order_days} AS order_days"
        " FROM bought GROUP BY customer"
    )
    shipped = dict(configured(engine, url))
    report = shipped["report"].model_copy(update={"folder": folder})
    sections = {"features": {"sql": own}, "clustering": {"k": 2}, "lifecycle": {"max_moved": 1}, "write_back": None}
    return Config.model_validate({**shipped, "load": None, "report": report, **sections})
