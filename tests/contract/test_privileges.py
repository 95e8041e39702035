"""The role of deploy/privileges, which all tests of the contract run the job as, may do nothing else."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import servers
from shop import ask, configured, run

from job import pipeline
from job.progress import Steps

SERVERS = [engine for engine in servers.ENGINES if engine != "duckdb"]
POSTGRES = (
    "CREATE DATABASE mine",
    "CREATE ROLE mine",
    "CREATE SCHEMA mine",
    "ALTER SYSTEM SET work_mem = '8MB'",
    "COPY customers FROM '/etc/passwd'",
    "SELECT rolpassword FROM pg_authid",
    "SELECT * FROM theirs",
)
MYSQL = (
    "CREATE DATABASE mine",
    "CREATE USER mine",
    "SET GLOBAL max_connections = 5",
    "SELECT * FROM customers INTO OUTFILE '/tmp/customers'",
    "SELECT authentication_string FROM mysql.user",
    "CREATE VIEW mine AS SELECT 1",
    "GRANT SELECT ON customers TO CURRENT_USER",
)
STATEMENTS = {"postgres": POSTGRES, "mysql": MYSQL, "mariadb": MYSQL}
DENIED = "denied|must be superuser"


@pytest.mark.parametrize("engine", SERVERS, indirect=True)
def test_what_was_not_granted_is_denied(engine: str, database_url: str, shop: Path) -> None:
    run(engine, database_url, shop)
    ask(engine, database_url, "CREATE TABLE theirs (id INTEGER)")
    for statement in STATEMENTS[engine]:
        with pytest.raises(servers.DRIVER_ERRORS, match=DENIED):
            ask(engine, servers.job_url(database_url), statement)


@pytest.mark.parametrize("engine", SERVERS, indirect=True)
def test_another_database_is_out_of_reach(engine: str, database_url: str) -> None:
    """Even one whose name an underscore stands for, as in MySQL's grants it stands for any character."""
    name = urlsplit(database_url).path[1:]
    other = name.replace("_", "x")
    ask(engine, database_url, f"CREATE DATABASE {other}")
    try:
        ask(engine, urlsplit(database_url)._replace(path=f"/{other}").geturl(), "CREATE TABLE theirs (id INTEGER)")
        place = urlsplit(servers.job_url(database_url))._replace(path=f"/{other}")
        with pytest.raises(servers.DRIVER_ERRORS, match=DENIED):
            ask(engine, place.geturl(), "SELECT * FROM theirs")
    finally:
        ask(engine, database_url, f"DROP DATABASE {other}")


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_shops_own_tables_are_read_and_one_column_is_written(
    engine: str, database_url: str, shop: Path, tmp_path: Path
) -> None:
    """Where the tables are another role's, the script's last paragraph is enough."""
    expected = run(engine, database_url, shop)
    role = urlsplit(database_url).path[1:]
    for table in ("customer_segments", "customer_features", "segment_models", "loaded_files", "job_runs"):
        ask(engine, database_url, f"DROP TABLE {table}")
    ask(engine, database_url, f"REASSIGN OWNED BY {role} TO CURRENT_USER")
    for grant in re.findall(r"^--   (GRANT .*;)$", servers.privileges(engine, role), re.MULTILINE):
        ask(engine, database_url, grant)
    ask(engine, database_url, "UPDATE customers SET segment = NULL")
    shipped = configured(engine, database_url)
    report = shipped.report.model_copy(update={"folder": tmp_path})
    config = shipped.model_copy(update={"load": None, "report": report})
    assert pipeline.run(config, None, "no-load", Steps("json")) == expected
    page = pipeline.report(config, Steps("json"))
    assert page and "States" in page.read_text() and "Review score" not in page.read_text()  # of a table out of reach
    for statement in ("UPDATE customers SET customer_city = 'x'", "DELETE FROM orders", "SELECT * FROM sellers"):
        with pytest.raises(servers.DRIVER_ERRORS, match=DENIED):
            ask(engine, servers.job_url(database_url), statement)
