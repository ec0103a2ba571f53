"""How the fleet proves who it is: tokens that expire, programs, TLS, proxies, inside the cluster."""

import asyncio
import base64
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from brownout_fleet.config import Kubernetes
from brownout_fleet.model import FleetError, ReplicaPhase
from brownout_fleet.roster import Roster
from brownout_k8s import access
from brownout_k8s.fleet import KubernetesFleet
from tests.fleet.aio import Caller, asynchronous, eventually, http, upstream
from tests.k8s.certificates import authority, issue, server_context
from tests.k8s.cluster import running
from tests.k8s.documents import TOKEN, write_kubeconfig
from tests.k8s.fleets import comes, named

CLIENTS_ONLY = Kubernetes(backend_selector="")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority and a client's certificate."""
    folder = tmp_path_factory.mktemp("pki")
    authority(folder)
    issue(folder, "tester")
    return folder


def in_base64(path: Path) -> str:
    """As kubeconfigs embed files."""
    return base64.b64encode(path.read_bytes()).decode()


@asynccontextmanager
async def up(config: Path) -> AsyncIterator[KubernetesFleet]:
    """A fleet of clients from this kubeconfig."""
    fleet = KubernetesFleet(CLIENTS_ONLY, Roster(), str(config))
    await fleet.start()
    try:
        yield fleet
    finally:
        await fleet.stop()


async def answers(fleet: KubernetesFleet) -> bytes:
    """What the first pod answers, through its own port."""
    caller = await Caller.connect(fleet.replicas()[0].address[1])
    body = (await caller.get())[2]
    await caller.close()
    return body


def plugin(folder: Path, **status: str) -> dict[str, Any]:
    """A kubeconfig user whose token comes from a program: it prints what the file "token" holds."""
    program = folder / "plugin.py"
    program.write_text(
        "import json, pathlib\n"
        f"status = {{'token': pathlib.Path({str(folder / 'token')!r}).read_text()}} | {status!r}\n"
        "print(json.dumps({'apiVersion': 'client.authentication.k8s.io/v1', 'kind': 'ExecCredential', "
        "'status': status}))\n"
    )
    command = {"command": sys.executable, "args": [str(program)]}
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", **command}}


@asynchronous
async def test_a_token_that_is_no_longer_accepted_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("first")
    async with upstream(http(b"ok")) as port, running([("web-a", "client", ("127.0.0.1", port))]) as cluster:
        cluster.tokens = {"first"}
        config = write_kubeconfig(tmp_path / "config", cluster.port, user=plugin(tmp_path))
        async with up(config) as fleet:
            (tmp_path / "token").write_text("second")
            cluster.tokens = {"second"}
            assert await answers(fleet) == b"ok"
            cluster.cut_watches()
            cluster.change("web-a", ready=False)
            await comes(fleet, "web-a", ReplicaPhase.UNREADY)
            await fleet.kill("web-a")
            await eventually(lambda: named(fleet, "web-a") is None, "the pod to be gone")


@asynchronous
async def test_a_token_is_made_anew_before_it_expires(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "TOKEN_FRESH_S", 0.0)
    (tmp_path / "token").write_text("first")
    async with upstream(http(b"ok")) as port, running([("web-a", "client", ("127.0.0.1", port))]) as cluster:
        cluster.tokens = {"first", "second"}
        user = plugin(tmp_path, expirationTimestamp="2020-01-01T00:00:00Z")
        async with up(write_kubeconfig(tmp_path / "config", cluster.port, user=user)) as fleet:
            (tmp_path / "token").write_text("second")
            assert await answers(fleet) == b"ok"
            cluster.tokens = {"second"}
            before = len(cluster.requests)
            assert await answers(fleet) == b"ok"
            assert len(cluster.requests) == before + 1  # not refused first


@asynchronous
async def test_a_program_that_fails_is_told_with_its_words(tmp_path: Path) -> None:
    program = tmp_path / "plugin"
    program.write_text("#!/bin/sh\necho 'session expired, run: cloud login' >&2\nexit 3\n")
    program.chmod(0o700)
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(program)}}
    config = write_kubeconfig(tmp_path / "config", 1, user=user)
    with pytest.raises(FleetError, match=r'context "fake".*session expired, run: cloud login'):
        await KubernetesFleet(CLIENTS_ONLY, Roster(), str(config)).start()


@asynchronous
async def test_everything_works_over_tls_with_a_client_certificate(tmp_path: Path, pki: Path) -> None:
    user = {
        "client-certificate-data": in_base64(pki / "tester.crt"),
        "client-key-data": in_base64(pki / "tester.key"),
        "token": TOKEN,
    }
    async with (
        upstream(http(b"ok")) as port,
        running([("web-a", "client", ("127.0.0.1", port))], server_context(pki)) as cluster,
    ):
        config = write_kubeconfig(
            tmp_path / "config",
            cluster.port,
            scheme="https",
            user=user,
            cluster={"certificate-authority-data": in_base64(pki / "ca.crt")},
        )
        async with up(config) as fleet:
            assert await answers(fleet) == b"ok"
            await fleet.kill("web-a")
            await eventually(lambda: named(fleet, "web-a") is None, "the pod to be gone")


@asynchronous
async def test_a_certificate_that_can_not_be_trusted_is_told(tmp_path: Path, pki: Path) -> None:
    other = authority(tmp_path / "other")
    async with running(tls=server_context(pki)) as cluster:
        config = write_kubeconfig(
            tmp_path / "config", cluster.port, scheme="https", cluster={"certificate-authority": str(other)}
        )
        with pytest.raises(FleetError, match=r"the certificate of https://.* can't be trusted"):
            await KubernetesFleet(CLIENTS_ONLY, Roster(), str(config)).start()


@asynchronous
async def test_a_proxy_of_the_kubeconfig_carries_watches_and_tunnels(tmp_path: Path, pki: Path) -> None:
    asked: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.split(b"\r\n")[0])
        host, _, port = head.split()[1].partition(b":")
        there, back = await asyncio.open_connection(host.decode(), int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(copy(reader, back), copy(there, writer))

    async with (
        upstream(http(b"ok")) as port,
        upstream(proxy) as proxy_port,
        running([("web-a", "client", ("127.0.0.1", port))], server_context(pki)) as cluster,
    ):
        config = write_kubeconfig(
            tmp_path / "config",
            cluster.port,
            scheme="https",
            cluster={
                "certificate-authority": str(pki / "ca.crt"),
                "proxy-url": f"http://127.0.0.1:{proxy_port}",
            },
        )
        async with up(config) as fleet:
            assert await answers(fleet) == b"ok"
    assert len(asked) >= 3
    assert set(asked) == {f"CONNECT 127.0.0.1:{cluster.port} HTTP/1.1".encode()}


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One direction of a proxy."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()


@asynchronous
async def test_inside_a_cluster_pods_are_reached_by_their_own_addresses(
    tmp_path: Path, pki: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kubernetes.config import incluster_config

    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "namespace").write_text("lab")
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(pki / "ca.crt"))
    monkeypatch.setattr(access, "NAMESPACE_FILE", tmp_path / "namespace")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    async with (
        upstream(http(b"ok")) as port,
        running([("web-a", "client", ("127.0.0.1", port))], server_context(pki)) as cluster,
    ):
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(cluster.port))
        fleet = KubernetesFleet(Kubernetes(backend_selector="", port=port), Roster())
        await fleet.start()
        assert fleet.replicas()[0].url == f"http://127.0.0.1:{port}"
        assert await answers(fleet) == b"ok"
        await fleet.stop()
        assert cluster.forwarding.opened == 0


def test_a_context_is_chosen_by_name(tmp_path: Path) -> None:
    config = json.loads(write_kubeconfig(tmp_path / "config", 1).read_text())
    del config["current-context"]
    (tmp_path / "config").write_text(json.dumps(config))
    assert access.load("fake", str(tmp_path / "config")).namespace == "lab"
    with pytest.raises(FleetError, match='has no current context; it has: "fake"'):
        access.load(None, str(tmp_path / "config"))
