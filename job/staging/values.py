"""How numbers, days and times are written where they are not written plainly, as it is declared. Nothing is guessed."""

import re
from dataclasses import dataclass, fields

from job.statements import text

SPACES = " \u00a0\u202f\u2009"  # which a space between thousands, or beside a currency, may be
MINUS = "\u2212"  # the sign that is no hyphen
ALIKE = {" ": SPACES, "'": "'\u2019"}  # other characters that stand for a separator of thousands
NO_CURRENCY = re.compile(rf"[0-9()+\-{MINUS}{SPACES}\n\r\t]|^[.,'\u2019eE]+$")  # what would be part of a number


@dataclass(frozen=True)
class Values:
    """How the fields of a file, or of one column, are written."""

    timestamp_formats: tuple[str, ...] = ()  # as strptime knows them, beside ISO 8601
    decimal: str = "."
    thousands: str = ""
    currency: tuple[str, ...] = ()  # signs and codes, before or behind
    negatives: tuple[str, ...] = ()  # beside a minus before the digits: brackets, trailing, unicode
    nulls: tuple[str, ...] = ()  # whole fields that are NULL, as an empty one is

    def __repr__(self) -> str:
        """Without nulls where there are none: it stands for what versions before these have loaded, too."""
        shown = [each.name for each in fields(self) if each.name != "nulls" or self.nulls]
        return f"Values({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    @property
    def plain(self) -> bool:
        """Tell whether numbers are written as SQL has them."""
        return (self.decimal, self.thousands, self.currency, self.negatives) == (".", "", (), ())

    @property
    def example(self) -> str:
        """A number so written, for a sentence."""
        return f"1{self.thousands}234{self.decimal}56"


PLAIN = Values()
# What programs write for no value
MARKERS = ("N/A", "n/a", "#N/A", "NA", "NULL", "null", "None", "NaN", "nan", "\\N", "-", "--", "?", "(null)", "(blank)")


def plain_number(field: str, values: Values) -> str:
    """Return the SQL of the number in the field as SQL has it, NULL where the field is not written as declared.

    Separators of thousands stand between groups of three digits, or nowhere; commas also as in India, where the groups
    before the last three digits are of two. A currency stands once, and so does a sign. Whether what comes out is a
    number of the column's type is still to be seen.
    """
    if values.plain:
        return field
    bare = field
    for sign in sorted(values.currency, key=len, reverse=True):
        bare = f"replace({bare}, {text(sign)}, '')"
    # A minus of another kind and an opening bracket become a minus; what is no part of the number goes.
    dropped = "".join(dict.fromkeys(ALIKE.get(values.thousands, values.thousands) + SPACES + ")"))
    bare = f"translate({bare}, {text(values.decimal + MINUS + '(' + dropped)}, '.--')"
    if "trailing" in values.negatives:
        bare = f"regexp_replace({bare}, '^(.*)-$', '-\\1')"
    return f"CASE WHEN regexp_full_match({field}, {text(_pattern(values))}) THEN {bare} END"


def _pattern(values: Values) -> str:
    """Return what a whole field must look like."""
    sign = f"[+{MINUS}-]?" if "unicode" in values.negatives else "[+-]?"
    digits, number = f"{_whole(values)}([{values.decimal}][0-9]*)?", f"[{values.decimal}][0-9]+"
    number = f"({digits}|{number})([eE][+-]?[0-9]+)?"
    front, behind = "", ""
    if values.currency:
        signs = "|".join(re.escape(each) for each in sorted(values.currency, key=len, reverse=True))
        front, behind = f"({signs})[{SPACES}]?", f"[{SPACES}]?({signs})"
    ways = [sign + number]
    if values.currency:
        ways += [f"{sign}{front}{number}", f"{front}{sign}{number}", f"{sign}{number}{behind}"]
    if "trailing" in values.negatives:
        ways += [f"{number}-", *([f"{front}{number}-", f"{number}-{behind}"] if values.currency else ())]
    if "brackets" in values.negatives:
        ways += [rf"\({number}\)"]
        if values.currency:
            inside = [rf"\({front}{number}\)", rf"\({number}{behind}\)"]
            ways += [*inside, rf"{front}\({number}\)", rf"\({number}\){behind}"]
    return "|".join(ways)


def _whole(values: Values) -> str:
    if not values.thousands:
        return "[0-9]+"
    separators = ALIKE.get(values.thousands, values.thousands)
    grouped = "|".join(f"([{each}][0-9]{{3}})+" for each in separators)  # one kind in a number
    indian = "|[0-9]{1,2}(,[0-9]{2})+,[0-9]{3}" if values.thousands == "," else ""
    return f"([0-9]+|[0-9]{{1,3}}({grouped}){indian})"
