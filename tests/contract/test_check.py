"""`check` says what a run would find, `runs` what the last ones did; neither changes anything."""

import re
import tempfile
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from engines import on_servers, where
from engines.base import PRIVILEGES, Engine
from engines.duckdb import ENGINE as DUCKDB
from shop import TABLES, ask, changed, configured, everything, run

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


def findings(engine: Engine, url: str, data: Path) -> dict[str, str]:
    return looked_at(configured(engine, url), data)


def checked(config: Config, data: Path | None) -> dict[str, tuple[str, str]]:
    """The mark and the text of each thing."""
    return {finding.name: (finding.line.split()[0], finding.text) for finding in check.findings(config, data)}


def test_check_finds_an_empty_database_and_leaves_it_empty(engine: Engine, database_url: str, shop: Path) -> None:
    found = findings(engine, database_url, shop)
    assert found["config"] == "5 segments by monetary and frequency"
    size = sum(file.stat().st_size for file in shop.iterdir())
    assert found["files"] == f"9 to load, {size / 1e6:,.1f} MB"
    assert found["disk"].endswith(" MB needed") and found["report"].startswith("goes to ")
    if not engine.has_server:
        assert found["database"] == f"{engine.job_place(database_url)} will be made"
        assert not Path(engine.job_place(database_url)).exists()
    else:
        assert found["database"].startswith(engine.title)
        assert found["rights"]
        assert (found["lock"], found["tables"]) == ("free", "9 to be made, 9 to be loaded")
        assert everything(engine, database_url) == {}


@pytest.mark.usefixtures("first_run")
def test_check_finds_what_a_run_has_loaded(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    before = everything(engine, database_url)
    assert findings(engine, database_url, shop)["tables"] == "hold what the files hold"
    other = changed(shop, tmp_path, PAYMENTS, lambda text: text.replace(",1,", ",2,", 1))
    assert findings(engine, database_url, other)["tables"] == "0 to be made, 1 to be loaded"
    (other / PAYMENTS).unlink()
    with pytest.raises(DataError, match=f"lacks {PAYMENTS}"):
        findings(engine, database_url, other)
    assert everything(engine, database_url) == before


@pytest.mark.usefixtures("first_run")
def test_check_finds_what_is_missing_where_nothing_is_loaded(engine: Engine, database_url: str) -> None:
    config = configured(engine, database_url).model_copy(update={"load": None})
    assert looked_at(config, None)["tables"] == "are read as they are"
    write_back = WriteBack(table="customers", key="customer_unique_id", column="klass")
    wrong = config.model_copy(update={"write_back": write_back})
    with pytest.raises(ConfigError, match=r"write_back\.column is klass"):
        looked_at(wrong, None)


@pytest.mark.parametrize("engine", [DUCKDB], indirect=True)
def test_check_reads_the_features_sql(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    sql = tmp_path / "features.sql"
    config = configured(engine, database_url, k="auto").model_copy(update={"features": Features(sql=sql)})
    with pytest.raises(ConfigError, match=r"features\.sql: .* cannot be read"):
        looked_at(config, shop)
    assert "--" in {finding.line.split()[0] for finding in check.findings(config, shop) if finding.name == "select"}
    sql.write_text("SELECT customer_unique_id, 1 AS monetary, 2 AS frequency, 3 AS recency_days FROM customers\n;")
    found = looked_at(config, shop)
    assert found["config"] == "2 to 10 segments by monetary and frequency"
    assert found["features"] == f"by {sql}"


def test_check_tells_what_a_run_reads_makes_and_changes(engine: Engine, database_url: str, shop: Path) -> None:
    config = configured(engine, database_url)
    found = looked_at(config, shop)
    assert found["reads"] == "the tables that features.sql names"
    assert found["changes"] == f"{', '.join(TABLES)}; customers.segment"
    run(engine, database_url, shop)
    assert looked_at(config, shop)["makes"] == "nothing: its own tables are there"
    inside = config.database.model_copy(update={"job_schema": "apart"})
    other = config.model_copy(update={"load": None, "write_back": None, "name": "second", "database": inside})
    checks = checked(other, None)
    assert checks["makes"][1].startswith("apart.second_customer_features, apart.second_customer_features_data, ")
    assert checks["changes"][1] == "none of the shop's tables"
    if engine.has_server:
        assert checks["rights"][1].startswith(engine.lacks_for_a_schema)


@pytest.mark.usefixtures("first_run")
def test_check_goes_on_after_a_failure(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """Two files with other headers; then the database, which is there, and then one that is not."""
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
    if engine.has_server:
        down = {"url": None, "host": "127.0.0.1", "port": 1, "connect_timeout": 0}
        config = config.model_copy(update={"database": config.database.model_copy(update=down)})
        found = checked(config, shop)
        assert found["database"][0] == "failed" and "127.0.0.1:1 cannot be used" in found["database"][1]
        assert {found[name][0] for name in ("config", "files", "disk")} == {"ok"}
        assert {found[name][0] for name in ("rights", "makes", "tables", "lock")} == {"--"}


@on_servers
def test_check_names_the_rights_that_are_missing(engine: Engine, database_url: str, shop: Path) -> None:
    role = urlsplit(database_url).path[1:]
    ask(engine, database_url, engine.revoke.format(role, role.replace("_", "\\_")))
    mark, text = checked(configured(engine, database_url), shop)["rights"]
    assert (mark, text.partition(";")[0]) == ("failed", f"the user lacks {engine.revoked}")


@where(lambda engine: engine.default_role)
def test_check_counts_the_rights_of_a_role(engine: Engine, database_url: str, shop: Path) -> None:
    """The user has nothing but a role by default, which has all that is needed."""
    name = urlsplit(database_url).path[1:]
    place, grantee = name.replace("_", "\\_"), engine.grantee(name)
    rights = (PRIVILEGES / engine.privileges_script).read_text()
    ask(engine, database_url, f"CREATE ROLE r_{name}")
    try:
        for granted in re.findall(r"^GRANT (.*) ON", rights, re.MULTILINE):
            ask(engine, database_url, f"GRANT {granted} ON `{place}`.* TO r_{name}")
        ask(engine, database_url, f"REVOKE ALL PRIVILEGES, GRANT OPTION FROM {grantee}")
        ask(engine, database_url, f"GRANT r_{name} TO {grantee}")
        ask(engine, database_url, engine.default_role.format(f"r_{name}", grantee))
        assert checked(configured(engine, database_url), shop)["rights"][0] == "ok"
        ask(engine, database_url, f"REVOKE ALTER ON `{place}`.* FROM r_{name}")
        assert "the user lacks ALTER;" in checked(configured(engine, database_url), shop)["rights"][1]
    finally:
        ask(engine, database_url, f"DROP ROLE r_{name}")


def test_check_finds_a_disk_that_is_too_small(
    engine: Engine, database_url: str, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "STAGED", 1e9)
    mark, text = checked(configured(engine, database_url), shop)["disk"]
    assert mark == "failed" and text.startswith(tempfile.gettempdir())


@pytest.mark.parametrize("engine", [DUCKDB], indirect=True)
def test_check_looks_at_the_folder_of_the_report(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    """A run would end well without the report, so it is no failure; and no folder is made."""
    (tmp_path / "file").touch()
    config = configured(engine, database_url)
    for folder, mark in ((tmp_path / "file" / "report", "--"), (tmp_path / "new" / "report", "ok")):
        report = config.report.model_copy(update={"folder": folder})
        load = config.load.model_copy(update={"on_error": "quarantine", "rejects": folder}) if config.load else None
        found = checked(config.model_copy(update={"report": report, "load": load}), shop)
        assert (found["report"][0], found["rejects"][0]) == (mark, mark)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("engine", [DUCKDB], indirect=True)
def test_check_makes_no_file_where_nothing_is_loaded(engine: Engine, database_url: str) -> None:
    path = Path(engine.job_place(database_url)).parent / "folder" / "shop.duckdb"
    config = configured(engine, f"{engine.scheme}://{path}").model_copy(update={"load": None})
    with pytest.raises(DatabaseError, match="does not exist"):
        looked_at(config, None)
    assert not path.parent.exists()


@pytest.mark.usefixtures("first_run")
def test_a_read_only_session_changes_nothing(engine: Engine, database_url: str) -> None:
    before = everything(engine, database_url)
    with (
        closing(connect(configured(engine, database_url), read_only=True)) as database,
        pytest.raises(DatabaseError, match=r"(?i)read.only"),
    ):
        database._run("DELETE FROM customer_segments")
    assert everything(engine, database_url) == before


def test_runs_lists_the_newest_first(engine: Engine, database_url: str, shop: Path, tmp_path: Path) -> None:
    if engine.has_server:
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
