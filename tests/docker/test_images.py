"""The images: small, without tools for an intruder, and served read-only by nobody in particular."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.docker.containers import docker
from tests.servers import until

SERVICES = ("backend-service:latest", "client-service:latest")
HARNESS = "brownout:latest"
SERVICE_BYTES = 80_000_000
HARNESS_BYTES = 900_000_000
"""What an image may add to its base; the harness has scipy, pandas and their like."""
RESTRICTED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true")


def inspected(image: str) -> dict[str, Any]:
    """What the engine knows of an image."""
    (document,) = json.loads(docker("image", "inspect", image))
    return dict(document)


@contextmanager
def running(image: str) -> Iterator[str]:
    """A container of the image as restricted as the manifests have it; its id."""
    container = docker("run", "-d", *RESTRICTED, image)
    try:
        yield container
    finally:
        docker("rm", "-f", container)


@pytest.mark.parametrize("image", SERVICES)
def test_a_service_is_healthy_read_only_without_rights_and_ends_by_itself(image: str) -> None:
    with running(image) as container:
        health = ("inspect", "-f", "{{.State.Health.Status}}", container)
        until(lambda: docker(*health) == "healthy", f"{image} to be healthy", 60.0)
        started = time.monotonic()
        docker("stop", "-t", "30", container)
        assert time.monotonic() - started < 15.0
        assert docker("inspect", "-f", "{{.State.ExitCode}}", container) == "0"


@pytest.mark.parametrize("image", [*SERVICES, HARNESS])
def test_an_image_runs_as_a_user_by_number_that_is_not_root(image: str) -> None:
    assert inspected(image)["Config"]["User"] == "10001:10001"


@pytest.mark.parametrize("image", [*SERVICES, HARNESS])
@pytest.mark.parametrize("module", ["pip", "wheel", "ensurepip", "hatchling", "setuptools"])
def test_an_image_has_no_build_tools(image: str, module: str) -> None:
    find = f"import importlib.util as u; print(u.find_spec({module!r}))"
    assert docker("run", "--rm", "--entrypoint", "python", image, "-c", find) == "None"


@pytest.mark.parametrize("image", [*SERVICES, HARNESS])
def test_an_image_keeps_nothing_of_the_package_index_that_it_was_built_from(image: str) -> None:
    environment = " ".join(inspected(image)["Config"]["Env"])
    assert "PIP_" not in environment + docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", image)


@pytest.mark.parametrize(
    ("image", "limit"), [*((one, SERVICE_BYTES) for one in SERVICES), (HARNESS, HARNESS_BYTES)]
)
def test_an_image_is_not_much_larger_than_its_base(image: str, limit: int) -> None:
    assert inspected(image)["Size"] - inspected("python:3.11-slim")["Size"] < limit


def test_the_harness_s_image_has_the_command_and_locust() -> None:
    restricted = (*RESTRICTED, "--tmpfs", "/tmp", "--rm")  # noqa: S108 - in the container
    assert "brownout, version" in docker("run", *restricted, HARNESS, "--version")
    list_ = ("-f", "/venv/lib/python3.11/site-packages/brownout_loadtest/locustfile.py", "--list")
    listed = docker(
        "run", *restricted, "--entrypoint", "python", HARNESS, "-m", "brownout.locust_main", *list_
    )
    assert "Fetcher" in listed
