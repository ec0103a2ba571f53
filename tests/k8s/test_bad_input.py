"""What a user is told when it can't work, with the command that helps; nothing is left half-started."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from brownout_fleet.config import Kubernetes
from brownout_fleet.free_port import free_port
from brownout_fleet.model import FleetError, ReplicaPhase
from brownout_fleet.roster import Roster
from brownout_k8s import fleet as fleet_module
from brownout_k8s.fleet import KubernetesFleet
from tests.fleet.aio import asynchronous, http, upstream
from tests.k8s.cluster import Cluster, running
from tests.k8s.documents import write_kubeconfig
from tests.k8s.fleets import fleet_on, named

PULL = ("ImagePullBackOff", 'Back-off pulling image "nowhere/web:1"')


def ours() -> list[asyncio.Task[object]]:
    """The tasks that run code of the fleet."""
    package = str(Path(fleet_module.__file__).parent)
    return [task for task in asyncio.all_tasks() if package in str(task.get_coro())]


def deny(verb: str, resource: str) -> Callable[[Cluster], None]:
    """Take a right away."""
    return lambda cluster: cluster.denied.add((verb, resource))


def image_that_can_not_be_pulled(cluster: Cluster) -> None:
    cluster.change("web-a", ready=False, waiting=PULL)


def never_ready(cluster: Cluster) -> None:
    cluster.change("web-a", ready=False)


def expired(cluster: Cluster) -> None:
    cluster.tokens.clear()


def no_namespace(cluster: Cluster) -> None:
    cluster.namespaces.clear()
    cluster.remove("web-a")


def no_match(cluster: Cluster) -> None:
    cluster.remove("web-a")


def down(cluster: Cluster) -> None:
    cluster.gate = 503


@pytest.mark.parametrize(
    ("trouble", "told", "command"),
    [
        (expired, "does not accept these credentials", "kubectl --context fake auth whoami"),
        (deny("list", "pods"), 'cannot list resource "pods"', "kubectl --context fake auth can-i --list"),
        (
            deny("get", "pods/portforward"),
            r'can\'t forward a port to web-a: .*cannot get resource "pods/portforward"',
            "kubectl --context fake auth can-i --list",
        ),
        (no_namespace, 'there is no namespace "lab"', "kubectl --context fake get namespaces"),
        (
            no_match,
            'no pod in namespace "lab" matches "app=client"',
            "kubectl --context fake -n lab get pods --show-labels; choose with --client-selector LABELS",
        ),
        (
            image_that_can_not_be_pulled,
            'no pod of the client gets ready:\n  web-a: ImagePullBackOff: Back-off pulling image "nowhere/',
            "kubectl --context fake -n lab describe pod web-a",
        ),
        (
            never_ready,
            r"no pod of the client gets ready:\n  web-a: containers with unready status: \[client\]",
            "kubectl --context fake -n lab describe pod web-a",
        ),
        (down, "the API server answers 503: etcd is not there", ""),
    ],
)
@asynchronous
async def test_a_fleet_that_can_not_start_says_why_and_what_helps(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[Cluster], None],
    told: str,
    command: str,
) -> None:
    monkeypatch.setattr(fleet_module, "APPEAR_S", 0.2)
    async with upstream(http(b"ok")) as port, running([("web-a", "client", ("127.0.0.1", port))]) as cluster:
        trouble(cluster)
        config = write_kubeconfig(tmp_path / "config", cluster.port)
        settings = Kubernetes(backend_selector="", start_timeout_s=0.5)
        fleet = KubernetesFleet(settings, Roster(), str(config))
        with pytest.raises(FleetError, match=told) as caught:
            await fleet.start()
        assert command in str(caught.value)
        await asyncio.sleep(0.05)
        assert ours() == []


@asynchronous
async def test_no_cluster_behind_a_context_is_said_at_once(tmp_path: Path) -> None:
    config = write_kubeconfig(tmp_path / "config", free_port())
    fleet = KubernetesFleet(Kubernetes(), Roster(), str(config))
    with pytest.raises(FleetError, match=r'no cluster answers at .* \(context "fake"\): Connect') as caught:
        await fleet.start()
    assert "Try: kubectl --context fake cluster-info" in str(caught.value)


@asynchronous
async def test_a_context_that_does_not_exist_is_told_with_those_that_do(tmp_path: Path) -> None:
    config = write_kubeconfig(tmp_path / "config", 1)
    fleet = KubernetesFleet(Kubernetes(context="prod"), Roster(), str(config))
    with pytest.raises(
        FleetError, match=r'no context "prod"; it has: "fake"\.\n\nChoose one with --context NAME'
    ):
        await fleet.start()


@pytest.mark.parametrize("content", [None, "", "{]", "apiVersion: v1\nkind: Config\n"])
@asynchronous
async def test_a_kubeconfig_that_can_not_be_used_is_named(tmp_path: Path, content: str | None) -> None:
    config = tmp_path / "config"
    if content is not None:
        config.write_text(content)
    fleet = KubernetesFleet(Kubernetes(), Roster(), str(config))
    with pytest.raises(FleetError, match=r'no cluster is configured: ".*/config" can\'t be used'):
        await fleet.start()


@asynchronous
async def test_a_kill_that_is_not_allowed_says_so_and_the_fleet_goes_on(tmp_path: Path) -> None:
    async with upstream(http(b"ok")) as port, running([("web-a", "client", ("127.0.0.1", port))]) as cluster:
        cluster.denied.add(("delete", "pods"))
        async with fleet_on(cluster, tmp_path, backend_selector="") as fleet:
            with pytest.raises(FleetError, match='cannot delete resource "pods"') as caught:
                await fleet.kill("web-a")
            assert "auth can-i --list" in str(caught.value)
            replica = named(fleet, "web-a")
            assert replica
            assert replica.phase is ReplicaPhase.READY


@asynchronous
async def test_one_pod_of_two_services_is_refused(tmp_path: Path) -> None:
    async with upstream(http(b"ok")) as port, running([("web-a", "web", ("127.0.0.1", port))]) as cluster:
        config = write_kubeconfig(tmp_path / "config", cluster.port)
        both = Kubernetes(client_selector="app=web", backend_selector="app=web")
        with pytest.raises(FleetError, match="web-a matches both selectors"):
            await KubernetesFleet(both, Roster(), str(config)).start()
