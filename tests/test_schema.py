"""config/schema.json, as an editor takes it: up to date, true to the job, and true of every shipped config."""

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from test_config import POSTGRES, ROOT, keys, read

from job import config
from job.errors import ConfigError
from job.setup import schema

SCHEMA = json.loads(schema.FILE.read_text(encoding="utf-8"))
SHIPPED = sorted(
    path for path in [*(ROOT / "config").glob("*.yaml"), *(ROOT / "examples").glob("*/*.yaml")]
    if path.name != "kustomization.yaml"
)  # fmt: skip
EDITOR = jsonschema.Draft7Validator(SCHEMA)
FULL: dict[str, Any] = {
    "database": {"dialect": "postgres", "name": "shop"},
    "load": {"tables": {"customers": "customers.csv"}},
    "write_back": {"table": "customers", "key": "person", "column": "segment"},
    "clustering": {"features": [{"column": "monetary"}]},
    "rfm": {"groups": [{"name": "Champions"}]},
    "campaigns": [{"name": "spring", "start": "2026-03-01"}],
}


def accepts(values: Any) -> bool:
    return bool(EDITOR.is_valid(values))


def with_value(dotted: str, value: Any) -> dict[str, Any]:
    """A valid config in which one key has this value."""
    *sections, key = dotted.split(".")
    values = deepcopy(FULL)
    if dotted == "database.path":
        values["database"] = {"dialect": "duckdb"}
    if dotted.startswith("load.formats."):  # which are by table
        values["load"]["formats"] = {"customers": {key: value}}
        return values
    if dotted.startswith("features.changed_since."):  # which is not for tables that are loaded
        values["features"] = {"changed_since": [{"table": "orders", "key": "person", "column": "changed"}]}
    place: Any = values
    for section in sections:
        place = place.setdefault(section, {})
        place = place[0] if isinstance(place, list) else place
    place[key] = value
    return values


def test_the_file_is_what_the_models_give() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert schema.make() == SCHEMA, "make schema writes it anew"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_shipped_config_names_the_schema_and_follows_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named and (path.parent / named[1]).resolve() == schema.FILE
    assert [problem.message for problem in EDITOR.iter_errors(yaml.safe_load(text))] == []


def test_every_key_has_a_description() -> None:
    """Editors show it."""
    sections = [SCHEMA, *SCHEMA["$defs"].values()]
    keys_of = {(section["title"], key): value for section in sections for key, value in section["properties"].items()}
    described = {name for name, value in keys_of.items() if "description" in value}
    sections_of_config = {name for name, value in keys_of.items() if "$ref" in json.dumps(value)}
    assert keys_of.keys() - described <= sections_of_config
    assert keys_of["PostgresSettings", "password_file"]["description"].startswith("A file that holds `password`")


LEAVES = sorted(
    keys(config.Config)
    - {"database.options", "load.tables", "load.timestamp_formats", "clustering.k_range", "segments.names"}
    - {"campaigns.segments"}
    - {
        f"load.{own}{key}"
        for own in ("", "formats.")
        for key in ("timestamp_formats", "currency", "negatives", "nulls")
    }
    - {"report.playbook", "rfm.recency_days", "rfm.frequency", "rfm.monetary"}
    - {f"rfm.groups.{score}" for score in "rfm"}
)


@pytest.mark.parametrize("key", LEAVES)
def test_every_scalar_may_be_a_variable(key: str) -> None:
    assert accepts(with_value(key, "${NAME}")) and accepts(with_value(key, "${NAME:-default}"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("database.password_file", "secrets/password"),
        ("database.port_file", "port"),
        ("database.url", None),
        ("database.port", 5432),
        ("database.port", "5432"),
        ("database.options", {"keepalives": 0, "ssl_verify_cert": True, "sslmode": "require"}),
        ("load", None),
        ("load.data", None),
        ("load.max_rejects", "0.5%"),
        ("load.max_rejects", 100),
        ("load.mode", {"customers": "merge"}),
        ("load.decimal", ","),
        ("load.currency", ["R$", "kr."]),
        ("load.formats", {"customers": {"delimiter": ";"}, "customers.paid": {"negatives": ["brackets"]}}),
        ("clustering", None),
        ("clustering.k", "auto"),
        ("clustering.k_range", [2, "${MOST:-12}"]),
        ("clustering.min_share", "25%"),
        ("clustering.min_share", "2.5 %"),
        ("clustering.min_share", 0.25),
        ("clustering.max_points", "50_000"),
        ("clustering.features.weight", "1e2"),
        ("clustering.features.nulls", 0),
        ("clustering.features.nulls", "leave_out"),
        ("lifecycle.stop_share", None),
        ("lifecycle.refit", "every 7d"),
        ("segments.names", ["best", "good"]),
        ("report.playbook", {"A": "call them"}),
    ],
)
def test_what_the_job_accepts_the_schema_accepts(
    key: str, value: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "port").write_text("5432\n")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/password").write_text("sesame\n")
    values = with_value(key, value)
    assert accepts(values)
    read(tmp_path, yaml.safe_dump(values))


BROKEN = [
    ("databse", {}),
    ("database.dialect", "oracle"),
    ("database.path", "var/shop.duckdb"),  # no key of a server
    ("database.port", 0),
    ("database.port", "many"),
    ("database.password", 123),
    ("database.passwort_file", "secrets/password"),
    ("database.options", "require"),
    ("database.options", {"sslmode": ["require"]}),
    ("load", []),
    ("load.tables", {}),
    ("load.mode", "replace"),
    ("load.mode", {"customers": "replace"}),
    ("load.tables.customers", 3),
    ("write_back", 3),
    ("write_back.key", None),
    ("clustering.k", 1),
    ("clustering.k", "many"),
    ("clustering.kay", 5),
    ("clustering.k_range", [2, 3, 4]),
    ("clustering.min_share", 2),
    ("clustering.min_share", "a quarter"),
    ("clustering.max_points", 99),
    ("clustering.features", []),
    ("clustering.features.transform", "log2"),
    ("clustering.features.weight", 0),
    ("clustering.features.nulls", "drop"),
    ("lifecycle.warn_psi", -1),
    ("lifecycle.refit", 7),
    ("segments.names", "best"),
    ("report.currency", 5),
]


@pytest.mark.parametrize(("key", "value"), BROKEN)
def test_what_the_schema_refuses_the_job_refuses(key: str, value: Any, tmp_path: Path) -> None:
    values = deepcopy(FULL) | {"database": FULL["database"] | {"path": value}} if key == "database.path" else None
    values = values or with_value(key, value)
    assert not accepts(values)
    with pytest.raises(ConfigError):
        read(tmp_path, yaml.safe_dump(values))


def test_a_required_key_is_missed_by_both(tmp_path: Path) -> None:
    for section, key in [("database", "dialect"), ("load", "tables"), ("write_back", "key")]:
        values = deepcopy(FULL)
        del values[section][key]
        assert not accepts(values)
        with pytest.raises(ConfigError):
            read(tmp_path, yaml.safe_dump(values))


def test_an_empty_section_counts_as_left_out(tmp_path: Path) -> None:
    found = read(tmp_path, POSTGRES.format("  name: shop") + "clustering:\nreport:\n")
    assert (found.clustering, found.report) == (config.Clustering(), config.Report())
