"""The engines the tests run on. `engine` and `database_url` run a test once on each of them.

With pytest-xdist's workers (-n 2), the process that has the workers starts the servers, too. All tests of an engine run
in one worker: no two of them are at work on a server at a time, and one may change the server's settings.
"""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import execnet
import pytest
import servers
from engines import ENGINES
from engines.base import Engine
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from shop import Template

    from job.model.segments import Segment


def pytest_make_parametrize_id(val: object) -> str | None:
    return val.name if isinstance(val, Engine) else None


@pytest.fixture(scope="session", params=ENGINES.values())
def engine(request: pytest.FixtureRequest) -> Engine:
    """One of tests/engines; its server runs."""
    found: Engine = request.param
    if isinstance(servers.server(found), servers.Missing):
        pytest.skip(f"no {found.title} server; the top of this output says why")
    return found


@pytest.fixture
def database_url(engine: Engine, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a new database, for this test only; it is empty, or `first_run` is in it."""
    template = request.getfixturevalue("template").url if "first_run" in request.fixturenames else ""
    with servers.fresh_database(engine, tmp_path, template=template) as url:
        yield url


@pytest.fixture(scope="session")
def template(engine: Engine, shop: Path) -> "Iterator[Template]":
    """For copies, and to be looked at."""
    from shop import Template, run

    with servers.fresh_database(engine) as url:
        yield Template(url, run(engine, url, shop))


@pytest.fixture
def first_run(database_url: str, template: "Template") -> "list[Segment]":
    """The segments that a run on the shop has found in the test's database, which is a copy: that costs less."""
    return template.segments


@pytest.fixture(scope="session", autouse=True)
def folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The shipped configs put reports here, and what they remember, and not into the repository."""
    os.environ["REPORT_FOLDER"] = str(tmp_path_factory.mktemp("report"))
    os.environ["MEMORY_FOLDER"] = str(tmp_path_factory.mktemp("memory"))


@pytest.hookimpl(trylast=True)  # after the terminal has said how many tests there are
def pytest_collection_finish(session: pytest.Session) -> None:
    if not session.config.option.collectonly and not hasattr(session.config, "workerinput"):
        start_servers(map(group_of, session.items))


def start_servers(groups: Iterable[str]) -> None:
    """Starts the servers that the selected tests need, and names each with its version."""
    wanted = set(groups)
    try:
        found = servers.start(engine for name, engine in ENGINES.items() if name in wanted)
    except servers.ServerError as error:
        raise pytest.UsageError(str(error)) from error
    for engine, result in found.items():
        print(header_line(engine, result), flush=True)
    complaint = servers.complaint(found)
    if complaint and os.environ.get("ALLOW_MISSING_SERVERS") != "1":
        raise pytest.UsageError(complaint)


def header_line(engine: Engine, result: servers.Server | servers.Missing) -> str:
    if isinstance(result, servers.Missing):
        return f"{engine}: missing, {result.reason}"
    return f"{engine}: {engine.title} {result.version} ({result.source})"


# Workers

workers: list[Any] = []  # of pytest-xdist, in the process that has them
groups: dict[str, str] = {}  # of the tests, by node id


def group_of(item: pytest.Item) -> str:
    """What a test shares with others that run in the same worker; its own name where there is no such thing."""
    if not {"chromium", "repository"}.isdisjoint(getattr(item, "fixturenames", ())):
        return "chromium"  # with "repository", whose test takes minutes: a group begins earlier than a test by itself
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    if stack := parameters.get("stack"):
        return f"compose {stack}"
    return str(parameters.get("engine", item.nodeid))


@pytest.hookimpl(trylast=True)  # after -k has chosen
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In a worker: tells the groups to the process that has it."""
    if servers.run_folder:
        told = json.dumps({item.nodeid: group_of(item) for item in items})
        (servers.run_folder / os.environ["PYTEST_XDIST_WORKER"]).write_text(told)


def pytest_configure_node(node: Any) -> None:
    servers.run_folder = servers.run_folder or Path(tempfile.mkdtemp(prefix="clientela-test-"))
    node.workerinput["run_folder"] = str(servers.run_folder)


def pytest_testnodeready(node: Any) -> None:
    workers.append(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """In place of --dist loadgroup, which does nothing with pytest 9.2: pytest-xdist's issue 1386."""
    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = groups.__getitem__
    return scheduling


def pytest_xdist_node_collection_finished(node: Any) -> None:
    """Before any worker gets a test to run."""
    if node is workers[0]:
        assert servers.run_folder
        groups.update(json.loads((servers.run_folder / node.gateway.id).read_text()))
        start_servers(groups.values())


@pytest.hookimpl(tryfirst=True)  # pytest-xdist kills workers that need more than ten seconds to end
def pytest_sessionfinish() -> None:
    for node in workers:
        node.shutdown()
    for node in workers:
        with suppress(execnet.RemoteError, execnet.TimeoutError, EOFError):
            node.channel.waitclose(timeout=60)


# The end

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def pytest_configure(config: pytest.Config) -> None:
    for number in ENDINGS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end_run)
    if worker := getattr(config, "workerinput", None):
        servers.run_folder = Path(worker["run_folder"])


def end_run(number: int, frame: object) -> None:
    """As Ctrl-C does: through the fixtures, so that databases and servers go, too. More signals change nothing."""
    for each in ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    for node in workers:
        if not node.channel.isclosed():
            os.kill(node.gateway._rinfo().pid, signal.SIGTERM)
    raise KeyboardInterrupt(f"ended by {signal.Signals(number).name}")


def pytest_unconfigure(config: pytest.Config) -> None:
    servers.stop_all()
    if servers.run_folder and not hasattr(config, "workerinput"):
        shutil.rmtree(servers.run_folder)


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one worker writes there, the others can read."""
    return servers.run_folder or tmp_path_factory.mktemp("run")


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The CSV files of a synthetic shop of 1,500 customers."""
    from job.setup.sample import write_shop

    folder = tmp_path_factory.mktemp("data") / "shop"
    write_shop(folder, customers=1500, seed=7)
    return folder
