"""Texts that a spreadsheet would run as formulas, made plain: as OWASP's page on CSV injection has them, and more.

The patterns are written so that Python and RE2, which is in the engine that writes exports, read them alike.
"""

import re

BYTE_ORDER_MARK = "\ufeff"  # without which a spreadsheet takes UTF-8 for a code page
# The small, full-width and mathematical forms, too: programs in East Asia take them for the usual ones.
SIGNS = "=\ufe66\uff1d+\ufe62\uff0b\\-\u2212\ufe63\uff0d@\ufe6b\uff20"
# What a program may skip before a formula: spaces, quotes, and what is not seen.
SKIPPED = (
    "\\x00-\\x08\\x0b\\x0c\\x0e-\\x20\"'`\\x7f-\\xa0"
    "\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
)
# Where a cell begins, also where a program takes another separator, or lines for rows.
FORMULA = f"(^|[,;|\\t\\r\\n])([{SKIPPED}]*)([{SIGNS}])"
PLAIN_FORMULA = "\\1'\\2\\3"
BREAK_FIRST = "^([\\t\\r\\n])"
PLAIN_BREAK_FIRST = "'\\1"
NUMBER = "[-+]?[0-9]+([.,][0-9]+)*"  # runs nothing


def defused(text: str) -> str:
    """Return the text with an apostrophe before whatever a spreadsheet would run; a number stays as it is."""
    if re.fullmatch(NUMBER, text):
        return text
    return re.sub(FORMULA, PLAIN_FORMULA, re.sub(BREAK_FIRST, PLAIN_BREAK_FIRST, text))
