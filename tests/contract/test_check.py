"""`check` says what a run would find, `runs` what the last ones did; neither changes anything."""

from contextlib import closing
from pathlib import Path

import pytest
import servers
from shop import DIALECTS, ask, changed, configured, everything, run

from job import check, runs
from job.adapters import connect
from job.config import Features, WriteBack
from job.errors import ConfigError, DatabaseError, DataError

PAYMENTS = "olist_order_payments_dataset.csv"


def findings(engine: str, url: str, data: Path) -> dict[str, str]:
    return dict(check.findings(configured(engine, url), data))


def test_check_finds_an_empty_database_and_leaves_it_empty(engine: str, database_url: str, shop: Path) -> None:
    found = findings(engine, database_url, shop)
    assert found["config"] == "5 segments by monetary and frequency"
    assert found["files"] == "9 to load"
    if engine == "duckdb":
        assert found["database"] == f"{database_url.removeprefix('duckdb://')} will be made"
        assert not Path(database_url.removeprefix("duckdb://")).exists()
    else:
        assert found["database"].startswith(servers.NAMES[engine])
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
    assert dict(check.findings(config, None))["tables"] == "are read as they are"
    write_back = WriteBack(table="customers", key="customer_unique_id", column="klass")
    wrong = config.model_copy(update={"write_back": write_back})
    with pytest.raises(ConfigError, match=r"write_back\.column is klass"):
        dict(check.findings(wrong, None))


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_check_reads_the_features_sql(engine: str, database_url: str, shop: Path, tmp_path: Path) -> None:
    sql = tmp_path / "features.sql"
    config = configured(engine, database_url, k="auto").model_copy(update={"features": Features(sql=sql)})
    with pytest.raises(ConfigError, match=r"features\.sql: .* cannot be read"):
        dict(check.findings(config, shop))
    sql.write_text("SELECT 1\n;")
    found = dict(check.findings(config, shop))
    assert found["config"] == "2 to 10 segments by monetary and frequency"
    assert found["features"] == f"by {sql}"


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_check_makes_no_file_where_nothing_is_loaded(engine: str, database_url: str) -> None:
    path = Path(database_url.removeprefix("duckdb://")).parent / "folder" / "shop.duckdb"
    config = configured(engine, f"duckdb://{path}").model_copy(update={"load": None})
    with pytest.raises(DatabaseError, match="does not exist"):
        dict(check.findings(config, None))
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
            assert runs.recent(database, 20) == []
    segments = run(engine, database_url, shop)
    bad = changed(shop, tmp_path, PAYMENTS, lambda text: text.replace(",1,", ",one,", 1))
    with pytest.raises(DataError):
        run(engine, database_url, bad)
    ask(engine, database_url, "UPDATE job_runs SET started_at = '2020-01-01' WHERE status = 'done'")
    with closing(connect(configured(engine, database_url), read_only=True)) as database:
        failed, done = runs.recent(database, 20)
        assert runs.recent(database, 1) == [failed]
    assert (failed["status"], failed["figures"]) == ("failed", {})
    assert failed["error"].startswith(f"{PAYMENTS}:2:payment_sequential: ")
    assert (done["status"], done["error"]) == ("done", None)
    assert done["figures"]["customers"] == sum(segment.customers for segment in segments)
