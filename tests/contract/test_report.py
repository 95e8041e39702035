"""The report: its figures are the database's, it needs nothing but itself, and no run fails for it; on every engine."""

import csv
import json
import re
import statistics
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from engines import one_for_a_dialect
from engines.base import Engine
from page import Page
from shop import ask, configured, started

from job import history, pipeline
from job.config import Config
from job.errors import ConfigError, DataError
from job.formats import Formats
from job.model.segment_model import SegmentModel
from job.progress import Steps
from job.report.figures import Cells, Scale
from job.report.files import write
from job.session import connect
from job.transforms import TRANSFORMS

SCRIPT = "<script>alert(1)</script>"
FIGURES = (
    "SELECT segment, segment_name, COUNT(*), SUM(monetary), AVG(monetary), AVG(frequency), AVG(recency_days),"
    " SUM(frequency) FROM customer_segments s JOIN customer_features f ON"
    " f.customer_unique_id = s.customer_unique_id GROUP BY segment, segment_name ORDER BY segment"
)


def settings(engine: Engine, url: str, folder: Path, load: bool = False, **sections: dict[str, Any]) -> Config:
    """The shipped config with the report in this folder; without files unless `load`."""
    found = dict(configured(engine, url))
    found["report"] = found["report"].model_copy(update={"folder": folder})
    changes = {name: found[name].model_dump() | keys for name, keys in sections.items()}
    return Config.model_validate({**found, **changes, "load": found["load"] if load else None})


def night(config: Config) -> str:
    run_id = history.new_run_id()
    pipeline.run(config, None, run_id, Steps("json"))
    return run_id


def written(config: Config, run_id: str | None = None) -> list[Path]:
    with closing(connect(config, read_only=True)) as database:
        return write(database, config, run_id)


def page(config: Config, run_id: str | None = None) -> Page:
    return Page(written(config, run_id)[0].read_text())


@pytest.mark.usefixtures("first_run")
def test_the_figures_are_the_databases(engine: Engine, database_url: str, tmp_path: Path) -> None:
    found = page(settings(engine, database_url, tmp_path))
    table = found.tables["segment-table"]
    rows = ask(engine, database_url, FIGURES)
    assert len(rows) == 5
    for letter, name, customers, spend, mean, orders, days, all_orders in rows:
        shown = {heading: table.column(heading)[f"{letter} {name}"] for heading in table.headings}
        assert (shown["Customers"].split()[0], shown["Revenue"].split()[0]) == (f"{customers:,}", f"R${spend:,.2f}")
        shown["Mean spend"], shown["Median spend"] = shown["Mean spend"].split("median")
        spent = ask(
            engine,
            database_url,
            "SELECT monetary FROM customer_features f JOIN customer_segments s ON"
            f" s.customer_unique_id = f.customer_unique_id WHERE segment = '{letter}'",
        )
        figures = (mean, statistics.median(amount for (amount,) in spent), orders, spend / all_orders, days)
        headings = ("Mean spend", "Median spend", "Mean orders", "Mean order value", "Mean days since last order")
        for figure, heading in zip(figures, headings, strict=True):
            digits = 0.51 if "days" in heading else 0.0051
            assert float(shown[heading].strip().strip("R$").replace(",", "")) == pytest.approx(
                float(figure), abs=digits
            )
    [(customers, spend, first, last)] = ask(
        engine,
        database_url,
        "SELECT COUNT(*), SUM(monetary), MIN(first_order_at), MAX(last_order_at) FROM customer_features",
    )
    assert f"{customers:,}" in found.text and f"R${spend:,.0f}" in found.text
    period = " to ".join(Formats("en", "BRL").date(at) for at in (first, last))
    assert f"Orders from {period}; days count to" in found.text
    files = ask(engine, database_url, "SELECT table_name, records, loaded, rejected FROM loaded_files")
    loaded = found.tables["file-table"]
    assert {row[0]: tuple(row[2:5]) for row in loaded.rows} == {
        name: tuple(f"{count:,}" for count in counts) for name, *counts in files
    }
    assert "These are the first labels" in found.text


@pytest.mark.usefixtures("first_run")
def test_the_shops_own_facts(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    config = settings(engine, database_url, tmp_path)
    text = " ".join(page(config).text.split())
    joined = "JOIN customer_segments s ON s.customer_unique_id = customers.customer_unique_id WHERE s.segment = 'A'"
    orders = "JOIN orders ON orders.order_id = order_reviews.order_id JOIN customers USING (customer_id)"
    reviewed = f"SELECT AVG(review_score) FROM order_reviews {orders} {joined}"
    [(score,)] = ask(engine, database_url, reviewed)
    assert f"Review score: {float(score):.2f}" in text
    states = ask(
        engine,
        database_url,
        f"SELECT customer_state, COUNT(*) FROM customers {joined} GROUP BY customer_state ORDER BY 2 DESC, 1",
    )
    first, count = states[0]
    assert f"States by orders: {first} {count / sum(orders for _, orders in states):.0%}," in text
    ask(engine, database_url, "DROP TABLE order_reviews")  # a shop without reviews
    text = page(config).text
    assert "Review score" not in text and "States" in text and "Categories" in text


@pytest.mark.usefixtures("first_run")
def test_nothing_of_the_data_is_markup(engine: Engine, database_url: str, tmp_path: Path) -> None:
    ask(engine, database_url, f"UPDATE customers SET customer_city = '{SCRIPT}'")
    ask(
        engine, database_url, f"UPDATE product_category_name_translation SET product_category_name_english = '{SCRIPT}'"
    )
    advice = {"A": f"$x^2$ {SCRIPT}", SCRIPT: 'a "quoted" & odd advice'}
    names = [f"{SCRIPT}$x^2$", SCRIPT]
    config = settings(engine, database_url, tmp_path, segments={"names": names}, clustering={"seed": 2})
    config = config.model_copy(
        update={"report": config.report.model_copy(update={"playbook": advice, "currency": SCRIPT})}
    )
    night(config)
    source = written(config)[0].read_text()
    assert SCRIPT not in source and "<script" not in source
    text = Page(source).text
    for told in (*names, *advice.values(), f"00 {SCRIPT}", f"{SCRIPT}\xa0100%"):
        assert told in text


@pytest.mark.usefixtures("first_run")
def test_it_needs_nothing_but_itself(engine: Engine, database_url: str, tmp_path: Path) -> None:
    source = written(settings(engine, database_url, tmp_path))[0].read_text()
    assert len(source.encode()) < 260_000
    assert not re.search(r"https?://|//[a-z]|src=|@import|url\((?!#)", source)
    found = Page(source)
    assert not found.of("script") and {"lang": "en"} in found.of("html")
    [policy] = [meta for meta in found.of("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert str(policy["content"]).startswith("default-src 'none';")
    pictures = found.of("svg")
    assert len(pictures) == 4
    assert all(picture["role"] == "img" and len(str(picture["aria-label"])) > 40 for picture in pictures)
    assert all(cell.get("scope") in ("col", "row") for cell in found.of("th"))
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    customers = {str(row[0]) for row in ask(engine, database_url, "SELECT customer_unique_id FROM customers")}
    assert not customers & set(re.findall(r"[0-9a-f]{32}", source))


@pytest.mark.usefixtures("first_run")
def test_who_moved_and_an_older_run(engine: Engine, database_url: str, tmp_path: Path) -> None:
    [(first,)] = ask(engine, database_url, "SELECT run_id FROM job_runs")
    [(someone,)] = ask(engine, database_url, "SELECT MAX(customer_unique_id) FROM customer_segments")
    ask(engine, database_url, f"UPDATE customers SET customer_unique_id = 'new' WHERE customer_unique_id = '{someone}'")
    ask(engine, database_url, "UPDATE order_payments SET payment_value = payment_value * 1.1 WHERE payment_value > 200")
    config = settings(engine, database_url, tmp_path, clustering={"k": "auto", "k_range": (4, 6)})
    second = night(config)
    files = written(config)
    assert [file.name for file in files] == [f"{second}.html", "latest.html", "segments.csv"]
    assert files[0].read_text() == files[1].read_text()
    found = Page(files[0].read_text())
    [(text,)] = ask(engine, database_url, f"SELECT figures FROM job_runs WHERE run_id = '{second}'")
    moves = found.tables["move-table"]
    for before, after, customers in json.loads(text)["moves"]:
        if before != after:
            told = moves.column("Moved to")[before or "came in"]
            assert f"{after or 'left'} {customers:,}" in told
        elif before in moves.column("Stayed"):
            assert moves.column("Stayed")[before] == f"{customers:,}"
    assert f"{first}, " in found.text
    titles = [title for title in ("Segments over time", "How many segments") if title in found.text]
    assert titles == ["Segments over time", "How many segments"]
    before = files[1].read_bytes(), files[2].read_bytes()
    [older] = written(config, first)
    assert older.name == f"{first}.html" and before == (files[1].read_bytes(), files[2].read_bytes())
    earlier = Page(older.read_text())
    assert "an earlier run" in " ".join(earlier.text.split()) and "file-table" not in earlier.tables
    assert "median" in found.text and "median R$" not in earlier.text
    with pytest.raises(DataError, match="no run nowhere has labelled customers"):
        written(config, "nowhere")


@pytest.mark.usefixtures("first_run")
def test_going_back_is_a_run_to_tell_of(engine: Engine, database_url: str, tmp_path: Path) -> None:
    [(first,)] = ask(engine, database_url, "SELECT run_id FROM job_runs")
    config = settings(engine, database_url, tmp_path)
    ask(engine, database_url, "UPDATE order_payments SET payment_value = payment_value * 1.1 WHERE payment_value > 200")
    night(config)
    pipeline.roll_back(config, first, "back", Steps("json"))
    found = page(config)
    assert "back (rollback)" in found.text
    sizes = ask(engine, database_url, "SELECT segment, COUNT(*) FROM customer_segments GROUP BY segment")
    shown = {name[0]: cell for name, cell in found.tables["segment-table"].column("Customers").items()}
    assert {letter: shown[letter].split()[0] for letter, _ in sizes} == {letter: f"{size:,}" for letter, size in sizes}


@pytest.mark.usefixtures("first_run")
def test_a_csv_has_a_row_per_segment(engine: Engine, database_url: str, tmp_path: Path) -> None:
    config = settings(engine, database_url, tmp_path / "not" / "there")
    [file] = [file for file in written(config) if file.suffix == ".csv"]
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = [(row["segment"], row["name"], int(row["customers"]), f"{float(row['revenue_BRL']):.2f}") for row in rows]
    expected = ask(engine, database_url, FIGURES)
    assert found == [(letter, name, customers, f"{spend:.2f}") for letter, name, customers, spend, *_ in expected]


@pytest.mark.usefixtures("first_run")
def test_numbers_are_written_as_the_locale_has_them(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """In the page alone: segments.csv is for machines."""
    english = written(settings(engine, database_url, tmp_path / "en"))
    brazilian = written(settings(engine, database_url, tmp_path / "pt_BR", report={"locale": "pt_BR"}))
    [(customers, spend)] = ask(engine, database_url, "SELECT COUNT(*), SUM(monetary) FROM customer_features")
    found = Page(brazilian[0].read_text())
    swapped = str.maketrans(",.", ".,")
    assert f"R$\xa0{spend:,.0f}".translate(swapped) in found.text and f"{customers:,}".translate(swapped) in found.text
    shown = next(iter(found.tables["segment-table"].column("Revenue").values()))
    assert re.match(r"R\$ [\d.]+,\d\d ", shown)
    plain, svgs = (re.findall(r"<svg.*?</svg>", file.read_text(), re.DOTALL) for file in (english[0], brazilian[0]))
    for picture in svgs:
        assert not re.search(r">[\d,]*\d\.\d%?<", picture) and not re.search(r"\d,\d{3}<", picture)
    assert len(plain) == len(svgs) == 4 and plain != svgs
    assert english[2].read_bytes() == brazilian[2].read_bytes()


@pytest.mark.usefixtures("first_run")
def test_a_picture_has_everyone_who_has_a_value(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """The least and the greatest, too, whose logarithms the database may round to the next bin; nobody without one."""
    place = engine.job_place(database_url) if engine.has_server else database_url
    for statement in (
        "ALTER TABLE customer_features_data ADD COLUMN odd DOUBLE PRECISION",
        "UPDATE customer_features_data SET odd = monetary WHERE monetary < 100",
        "DROP VIEW customer_features CASCADE",
        "CREATE VIEW customer_features AS SELECT * FROM customer_features_data",
    ):
        ask(engine, place, statement)
    [row] = ask(
        engine, database_url, "SELECT COUNT(odd), MIN(monetary), MAX(monetary), COUNT(*) FROM customer_features"
    )
    with_value, low, high, everyone = row
    start, end = (TRANSFORMS["log1p"].forward(float(at)) for at in (low, high))
    config = settings(engine, database_url, tmp_path)
    with closing(connect(config, read_only=True)) as database:
        for nudge in (-1e-12, 0, 1e-12):
            scales = [Scale(column, "log1p", start + nudge, (end - start) / 50, 50) for column in ("monetary", "odd")]
            cells = Cells.read(database, scales)
            counts = [cells.customers("monetary"), cells.customers("odd"), cells.customers("monetary", "odd")]
            assert [sum(found.values()) for found in counts] == [everyone, with_value, with_value]
            assert all(0 <= bin < 50 for found in counts for _, bins in found for bin in bins)


def test_without_a_run_there_is_nothing_to_tell(engine: Engine, database_url: str, tmp_path: Path) -> None:
    config = settings(engine, database_url, tmp_path)
    ask(engine, database_url, "SELECT 1")  # which makes the file, where a database is one
    with pytest.raises(DataError, match="no run has labelled customers yet; clientela run does"):
        written(config)


@pytest.mark.usefixtures("first_run")
def test_features_of_ones_own(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """Other columns, one of them negative, and NULLs that leave customers out."""
    own = tmp_path / "features.sql"
    own.write_text(
        'SELECT "customer_unique_id", 1.5 AS "monetary", COUNT(*) AS "frequency", 3 AS "recency_days",\n'
        '    CASE WHEN MIN("customer_state") > \'B\' THEN LENGTH(MIN("customer_city")) - 9.5 END AS "odd <b>"\n'
        'FROM "customers" GROUP BY "customer_unique_id"'
    )
    axes = [{"column": "odd <b>", "nulls": "leave_out"}, {"column": "frequency", "transform": "sqrt"}]
    config = settings(
        engine, database_url, tmp_path, features={"sql": own}, clustering={"k": 3, "features": axes},
        lifecycle={"max_moved": 1},
    )  # fmt: skip
    night(config)
    found = page(config)
    assert "Customers by odd <b>" in found.text and "Odd <b> and number of orders" in found.text
    for told in ("Its letters stand for other segments than today's.", "At a dotted line, letters were given to other"):
        assert told in found.text
    [(customers,)] = ask(engine, database_url, "SELECT COUNT(*) FROM customer_segments")
    assert f"{customers:,}" in found.text
    [(with_value,)] = ask(
        engine, database_url, "SELECT COUNT(*) FROM customer_features f JOIN customer_segments s"
        " ON s.customer_unique_id = f.customer_unique_id"
    )  # fmt: skip
    assert found.tables["feature-table"].column("Customers with a value")["odd <b>"] == f"{with_value:,}"


@pytest.mark.usefixtures("first_run")
def test_who_has_no_value_stands_where_the_config_says(engine: Engine, database_url: str, tmp_path: Path) -> None:
    own = tmp_path / "features.sql"
    own.write_text(
        'SELECT "customer_unique_id", 1.5 AS "monetary", COUNT(*) AS "frequency", 3 AS "recency_days",\n'
        '    CASE WHEN MIN("customer_state") > \'R\' THEN LENGTH(MIN("customer_city")) * 1.5 END AS "odd"\n'
        'FROM "customers" GROUP BY "customer_unique_id"'
    )
    axes = [{"column": "odd", "nulls": -2}, {"column": "frequency", "transform": "sqrt"}]
    config = settings(
        engine, database_url, tmp_path, features={"sql": own}, clustering={"k": 2, "features": axes},
        lifecycle={"max_moved": 1},
    )  # fmt: skip
    night(config)
    assert "Customers by odd" in page(config).text
    [(low, high, everyone, without)] = ask(
        engine, database_url, "SELECT MIN(odd), MAX(odd), COUNT(*), COUNT(*) - COUNT(odd) FROM customer_features"
    )
    [(text,)] = ask(engine, database_url, "SELECT model FROM segment_models ORDER BY fitted_at DESC LIMIT 1")
    with closing(connect(config, read_only=True)) as database:
        row = {"column": "odd", "whole": False, "low": float(low), "high": float(high), "mean": 0}
        scale = Scale.of(row, SegmentModel.from_json(text))
        counts = Cells.read(database, [scale]).customers("odd")
    assert scale.start == -2 and sum(counts.values()) == everyone
    assert sum(customers for (_, (number,)), customers in counts.items() if number == 0) == without > 100


@pytest.mark.usefixtures("first_run")
def test_a_folder_that_cannot_be_written(engine: Engine, database_url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match=r"cannot be written \(Not a directory\); see report.folder"):
        written(settings(engine, database_url, tmp_path / "file" / "report"))


@one_for_a_dialect
def test_a_run_ends_well_without_its_report(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """A warning says so, and the exit code is 0: the labels are there."""
    (tmp_path / "file").write_text("in the way")
    code, output, log = ended(engine, database_url, shop, REPORT_FOLDER=str(tmp_path / "file" / "report"))
    [warning] = [line for line in log if line["level"] == "warning"]
    assert (code, warning["event"]) == (0, "no report") and "see report.folder" in warning["reason"]
    assert "Report:" not in output
    [(customers,)] = ask(engine, database_url, "SELECT COUNT(*) FROM customer_segments")
    assert customers > 1000
    code, output, log = ended(engine, database_url, shop, REPORT_FOLDER=str(tmp_path / "report"))
    assert code == 0 and f"Report: {tmp_path}/report/latest.html" in output
    assert len(list((tmp_path / "report").iterdir())) == 3
    code, output, log = ended(engine, database_url, shop, "--no-report", REPORT_FOLDER=str(tmp_path / "none"))
    assert code == 0 and "Report:" not in output and not (tmp_path / "none").exists()


def ended(engine: Engine, url: str, shop: Path, *options: str, **environment: str) -> tuple[int, str, list[Any]]:
    """Exit code, output and log of the job as a user starts it."""
    with started(engine, url, shop, *options, **environment) as process:
        output, log = process.communicate()
    return process.returncode, output, [json.loads(line) for line in log.splitlines()]
