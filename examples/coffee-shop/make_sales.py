"""Writes sales.csv: five months of an invented coffee shop. The same every time."""

import csv
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

CARDS = 2_000
DAYS = 150
OPENS = datetime(2026, 1, 1, 7)
# The share of the cards, their visits a week, what they spend a visit, and whether they stop coming after a while.
HABITS = (
    (0.04, 4.0, 4.5, False),  # a coffee on the way to work
    (0.15, 0.8, 11.0, False),  # breakfast at the weekend
    (0.31, 0.2, 7.0, False),  # now and then
    (0.20, 0.5, 6.5, True),  # used to come
    (0.30, 0.04, 6.0, False),  # once or twice
)
REFUNDED = 0.01
GUESTS = 0.2  # sales without a card, as a share of those with one


def sales(seed: int = 4) -> list[tuple[str, str, str]]:
    """Card, time and amount of every sale and refund, in the order of time."""
    chance = np.random.default_rng(seed)
    found: list[tuple[datetime, str, float]] = []

    def sell(card: str, day: float, mean: float) -> None:
        at = OPENS + timedelta(days=int(day), minutes=int(chance.integers(0, 12 * 60)))
        amount = round(float(mean * chance.lognormal(0, 0.35)), 2)
        found.append((at, card, amount))
        if chance.random() < REFUNDED:
            found.append((at + timedelta(minutes=5), card, -amount))

    shares = [share for share, *_ in HABITS]
    for number, habit in enumerate(chance.choice(len(HABITS), CARDS, p=shares), 1):
        _, weekly, mean, stops = HABITS[habit]
        last = DAYS * chance.uniform(0.2, 0.6) if stops else DAYS
        for day in chance.uniform(0, last, 1 + chance.poisson(weekly * last / 7)):
            sell(f"C-{number:04}", day, mean)
    for day in chance.uniform(0, DAYS, int(GUESTS * len(found))):
        sell("", day, 5.5)
    return [(card, f"{at:%Y-%m-%d %H:%M:%S}", f"{amount:.2f}") for at, card, amount in sorted(found)]


if __name__ == "__main__":
    with (Path(__file__).parent / "sales.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("sale_id", "card", "sold_at", "amount"))
        writer.writerows((number, *sale) for number, sale in enumerate(sales(), 1))
