"""The role of deploy/privileges, which all tests of the contract run the job as, may do nothing else."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from engines import on_servers, where
from engines.base import Engine
from shop import ask, configured

from job import pipeline
from job.model.segments import Segment
from job.progress import Steps

DENIED = "denied|must be superuser"


@pytest.mark.usefixtures("first_run")
@on_servers
def test_what_was_not_granted_is_denied(engine: Engine, database_url: str) -> None:
    ask(engine, database_url, "CREATE TABLE theirs (id INTEGER)")
    for statement in engine.forbidden:
        with pytest.raises(engine.driver_error, match=DENIED):
            ask(engine, engine.job_place(database_url), statement)


@on_servers
def test_another_database_is_out_of_reach(engine: Engine, database_url: str) -> None:
    """Even one whose name an underscore stands for, as in MySQL's grants it stands for any character."""
    name = urlsplit(database_url).path[1:]
    other = name.replace("_", "x")
    ask(engine, database_url, f"CREATE DATABASE {other}")
    try:
        ask(engine, urlsplit(database_url)._replace(path=f"/{other}").geturl(), "CREATE TABLE theirs (id INTEGER)")
        place = urlsplit(engine.job_place(database_url))._replace(path=f"/{other}")
        with pytest.raises(engine.driver_error, match=DENIED):
            ask(engine, place.geturl(), "SELECT * FROM theirs")
    finally:
        ask(engine, database_url, f"DROP DATABASE {other}")


@where(lambda engine: engine.rights_by_table)
def test_a_shops_own_tables_are_read_and_one_column_is_written(
    engine: Engine, database_url: str, first_run: list[Segment], tmp_path: Path
) -> None:
    """Where the tables are another role's, the script's last paragraph is enough."""
    role = urlsplit(database_url).path[1:]
    for view in ("customer_features", "customer_moves"):
        ask(engine, database_url, f"DROP VIEW {view} CASCADE")
    features = ("customer_features_data", "customer_features_as_of")
    of_features = ("rfm_cuts", "rfm_groups", "value_cells", "value_as_of", "value_forecasts")
    labels = ("customer_segments", "customer_segment_changes", "segment_models")
    for table in (*features, *of_features, *labels, "loaded_files", "job_runs"):
        ask(engine, database_url, f"DROP TABLE {table}")
    ask(engine, database_url, f"REASSIGN OWNED BY {role} TO CURRENT_USER")
    for grant in re.findall(r"^--   (GRANT .*;)$", engine.privileges(role), re.MULTILINE):
        ask(engine, database_url, grant)
    ask(engine, database_url, "UPDATE customers SET segment = NULL")
    shipped = configured(engine, database_url)
    report = shipped.report.model_copy(update={"folder": tmp_path})
    config = shipped.model_copy(update={"load": None, "report": report})
    assert pipeline.run(config, None, "no-load", Steps("json")) == first_run
    page = pipeline.report(config, Steps("json"))
    assert page and "States" in page.read_text() and "Review score" not in page.read_text()  # of a table out of reach
    for statement in ("UPDATE customers SET customer_city = 'x'", "DELETE FROM orders", "SELECT * FROM sellers"):
        with pytest.raises(engine.driver_error, match=DENIED):
            ask(engine, engine.job_place(database_url), statement)
