"""The config: variables, secrets, URLs, and every mistake in one sentence with its line."""

import re
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from job import config
from job.adapters.settings import ServerSettings
from job.config import Config
from job.config_section import Section
from job.errors import ConfigError

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "config"
POSTGRES = """\
database:
  dialect: postgres
{}
load:
  tables:
    customers: customers.csv
write_back:
  table: customers
  key: person
  column: segment
"""


def read(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "shop.yaml"
    path.write_text(text, encoding="utf-8")
    return config.read(path)


def database(tmp_path: Path, *lines: str) -> ServerSettings:
    found = read(tmp_path, POSTGRES.format("\n".join(f"  {line}" for line in lines))).database
    assert isinstance(found, ServerSettings)
    return found


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "mysql"])
def test_shipped_configs_are_valid(dialect: str) -> None:
    found = config.read(SHIPPED / f"{dialect}.yaml")
    assert found.database.dialect == dialect
    assert found.load and list(found.load.tables)[-1] == "order_reviews"
    assert found.clustering == config.Clustering()


def test_shipped_configs_differ_in_the_database_only() -> None:
    texts = {dialect: (SHIPPED / f"{dialect}.yaml").read_text() for dialect in ("duckdb", "postgres", "mysql")}
    assert len({text[text.index("\nload:") :] for text in texts.values()}) == 1


def test_variables_are_filled_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_HOST", "db.example")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("UNSET", raising=False)
    found = database(
        tmp_path, "host: ${SHOP_HOST}", "port: ${UNSET:-6543}", "name: a-${EMPTY:-b}-${UNSET:-}c", "user: $x"
    )
    assert (found.host, found.port, found.name, found.user) == ("db.example", 6543, "a-b-c", "$x")


def test_a_variable_is_text_and_never_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD", "[a: b] # 0123")
    found = database(tmp_path, "name: shop", "password: ${PASSWORD}")
    assert found.password.get_secret_value() == "[a: b] # 0123"


def test_an_unset_variable_is_named_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNSET", raising=False)
    with pytest.raises(ConfigError, match=r"shop\.yaml:3: the environment variable UNSET is not set"):
        database(tmp_path, "name: ${UNSET}")


def test_secrets_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("pass word\n")
    found = database(tmp_path, "name: shop", f"password_file: {tmp_path}/secret", "user_file: ''")
    assert found.password.get_secret_value() == "pass word"


def test_a_secret_is_not_given_twice(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"database\.password and database\.password_file are both given"):
        database(tmp_path, "name: shop", "password: x", "password_file: /dev/null")


def test_a_missing_secret_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"database\.password_file: /nowhere/secret cannot be read"):
        database(tmp_path, "name: shop", "password_file: /nowhere/secret")


def test_a_url_takes_the_place_of_the_parts(tmp_path: Path) -> None:
    found = database(
        tmp_path, "url: postgresql://ann:p%40ss@db:6000/shop?sslmode=require&application_name=x", "host: unused"
    )
    assert (found.host, found.port, found.name, found.user) == ("db", 6000, "shop", "ann")
    assert found.password.get_secret_value() == "p@ss"
    assert found.options == {"sslmode": "require", "application_name": "x"}


def test_a_url_adds_to_the_options(tmp_path: Path) -> None:
    """What the file demands, such as encryption, is not lost when a URL comes from outside."""
    url = "url: postgresql://ann@db/shop?sslrootcert=ours.pem&connect_timeout=3"
    found = database(tmp_path, url, "options: {sslmode: verify-full, connect_timeout: 5}")
    assert found.options == {"sslmode": "verify-full", "sslrootcert": "ours.pem", "connect_timeout": "3"}


def test_options_are_texts(tmp_path: Path) -> None:
    found = database(tmp_path, "name: shop", "options: {keepalives: 0, ssl_verify_cert: true, sslmode: require}")
    assert found.options == {"keepalives": "0", "ssl_verify_cert": "true", "sslmode": "require"}
    with pytest.raises(ConfigError, match=r"shop\.yaml:4: database\.options: "):
        database(tmp_path, "url: postgresql://ann@db/shop", "options: require")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://root@db/shop", "url starts with mysql:// but the dialect is postgres"),
        ("postgresql://ann@db", "name is missing"),
        ("postgresql://ann@db:port/shop", "url cannot be read"),
        ("postgresql://ann:secret#1@db/shop", "url cannot be read"),
        ("postgresql://ann@db/shop?host=other", "host is no option"),
    ],
)
def test_a_wrong_url_is_told(tmp_path: Path, url: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence) as raised:
        database(tmp_path, f"url: {url}")
    assert "secret" not in str(raised.value)


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    found = database(tmp_path, "url: postgresql://ann:verysecret@db/shop")
    assert "verysecret" not in repr(found) + str(found.model_dump(mode="json"))
    with pytest.raises(ConfigError) as raised:
        database(tmp_path, "url: postgresql://ann:verysecret@db:0/shop")
    assert "verysecret" not in str(raised.value)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("password: very: sesame", "mapping values are not allowed here"),
        ("password: %sesame", "found character '%' that cannot start any token"),
        ("password: *sesame", r"found undefined alias; .* needs quotes"),
        ("password: !sesame", r"could not determine a constructor for the tag; .* needs quotes"),
        ('password: "very\\sesame"', "unknown escape character"),
        ("password: 'very\x07sesame'", "special characters are not allowed"),
        ("password: [sesame]", "Input should be a valid string"),
        ("password: {very: sesame}", "Input should be a valid string"),
        ("options: {sslpassword: [sesame]}", "Input should be a valid string"),
    ],
)
def test_a_password_that_is_mistyped_is_not_shown(tmp_path: Path, line: str, sentence: str) -> None:
    """Not in the traceback either, which --debug adds."""
    with pytest.raises(ConfigError, match=sentence) as raised:
        database(tmp_path, "name: shop", line)
    assert "sesame" not in "".join(traceback.format_exception(raised.value))


SINCE = "{changed_since: [{table: orders, key: person, column: changed}]}"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("  k: 5", "  k: 1", r":\d+: clustering\.k: Input should be greater than or equal to 2"),
        ("  k: 5", "  kay: 5", r":\d+: clustering\.kay: unknown key"),
        ("report:", "reports:", r":\d+: reports: unknown key"),
        ("  currency: BRL", "  locale: klingon", r":\d+: report\.locale: locale klingon is not known; en, pt_BR and"),
        ("transform: log1p", "transform: log2", r":\d+: clustering\.features\.0\.transform: Input should be"),
        ("dialect: duckdb", "dialect: oracle", r":\d+: database: .*oracle"),
        ("path: ${DUCKDB_PATH", "path: ${URL:-duckdb:///x}  # ${", r":\d+: database.path: path is a URL"),
        ("  dialect: duckdb\n", "", r":\d+: database: dialect is missing: duckdb, mysql or postgres"),
        ("write_back:", "write_back: 3\nload2:", r":\d+: write_back: Input should be"),
        ("  k: 5", "  k: many", r":\d+: clustering\.k: .*; .*:\d+: clustering\.k: Input should be 'auto'"),
        ("  k: 5", "  k_range: [2, 30]", r":\d+: clustering\.k_range: k_range must be two numbers from 2 to 26"),
        ("  k: 5", "  min_share: 2", r":\d+: clustering\.min_share: 2 is no share; write one such as 0\.5%"),
        ("transform: log1p", "nulls: drop", r":\d+: clustering\.features\.0\.nulls: Input should be"),
        ("transform: log1p", "nulls: .inf", r":\d+: clustering\.features\.0\.nulls: must be a finite number"),
        ("report:", "lifecycle: {refit: weekly}\nreport:", r":\d+: lifecycle\.refit: refit must be always, never"),
        ("report:", "segments: {names: [a, a]}\nreport:", r":\d+: segments\.names: names must be different"),
        ("report:", "segments: {names: [a, b, c, d, e, f]}\nreport:", r":1: config: segments\.names has 6 names for 5"),
        ("report:", f"features: {SINCE}\nreport:", r":1: config: features\.changed_since is for tables that something"),
        ("report:", f"features: {{sql: a, {SINCE[1:]}\nreport:", r":\d+: features: changed_since tells whose records"),
        ("  seed: 1", "  k: 6", r":\d+: k is given twice"),
        ("  seed: 1", "  seed: [1", r":\d+: not valid YAML: "),
    ],
)
def test_every_mistake_names_its_line(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    text = (SHIPPED / "duckdb.yaml").read_text()
    assert old in text
    mistaken = text.replace(old, new, 1)
    with pytest.raises(ConfigError, match=re.escape(str(tmp_path / "shop.yaml")) + sentence) as raised:
        read(tmp_path, mistaken)
    if new and "YAML" not in sentence and ":1:" not in sentence:
        key = new.strip().split("\n")[0]
        line = next(number for number, text in enumerate(mistaken.split("\n"), 1) if key in text)
        assert f":{line}: " in str(raised.value) or "database" in sentence


def test_a_feature_is_named_once(tmp_path: Path) -> None:
    text = (SHIPPED / "duckdb.yaml").read_text().replace("column: frequency", "column: monetary")
    with pytest.raises(ConfigError, match=r":\d+: clustering\.features: monetary is named twice"):
        read(tmp_path, text)


@pytest.mark.parametrize("text", ["", "- a\n", "42\n"])
def test_something_else_than_a_mapping_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="must be a mapping"):
        read(tmp_path, text)


def test_a_missing_config_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the config cannot be read"):
        config.read(tmp_path / "none.yaml")


def fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """The keys that a config can have, by dotted name."""
    for name, field in model.model_fields.items():
        nested = [m for m in (field.annotation, *getattr(field.annotation, "__args__", ())) if isinstance(m, type)]
        sections = [m for m in nested if issubclass(m, Section)]
        if not sections:
            yield f"{prefix}{name}", field
        for section in sections:
            yield from fields(section, f"{prefix}{name}.")


def keys(model: type[BaseModel], prefix: str = "") -> set[str]:
    """The dotted names of all keys that a config can have."""
    return {name for name, _ in fields(model, prefix)}


def test_the_reference_knows_every_key() -> None:
    reference = (ROOT / "docs/reference/config.md").read_text()
    assert set(re.findall(r"^\| `([a-z_.]+)` \|", reference, re.MULTILINE)) == keys(Config)
    for dotted, field in fields(Config):
        default = field.get_default(call_default_factory=True)
        if isinstance(default, str | int | float | Path) and not isinstance(default, SecretStr) and str(default):
            rows = [row for row in reference.splitlines() if row.startswith(f"| `{dotted}` |")]
            shown = str(default).lower() if isinstance(default, bool) else default
            assert any(f"`{shown}`" in row for row in rows), f"{dotted} is {default} in the models"


def test_equal_configs_are_equal_however_they_are_written(tmp_path: Path) -> None:
    text = (SHIPPED / "duckdb.yaml").read_text()
    written = text.replace("transform: log1p", "transform: log1p\n      weight: 1\n      scaling: standard")
    assert read(tmp_path, written).model_dump_json() == read(tmp_path, text).model_dump_json()
    assert (
        Config.model_validate(read(tmp_path, text).model_dump()).model_dump_json()
        == read(tmp_path, text).model_dump_json()
    )


def test_a_config_that_refers_to_itself_or_is_nested_without_end_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"report\.playbook\.A: "):
        read(tmp_path, POSTGRES.format("  name: shop") + "report:\n  playbook: &self\n    A: *self\n")
    with pytest.raises(ConfigError, match="nested too deeply"):
        read(tmp_path, POSTGRES.format(f"  name: {'[' * 3000}{']' * 3000}"))


def test_aliases_are_looked_at_once(tmp_path: Path) -> None:
    """Nine lines of them would be a billion values."""
    lines = [f"x{number}: &x{number} [{', '.join([f'*x{number - 1}'] * 10)}]" for number in range(1, 10)]
    with pytest.raises(ConfigError, match="x9: unknown key"):
        read(tmp_path, "\n".join(["x0: &x0 [a]", *lines, POSTGRES.format("  name: shop")]))


def test_an_empty_url_is_named_where_the_host_is_only_the_default(tmp_path: Path) -> None:
    """Who forgot DATABASE_URL is not to look for a server on this machine."""
    assert database(tmp_path, "name: shop", "url: ${NO_SUCH_URL:-}").address == "localhost:5432 (database.url is empty)"
    assert database(tmp_path, "name: shop", "url: ${NO_SUCH_URL:-}", "host: db").address == "db:5432"
    assert database(tmp_path, "name: shop").address == "localhost:5432"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("decimal: ','\n  thousands: ','", "load: decimal and thousands are both ,; they must be different"),
        ("formats: {customers.paid: {thousands: .}}", "load: decimal and thousands are both .; "),
        ("formats: {client: {decimal: ','}}", "load: formats.client is none of load.tables, and no column of one"),
        ("formats: {customers.paid: {delimiter: ;}}", "load: formats.customers.paid: a column has no encoding and no "),
        ("currency: ['1']", "load.currency: currency: '1' is no sign like € or code like EUR"),
        ("currency: [e]", "load.currency: currency: 'e' is no sign"),
        ("negatives: [red]", "load.negatives.0: Input should be 'brackets', 'trailing' or 'unicode'"),
        ("nulls: [NULL]", "load.nulls: nulls: write each text in quotes"),
        ("thousands: '-'", "load.thousands: Input should be '', ',', '.', ' ' or"),
    ],
)
def test_a_number_that_could_be_read_in_two_ways_is_told(tmp_path: Path, written: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(sentence)):
        read(
            tmp_path,
            f"database: {{dialect: duckdb, path: x}}\nload:\n  tables: {{customers: customers.csv}}\n  {written}\n",
        )
