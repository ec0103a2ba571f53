"""What a replica is of what the Docker engine says about a container."""

from typing import Any

import msgspec
import pytest

from brownout_fleet.container import Container, ending, phase_of, replica_of
from brownout_fleet.engine import pieces
from brownout_fleet.model import ReplicaPhase

STATE = {"Status": "running", "StartedAt": "2026-11-25T22:18:44.5004Z", "ExitCode": 0, "Error": ""}
LABELS = {
    "com.docker.compose.project": "lab",
    "com.docker.compose.service": "backend",
    "com.docker.compose.container-number": "2",
}
PORTS = {"5000/tcp": [{"HostIp": "127.0.0.1", "HostPort": "32768"}]}


def container(ports: Any = PORTS, **state: Any) -> Container:
    """As `docker inspect` has it, read as the engine's client reads it."""
    document = {
        "Id": "0123456789abcdef",
        "Name": "/lab_backend_2",
        "State": {**STATE, **state},
        "Config": {"Labels": LABELS, "Image": "backend-service:latest"},
        "NetworkSettings": {"Ports": ports, "Networks": {"lab_default": {"IPAddress": "172.18.0.3"}}},
    }
    return msgspec.json.decode(msgspec.json.encode(document), type=Container)


def test_a_replica_has_its_name_by_compose_s_labels_and_an_identity_by_its_start() -> None:
    replica = replica_of(container(), container().replica_name, "http://127.0.0.1:32768", restarts=3)
    assert (replica.name, replica.service, replica.phase) == ("backend-2", "backend", ReplicaPhase.STARTING)
    assert (replica.uid, replica.restarts) == ("0123456789ab@2026-11-25T22:18:44.5004Z", 3)
    assert replica.started_at == pytest.approx(1795645124.5004, abs=1e-4)


def test_a_log_is_asked_for_from_the_last_digit_of_its_life_s_start() -> None:
    assert container().log_since == "1795645124.5004"
    assert container(StartedAt="2026-11-25T22:18:44Z").log_since == "1795645124.0"


@pytest.mark.parametrize(
    ("ports", "network", "url"),
    [
        (PORTS, None, "http://127.0.0.1:32768"),
        ({"5000/tcp": [{"HostIp": "0.0.0.0", "HostPort": "80"}]}, None, "http://127.0.0.1:80"),
        ({"5000/tcp": [{"HostIp": "::", "HostPort": "81"}]}, None, ""),
        ({"5000/tcp": None}, None, ""),
        ({}, None, ""),
        (None, None, ""),
        (PORTS, "lab_default", "http://172.18.0.3:5000"),
        (PORTS, "another", ""),
    ],
)
def test_a_replica_is_reached_by_its_published_port_or_inside_its_network(
    ports: Any, network: str | None, url: str
) -> None:
    assert container(ports).url(network) == url


@pytest.mark.parametrize(
    ("state", "probed", "phase", "reason"),
    [
        ({}, ReplicaPhase.STARTING, ReplicaPhase.STARTING, None),
        ({}, ReplicaPhase.READY, ReplicaPhase.READY, None),
        ({"Health": {"Status": "starting"}}, ReplicaPhase.READY, ReplicaPhase.READY, None),
        ({"Health": {"Status": "healthy"}}, ReplicaPhase.READY, ReplicaPhase.READY, None),
        (
            {"Health": {"Status": "unhealthy"}},
            ReplicaPhase.READY,
            ReplicaPhase.UNREADY,
            "unhealthy, says its health check",
        ),
        ({"Health": {"Status": "healthy"}}, ReplicaPhase.UNREADY, ReplicaPhase.UNREADY, None),
        ({"Status": "paused"}, ReplicaPhase.READY, ReplicaPhase.UNREADY, "paused"),
    ],
)
def test_a_phase_takes_the_probes_and_the_health_check(
    state: dict[str, Any], probed: ReplicaPhase, phase: ReplicaPhase, reason: str | None
) -> None:
    assert phase_of(container(**state), probed, None) == (phase, reason)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"ExitCode": 0}, "exited with code 0"),
        ({"ExitCode": 3}, "exited with code 3"),
        ({"ExitCode": 137}, "ended by SIGKILL"),
        ({"ExitCode": 137, "OOMKilled": True}, "killed for its memory (OOM)"),
        ({"ExitCode": 255}, "exited with code 255"),
        ({"ExitCode": 128, "Error": "no such file"}, "could not be started: no such file"),
    ],
)
def test_an_end_is_told_in_words(state: dict[str, Any], words: str) -> None:
    assert ending(container(Status="exited", **state).state) == words


def test_a_container_that_is_paused_runs_and_one_that_was_never_started_doesn_t() -> None:
    statuses = ("running", "paused", "created", "restarting", "exited", "dead")
    assert [container(Status=one).runs for one in statuses] == [True, True, False, False, False, False]


@pytest.mark.parametrize(
    ("log", "found"),
    [
        (b"", []),
        (b"\1\0\0\0\0\0\0\2ok" + b"\2\0\0\0\0\0\0\1!", [b"ok", b"!"]),
        (b"\1\0\0\0\0\0\0\5cut", [b"cut"]),
        (b"\1\0\0", []),
    ],
)
def test_a_log_is_read_without_its_headers(log: bytes, found: list[bytes]) -> None:
    assert pieces(log) == found
