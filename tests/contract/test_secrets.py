"""The password is in the config alone: in no output, traceback, table, process list or command line."""

import re
import signal
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import servers
import yaml
from shop import CONFIGS, DIALECTS, ask, everything, started

SERVERS = [engine for engine in servers.ENGINES if engine != "duckdb"]
PARTS = ("p@ss", "p%40ss", "w/rd", "w%2Frd")  # of servers.JOB_PASSWORD, as it is and in a URL
ACTIVITY = {"postgres": "SELECT * FROM pg_stat_activity", "mysql": "SHOW FULL PROCESSLIST"}
FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "wrong password": ({"password": servers.JOB_PASSWORD + "x"}, "denied|password authentication failed"),
    "no such database": ({"name": "not_there"}, "not_there"),
    "nobody listens": ({"port": 1}, "(?i)refused"),
    "unknown option": ({"options": {"nosuch": "1"}}, "nosuch"),
    "option of our own": ({"options": {"charset": "latin1", "application_name": "x", "dsn": "x"}}, "cannot be used"),
    "config without a name": ({"name": ""}, "name is missing"),
}


def hides(text: object) -> bool:
    return not any(part in str(text) for part in PARTS)


def config_file(folder: Path, engine: str, url: str, given_in: str, **changes: Any) -> Path:
    """A config that has the password in its url, its password, or a file."""
    parts = urlsplit(url)
    database: dict[str, Any] = {
        "dialect": DIALECTS[engine],
        "host": parts.hostname,
        "port": parts.port,
        "name": parts.path[1:],
        "user": parts.path[1:],
        "password": servers.JOB_PASSWORD,
        "connect_timeout": 1,
        **changes,
    }
    secret = database["password"]
    if given_in == "password_file":
        (folder / "secret").write_text(database.pop("password"))
        database["password_file"] = str(folder / "secret")
    elif given_in == "url":
        place = "{user}:{secret}@{host}:{port}/{name}".format(**database, secret=quote(secret, safe=""))
        database = {key: value for key, value in database.items() if key in ("dialect", "connect_timeout", "options")}
        database["url"] = f"{servers.SCHEMES[engine]}://{place}"
    config = yaml.safe_load((CONFIGS / f"{DIALECTS[engine]}.yaml").read_text()) | {"database": database}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


@pytest.mark.parametrize("given_in", ["url", "password", "password_file"])
@pytest.mark.parametrize("engine", SERVERS, indirect=True)
def test_a_run_shows_no_password(engine: str, database_url: str, shop: Path, tmp_path: Path, given_in: str) -> None:
    path = config_file(tmp_path, engine, database_url, given_in)
    shown = []
    with started(engine, database_url, shop, "--config", str(path), "--debug", DATABASE_URL="") as process:
        assert process.stdout and process.stderr
        for line in process.stderr:
            process.send_signal(signal.SIGSTOP)  # so that its session is there
            activity = str(ask(engine, database_url, ACTIVITY[DIALECTS[engine]]))
            shown += [line, activity, Path(f"/proc/{process.pid}/cmdline").read_text()]
            process.send_signal(signal.SIGCONT)
        shown.append(process.stdout.read())
    assert process.returncode == 0, shown
    role = urlsplit(database_url).path[1:]
    assert role in shown[1] and "job\0run" in shown[2]
    shown += [str(ask(engine, database_url, "SELECT * FROM job_runs")), str(everything(engine, database_url))]
    assert all(map(hides, shown))


@pytest.mark.parametrize("given_in", ["url", "password", "password_file"])
@pytest.mark.parametrize("engine", SERVERS, indirect=True)
def test_a_failure_shows_no_password(engine: str, database_url: str, shop: Path, tmp_path: Path, given_in: str) -> None:
    processes = {}
    with ExitStack() as running:  # all at once: most of the time goes into starting them
        for failure, log_format in product(FAILURES, ("json", "console")):
            changes, _ = FAILURES[failure]
            folder = tmp_path / failure / log_format
            folder.mkdir(parents=True)
            path = config_file(folder, engine, database_url, given_in, **changes)
            options = ("--config", str(path), "--debug", "--log-format", log_format)
            process = started(engine, database_url, shop, *options, DATABASE_URL="")
            processes[failure, log_format] = running.enter_context(process)
        said = {case: process.communicate(timeout=120) for case, process in processes.items()}
    for (failure, log_format), (output, errors) in said.items():
        process, (_, complaint) = processes[failure, log_format], FAILURES[failure]
        assert process.returncode == (2 if "config" in failure else 4), errors
        assert "Traceback" in errors and re.search(complaint, errors), failure
        assert hides(output) and hides(errors), failure
