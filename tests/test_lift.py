"""Did a campaign help: figures held against published and computed ones, and campaigns without any effect."""

import hashlib
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2_contingency, ttest_ind

from job.formats import Formats
from job.history import now
from job.model.lift import Arm, Effect, _ordered, compared, lifts, needed
from job.report.lifts import Result, rows, sentences
from job.segmentation import campaigns

SALTS = 2_000


def arm(customers: int, buyers: int, each: float = 0.0) -> Arm:
    return Arm(customers, 0, buyers, buyers * each, buyers * each**2)


def found(**arms: Arm) -> list[dict[str, Any]]:
    """Rows of campaign_results.sql; the arms by segment and arm: A_treated."""
    return [
        {"segment": name[0], "arm": name[2:], **{key: getattr(each, key) for key in each.__dataclass_fields__}}
        for name, each in arms.items()
    ]


def test_the_interval_is_newcombes() -> None:
    """Newcombe (1998), table II, method 10, cases a and b, which are told here whatever their size."""
    for ours, theirs, low, high in (((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090)):
        effect = _ordered(arm(ours[1], ours[0]), arm(theirs[1], theirs[0]))
        assert [effect.low, effect.high] == pytest.approx([low, high], abs=5e-5)


def test_the_figures_are_those_of_the_customers_themselves() -> None:
    random = np.random.default_rng(7)
    spent = [random.gamma(0.8, 60, size) * (random.random(size) < rate) for size, rate in ((4000, 0.4), (900, 0.3))]
    treated, held_out = (
        Arm(len(each), 0, int((each > 0).sum()), float(each.sum()), float((each**2).sum())) for each in spent
    )
    told = compared(None, treated, held_out)
    judged = ttest_ind(*spent, equal_var=False)
    assert told.revenue is not None and told.ordered is not None
    assert told.revenue.p == pytest.approx(judged.pvalue)
    assert [told.revenue.low, told.revenue.high] == pytest.approx(list(judged.confidence_interval(0.95)))
    table = [[each.buyers, each.customers - each.buyers] for each in (treated, held_out)]
    assert told.ordered.p == pytest.approx(chi2_contingency(table, correction=False).pvalue)
    assert told.ordered.told and told.ordered.difference == pytest.approx(treated.rate - held_out.rate)


@pytest.mark.parametrize(
    ("treated", "held_out", "told"),
    [
        (arm(900, 500), arm(100, 49), "too few: 49 of the holdout ordered again, fewer than 50"),
        (arm(100, 49), arm(900, 500), "too few: 49 of the treated ordered again, fewer than 50"),
        (arm(900, 895), arm(100, 99), "too few: fewer than 10 of an arm would order again, or would not"),
        (arm(0, 0), arm(900, 500), "too few: 0 of the treated"),
        (arm(900, 450), arm(100, 50), ""),
    ],
)
def test_where_there_are_too_few_nothing_is_told(treated: Arm, held_out: Arm, told: str) -> None:
    each = compared("A", treated, held_out)
    assert each.too_few.startswith(told) and (each.ordered is None) == (each.revenue is None) == bool(told)


def test_a_sample_is_as_large_as_its_formula_says() -> None:
    """Four of five campaigns with a tenth more buyers are told by it; 20 % against 22 %, half of them held out."""
    customers = needed(arm(500, 0), arm(500, 100))
    assert customers == 12559
    random, half = np.random.default_rng(1), customers // 2
    treated, held_out = random.binomial(half, 0.22, 20_000) / half, random.binomial(half, 0.2, 20_000) / half
    pooled = (treated + held_out) / 2
    z = (treated - held_out) / np.sqrt(pooled * (1 - pooled) * 2 / half)
    assert np.mean(z > 1.96) == pytest.approx(0.8, abs=0.02)
    assert needed(arm(500, 9), arm(500, 0)) is None and needed(arm(500, 9), arm(500, 500)) is None


def test_segments_are_corrected_and_all_are_not() -> None:
    whole, a, b = lifts(
        found(A_treated=arm(900, 300), A_holdout=arm(900, 260), B_treated=arm(900, 300), B_holdout=arm(900, 300))
    )
    assert whole.ordered and a.ordered and b.ordered
    assert whole.ordered.adjusted == whole.ordered.p
    assert a.ordered.adjusted == pytest.approx(2 * a.ordered.p) and a.ordered.p < 0.05 < a.ordered.adjusted
    assert whole.treated == arm(1800, 600) and [a.segment, b.segment, whole.segment] == ["A", "B", None]


def test_a_campaign_in_words() -> None:
    formats = Formats("en", "EUR")
    helped = Result("x", now(), lifts(found(A_treated=arm(9000, 3000, 30), A_holdout=arm(1000, 250, 30))))
    told = " ".join(sentences(helped, formats))
    assert "33.3% ordered again, against 25.0%: more buyers; more revenue." in told
    assert "To tell a tenth more buyers than the holdout's takes 26,163 customers: there are fewer." in told
    everyone, a = rows(helped, formats)
    assert everyone.ordered.startswith("33.3% / 25.0%; +8.3 points (5.4 to 11.") and everyone[1:] == a[1:]
    assert a.revenue.startswith("€10.00 / €7.50; +€2.50 (€")
    few = Result("x", now(), lifts(found(A_treated=Arm(90, 2, 30, -5.0, 25.0))))
    assert "Too few: 0 of the holdout ordered again, fewer than 50. 2 are no customers any more" in " ".join(
        sentences(few, formats)
    )
    assert [row[2:4] for row in rows(few, formats)] == [("", "")] * 2
    nothing = Effect(0.0, -1.0, 1.0, 1.0, 1.0)
    assert not nothing.told


@pytest.mark.parametrize(
    ("share", "digits"), [(0.1, "1999999999999999"), (0.5, "8" + "0" * 15), (0.25, "4" + "0" * 15)]
)
def test_of_all_hashes_the_share_is_below(share: float, digits: str) -> None:
    assert campaigns.below(share) == digits


@pytest.fixture(scope="module")
def told() -> tuple[dict[str, list[float]], list[float]]:
    """Of 2,000 campaigns without effect on the same shop: the p of what is told, by figure, and shares held out."""
    random = np.random.default_rng(3)
    size = 700
    ids = [f"{at:032x}".encode() for at in range(size)]
    segments = random.integers(0, 2, size)
    spent = random.lognormal(4, 1, size) * (random.random(size) < 0.5)
    p: dict[str, list[float]] = {"ordered": [], "revenue": [], "segments": []}
    shares = []
    for salt in range(SALTS):
        start = hashlib.sha256(f"salt {salt}:".encode())
        first = []
        for each in ids:
            hashed = start.copy()
            hashed.update(each)
            first.append(hashed.hexdigest()[: campaigns.DIGITS] < campaigns.below(0.4))
        held_out = np.array(first)
        shares.append(float(held_out.mean()))
        arms = {}
        for segment, letter in enumerate("AB"):
            for name, members in (("holdout", held_out), ("treated", ~held_out)):
                own = spent[members & (segments == segment)]
                counts = len(own), 0, int((own > 0).sum())
                arms[f"{letter}_{name}"] = Arm(*counts, float(own.sum()), float((own**2).sum()))
        if salt % 10:
            whole = compared(None, *(arms[f"A_{name}"] + arms[f"B_{name}"] for name in ("treated", "holdout")))
        else:
            whole, *parts = lifts(found(**arms))
            p["segments"].append(min(each.ordered.adjusted for each in parts if each.ordered))
        assert whole.ordered and whole.revenue
        p["ordered"].append(whole.ordered.p)
        p["revenue"].append(whole.revenue.p)
    return p, shares


def test_campaigns_without_effect_are_told_one_in_twenty(told: tuple[dict[str, list[float]], list[float]]) -> None:
    """2,000 at 5 % give 100, and in 99.9 % of cases 69 to 133."""
    p, shares = told
    alarms = {name: sum(each < 0.05 for each in values) for name, values in p.items()}
    assert 69 <= alarms["ordered"] <= 133 and 69 <= alarms["revenue"] <= 133, alarms
    assert alarms["segments"] <= 21, alarms  # of 200, at least one of two segments: by chance 10
    assert np.mean(shares) == pytest.approx(0.4, abs=0.002)
    assert np.std(shares) == pytest.approx((0.4 * 0.6 / 700) ** 0.5, rel=0.1)
