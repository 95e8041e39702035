"""A field of a file -> a value of its column's type, as DuckDB's SQL. Nothing is rounded, cut or guessed."""

from collections.abc import Sequence

from job.statements import text
from job.tables import Column, quoted

# What a whole field must look like. DuckDB's own casts take more: blanks, underscores, other bases, NaN.
WHOLE = "[+-]?[0-9]+"
DECIMAL = "[+-]?([0-9]+[.]?|[0-9]*[.][0-9]{{1,{scale}}}0*)"
DECIMAL_WHOLE = "[+-]?[0-9]+([.]0*)?"
DOUBLE = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
MICROSECONDS = 6  # digits of a second
TIMESTAMP = DATE + "([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?)?"


def cast(column: Column, formats: Sequence[str] = ()) -> str:
    """Return the SQL of a value of the column's type, NULL where its field is no such value.

    The field is a VARCHAR of the column's name; NULL stays NULL. formats: what strptime may read a TIMESTAMP with,
    where it is not written as ISO 8601 is.
    """
    field = quoted(column.name)
    if column.type == "VARCHAR":
        return _text(field, column)
    value = f"TRY_CAST({field} AS {column.type})"
    conditions = [f"regexp_full_match({field}, {text(_pattern(column))})"]
    if column.type == "DOUBLE":
        conditions.append(f"isfinite({value})")
    checked = _where(conditions, value)
    return _moment(checked, column, formats) if column.type == "TIMESTAMP" else checked


def _text(field: str, column: Column) -> str:
    """A text must not end in a space where it would be lost, nor in a key, which some databases take for another."""
    conditions = []
    if column.max_length:
        conditions.append(f"length({field}) <= {column.max_length}")
    if column.lacking:
        conditions.append(f"NOT regexp_matches({field}, {text(column.lacking)})")
    if column.required or column.drops_spaces:
        conditions.append(f"NOT suffix({field}, ' ')")
    return _where(conditions, field)


def _moment(iso: str, column: Column, formats: Sequence[str]) -> str:
    """Four digits of a year are what every engine stores, the year 0 is not; nor more of a second than is declared.

    A time with an offset (%z) is that moment in the session's time zone, which is UTC.
    """
    # Apart, as DuckDB gives a time without an offset that of the row before where a list has formats of both kinds.
    kinds = [[each for each in formats if ("%z" in each.lower()) == zoned] for zoned in (False, True)]
    read = [f"try_strptime({quoted(column.name)}, [{', '.join(map(text, kind))}])" for kind in kinds if kind]
    value = f"COALESCE({', '.join([iso, *(f'CAST({each} AS TIMESTAMP)' for each in read)])})" if read else iso
    conditions = [f"{value} BETWEEN '0001-01-01' AND '9999-12-31 23:59:59.999999'"]
    if column.second_digits < MICROSECONDS:
        conditions.append(f"epoch_us({value}) % {10 ** (MICROSECONDS - column.second_digits)} = 0")
    return _where(conditions, value)


def _pattern(column: Column) -> str:
    if column.type.startswith("DECIMAL"):
        _, scale = column.precision
        return DECIMAL.format(scale=scale) if scale else DECIMAL_WHOLE
    return {"DOUBLE": DOUBLE, "TIMESTAMP": TIMESTAMP, "DATE": DATE}.get(column.type, WHOLE)


def _where(conditions: Sequence[str], value: str) -> str:
    return f"CASE WHEN {' AND '.join(conditions)} THEN {value} END" if conditions else value
