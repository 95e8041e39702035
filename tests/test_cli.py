"""The command line as its user sees it: output, exit codes, sentences."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import structlog
import typer.core
import typer.main
import yaml
from engines.duckdb import ENGINE as DUCKDB
from shop import ask, changed

from job.cli import app
from job.progress import configure_logging, timed
from job.setup.sample import write_shop

COMMANDS = typer.main.get_command(app)
assert isinstance(COMMANDS, typer.core.TyperGroup)
ROOT = Path(__file__).parent.parent
ORDERS = "olist_orders_dataset.csv"


def job(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "job", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "120", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def database(tmp_path: Path) -> dict[str, str]:
    return {"DUCKDB_PATH": str(tmp_path / "shop.duckdb")}


def test_the_command_to_try_can_be_pasted_into_a_shell(shop: Path, tmp_path: Path) -> None:
    """Whatever the file and the schema are called."""
    config = yaml.safe_load((ROOT / "config/duckdb.yaml").read_text())
    config["database"] |= {"path": str(tmp_path / 'it\'s "our" $shop.duckdb'), "job_schema": 'my "own" schema'}
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    result = job("run", "--config", tmp_path / "shop.yaml", "--data", shop, "--no-report")
    assert result.returncode == 0, result.stderr
    [command] = re.findall(r"^Try: +(.*)$", result.stdout, re.MULTILINE)
    tried = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert tried.returncode == 0 and "segment_name" in tried.stdout, tried.stderr
    assert '\nLabels: "my ""own"" schema".customer_segments and customers.segment in ' in result.stdout


def test_what_is_written_is_for_the_user_alone(shop: Path, tmp_path: Path) -> None:
    """Customers' records in files and the database, whatever the umask; monitoring reads its file all the same."""
    var, bad = tmp_path / "var", changed(shop, tmp_path, ORDERS, lambda text: f"{text}x,nobody,delivered,,,,,\n")
    config = yaml.safe_load((ROOT / "config/duckdb.yaml").read_text())
    config["database"]["path"] = str(var / "shop.duckdb")
    config["load"] |= {"on_error": "quarantine", "rejects": str(var / "rejects"), "memory": str(var / "memory")}
    config["report"]["folder"] = str(var / "report")
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    options = ("--config", tmp_path / "shop.yaml")
    result = job("run", *options, "--data", bad, "--metrics-file", tmp_path / "clientela.prom")
    assert result.returncode == 0, result.stderr
    assert job("export", *options, "--out", tmp_path / "labels.csv").returncode == 0
    made = [var, tmp_path / "labels.csv", *var.rglob("*")]
    modes = {path.name: path.stat().st_mode & 0o777 for path in made}
    assert {"shop.duckdb", "rejects", ORDERS, "memory", "report", "latest.html", "segments.csv"} <= modes.keys()
    assert modes == {path.name: 0o700 if path.is_dir() else 0o600 for path in made}
    assert (tmp_path / "clientela.prom").stat().st_mode & 0o044 == 0o044


def test_a_run_prints_the_segments_and_logs_json(shop: Path, database: dict[str, str]) -> None:
    result = job("run", "--data", shop, **database)
    assert result.returncode == 0, result.stderr
    for heading in ("Segment", "Name", "Customers", "Share", "Revenue", "Mean", "spend", "orders", "revenue"):
        assert heading in result.stdout
    lines = [json.loads(line) for line in result.stderr.splitlines()]
    assert len({line["run_id"] for line in lines}) == 1
    [summary] = [line for line in lines if line["event"] == "summary"]
    found = ask(
        DUCKDB,
        f"duckdb://{database['DUCKDB_PATH']}",
        "SELECT segment, segment_name, COUNT(*), SUM(monetary) FROM customer_segments"
        " JOIN customer_features USING (customer_unique_id) GROUP BY ALL ORDER BY 1",
    )
    for segment, (letter, name, customers, spend) in zip(summary["segments"], found, strict=True):
        assert (segment["segment"], segment["name"], segment["customers"]) == (letter, name, customers)
        row, rule = [line for line in result.stdout.splitlines() if line.split()[:1] == [letter]]
        assert rule.rstrip().endswith("%")
        assert name in row and f"{customers:,}" in row and f"{spend:,.2f}" in row
    assert database["DUCKDB_PATH"] in result.stdout


def test_the_console_format_says_nothing_twice(shop: Path, database: dict[str, str]) -> None:
    result = job("run", "--data", shop, "--log-format", "console", **database)
    assert result.returncode == 0
    assert "summary" not in result.stderr and "{" not in result.stderr
    assert "\x1b" not in result.stderr + result.stdout
    assert [line.split()[1] for line in result.stderr.splitlines() if " copied " not in line] == [
        "started", "fingerprint", "copy", "load", "features", "checks", "fit", "model", "value", "labels",
        "total", "report",
    ]  # fmt: skip


def test_a_step_tells_rows_time_and_rate(shop: Path, database: dict[str, str]) -> None:
    """On a terminal in columns, with separators and without what is none; in a log as numbers."""
    result = job("run", "--data", shop, "--log-format", "console", **database)
    lines = {line.split()[1]: line for line in result.stderr.splitlines()}
    assert re.fullmatch(r"\S{8} load +10,167 records +\d+\.\d s +[\d,]+/s inserted=10,167", lines["load"])
    assert re.fullmatch(r"\S{8} total +\d+\.\d s", lines["total"])
    assert len({lines[name].index(" s ") for name in ("copied", "copy", "load", "features", "model", "labels")}) == 1
    result = job("score", "--data", shop, **database)
    logged = {line["event"]: line for line in map(json.loads, result.stderr.splitlines())}
    customers, seconds, rate = (logged["labels"][key] for key in ("customers", "seconds", "per_second"))
    assert customers == logged["summary"]["customers"] and rate == pytest.approx(customers / seconds, rel=0.02)
    assert "per_second" not in logged["fingerprint"] and "per_second" not in logged["total"]


def test_times_are_told_in_minutes(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("console")
    structlog.get_logger().info("copied", **timed({"records": 90_000_000, "rejected": 0}, 185.0))
    line = capsys.readouterr().err.rstrip()
    assert line.split()[1:] == ["copied", "90,000,000", "records", "3m", "05s", "486,000/s"]


def test_help_answers_at_once() -> None:
    """Without scikit-learn, pandas or a driver: they take most of a run's first second."""
    seen = job("--help")
    assert seen.returncode == 0 and "Exit codes: 0 done" in " ".join(seen.stdout.split())
    heavy = (
        "import sys; sys.argv = ['job', '--help']; import job.cli; "
        "heavy = {'sklearn', 'pandas', 'duckdb', 'psycopg2', 'matplotlib'}"
    )
    check = subprocess.run(
        [sys.executable, "-c", f"{heavy}; assert not heavy & set(sys.modules)"], cwd=ROOT, check=False
    )
    assert check.returncode == 0


@pytest.mark.parametrize("command", sorted(COMMANDS.commands))
def test_every_command_has_an_example_and_stands_in_the_reference(command: str) -> None:
    assert f"Example: clientela {command}" in " ".join(job(command, "--help").stdout.split())
    assert f"`clientela {command}`" in (ROOT / "docs/reference/commands.md").read_text()


def test_check_and_runs_print_what_they_find(shop: Path, tmp_path: Path, database: dict[str, str]) -> None:
    assert job("run", "--data", shop, **database).returncode == 0
    result = job("check", "--data", shop, **database)
    assert result.returncode == 0 and not result.stderr
    names = ["config", "files", "disk", "report", "reads", "changes", "database", "rights", "makes", "tables", "labels"]
    names += ["lock", "columns", "select", "values", "customers"]
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [["ok", name] for name in names]
    result = job("check", "--data", tmp_path, **database)
    assert result.returncode == 3 and not result.stderr
    assert re.search(rf"^failed  files     {tmp_path} lacks ", result.stdout, re.MULTILINE)
    assert re.search("^ok      database  DuckDB", result.stdout, re.MULTILINE)
    result = job("runs", "--limit", "1", **database)
    [line] = [line for line in result.stdout.splitlines() if line.strip().startswith("20")]
    assert " done " in line
    bad = changed(shop, tmp_path, "olist_order_payments_dataset.csv", lambda text: text.replace(",1,", ",[/b],", 1))
    assert job("run", "--data", bad, **database).returncode == 3
    result = job("runs", **database)
    assert "olist_order_payments_dataset.csv:2:payment_sequential: value '[/b]' is not a whole number" in result.stdout


def test_labels_are_scored_and_brought_back(shop: Path, database: dict[str, str]) -> None:
    assert job("rollback", "nowhere", **database).returncode == 3
    assert not Path(database["DUCKDB_PATH"]).exists()
    assert job("run", "--data", shop, **database).returncode == 0
    result = job("score", "--data", shop, "--log-format", "console", **database)
    assert result.returncode == 0 and "(kept)" in result.stderr
    scored, first = (line.split() for line in job("runs", **database).stdout.splitlines()[3:5])
    assert (first[2], scored[2:4]) == ("done", ["done", "(score)"])
    result = job("rollback", first[0], **database)
    assert result.returncode == 0 and "orders" in result.stdout
    [model] = [line for line in job("models", **database).stdout.splitlines() if " * " in line]
    assert model.split()[0] == first[-1] and model.split()[2] == first[0]
    assert "done (rollback)" in job("runs", "--limit", "1", **database).stdout


def test_exit_code_2_for_a_bad_config(tmp_path: Path, shop: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text((ROOT / "config/duckdb.yaml").read_text().replace("k: 5", "k: many"))
    line = path.read_text().split("k: many")[0].count("\n") + 1
    checked = job("check", "--config", path, "--data", shop)
    assert (checked.returncode, checked.stderr, checked.stdout.split()[:2]) == (2, "", ["failed", "config"])
    result = job("run", "--config", path, "--data", shop, "--log-format", "console")
    assert result.returncode == 2
    assert result.stderr.startswith(f"error: {path}:{line}: clustering.k: ")
    assert result.stderr.count("\n") == 1


def test_exit_code_2_for_wrong_usage() -> None:
    assert job("run", "--no-such-option").returncode == 2


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("nowhere.zip", "nowhere.zip does not exist; "),
        ("Makefile", "Makefile is neither a folder nor a readable .zip"),
        ("config", "config lacks olist_customers_dataset.csv, "),
    ],
)
def test_exit_code_3_for_missing_data(data: str, sentence: str, database: dict[str, str]) -> None:
    result = job("run", "--data", data, "--log-format", "console", **database)
    assert result.returncode == 3
    assert result.stderr.startswith(f"error: {sentence}")
    assert not Path(database["DUCKDB_PATH"]).exists()


def test_exit_code_3_for_a_bad_value(shop: Path, tmp_path: Path, database: dict[str, str]) -> None:
    file = "olist_order_payments_dataset.csv"
    bad = changed(shop, tmp_path, file, lambda text: text.replace("credit_card,1,", "credit_card,one,", 1))
    line = (bad / file).read_text().split(",one,")[0].count("\n") + 1
    result = job("run", "--data", bad, **database)
    failed = json.loads(result.stderr.splitlines()[-1])
    assert (result.returncode, failed["exit_code"], failed["level"]) == (3, 3, "error")
    first, *_ = failed["error"].split("\n")
    assert first == f"{file}:{line}:payment_installments: value 'one' is not a whole number of type INTEGER"


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_exit_code_4_for_a_server_that_is_not_there(dialect: str, shop: Path) -> None:
    url = f"{dialect.replace('postgres', 'postgresql')}://somebody:secret@127.0.0.1:1/shop"
    result = job(
        "run", "--config", f"config/{dialect}.yaml", "--data", shop, "--log-format", "console",
        DATABASE_URL=url, DATABASE_CONNECT_TIMEOUT="0",
    )  # fmt: skip
    assert result.returncode == 4
    assert "127.0.0.1:1 cannot be used" in result.stderr and "secret" not in result.stderr
    assert result.stderr.count("\n") == 1


def test_exit_code_5_while_another_process_has_the_database(shop: Path, database: dict[str, str]) -> None:
    hold = (
        "import duckdb, os, sys; open = duckdb.connect(os.environ['DUCKDB_PATH']);"
        " print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold],
        env={**os.environ, **database},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdin and holder.stdout and holder.stdout.readline() == "open\n"
        result = job("run", "--data", shop, "--log-format", "console", **database)
        holder.stdin.close()
    assert result.returncode == 5
    assert "another process has the database open" in result.stderr


def test_debug_adds_the_traceback(database: dict[str, str]) -> None:
    result = job("run", "--data", "nowhere", "--debug", "--log-format", "console", **database)
    assert "Traceback" in result.stderr and "error: nowhere does not exist" in result.stderr


def test_sample_writes_a_shop(tmp_path: Path) -> None:
    result = job("sample", "--customers", "50", "--out", tmp_path / "shop")
    assert result.returncode == 0
    assert len(list((tmp_path / "shop").iterdir())) == 9


def test_a_refusal_after_the_features_began_is_one_line(shop: Path, database: dict[str, str], tmp_path: Path) -> None:
    """What is being imported meanwhile says nothing; and what is in the data does not reach the terminal raw."""
    config = tmp_path / "shop.yaml"
    config.write_text((ROOT / "config/duckdb.yaml").read_text() + "segments: {order_by: nothing}\n")
    result = job("run", "--config", config, "--data", shop, "--no-report", **database)
    assert result.returncode == 2
    assert [json.loads(line)["event"] for line in result.stderr.splitlines()][-1] == "failed"
    bad = changed(
        shop, tmp_path, "olist_order_payments_dataset.csv", lambda text: text.replace(",1,", ",\x1b]0;x\x07,", 1)
    )
    result = job("run", "--data", bad, "--log-format", "console", **database)
    assert result.returncode == 3 and "\x1b" not in result.stderr and "\\x1b]0;x\\x07" in result.stderr
    assert "\x1b" not in job("runs", **database).stdout


def test_a_header_of_thousands_of_columns_is_a_sentence(shop: Path, database: dict[str, str], tmp_path: Path) -> None:
    file = "olist_order_payments_dataset.csv"
    more = "," + ",".join(f"column_{number}" for number in range(8000))
    bad = changed(shop, tmp_path, file, lambda text: text.replace("\n", f"{more}\n", 1))
    result = job("run", "--data", bad, "--log-format", "console", **database)
    assert result.returncode == 3 and "and 7,970 more is unknown" in result.stderr and len(result.stderr) < 3000


def test_the_synthetic_shop_does_not_take_the_place_of_another(shop: Path, tmp_path: Path) -> None:
    """Not where somebody forgets --data."""

    def run(*options: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "job", "run", "--no-report", "--log-format", "console", *map(str, options)]
        paths = os.environ | {"PYTHONPATH": str(ROOT), "DATA": "", "DUCKDB_PATH": "shop.duckdb"}
        return subprocess.run(command, cwd=tmp_path, env=paths, capture_output=True, text=True, check=False)

    def customers() -> int:
        [(count,)] = ask(DUCKDB, f"duckdb://{tmp_path}/shop.duckdb", "SELECT COUNT(*) FROM customers")
        return int(count)

    write_shop(tmp_path / "var/sample", customers=300, seed=2)
    assert [run().returncode, run().returncode] == [0, 0]
    synthetic = customers()
    assert run("--data", shop).returncode == 0 and customers() > synthetic
    refused = run()
    assert refused.returncode == 3 and "no data is given" in refused.stderr and customers() > synthetic
