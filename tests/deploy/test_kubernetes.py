"""The Kubernetes manifests, rendered as `kubectl apply -k` renders them, and held against what the job is and needs.

No cluster is asked: the schemas are those of kubernetes-validate.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from pathlib import Path, PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import kubernetes_validate
import pytest
import typer.main
import yaml
from cronsim import CronSim, CronSimError

from job import __version__, config, errors
from job.adapters.settings import ServerSettings
from job.cli import app

REPOSITORY = Path(__file__).parents[2]
KUBERNETES = REPOSITORY / "deploy" / "kubernetes"
FOLDERS = [KUBERNETES, *sorted((KUBERNETES / "overlays").iterdir())]
EXAMPLES = [KUBERNETES / "secret.example.yaml", KUBERNETES / "upload.yaml"]
VERSION = __version__
USER = 10001
WORKING_DIRECTORY = PurePosixPath("/app")
ROLLBACK_SECONDS = 10
MEBIBYTES_ALLOWED = 512
# The Pod Security Standards' "restricted" profile allows these sources and no others.
RESTRICTED_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
POD_SECURITY = "pod-security.kubernetes.io"
# What a Job does with a pod that ended with such an error; Count: try again, backoffLimit times.
ACTIONS = {
    errors.ClientelaError: "Count",
    errors.ConfigError: "FailJob",
    errors.DataError: "FailJob",
    errors.DatabaseError: "Count",
    errors.LockedError: "Count",
}

Document = dict[str, Any]


@dataclass(frozen=True)
class Overlay:
    """A folder's rendered documents."""

    dialect: str
    in_database: bool
    documents: list[Document]

    def one(self, kind: str) -> Document:
        [found] = [document for document in self.documents if document["kind"] == kind]
        return found

    @property
    def job(self) -> Document:
        spec: Document = self.one("CronJob")["spec"]["jobTemplate"]["spec"]
        return spec

    @property
    def pod(self) -> Document:
        spec: Document = self.job["template"]["spec"]
        return spec

    @property
    def container(self) -> Document:
        [container] = self.pod["containers"]
        found: Document = container
        return found

    @property
    def env(self) -> dict[str, str]:
        return {entry["name"]: entry["value"] for entry in self.container["env"]}

    @property
    def mounts(self) -> dict[str, Document]:
        return {mount["name"]: mount for mount in self.container["volumeMounts"]}

    @property
    def volumes(self) -> dict[str, Document]:
        return {volume["name"]: volume for volume in self.pod["volumes"]}


@cache
def renderer() -> list[str]:
    for program, verb in (("kubectl", "kustomize"), ("kustomize", "build")):
        if path := shutil.which(program):
            return [path, verb]
    pytest.fail("neither kubectl nor kustomize is on the PATH; https://kubernetes.io/docs/tasks/tools/ has kubectl")


@cache
def render(folder: Path) -> list[Document]:
    done = subprocess.run([*renderer(), str(folder)], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "deprecated" not in done.stderr, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def overlay(request: pytest.FixtureRequest) -> Overlay:
    folder: Path = request.param
    name = "postgres" if folder == KUBERNETES else folder.name
    return Overlay(name.partition("-")[0], name.endswith("-in-database"), render(folder))


def read_yaml(path: Path) -> Document:
    found: Document = yaml.safe_load(path.read_text())
    return found


# Whole


def test_there_are_four_overlays() -> None:
    expected = {"postgres", "mysql", "postgres-in-database", "mysql-in-database"}
    assert {folder.name for folder in FOLDERS[1:]} == expected


def test_every_document_is_what_kubernetes_knows(overlay: Overlay) -> None:
    for document in overlay.documents:
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_what_kubernetes_knows(path: Path) -> None:
    kubernetes_validate.validate(read_yaml(path), kubernetes_validate.latest_version(), strict=True)


def test_the_namespace_comes_first_and_holds_all_the_rest(overlay: Overlay) -> None:
    namespace, *others = overlay.documents
    assert namespace["kind"] == "Namespace"
    labels = namespace["metadata"]["labels"]
    assert {labels[f"{POD_SECURITY}/{mode}"] for mode in ("enforce", "warn", "audit")} == {"restricted"}
    assert {labels[f"{POD_SECURITY}/{mode}-version"] for mode in ("warn", "audit")} == {"latest"}
    assert re.fullmatch(r"v1\.\d+", labels[f"{POD_SECURITY}/enforce-version"])
    kinds = ["ConfigMap", "CronJob", "NetworkPolicy", "ServiceAccount"]
    assert sorted(document["kind"] for document in others) == (
        kinds if overlay.in_database else sorted([*kinds, "PersistentVolumeClaim"])
    )
    for document in [*others, *map(read_yaml, EXAMPLES)]:
        assert document["metadata"]["namespace"] == namespace["metadata"]["name"], document["kind"]


def test_the_default_is_postgres_with_csvs() -> None:
    assert render(KUBERNETES) == render(KUBERNETES / "overlays" / "postgres")


def test_version_and_labels(overlay: Overlay) -> None:
    assert overlay.container["image"] == f"clientela:{VERSION}"
    assert read_yaml(KUBERNETES / "upload.yaml")["spec"]["containers"][0]["image"] == f"clientela:{VERSION}"
    cronjob = overlay.one("CronJob")
    for labelled in (cronjob, cronjob["spec"]["jobTemplate"], overlay.job["template"]):
        labels = labelled["metadata"]["labels"]
        assert labels["app.kubernetes.io/version"] == VERSION
        assert labels["app.kubernetes.io/name"] == "clientela"
        assert labels["app.kubernetes.io/component"] == "segmentation"


# When


def starts(spec: Document, count: int) -> list[datetime]:
    """The next starts of a CronJob, in its own time zone. Raises ValueError for what Kubernetes would not take."""
    if len(spec["schedule"].split()) != 5:
        raise ValueError(f"{spec['schedule']}: Kubernetes takes five fields")
    try:
        zone = ZoneInfo(spec["timeZone"])
        return list(islice(CronSim(spec["schedule"], datetime(2026, 1, 31, tzinfo=zone)), count))
    except (CronSimError, ZoneInfoNotFoundError) as error:
        raise ValueError(f"{spec['schedule']}, {spec['timeZone']}: {error}") from error


def test_it_starts_once_a_night(overlay: Overlay) -> None:
    spec = overlay.one("CronJob")["spec"]
    found = starts(spec, 5)
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(days=1)}
    assert {start.hour for start in found} <= set(range(6))
    assert not spec.get("suspend")


@pytest.mark.parametrize(
    "change",
    [
        {"schedule": "61 25 * * *"},
        {"schedule": "15 3 * *"},
        {"schedule": "0 15 3 * * *"},
        {"schedule": "nightly"},
        {"timeZone": "America/Sao_Pedro"},
    ],
    ids=str,
)
def test_nonsense_schedules_are_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        starts({"schedule": "15 3 * * *", "timeZone": "Etc/UTC", **change}, 1)


def test_one_run_at_a_time_and_none_without_an_end(overlay: Overlay) -> None:
    cronjob = overlay.one("CronJob")["spec"]
    assert cronjob["concurrencyPolicy"] == "Forbid"
    assert 100 < cronjob["startingDeadlineSeconds"] < 86_400  # the controller looks every 10 s: not too few
    assert 0 < overlay.job["activeDeadlineSeconds"] < 86_400
    assert overlay.job["ttlSecondsAfterFinished"] > 0
    assert cronjob["successfulJobsHistoryLimit"] > 0
    assert cronjob["failedJobsHistoryLimit"] > 0
    assert overlay.pod["restartPolicy"] == "Never"
    assert overlay.pod["terminationGracePeriodSeconds"] > ROLLBACK_SECONDS


# How it ends


def action(rules: list[Document], exit_code: int, conditions: dict[str, str] | None = None) -> str:
    """What the Job controller does with a failed pod: the first rule that fits; without one the failure counts."""
    for rule in rules:
        if codes := rule.get("onExitCodes"):
            fits = (exit_code in codes["values"]) == (codes["operator"] == "In")
        else:
            fits = any(
                (conditions or {}).get(pattern["type"]) == pattern.get("status", "True")
                for pattern in rule["onPodConditions"]
            )
        if fits:
            return str(rule["action"])
    return "Count"


def test_only_what_can_mend_itself_is_tried_again(overlay: Overlay) -> None:
    assert {errors.ClientelaError, *errors.ClientelaError.__subclasses__()} == ACTIONS.keys()
    rules = overlay.job["podFailurePolicy"]["rules"]
    for error, expected in ACTIONS.items():
        assert action(rules, error.exit_code) == expected, error
    assert action(rules, 137) == action(rules, 143) == "Count"
    assert action(rules, 143, {"DisruptionTarget": "True"}) == "Ignore"
    assert 1 <= overlay.job["backoffLimit"] <= 5
    for rule in rules:
        assert rule.get("onExitCodes", {}).get("containerName", overlay.container["name"]) == overlay.container["name"]


# What it may


def check_restricted(pod: Document) -> None:
    """Assert what the Pod Security Standards' "restricted" profile asks for, and a little more."""
    context = pod["securityContext"]
    assert context["runAsNonRoot"] is True
    assert (context["runAsUser"], context["runAsGroup"], context["fsGroup"]) == (USER, USER, USER)
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"sysctls", "supplementalGroups"} & context.keys()
    assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers", "initContainers"} & pod.keys()
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "hostPort" not in str(container)
    for volume in pod["volumes"]:
        assert volume.keys() - {"name"} <= RESTRICTED_VOLUMES, volume["name"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False


def test_the_job_fits_the_restricted_profile(overlay: Overlay) -> None:
    check_restricted(overlay.pod)


def test_the_upload_pod_fits_the_restricted_profile() -> None:
    check_restricted(read_yaml(KUBERNETES / "upload.yaml")["spec"])


def test_the_service_account_has_no_token(overlay: Overlay) -> None:
    account = overlay.one("ServiceAccount")
    assert account["automountServiceAccountToken"] is False
    assert account["metadata"]["name"] == overlay.pod["serviceAccountName"]
    assert account["metadata"]["name"] == read_yaml(KUBERNETES / "upload.yaml")["spec"]["serviceAccountName"]


def test_resources(overlay: Overlay) -> None:
    requests, limits = overlay.container["resources"]["requests"], overlay.container["resources"]["limits"]
    assert limits["memory"] == f"{MEBIBYTES_ALLOWED}Mi"
    assert {"cpu", "memory"} <= requests.keys() and "cpu" in limits


def test_the_network_is_the_database_and_dns(overlay: Overlay, settings: config.Config) -> None:
    assert isinstance(settings.database, ServerSettings)
    policy = overlay.one("NetworkPolicy")["spec"]
    assert policy["podSelector"].keys() == {"matchLabels"}
    assert policy["podSelector"]["matchLabels"].items() <= overlay.job["template"]["metadata"]["labels"].items()
    assert sorted(policy["policyTypes"]) == ["Egress", "Ingress"]
    assert not policy.get("ingress")
    opened = [(port["protocol"], port["port"]) for rule in policy["egress"] for port in rule["ports"]]
    assert all("endPort" not in port for rule in policy["egress"] for port in rule["ports"])
    assert sorted(opened) == [("TCP", 53), ("TCP", settings.database.port), ("UDP", 53)]
    assert settings.database.port == {"postgres": 5432, "mysql": 3306}[overlay.dialect]
    # DNS anywhere; the database where its host is, which is a Service of the namespace until an overlay says otherwise.
    assert [(rule.get("to"), rule["ports"][-1]["port"]) for rule in policy["egress"]] == [
        (None, 53),
        ([{"podSelector": {}}], settings.database.port),
    ]


# What it holds


def test_mounts_and_volumes_match(overlay: Overlay) -> None:
    assert overlay.mounts.keys() == overlay.volumes.keys()
    assert len({mount["mountPath"] for mount in overlay.mounts.values()}) == len(overlay.container["volumeMounts"])
    assert [name for name, mount in overlay.mounts.items() if not mount.get("readOnly")] == ["tmp"]
    upload = read_yaml(KUBERNETES / "upload.yaml")["spec"]
    [mount], [volume] = upload["containers"][0]["volumeMounts"], upload["volumes"]
    assert mount["name"] == volume["name"]
    assert not mount.get("readOnly")


def test_tmp_is_on_disk_and_bounded(overlay: Overlay) -> None:
    assert overlay.mounts["tmp"]["mountPath"] == "/tmp"
    assert overlay.volumes["tmp"]["emptyDir"].keys() == {"sizeLimit"}


def test_names_match_after_hashing(overlay: Overlay) -> None:
    name = overlay.one("ConfigMap")["metadata"]["name"]
    assert re.fullmatch(r"clientela-config-[a-z0-9]{10}", name)
    assert overlay.volumes["config"]["configMap"] == {"name": name}
    if not overlay.in_database:
        document = overlay.one("PersistentVolumeClaim")
        claim = document["metadata"]["name"]
        assert document["spec"]["resources"]["requests"].keys() == {"storage"}  # any name would fit the schema
        assert overlay.volumes["csvs"]["persistentVolumeClaim"]["claimName"] == claim
        [volume] = read_yaml(KUBERNETES / "upload.yaml")["spec"]["volumes"]
        assert volume["persistentVolumeClaim"] == {"claimName": claim}


def test_csvs_are_where_the_job_looks_or_not_there_at_all(overlay: Overlay) -> None:
    if overlay.in_database:
        assert "DATA" not in overlay.env
        assert overlay.volumes.keys() == {"config", "password", "tmp"}
    else:
        assert overlay.env["DATA"] == overlay.mounts["csvs"]["mountPath"] == "/data"


# The password


def test_the_password_is_a_file_that_the_job_alone_can_read(overlay: Overlay) -> None:
    example = read_yaml(KUBERNETES / "secret.example.yaml")
    secret = overlay.volumes["password"]["secret"]
    assert secret["secretName"] == example["metadata"]["name"]
    assert [item["key"] for item in secret["items"]] == list(example["data"])
    assert secret["defaultMode"] == 0o440
    assert not secret.get("optional")
    prefix = overlay.dialect.upper()
    [item] = secret["items"]
    file = PurePosixPath(overlay.mounts["password"]["mountPath"]) / item["path"]
    assert overlay.env[f"{prefix}_PASSWORD_FILE"] == str(file)


def leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar with the key it stands under; a container's environment variable with its name."""
    if isinstance(value, dict) and value.keys() == {"name", "value"}:
        yield value["name"], value["value"]
    elif isinstance(value, dict):
        for name, child in value.items():
            yield from leaves(child, name)
    elif isinstance(value, list):
        for child in value:
            yield from leaves(child, key)
    else:
        yield key, value


def passwords(document: Document) -> list[tuple[str, Any]]:
    """Values that look like a password that somebody wrote down."""
    return [
        (key, value)
        for key, value in leaves(document)
        if (
            re.search(r"pass(word|wd)?(?!.*_file$)", key, re.IGNORECASE)
            and value
            and not re.fullmatch(r"\$\{\w+:-\}", str(value))
        )
        or re.search(r"://[^/\s]*:[^/\s]*@", str(value))
    ]


def test_no_password_is_written_down(overlay: Overlay) -> None:
    assert "Secret" not in [document["kind"] for document in overlay.documents]
    for document in overlay.documents:
        if document["kind"] == "ConfigMap":
            assert not document.get("binaryData")
            for text in document["data"].values():
                assert passwords(yaml.safe_load(text)) == []
        else:
            assert passwords(document) == []


def test_no_password_in_any_file() -> None:
    for path in sorted(KUBERNETES.rglob("*.yaml")):
        found: Document = read_yaml(path)
        assert passwords(found) == [], path


@pytest.mark.parametrize(
    "document",
    [
        {"env": [{"name": "POSTGRES_PASSWORD", "value": "quetzal"}]},
        {"env": [{"name": "DATABASE_URL", "value": "mysql://shop:quetzal@host/shop"}]},
        {"database": {"password": "quetzal"}},
        {"database": {"password": "${POSTGRES_PASSWORD:-quetzal}"}},
        {"kind": "Secret", "stringData": {"password": "quetzal"}},
    ],
    ids=str,
)
def test_a_password_would_be_found(document: Document) -> None:
    assert passwords(document)


# What it is told


@pytest.fixture
def settings(overlay: Overlay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> config.Config:
    """The config as the container's arguments name it, read in the container's environment."""
    for name in os.environ:
        if name.startswith(("POSTGRES_", "MYSQL_", "PG")) or name in ("DATABASE_URL", "DATA"):
            monkeypatch.delenv(name)
    password = tmp_path / "password"
    password.write_text("of the secret\n")
    for name, value in overlay.env.items():
        monkeypatch.setenv(name, str(password) if name.endswith("_PASSWORD_FILE") else value)
    verb, *arguments = overlay.container["args"]
    command = typer.main.get_command(app)
    context = command.commands[verb].make_context(verb, arguments)  # type: ignore[attr-defined]
    named = WORKING_DIRECTORY / str(context.params["config"])
    assert str(named.parent) == overlay.mounts["config"]["mountPath"]
    file = tmp_path / named.name
    file.write_text(overlay.one("ConfigMap")["data"][named.name])
    return config.read(file)


def test_the_config_is_read_as_meant(overlay: Overlay, settings: config.Config) -> None:
    database = settings.database
    assert isinstance(database, ServerSettings)
    assert database.dialect == overlay.dialect
    assert database.password.get_secret_value() == "of the secret"
    name = database.name_variable
    prefix = overlay.dialect.upper()
    assert database.host == overlay.env[f"{prefix}_HOST"]
    assert database.name == overlay.env[name]
    assert database.user == overlay.env[f"{prefix}_USER"]
    load = settings.load
    assert (load.data if load else None) == (None if overlay.in_database else Path("/data"))


def test_every_file_of_the_configmap_can_be_read(overlay: Overlay, settings: config.Config, tmp_path: Path) -> None:
    files = overlay.one("ConfigMap")["data"]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        found = config.read(tmp_path / name)
        assert f"{found.database.dialect}.yaml" == name
        assert (found.load is None) == overlay.in_database
    assert settings.write_back


def test_the_config_without_load_is_the_shipped_one_but_for_load(overlay: Overlay) -> None:
    name = f"{overlay.dialect}.yaml"
    shipped = read_yaml(REPOSITORY / "config" / name)
    if overlay.in_database:
        del shipped["load"]
    assert yaml.safe_load(overlay.one("ConfigMap")["data"][name]) == shipped


# What the page says


def test_the_overlay_in_the_docs_can_be_built(tmp_path: Path) -> None:
    page = (REPOSITORY / "docs" / "guides" / "kubernetes.md").read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    [example] = [block for block in blocks if "kind: Kustomization" in block]
    folder = tmp_path / "shop"
    folder.mkdir()
    link = "../clientela/deploy/kubernetes"
    assert link in example
    example = example.replace(link, os.path.relpath(KUBERNETES, folder.resolve()))
    (folder / "kustomization.yaml").write_text(example)
    for name in re.findall(r"^ +- (\w+\.yaml)$", example, re.MULTILINE):
        shutil.copy(REPOSITORY / "config" / name, folder)
    changed = Overlay("postgres", False, render(folder))
    for document in changed.documents:
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)
    told = yaml.safe_load(example)
    [image] = told["images"]
    assert changed.container["image"] == f"{image['newName']}:{image['newTag']}"
    assert image["newTag"] == VERSION
    before = Overlay("postgres", False, render(KUBERNETES))
    assert changed.env.keys() == before.env.keys()
    assert changed.env["POSTGRES_HOST"] != before.env["POSTGRES_HOST"]
    spec = changed.one("CronJob")["spec"]
    assert starts(spec, 1) and spec["schedule"] != before.one("CronJob")["spec"]["schedule"]


def test_files_and_names_in_the_docs_exist() -> None:
    page = (REPOSITORY / "docs" / "guides" / "kubernetes.md").read_text()
    for path in re.findall(r"\b(?:deploy|config)/[\w./-]+\w", page):
        assert (REPOSITORY / path).exists(), path
    for name in ("clientela-database", "clientela-csvs", "clientela-upload", "cronjob/clientela"):
        assert name in page
