"""Records as PostgreSQL's COPY takes them in its binary form, made by DuckDB's SQL.

A value is four bytes of its length and the bytes that its type's receive function reads, big-endian; NULL is a length
of -1. A number is whole numbers below 10,000, two bytes each.
"""

import struct
from collections.abc import Callable, Sequence

from job.tables import Column, quoted

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
NULL = b"\xff\xff\xff\xff"
TRUE, FALSE = b"\0\0\0\1\1", b"\0\0\0\1\0"
EPOCH = 946_684_800_000_000  # 2000-01-01, in microseconds since 1970
SHORT = 128  # bytes: a length below is one character in UTF-8
MOST_DIGITS = 38  # of DuckDB's DECIMAL
DIGITS, NUMBERS = 4, 4  # decimal ones in one of a number's whole numbers; of those in eight bytes


def record(columns: Sequence[Column]) -> str | None:
    """Return the SQL of a record as a BLOB, of columns as they are staged; None: one has a type that it cannot make."""
    if any(column.base not in VALUES for column in columns) or any(map(_too_long, columns)):
        return None
    fields = [_blob(struct.pack(">h", len(columns))), *map(_field, columns)]
    return _joined(fields)


def _field(column: Column) -> str:
    field = quoted(column.name)
    value = VALUES[column.base](field, column)
    return value if column.required else f"CASE WHEN {field} IS NULL THEN {_blob(NULL)} ELSE {value} END"


def _text(field: str, column: Column) -> str:
    short = f"encode(concat(chr(0), chr(0), chr(0), chr(CAST(strlen({field}) AS INTEGER)), {field}))"
    if column.max_length and 4 * column.max_length < SHORT:
        return short
    size = _big_endian(f"CAST(strlen({field}) AS INTEGER)")
    return f"CASE WHEN strlen({field}) < {SHORT} THEN {short} ELSE {size} || encode({field}) END"


def _sized(size: int, value: str) -> str:
    return f"({_blob(struct.pack('>i', size))} || {_big_endian(value)})"


def _decimal(field: str, column: Column) -> str:
    """All digits that the type has, with zeros in front: the server leaves these out."""
    digits, scale = column.precision
    behind = -(-scale // DIGITS)  # whole numbers behind the point
    before = -(-(digits - scale) // DIGITS)
    parts = -(-(before + behind) // NUMBERS)
    wide = f"CAST({field} AS DECIMAL({digits + DIGITS * behind},{scale}))"
    shift = f"CAST({10 ** (DIGITS * behind)} AS DECIMAL({DIGITS * behind + 1},0))"
    whole = f"abs(CAST({wide} * {shift} AS {'BIGINT' if parts == 1 else 'HUGEINT'}))"
    count = parts * NUMBERS
    heads = [
        _blob(struct.pack(">ihhHh", 2 * (count + 4), count, count - 1 - behind, sign, scale)) for sign in (0, 0x4000)
    ]
    return _joined(
        [
            f"CASE WHEN {field} < 0 THEN {heads[1]} ELSE {heads[0]} END",
            *(_numbers(whole, part) for part in reversed(range(parts))),
        ]
    )


def _numbers(whole: str, part: int) -> str:
    """Four of the whole numbers that a number is made of, from the right the part's."""
    units = [(10 ** (DIGITS * (NUMBERS * part + place)), 1 << 16 * place) for place in range(NUMBERS)]
    each = [f"({whole} // {unit} % {10**DIGITS}) * {shift}" for unit, shift in units if unit < 10**MOST_DIGITS]
    return _big_endian(f"CAST({' + '.join(each)} AS BIGINT)")


def _too_long(column: Column) -> bool:
    """Tell whether DuckDB's DECIMAL has no room for the number with zeros up to a multiple of four behind its point."""
    if column.base != "DECIMAL":
        return False
    digits, scale = column.precision
    return digits + DIGITS * -(-scale // DIGITS) + 1 > MOST_DIGITS


def _big_endian(value: str) -> str:
    return f"CAST(CAST({value} AS BIT) AS BLOB)"


def _blob(value: bytes) -> str:
    escapes = "".join(f"\\x{byte:02X}" for byte in value)
    return f"'{escapes}'::BLOB"


def _joined(parts: Sequence[str]) -> str:
    """Join in pairs: so fewer bytes are moved than from left to right."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return f"({_joined(parts[:half])} || {_joined(parts[half:])})"


VALUES: dict[str, Callable[[str, Column], str]] = {
    "VARCHAR": _text,
    "ENUM": _text,
    "BOOLEAN": lambda field, _: f"CASE WHEN {field} THEN {_blob(TRUE)} ELSE {_blob(FALSE)} END",
    "SMALLINT": lambda field, _: _sized(2, field),
    "INTEGER": lambda field, _: _sized(4, field),
    "BIGINT": lambda field, _: _sized(8, field),
    "FLOAT": lambda field, _: _sized(4, field),
    "DOUBLE": lambda field, _: _sized(8, field),
    "DECIMAL": _decimal,
    "DATE": lambda field, _: _sized(4, f"CAST({field} - DATE '2000-01-01' AS INTEGER)"),
    "TIME": lambda field, _: _sized(8, f"epoch_us({field})"),
    "TIMESTAMP": lambda field, _: _sized(8, f"epoch_us({field}) - {EPOCH}"),
    "TIMESTAMP WITH TIME ZONE": lambda field, _: _sized(8, f"epoch_us({field}) - {EPOCH}"),
    "UUID": lambda field, _: f"({_blob(struct.pack('>i', 16))} || unhex(replace({field}, '-', '')))",
}
