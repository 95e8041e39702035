"""Customers can be forgotten: whoever looks for their ids afterwards, past the job's code, finds nothing."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from engines import where
from engines.base import Engine
from shop import OF_ORDERS, Row, ask, changed, configured, everything, records, rewritten

from job import history, output, pipeline
from job.config import Campaign, Config
from job.errors import DataError
from job.ids import Erased
from job.progress import Steps

CUSTOMERS, ORDERS = "olist_customers_dataset.csv", OF_ORDERS[0]


def run(settings: Config, data: Path) -> dict[str, Any]:
    """A run; its figures."""
    pipeline.run(settings, data, history.new_run_id(), Steps("json"))
    last = pipeline.last_done(settings)
    assert last
    return last.figures


def erase(settings: Config, *ids: str) -> Erased:
    return pipeline.erase(settings, list(ids), history.new_run_id(), Steps("json"))


def places(engine: Engine, url: str, folders: list[Path], needle: str) -> set[str]:
    """The tables, by all their values as text, and the files, by their bytes, in which the needle is."""
    with engine.session(url) as rows:
        tables = rows(f"SELECT table_name FROM information_schema.tables WHERE table_schema = {engine.schema}")
        found = [name for (name,) in tables if needle in str(rows(f"SELECT * FROM {engine.quote(name)}"))]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {*found, *(path.name for path in files if needle.encode() in path.read_bytes())}


def without(shop: Path, folder: Path, key: str, *ids: str) -> Path:
    """The shop without a customer, and all that belongs to them."""
    gone = {row["order_id"] for row in records(shop / ORDERS) if row[key] in ids}

    def keep(rows: list[Row]) -> list[Row]:
        return [row for row in rows if row.get(key) not in ids and row.get("order_id") not in gone]

    for number, file in enumerate((CUSTOMERS, *OF_ORDERS)):
        shop = changed(shop, folder / str(number), file, rewritten(keep))
    return shop


@where(lambda engine: engine.name == engine.dialect)  # it takes a minute, and one engine stands for a dialect
def test_nothing_names_a_customer_who_was_forgotten(
    engine: Engine, database_url: str, first_run: object, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Their label, moves, a rejected record, a failed run's sentence, the last night: all go, and none comes again."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    rejects, kept = tmp_path / "rejects", tmp_path / "kept"
    load = {"on_error": "quarantine", "max_rejects": 5, "rejects": rejects, "memory": kept}
    settings = configured(engine, database_url, load)
    settings = settings.model_copy(update={"report": settings.report.model_copy(update={"folder": kept})})
    order = records(shop / ORDERS)[3]
    customer = next(row for row in records(shop / CUSTOMERS) if row["customer_id"] == order["customer_id"])
    person, key = str(customer["customer_unique_id"]), str(customer["customer_id"])
    leaving = without(shop, tmp_path / "leaving", "customer_id", key)
    with_twin = changed(shop, tmp_path / "twin", CUSTOMERS, lambda text: f"{text}{twin(text, person)}")

    def found(needle: str) -> set[str]:
        return places(engine, database_url, [rejects, kept, tmp_path / "tmp"], needle)

    assert run(settings, leaving)["removed"] == 1
    with pytest.raises(DataError, match=key):
        run(configured(engine, database_url), with_twin)
    campaign = Campaign(name="spring", start=date(2026, 3, 1))
    assert run(settings.model_copy(update={"campaigns": (campaign,)}), with_twin)["new"] == 1
    assert pipeline.report(settings, Steps("json"))
    of_customers = {"customer_segments", "customer_segment_changes", "customer_features", "customer_features_data"}
    of_customers |= {"campaign_customers", "customer_moves"}
    assert of_customers | {CUSTOMERS, "rejected_records"} <= found(person)
    assert "job_runs" in found(key) and any(name.endswith(".duckdb") for name in found(key))
    before = {name: len(rows) for name, rows in everything(engine, database_url).items()}

    capsys.readouterr()
    erased = erase(settings, person, key)
    output.show_erased(erased, settings)
    told = "".join(capsys.readouterr())
    assert person not in told and key not in told
    assert "still have 1 of 2 ids: the next run labels these again" in told
    assert (found(person), found(key)) == ({"customers"}, {"customers", "orders"})
    gone = dict.fromkeys((*of_customers, "customer_rfm", "customer_value", "rejected_records"), 1)
    gone |= {"customer_segment_changes": 2, "customer_moves": 2}
    assert erased.rows.items() <= (gone | {"job_runs": 1}).items()
    assert list(erased.records.values()) == [1] and not list(rejects.iterdir())
    after = {name: len(rows) for name, rows in everything(engine, database_url).items()}
    assert after == {name: max(rows - gone.get(name, 0), 0) for name, rows in before.items()}

    again = run(settings, shop)  # the shop's tables have them, so they stand again, as new
    assert (again["new"], again["removed"]) == (1, 0)
    erase(settings, person, key)
    quiet = run(settings, leaving)
    assert (quiet["new"], quiet["changed"], quiet["removed"]) == (0, 0, 0) and not found(person) and not found(key)
    output.show_erased(erase(settings, person, key), settings)
    assert "None of the ids is there" in capsys.readouterr().out
    if not engine.has_server:
        content = Path(engine.job_place(database_url)).read_bytes()
        assert person.encode() not in content and key.encode() not in content
    done = ask(engine, database_url, "SELECT status, model_id FROM job_runs WHERE figures LIKE '%\"erase\"%'")
    assert done == [("done", None)] * 3


def twin(text: str, person: str) -> str:
    """The customer's record, once more."""
    return next(line for line in text.splitlines(keepends=True) if person in line)


def test_what_cannot_be_done_changes_nothing(
    engine: Engine, database_url: str, first_run: object, tmp_path: Path
) -> None:
    """A file of rejects that cannot be read: what was removed before it was come to is there again."""
    rejects = tmp_path / "rejects"
    rejects.mkdir()
    settings = configured(engine, database_url, {"on_error": "quarantine", "rejects": rejects})
    before = everything(engine, database_url)
    person = ask(engine, database_url, "SELECT MIN(customer_unique_id) FROM customer_segments")[0][0]
    (rejects / ORDERS).write_bytes(b'order_id,customer_id\n"a,b\n')
    with pytest.raises(DataError, match="a quote is never closed"):
        erase(settings, person)
    assert everything(engine, database_url) == before and [path.name for path in rejects.iterdir()] == [ORDERS]
