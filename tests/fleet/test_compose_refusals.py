"""What a user is told where no fleet of containers can start."""

import asyncio
import socket
from pathlib import Path

import pytest

from brownout_fleet.compose import ComposeFleet
from brownout_fleet.config import FleetConfig
from brownout_fleet.endpoint import path_of, socket_of
from brownout_fleet.engine import unreachable
from brownout_fleet.model import FleetError
from brownout_fleet.roster import Roster


def refusal(tmp_path: Path) -> str:
    """What the start of a fleet says."""

    async def start() -> None:
        fleet = ComposeFleet(FleetConfig(token="", log_dir=str(tmp_path), kind="compose"), Roster())
        try:
            await fleet.start()
        finally:
            await fleet.stop()

    with pytest.raises(FleetError) as error:
        asyncio.run(start())
    return str(error.value)


def test_an_engine_that_does_not_run_is_said_with_the_command_that_starts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    said = refusal(tmp_path)
    assert said.startswith(f"Docker is not running: nothing answers at {tmp_path}/docker.sock.\n\n")
    assert "sudo systemctl start docker" in said


def test_a_socket_that_nobody_serves_is_an_engine_that_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(f"{tmp_path}/docker.sock")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    assert refusal(tmp_path).startswith("Docker is not running: ")


def test_a_user_who_may_not_use_docker_is_told_which_group_to_join() -> None:
    said = unreachable("/run/docker.sock", PermissionError(13, "Permission denied"))
    assert "/run/docker.sock: Permission denied" in said
    assert "sudo usermod -aG docker " in said


@pytest.mark.parametrize("host", ["tcp://10.0.0.1:2375", "ssh://me@there", "npipe:////./pipe/docker", ""])
def test_an_engine_on_another_machine_is_refused(host: str) -> None:
    with pytest.raises(
        FleetError, match=r"(?s)DOCKER_HOST says .*DOCKER_HOST=unix:///var/run/docker\.sock"
    ) as error:
        path_of(host, "DOCKER_HOST")
    assert f'"{host}"' in str(error.value)


def test_docker_host_says_where_the_engine_is() -> None:
    path = asyncio.run(socket_of({"DOCKER_HOST": "unix:///run/user/1000/docker.sock"}))
    assert path == "/run/user/1000/docker.sock"
