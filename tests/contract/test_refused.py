"""Bad input: one sentence that names the place, and a database as it was before."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import servers
from engines.base import Engine
from shop import Tables, Template, ask, changed, everything, run

from job.errors import DataError

ORDERS, ITEMS, PAYMENTS = (f"olist_{name}_dataset.csv" for name in ("orders", "order_items", "order_payments"))
REVIEWS, CUSTOMERS = (f"olist_{name}_dataset.csv" for name in ("order_reviews", "customers"))


def in_line(number: int, pattern: str, replacement: str) -> Callable[[str], str]:
    """Change what matches in one line of the file, as an editor counts lines."""

    def change(text: str) -> str:
        lines = text.split("\n")
        lines[number - 1], count = re.subn(pattern, replacement, lines[number - 1], count=1)
        assert count == 1
        return "\n".join(lines)

    return change


REFUSED = {
    "no timestamp": (
        ORDERS,
        in_line(3, r"\d{4}-\d\d-\d\d ", "2018-02-30 "),
        r"ORDERS:3:order_purchase_timestamp: value '2018-02-30 [^']*' is not a timestamp",
    ),
    "spreadsheet's timestamp": (
        ORDERS,
        in_line(3, r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "10/2/2017 10:56"),
        r"ORDERS:3:order_purchase_timestamp: value '10/2/2017 10:56' is not a timestamp",
    ),
    "no integer": (
        ITEMS,
        in_line(2, r",1,", ",1.5,"),
        r"ITEMS:2:order_item_id: value '1\.5' is not a whole number of type INTEGER",
    ),
    "integer out of range": (
        ITEMS,
        in_line(2, r",1,", ",3000000000,"),
        r"ITEMS:2:order_item_id: value '3000000000' is not a whole number of type INTEGER",
    ),
    "too many decimals": (
        PAYMENTS,
        in_line(4, r"\.\d\d$", ".123"),
        r"PAYMENTS:4:payment_value: value '\d+\.123' is not a number with at most 8 digits before and 2 after",
    ),
    "not a number": (PAYMENTS, in_line(4, r"\d+\.\d\d$", "NaN"), r"PAYMENTS:4:payment_value: value 'NaN' is not"),
    "value missing": (
        PAYMENTS,
        in_line(4, r"\d+\.\d\d$", ""),
        r"PAYMENTS:4:payment_value: the value is missing, and the column requires one",
    ),
    "field missing": (
        PAYMENTS,
        in_line(5, r",\d+\.\d\d$", ""),
        r"PAYMENTS:5: the record has 4 fields, and the header 5",
    ),
    "field too many": (PAYMENTS, in_line(5, r"$", ",9"), r"PAYMENTS:5: the record has 6 fields, and the header 5"),
    "column missing": (PAYMENTS, in_line(1, "payment_value", "value"), r"PAYMENTS:1: column payment_value is missing"),
    "column unknown": (
        CUSTOMERS,
        lambda text: text.replace("\n", ",1\n").replace(",1", ",extra", 1),
        r"CUSTOMERS:1: column extra is unknown",
    ),
    "column doubled": (
        CUSTOMERS,
        lambda text: text.replace("\n", ",1\n").replace(",1", ",customer_id", 1),
        r"CUSTOMERS:1: column customer_id \(fields 1 and 6\) is given twice",
    ),
    "text too long": (
        CUSTOMERS,
        in_line(4, r"[A-Z]{2}$", "SÃO"),
        r"CUSTOMERS:4:customer_state: value 'SÃO' is longer than 2 characters",
    ),
    "key ends in a space": (
        CUSTOMERS,
        in_line(4, r"^(\w{31})\w,", r"\1 ,"),
        r"CUSTOMERS:4:customer_id: value '\w{31} ' ends in a space",
    ),
    "quote not closed": (CUSTOMERS, in_line(4, r"^", '"'), r"CUSTOMERS:4: a quote is never closed"),
    "text behind a quote": (
        CUSTOMERS,
        in_line(4, r"^(\w+)", r'"\1"x'),
        r"CUSTOMERS:4: text stands behind a closing quote",
    ),
    "NUL byte": (CUSTOMERS, in_line(7, r"^", "\0"), r"CUSTOMERS:7: a NUL byte"),
    "empty file": (CUSTOMERS, lambda text: "", r"CUSTOMERS:1: column .* is missing"),
    "orphan": (
        PAYMENTS,
        in_line(3, r"^[^,]+", "0" * 32),
        r"PAYMENTS:3:order_id: value '0{32}' has no match in orders",
    ),
    "duplicate key": (
        CUSTOMERS,
        lambda text: text + text.split("\n")[1] + "\n",
        r"CUSTOMERS:\d+:customer_id: value '\w{32}' is the key of line 2, too",
    ),
    "duplicate key of two columns": (
        PAYMENTS,
        lambda text: text + text.split("\n")[4] + "\n",
        r"PAYMENTS:\d+:order_id, payment_sequential: value '\w{32}, \d' is the key of line 5, too",
    ),
    "parent gone": (
        ORDERS,
        in_line(2, r"^[^,]+", "0" * 32),
        r"ITEMS:\d+:order_id: value '\w{32}' has no match in orders",
    ),
}


@pytest.fixture(scope="module")
def loaded(engine: Engine, template: Template) -> Iterator[str]:
    """A database after a run, shared: what these tests do must not change it."""
    with servers.fresh_database(engine, template=template.url) as url:
        yield url


@pytest.fixture(scope="module")
def before(engine: Engine, loaded: str) -> Tables:
    return everything(engine, loaded)


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_file_changes_nothing(
    engine: Engine, loaded: str, before: Tables, shop: Path, tmp_path: Path, case: str
) -> None:
    file, change, complaint = REFUSED[case]
    names = {"ORDERS": ORDERS, "ITEMS": ITEMS, "PAYMENTS": PAYMENTS, "CUSTOMERS": CUSTOMERS}
    pattern = re.sub("^[A-Z]+", lambda match: re.escape(names[match[0]]), complaint)
    with pytest.raises(DataError, match=pattern) as raised:
        run(engine, loaded, changed(shop, tmp_path, file, change))
    assert everything(engine, loaded) == before
    statuses = ask(engine, loaded, "SELECT status, error FROM job_runs ORDER BY started_at DESC LIMIT 1")
    assert statuses == [("failed", str(raised.value))]


def test_a_refused_first_load_leaves_no_tables(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="order"):
        run(engine, database_url, changed(shop, tmp_path, PAYMENTS, in_line(3, r"^[^,]+", "0" * 32)))
    own = {"loaded_files", "rejected_records", "segment_models"}
    own |= {"customer_segments", "customer_segment_changes", "customer_features", "customer_features_data"}
    own |= {"rfm_cuts", "rfm_groups", "value_cells", "value_as_of", "value_forecasts"}
    own |= {"customer_moves", "campaign_customers"}
    found = everything(engine, database_url)
    for view in ("customer_rfm", "customer_value"):  # which stay where CREATE commits
        found.pop(view, None)
    assert found == {table: [] for table in own}


def test_a_line_is_counted_after_quoted_line_breaks(engine: Engine, loaded: str, shop: Path, tmp_path: Path) -> None:
    """The last review gets a bad score; reviews before it hold line breaks."""
    text = (shop / REVIEWS).read_text(encoding="utf-8")
    assert "\r\n" in (shop / REVIEWS).read_bytes().decode()
    head, review_id, tail = text.rpartition(re.findall(r"^[0-9a-f]{32}(?=,[0-9a-f]{32},)", text, re.MULTILINE)[-1])
    line = (head.replace("\r\n", "\n")).count("\n") + 1
    bad = re.sub(r",[1-5],", ",x,", review_id + tail, count=1)
    original = (shop / REVIEWS).read_bytes().decode()
    with pytest.raises(DataError, match=rf"{REVIEWS}:{line}:review_score: value 'x' is not a whole"):
        run(engine, loaded, changed(shop, tmp_path, REVIEWS, lambda _: original[: original.rindex(review_id)] + bad))


def test_text_that_is_not_utf8_is_refused(engine: Engine, loaded: str, shop: Path, tmp_path: Path) -> None:
    folder = changed(shop, tmp_path, CUSTOMERS, lambda text: text)
    lines = (folder / CUSTOMERS).read_bytes().split(b"\n")
    lines[9] = lines[9].replace(b",", b",S\xe3o,", 1)
    (folder / CUSTOMERS).write_bytes(b"\n".join(lines))
    number = b"\n".join(lines).index(b"\xe3") + 1
    with pytest.raises(DataError, match=f"{CUSTOMERS}:10: byte 0xe3, number {number} of the file, is not UTF-8"):
        run(engine, loaded, folder)


NASTY = [
    *("NULL", "null", "\\N", "\\.", "\n\\.\n", "0x00", "'quote'", 'say "hi"', '"', "a,b", "tab\there", " spaces "),
    *(
        "back\\slash\\",
        "line\nbreak\r\nmore",
        "😀 emoji é",
        "\u2028",
        "\ufeffbom",
        "-- ; DROP TABLE",
        "%s %(x)s {{ x }} ${X}",
    ),
]


def test_awkward_text_arrives_unchanged(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    def with_nasty_titles(text: str) -> str:
        orders = re.findall(r"^([0-9a-f]{32}),", (shop / ORDERS).read_text(encoding="utf-8"), re.MULTILINE)
        rows = [
            f'{number:032d},{orders[number]},5,"{nasty.replace(chr(34), chr(34) * 2)}",,,'
            for number, nasty in enumerate(NASTY)
        ]
        return text.split("\n", maxsplit=1)[0].rstrip("\r") + "\n" + "\n".join(rows) + "\n"

    run(engine, database_url, changed(shop, tmp_path, REVIEWS, with_nasty_titles))
    found = ask(engine, database_url, "SELECT review_comment_title FROM order_reviews ORDER BY review_id")
    assert [title for (title,) in found] == NASTY


@pytest.mark.usefixtures("first_run")
def test_columns_are_matched_by_name(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """Reversed and in capitals, with empty fields in quotes, CRLF, a BOM, and no last line end."""

    def rearranged(text: str) -> str:
        lines = [",".join(f'"{field}"' for field in reversed(line.split(","))) for line in text.split("\n")[:-1]]
        return "\ufeff" + "\r\n".join([lines[0].upper(), *lines[1:]])

    before = everything(engine, database_url)
    run(engine, database_url, changed(shop, tmp_path, PAYMENTS, rearranged))
    assert everything(engine, database_url)["order_payments"] == before["order_payments"]
