"""The manifests and the Dockerfiles agree: image names, user, port, command."""

from __future__ import annotations

import re

import pytest

from tests.manifests.kustomize import one
from tests.manifests.workloads import container, template
from tests.servers import ROOT

DEPLOYMENTS = {
    "backend": ("base", "backendservice-deployment", "services/backend"),
    "client": ("base", "clientservice-deployment", "services/client"),
    "master": ("overlays/distributed", "brownout-master", "."),
    "worker": ("overlays/distributed", "brownout-worker", "."),
}


def instructions(folder: str, word: str) -> list[str]:
    """What follows this word in the Dockerfile of a folder."""
    text = (ROOT / folder / "Dockerfile").read_text().replace("\\\n", " ")
    return re.findall(rf"^{word} (.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_pod_runs_as_the_user_that_its_image_is_made_for(name: str) -> None:
    """A numeric one: of a name the kubelet can't tell that it is not root."""
    folder, deployment, context = DEPLOYMENTS[name]
    security = template(one(folder, "Deployment", deployment))["spec"]["securityContext"]
    assert instructions(context, "USER")[-1] == f"{security['runAsUser']}:{security['runAsGroup']}"


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_an_image_is_the_one_that_make_images_builds(name: str) -> None:
    folder, deployment, context = DEPLOYMENTS[name]
    image = container(one(folder, "Deployment", deployment))["image"]
    build = rf"-t {re.escape(image)} (-f {re.escape(context)}/Dockerfile services|{re.escape(context)})(\s|$)"
    assert re.search(build, (ROOT / "Makefile").read_text())


@pytest.mark.parametrize("name", ["backend", "client"])
def test_a_service_listens_on_the_port_that_its_pod_declares(name: str) -> None:
    folder, deployment, context = DEPLOYMENTS[name]
    (port,) = container(one(folder, "Deployment", deployment))["ports"]
    assert instructions(context, "EXPOSE") == [str(port["containerPort"])]
    assert f"0.0.0.0:{port['containerPort']}" in instructions(context, "CMD")[-1]


@pytest.mark.parametrize("name", ["master", "worker"])
def test_the_harness_works_where_its_image_lets_it_write(name: str) -> None:
    """The root file system is read-only: the image's working folder is a volume here."""
    folder, deployment, context = DEPLOYMENTS[name]
    box = container(one(folder, "Deployment", deployment))
    assert instructions(context, "WORKDIR")[-1] == box["workingDir"]
    assert {"/tmp", box["workingDir"]} == {mount["mountPath"] for mount in box["volumeMounts"]}  # noqa: S108
    assert instructions(context, "ENTRYPOINT") == ['["brownout"]']
    assert box["command"] == ["brownout"]
