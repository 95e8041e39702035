"""Figures and dates stand in the report as people write them where the reader lives."""

from datetime import datetime

import pytest

from job.formats import Formats

AT = datetime(2026, 3, 5, 22, 18)


@pytest.mark.parametrize(
    ("locale", "number", "share", "money", "whole", "date", "day"),
    [
        ("en", "1,234,567.89", "12.3%", "R$1,234.50", "R$1,235", "Mar 5, 2026", "Mar 5"),
        ("pt_BR", "1.234.567,89", "12,3%", "R$\xa01.234,50", "R$\xa01.235", "5 de mar. de 2026", "5 de mar."),
        ("pt-BR", "1.234.567,89", "12,3%", "R$\xa01.234,50", "R$\xa01.235", "5 de mar. de 2026", "5 de mar."),
        ("de", "1.234.567,89", "12,3\xa0%", "1.234,50\xa0R$", "1.235\xa0R$", "05.03.2026", "5. März"),
        ("hi_IN", "12,34,567.89", "12.3%", "R$1,234.50", "R$1,235", "5 मार्च 2026", "5 मार्च"),
    ],
)
def test_each_locale_writes_its_way(
    locale: str, number: str, share: str, money: str, whole: str, date: str, day: str
) -> None:
    formats = Formats(locale, "BRL")
    assert (formats.number(1234567.891, 2), formats.share(0.1234)) == (number, share)
    assert (formats.money(1234.5), formats.money(1234.6, whole=True)) == (money, whole)
    assert (formats.date(AT), formats.day(AT)) == (date, day)


def test_money_has_the_digits_of_its_currency() -> None:
    yen, points = Formats("en", "JPY"), Formats("de", "points")
    assert (yen.money(1234.6), yen.amount(1234.6)) == ("¥1,235", "1,235")
    assert (points.money(1234.5), points.money(1234.6, whole=True)) == ("1.234,50 points", "1.235 points")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.6, "0.6"), (0.012345, "0.01234"), (426.46, "426.5"), (-9999.96, "-10,000"), (123456.7, "123,457")],
)
def test_four_figures_are_enough(value: float, shown: str) -> None:
    assert Formats("en", "BRL").figures(value) == shown


def test_numbers_in_a_rule_are_rewritten_and_names_are_not() -> None:
    rule = "1 order, 82.3 to 1,240.5 BRL; or x2 over 1,300,000, days_2.5"
    assert Formats("pt_BR", "BRL").rewritten(rule) == "1 order, 82,3 to 1.240,5 BRL; or x2 over 1.300.000, days_2.5"
    assert Formats("en", "BRL").rewritten(rule) == rule
