"""Texts that a spreadsheet would run: by Python and by DuckDB alike; addresses as ad platforms take them."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from job.spreadsheets import BYTE_ORDER_MARK, defused
from job.staging.conversion import AS_IT_IS, LABEL, Shape, converted
from job.tables import Column

RUN = {
    "=1+1": "'=1+1",
    "+1+1": "'+1+1",
    "-1+1": "'-1+1",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t'=1",
    "\rx": "'\rx",
    "\nx": "'\nx",
    "\uff1d1+1": "'\uff1d1+1",
    "\uff0b1": "'\uff0b1",
    "\uff0d1": "'\uff0d1",
    "\uff20SUM": "'\uff20SUM",
    "\ufe621": "'\ufe621",
    "\u22121": "'\u22121",
    "  =1": "'  =1",
    "\u00a0=1": "'\u00a0=1",
    "\ufeff=1": "'\ufeff=1",
    "\u200b=1": "'\u200b=1",
    "\x01=1": "'\x01=1",
    '"=1': "'\"=1",
    "'=1": "''=1",
    "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x","y")': '\'=HYPERLINK("http://x","y")',
    "a\n=1": "a\n'=1",
    "a\r\n=1": "a\r\n'=1",
    "a;=1": "a;'=1",
    'a";"=1': 'a";\'"=1',
    "a,=1;=2": "a,'=1;'=2",
    "a\t@b": "a\t'@b",
    "-5+A1": "'-5+A1",
    "+49 30 123": "'+49 30 123",
}
PLAIN = [
    "",
    "a",
    "a=b",
    "-5",
    "+5",
    "-1,234.50",
    "2+ orders",
    "a-b",
    "ann@example.com",
    "Ünïcødé 🛒",
    " a ",
    "\\",
    "a'b",
]
FEATURES = [
    Column("=price", "DECIMAL(10,2)", required=False),
    Column("mail", "VARCHAR", required=False),
    Column("r", "VARCHAR", required=False, declared="rfm"),
]
# As Meta, Snap and TikTok show them in what they say of their uploads.
PUBLISHED = {
    "john_smith@gmail.com": "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
    "person@example.com": "542d240129883c019e106e3b1b2d3f3cb3537c43c425364de8e951d5a3083345",
    "janedoe@gmail.com": "d6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69",
}


NO_ADDRESS = (
    *("", "7", "ann", "ann@localhost", "@example.com", "ann@", "a@b@c.de", "Ann <ann@example.com>", "ann\uff20x.de"),
    *("ann@x..de", "ann@.de", "a b@x.de", "a@x.de,b@x.de"),
)


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def written(folder: Path, customers: Sequence[Sequence[str]], shape: Shape) -> tuple[list[list[str]], int]:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([[*LABEL, *(column.name for column in FEATURES)], *customers])
    label = [Column(name, "VARCHAR", required=True) for name in LABEL]
    with converted([*label, *FEATURES], folder / "labels.csv", "csv", shape) as file:
        file.stream.write(text.getvalue().encode())
    return rows(folder / "labels.csv"), file.customers


@pytest.mark.parametrize("text", RUN)
def test_what_would_run_is_made_plain(text: str) -> None:
    assert defused(text) == RUN[text]


@pytest.mark.parametrize("text", PLAIN)
def test_what_would_not_stays(text: str) -> None:
    assert defused(text) == text


def test_duckdb_makes_the_same_plain(tmp_path: Path) -> None:
    texts = [*RUN, *PLAIN]
    sent = [(text, "A", text, "-5.00", text, text) for text in texts]
    [header, *found], customers = written(tmp_path, sent, Shape(for_spreadsheets=True))
    assert header == [f"{BYTE_ORDER_MARK}customer_unique_id", *LABEL[1:], "'=price", "mail", "r"]
    assert found == [[defused(text), "A", defused(text), "-5.00", defused(text), defused(text)] for text in texts]
    assert customers == len(texts)
    [header, *found], _ = written(tmp_path, sent, AS_IT_IS)
    assert header[0] == LABEL[0] and [row[0] for row in found] == texts


@pytest.mark.parametrize("address", PUBLISHED)
def test_addresses_are_hashed_as_the_platforms_show_it(tmp_path: Path, address: str) -> None:
    forms = (address, address.upper(), f"  {address}\t", f"\u00a0{address.title()}\ufeff")
    sent = [(form, "A", "a@b.de", "1.00", "", "x@y.de") for form in forms]
    [_, *found], customers = written(tmp_path, sent, Shape(hash_emails=True))
    assert found == [[PUBLISHED[address], "A", "a@b.de", "1.00", "", "x@y.de"]] * 4 and customers == 4


def test_an_address_among_the_features_is_hashed(tmp_path: Path) -> None:
    sent = [("7", "A", "a", "1.00", "Person@Example.com", ""), ("+8@x", "A", "a", "1.00", "person@example.com", "")]
    [_, *found], _ = written(tmp_path, sent, Shape(for_spreadsheets=True, hash_emails=True))
    assert [(row[0], row[4]) for row in found] == [(number, PUBLISHED["person@example.com"]) for number in ("7", "")]


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_who_has_no_address_is_left_out(tmp_path: Path, text: str) -> None:
    sent = [(text, "A", "a", "1.00", text, ""), ("person@example.com", "A", "a", "1.00", text, "")]
    [_, *found], customers = written(tmp_path, sent, Shape(hash_emails=True))
    assert (len(found), customers, found[0][0]) == (1, 1, PUBLISHED["person@example.com"])
    assert not {"@", "\uff20"} & set("".join(found[0]))
