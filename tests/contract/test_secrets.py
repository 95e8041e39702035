"""The password is in the config alone: in no output, traceback, table, process list or command line."""

import json
import os
import re
import signal
import sys
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import servers
import yaml
from engines import on_servers, one_server_for_a_dialect
from engines.base import JOB_PASSWORD, Engine
from shop import CONFIGS, ask, config_file, everything, started

PARTS = ("p@ss", "p%40ss", "w/rd", "w%2Frd")  # of JOB_PASSWORD, as it is and in a URL
FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "wrong password": ({"password": JOB_PASSWORD + "x"}, "denied|password authentication failed"),
    "no such database": ({"name": "not_there"}, "not_there"),
    "nobody listens": ({"port": 1}, "(?i)refused"),
    "unknown option": ({"options": {"nosuch": "1"}}, "nosuch"),
    "option of our own": ({"options": {"charset": "latin1", "application_name": "x", "dsn": "x"}}, "cannot be used"),
    "config without a name": ({"name": ""}, "name is missing"),
}


def hides(text: object) -> bool:
    return not any(part in str(text) for part in PARTS)


def config_with(folder: Path, engine: Engine, url: str, given_in: str, **changes: Any) -> Path:
    """A config that has the password in its url, its password, or a file."""
    parts = urlsplit(url)
    database: dict[str, Any] = {
        "dialect": engine.dialect,
        "host": parts.hostname,
        "port": parts.port,
        "name": parts.path[1:],
        "user": parts.path[1:],
        "password": JOB_PASSWORD,
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
        database["url"] = f"{engine.scheme}://{place}"
    config = yaml.safe_load(config_file(engine).read_text()) | {"database": database}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    return path


@pytest.mark.parametrize("given_in", ["url", "password", "password_file"])
@one_server_for_a_dialect
def test_a_run_shows_no_password(engine: Engine, database_url: str, shop: Path, tmp_path: Path, given_in: str) -> None:
    path = config_with(tmp_path, engine, database_url, given_in)
    shown = []
    with started(engine, database_url, shop, "--config", str(path), "--debug", DATABASE_URL="") as process:
        assert process.stdout and process.stderr
        for line in process.stderr:
            process.send_signal(signal.SIGSTOP)  # so that its session is there
            activity = str(ask(engine, database_url, engine.activity))
            shown += [line, activity, Path(f"/proc/{process.pid}/cmdline").read_text()]
            process.send_signal(signal.SIGCONT)
        shown.append(process.stdout.read())
    assert process.returncode == 0, shown
    role = urlsplit(database_url).path[1:]
    assert role in shown[1] and "job\0run" in shown[2]
    shown += [str(ask(engine, database_url, "SELECT * FROM job_runs")), str(everything(engine, database_url))]
    assert all(map(hides, shown))


# Starts the job with each case's options, all at once, and tells the exit codes. Imports would take most of the time:
# each process is a copy of one that has done them.
STARTER = """
import importlib, json, os, runpy, sys
from job import cli, config, pipeline, progress
importlib.import_module(f"job.adapters.{sys.argv[1]}")

def start(folder, options):
    if pid := os.fork():
        return pid
    for number, name in enumerate(("output", "errors"), 1):
        os.dup2(os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT), number)
    sys.argv = ["job", "run", *options]
    runpy.run_module("job", run_name="__main__", alter_sys=True)

processes = [start(*case) for case in json.load(sys.stdin)]
print([os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) for process in processes])
"""


@pytest.mark.parametrize("given_in", ["url", "password", "password_file"])
@on_servers
def test_a_failure_shows_no_password(
    engine: Engine, database_url: str, shop: Path, tmp_path: Path, given_in: str
) -> None:
    cases = []
    for failure, log_format in product(FAILURES, ("json", "console")):
        changes, _ = FAILURES[failure]
        folder = tmp_path / failure / log_format
        folder.mkdir(parents=True)
        path = config_with(folder, engine, database_url, given_in, **changes)
        options = ("--config", path, "--debug", "--log-format", log_format, "--data", shop)
        cases.append((str(folder), [str(option) for option in options]))
    result = servers.run(
        [sys.executable, "-c", STARTER, engine.dialect],
        stdin=None,
        input=json.dumps(cases),
        cwd=CONFIGS.parent,
        env={**os.environ, "DATABASE_URL": ""},
        timeout=120,
    )
    assert result.stderr == ""
    for (place, _), exit_code in zip(cases, json.loads(result.stdout), strict=True):
        failure = Path(place).parent.name
        output, errors = (Path(place, name).read_text() for name in ("output", "errors"))
        assert exit_code == (2 if "config" in failure else 4), errors
        assert "Traceback" in errors and re.search(FAILURES[failure][1], errors), failure
        assert hides(output) and hides(errors), failure
