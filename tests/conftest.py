"""The engines the tests run on. `engine` and `database_url` run a test once on each of them."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import servers

from job.sample import write_shop


@pytest.fixture(scope="session", params=servers.ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """duckdb, postgres, mysql or mariadb; its server runs."""
    name: str = request.param
    found = servers.server(name)
    if isinstance(found, servers.Missing):
        pytest.skip(f"no {servers.NAMES[name]} server; the top of this output says why")
    return name


@pytest.fixture
def database_url(engine: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a new, empty database, for this test only."""
    with servers.fresh_database(engine, tmp_path) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def reports(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The shipped configs put reports here, and not into the repository."""
    os.environ["REPORT_FOLDER"] = str(tmp_path_factory.mktemp("report"))


@pytest.hookimpl(trylast=True)  # after the terminal has said how many tests there are
def pytest_collection_finish(session: pytest.Session) -> None:
    """Starts the servers that the selected tests need, and names each with its version."""
    wanted = {item.callspec.params.get("engine") for item in session.items if hasattr(item, "callspec")}
    engines = [engine for engine in servers.ENGINES if engine in wanted]
    if not engines or session.config.option.collectonly:
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end_run)
    try:
        found = servers.start(engines)
    except servers.ServerError as error:
        raise pytest.UsageError(str(error)) from error
    for engine, result in found.items():
        print(header_line(engine, result), flush=True)
    complaint = servers.complaint(found)
    if complaint and os.environ.get("ALLOW_MISSING_SERVERS") != "1":
        raise pytest.UsageError(complaint)


def header_line(engine: str, result: servers.Server | servers.Missing) -> str:
    if isinstance(result, servers.Missing):
        return f"{engine}: missing, {result.reason}"
    return f"{engine}: {servers.NAMES[engine]} {result.version} ({result.source})"


def end_run(number: int, frame: object) -> None:
    """As Ctrl-C does: through the fixtures, so that databases and servers go, too."""
    pytest.exit(f"ended by {signal.Signals(number).name}", returncode=128 + number)


def pytest_unconfigure() -> None:
    servers.stop_all()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CSV files of a synthetic shop of 1,500 customers."""
    folder = tmp_path_factory.mktemp("data") / "shop"
    write_shop(folder, customers=1500, seed=7)
    return folder
