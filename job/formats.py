"""Figures and dates as people write them where the reader lives; the words around them stay English.

Babel is imported where it is used: --help does without.
"""

import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale
    from babel.numbers import NumberPattern

ENGLISH_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})*(?:\.\d+)?(?![\w])")


class Formats:
    """A locale's ways to write, and the currency of the shop: an ISO 4217 code, or any other unit."""

    def __init__(self, locale: str, currency: str) -> None:
        self.locale = locale
        self.currency = currency

    @cached_property
    def _locale(self) -> "Locale":
        return parsed(self.locale)

    def number(self, value: float, digits: int = 0) -> str:
        """Return the number with this many digits after the point, and with separators."""
        from babel.numbers import format_decimal

        value = value if round(value, digits) else 0  # not -0.00
        return format_decimal(value, self._pattern(self._locale.decimal_formats[None], digits), self._locale)

    def figures(self, value: float, most: int = 4) -> str:
        """Return the number with this many figures at most, but with all of those before the point."""
        digits = max(0, most - 1 - math.floor(math.log10(abs(value)))) if value else 0
        return self.number(value, len(f"{value:.{digits}f}".rstrip("0").partition(".")[2]))

    def share(self, value: float, digits: int = 1) -> str:
        """Return a share of 1 in percent."""
        from babel.numbers import format_percent

        return format_percent(value, self._pattern(self._locale.percent_formats[None], digits), self._locale)

    def amount(self, value: float) -> str:
        """Return money without its currency, with as many digits after the point as the currency has."""
        from babel.numbers import get_currency_precision

        return self.number(value, get_currency_precision(self.currency))

    def money(self, value: float, whole: bool = False) -> str:
        """Return money with its currency."""
        from babel.numbers import format_currency

        if self.currency not in self._locale.currencies:
            return f"{self.number(value) if whole else self.amount(value)} {self.currency}"
        pattern = self._locale.currency_formats["standard"]
        if whole:
            return format_currency(value, self.currency, self._pattern(pattern, 0), self._locale, currency_digits=False)
        return format_currency(value, self.currency, locale=self._locale)

    def about(self, value: float) -> str:
        """Return money to two figures, where it must not tell what one customer has spent."""
        digits = 1 - math.floor(math.log10(abs(value))) if value else 0
        return f"about {self.money(round(value, digits), whole=abs(value) >= 10)}"

    def date(self, at: date) -> str:
        """Return the day, with its year."""
        from babel.dates import format_date

        return format_date(at, "medium", self._locale)

    def day(self, at: datetime) -> str:
        """Return the day without its year."""
        from babel.dates import format_skeleton

        return format_skeleton("MMMd", at, locale=self._locale)

    def moments(self, times: Sequence[datetime]) -> list[str]:
        """Return what tells the times apart: the day, and where a day comes twice, the time of day in place of or below
        it."""
        days = [self.day(at) for at in times]
        if len({at.year for at in times}) > 1:
            days = [self.date(at) for at in times]
        if len(set(days)) == len(times):
            return days
        clock = "%H:%M" if len({(at.date(), at.hour, at.minute) for at in times}) == len(times) else "%H:%M:%S"
        return [f"{day}\n{at.strftime(clock)}" for day, at in zip(days, times, strict=True)]

    def rewritten(self, text: str) -> str:
        """Return a text with the numbers that stand in it as English writes them, such as 1,234.5, in this locale."""

        def number(match: re.Match[str]) -> str:
            plain = match[0].replace(",", "")
            return self.number(float(plain), len(plain.partition(".")[2]))

        return ENGLISH_NUMBER.sub(number, text)

    @staticmethod
    def _pattern(pattern: "NumberPattern", digits: int) -> "NumberPattern":
        from babel.numbers import parse_pattern

        own = parse_pattern(pattern.pattern)
        own.frac_prec = (digits, digits)
        return own


def parsed(locale: str) -> "Locale":
    """Return Babel's locale of a name such as `en`, `pt_BR` or `pt-BR`. Raises ValueError where there is none."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError(f"locale {locale} is not known; en, pt_BR and de are usual ones") from error
