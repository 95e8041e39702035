"""`clientela export` holds what the tables hold, the same bytes on every engine, or there is no file."""

import csv
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from engines import on_servers, where
from engines.base import Engine
from engines.duckdb import ENGINE as DUCKDB
from shop import CONFIGS, ask, config_file, configured, place, run
from typer.testing import CliRunner, Result

from job import history, pipeline
from job.cli import app
from job.config import Features
from job.progress import Steps

HEADER = ["customer_unique_id", "segment", "segment_name", "monetary", "frequency", "recency_days", "first_order_at",
          "last_order_at", "order_days", "r", "f", "m", "rfm_group"]  # fmt: skip
ROWS = (
    "SELECT s.customer_unique_id, segment, segment_name, monetary, frequency, recency_days, first_order_at,"
    " last_order_at, order_days, r, f, m, rfm_group FROM customer_segments s LEFT JOIN customer_features f"
    " ON f.customer_unique_id = s.customer_unique_id LEFT JOIN customer_rfm ON customer_rfm.customer_unique_id ="
    " s.customer_unique_id"
)
# What is hard to write, as ids and names; engines sort those by themselves in ways that differ.
ODD = (
    'a "quoted", id',
    "two\r\nlines\n",
    "Ünïcødé 🛒",
    " spaces ",
    "\\N",
    "NULL",
    "Zebra",
    "apple",
    "back\\slash",
    "\\.",
)


def export(engine: Engine, url: str, *options: str | Path) -> Result:
    config = str(config_file(engine))
    return CliRunner().invoke(app, ["export", *map(str, options), "--config", config], env=place(engine, url))


def rows(engine: Engine, url: str) -> list[tuple[Any, ...]]:
    """In the order of the ids' bytes, which is that of their code points."""
    return sorted(ask(engine, url, ROWS))


def parquet(path: Path) -> tuple[list[tuple[Any, ...]], list[str]]:
    """The rows and the types of the columns."""
    relation = duckdb.read_parquet(str(path))
    return relation.fetchall(), [str(type_) for type_ in relation.types]


def as_field(value: object) -> str:
    return "" if value is None else str(value)


def make_odd(engine: Engine, url: str) -> None:
    """Give some customers ids that are hard to write, and one no features, as after a rollback.

    A database may have a language's collation, and sort ids as a dictionary does.
    """
    if engine.language_collation:
        definition = "SELECT view_definition FROM information_schema.views WHERE table_name = '{}'"
        views = ("customer_features", "customer_rfm", "customer_value")
        texts = [ask(engine, url, definition.format(view))[0][0] for view in views]
        ask(engine, url, "DROP VIEW customer_features CASCADE")
        for table in ("customer_segments", "customer_features_data"):
            ask(engine, url, f"ALTER TABLE {table} ALTER COLUMN customer_unique_id TYPE {engine.language_collation}")
        for view, text in zip(views, texts, strict=True):
            ask(engine, engine.job_place(url), f"CREATE VIEW {view} AS {text}")
    ids = sorted(row[0] for row in ask(engine, url, "SELECT customer_unique_id FROM customer_segments"))
    for old, new in zip(ids, ODD, strict=False):
        for table in ("customer_segments", "customer_features_data"):
            renamed = f"customer_unique_id = {engine.literal(new)}"
            ask(engine, url, f"UPDATE {table} SET {renamed} WHERE customer_unique_id = '{old}'")
    ask(engine, url, "UPDATE customer_features_data SET monetary = -0.05 WHERE customer_unique_id = 'Zebra'")
    at = "last_order_at = '2018-01-02 03:04:05.678901'"
    ask(engine, url, f"UPDATE customer_features_data SET {at} WHERE customer_unique_id = 'apple'")
    ask(engine, url, "UPDATE customer_segments SET segment_name = '' WHERE customer_unique_id = 'apple'")
    ask(engine, url, f"DELETE FROM customer_features_data WHERE customer_unique_id = '{ids[-1]}'")


@pytest.mark.usefixtures("first_run")
def test_it_holds_what_the_tables_hold(engine: Engine, database_url: str, tmp_path: Path) -> None:
    make_odd(engine, database_url)
    expected = rows(engine, database_url)
    assert {row[0] for row in expected} > set(ODD) and any(row[3:] == (None,) * 10 for row in expected)
    shown = export(engine, database_url)
    assert (shown.exit_code, shown.stderr) == (0, "")
    read = list(csv.reader(io.StringIO(shown.stdout_bytes.decode(), newline="")))
    assert read == [HEADER, *([as_field(value) for value in row] for row in expected)]

    target = tmp_path / "folder" / "labels.csv"
    assert export(engine, database_url, "--out", target).stdout == f"{target}: {len(expected):,} customers\n"
    assert target.read_bytes() == shown.stdout_bytes
    assert export(engine, database_url, "--format", "parquet", "--out", target).exit_code == 0  # in the other's place
    found, types = parquet(target)
    assert found == expected
    assert types == [
        *["VARCHAR"] * 3,
        "DECIMAL(18,2)",
        "INTEGER",
        "INTEGER",
        "TIMESTAMP",
        "TIMESTAMP",
        *["INTEGER"] * 4,
        "VARCHAR",
    ]
    assert [file.name for file in target.parent.iterdir()] == ["labels.csv"]


@pytest.mark.usefixtures("first_run")
@on_servers
def test_the_bytes_are_those_of_duckdb(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    duck = f"duckdb://{tmp_path / 'shop.duckdb'}"
    run(DUCKDB, duck, shop)
    for one, url in ((engine, database_url), (DUCKDB, duck)):
        make_odd(one, url)
    here = export(engine, database_url).stdout_bytes
    assert here == export(DUCKDB, duck).stdout_bytes
    assert re.search(rb'^apple,[A-E],"",.* 03:04:05\.678901,\d,\d,\d,\d,[A-Z][^,]*$', here, re.MULTILINE)


def own_features(engine: Engine, url: str, folder: Path, columns: str) -> None:
    """A run with features of the shop's own beside those that there must be."""
    sql = folder / "features.sql"
    sql.write_text(
        "SELECT customer_unique_id, SUM(payment_value) AS monetary, COUNT(*) AS frequency, 1 AS recency_days,"
        f" {columns}"
        " FROM orders JOIN customers ON customers.customer_id = orders.customer_id"
        " JOIN order_payments ON order_payments.order_id = orders.order_id GROUP BY customer_unique_id"
    )
    config = configured(engine, url).model_copy(update={"load": None, "features": Features(sql=sql)})
    pipeline.run(config, None, history.new_run_id(), Steps("json"))


@pytest.mark.usefixtures("first_run")
def test_own_features_have_their_types(engine: Engine, database_url: str, tmp_path: Path) -> None:
    columns = (
        "CAST(MIN(order_purchase_timestamp) AS DATE) AS first_day, MAX(payment_type) AS paid_by,"
        " AVG(payment_value) AS mean, CASE WHEN COUNT(*) > 1 THEN MAX(payment_value) END AS highest"
    )
    own_features(engine, database_url, tmp_path, columns)
    target = tmp_path / "labels.parquet"
    assert export(engine, database_url, "--format", "parquet", "--out", target).exit_code == 0
    found, types = parquet(target)
    judged = ask(
        engine, database_url, "SELECT customer_unique_id, first_day, paid_by, mean, highest FROM customer_features"
    )
    assert len(judged) > 100 and len({row[4] is None for row in judged}) == 2
    for row, (customer, first_day, paid_by, *numbers) in zip(found, sorted(judged), strict=True):
        assert (row[0], *row[6:8]) == (customer, first_day, paid_by)
        assert [as_number(value) for value in row[8:-4]] == [as_number(value) for value in numbers]
    assert types[6:8] == ["DATE", "VARCHAR"] and all(type_[:4] in ("DOUB", "DECI") for type_ in types[8:-4])


def as_number(value: Any) -> float | None:
    return None if value is None else float(value)


@pytest.mark.usefixtures("first_run")
def test_a_feature_with_a_name_of_the_labels(engine: Engine, database_url: str, tmp_path: Path) -> None:
    own_features(engine, database_url, tmp_path, "COUNT(*) AS segment_name")
    result = export(engine, database_url)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: features.sql: the export gives the name segment_name itself")


@pytest.mark.usefixtures("first_run")
def test_it_goes_to_spreadsheets_and_ad_platforms(engine: Engine, database_url: str, tmp_path: Path) -> None:
    """What is no text, and what nobody asked for, stays as it is."""
    target = tmp_path / "labels.csv"
    for options in (("--hash-emails",), ("--hash-emails", "--for-spreadsheets", "--out", target)):
        result = export(engine, database_url, *options)
        assert (result.exit_code, result.stdout) == (3, "") and "error: no customer has an e-mail addr" in result.stderr
    assert not target.exists()
    ids = sorted(row[0] for row in ask(engine, database_url, "SELECT customer_unique_id FROM customer_segments"))
    given = {"=1+1": "'=1+1", "two\n@lines": "two\n'@lines", "John_Smith@gmail.com": "John_Smith@gmail.com"}
    for old, new in zip(ids, given, strict=False):
        for table in ("customer_segments", "customer_features_data"):
            renamed = f"customer_unique_id = {engine.literal(new)}"
            ask(engine, database_url, f"UPDATE {table} SET {renamed} WHERE customer_unique_id = '{old}'")
    ask(engine, database_url, "UPDATE customer_features_data SET monetary = -5 WHERE customer_unique_id = '=1+1'")
    names = "UPDATE customer_segments SET segment_name = '-2+3' WHERE customer_unique_id = '=1+1'"
    ask(engine, database_url, names)
    raw = list(csv.reader(io.StringIO(export(engine, database_url).stdout_bytes.decode(), newline="")))
    assert any(row[0] == "=1+1" and row[2:4] == ["-2+3", "-5.00"] for row in raw)
    shown = export(engine, database_url, "--for-spreadsheets")
    assert shown.stdout_bytes.startswith("\ufeffcustomer_unique_id,segment,".encode()) and not shown.stderr
    opened = list(csv.reader(io.StringIO(shown.stdout_bytes.decode("utf-8-sig"), newline="")))
    plain = {**given, "-2+3": "'-2+3"}
    assert opened == [[plain.get(field, field) for field in row] for row in raw]

    hashed = "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
    left_out = f"{len(raw) - 2:,} without an e-mail address are left out"
    result = export(engine, database_url, "--hash-emails")
    [john] = [row for row in raw if row[0] == "John_Smith@gmail.com"]
    assert list(csv.reader(io.StringIO(result.stdout))) == [HEADER, [hashed, *john[1:]]]
    assert result.stderr == f"1 customers; {left_out}\n"
    target = tmp_path / "audience.parquet"
    result = export(engine, database_url, "--hash-emails", "--format", "parquet", "--out", target)
    assert result.stdout == f"{target}: 1 customers; {left_out}\n" and parquet(target)[0][0][0] == hashed


@pytest.mark.usefixtures("first_run")
def test_a_segment_and_who_came_into_it(engine: Engine, database_url: str) -> None:
    def found(*options: str) -> set[str]:
        result = export(engine, database_url, *options)
        assert result.exit_code == 0, result.stderr
        [header, *rows] = csv.reader(io.StringIO(result.stdout))
        assert header == HEADER
        return {row[0] for row in rows}

    labels = ask(engine, database_url, "SELECT customer_unique_id, segment, segment_name FROM customer_segments")
    [name, *_] = {name for _, segment, name in labels if segment == "B"}
    of_b = {customer for customer, segment, _ in labels if segment == "B"}
    assert found("--segment", "B") == found("--segment", name) == of_b
    assert found("--segment", "B", "--moved-in") == set()  # the very first labels are no changes
    ask(
        engine,
        database_url,
        "INSERT INTO job_runs SELECT 'zz', status, '2999-01-01 00:00:00', finished_at, started_by, config_fingerprint,"
        " input_fingerprint, model_id, row_counts, timings, figures, error FROM job_runs",
    )
    moved, new, *_ = sorted(of_b)
    gone = next(customer for customer, segment, _ in labels if segment == "A")
    for customer, before, after in ((moved, "'A'", "'B'"), (new, "NULL", "'B'"), (gone, "'B'", "'A'")):
        change = f"('zz', {engine.literal(customer)}, {before}, {after})"
        columns = "run_id, customer_unique_id, from_segment, to_segment"
        ask(engine, database_url, f"INSERT INTO customer_segment_changes ({columns}) VALUES {change}")
    assert found("--segment", "B", "--moved-in") == {moved, new}
    assert found("--segment", "A", "--moved-in") == {gone}
    ask(engine, database_url, "UPDATE customer_segment_changes SET run_id = 'an earlier one'")
    assert found("--segment", "B", "--moved-in") == set()


@pytest.mark.usefixtures("first_run")
def test_options_that_mean_nothing(engine: Engine, database_url: str, tmp_path: Path) -> None:
    for options, sentence in (
        (("--moved-in",), "--moved-in is about one segment: name it with --segment"),
        (("--segment", "Z"), "--segment Z: there is no such segment; there are A ("),
        (("--segment", ""), "--segment : there is no such segment"),
        (("--format", "parquet", "--for-spreadsheets", "--out", tmp_path / "x"), "--for-spreadsheets is for CSV"),
    ):
        result = export(engine, database_url, *options)
        assert (result.exit_code, result.stdout) == (2, "") and result.stderr.startswith(f"error: {sentence}")


@on_servers
def test_nothing_is_written_where_nobody_is_labelled(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path
) -> None:
    target = tmp_path / "labels.csv"
    nobody = (3, "error: no customer is labelled yet; clientela run labels them\n")
    result = export(engine, database_url, "--out", target)
    assert (result.exit_code, result.stderr) == nobody
    run(engine, database_url, shop)
    ask(engine, database_url, "DELETE FROM customer_segments")
    result = export(engine, database_url, "--out", target)
    assert (result.exit_code, result.stderr) == nobody and not target.exists()


@pytest.mark.usefixtures("first_run")
def test_where_it_cannot_be_written(engine: Engine, database_url: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for target, sentence in (
        (tmp_path, f"{tmp_path} is no file; name one with --out"),
        (
            tmp_path / "file" / "labels.csv",
            f"{tmp_path}/file/labels.csv cannot be written (File exists); see --out",
        ),
        (Path("/proc/labels.csv"), "/proc/labels.csv cannot be written (No such file or directory); see --out"),
    ):
        result = export(engine, database_url, "--out", target)
        assert (result.exit_code, result.stderr) == (2, f"error: {sentence}\n")
    result = export(engine, database_url, "--format", "parquet")
    assert (result.exit_code, result.stdout) == (2, "") and "--out" in result.stderr


@pytest.mark.usefixtures("first_run")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this machine")
@where(lambda engine: not engine.has_server)
@pytest.mark.parametrize("options", [[], ["--for-spreadsheets"]])
def test_a_stream_to_a_full_disk(engine: Engine, database_url: str, options: list[str]) -> None:
    job = [sys.executable, "-m", "job", "export", *options, "--config", str(config_file(engine))]
    environment = {**os.environ, **place(engine, database_url)}
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            job, cwd=CONFIGS.parent, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    sentence = "error: stdout cannot be written: the disk is full; make room and export again\n"
    assert (done.returncode, done.stderr) == (4, sentence)


@pytest.mark.usefixtures("first_run")
def test_a_reader_who_has_seen_enough(engine: Engine, database_url: str) -> None:
    """As `| head` is: the rest, which is more than a pipe holds, is not waited for, and no word is said."""
    config = str(config_file(engine))
    with subprocess.Popen(
        [sys.executable, "-m", "job", "export", "--config", config],
        cwd=CONFIGS.parent,
        env={**os.environ, **place(engine, database_url)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline().decode() == ",".join(HEADER) + "\n"
        process.stdout.close()
        said = process.stderr.read()
    assert said == b"" and process.returncode == 1
