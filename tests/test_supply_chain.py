"""What the image and a release are made of is named by what it is, not by a name that may move."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def steps(workflow: Path) -> list[dict[str, Any]]:
    return [step for job in yaml.safe_load(workflow.read_text())["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_named_by_commit_and_by_version(workflow: Path) -> None:
    used = [line for line in workflow.read_text().splitlines() if "uses:" in line]
    assert used and all(re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line) for line in used), used
    assert "permissions" in yaml.safe_load(workflow.read_text())


def test_a_release_has_parts_provenance_and_signature_for_wheel_and_image() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]
    assert jobs.keys() == {"wheel", "image"}
    for job in jobs.values():
        used = [step["uses"].partition("@")[0] for step in job["steps"] if "uses" in step]
        assert {"anchore/sbom-action", "actions/attest-build-provenance"} <= set(used)
        [parts] = [step["with"] for step in job["steps"] if step.get("uses", "").startswith("anchore/sbom-action@")]
        assert parts["format"] == "cyclonedx-json"
        assert (job["permissions"]["id-token"], job["permissions"]["attestations"]) == ("write", "write")
    assert "cosign sign" in jobs["image"]["steps"][-1]["run"]


def test_the_image_builds_on_a_digest_alone() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE) == ["${BASE_IMAGE}"] * 2
    [base] = re.findall(r"^ARG BASE_IMAGE=(.*)$", dockerfile, re.MULTILINE)
    [tag] = re.findall(r"^BASE := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert re.fullmatch(rf"{re.escape(tag)}@sha256:[0-9a-f]{{64}}", base)
    assert f"${{BASE_IMAGE:-{tag}}}" in (ROOT / "docker-compose.yml").read_text()


def test_the_digest_is_renewed(tmp_path: Path) -> None:
    """By what the registry says; where it says nothing, the Dockerfile stays."""
    for name in ("Makefile", "Dockerfile"):
        shutil.copy(ROOT / name, tmp_path)
    registry = tmp_path / "docker"
    digest = f"sha256:{'0123456789abcdef' * 4}"
    before = (tmp_path / "Dockerfile").read_text()
    for script, code in (("exit 1", 2), (f'test "$2" = imagetools && echo {digest}', 0)):
        registry.write_text(f"#!/bin/sh\n{script}\n")
        registry.chmod(0o755)
        done = subprocess.run(
            ["make", "base-image"],
            cwd=tmp_path,
            env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
            capture_output=True,
            check=False,
        )
        assert done.returncode == code
        if code:
            assert (tmp_path / "Dockerfile").read_text() == before
    after = (tmp_path / "Dockerfile").read_text()
    assert after == re.sub(r"sha256:[0-9a-f]{64}", digest, before) != before
