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
    return _within_years(checked, field, formats) if column.type == "TIMESTAMP" else checked


def _text(field: str, column: Column) -> str:
    """A required text (a key) must not end in a space: some databases would take it for the same text without."""
    conditions = []
    if column.max_length:
        conditions.append(f"length({field}) <= {column.max_length}")
    if column.required:
        conditions.append(f"NOT suffix({field}, ' ')")
    return _where(conditions, field)


def _within_years(iso: str, field: str, formats: Sequence[str]) -> str:
    """Four digits of a year are what every engine stores; the year 0 is not."""
    value = f"COALESCE({iso}, try_strptime({field}, [{', '.join(map(text, formats))}]))" if formats else iso
    return _where([f"{value} BETWEEN '0001-01-01' AND '9999-12-31 23:59:59.999999'"], value)


def _pattern(column: Column) -> str:
    if column.type.startswith("DECIMAL"):
        _, scale = column.precision
        return DECIMAL.format(scale=scale) if scale else DECIMAL_WHOLE
    return {"DOUBLE": DOUBLE, "TIMESTAMP": TIMESTAMP, "DATE": DATE}.get(column.type, WHOLE)


def _where(conditions: Sequence[str], value: str) -> str:
    return f"CASE WHEN {' AND '.join(conditions)} THEN {value} END" if conditions else value
