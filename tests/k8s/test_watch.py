"""The watch goes on: after cuts, time-outs, versions that are forgotten, and an API server that restarts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from brownout_fleet.model import ReplicaPhase
from brownout_k8s.backoff import backoff_s
from brownout_k8s.fleet import KubernetesFleet
from tests.fleet.aio import asynchronous, eventually, http, upstream
from tests.k8s.cluster import Cluster, running
from tests.k8s.fleets import comes, fleet_on, named


@asynccontextmanager
async def watched(folder: Path) -> AsyncIterator[tuple[Cluster, KubernetesFleet]]:
    """A cluster with the pods web-a and web-b, and a fleet that watches them by one selector."""
    async with upstream(http(b"ok")) as port:
        pods = [(name, "client", ("127.0.0.1", port)) for name in ("web-a", "web-b")]
        async with running(pods) as cluster, fleet_on(cluster, folder, backend_selector="") as fleet:
            await eventually(lambda: cluster.count("watch") == 1, "the watch")
            yield cluster, fleet


@asynchronous
async def test_a_watch_that_broke_goes_on_from_the_last_version(tmp_path: Path) -> None:
    async with watched(tmp_path) as (cluster, fleet):
        cluster.change("web-a", ready=False)
        await comes(fleet, "web-a", ReplicaPhase.UNREADY)
        cluster.cut_watches()
        cluster.change("web-b", ready=False)
        await comes(fleet, "web-b", ReplicaPhase.UNREADY)
        assert (cluster.count("list"), cluster.count("watch")) == (1, 2)


@asynchronous
async def test_a_forgotten_version_is_listed_anew_and_what_went_meanwhile_is_gone(tmp_path: Path) -> None:
    async with watched(tmp_path) as (cluster, fleet):
        await cluster.stop()
        cluster.remove("web-a")
        cluster.forget_history()
        await cluster.start()
        await eventually(lambda: named(fleet, "web-a") is None, "the pod to be gone")
        assert named(fleet, "web-b")
        assert cluster.count("list") == 2
        cluster.add("web-c", "client", None)
        await comes(fleet, "web-c", ReplicaPhase.READY)


@asynchronous
async def test_a_bookmark_moves_the_version_on_so_that_nothing_has_to_be_listed(tmp_path: Path) -> None:
    async with watched(tmp_path) as (cluster, fleet):
        cluster.forget_history()
        cluster.bookmark()
        await eventually(lambda: cluster.told == 1, "the bookmark to be sent")
        cluster.cut_watches()
        cluster.change("web-a", ready=False)
        await comes(fleet, "web-a", ReplicaPhase.UNREADY)
        assert cluster.count("list") == 1


@asynchronous
async def test_a_server_that_ends_every_watch_is_asked_once_a_second(tmp_path: Path) -> None:
    async with watched(tmp_path) as (cluster, fleet):
        cluster.watch_end_s = 0.01
        cluster.cut_watches()
        await eventually(lambda: cluster.count("watch") >= 2, "the next watch")
        before = cluster.count("watch")
        await asyncio.sleep(2.2)
        assert 1 <= cluster.count("watch") - before <= 3
        cluster.change("web-a", ready=False)
        await comes(fleet, "web-a", ReplicaPhase.UNREADY)


@asynchronous
async def test_a_server_in_trouble_is_asked_less_and_less_and_replicas_stay_as_known(tmp_path: Path) -> None:
    async with watched(tmp_path) as (cluster, fleet):
        cluster.gate = 503
        cluster.cut_watches()
        await asyncio.sleep(2.0)
        assert 2 <= cluster.count("watch") <= 9
        assert [one.phase for one in fleet.replicas()] == [ReplicaPhase.READY] * 2
        cluster.gate = None
        cluster.change("web-a", ready=False)
        await comes(fleet, "web-a", ReplicaPhase.UNREADY)


@pytest.mark.parametrize(
    ("failures", "jitter", "expected"),
    [
        (1, 0.0, 0.1),  # half of the first pause at least
        (1, 1.0, 0.2),
        (2, 1.0, 0.4),  # each twice the one before
        (5, 1.0, 3.2),
        (6, 1.0, 5.0),  # up to the longest
        (1000, 1.0, 5.0),
    ],
)
def test_pauses_grow_up_to_the_longest(failures: int, jitter: float, expected: float) -> None:
    assert backoff_s(failures, jitter) == pytest.approx(expected)
