"""`check` says what a run would find, `runs` what the last ones did; neither changes anything."""

import re
import tempfile
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import servers
from shop import CONFIGS, DIALECTS, TABLES, ask, changed, configured, everything, run

from job import check, history
from job.config import Config, Features, WriteBack
from job.errors import ConfigError, DatabaseError, DataError
from job.session import connect

PAYMENTS = "olist_order_payments_dataset.csv"


def looked_at(config: Config, data: Path | None) -> dict[str, str]:
    """What there is of each thing. Raises the first thing's error that would stop a run."""
    found = list(check.findings(config, data))
    for finding in found:
        if finding.error:
            raise finding.error
    return {finding.name: finding.text for finding in found}


def findings(engine: str, url: str, data: Path) -> dict[str, str]:
    return looked_at(configured(engine, url), data)


def checked(config: Config, data: Path | None) -> dict[str, tuple[str, str]]:
    """The mark and the text of each thing."""
    return {finding.name: (finding.line.split()[0], finding.text) for finding in check.findings(config, data)}


def test_check_finds_an_empty_database_and_leaves_it_empty(engine: str, database_url: str, shop: Path) -> None:
    found = findings(engine, database_url, shop)
    assert found["config"] == "5 segments by monetary and frequency"
    size = sum(file.stat().st_size for file in shop.iterdir())
    assert found["files"] == f"9 to load, {size / 1e6:,.1f} MB"
    assert found["disk"].endswith(" MB needed") and found["report"].startswith("goes to ")
    if engine == "duckdb":
        assert found["database"] == f"{database_url.removeprefix('duckdb://')} will be made"
        assert not Path(database_url.removeprefix("duckdb://")).exists()
    else:
        assert found["database"].startswith(servers.NAMES[engine])
        assert found["rights"]
        assert (found["lock"], found["tables"]) == ("free", "9 to be made, 9 to be loaded")
        assert everything(engine, database_url) == {}


def test_check_finds_what_a_run_has_loaded(engine: str, database_url: str, shop: Path, tmp_path: Path) -> None:
    run(engine, database_url, shop)
    before = everything(engine, database_url)
    assert findings(engine, database_url, shop)["tables"] == "hold what the files hold"
    other = changed(shop, tmp_path, PAYMENTS, lambda text: text.replace(",1,", ",2,", 1))
    assert findings(engine, database_url, other)["tables"] == "0 to be made, 1 to be loaded"
    (other / PAYMENTS).unlink()
    with pytest.raises(DataError, match=f"lacks {PAYMENTS}"):
        findings(engine, database_url, other)
    assert everything(engine, database_url) == before


def test_check_finds_what_is_missing_where_nothing_is_loaded(engine: str, database_url: str, shop: Path) -> None:
    run(engine, database_url, shop)
    config = configured(engine, database_url).model_copy(update={"load": None})
    assert looked_at(config, None)["tables"] == "are read as they are"
    write_back = WriteBack(table="customers", key="customer_unique_id", column="klass")
    wrong = config.model_copy(update={"write_back": write_back})
    with pytest.raises(ConfigError, match=r"write_back\.column is klass"):
        looked_at(wrong, None)


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_check_reads_the_features_sql(engine: str, database_url: str, shop: Path, tmp_path: Path) -> None:
    sql = tmp_path / "features.sql"
    config = configured(engine, database_url, k="auto").model_copy(update={"features": Features(sql=sql)})
    with pytest.raises(ConfigError, match=r"features\.sql: .* cannot be read"):
        looked_at(config, shop)
    sql.write_text("SELECT 1\n;")
    found = looked_at(config, shop)
    assert found["config"] == "2 to 10 segments by monetary and frequency"
    assert found["features"] == f"by {sql}"


def test_check_tells_what_a_run_reads_makes_and_changes(engine: str, database_url: str, shop: Path) -> None:
    config = configured(engine, database_url)
    found = looked_at(config, shop)
    assert found["reads"] == "the tables that features.sql names"
    assert found["changes"] == f"{', '.join(TABLES)}; customers.segment"
    run(engine, database_url, shop)
    assert looked_at(config, shop)["makes"] == "nothing: its own tables are there"
    inside = config.database.model_copy(update={"job_schema": "apart"})
    other = config.model_copy(update={"load": None, "write_back": None, "name": "second", "database": inside})
    checks = checked(other, None)
    assert checks["makes"][1].startswith("apart.second_customer_features, apart.second_customer_segments, ")
    assert checks["changes"][1] == "none of the shop's tables"
    if engine in ("mysql", "mariadb"):
        assert checks["rights"][1].startswith("the user lacks SELECT on apart, ")
    elif engine == "postgres":
        assert checks["rights"][1].startswith("the user lacks CREATE on the database;")


def test_check_goes_on_after_a_failure(engine: str, database_url: str, shop: Path, tmp_path: Path) -> None:
    """Two files with other headers; then the database, which is there, and then one that is not."""
    run(engine, database_url, shop)
    before = everything(engine, database_url)
    other = changed(shop, tmp_path, PAYMENTS, lambda text: text.replace("payment_type", "paid_by", 1))
    other = changed(
        other, tmp_path / "again", "olist_sellers_dataset.csv", lambda text: text.replace("city", "town", 1)
    )
    config = configured(engine, database_url)
    found = checked(config, other)
    mark, text = found["files"]
    assert mark == "failed" and [line.split(": column ")[0] for line in text.splitlines()] == [
        "olist_sellers_dataset.csv:1", f"{PAYMENTS}:1",
    ]  # fmt: skip
    assert found["tables"] == ("--", "not looked at: it takes the files")
    assert {found[name][0] for name in ("config", "report", "database", "rights", "lock")} == {"ok"}
    assert everything(engine, database_url) == before
    if engine != "duckdb":
        down = {"url": None, "host": "127.0.0.1", "port": 1, "connect_timeout": 0}
        config = config.model_copy(update={"database": config.database.model_copy(update=down)})
        found = checked(config, shop)
        assert found["database"][0] == "failed" and "127.0.0.1:1 cannot be used" in found["database"][1]
        assert {found[name][0] for name in ("config", "files", "disk")} == {"ok"}
        assert {found[name][0] for name in ("rights", "makes", "tables", "lock")} == {"--"}


REVOKED = {
    "postgres": ('REVOKE TEMPORARY ON DATABASE "{0}" FROM "{0}", PUBLIC', "TEMPORARY on the database"),
    "mysql": ("REVOKE INDEX, DROP ON `{1}`.* FROM '{0}'@'%'", "DROP, INDEX"),
    "mariadb": ("REVOKE INDEX, DROP ON `{1}`.* FROM '{0}'@'%'", "DROP, INDEX"),
}


@pytest.mark.parametrize("engine", list(REVOKED), indirect=True)
def test_check_names_the_rights_that_are_missing(engine: str, database_url: str, shop: Path) -> None:
    role = urlsplit(database_url).path[1:]
    statement, missing = REVOKED[engine]
    ask(engine, database_url, statement.format(role, role.replace("_", "\\_")))
    mark, text = checked(configured(engine, database_url), shop)["rights"]
    assert (mark, text.partition(";")[0]) == ("failed", f"the user lacks {missing}")


@pytest.mark.parametrize("engine", ["mysql", "mariadb"], indirect=True)
def test_check_counts_the_rights_of_a_role(engine: str, database_url: str, shop: Path) -> None:
    """The user has nothing but a role by default, which has all that is needed."""
    name = urlsplit(database_url).path[1:]
    place, grantee = name.replace("_", "\\_"), f"'{name}'@'%'"
    default = "SET DEFAULT ROLE r_{0} FOR {1}" if engine == "mariadb" else "SET DEFAULT ROLE r_{0} TO {1}"
    rights = (CONFIGS.parent / "deploy/privileges/mysql.sql").read_text()
    ask(engine, database_url, f"CREATE ROLE r_{name}")
    try:
        for granted in re.findall(r"^GRANT (.*) ON", rights, re.MULTILINE):
            ask(engine, database_url, f"GRANT {granted} ON `{place}`.* TO r_{name}")
        ask(engine, database_url, f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {grantee}")
        ask(engine, database_url, f"GRANT r_{name} TO {grantee}")
        ask(engine, database_url, default.format(name, grantee))
        assert checked(configured(engine, database_url), shop)["rights"][0] == "ok"
        ask(engine, database_url, f"REVOKE ALTER ON `{place}`.* FROM r_{name}")
        assert "the user lacks ALTER;" in checked(configured(engine, database_url), shop)["rights"][1]
    finally:
        ask(engine, database_url, f"DROP ROLE r_{name}")


def test_check_finds_a_disk_that_is_too_small(
    engine: str, database_url: str, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "STAGED", 1e9)
    mark, text = checked(configured(engine, database_url), shop)["disk"]
    assert mark == "failed" and text.startswith(tempfile.gettempdir())


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_check_looks_at_the_folder_of_the_report(engine: str, database_url: str, shop: Path, tmp_path: Path) -> None:
    """A run would end well without the report, so it is no failure; and no folder is made."""
    (tmp_path / "file").touch()
    config = configured(engine, database_url)
    for folder, mark in ((tmp_path / "file" / "report", "--"), (tmp_path / "new" / "report", "ok")):
        report = config.report.model_copy(update={"folder": folder})
        assert checked(config.model_copy(update={"report": report}), shop)["report"][0] == mark
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_check_makes_no_file_where_nothing_is_loaded(engine: str, database_url: str) -> None:
    path = Path(database_url.removeprefix("duckdb://")).parent / "folder" / "shop.duckdb"
    config = configured(engine, f"duckdb://{path}").model_copy(update={"load": None})
    with pytest.raises(DatabaseError, match="does not exist"):
        looked_at(config, None)
    assert not path.parent.exists()


def test_a_read_only_session_changes_nothing(engine: str, database_url: str, shop: Path) -> None:
    run(engine, database_url, shop)
    before = everything(engine, database_url)
    with (
        closing(connect(configured(engine, database_url), read_only=True)) as database,
        pytest.raises(DatabaseError, match=r"(?i)read.only"),
    ):
        database._run("DELETE FROM customer_segments")
    assert everything(engine, database_url) == before


def test_runs_lists_the_newest_first(engine: str, database_url: str, shop: Path, tmp_path: Path) -> None:
    if DIALECTS[engine] != "duckdb":
        with closing(connect(configured(engine, database_url), read_only=True)) as database:
            assert history.recent(database, 20) == []
    segments = run(engine, database_url, shop)
    bad = changed(shop, tmp_path, PAYMENTS, lambda text: text.replace(",1,", ",one,", 1))
    with pytest.raises(DataError):
        run(engine, database_url, bad)
    ask(engine, database_url, "UPDATE job_runs SET started_at = '2020-01-01' WHERE status = 'done'")
    with closing(connect(configured(engine, database_url), read_only=True)) as database:
        failed, done = history.recent(database, 20)
        assert history.recent(database, 1) == [failed]
    assert (failed["status"], failed["figures"]) == ("failed", {})
    assert failed["error"].startswith(f"{PAYMENTS}:2:payment_sequential: ")
    assert (done["status"], done["error"]) == ("done", None)
    assert done["figures"]["customers"] == sum(segment.customers for segment in segments)
