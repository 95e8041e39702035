"""Bad records: told by line and column, or put aside; every record of a file is accounted for."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from engines.base import Engine
from shop import ask, changed, everything, load, records, run

from job.errors import ConfigError, DataError

CUSTOMERS, ORDERS, ITEMS, PAYMENTS, REVIEWS = (
    f"olist_{name}_dataset.csv" for name in ("customers", "orders", "order_items", "order_payments", "order_reviews")
)
COUNTS = "SELECT file_name, records, loaded, rejected FROM loaded_files WHERE rejected > 0 ORDER BY file_name"


def in_lines(**changes: Callable[[str], str]) -> Callable[[str], str]:
    """Change the lines of these numbers: l2=... is the first record's."""

    def apply(text: str) -> str:
        lines = text.split("\n")
        for name, change in changes.items():
            lines[int(name[1:]) - 1] = change(lines[int(name[1:]) - 1])
        return "\n".join(lines)

    return apply


def test_the_first_twenty_problems_are_told(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    bad_times = {f"l{line}": lambda text: re.sub(r"\d{4}-\d\d-\d\d ", "soon ", text, count=1) for line in range(3, 8)}
    folder = changed(shop, tmp_path / "1", ORDERS, in_lines(**bad_times))
    bad_values = {f"l{line}": partial(re.sub, r"\d+\.\d\d$", "much") for line in range(2, 40)}
    folder = changed(folder, tmp_path / "2", PAYMENTS, in_lines(**bad_values))
    with pytest.raises(DataError) as raised:
        load(engine, database_url, folder)
    *problems, rest, advice = str(raised.value).split("\n")
    times = [re.match(rf"{ORDERS}:(\d+):order_purchase_timestamp: value 'soon .*' is not a timestamp$", problem)
             for problem in problems[:5]]  # fmt: skip
    assert [int(match[1]) for match in times if match] == [3, 4, 5, 6, 7]
    assert problems[5:] == [
        f"{PAYMENTS}:{line}:payment_value: value 'much' is not a number with at most 8 digits before and 2 after"
        " the point"
        for line in range(2, 17)
    ]
    assert rest == "and 23 more problems"
    assert advice.startswith("nothing was loaded")
    assert not any(everything(engine, database_url).values())


def quarantined(folder: Path, limit: int | str = "1%") -> dict[str, object]:
    return {"on_error": "quarantine", "max_rejects": limit, "rejects": folder / "rejects"}


def test_bad_records_are_put_aside(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """A bad value, a record of too few fields, a doubled key, an orphan, and what refers to any of them."""
    orders = records(shop / ORDERS)
    bad = str(orders[4]["order_id"])
    folder = changed(
        shop, tmp_path / "1", ORDERS, in_lines(l6=lambda line: re.sub(r"\d{4}-\d\d-\d\d ", "soon ", line, count=1))
    )
    folder = changed(
        folder,
        tmp_path / "2",
        PAYMENTS,
        lambda text: in_lines(l3=lambda line: line.rpartition(",")[0])(text) + f"{text.splitlines()[1]}\n",
    )
    folder = changed(folder, tmp_path / "3", ITEMS, in_lines(l4=partial(re.sub, "^[^,]+", "nobody's")))
    load(engine, database_url, folder, quarantined(tmp_path))

    of_bad = {
        file: sum(row["order_id"] == bad for row in records(folder / file)) for file in (ITEMS, PAYMENTS, REVIEWS)
    }
    lost = {ORDERS: 1, PAYMENTS: 2 + of_bad[PAYMENTS], ITEMS: 1 + of_bad[ITEMS], REVIEWS: of_bad[REVIEWS]}
    in_files = {file: len(records(folder / file)) for file in lost}
    assert ask(engine, database_url, COUNTS) == [
        (file, in_files[file], in_files[file] - lost[file], lost[file]) for file in sorted(lost) if lost[file]
    ]
    found = ask(engine, database_url, "SELECT file_name, line, reason, record FROM rejected_records ORDER BY 1, 2")
    assert len(found) == sum(lost.values())
    text = (folder / ORDERS).read_text()
    assert (ORDERS, 6, f"order_purchase_timestamp: value '{text.splitlines()[5].split(',')[3]}' is not a timestamp",
            text.splitlines()[5] + "\n") in found  # fmt: skip
    last = len((folder / PAYMENTS).read_text().splitlines())
    reasons = {(file, line): reason for file, line, reason, _ in found}
    assert reasons[PAYMENTS, 3] == "the record has 4 fields, and the header 5"
    assert re.fullmatch(r"order_id, payment_sequential: value '.*' is the key of line 2, too", reasons[PAYMENTS, last])
    assert reasons[ITEMS, 4] == "order_id: value 'nobody's' has no match in orders"
    assert sum(reason == f"order_id: value '{bad}' has no match in orders" for reason in reasons.values()) == sum(
        of_bad.values()
    )
    for file, count in lost.items():
        aside = tmp_path / "rejects" / file
        if count:
            lines = (folder / file).read_text().splitlines(keepends=True)
            assert aside.read_text() == lines[0] + "".join(record for name, *_, record in found if name == file)
        else:
            assert not aside.exists()


@pytest.mark.usefixtures("first_run")
def test_mended_records_complete_the_tables(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """By the whole file, mended, and by the rejects alone, merged."""
    complete = everything(engine, database_url)["order_payments"]
    bad = changed(shop, tmp_path / "bad", PAYMENTS, in_lines(l9=partial(re.sub, r"\d+\.\d\d$", "much")))
    load(engine, database_url, bad, quarantined(tmp_path))
    assert len(everything(engine, database_url)["order_payments"]) == len(complete) - 1
    before = everything(engine, database_url)
    load(engine, database_url, bad, quarantined(tmp_path))  # nothing new
    assert everything(engine, database_url) == before
    aside = tmp_path / "rejects" / PAYMENTS
    value = (shop / PAYMENTS).read_text().splitlines()[8].rpartition(",")[2]
    half_mended = aside.read_text().replace("much", "less")
    aside.write_text(half_mended)
    rejects_alone = {"mode": "merge", "tables": {"order_payments": PAYMENTS}, **quarantined(tmp_path, 1)}
    load(engine, database_url, aside.parent, rejects_alone)
    assert aside.read_text() == half_mended
    aside.write_text(half_mended.replace("less", value))
    with pytest.raises(ConfigError, match="age"):
        run(engine, database_url, aside.parent, rejects_alone, features=[{"column": "age"}])
    assert aside.exists()  # what a run that failed has not loaded
    load(engine, database_url, aside.parent, rejects_alone)
    assert everything(engine, database_url)["order_payments"] == complete
    assert ask(engine, database_url, "SELECT COUNT(*) FROM rejected_records") == [(0,)]
    assert not aside.exists()


def test_a_whole_file_that_was_mended_settles_its_rejects(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    bad = changed(shop, tmp_path / "bad", PAYMENTS, in_lines(l9=partial(re.sub, r"\d+\.\d\d$", "much")))
    load(engine, database_url, bad, quarantined(tmp_path))
    load(engine, database_url, shop, {"rejects": tmp_path / "rejects"})
    assert ask(engine, database_url, "SELECT COUNT(*) FROM rejected_records") == [(0,)]
    assert not (tmp_path / "rejects" / PAYMENTS).exists()


def test_rejects_of_merged_files_add_up(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    settings = {"mode": {"order_payments": "merge"}, **quarantined(tmp_path, 1)}
    bad = changed(shop, tmp_path / "bad", PAYMENTS, in_lines(l9=partial(re.sub, r"\d+\.\d\d$", "much")))
    load(engine, database_url, bad, settings)
    aside_file = tmp_path / "rejects" / PAYMENTS
    aside_file.write_text(aside_file.read_text().rstrip("\n"))  # as some editors leave it
    others = changed(shop, tmp_path / "2", PAYMENTS, in_lines(l7=partial(re.sub, r"\d+\.\d\d$", "more")))
    others = changed(others, tmp_path / "3", PAYMENTS, lambda text: "\n".join(text.split("\n")[:8]) + "\n")
    load(engine, database_url, others, settings)
    none = changed(shop, tmp_path / "none", PAYMENTS, lambda text: "\n".join(text.split("\n")[:2]) + "\n")
    load(engine, database_url, none, settings)
    aside = (tmp_path / "rejects" / PAYMENTS).read_text().splitlines()
    assert [line.rpartition(",")[2] for line in aside] == ["payment_value", "much", "more"]
    assert ask(engine, database_url, "SELECT line FROM rejected_records ORDER BY line") == [(7,), (9,)]


def test_a_rejects_folder_that_cannot_be_is_told(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "rejects").write_text("a file")
    load(engine, database_url, shop, quarantined(tmp_path))
    before = everything(engine, database_url)
    bad = changed(shop, tmp_path, PAYMENTS, in_lines(l9=partial(re.sub, r"\d+\.\d\d$", "much")))
    with pytest.raises(ConfigError, match=r"cannot be written \(.*\); see load\.rejects"):
        load(engine, database_url, bad, quarantined(tmp_path))
    assert everything(engine, database_url) == before


@pytest.mark.parametrize(("limit", "bears"), [(3, True), ("1%", True), (2, False), ("0.1 %", False)])
def test_rejects_are_bounded(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path, limit: int | str, bears: bool
) -> None:
    bad_values = {f"l{line}": partial(re.sub, r"\d+\.\d\d$", "much") for line in (2, 3, 4)}
    folder = changed(shop, tmp_path, PAYMENTS, in_lines(**bad_values))
    assert 300 < len(records(folder / PAYMENTS)) < 3_000
    if bears:
        load(engine, database_url, folder, quarantined(tmp_path, limit))
        return
    with pytest.raises(DataError, match=rf"^3 of [\d,]+ records of {PAYMENTS} would be rejected, more than") as raised:
        load(engine, database_url, folder, quarantined(tmp_path, limit))
    assert f"\n{PAYMENTS}:4:payment_value: value 'much' is not a number" in str(raised.value)
    assert not any(everything(engine, database_url).values())
    assert not (tmp_path / "rejects").exists()


def test_what_was_put_aside_is_not_forgotten_by_a_stricter_run(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    """The file has not changed, and still is no file that a run may take as it is."""
    bad = changed(shop, tmp_path, PAYMENTS, in_lines(l9=partial(re.sub, r"\d+\.\d\d$", "much")))
    load(engine, database_url, bad, quarantined(tmp_path))
    with pytest.raises(DataError, match=f"{PAYMENTS}:9:payment_value"):
        load(engine, database_url, bad)
