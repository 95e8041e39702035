"""The config that `job init` writes: complete, true to the models, and without a password."""

import re
from pathlib import Path

import pytest
import yaml
from shop import CONFIGS, DIALECTS, ask, place
from test_cli import job
from test_config import keys, read
from test_schema import EDITOR

from job import config, sample, schema, starter

dialects = pytest.mark.parametrize("dialect", sorted(starter.DATABASES))


def uncommented(text: str) -> str:
    return re.sub(r"^( *)#(?! \S)", r"\1", text, flags=re.MULTILINE)


@dialects
def test_it_has_the_defaults_of_the_models(dialect: str, tmp_path: Path) -> None:
    found = read(tmp_path, starter.olist(dialect))
    load = config.Load(tables=sample.CONFIG["load"]["tables"])
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
    model = config.DuckDBDatabase if dialect == "duckdb" else config.ServerDatabase
    assert {f"database.{key}" for key in values["database"]} - {"database.password_file"} == keys(model, "database.")
    expected = {".".join(key.split(".")[:2]) for key in keys(config.Config) if not key.startswith("database.")}
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
    assert first.returncode == 0 and f"python -m job check --config '{out}'" in first.stdout
    text = out.read_text()
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named and (tmp_path / named[1]).resolve() == schema.FILE
    again = job("init", "--out", out)
    assert (again.returncode, out.read_text()) == (2, text)
    assert again.stderr == f"error: {out} is there already, and stays as it is; name another file with --out\n"
    nowhere = job("init", "--out", tmp_path / "no/shop.yaml")
    assert nowhere.returncode == 2 and "cannot be written (No such file or directory)" in nowhere.stderr


def test_a_dash_is_the_terminal() -> None:
    assert job("init", "--out", "-").stdout == starter.olist("duckdb")


def test_the_job_runs_with_it(engine: str, database_url: str, shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "clientela.yaml"
    assert job("init", "--dialect", DIALECTS[engine], "--out", out).returncode == 0
    environment = place(engine, database_url) | {"DATA": str(shop), "CLIENTELA_CONFIG": str(out)}
    assert job("check", **environment).returncode == 0
    result = job("run", "--no-report", **environment)
    assert result.returncode == 0, result.stderr
    assert ask(engine, database_url, "SELECT COUNT(DISTINCT segment) FROM customers") == [(5,)]
