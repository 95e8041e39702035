"""What customers are going to bring, next to their features: fitted on cells of customers, and brought back by cells.

customer_value is a view of customer_features and value_cells: a night writes a row for each cell of customers who are
alike, not for each customer. Of every day, value_forecasts keeps what was expected in all, to be held against what
comes.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from job.config import Config
from job.model import buying, spending, value
from job.model.buying import Histories
from job.model.segment_model import Floats
from job.model.value import Outlook

if TYPE_CHECKING:
    from job.adapters.base import Database

DAYS = ("first_order_at", "last_order_at")
ORDER_DAYS = "order_days"
DATES = {"DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "TIMESTAMP_NS"}
NUMBERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "NUMERIC", "DOUBLE", "FLOAT"}
NUMBERS |= {f"U{name}" for name in NUMBERS if name.endswith("INT")} | {"UINTEGER"}
MOST_CELLS = 100_000  # else they are made twice as wide
PARTS = 50  # bins of the spend, by a factor of e
AT_ONCE = 2_000  # rows in a statement
WRONG = 0.01  # of the customers: with more whose order days do not go with their times, all is in doubt
OTHERS = 0.005  # of the customers of a day, who are gone, or new: with more, what came is not told
NO_MODEL = "the customers' order days fit no model"
LARGEST = 9e13  # amount that a cell can hold
FORECAST = ("day", "days", "features", "customers", "order_days", "spend", *value.TOTALS,
            *(f"{name}_week_later" for name in value.TOTALS))  # fmt: skip


def make_view(database: "Database") -> None:
    """Make customer_value, where it is not there; customer_features must be."""
    if "customer_value" not in database.own_tables():
        database.execute("make_value_view", known=not missing(database))


def missing(database: "Database") -> list[str]:
    """Return the columns of customer_features that are not there, or of another kind: what is to come needs them."""
    columns = {column.name: column.base for column in database.columns(database.own.name("customer_features"))}
    kinds = {ORDER_DAYS: NUMBERS, **dict.fromkeys(DAYS, DATES)}
    return [name for name, kind in kinds.items() if columns.get(name) not in kind]


def current(database: "Database") -> dict[str, Any]:
    """Return what the last run found out, as `write` does; empty before there was one."""
    if "value_as_of" not in database.own_tables() or not (rows := database.fetch("current_value")):
        return {}
    found: dict[str, Any] = json.loads(rows[0]["figures"])
    return found


@np.errstate(all="ignore")  # what is not finite is refused
def write(database: "Database", config: Config, features: str) -> dict[str, Any]:
    """Fit the models, and write each cell's values, what is expected in all, and what has come of an earlier forecast.

    features: fingerprint of their SQL. Returns the figures for the report: `missing` columns, or why it is `refused`,
    or `day`, `days`, the models, the totals and their `doubts`; `check`, where a forecast has ended.
    """
    if columns := missing(database):
        return _keep(database, config, {"missing": columns})
    cells = _cells(database)
    if isinstance(cells, str):
        return _keep(database, config, {"refused": cells})
    checked = _hold_against(database, cells.day, features)
    outlook = _outlook(database, cells)
    if isinstance(outlook, str):
        return _keep(database, config, {"refused": outlook, "check": checked})
    days = config.value.days
    totals = {name: {each: getattr(outlook, name)(each) for each in (days, days + 7)} for name in value.TOTALS}
    if not all(np.isfinite(total).all() for each in totals.values() for total in each.values() if total):
        return _keep(database, config, {"refused": NO_MODEL, "check": checked})
    _write_cells(database, cells, outlook, days)
    forecast = {
        **{"day": cells.day, "days": days, "features": features},
        **{"customers": cells.customers, "order_days": cells.order_days, "spend": float(outlook.spend.sum())},
        **{name: _expected(total[days]) for name, total in totals.items()},
        **{f"{name}_week_later": _expected(total[days + 7]) for name, total in totals.items()},
    }
    database.execute("write_value_forecast", forecast, columns=list(FORECAST))
    figures = {
        **{"day": cells.day.isoformat(), "days": days, "customers": cells.customers},
        **{"came_back": outlook.of.came_back, "cells": len(cells.keys), "weeks": cells.weeks},
        **outlook.told(),
        **{name: total[days] for name, total in totals.items()},
        **{"doubts": value.doubts(outlook), "check": checked},
    }
    return _keep(database, config, figures, cells)


@dataclass(frozen=True)
class _Cells:
    """Customers by cells, as SQL adds them up."""

    keys: list[tuple[int, int, int]]  # again, week of the last order, week of the first
    of: Histories
    spend: Floats
    weeks: int  # how wide they are
    day: date  # until which the histories are known

    @property
    def customers(self) -> int:
        return round(float(self.of.customers.sum()))

    @property
    def order_days(self) -> int:
        return round(float((self.of.customers * (self.of.again + 1)).sum()))


def _cells(database: "Database") -> _Cells | str:
    """Return the customers by cells, or why nothing can be told by them."""
    rows, weeks = _bounded(lambda width: database.fetch("value_histories", weeks=width, limit=MOST_CELLS + 1))
    if not rows:
        return "there are no customers whose order days are known"
    names = ("again", "last_days", "known_days", "customers", "spend")
    again, last, known, customers, spend = (np.array([float(row[name]) for row in rows]) for name in names)
    wrong = float(customers[(again > 0) != (last > 0)].sum())
    if wrong > WRONG * customers.sum():
        return (
            f"order_days does not go with first_order_at and last_order_at for {round(wrong):,} of "
            f"{round(float(customers.sum())):,} customers: it must count days, and a day with several orders once"
        )
    of = Histories(again, last / customers / value.WEEK, known / customers / value.WEEK, customers)
    if of.came_back < buying.FEWEST:
        return f"only {of.came_back} customers ordered on a second day, and fewer than {buying.FEWEST} tell too little"
    keys = [(int(row["again"]), int(row["last_week"]), int(row["known_week"])) for row in rows]
    return _Cells(keys, of, spend, weeks, max(_day(row["day"]) for row in rows))


def _bounded(fetch: Callable[[int], list[dict[str, Any]]]) -> tuple[list[dict[str, Any]], int]:
    """Fetch bins of some width, a power of 2: the least with which there are not too many; return them with it."""
    width = 1
    while len(rows := fetch(width)) > MOST_CELLS:
        width *= 2
    return rows, width


def _outlook(database: "Database", cells: _Cells) -> Outlook | str:
    found = buying.fit(cells.of)
    if found is None:
        return NO_MODEL
    rows, _ = _bounded(lambda width: database.fetch("value_spending", parts=PARTS / width, limit=MOST_CELLS + 1))
    orders, spend, customers = (
        np.array([float(row[name]) for row in rows]) for name in ("orders", "spend", "customers")
    )
    enough = customers.sum() >= buying.FEWEST
    return Outlook(
        cells.of, cells.spend, found, spending.fit(orders, spend / customers / orders, customers) if enough else None
    )


def _write_cells(database: "Database", cells: _Cells, outlook: Outlook, days: int) -> None:
    """Write each cell's values, rounded, in place of those that are there."""
    database.execute("delete_value_cells")
    values = outlook.values(days)
    money = outlook.spending is not None
    rows = [
        (*key, f"{chance:.4f}", f"{orders:.6f}", *((_amount(base, 4), _amount(each, 9)) if money else ("NULL", "NULL")))
        for key, chance, orders, base, each in zip(cells.keys, *map(np.ndarray.tolist, values), strict=True)
    ]
    for start in range(0, len(rows), AT_ONCE):
        database.execute("insert_value_cells", rows=rows[start : start + AT_ONCE])
    database.analyze([database.own.name("value_cells")])


def _amount(number: float, digits: int) -> str:
    return f"{number:.{digits}f}" if number < LARGEST / 10 ** max(digits - 4, 0) else "NULL"


def _keep(database: "Database", config: Config, figures: dict[str, Any], cells: _Cells | None = None) -> dict[str, Any]:
    """Write what this night tells, and for whom customer_value has values; return the figures."""
    if cells is None:
        database.execute("delete_value_cells")
    written = {
        **{"day": cells and cells.day, "days": config.value.days, "weeks": cells.weeks if cells else 1},
        "figures": json.dumps(figures, allow_nan=False),
    }
    database.execute("write_value_as_of", written)
    return figures


def _expected(total: value.Range | None) -> float | None:
    return total.expected if total else None


def _hold_against(database: "Database", today: date, features: str) -> dict[str, Any] | None:
    """Return the newest forecast that has ended, and what has come; None: there is none, or it cannot be told.

    features: fingerprint of their SQL; by another one, customers and orders may be others.
    """
    due = [row for row in database.fetch("value_due", {"day": today}) if row["features"] == features]
    if not due:
        return None
    then, day = due[0], _day(due[0]["day"])
    [now] = database.fetch("value_came", {"day": day})
    if abs(now["customers"] - then["customers"]) > OTHERS * then["customers"]:
        return None
    came = {
        "buyers": int(now["buyers"]),
        "orders": int(now["order_days"]) - int(then["order_days"]),
        "revenue": float(now["spend"]) - float(then["spend"]),
    }
    if then["came_by"] is None:
        database.execute("write_value_came", {**came, "day": day, "came_by": today})
    over = (today - day - timedelta(days=then["days"])).days / 7
    expected = {name: _between(then, name, over) for name in value.TOTALS}
    return {"day": day.isoformat(), "days": (today - day).days, "expected": expected, "came": came}


def _between(forecast: Mapping[str, Any], name: str, over: float) -> float | None:
    """Return what was expected by so much of the week that follows the forecast's last day."""
    first, later = forecast[name], forecast[f"{name}_week_later"]
    return None if first is None else float(first) + over * (float(later) - float(first))


def _day(at: Any) -> date:
    return at.date() if isinstance(at, datetime) else at
