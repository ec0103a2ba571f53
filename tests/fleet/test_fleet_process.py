"""The fleet process with the real services: its API, its ends, and what it leaves behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from brownout_fleet.client import FleetClient
from brownout_fleet.config import FleetConfig, Supervision
from brownout_fleet.launch import FleetProcess
from brownout_fleet.model import FleetError, ReplicaPhase, UnknownReplicaError
from tests.servers import until

TOKEN = "secret"


def config(log_dir: Path, **changes: Any) -> FleetConfig:
    """One replica of each service on free ports."""
    settings: dict[str, Any] = {
        "token": TOKEN,
        "log_dir": str(log_dir),
        "backends": 1,
        "clients": 1,
        "client_port": 0,
        "backend_port": 0,
        "supervision": Supervision(restart_delay_s=0.1),
    }
    return FleetConfig(**{**settings, **changes})


@pytest.fixture(scope="module", autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """Once for all of these tests, since they share a fleet and its client's connections."""
    before = set(psutil.Process().children())
    yield
    assert set(psutil.Process().children()) == before


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetProcess]:
    """A fleet that the tests of this module share."""
    with FleetProcess(config(tmp_path_factory.mktemp("logs"))) as fleet:
        yield fleet


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """The processes that have not ended, apart from those that nobody has reaped yet."""
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def test_a_request_goes_through_both_services_and_both_stable_ports(fleet: FleetProcess) -> None:
    client, backend = fleet.up.forwards
    answer = requests.get(f"{client.url}/fetch", timeout=5)
    assert answer.json()["status"] == "ok"
    assert requests.get(f"{backend.url}/data", timeout=5).json()["message"] == "OK"


def test_replicas_say_what_they_are(fleet: FleetProcess) -> None:
    (backend,) = fleet.client.replicas("backend")
    assert (backend.name, backend.service, backend.phase) == ("backend-0", "backend", ReplicaPhase.READY)
    assert [r.name for r in fleet.client.replicas()] == ["backend-0", "client-0"]


def test_a_kill_is_proven_by_another_uid_and_seen_by_a_watch(fleet: FleetProcess) -> None:
    watch = fleet.client.watch()
    killed = fleet.client.kill("backend-0")
    kinds = []
    for event in watch:
        if event.replica.name == "backend-0" and event.replica.restarts >= killed.restarts:
            kinds.append(event.kind)
            if event.kind == "ready" and event.replica.uid != killed.uid:
                break
    assert kinds[-4:] == ["ready", "gone", "appeared", "ready"]
    watch.close()


def test_a_fleet_process_out_of_descriptors_says_so_and_not_that_no_replica_is_ready(
    fleet: FleetProcess,
) -> None:
    process = psutil.Process(fleet.pid)
    soft, hard = process.rlimit(psutil.RLIMIT_NOFILE)
    process.rlimit(psutil.RLIMIT_NOFILE, (process.num_fds() + 3, hard))
    try:
        answer = requests.get(f"{fleet.up.forwards[0].url}/fetch", timeout=5)
    finally:
        process.rlimit(psutil.RLIMIT_NOFILE, (soft, hard))

    assert (answer.status_code, answer.headers["X-Brownout-Forwarder"]) == (502, "tunnel")
    assert "forwarder: too many open files" in answer.text


def test_a_request_that_cannot_be_carried_all_the_way_is_not_let_in(fleet: FleetProcess) -> None:
    """It would fail between client and backend, and be called the service's error."""
    url, backend = fleet.up.forwards[0].url, fleet.up.forwards[1].url
    process = psutil.Process(fleet.pid)
    soft, hard = process.rlimit(psutil.RLIMIT_NOFILE)
    slow = {"faults": [{"kind": "latency", "rate": 1.0, "ms": 700}], "lease_s": 30}
    requests.get(f"{url}/fetch", timeout=10).raise_for_status()
    requests.put(f"{backend}/faults", json=slow, timeout=5).raise_for_status()
    requests.put(f"{url}/policy", json={"preset": "none"}, timeout=5).raise_for_status()
    try:
        process.rlimit(psutil.RLIMIT_NOFILE, (process.num_fds() + 80, hard))
        with ThreadPoolExecutor(70) as pool:
            answers = [*pool.map(lambda _: requests.get(f"{url}/fetch", timeout=30), range(70))]
    finally:
        process.rlimit(psutil.RLIMIT_NOFILE, (soft, hard))
        requests.delete(f"{backend}/faults", timeout=5).raise_for_status()
        requests.put(f"{url}/policy", json={"preset": "lab"}, timeout=5).raise_for_status()
    told = Counter(answer.headers.get("X-Brownout-Forwarder", "carried") for answer in answers)
    assert set(told) == {"carried", "tunnel"}, told
    carried = [answer.text for answer in answers if "X-Brownout-Forwarder" not in answer.headers]
    assert not [text for text in carried if "502" in text]


def test_connections_whose_client_has_gone_are_given_up_before_others_are_refused(
    fleet: FleetProcess,
) -> None:
    """Clients that time out would be kept until their answer; one that still listens is told the reason."""
    backend = fleet.up.forwards[1].url
    address = ("127.0.0.1", int(backend.rpartition(":")[2]))
    process = psutil.Process(fleet.pid)
    soft, hard = process.rlimit(psutil.RLIMIT_NOFILE)
    slow = {"faults": [{"kind": "latency", "rate": 1.0, "ms": 5000}], "lease_s": 30}
    requests.put(f"{backend}/faults", json=slow, timeout=5).raise_for_status()
    try:
        process.rlimit(psutil.RLIMIT_NOFILE, (process.num_fds() + 60, hard))
        listening = socket.create_connection(address, timeout=3)
        for connection in (listening, *(socket.create_connection(address) for _ in range(40))):
            connection.sendall(b"GET /data HTTP/1.1\r\nHost: backend\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            if connection is not listening:
                connection.close()
        answer = requests.get(f"{backend}/healthz", timeout=5)
        with listening:
            refusal = listening.recv(65536)
    finally:
        process.rlimit(psutil.RLIMIT_NOFILE, (soft, hard))
        requests.delete(f"{backend}/faults", timeout=5).raise_for_status()
    assert answer.status_code == 200, answer.text
    assert b"X-Brownout-Forwarder: tunnel" in refusal
    assert refusal.endswith(b"forwarder: too many open files\n")


def test_a_stall_of_the_fleet_process_is_told_by_itself(fleet: FleetProcess) -> None:
    process, stopped = psutil.Process(fleet.pid), time.monotonic()
    process.suspend()
    try:
        with pytest.raises(FleetError, match="doesn't answer"):
            fleet.client.health(stopped, 0.3)
    finally:
        process.resume()

    health = fleet.client.health(stopped, 5.0)
    assert max(end - start for start, end in health.stalls) > 0.25
    assert 0 <= health.readings["queue_ms"] < 60_000


def test_a_kill_of_an_unknown_replica_is_an_error_with_the_known_names(fleet: FleetProcess) -> None:
    with pytest.raises(UnknownReplicaError, match='no replica "web-0"; there are: backend-0, client-0'):
        fleet.client.kill("web-0")


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/replicas"), ("POST", "/replicas/client-0/kill"), ("GET", "/watch"), ("GET", "/nowhere")],
)
@pytest.mark.parametrize("token", ["", "Bearer", "Bearer wrong", "Bearer sécret"])
def test_without_the_token_nothing_is_answered_or_done(
    fleet: FleetProcess, method: str, path: str, token: str
) -> None:
    headers = {"Authorization": token.encode()} if token else {}
    answer = requests.request(method, fleet.up.api + path, headers=headers, timeout=5)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert [r.phase for r in fleet.client.replicas("client")] == [ReplicaPhase.READY]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("DELETE", "/replicas", 405),
        ("POST", "/replicas/nobody/kill", 404),
        ("GET", "/watch?since=-1", 400),
        ("GET", "/watch?since=x", 400),
    ],
)
def test_an_error_is_a_problem_document(fleet: FleetProcess, method: str, path: str, status: int) -> None:
    answer = requests.request(
        method, fleet.up.api + path, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=5
    )
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["status"] == status
    assert answer.json()["detail"]


def test_a_client_without_a_fleet_process_says_so(fleet: FleetProcess) -> None:
    client = FleetClient("http://127.0.0.1:1", TOKEN)
    with pytest.raises(FleetError, match=r"the fleet process at http://127.0.0.1:1 doesn't answer"):
        client.replicas()
    client.close()


def test_the_api_and_every_port_are_on_loopback_alone(fleet: FleetProcess) -> None:
    processes = [psutil.Process(fleet.pid), *psutil.Process(fleet.pid).children(recursive=True)]
    listening = [
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 7
    assert set(listening) == {"127.0.0.1", "::1"}


def test_stopping_leaves_no_process(tmp_path: Path) -> None:
    with FleetProcess(config(tmp_path)) as fleet:
        members = [psutil.Process(fleet.pid), *psutil.Process(fleet.pid).children(recursive=True)]
        assert len(members) == 5  # gunicorn's master and worker for each of two replicas
    assert not alive(members)
    assert {path.name for path in tmp_path.iterdir()} == {"fleet.log", "backend-0.log", "client-0.log"}


def test_a_replica_writes_to_its_own_log(tmp_path: Path) -> None:
    with FleetProcess(config(tmp_path)):
        pass
    assert (tmp_path / "client-0.log").read_text().startswith("--- client-0, start 1, ")


def test_replicas_end_and_their_sockets_go_when_the_fleet_process_is_killed(tmp_path: Path) -> None:
    fleet = FleetProcess(config(tmp_path))
    members = psutil.Process(fleet.pid).children(recursive=True)
    sockets = {r.name: r.socket for r in fleet.client.replicas()}
    assert sockets["backend-0"] is None  # by TCP, which carries its resets
    os.kill(fleet.pid, signal.SIGKILL)
    until(lambda: not alive(members), "the replicas to end")
    assert not Path(str(sockets["client-0"])).parent.exists()
    with fleet:
        pass  # closes its pipes


HARNESS = """
import sys
from pathlib import Path
from tests.fleet.test_fleet_process import config
from brownout_fleet.launch import FleetProcess
fleet = FleetProcess(config(Path(sys.argv[1])))
print(fleet.pid, flush=True)
sys.stdin.read()
"""


def test_the_fleet_ends_when_the_harness_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HARNESS, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as harness:
        assert harness.stdout
        fleet = psutil.Process(int(harness.stdout.readline()))
        members = [fleet, *fleet.children(recursive=True)]
        harness.kill()
        until(lambda: not alive(members), "the fleet to end")


def test_a_taken_port_is_said_before_anything_starts(tmp_path: Path, fleet: FleetProcess) -> None:
    port = int(fleet.up.forwards[0].url.rpartition(":")[2])
    with pytest.raises(FleetError, match=rf"port {port} is taken.*\n\n.*--client-port"):
        FleetProcess(config(tmp_path, client_port=port))
    assert {path.name for path in tmp_path.iterdir()} == {"fleet.log"}


def test_a_log_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FleetError, match=r'can\'t write logs to ".*/file/logs": Not a directory'):
        FleetProcess(config(tmp_path / "file" / "logs"))


def test_a_policy_that_does_not_exist_is_refused_with_the_client_s_own_words(tmp_path: Path) -> None:
    with pytest.raises(FleetError, match=r'(?s)client-0 exited with code.*"bogus"'):
        FleetProcess(config(tmp_path, policy="bogus"))
