"""The pod of the CronJob, run by a pod engine: with its ConfigMap, Secret, volumes, security context and limits.

Podman knows no CronJob, so what the CronJob makes is taken out of it as Kubernetes would. The database is on this
machine, and the pod shares its network, as 127.0.0.1 is where the tests' servers are.
"""

import base64
import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from engines import where
from engines.base import Engine
from shop import ask

from job import __version__
from job.setup.sample import write_shop

KUBERNETES = Path(__file__).parents[2] / "deploy/kubernetes"
IMAGE = f"clientela:{__version__}"
LABELS = "SELECT COUNT(*), COUNT(DISTINCT segment), MAX(labelled_at) FROM customer_segments"
Document = dict[str, Any]


def call(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@cache
def lacking() -> str:
    """What the tests need and this machine has not; empty: nothing."""
    if lacks := [program for program in ("podman", "docker", "kubectl", "psql") if not shutil.which(program)]:
        return f"no {' and no '.join(lacks)} on this machine"
    for program in ("podman", "docker"):
        if call(program, "info").returncode:
            return f"{program}: no engine answers"
    built = call("docker", "image", "inspect", IMAGE)
    return f"{IMAGE} is not built: make image" if built.returncode else ""


@pytest.fixture(scope="module", autouse=True)
def _settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    if reason := lacking():
        pytest.skip(reason)
    limits = tmp_path_factory.mktemp("podman") / "containers.conf"
    limits.write_text('[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n')
    os.environ["CONTAINERS_CONF"] = str(limits)  # what it sets otherwise is more than some machines allow
    image = call("docker", "image", "inspect", "--format", "{{.Id}}", IMAGE).stdout.strip()
    if podman("image", "inspect", "--format", "sha256:{{.Id}}", f"localhost/{IMAGE}", code=None).strip() != image:
        with subprocess.Popen(["docker", "save", IMAGE], stdout=subprocess.PIPE) as saved:
            subprocess.run(["podman", "load", "--quiet"], stdin=saved.stdout, capture_output=True, check=True)


def podman(*arguments: str, code: int | None = 0) -> str:
    done = call("podman", *arguments)
    assert code is None or done.returncode == code, f"{arguments}: {done.stdout}{done.stderr}"
    return str(done.stdout + done.stderr)


@cache
def takes_plain_secrets() -> bool:
    """Podman 4.3 mounts what a Secret has as it stands; later ones decode it as Kubernetes does."""
    return podman("version", "--format", "{{.Client.Version}}").startswith("4.3.")


class Pods:
    """Pods of the CronJob on one database, with volumes of their own."""

    def __init__(self, url: str, folder: Path) -> None:
        self.place, self.folder = urlsplit(url), folder
        self.name = f"clientela-test-{secrets.token_hex(4)}"
        self.container = f"{self.name}-clientela"
        self.played = folder / "pod.yaml"
        rendered = call("kubectl", "kustomize", str(KUBERNETES)).stdout
        documents = {document["kind"]: document for document in yaml.safe_load_all(rendered)}
        self.config: Document = documents["ConfigMap"]
        self.template: Document = documents["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]
        self.made: list[str] = []
        self.followed: list[subprocess.Popen[str]] = []

    def volume(self, name: str) -> Path:
        podman("volume", "create", f"{self.name}-{name}")
        self.made.append(f"{self.name}-{name}")
        return Path(podman("volume", "inspect", "--format", "{{.Mountpoint}}", f"{self.name}-{name}").strip())

    def start(self, password: str, csvs: str, tmp: str = "") -> None:
        """Play the pod. csvs, tmp: names of volumes; no tmp: as the CronJob has it."""
        self.end()
        data = {"password": password if takes_plain_secrets() else base64.b64encode(password.encode()).decode()}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{self.name}-secret"}, "data": data}
        (self.folder / "secret.yaml").write_text(yaml.safe_dump(secret))
        podman("secret", "rm", f"{self.name}-secret", code=None)
        podman("secret", "create", f"{self.name}-secret", str(self.folder / "secret.yaml"))
        spec: Document = json.loads(json.dumps(self.template["spec"]))
        [container] = spec["containers"]
        container["image"] = f"localhost/{IMAGE}"
        address = {"HOST": self.place.hostname, "PORT": self.place.port, "DB": self.place.path[1:]}
        given = {f"POSTGRES_{key}": str(value) for key, value in address.items()}
        given |= {"POSTGRES_USER": unquote(self.place.username or ""), "DATABASE_CONNECT_TIMEOUT": "5"}
        container["env"] = [entry for entry in container["env"] if entry["name"] not in given]
        container["env"] += [{"name": name, "value": value} for name, value in given.items()]
        for volume in spec["volumes"]:
            if "secret" in volume:
                volume["secret"] |= {"secretName": f"{self.name}-secret", "optional": False}
            elif volume["name"] == "csvs" or (volume["name"] == "tmp" and tmp):
                claim = f"{self.name}-{csvs if volume['name'] == 'csvs' else tmp}"
                volume.pop("emptyDir", None)
                volume["persistentVolumeClaim"] = {"claimName": claim}
        metadata = {"name": self.name, "labels": self.template["metadata"]["labels"]}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
        self.played.write_text(yaml.safe_dump_all([self.config, pod]))
        podman("kube", "play", "--network", "host", str(self.played))

    def run(self, password: str, csvs: str, tmp: str = "") -> tuple[int, str]:
        """The exit code, and the log."""
        self.start(password, csvs, tmp)
        code = int(podman("wait", self.container).split()[-1])
        return code, podman("logs", self.container)

    def follow(self, *command: str) -> Iterator[str]:
        """What a command on the container prints, line by line, from now on."""
        arguments = ["podman", *command, self.container]
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.followed.append(process)
        assert process.stdout
        return iter(process.stdout)

    def end(self) -> None:
        if self.played.exists():
            podman("kube", "down", str(self.played), code=None)
            for kept in (self.config["metadata"]["name"], f"{self.name}-secret"):  # as they were, for the next pod
                podman("volume", "rm", "--force", kept, code=None)

    def close(self) -> None:
        self.end()
        for process in self.followed:
            process.kill()
            process.communicate()
        for volume in self.made:
            podman("volume", "rm", "--force", volume, code=None)
        podman("secret", "rm", f"{self.name}-secret", code=None)


@pytest.fixture
def pods(engine: Engine, database_url: str, tmp_path: Path) -> Iterator[Pods]:
    found = Pods(engine.job_place(database_url), tmp_path)
    try:
        yield found
    finally:
        found.close()


def fill(volume: Path, customers: int, seed: int) -> None:
    write_shop(volume, customers=customers, seed=seed)
    for path in (volume, *volume.iterdir()):
        path.chmod(0o755)


def psql(url: str, statement: str) -> list[list[str]]:
    done = call("psql", "--dbname", url, "-AtF", "\t", "--command", statement)
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


@where(lambda engine: engine.name == "postgres")
def test_the_pod_of_the_cronjob_runs(engine: Engine, database_url: str, pods: Pods) -> None:
    password = unquote(pods.place.password or "")
    fill(pods.volume("csvs"), customers=2_000, seed=1)

    code, log = pods.run("wrong", "csvs")
    assert code == 4 and "cannot be used" in log and "wrong" not in log.replace("is wrong", "")

    full = str(pods.volume("full"))
    mounted = call("mount", "-t", "tmpfs", "-o", "size=64k,mode=1777", "tmpfs", full)
    assert mounted.returncode == 0, mounted.stderr
    try:
        code, log = pods.run(password, "csvs", "full")
        pods.end()
    finally:
        call("umount", "--lazy", full)
    assert code == 4 and "the disk is full" in log, log

    code, log = pods.run(password, "csvs")
    assert code == 0, log
    [before] = psql(database_url, LABELS)
    assert int(before[0]) > 1_900 and before[1] == "5"
    [found] = json.loads(podman("inspect", pods.container))
    assert (found["HostConfig"]["ReadonlyRootfs"], found["HostConfig"]["Memory"]) == (True, 512 * 1024 * 1024)
    assert not found["EffectiveCaps"] and found["Config"]["User"] == "10001:10001"
    assert "no-new-privileges" in found["HostConfig"]["SecurityOpt"] and not found["State"]["OOMKilled"]

    fill(pods.volume("larger"), customers=20_000, seed=2)
    pods.start(password, "larger")
    following, waiting = pods.follow("logs", "--follow"), pods.follow("wait")
    assert any("copied" in line for line in following), "the load did not begin"
    # As a kubelet ends a pod; of itself, podman 4.3's `kube down` kills.
    podman("pod", "stop", "--time", str(pods.template["spec"]["terminationGracePeriodSeconds"]), pods.name)
    assert next(waiting).strip() == "143"
    podman("kube", "down", str(pods.played))
    assert psql(database_url, "SELECT status FROM job_runs ORDER BY started_at DESC LIMIT 1") == [["interrupted"]]
    assert psql(database_url, LABELS) == [before]
    assert ask(engine, database_url, "SELECT COUNT(*) FROM orders")[0][0] < 20_000
