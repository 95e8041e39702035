"""A field of a file -> a value of its column's type, as DuckDB's SQL. Nothing is rounded, cut or guessed."""

import re
from collections.abc import Callable, Sequence

from job.staging.values import PLAIN, Values, plain_number
from job.statements import text
from job.tables import Column, quoted

# What a whole field must look like. DuckDB's own casts take more: blanks, underscores, other bases, NaN.
WHOLE = "[+-]?[0-9]+"
DECIMAL = "[+-]?([0-9]+[.]?|[0-9]*[.][0-9]{{1,{scale}}}0*)"
DECIMAL_WHOLE = "[+-]?[0-9]+([.]0*)?"
NUMERIC = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)"
DOUBLE = NUMERIC + "([eE][+-]?[0-9]+)?"
MICROSECONDS = 6  # digits of a second
DAY = "[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
TIME = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6}0*)?)?"
OFFSET = "(Z|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)?"
MOMENT = DAY + "([ T][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}([.][0-9]{{1,{digits}}}0*)?)?{offset})?"
# A format of a time of day alone, which DuckDB would take for one of the year 1900.
CLOCK = re.compile("[^%]*(%-?[HIMSpfgn%][^%]*)+")
UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
# What DuckDB takes within a number and behind it.
NO_NUMBER = (" ", "\t", "\n", "\v", "\f", "\r", "_")
TRUE, FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")  # a boolean's words, in any case
# What DuckDB takes for JSON and others do not, where it is in no string: a comma behind the last item, NaN, Infinity.
NO_JSON = r"(?i),\s*[]}]|nan|inf"
JSON_STRING = r'"([^"\\]|\\.)*"'
# What a string may hold for the standard, and not for servers: half of a pair of surrogates, NUL.
JSON_PAIR = r"\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F].."
NO_CHARACTER = r"\\u([dD][89a-fA-F]|0000)"


def cast(column: Column, values: Values = PLAIN) -> str:
    """Return the SQL of a value of the column's type, NULL where its field is no such value.

    The field is a VARCHAR of the column's name; NULL stays NULL. values: how numbers are written, and what strptime may
    read a day or a time with, where it is not written as ISO 8601 is. What Parquet does not keep, and numbers beyond
    DuckDB's, is a VARCHAR in which equal values are equal texts.
    """
    field = quoted(column.name)
    clock = [each for each in values.timestamp_formats if CLOCK.fullmatch(each)]
    dated = [each for each in values.timestamp_formats if each not in clock]
    if column.base.startswith("TIMESTAMP"):
        value = _moment(field, column, dated)
    elif column.type == "DATE":
        value = _day(field, column, dated)
    elif column.type == "TIME":
        value = _time(field, column, clock)
    elif is_number(column):
        written = plain_number(field, values)
        # A number that stands for a boolean has words, too, which are no numbers.
        written = f"COALESCE({written}, {field})" if column.boolean and not values.plain else written
        value = CASTS.get(column.base, _whole)(written, column)
    else:
        value = CASTS.get(column.base, _whole)(field, column)
    number = f"CAST({value} AS DOUBLE)" if column.base == "NUMERIC" else value
    limits = [(">=", column.least), ("<=", column.most)]
    conditions = [f"{number} {is_} {text(limit)}" for is_, limit in limits if limit is not None]
    if column.lacking:
        conditions.append(f"NOT regexp_matches({field}, {text(column.lacking)})")
    return _where(conditions, value)


def is_number(column: Column) -> bool:
    """Tell whether the column's values are numbers."""
    return "INT" in column.base or column.base in ("DECIMAL", "NUMERIC", "DOUBLE", "FLOAT")


def _text(field: str, column: Column) -> str:
    """A text must not end in a space where it would be lost, nor in a key, which some databases take for another."""
    conditions = []
    if column.max_length:
        conditions.append(f"length({field}) <= {column.max_length}")
    if column.max_bytes:
        conditions.append(f"strlen({field}) <= {column.max_bytes}")
    if column.required or column.drops_spaces:
        conditions.append(f"NOT suffix({field}, ' ')")
    return _where(conditions, field)


def _word(field: str, column: Column) -> str:
    return _where([f"{field} IN ({', '.join(map(text, column.words))})"], field)


def _whole(field: str, column: Column) -> str:
    value = f"TRY_CAST({field} AS {column.type})"
    looks = _looks(field, WHOLE, value)
    if column.type in ("HUGEINT", "UHUGEINT"):
        value = f"CAST({value} AS VARCHAR)"
    value = _where([looks], value)
    return f"COALESCE(CAST({_boolean(field, column)} AS {column.type}), {value})" if column.boolean else value


def _boolean(field: str, column: Column) -> str:
    words = [f"lower({field}) IN ({', '.join(map(text, words))})" for words in (TRUE, FALSE)]
    return f"CASE WHEN {words[0]} THEN true WHEN {words[1]} THEN false END"


def _decimal(field: str, column: Column) -> str:
    _, scale = column.precision
    pattern = DECIMAL.format(scale=scale) if scale else DECIMAL_WHOLE
    value = f"TRY_CAST({field} AS {column.type})"
    return _where([_looks(field, pattern, value)], value)


def _numeric(field: str, column: Column) -> str:
    """The digits as a text: no sign of what is not negative, no zeros at either end."""
    parts = "^[+]?(-?)0*([0-9]*)([.]([0-9]*?)0*)?$"
    digits = f"regexp_replace(regexp_replace({field}, {text(parts)}, '\\1\\2.\\4'), '[.]$', '')"
    value = f"CASE WHEN {digits} IN ('', '-') THEN '0' ELSE regexp_replace({digits}, '^(-?)[.]', '\\10.') END"
    conditions = [_like(field, NUMERIC)]
    if column.type != column.base:
        digits_in_all, scale = column.precision
        conditions.append(_like(value, f"-?[0-9]{{1,{digits_in_all - scale}}}([.][0-9]{{1,{scale}}})?"))
    return _where(conditions, value)


def _double(field: str, column: Column) -> str:
    """What begins with a digit, a minus or a point, and has no blank in it, looks like a number if it is one."""
    value = f"TRY_CAST({field} AS DOUBLE)"
    plain = [f"{field} >= '-'", *(f"NOT contains({field}, {text(character)})" for character in NO_NUMBER)]
    return _where([f"isfinite({value})", f"({' AND '.join(plain)} OR {_like(field, DOUBLE)})"], value)


def _float(field: str, column: Column) -> str:
    """A FLOAT whose few digits are those of the field."""
    value = f"TRY_CAST({field} AS FLOAT)"
    same = f"CAST(CAST({value} AS VARCHAR) AS DOUBLE) = TRY_CAST({field} AS DOUBLE)"
    return _where([_like(field, DOUBLE), f"isfinite({value})", same], value)


def _uuid(field: str, column: Column) -> str:
    return _where([_like(field, UUID)], f"lower({field})")


def _json(field: str, column: Column) -> str:
    outside = f"regexp_replace({field}, {text(JSON_STRING)}, '', 'g')"
    characters = f"regexp_replace({field}, {text(JSON_PAIR)}, '', 'g')"
    conditions = [
        f"json_valid({field})",
        f"NOT regexp_matches({outside}, {text(NO_JSON)})",
        f"NOT regexp_matches({characters}, {text(NO_CHARACTER)})",
    ]
    return _where(conditions, field)


def _time(field: str, column: Column, formats: Sequence[str]) -> str:
    """A time of day; one that a format reads has neither a day nor an offset."""
    iso, conditions = f"TRY_CAST({field} AS TIME)", [_like(field, TIME)]
    if not formats:
        return _where([*conditions, *_second_kept(f"microsecond({iso})", column)], iso)
    read = f"try_strptime({field}, [{', '.join(map(text, formats))}])"
    value = f"COALESCE({_where(conditions, iso)}, CAST({read} AS TIME))"
    return _where(_second_kept(f"microsecond({value})", column), value)


def _day(field: str, column: Column, formats: Sequence[str]) -> str:
    """A day, which may have a time beside it that is midnight: another one would be lost."""
    moment = _moment(field, column, formats)
    day = f"CAST({moment} AS DATE)"
    return _where([f"{day} = {moment}"], day)


def _moment(field: str, column: Column, formats: Sequence[str]) -> str:
    """Four digits of a year are what every engine stores, the year 0 is not; nor more of a second than is declared.

    A time with an offset (%z, or as ISO 8601 has it where the column holds moments) is that moment in the session's
    time zone, which is UTC; one without is in UTC where the column holds moments.
    """
    type_ = "TIMESTAMP" if column.type == "DATE" else column.type
    is_moment = column.instant or type_ == "TIMESTAMP WITH TIME ZONE"
    digits = max(MICROSECONDS, column.second_digits)
    pattern = MOMENT.format(digits=digits, offset=OFFSET if is_moment else "")
    iso = f"TRY_CAST({field} AS {'TIMESTAMP WITH TIME ZONE' if is_moment else type_})"
    if type_ == "TIMESTAMP" and not is_moment and not formats:
        return _where([_year_kept(iso), *_second_kept(f"epoch_us({iso})", column), _looks(field, pattern, iso)], iso)
    iso = _where([_like(field, pattern)], f"CAST({iso} AS {type_})" if column.instant else iso)
    # Apart, as DuckDB gives a time without an offset that of the row before where a list has formats of both kinds.
    kinds = [[each for each in formats if ("%z" in each.lower()) == zoned] for zoned in (False, True)]
    # Its %z reads no Z, which stands for UTC.
    fields = (field, f"regexp_replace({field}, 'Z$', '+00:00')")
    read = [
        f"try_strptime({of}, [{', '.join(map(text, kind))}])" for of, kind in zip(fields, kinds, strict=True) if kind
    ]
    value = f"COALESCE({', '.join([iso, *(f'TRY_CAST({each} AS {type_})' for each in read)])})" if read else iso
    conditions = [_year_kept(value)] if type_ != "TIMESTAMP_NS" else []
    return _where([*conditions, *_second_kept(f"epoch_us({value})", column)], value)


def _year_kept(value: str) -> str:
    return f"{value} BETWEEN '0001-01-01' AND '9999-12-31 23:59:59.999999'"


def _second_kept(microseconds: str, column: Column) -> list[str]:
    if column.second_digits >= MICROSECONDS:
        return []
    return [f"{microseconds} % {10 ** (MICROSECONDS - column.second_digits)} = 0"]


def _looks(field: str, pattern: str, value: str) -> str:
    """Tell whether the field looks as it must: as the engine writes the value, which is faster to see, or otherwise."""
    return f"(CAST({value} AS VARCHAR) = {field} OR {_like(field, pattern)})"


def _like(field: str, pattern: str) -> str:
    return f"regexp_full_match({field}, {text(pattern)})"


def _where(conditions: Sequence[str], value: str) -> str:
    return f"CASE WHEN {' AND '.join(conditions)} THEN {value} END" if conditions else value


CASTS: dict[str, Callable[[str, Column], str]] = {
    "VARCHAR": _text,
    "ENUM": _word,
    "BOOLEAN": _boolean,
    "DECIMAL": _decimal,
    "NUMERIC": _numeric,
    "DOUBLE": _double,
    "FLOAT": _float,
    "UUID": _uuid,
    "JSON": _json,
}
