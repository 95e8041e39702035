"""What cannot be right about customers, judged from totals and points; and that a healthy shop is not warned."""

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from job.config import Checks, ClusteringFeature
from job.errors import DataError
from job.model import sanity
from job.model.points import Points, make_axes, position
from job.model.sanity import Finding, Totals
from job.segmentation.sanity import told

Customer = tuple[float, int]  # spend, orders
AXES = [ClusteringFeature(column=column, transform="log1p") for column in ("monetary", "frequency")]


def healthy(customers: int, seed: int) -> list[Customer]:
    chance = random.Random(seed)
    counts = [chance.choice((1, 1, 1, 1, 2, 2, 3, 5)) for _ in range(customers)]
    return [(sum(round(chance.lognormvariate(3.5, 0.8), 2) for _ in range(count)), count) for count in counts]


def points_of(customers: Sequence[Customer]) -> Points:
    """As the database groups them."""
    values = np.log1p(np.array(customers, dtype=float))
    statistics: dict[str, Any] = {"customers": len(values), "all_customers": len(values)}
    for number, along in enumerate(values.T):
        figures = {"low": along.min(), "high": along.max(), "mean": along.mean(), "deviation": along.std()}
        statistics |= {f"{name}{number}": value for name, value in figures.items()}
        statistics |= {f"given{number}": len(values), f"defined{number}": len(values)}
    axes = make_axes(AXES, statistics, ["frequency"])
    rows = []
    for row in values:
        offsets = [position(value, axis) - axis.low for value, axis in zip(row, axes, strict=True)]
        cells = [offset // axis.width for offset, axis in zip(offsets, axes, strict=True)]
        within = [offset % axis.width for offset, axis in zip(offsets, axes, strict=True)]
        rows.append([*cells, *within, sum(each**2 for each in within)])
    frame = pd.DataFrame(rows, columns=["c0", "c1", "s0", "s1", "squares"])
    frame.insert(0, "customers", 1)
    return Points.of(frame.groupby(["c0", "c1"], as_index=False).sum(), axes)


def totals_of(customers: Sequence[Customer], days: Sequence[int], **figures: int) -> Totals:
    """As customer_totals.sql counts them; figures: those of the first row."""
    rows: list[dict[str, Any]] = []
    by_bin: dict[int, list[int]] = {}
    for number, age in enumerate(days):
        by_bin.setdefault(min(max(age // sanity.BIN_DAYS, -1), sanity.BINS), []).append(number)
    for _, numbers in sorted(by_bin.items()):
        spends, orders = zip(*(customers[number] for number in numbers), strict=True)
        ages = [days[number] for number in numbers]
        rows.append(
            {
                "customers": len(numbers), "spend": sum(spends), "least_spend": min(spends),
                "negative": sum(spend < 0 for spend in spends), "orders": sum(orders),
                "fewest_orders": min(orders), "most_orders": max(orders), "days": sum(ages), "newest": min(ages),
                "oldest": max(ages), "before_zero": sum(age < -1 for age in ages), "spreadsheet": 0, "ahead": None,
                "in_future": 0,
            }
        )  # fmt: skip
    rows[0] |= figures
    return Totals(rows)


def largest_of(customers: Sequence[Customer], ids: Sequence[str] = ()) -> list[dict[str, Any]]:
    named = [*ids, *(f"c{number}" for number in range(len(ids), len(customers)))]
    orders, spend = sum(count for _, count in customers), sum(amount for amount, _ in customers)
    rows: list[dict[str, Any]] = [
        {"customer_unique_id": customer_id, "orders": float(count), "spend": amount}
        for customer_id, (amount, count) in zip(named, customers, strict=True)
    ]
    return sorted(rows, key=lambda row: -max(row["orders"] / orders, row["spend"] / spend))[: sanity.LARGEST]


def found(customers: Sequence[Customer], days: Sequence[int], ids: Sequence[str] = (), **figures: int) -> list[Finding]:
    totals = totals_of(customers, days, **figures)
    return sanity.of_customers(totals, largest_of(customers, ids), 0.1, ["monetary", "frequency"])


def days_of(count: int, span: int = 700) -> list[int]:
    chance = random.Random(count)
    return [0, *(chance.randint(0, span) for _ in range(count - 1))]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("customers", [50, 150, 600])
def test_a_healthy_shop_is_not_warned(customers: int, seed: int) -> None:
    shop = healthy(customers, seed)
    assert found(shop, days_of(customers)) == []
    assert sanity.of_points(points_of(shop), 5) == []


# One customer


@given(customers=st.integers(2, 400), orders=st.integers(1, 2000))
def test_one_customer_is_told_from_ten_times_its_fair_share_on(customers: int, orders: int) -> None:
    shop = [(float(orders), orders), *[(1.0, 1)] * (customers - 1)]
    share = orders / (customers - 1 + orders)
    told_of = [finding for finding in found(shop, days_of(customers)) if finding.checks == ("one_customer",)]
    assert bool(told_of) == (share >= 0.1 and share * customers >= 10)
    assert all(f"one customer has {orders:,} orders, " in finding.sentence for finding in told_of)


def test_spend_that_adds_up_to_nothing_has_no_shares() -> None:
    for amounts in ([-500.0, 400.0], [float("inf"), 1.0], [float("nan"), 1.0]):
        findings = found([*((amount, 1) for amount in amounts), *[(0.0, 2)] * 60], days_of(62))
        assert not [finding for finding in findings if "one_customer" in finding.checks]


def test_a_placeholder_is_named_and_others_are_not() -> None:
    shop = [(5800.0, 290), *healthy(120, 1)]
    [finding] = found(shop, days_of(121), ["0"])
    assert finding.checks == ("one_customer", "ids")
    assert finding.sentence.startswith("the id 0 has 290 orders, ") and "WHERE your_id <> '0'" in finding.sentence
    [finding] = found(shop, days_of(121), ["Ms Secret"])
    assert finding.checks == ("one_customer",) and "Secret" not in finding.sentence
    [finding] = found([(100.0, 20), *healthy(3000, 1)], days_of(3001), [" N/A "])  # a few, but nobody is called so
    assert finding.checks == ("ids",) and finding.sentence.startswith("the id N/A has 20 orders, 0.3% of all, ")
    assert found(healthy(121, 1), days_of(121), ["0"]) == []  # a shop that counts from 0


@pytest.mark.parametrize(
    "customer_id",
    ["", "  ", "0", "00", "0.0", "-1", "9999", "111111", "-", "???", "\\N", "Guest", "guest_user", "Guest Checkout",
     "00000000-0000-0000-0000-000000000000", "0" * 32, "test", "test 2", "n/a", "#N/A", "NULL", "None", "unknown",
     "anonymous@shop.example", "test+1@shop.example", "no-reply@shop.example", "Consumidor Final", "walk-in"],
)  # fmt: skip
def test_ids_that_stand_for_nobody(customer_id: str) -> None:
    assert sanity.is_placeholder(customer_id)


@given(st.uuids(version=4).map(str) | st.uuids(version=4).map(lambda one: one.hex) | st.integers(1, 9998).map(str))
def test_ids_of_persons(customer_id: str) -> None:
    assert not sanity.is_placeholder(customer_id)
    for letters in ("nash", "naomi", "contest", "guesthouse@shop.example", "tom@test.example", "c0", "0a"):
        assert not sanity.is_placeholder(letters)


def test_rounded_ids() -> None:
    [finding] = found(healthy(100, 1), days_of(100), spreadsheet=2)
    assert finding.checks == ("ids",) and "2 customers have an id that a spreadsheet has rounded" in finding.sentence


# Dates


@given(st.integers(366, 3_000_000))
def test_an_order_dated_in_the_future(ahead: int) -> None:
    """Recency is counted from it: every other customer is so much older."""
    days = [0, *(age + ahead for age in days_of(99))]
    [finding] = found(healthy(100, 1), days)
    assert finding.checks == ("dates",)
    assert f"but for 1 customer, nobody has ordered in the {ahead:,} days up to" in finding.sentence
    [finding] = found(
        healthy(99, 1), days[1:]
    )  # that order does not count, and recency is counted from it all the same
    assert finding.sentence.startswith(f"nobody has ordered in the {ahead:,} days")
    [finding] = found(healthy(100, 1), days, ahead=ahead - 10, in_future=1)  # said once
    assert finding.sentence.startswith(f"the newest order is dated {ahead - 10:,} days from now (1 customer has one")


@given(quiet=st.integers(1, 365), rest=st.integers(0, 90))
def test_a_quiet_year_is_no_wonder(quiet: int, rest: int) -> None:
    days = [0, *(age + quiet for age in days_of(99, span=rest))]
    assert not any("nobody" in finding.sentence for finding in found(healthy(100, 1), days))


@given(nowhere=st.integers(1826, 700_000), old=st.integers(1, 40))
def test_dates_that_stand_for_none(nowhere: int, old: int) -> None:
    days = [*days_of(100), *[700 + nowhere] * old]
    assert f"{old} customer" in " ".join(finding.sentence for finding in found(healthy(100 + old, 1), days))


def test_other_dates() -> None:
    sentences = [each.sentence for each in found(healthy(100, 1), [-40, -3, -1, *days_of(97)])]
    assert len(sentences) == 1 and sentences[0].startswith("2 customers have recency_days below 0, the least -40")
    [one_day] = found(healthy(100, 1), [7] * 100)
    assert "the last orders of all 100 customers are of one day" in one_day.sentence
    [tomorrow] = found(healthy(100, 1), days_of(100), ahead=2, in_future=3)
    assert "dated 2 days from now (3 customers have one" in tomorrow.sentence
    assert found(healthy(100, 1), days_of(100), ahead=1, in_future=3) == []  # it is tomorrow somewhere


# Orders and spend


def test_orders_that_cannot_be_right() -> None:
    single = [(spend, 1) for spend, _ in healthy(100, 1)]
    [finding] = found(single, days_of(100))
    assert finding.checks == ("order_counts", "axes") and "each of 100 customers has one order" in finding.sentence
    assert sanity.of_points(points_of(single), 5) == []  # said once
    doubled = [(2 * spend, 2 * count) for spend, count in healthy(100, 1)]
    [finding] = sanity.of_points(points_of(doubled), 5)
    assert "each of 100 customers has an even number of orders" in finding.sentence
    assert sanity.of_points(points_of([*doubled, (30.0, 3)]), 5) == []


def test_spend_that_cannot_be_right() -> None:
    [finding] = found([(-400.5, 2), (-3.0, 1), *healthy(100, 1)], days_of(102))
    assert finding.sentence.startswith("2 customers have spent less than nothing, the least -400.50")
    shop = healthy(200, 1)
    mixed = [(spend * (17_000 if number % 2 else 1), count) for number, (spend, count) in enumerate(shop)]
    [finding] = sanity.of_points(points_of(mixed), 5)
    assert finding.checks == ("spend",)
    assert finding.sentence.startswith("spend lies in two heaps: 100 customers below ")


# Axes and customers


def test_axes_that_tell_nobody_apart() -> None:
    spends = [spend for spend, _ in healthy(59, 1)]
    [finding] = sanity.of_points(points_of([(spend, 9 if not n else 7) for n, spend in enumerate(spends)]), 5)
    assert finding.sentence.startswith("frequency is about 7 for 58 of 59 customers: it can only set 1 apart")
    [finding] = sanity.of_points(points_of([(spend, 7) for spend in spends]), 5)
    assert finding.sentence.startswith("frequency is the same for every customer, so it tells none apart; take it out")
    [finding] = sanity.of_points(points_of([(spend, 7 + n % 2) for n, spend in enumerate(spends)]), 5)
    assert "frequency has two values, 7 (30 customers) and 8 (29 customers)" in finding.sentence
    assert sanity.of_points(points_of([(spend, 1 + n % 2) for n, spend in enumerate(spends)]), 5) == []  # a new shop
    [finding] = sanity.of_points(points_of([*[(0.0, 1)] * 1000, *healthy(50, 1)]), 5)
    assert finding.sentence.startswith("95% of the customers are alike (monetary 0, frequency 1)")


@pytest.mark.parametrize(("customers", "k"), [(15, 5), (49, 5), (50, 5), (19, 2), (20, 2), (5, 3)])
def test_few_customers(customers: int, k: int) -> None:
    few = [each for each in sanity.of_points(points_of(healthy(customers, 1)), k) if each.checks == ("few_customers",)]
    assert bool(few) == (customers < 10 * k)


# What becomes of them


def test_what_the_config_makes_of_a_finding() -> None:
    both, ids = Finding(("one_customer", "ids"), "both"), Finding(("ids",), "an id")
    assert told(Checks(), [both, ids]) == ["both", "an id"]
    assert told(Checks.model_validate({"ids": False}), [both, ids]) == ["both"]  # off, as YAML reads it
    assert told(Checks(ids="off", one_customer="off"), [both, ids]) == []
    with pytest.raises(DataError, match=r"^both; an id; labels stay as they were: checks\.ids says refuse$"):
        told(Checks(ids="refuse", one_customer="off"), [both, ids])
    with pytest.raises(DataError, match=r"^both; labels stay"):
        told(Checks(one_customer="refuse"), [both, ids])
