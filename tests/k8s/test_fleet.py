"""The fleet on Kubernetes against a fake API server: who is there, who is ready, and who was killed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from brownout_fleet.model import FleetError, NotRunningError, ReplicaEvent, ReplicaPhase, UnknownReplicaError
from brownout_fleet.roster import Roster
from tests.fleet.aio import Caller, asynchronous, eventually, http, upstream
from tests.k8s.cluster import Cluster, running
from tests.k8s.fleets import comes, fleet_for, fleet_on, named


@asynccontextmanager
async def lab() -> AsyncIterator[Cluster]:
    """Two clients and a backend, each with a server of its own."""
    async with (
        upstream(http(b"one")) as one,
        upstream(http(b"two")) as two,
        upstream(http(b"back")) as back,
        running(
            [
                ("client-a", "client", ("127.0.0.1", one)),
                ("client-b", "client", ("127.0.0.1", two)),
                ("backend-a", "backend", ("127.0.0.1", back)),
            ]
        ) as cluster,
    ):
        yield cluster


@asynchronous
async def test_the_pods_that_match_are_the_replicas(tmp_path: Path) -> None:
    async with lab() as cluster:
        cluster.add("stranger", "database", None)
        async with fleet_on(cluster, tmp_path) as fleet:
            assert [one.name for one in fleet.replicas()] == ["backend-a", "client-a", "client-b"]
            assert {one.phase for one in fleet.replicas()} == {ReplicaPhase.READY}
            assert [one.uid for one in fleet.replicas("backend")] == ["uid-3"]


@asynchronous
async def test_a_replica_s_url_reaches_exactly_that_pod(tmp_path: Path) -> None:
    async with lab() as cluster, fleet_on(cluster, tmp_path) as fleet:
        for name, body in {"client-a": b"one", "client-b": b"two", "backend-a": b"back"}.items():
            replica = named(fleet, name)
            assert replica
            assert replica.url.startswith("http://127.0.0.1:")
            caller = await Caller.connect(replica.address[1])
            assert [(await caller.get())[2] for _ in range(3)] == [body] * 3
            await caller.close()


@asynchronous
async def test_a_kill_deletes_at_once_exactly_the_pod_that_was_meant(tmp_path: Path) -> None:
    roster = Roster()
    async with lab() as cluster, fleet_on(cluster, tmp_path, roster) as fleet:
        killed = await fleet.kill("client-a")
        assert killed.uid == "uid-1"
        assert "client-a" not in cluster.pods
        await eventually(lambda: named(fleet, "client-a") is None, "the pod to be gone")
        events = [event async for event in until(roster, "gone")]
        assert (events[-1].replica.name, events[-1].replica.uid) == ("client-a", "uid-1")


async def until(roster: Roster, kind: str) -> AsyncIterator[ReplicaEvent]:
    """The events up to the first of that kind."""
    async for event in roster.watch():
        yield event
        if event.kind == kind:
            return


@asynchronous
async def test_a_kill_with_grace_leaves_the_pod_time_and_takes_it_out_at_once(tmp_path: Path) -> None:
    async with lab() as cluster, fleet_on(cluster, tmp_path, grace_s=30) as fleet:
        await fleet.kill("client-a")
        replica = await comes(fleet, "client-a", ReplicaPhase.UNREADY)
        assert replica.reason == "terminating"
        cluster.remove("client-a")
        await eventually(lambda: named(fleet, "client-a") is None, "the pod to be gone")


@asynchronous
async def test_a_pod_that_came_since_under_the_same_name_is_not_hit(tmp_path: Path) -> None:
    async with lab() as cluster, fleet_on(cluster, tmp_path) as fleet:
        cluster.pods["client-a"]["metadata"]["uid"] = "another"
        with pytest.raises(NotRunningError, match="client-a is gone already"):
            await fleet.kill("client-a")
        assert "client-a" in cluster.pods
        with pytest.raises(UnknownReplicaError):
            await fleet.kill("client-z")


@asynchronous
async def test_a_pod_that_comes_later_gets_ready_and_is_reached(tmp_path: Path) -> None:
    async with lab() as cluster, fleet_on(cluster, tmp_path) as fleet:
        cluster.add("client-c", "client", cluster.addresses["client-a"], ready=False)
        await comes(fleet, "client-c", ReplicaPhase.STARTING)
        cluster.change("client-c", ready=True)
        replica = await comes(fleet, "client-c", ReplicaPhase.READY)
        caller = await Caller.connect(replica.address[1])
        assert (await caller.get())[2] == b"one"
        await caller.close()


@asynchronous
async def test_an_out_of_memory_kill_in_place_is_a_new_life_with_its_reason(tmp_path: Path) -> None:
    roster = Roster()
    async with lab() as cluster, fleet_on(cluster, tmp_path, roster) as fleet:
        seen = roster.seq
        cluster.change("backend-a", ready=False, restarts=1, last_end=("OOMKilled", 137))
        await comes(fleet, "backend-a", ReplicaPhase.STARTING)
        cluster.change("backend-a", ready=True, restarts=1, last_end=("OOMKilled", 137))
        replica = await comes(fleet, "backend-a", ReplicaPhase.READY)
        assert (replica.uid, replica.restarts) == ("uid-3/1", 1)
        events = [event async for event in until_ready(roster, seen)]
        assert [event.kind for event in events] == ["gone", "appeared", "ready"]
        assert events[0].replica.reason == "OOMKilled (exit code 137)"
        assert events[0].replica.uid == "uid-3"


async def until_ready(roster: Roster, since: int) -> AsyncIterator[ReplicaEvent]:
    """The events after `since` up to the first "ready"."""
    async for event in roster.watch(since):
        yield event
        if event.kind == "ready":
            return


@asynchronous
async def test_a_ready_pod_that_is_not_any_more_says_why(tmp_path: Path) -> None:
    async with lab() as cluster, fleet_on(cluster, tmp_path) as fleet:
        cluster.change("client-a", ready=False)
        replica = await comes(fleet, "client-a", ReplicaPhase.UNREADY)
        assert replica.reason == "containers with unready status: [client]"


@asynchronous
async def test_an_evicted_pod_is_gone_with_its_reason(tmp_path: Path) -> None:
    roster = Roster()
    async with lab() as cluster, fleet_on(cluster, tmp_path, roster) as fleet:
        cluster.change("client-a", ready=False, phase="Failed", reason="Evicted")
        await eventually(lambda: named(fleet, "client-a") is None, "the pod to be gone")
        gone = [event async for event in until(roster, "gone")][-1]
        assert gone.replica.reason == "Evicted"


@asynchronous
async def test_an_idle_fleet_asks_the_api_server_nothing(tmp_path: Path) -> None:
    async with lab() as cluster, fleet_on(cluster, tmp_path):
        await eventually(lambda: cluster.count("watch") == 2, "both watches")
        before = len(cluster.requests)
        await asyncio.sleep(1.5)
        assert len(cluster.requests) == before


@asynchronous
async def test_stopping_leaves_the_pods_and_nothing_of_ours(tmp_path: Path) -> None:
    async with lab() as cluster:
        async with fleet_on(cluster, tmp_path) as fleet:
            caller = await Caller.connect(fleet.replicas("backend")[0].address[1])
            await caller.get()
        assert set(cluster.pods) == {"client-a", "client-b", "backend-a"}
        await caller.close()
        await eventually(lambda: not cluster.forwarding.pipes, "the tunnels to close")
        assert len(asyncio.all_tasks()) < 20


@asynchronous
async def test_a_pod_that_comes_up_is_waited_for(tmp_path: Path) -> None:
    async with lab() as cluster:
        cluster.change("backend-a", ready=False)
        fleet = fleet_for(cluster, tmp_path)
        starting = asyncio.create_task(fleet.start())
        await eventually(lambda: cluster.count("watch") == 2, "the watches")
        assert not starting.done()
        cluster.change("backend-a", ready=True)
        await starting
        await fleet.stop()


@asynchronous
async def test_a_broken_pod_beside_one_that_serves_holds_nothing_up(tmp_path: Path) -> None:
    async with lab() as cluster:
        stuck = ("ImagePullBackOff", "Back-off pulling image")
        cluster.add("client-new", "client", None, ready=False, waiting=stuck)
        async with fleet_on(cluster, tmp_path) as fleet:
            replica = named(fleet, "client-new")
            assert replica
            assert replica.phase is ReplicaPhase.STARTING
            assert replica.reason == "ImagePullBackOff: Back-off pulling image"


@asynchronous
async def test_a_fleet_that_can_not_start_leaves_nothing_half_started(tmp_path: Path) -> None:
    async with lab() as cluster:
        cluster.forwarding.mode = 403
        fleet = fleet_for(cluster, tmp_path)
        with pytest.raises(FleetError, match="can't forward a port to client-"):
            await fleet.start()
        await eventually(lambda: len(asyncio.all_tasks()) < 15, "our tasks to end")
