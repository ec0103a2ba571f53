"""docs/kubernetes.md says what is so: its kustomization builds, its Roles and commands exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import yaml
from click.testing import CliRunner

from brownout.cli import cli
from tests.manifests.kustomize import BUILD_S, build, kubectl
from tests.manifests.workloads import of_kind
from tests.servers import ROOT

TEXT = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")


def test_the_kustomization_for_a_shared_cluster_builds_with_its_images_and_namespace(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "k8s", tmp_path / "k8s", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (example,) = re.findall(r"```yaml\n(apiVersion: kustomize.*?)```", TEXT, re.DOTALL)
    (tmp_path / "kustomization.yaml").write_text(example)
    command = [kubectl(), "kustomize", str(tmp_path)]
    built = subprocess.run(command, check=True, capture_output=True, text=True, timeout=BUILD_S)
    objects = list(yaml.safe_load_all(built.stdout))
    assert {one["metadata"]["namespace"] for one in objects} == {"resilience"}
    images = [
        box["image"]
        for one in of_kind(objects, "Deployment")
        for box in one["spec"]["template"]["spec"]["containers"]
    ]
    assert len(images) == 4
    assert all(re.fullmatch(r"registry\.example/resilience/[a-z-]+:1", image) for image in images)


def test_every_role_of_the_manifests_is_in_the_table_with_its_verbs() -> None:
    roles = of_kind([*build("roles"), *build("roles/in-cluster")], "Role")
    for role in roles:
        (row,) = re.findall(rf"^\| `{role['metadata']['name']}` \|[^|]*\|(.*)\|$", TEXT, re.MULTILINE)
        cells = [cell.strip() for cell in row.split("|")]
        granted = {what: rule["verbs"] for rule in role["rules"] for what in rule["resources"]}
        for cell, what in zip(cells, ("pods", "pods/portforward", "deployments/scale"), strict=True):
            assert cell.partition(" of ")[0] == ", ".join(granted.pop(what, [])), (
                role["metadata"]["name"],
                what,
            )
        assert not granted


def test_every_command_and_option_that_is_shown_exists() -> None:
    typed = "\n".join(re.findall(r"^\$ .*$", TEXT, re.MULTILINE))
    shown = re.findall(r"(?:bin/)?brownout ((?:[a-z]+ )?[a-z]+[^\n`]*)", typed)
    assert len(shown) > 5
    for line in shown:
        words = line.split()[: 2 if line.startswith("faults ") else 1]
        result = CliRunner().invoke(cli, [*words, "--help"])
        assert result.exit_code == 0, line
        for option in re.findall(r"(?<!\S)--[a-z][a-z-]+", line.partition(" -- ")[0]):
            assert option in result.output, (line, option)
