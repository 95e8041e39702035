"""The config that `clientela init` writes: complete, true to the models, and without a password."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml
from engines.base import Engine
from engines.duckdb import ENGINE as DUCKDB
from shop import CONFIGS, ask, place
from test_cli import ROOT, job
from test_config import keys, read
from test_schema import EDITOR
from typer.testing import CliRunner

from job import config
from job.adapters import dialects as dialects_known
from job.adapters.duckdb import DuckDBSettings
from job.cli import app
from job.errors import ConfigError
from job.setup import sample, schema, starter

dialects = pytest.mark.parametrize("dialect", sorted(dialects_known()))


def uncommented(text: str) -> str:
    return re.sub(r"^( *)#(?! \S)", r"\1", text, flags=re.MULTILINE)


@dialects
def test_it_has_the_defaults_of_the_models(dialect: str, tmp_path: Path) -> None:
    found = read(tmp_path, starter.olist(dialect))
    load = config.Load(tables=sample.CONFIG["load"]["tables"], memory=Path(os.environ["MEMORY_FOLDER"]))
    write_back = config.WriteBack.model_validate(sample.CONFIG["write_back"])
    assert found == config.Config(database=found.database, load=load, write_back=write_back)


@dialects
def test_it_says_where_the_database_is_as_the_shipped_config_does(dialect: str) -> None:
    shipped = yaml.safe_load((CONFIGS / f"{dialect}.yaml").read_text())
    written = yaml.safe_load(starter.olist(dialect))
    assert {key: str(value) for key, value in written["database"].items()} == shipped["database"]
    assert (written["load"], written["write_back"]) == (shipped["load"], shipped["write_back"])


@dialects
def test_every_key_is_there_and_is_valid_without_its_comment_sign(dialect: str, tmp_path: Path) -> None:
    text = starter.olist(dialect)
    assert read(tmp_path, uncommented(text)) == read(tmp_path, text)
    commented = [line for line in text.splitlines() if re.match(r" *#[a-z_]+: .", line)]
    assert len(commented) > 20
    for line in commented:
        assert read(tmp_path, text.replace(line, uncommented(line), 1)) == read(tmp_path, text), line
    values = yaml.safe_load(uncommented(text))
    assert EDITOR.is_valid(values) and EDITOR.is_valid(yaml.safe_load(text))
    model = dialects_known()[dialect].settings
    assert {f"database.{key}" for key in values["database"]} - {"database.password_file"} == keys(model, "database.")
    expected = {".".join(key.split(".")[:2]) for key in keys(config.Config) if not key.startswith("database.")}
    expected = {"campaigns" if key.startswith("campaigns.") else key for key in expected}  # a list, which is empty
    assert expected == {
        f"{name}.{key}" if isinstance(section, dict) else name
        for name, section in values.items()
        if name != "database"
        for key in section or [""]
    }


@dialects
def test_passwords_come_from_outside(dialect: str) -> None:
    database = yaml.safe_load(starter.olist(dialect))["database"]
    assert all(
        re.fullmatch(r"\$\{[A-Z_]+:-\}", database.get(key, "${X:-}")) for key in ("password", "password_file", "url")
    )


def test_the_command_writes_a_new_file_only(tmp_path: Path) -> None:
    out = tmp_path / "my shop.yaml"
    first = job("init", "--dialect", "mysql", "--out", out)
    assert first.returncode == 0 and f"clientela check --config '{out}'" in first.stdout
    text = out.read_text()
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named and (tmp_path / named[1]).resolve() == schema.FILE
    again = job("init", "--out", out)
    assert (again.returncode, out.read_text()) == (2, text)
    assert again.stderr == f"error: {out} is there already, and stays as it is; name another file with --out\n"
    nowhere = job("init", "--out", tmp_path / "no/shop.yaml")
    assert nowhere.returncode == 2 and "cannot be written (No such file or directory)" in nowhere.stderr


def test_each_config_names_files_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no shop overwrites what is another's; one of the shipped name keeps the shipped names."""
    monkeypatch.delenv("REPORT_FOLDER", raising=False)
    places = {}
    for out in ("clientela.yaml", "one.yaml", "my shop.v2.yaml"):
        found = read(tmp_path, starter.olist(DUCKDB.dialect, tmp_path / out))
        assert isinstance(found.database, DuckDBSettings)
        places[out] = (str(found.database.path), str(found.report.folder))
    assert places == {
        "clientela.yaml": ("var/clientela.duckdb", "var/report"),
        "one.yaml": ("var/one.duckdb", "var/one-report"),
        "my shop.v2.yaml": ("var/my-shop.v2.duckdb", "var/my-shop.v2-report"),
    }


def test_a_dash_is_the_terminal() -> None:
    assert job("init", "--out", "-").stdout == starter.olist("duckdb")


def test_the_job_runs_with_it(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "clientela.yaml"
    assert job("init", "--dialect", engine.dialect, "--out", out).returncode == 0
    environment = place(engine, database_url) | {"DATA": str(shop), "CLIENTELA_CONFIG": str(out)}
    assert job("check", **environment).returncode == 0
    result = job("run", "--no-report", **environment)
    assert result.returncode == 0, result.stderr
    assert ask(engine, database_url, "SELECT COUNT(DISTINCT segment) FROM customers") == [(5,)]


COLUMNS = ("--customer-column", "buyer", "--amount-column", "spent", "--date-column", "day")


@pytest.fixture
def sold(tmp_path: Path) -> Path:
    """A DuckDB file of some other shop, alone in its folder."""
    path = tmp_path / "sold.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            "CREATE TABLE sold AS SELECT i % 40 AS buyer, CAST(1 + i % 97 AS DECIMAL(9, 2)) AS spent,"
            " DATE '2025-01-01' + CAST(i % 90 AS INTEGER) AS day, CAST(0 AS DECIMAL(9, 2)) AS tip"
            " FROM range(400) AS numbers(i)"
        )
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def typed(answers: bytes, *arguments: str | Path, hidden: bytes = b"") -> tuple[int, str]:
    """The job's exit code and what stands on a terminal in which the answers are typed.

    hidden: what is typed first, where the job asks for what is not shown; it forgets what is typed ahead of that.
    """
    ours, terminal = pty.openpty()
    command = [sys.executable, "-m", "job", *map(str, arguments)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
    ) as process:
        os.close(terminal)
        seen = b""
        try:
            for prompt, answer in ((b"not shown): ", hidden), (b"[1]: ", answers)) if hidden else ((b"", answers),):
                while prompt not in seen:
                    seen += os.read(ours, 4096)
                os.write(ours, answer)
            while part := os.read(ours, 4096):
                seen += part
        except OSError:  # how a terminal ends
            pass
        os.close(ours)
    return process.returncode, seen.decode().replace("\r\n", "\n")


def test_a_config_for_tables_of_a_shop_of_ones_own(sold: Path, tmp_path: Path) -> None:
    """Both files are new or neither is written; the database stays as it is; the job runs with them as they are."""
    out = tmp_path / "my shop.yaml"
    before = files(tmp_path)
    (tmp_path / "my shop-features.sql").write_text("mine")
    refused = job("init", "--from-database", sold, "--out", out, *COLUMNS)
    assert refused.returncode == 2 and refused.stderr.startswith(f"error: {tmp_path}/my shop-features.sql is there ")
    assert files(tmp_path) == before | {"my shop-features.sql": b"mine"}
    (tmp_path / "my shop-features.sql").unlink()
    result = job("init", "--from-database", sold, "--out", out, *COLUMNS)
    assert (result.returncode, result.stderr) == (0, "") and f"clientela run --config '{out}'\n" in result.stdout
    assert files(tmp_path).keys() == before.keys() | {out.name, "my shop-features.sql"}
    assert sold.read_bytes() == before[sold.name]
    written = yaml.safe_load(out.read_text())
    assert EDITOR.is_valid(written) and written["report"]["folder"] == "${REPORT_FOLDER:-var/my-shop-report}"
    for command in ("check", "run"):
        ran = job(command, "--config", out, REPORT_FOLDER=str(tmp_path))
        assert ran.returncode == 0, ran.stderr
    [counted] = ask(DUCKDB, f"duckdb://{sold}", "SELECT COUNT(*), SUM(monetary) FROM customer_features")
    assert [counted] == ask(DUCKDB, f"duckdb://{sold}", "SELECT COUNT(DISTINCT buyer), SUM(spent) FROM sold")


def test_files_are_written_both_or_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no/b\.sql cannot be written \(No such file or directory\)"):
        starter.write({tmp_path / "a.yaml": "a", tmp_path / "no/b.sql": "b"})
    assert files(tmp_path) == {}


def test_columns_are_asked_for_on_a_terminal(sold: Path, tmp_path: Path) -> None:
    """By number or by name, and again after what is none."""
    out = tmp_path / "shop.yaml"
    code, seen = typed(b"9\n1\nsold.day\n1\ny\n", "init", "--from-database", sold, "--out", out)
    assert code == 0, seen
    assert (
        "Columns for the amount:\n   1  sold.spent  (DECIMAL(9,2))\n" in seen and "sold.tip  (DECIMAL(9,2))\n" in seen
    )
    assert "\n9 is no column" in seen and "The customer column, by number or name [1]: " in seen
    text = (tmp_path / "shop-features.sql").read_text()
    assert '"spent" AS "amount"' in text and '"day" AS "at"' in text and 'CAST("buyer" AS VARCHAR)' in text


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A DuckDB file of orders with lines, of which every tenth is returned; 50 people bought for 4 times 5.5 each."""
    path = tmp_path / "lines.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE clients (id INTEGER PRIMARY KEY, e_mail VARCHAR, created_at DATE)")
        connection.execute("INSERT INTO clients SELECT i, i || '@shop.example', NULL FROM range(50) AS numbers(i)")
        connection.execute(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, client_id INTEGER REFERENCES clients (id),"
            " ordered_at TIMESTAMP, shipped_at TIMESTAMP, status VARCHAR)"
        )
        connection.execute(
            "INSERT INTO orders SELECT i, i // 2 % 50, TIMESTAMP '2025-01-01' + INTERVAL 1 HOUR * i, NULL,"
            " CASE WHEN i % 10 = 9 THEN 'returned' ELSE 'paid' END FROM range(200) AS numbers(i)"
        )
        connection.execute(
            "CREATE TABLE order_lines (order_id INTEGER REFERENCES orders (id), sku INTEGER, qty INTEGER,"
            " unit_price DECIMAL(9, 2), freight DECIMAL(9, 2))"
        )
        connection.execute(
            "INSERT INTO order_lines SELECT i // 2, i % 2, 1 + i % 2, 1.5 + i % 2, 9 FROM range(400) n(i)"
        )
    return path


def test_the_first_offers_are_right(lines: Path, tmp_path: Path) -> None:
    """Who only presses Enter gets the lines' worth, the orders, and no returned ones."""
    code, seen = typed(b"\n\n\n\n\n", "init", "--from-database", lines, "--out", tmp_path / "shop.yaml")
    assert code == 0, seen
    assert "Statuses in orders.status:\n   1  paid  (180)\n   2  returned  (20)  no purchase\n" in seen
    told = " ".join(seen.split())
    assert "Customers 50 orders.client_id" in told and "Orders 180 orders.id; 3.60 per customer" in told
    assert "Revenue 1,170.00 order_lines.unit_price * order_lines.qty" in told  # 180 times 1.5 + 2 * 2.5
    assert "Does this look like your shop? (y/n) [y]: " in seen


def test_what_does_not_look_like_the_shop_is_not_written(lines: Path, tmp_path: Path) -> None:
    before = files(tmp_path)
    answers = b"\n\n\nnone\nn\n"
    code, seen = typed(answers, "init", "--from-database", lines, "--out", tmp_path / "shop.yaml")
    assert code == 2 and seen.endswith("nothing is written; name other columns, or write features.sql by hand\n")
    assert "Orders 200 orders.id" in " ".join(seen.split())
    assert files(tmp_path) == before


@pytest.mark.parametrize("given", ["value", "file", "typed"])
def test_the_url_is_in_no_process_list(
    given: str, lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes from the environment, from a file that is named there, or from the terminal, which does not show it."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    out = tmp_path / "shop.yaml"
    if given == "typed":
        arguments = ("init", "--out", out, "--from-database")
        code, seen = typed(b"\n\n\n\n\n", *arguments, hidden=f"{lines}\n".encode())
        assert code == 0 and str(lines) not in seen, seen
        return
    (tmp_path / "url").write_text(f"{lines}\n")
    environment = {"DATABASE_URL": str(lines)} if given == "value" else {"DATABASE_URL_FILE": str(tmp_path / "url")}
    columns = ("--customer-column", "client_id", "--amount-column", "unit_price", "--date-column", "ordered_at")
    result = job("init", "--from-database", "--out", out, *columns, **environment)
    assert (result.returncode, result.stderr) == (0, "") and out.exists()


def test_what_cannot_be_right_is_told_before_a_run(sold: Path, tmp_path: Path) -> None:
    """As a run would."""
    with duckdb.connect(sold) as connection:
        connection.execute("INSERT INTO sold SELECT 0, 99, DATE '2025-02-01', 0 FROM range(3000)")
    out = tmp_path / "shop.yaml"
    result = job("init", "--from-database", sold, "--out", out, *COLUMNS)
    assert result.returncode == 0, result.stderr
    assert "Warning: the id 0 has 3,010 orders, 89% of all" in result.stdout
    checked = job("check", "--config", out)
    assert "the id 0 has 3,010 orders, 89% of all" in checked.stdout


def test_the_jobs_own_tables_are_not_offered(sold: Path, tmp_path: Path) -> None:
    """Of any segmentation, whatever its name; what a shop calls alike is."""
    with duckdb.connect(sold) as connection:
        for table in ("by_x_customer_segments", "by_x_segment_models", "by_x_customer_features", "my_job_runs"):
            connection.execute(f"CREATE TABLE {table} (spent_total DECIMAL(9, 2))")
    result = job("init", "--from-database", sold, "--out", tmp_path / "shop.yaml")
    assert result.returncode == 2 and "by_x" not in result.stderr and "my_job_runs.spent_total" in result.stderr


def test_no_answer_is_no_bug(sold: Path, tmp_path: Path) -> None:
    code, seen = typed(b"1\n\x04", "init", "--from-database", sold, "--out", tmp_path / "shop.yaml")
    assert code == 2 and seen.endswith("error: --date-column: no answer\n"), seen
    assert files(tmp_path).keys() == {"sold.duckdb"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--from-database", "oracle://a:secret@b/c"], "oracle:// is neither mysql:// nor postgresql://"),
        (["--from-database", "mysql://a:sec#ret@b/c"], "url cannot be read"),
        (["--from-database", "postgresql://a:secret@b"], "name is missing"),
        (["--from-database"], "Set DATABASE_URL, or DATABASE_URL_FILE to a file with the URL, or name a database file"),
        (["--leave-out", "cancelled"], "name it with --from-database"),
        (["--from-database", "x.duckdb", "--dialect", "mysql"], "--from-database knows the dialect by itself"),
        (["--from-database", "x.duckdb", "--out", "-"], "name one with --out"),
        (["--amount-column", "orders.total"], "name it with --from-database"),
    ],
)
def test_wrong_usage_of_from_database_is_told(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    out = [] if "--out" in arguments else ["--out", str(tmp_path / "shop.yaml")]
    result = CliRunner().invoke(app, ["init", *arguments, *out])
    assert result.exit_code == 2 and sentence in result.stderr and "sec" not in result.stderr
    assert result.stderr.count("\n") == 1 and files(tmp_path) == {}
