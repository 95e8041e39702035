"""The image and docker-compose.yml, in a real engine, as their user starts them.

The commands are those of docs; the image must have been built. What the database holds is asked with its own client.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from job import __version__
from job.setup.sample import write_shop

ROOT = Path(__file__).parents[2]
IMAGE = f"clientela:{__version__}"
BASE = "python:3.13-slim-bookworm"  # as docker-compose.yml has it
OLIST = Path(os.environ.get("OLIST_ZIP", ROOT.parent / "shared/data/olist/brazilian-ecommerce.zip"))
PASSWORD = "a $word%with#signs"
LABELS = "SELECT COUNT(*), COUNT(DISTINCT segment), MAX(labelled_at) FROM customer_segments"


@dataclass(frozen=True)
class Stack:
    """One database of docker-compose.yml and its job, in a project of their own."""

    database: str
    project: str = field(default_factory=lambda: f"clientela-test-{secrets.token_hex(4)}")

    @property
    def job(self) -> str:
        return {"postgres": "job", "mysql": "job-mysql"}[self.database]

    def start(self, *arguments: str, files: tuple[Path, ...] = (), **environment: str) -> "subprocess.Popen[str]":
        command = ["docker", "compose", "--project-name", self.project, "--profile", "mysql", "--progress", "quiet"]
        for file in (ROOT / "docker-compose.yml", *files):
            command += ["--file", str(file)]
        passwords = {"POSTGRES_PASSWORD": PASSWORD, "MYSQL_PASSWORD": PASSWORD}
        return subprocess.Popen(
            [*command, *arguments],
            cwd=ROOT,
            env={**os.environ, **passwords, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def compose(self, *arguments: str, files: tuple[Path, ...] = (), **environment: str) -> tuple[int, str]:
        """The exit code and all output."""
        with self.start(*arguments, files=files, **environment) as process:
            output, _ = process.communicate(timeout=600)
        return process.returncode, output

    def ask(self, statement: str) -> list[list[str]]:
        """The rows, from the client beside the server."""
        client = {
            "postgres": ["psql", "-U", "clientela", "-AtF", "\t", "-c", statement],
            "mysql": ["sh", "-c", 'MYSQL_PWD=$MYSQL_PASSWORD mysql -uclientela -NB clientela -e "$0"', statement],
        }[self.database]
        code, output = self.compose("exec", "-T", self.database, *client)
        assert code == 0, output
        return [line.split("\t") for line in output.splitlines()]


@pytest.fixture(scope="module", params=["postgres", "mysql"])
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """The database up and the synthetic shop segmented, from nothing, by the command in the README."""
    stack = Stack(request.param)
    try:
        code, output = stack.compose("up", stack.job)
        assert f"{stack.job}-1 exited with code 0" in output, output
        assert code == 0
        yield stack
    finally:
        stack.compose("down", "--volumes", "--timeout", "1")


# What the server has no part in
on_one = pytest.mark.parametrize("stack", ["postgres"], indirect=True, scope="module")


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout


# The image


def test_the_image_says_what_it_is() -> None:
    [image] = json.loads(docker("image", "inspect", IMAGE))
    config = image["Config"]
    assert config["User"] == "10001:10001"
    assert config["Entrypoint"] == ["python", "-m", "job"]
    assert config["Cmd"] == ["run", "--config", "config/postgres.yaml"]
    assert "PYTHONUNBUFFERED=1" in config["Env"]
    assert config["Labels"]["org.opencontainers.image.version"] == __version__
    assert config["Labels"]["org.opencontainers.image.title"] == "Clientela"


def test_the_image_holds_no_tools_to_build_with_and_no_secrets() -> None:
    script = "command -v gcc cc make; ls -A /root/.cache /tmp; grep clientela /etc/passwd; cd /app; ls -A"
    listed = docker("run", "--rm", "--user", "0", "--entrypoint", "sh", IMAGE, "-c", f"{script}; true").split()
    assert listed == [
        "/tmp:",
        "clientela:x:10001:10001::/tmp:/usr/sbin/nologin",
        "config",
        "job",
        "sql",
        "var",
    ]


def test_the_build_context_is_small_and_code_does_not_rebuild_the_dependencies(tmp_path: Path) -> None:
    copy = tmp_path / "clientela"
    ours = (".git", ".venv", "var", ".*_cache", ".hypothesis", "__pycache__")  # may change while they are copied
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*ours))
    (copy / "heavy.bin").write_bytes(bytes(3_000_000))
    with (copy / "job" / "cli.py").open("a") as file:
        file.write(f"# {secrets.token_hex()}\n")
    result = subprocess.run(
        ["docker", "build", "--build-arg", f"BASE_IMAGE={BASE}", "--progress", "plain", str(copy)],
        capture_output=True,
        text=True,
        check=True,
    )
    sizes = re.findall(r"transferring context: ([\d.]+)(B|kB|MB)(?: [\d.]+s)? done", result.stderr)
    assert max(float(size) * {"B": 1, "kB": 1_000, "MB": 1_000_000}[unit] for size, unit in sizes) < 2_000_000
    step = re.search(r"^(#\d+) .*RUN python -m venv", result.stderr, re.MULTILINE)
    assert step and f"\n{step[1]} CACHED" in result.stderr
    step = re.search(r"^(#\d+) .*COPY job job", result.stderr, re.MULTILINE)
    assert step and f"\n{step[1]} CACHED" not in result.stderr


def test_threads_follow_the_cpu_limit() -> None:
    count = (
        "import job.__main__, numpy, duckdb, threadpoolctl;"
        "print(duckdb.sql(\"SELECT current_setting('threads')\").fetchall()[0][0],"
        "*[pool['num_threads'] for pool in threadpoolctl.threadpool_info()])"
    )
    limited = ["run", "--rm", "--cpus", "1", "--entrypoint", "python", IMAGE, "-c", count]
    assert docker(*limited).split() == ["1", "1"]


# Compose


def test_labels_are_there_and_a_second_run_keeps_them(stack: Stack) -> None:
    [before] = stack.ask(LABELS)
    assert before[:2] == ["19757", "5"]
    assert stack.ask("SELECT COUNT(*) FROM customers WHERE segment IS NOT NULL") == [["20548"]]
    code, output = stack.compose("run", "--rm", stack.job)
    assert code == 0, output
    assert "unchanged" in output and "one order" in output
    assert stack.ask(LABELS) == [before]


def test_the_job_has_no_rights_that_it_does_not_need(stack: Stack) -> None:
    container = stack.compose("ps", "--all", "--quiet", stack.job)[1].strip()
    [found] = json.loads(docker("inspect", container))
    host = found["HostConfig"]
    assert (host["ReadonlyRootfs"], host["CapDrop"], host["Privileged"]) == (True, ["ALL"], False)
    assert list(found["NetworkSettings"]["Networks"]) == [f"{stack.project}_database"]
    assert json.loads(docker("network", "inspect", f"{stack.project}_database"))[0]["Internal"] is True
    script = "exec 2>&1; id -u; grep CapEff /proc/self/status; touch /app/job/x /data/x /x"
    code, output = stack.compose("run", "--rm", "--no-deps", "--entrypoint", "sh", stack.job, "-c", script)
    assert code != 0
    assert output.split()[:3] == ["10001", "CapEff:", "0000000000000000"]
    assert output.count("Read-only file system") == 3


def test_the_job_connects_as_a_role_that_may_do_no_more_than_it_must(stack: Stack) -> None:
    """And nobody logs in as the administrator from outside, by the job's password or another."""
    if stack.database == "postgres":
        rights = "rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication"
        assert stack.ask(f"SELECT {rights} FROM pg_roles WHERE rolname = current_user") == [["f"] * 5]
        assert stack.ask("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'") == [["clientela"]]
        client = f"PGPASSWORD='{PASSWORD}' psql --host 127.0.0.1 --username postgres --command 'SELECT 1' clientela"
    else:
        grants = " ".join(row[0] for row in stack.ask("SHOW GRANTS"))
        assert "ALL PRIVILEGES" not in grants and "GRANT USAGE ON *.*" in grants and "TRIGGER" not in grants
        assert all(right in grants for right in ("CREATE VIEW", "CREATE TEMPORARY TABLES", "REFERENCES"))
        client = f"MYSQL_PWD='{PASSWORD}' mysql --host 127.0.0.1 --user root --execute 'SELECT 1'"
    code, output = stack.compose("exec", "-T", stack.database, "sh", "-c", client)
    assert code != 0 and ("authentication failed" in output or "denied" in output or "not allowed" in output), output


def test_a_wrong_password_is_told_at_once(stack: Stack) -> None:
    variable = f"{stack.database.upper()}_PASSWORD"
    code, output = stack.compose("run", "--rm", "--no-deps", "--env", f"{variable}=wrong", stack.job)
    assert code == 4
    assert f"at {stack.database}:" in output and "cannot be used" in output and "waiting" not in output
    assert PASSWORD not in output and "wrong" not in output


def test_missing_data_is_told(stack: Stack, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    code, output = stack.compose("run", "--rm", stack.job, DATA=str(tmp_path))
    assert code == 3
    assert "error: /data-given lacks olist_customers_dataset.csv" in output
    code, _ = stack.compose("up", "--exit-code-from", stack.job, stack.job, DATA=str(tmp_path))
    assert code == 3
    code, output = stack.compose("run", "--rm", stack.job, DATA=str(tmp_path / "missing.zip"))
    assert code != 0 and "missing.zip" in output
    assert not (tmp_path / "missing.zip").exists()


def test_any_command_runs(stack: Stack) -> None:
    code, output = stack.compose("run", "--rm", stack.job, "check")
    assert code == 0 and re.search(r"^ok +tables +hold what the files hold", output, re.MULTILINE), output
    code, output = stack.compose("run", "--rm", stack.job, "runs")
    assert code == 0 and " done " in output


def test_passwords_may_come_as_secrets(stack: Stack, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o444)
    place = tmp_path / "place.yml"
    place.write_text(f"secrets: {{postgres_password: {{file: {secret}}}, mysql_password: {{file: {secret}}}}}")
    files = (ROOT / "docker-compose.secrets.yml", place)
    other = Stack(stack.database)
    try:
        code, output = other.compose("run", "--rm", other.job, files=files, POSTGRES_PASSWORD="", MYSQL_PASSWORD="")
        assert code == 0, output
        [container] = other.compose("ps", "--quiet", other.database)[1].split()
        assert PASSWORD not in docker("inspect", container)
    finally:
        other.compose("down", "--volumes", "--timeout", "1")


def test_sigterm_in_the_middle_leaves_the_database_as_it_was(stack: Stack, tmp_path: Path) -> None:
    before = stack.ask(LABELS)
    write_shop(tmp_path / "shop", customers=30_000, seed=2)  # 60,000: now and then, MySQL took over 8 s to roll back
    name = f"{stack.project}-killed"
    with stack.start("run", "--name", name, stack.job, DATA=str(tmp_path / "shop")) as process:
        assert process.stdout
        assert any("copied" in line for line in process.stdout), "the load did not begin"
        docker("stop", "-t", "10", name)
        output = process.stdout.read()
    assert docker("inspect", "--format", "{{.State.ExitCode}}", name).strip() == "143", output
    docker("rm", name)
    assert "error: ended by SIGTERM; what was not committed is rolled back" in output
    assert stack.ask("SELECT status FROM job_runs ORDER BY started_at DESC LIMIT 1") == [["interrupted"]]
    assert stack.ask(LABELS) == before
    assert stack.ask("SELECT COUNT(*) FROM customers") == [["20792"]]


@on_one
def test_a_database_that_comes_up_20_seconds_late_is_waited_for(stack: Stack) -> None:
    stack.compose("stop", stack.database)
    with stack.start("run", "--rm", "--no-deps", stack.job) as process:
        assert process.stdout
        began = None
        for line in process.stdout:
            if "waiting" in line:
                began = began or time.monotonic()
            if began and time.monotonic() - began >= 20:
                break
        stack.compose("up", "--detach", stack.database)
        output = process.stdout.read()
    assert process.returncode == 0, output
    assert "unchanged" in output


@on_one
@pytest.mark.skipif(not OLIST.exists(), reason="no Olist data: set OLIST_ZIP to its .zip")
def test_512_megabytes_are_enough_for_the_whole_olist(stack: Stack, tmp_path: Path) -> None:
    limit = tmp_path / "limit.yml"
    limit.write_text(f"services: {{{stack.job}: {{mem_limit: 512m, memswap_limit: 512m}}}}")
    code, output = stack.compose("run", "--rm", stack.job, files=(limit,), DATA=str(OLIST))
    assert code == 0, output
    assert stack.ask("SELECT COUNT(*), COUNT(DISTINCT segment) FROM customer_segments") == [["94990", "5"]]
    assert stack.ask("SELECT SUM(monetary) FROM customer_features") == [["15739137.01"]]
