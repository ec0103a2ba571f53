"""The Compose fleet on a real engine, in the fleet process that the commands use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
import requests

from brownout_fleet.config import FleetConfig, Supervision
from brownout_fleet.launch import FleetProcess
from brownout_fleet.model import FleetError, Replica, ReplicaPhase, UnknownReplicaError
from tests.docker.containers import compose, docker, ids, networks, projects, somebodys_project, volumes
from tests.servers import until

WAIT_S = 90.0


def config(log_dir: Path, **changes: Any) -> FleetConfig:
    """Two backends and a client on free ports, brought back at once."""
    settings: dict[str, Any] = {
        "token": "secret",
        "log_dir": str(log_dir),
        "kind": "compose",
        "backends": 2,
        "clients": 1,
        "client_port": 0,
        "backend_port": 0,
        "supervision": Supervision(restart_delay_s=0.1, start_timeout_s=60.0),
    }
    return FleetConfig(**{**settings, **changes})


@pytest.fixture(scope="module", autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Once for all of these tests, since they share a fleet and its client's connections."""
    before = projects(), networks(), volumes(), set(psutil.Process().children())
    yield
    assert (projects(), networks(), volumes(), set(psutil.Process().children())) == before


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="module")
def fleet(logs: Path) -> Iterator[FleetProcess]:
    """A fleet that the tests of this module share."""
    with FleetProcess(config(logs)) as fleet:
        yield fleet


@pytest.fixture(scope="module")
def project(fleet: FleetProcess) -> str:
    """The Compose project of that fleet."""
    container = replica(fleet, "client-1").uid.partition("@")[0]
    return docker("inspect", "-f", '{{index .Config.Labels "com.docker.compose.project"}}', container)


def replica(fleet: FleetProcess, name: str) -> Replica:
    """The replica of that name as it is now."""
    return next(one for one in fleet.client.replicas() if one.name == name)


def await_replica(fleet: FleetProcess, name: str, condition: Callable[[Replica], bool]) -> Replica:
    """The replica once the condition holds."""
    until(lambda: condition(replica(fleet, name)), f"{name} to be as wanted", WAIT_S)
    return replica(fleet, name)


def is_another_life(before: Replica) -> Callable[[Replica], bool]:
    """Whether a replica is ready in another life than `before`."""
    return lambda now: now.phase is ReplicaPhase.READY and now.uid != before.uid


def test_a_request_goes_through_containers_of_both_services(fleet: FleetProcess) -> None:
    client, backend = fleet.up.forwards
    assert requests.get(f"{client.url}/fetch", timeout=10).json()["status"] == "ok"
    assert requests.get(f"{backend.url}/data", timeout=10).json()["message"] == "OK"


def test_each_replica_is_a_container_on_a_loopback_port_of_its_own(fleet: FleetProcess, project: str) -> None:
    replicas = fleet.client.replicas()
    assert [one.name for one in replicas] == ["backend-1", "backend-2", "client-1"]
    for one in replicas:
        await_replica(fleet, one.name, lambda now: now.phase is ReplicaPhase.READY)
    assert len({one.address for one in replicas}) == 3
    assert {one.address[0] for one in replicas} == {"127.0.0.1"}
    for one in replicas:
        assert requests.get(f"{one.url}/readyz", timeout=10).status_code == 200
        assert any(id_.startswith(one.uid.partition("@")[0]) for id_ in ids(project))


def test_a_kill_is_proven_by_another_identity_and_the_fleet_brings_a_new_life(fleet: FleetProcess) -> None:
    before = replica(fleet, "backend-2")
    watch = fleet.client.watch(since=fleet.up.seq)
    killed = fleet.client.kill("backend-2")
    assert killed.uid == before.uid
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{before.url}/readyz", timeout=10)
    kinds, reasons = [], []
    for event in watch:
        if event.replica.name == "backend-2" and event.kind != "unready":
            kinds.append(event.kind)
            reasons.append(event.replica.reason)
            if event.kind == "ready" and event.replica.uid != killed.uid:
                break
    watch.close()
    assert kinds[-3:] == ["gone", "appeared", "ready"]
    assert reasons[-3] == "ended by SIGKILL"
    now = replica(fleet, "backend-2")
    assert (now.restarts, now.started_at > before.started_at) == (before.restarts + 1, True)
    assert requests.get(f"{now.url}/readyz", timeout=10).status_code == 200


def test_a_kill_of_an_unknown_replica_names_those_that_are_there(fleet: FleetProcess) -> None:
    with pytest.raises(UnknownReplicaError, match="there are: backend-1, backend-2, client-1"):
        fleet.client.kill("backend-9")


def test_a_container_that_somebody_else_removes_comes_back_as_another_one(fleet: FleetProcess) -> None:
    before = replica(fleet, "backend-1")
    docker("rm", "-f", before.uid.partition("@")[0])
    now = await_replica(fleet, "backend-1", is_another_life(before))
    assert now.uid.partition("@")[0] != before.uid.partition("@")[0]
    assert requests.get(f"{now.url}/readyz", timeout=10).status_code == 200


def test_a_process_that_ends_in_its_container_is_said_and_started_again(fleet: FleetProcess) -> None:
    before = replica(fleet, "client-1")
    docker("stop", "-t", "10", before.uid.partition("@")[0])
    now = await_replica(fleet, "client-1", is_another_life(before))
    assert now.restarts == before.restarts + 1


def test_a_paused_container_gets_no_traffic_until_it_goes_on(fleet: FleetProcess) -> None:
    container = replica(fleet, "backend-1").uid.partition("@")[0]
    docker("pause", container)
    try:
        assert await_replica(fleet, "backend-1", lambda now: now.phase is ReplicaPhase.UNREADY).reason
        url = fleet.up.forwards[1].url
        assert [requests.get(f"{url}/data", timeout=10).status_code for _ in range(5)] == [200] * 5
    finally:
        docker("unpause", container)
    await_replica(fleet, "backend-1", lambda now: now.phase is ReplicaPhase.READY)


def test_what_a_container_writes_is_kept_over_its_lives(fleet: FleetProcess, logs: Path) -> None:
    lives = [line for line in (logs / "backend-2.log").read_text().splitlines() if line.startswith("--- ")]
    assert [line.split(",")[:2] for line in lives][:2] == [
        ["--- backend-2", " start 1"],
        ["--- backend-2", " start 2"],
    ]
    assert "Creating" in (logs / "compose.log").read_text()


def test_the_end_of_a_fleet_leaves_nothing_of_it_and_all_of_somebody_else_s(tmp_path: Path) -> None:
    with somebodys_project("--scale", "backend=1", "backend") as theirs:
        before, networks_before = projects(), networks()
        with FleetProcess(config(tmp_path, backends=1)):
            (mine,) = projects() - before
            assert len(ids(mine)) == 2
        assert projects() == before
        assert networks() == networks_before
        assert ids(theirs, "status=running")


@pytest.mark.parametrize("moment", ["before any container", "when all are ready"])
def test_no_container_outlives_a_fleet_process_that_is_killed(tmp_path: Path, moment: str) -> None:
    before, networks_before = projects(), networks()
    if moment == "when all are ready":
        fleet = FleetProcess(config(tmp_path, backends=1))
        os.kill(fleet.pid, signal.SIGKILL)
        with fleet:
            pass  # closes its pipes
    else:
        process = start_and_forget(tmp_path)
        until((tmp_path / "compose.log").exists, "Compose to be called", WAIT_S)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        mine = next(word for word in (tmp_path / "compose.log").read_text().split() if "brownout-" in word)
        until(lambda: sweepers(mine) == 0, "the sweeper to end", WAIT_S)
    until(lambda: projects() == before, "the containers to be removed", WAIT_S)
    until(lambda: networks() == networks_before, "the network to be removed", WAIT_S)


def start_and_forget(log_dir: Path) -> subprocess.Popen[bytes]:
    """A fleet process that is told what to run; nobody waits for its answer."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "brownout_fleet"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert process.stdin
    process.stdin.write(msgspec.json.encode(config(log_dir)) + b"\n")
    process.stdin.flush()
    return process


def sweepers(project: str) -> int:
    """How many processes look after what is left of a project."""
    return sum(1 for one in psutil.process_iter(["cmdline"]) if project in (one.info["cmdline"] or []))


def test_a_setting_that_the_service_refuses_is_told_in_its_own_words(tmp_path: Path) -> None:
    before = projects()
    with pytest.raises(FleetError, match=r'(?s)client-1 exited with code.*"bogus"'):
        FleetProcess(config(tmp_path, policy="bogus", backends=1))
    assert projects() == before


def test_an_image_that_is_missing_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    before, networks_before = projects(), networks()
    file = tmp_path / "theirs.yml"
    file.write_text("services: {backend: {image: 'not-there:1'}, client: {image: 'not-there:1'}}")
    with pytest.raises(FleetError, match=r"(?s)Compose could not start the services of .*not-there"):
        FleetProcess(config(tmp_path, settings={"file": str(file)}))
    assert (projects(), networks()) == (before, networks_before)


def test_a_container_without_a_published_port_is_named_with_the_line_that_publishes_it(
    tmp_path: Path,
) -> None:
    before = projects()
    file = tmp_path / "theirs.yml"
    file.write_text(
        "services: {backend: {image: 'backend-service:latest'}, client: {image: 'client-service:latest'}}"
    )
    quick = Supervision(start_timeout_s=1.0)
    with pytest.raises(FleetError, match=r"publishes port 5000/tcp nowhere on 127\.0\.0\.1") as error:
        FleetProcess(config(tmp_path, settings={"file": str(file)}, supervision=quick))
    assert 'ports: ["127.0.0.1::5000"]' in str(error.value)
    assert projects() == before


def test_a_project_that_runs_already_is_used_and_stays(tmp_path: Path) -> None:
    """As after `docker compose up`, which is held here too: two of each, healthy, on ports of their own."""
    with somebodys_project() as theirs:
        health = ("inspect", "-f", "{{.State.Health.Status}}", *ids(theirs))
        until(lambda: docker(*health).split() == ["healthy"] * 4, "all to be healthy", WAIT_S)
        services = ("backend", "client")
        published = [compose(theirs, "port", "--index", i, s, "5000") for s in services for i in "12"]
        with FleetProcess(config(tmp_path, settings={"project": theirs})) as fleet:
            replicas = fleet.client.replicas()
            assert [one.name for one in replicas] == ["backend-1", "backend-2", "client-1", "client-2"]
            assert [one.url for one in replicas] == [f"http://{one}" for one in published]
            before = replica(fleet, "client-2")
            fleet.client.kill("client-2")
            await_replica(fleet, "client-2", is_another_life(before))
        assert len(ids(theirs, "status=running")) == 4


def test_a_project_that_does_not_exist_is_refused_with_the_command_that_starts_it(tmp_path: Path) -> None:
    with pytest.raises(FleetError, match=r'(?s)"nobodys" has no container .*docker compose -p nobodys up -d'):
        FleetProcess(config(tmp_path, settings={"project": "nobodys"}))
    with pytest.raises(FleetError, match=r"(?s)--project \.. is for a container.*docker compose ls"):
        FleetProcess(config(tmp_path, settings={"project": "."}))
