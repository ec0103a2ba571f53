"""docker-compose.yml, what the code says about it, and what docs/compose.md says about both."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from brownout_fleet.compose_command import COMPOSE_FILE, IMAGES, UpCall

ROOT = Path(__file__).parents[1]
TEXT = COMPOSE_FILE.read_text("utf-8")
DOCUMENT: dict[str, Any] = yaml.safe_load(TEXT)
DOCS = (ROOT / "docs" / "compose.md").read_text("utf-8")


def test_it_is_read_by_compose_1_29_and_v2() -> None:
    """The one refuses `name`, the other warns of `version`."""
    assert not {"version", "name"} & set(DOCUMENT)


def test_the_images_that_a_fleet_looks_for_are_those_of_the_file() -> None:
    services = DOCUMENT["services"]
    assert (services["backend"]["image"], services["client"]["image"]) == IMAGES


@pytest.mark.parametrize("service", list(DOCUMENT["services"]))
def test_nothing_is_published_beyond_loopback(service: str) -> None:
    ports = DOCUMENT["services"][service]["ports"]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("service", ["backend", "client", "harness"])
def test_a_container_has_no_right_that_it_does_not_need(service: str) -> None:
    settings = DOCUMENT["services"][service]
    assert settings["read_only"] is True
    assert settings["cap_drop"] == ["ALL"]
    assert settings["security_opt"] == ["no-new-privileges:true"]


def test_without_a_profile_only_the_two_services_start() -> None:
    services = DOCUMENT["services"]
    assert [name for name in services if "profiles" not in services[name]] == ["backend", "client"]


@pytest.mark.parametrize("variable", sorted({*re.findall(r"\$\{(\w+)", TEXT), *DOCUMENT["x-build"]["args"]}))
def test_every_variable_is_documented(variable: str) -> None:
    assert f"`{variable}`" in DOCS


def test_a_compose_call_names_file_project_and_count_and_builds_nothing() -> None:
    call = UpCall(["docker", "compose"], "f.yml", "lab", {"backend": 3, "client": 1}, {}, Path("log"))
    assert " ".join(call.command()) == (
        "docker compose -p lab -f f.yml up -d --no-build --scale backend=3 --scale client=1 backend client"
    )
