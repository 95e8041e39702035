"""Ids are found in texts where they stand for a customer, and nowhere else."""

import io
import re
import sys
from pathlib import Path

import pytest

from job import adapters
from job.erasure import OF_CUSTOMERS
from job.errors import ConfigError, DataError
from job.ids import Ids, read
from job.statements import Statements


@pytest.mark.parametrize(
    ("one", "field"),
    [
        ("7", "7"),
        ("7", " 7 "),
        ("7", '{"id": 7, "n": 1}'),
        ("ab-12", "AB-12"),
        ("3f2b8c1e-0000-4000-8000-000000000001", "3F2B8C1E-0000-4000-8000-000000000001"),
        ("müller@example.org", "An: <MÜLLER@example.org>."),
        ("Ana María, Calle 7", "Ana María, Calle 7"),
        ("Ana María, Calle 7", "for Ana María, Calle 7!"),
        ("o'brien", "o'brien"),
        ("(7)", "(7)"),
        ("cust_0001", "see cust_0001; and cust_0002"),
        ("-", "-"),
    ],
)
def test_a_field_that_is_or_names_an_id(one: str, field: str) -> None:
    assert Ids([one, "another"]).among(["else", field])


@pytest.mark.parametrize(
    ("one", "field"),
    [
        ("7", "7.50"),
        ("7", "2024-07-07"),
        ("7", "17"),
        ("ab", "abc"),
        ("Ana María", "Ana Marías"),
        ("cust_0001", "0001"),
    ],
)
def test_a_field_that_only_looks_alike(one: str, field: str) -> None:
    assert not Ids([one]).among([field])


def test_messages_keep_all_but_the_ids() -> None:
    """A short id goes where it is told as one; a long one with a digit wherever it is."""
    ids = Ids(["7", "0a1b2c3d4e", "o'brien", "Zoë", "x" * 300])
    said = ["7 customers, such as '7'", "Key (id)=(7) is 0a1b2c3d4e's", 'such as "o\'brien"']
    told = {"warnings": said, "n": 7}
    assert ids.without(told) == {
        "warnings": ["7 customers, such as '(erased)'", "Key (id)=((erased)) is (erased)'s", 'such as "(erased)"'],
        "n": 7,
    }
    assert ids.without(f"value '{'x' * 57}...' is no number") == "value '(erased)' is no number"
    assert ids.without("id 0A1B2C3D4E.") == "id (erased)."
    assert ids.without("zoë") == "zoë" and ids.without(None) is None


def test_ids_are_read_a_line_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ids.txt"
    path.write_bytes("\ufeff7\r\n\r\nJosé Ñ \r\n7\nlast".encode())
    assert read(path) == ["7", "José Ñ", "last"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a\nb\n")))
    assert read(Path("-")) == ["a", "b"]


def test_what_is_no_list_of_ids_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ids.txt"
    path.write_bytes(b"\n \n")
    with pytest.raises(DataError, match="has no ids"):
        read(path)
    path.write_bytes(b"\xff\xfe7\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path / "nowhere")


def test_every_table_of_the_job_with_customers_is_erased_from() -> None:
    script = "\n".join(Statements(adapters.embedded().dialect).render("job_schema"))
    tables = re.findall(r'CREATE TABLE IF NOT EXISTS "(\w+)" \((.*?)\n\)', script, re.DOTALL)
    assert {table for table, columns in tables if "customer_unique_id" in columns} == set(OF_CUSTOMERS)
