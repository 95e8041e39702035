"""Records in the binary form of PostgreSQL's COPY, byte by byte."""

import struct
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from job.adapters import binary
from job.tables import Column


def record(column: Column, value: Any, staged: str = "") -> bytes:
    """What is sent of a record with this value alone."""
    sql = binary.record([column])
    select = f'SELECT {sql} FROM (SELECT CAST(? AS {staged or column.type}) AS "x")'
    [(found,)] = duckdb.connect().execute(select, [value]).fetchall()
    return bytes(found)


def number(*groups: int, weight: int, sign: int, scale: int) -> bytes:
    return struct.pack(f">hhHh{len(groups)}h", len(groups), weight, sign, scale, *groups)


@pytest.mark.parametrize(
    ("type_", "value", "content"),
    [
        ("INTEGER", -2, struct.pack(">i", -2)),
        ("BIGINT", 2**40, struct.pack(">q", 2**40)),
        ("DOUBLE", -0.1, struct.pack(">d", -0.1)),
        ("BOOLEAN", True, b"\1"),
        ("DATE", "1999-12-31", struct.pack(">i", -1)),
        ("TIMESTAMP", "2000-01-01 00:00:01.5", struct.pack(">q", 1_500_000)),
        ("VARCHAR", "é", "é".encode()),
        ("VARCHAR", "x" * 127, b"x" * 127),
        ("VARCHAR", "é" * 64, "é".encode() * 64),
        ("DECIMAL(10,2)", Decimal("-12345678.90"), number(0, 1234, 5678, 9000, weight=2, sign=0x4000, scale=2)),
        ("DECIMAL(18,4)", Decimal("99999999999999.9999"), number(0, 0, 0, 99, *[9999] * 4, weight=6, sign=0, scale=4)),
        ("DECIMAL(4,0)", Decimal(7), number(0, 0, 0, 7, weight=3, sign=0, scale=0)),
        (
            "DECIMAL(22,6)",
            Decimal("1.000001"),
            number(0, 0, 0, 0, 0, 1, 0, 100, weight=5, sign=0, scale=6),
        ),
    ],
)
def test_a_value_is_its_size_and_what_the_server_reads(type_: str, value: Any, content: bytes) -> None:
    for required in (True, False):
        sent = struct.pack(">hi", 1, len(content)) + content
        assert record(Column("x", type_, required), value) == sent
    assert record(Column("x", type_, required=False), None) == struct.pack(">hi", 1, -1)


def test_a_uuid_is_sixteen_bytes() -> None:
    value = "8b2f3c1e-0000-4000-8000-00000000000a"
    sent = record(Column("x", "UUID", required=True), value, staged="VARCHAR")
    assert sent == struct.pack(">hi", 1, 16) + bytes.fromhex(value.replace("-", ""))


def test_the_fields_of_a_record_are_counted() -> None:
    sql = binary.record([Column(f"x{number}", "INTEGER", required=True) for number in range(300)])
    values = ", ".join(f"{number} AS x{number}" for number in range(300))
    [(found,)] = duckdb.connect().execute(f"SELECT {sql} FROM (SELECT {values})").fetchall()
    assert found == struct.pack(">h", 300) + b"".join(struct.pack(">ii", 4, number) for number in range(300))


@pytest.mark.parametrize("type_", ["NUMERIC", "NUMERIC(42,2)", "DECIMAL(38,10)", "DECIMAL(38,0)", "JSON"])
def test_a_type_that_it_cannot_make_is_sent_otherwise(type_: str) -> None:
    assert binary.record([Column("x", "INTEGER", True), Column("y", type_, True)]) is None
