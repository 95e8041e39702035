"""What customers are going to bring: the models, beside published figures, other formulas and made-up shops."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from job.model import buying, spending, value
from job.model.buying import Buying, Histories
from job.model.likelihood import Likelihood
from job.model.segment_model import Floats
from job.model.spending import Spending
from job.model.value import Outlook

# Fader, Hardie and Lee (2005) on CDNOW; Fader and Hardie (2013) on the same
CDNOW = Buying(np.array([0.243, 4.414, 0.793, 2.426]), -9582.4, np.zeros((4, 4)))
CDNOW_SPEND = Spending(np.array([6.25, 3.74, 15.44]), np.zeros((3, 3)))


def histories(again: float, last: float, known: float) -> Histories:
    return Histories(*(np.array([each], dtype=float) for each in (again, last, known, 1)))


def one_each(rows: Floats) -> Histories:
    return Histories(rows[:, 0], rows[:, 1], rows[:, 2], np.ones(len(rows)))


def in_cells(rows: Floats, weeks: float = 1) -> Histories:
    """Customers (again, last, known) by weekly cells, each at its mean, as SQL sums them up."""
    keys = np.column_stack([rows[:, 0], np.ceil(rows[:, 1:] / weeks)])
    _, cell = np.unique(keys, axis=0, return_inverse=True)
    customers = np.bincount(cell).astype(float)
    again, last, known = (np.bincount(cell, column) / customers for column in rows.T)
    return Histories(again, last, known, customers)


def made_up(customers: int, parameters: tuple[float, float, float, float], seed: int = 1) -> tuple[Floats, Floats]:
    """Customers of a shop two years old, and on how many days they order in the 26 weeks that follow."""
    r, alpha, a, b = parameters
    rng = np.random.default_rng(seed)
    known = rng.uniform(30, 104, customers)
    rates, leave = rng.gamma(r, 1 / alpha, customers), rng.beta(a, b, customers) if a else np.zeros(customers)
    rows, later = np.zeros((customers, 3)), np.zeros(customers)
    for number, (rate, left, until) in enumerate(zip(rates, leave, known, strict=True)):
        at, again, last = 0.0, 0, 0.0
        while (at := at + rng.exponential(1 / rate)) < until + 26:
            if at < until:
                again, last = again + 1, at
            else:
                later[number] += 1
            if rng.random() < left:
                break
        rows[number] = again, last, until
    return rows, later


def test_the_published_expectation() -> None:
    """A customer of CDNOW with two more orders, the last after 30.43 weeks of 38.86: 1.226 in the 39 weeks after."""
    of = histories(2, 30.43, 38.86)
    assert CDNOW.expected(of, 39)[0] == pytest.approx(1.226, abs=0.0005)
    assert CDNOW.alive(of)[0] == pytest.approx(0.726, abs=0.003)


def test_the_published_order_value() -> None:
    """35.22 of the population; and a customer's own mean counts the more, the more orders there are."""
    mean = CDNOW_SPEND.order_value(np.zeros(1), np.zeros(1))[0]
    assert mean == pytest.approx(6.25 * 15.44 / 2.74) == pytest.approx(35.22, abs=0.01)
    few, many = CDNOW_SPEND.order_value(np.array([1.0, 50.0]), np.array([100.0, 5000.0]))
    assert mean < few < many < 100


@pytest.mark.parametrize("a", [0.4, 1.0, 2.7])
@pytest.mark.parametrize(("again", "last", "known"), [(0, 0, 30.0), (1, 2.0, 9.0), (7, 40.0, 41.0), (60, 100.0, 120.0)])
def test_expectations_beside_those_by_integrals(a: float, again: float, last: float, known: float) -> None:
    """Over the probability to leave, of who has not left, and over the rate in closed form."""
    model = Buying(np.array([0.6, 5.0, a, 3.1]), 0, np.zeros((4, 4)))
    of, weeks = histories(again, last, known), 13.0
    left = beta(a, 3.1 + again)

    def orders(p: float) -> float:
        return float(left.pdf(p) * (1 - ((5 + known) / (5 + known + p * weeks)) ** (0.6 + again)) / p)

    alive = model.alive(of)[0]
    by_integral = quad(orders, 0, 0.01, limit=500)[0] + quad(orders, 0.01, 1, limit=500)[0]
    assert model.expected(of, weeks)[0] == pytest.approx(alive * by_integral, rel=1e-4)
    assert model.chance(of, weeks)[0] <= min(alive, model.expected(of, weeks)[0])


def steepness(likelihood: Likelihood, logs: Floats) -> Floats:
    """Its derivatives by finite differences."""
    steps = 1e-6 * np.eye(len(logs))
    return np.array([(likelihood(logs + step)[0] - likelihood(logs - step)[0]) / 2e-6 for step in steps])


OF = Histories(*(np.array(each, dtype=float) for each in ((0, 1, 5), (0, 3, 20), (9, 10, 21), (1, 1, 1))))
ORDERS, MEANS = np.array([1.0, 2.0, 9.0]), np.array([10.0, 3.5, 80.0])
LIKELIHOODS: dict[str, tuple[Likelihood, Floats]] = {
    "NBD": (lambda logs: buying.of_staying(logs, OF), np.log([0.3, 4.0])),
    "BG/NBD": (lambda logs: buying.of_leaving(logs, OF), np.log([0.3, 4.0, 0.8, 2.4])),
    "Gamma-Gamma": (lambda logs: spending.of_spending(logs, ORDERS, MEANS), np.log([6.0, 3.7, 15.0])),
}


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_derivatives_beside_finite_differences(name: str) -> None:
    likelihood, logs = LIKELIHOODS[name]
    assert likelihood(logs)[1] == pytest.approx(steepness(likelihood, logs), rel=1e-5, abs=1e-8)


def test_who_never_leaves_is_the_limit_of_who_hardly_leaves() -> None:
    hardly = buying.of_leaving(np.log([0.3, 4.0, 1e-9, 1.0]), OF)[0]
    assert buying.of_staying(np.log([0.3, 4.0]), OF)[0] == pytest.approx(hardly, abs=1e-6)


def test_a_shop_of_known_parameters() -> None:
    """They are found again on cells, and so are the orders that come, and how many customers they are of."""
    rows, later = made_up(20_000, (0.4, 6.0, 0.7, 2.0))
    of = in_cells(rows)
    found = buying.fit(of)
    assert found is not None and found.leaves
    off = np.log(found.parameters) - np.log([0.4, 6.0, 0.7, 2.0])
    assert (np.abs(off) < 4 * np.sqrt(np.diag(found.covariance))).all() and (np.abs(off) < 0.25).all()
    outlook = Outlook(of, np.zeros_like(of.again), found, None)
    orders, buyers = outlook.orders(182), outlook.buyers(182)
    assert orders.low < later.sum() < orders.high and orders.high < 1.1 * orders.low
    assert buyers.low < (later > 0).sum() < buyers.high and outlook.revenue(182) is None


def test_a_shop_whose_customers_stay() -> None:
    """NBD explains them, and its orders come."""
    rows, later = made_up(5_000, (0.8, 12.0, 0, 0))
    found = buying.fit(in_cells(rows))
    assert found is not None and not found.leaves
    assert found.parameters == pytest.approx([0.8, 12.0], rel=0.15)
    outlook = Outlook(in_cells(rows), np.zeros(len(in_cells(rows).again)), found, None)
    assert outlook.orders(182).low < later.sum() < outlook.orders(182).high
    assert "they all stay" in " ".join(value.doubts(outlook))


def test_spend_of_known_parameters() -> None:
    rng = np.random.default_rng(2)
    orders = rng.integers(2, 9, 8_000).astype(float)
    spend = rng.gamma(6.0 * orders, 1 / rng.gamma(3.7, 1 / 15.0, len(orders)))
    found = spending.fit(orders, spend / orders, np.ones(len(orders)))
    assert found is not None
    assert found.parameters == pytest.approx([6.0, 3.7, 15.0], rel=0.08)


def test_nobody_s_mean_is_infinite() -> None:
    """Spend so uneven that a mean order would be: no model."""
    rng = np.random.default_rng(3)
    orders = np.full(5_000, 2.0)
    means = rng.gamma(6.0 * orders, 1 / rng.gamma(0.6, 1.0, len(orders))) / orders
    assert spending.fit(orders, means, np.ones(len(orders))) is None


def test_ranges_hold_nine_times_in_ten() -> None:
    """Of 40 made-up shops of 2,000 customers each; each order brings what the customer's orders do."""
    held = dict.fromkeys(("buyers", "orders", "revenue"), 0)
    for seed in range(40):
        rows, later = made_up(2_000, (0.5, 6.0, 0.6, 2.0), seed)
        rng = np.random.default_rng(seed)
        rates = rng.gamma(3.7, 1 / 15.0, len(rows))
        spend, next_spend = (rng.gamma(6.0 * orders, 1 / rates) for orders in (rows[:, 0] + 1, np.maximum(later, 1e-9)))
        back = rows[:, 0] > 0
        orders = rows[back, 0] + 1
        found, spent = (
            buying.fit(one_each(rows)),
            spending.fit(orders, spend[back] / orders, orders / orders),
        )
        assert found is not None
        outlook = Outlook(one_each(rows), spend, found, spent)
        came = {"buyers": (later > 0).sum(), "orders": later.sum(), "revenue": next_spend[later > 0].sum()}
        for kind, total in came.items():
            found_range = getattr(outlook, kind)(182)
            held[kind] += found_range.low <= total <= found_range.high
    assert all(32 <= times <= 40 for times in held.values()), held


def test_values_add_up_to_the_totals() -> None:
    rows, _ = made_up(3_000, (0.5, 6.0, 0.6, 2.0))
    of = in_cells(rows)
    found = buying.fit(of)
    assert found is not None
    outlook = Outlook(of, 20.0 * of.customers * (of.again + 1), found, CDNOW_SPEND)
    values, revenue = outlook.values(90), outlook.revenue(90)
    assert revenue is not None
    each = values.base + values.per_spend * outlook.spend / of.customers
    assert (of.customers * each).sum() == pytest.approx(revenue.expected)
    assert (of.customers * values.orders).sum() == pytest.approx(outlook.orders(90).expected)
    assert each == pytest.approx(values.orders * CDNOW_SPEND.order_value(of.again + 1, 20.0 * (of.again + 1)))


@pytest.mark.parametrize("seed", [83, 126, 150, 194, 284])
def test_customers_who_are_hardly_different(seed: int) -> None:
    """An optimizer tries what no number holds: that is no error and no warning, and what is found is finite."""
    rng = np.random.default_rng(seed)
    size = int(rng.choice([100, 150, 300]))
    days = rng.choice([1, 3, 20], size) if seed % 2 else rng.poisson(rng.choice([1, 5, 30]), size) + 1
    again = days.astype(np.float64)
    known = np.full(size, float(rng.choice([5, 52, 200])))
    last = known * rng.choice([1.0, 0.5, 0.99, 0.01], size if seed % 3 else 1)
    of = Histories(again, last, known, np.ones(size))
    found = buying.fit(of)
    assert found is None or np.isfinite([found.parameters, np.diag(found.covariance)]).all()
    means = rng.choice([9.99, 10.0, 20.0], size if seed % 2 else 1) * np.ones(size)
    spent = spending.fit(again + 1, means, np.ones(size))
    assert spent is None or np.isfinite(spent.parameters).all()
