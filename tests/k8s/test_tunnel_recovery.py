"""Tunnels recover: after restarts of the API server, kills, silence, and many connections."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from brownout_fleet.model import ReplicaEvent
from brownout_fleet.roster import Roster
from brownout_k8s import tunnels
from tests.fleet.aio import Caller, asynchronous, eventually, http, upstream
from tests.k8s.cluster import running
from tests.k8s.fleets import fleet_on, named
from tests.k8s.tunnel_pod import pod, silent


@asynchronous
async def test_an_api_server_that_restarts_is_waited_out_and_both_are_events(tmp_path: Path) -> None:
    roster = Roster()
    async with pod(http(b"ok"), tmp_path, roster) as (cluster, port):
        await cluster.stop()
        caller = await Caller.connect(port)
        status, headers, _ = await caller.get()
        assert (status, headers["x-brownout-forwarder"]) == (502, "tunnel")
        await caller.close()
        await cluster.start()

        async def works() -> int:
            caller = await Caller.connect(port)
            answer = await caller.get()
            await caller.close()
            return answer[0]

        while await works() != 200:
            pass
        told = [e.replica.reason or "" async for e in first(roster, "tunnel", 2)]
        assert told[0].startswith("failed: ")
        assert "can't be reached" in told[0]
        assert told[1].startswith("works again after ")


@asynchronous
async def test_with_the_api_server_down_a_request_waits_once_however_many_pods_there_are(
    tmp_path: Path,
) -> None:
    roster = Roster()
    async with (
        upstream(http(b"ok")) as one,
        running([(f"web-{index}", "web", ("127.0.0.1", one)) for index in range(9)]) as cluster,
        fleet_on(cluster, tmp_path, roster, client_selector="", backend_selector="app=web"),
        forwarding_service(roster) as port,
    ):
        await cluster.stop()
        began = asyncio.get_running_loop().time()
        for _ in range(2):
            caller = await Caller.connect(port)
            status, headers, _ = await caller.get()
            assert (status, headers["x-brownout-forwarder"]) == (502, "tunnel")
            await caller.close()
        assert asyncio.get_running_loop().time() - began < 4
        down = [event async for event in first(roster, "tunnel", 1)]
        assert "can't be reached" in str(down[0].replica.reason)


async def first(roster: Roster, kind: str, count: int) -> AsyncIterator[ReplicaEvent]:
    """The first events of a kind."""
    async for event in roster.watch():
        if event.kind == kind:
            yield event
            count -= 1
            if not count:
                return


@asynchronous
async def test_a_silent_tunnel_is_pinged_and_one_that_stays_silent_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnels, "PING_S", 0.2)
    monkeypatch.setattr(tunnels, "TICK_S", 0.05)
    async with pod(silent, tmp_path) as (cluster, port):
        caller = await Caller.connect(port)
        asking = asyncio.create_task(caller.get())
        await eventually(lambda: cluster.forwarding.pipes, "the tunnel")
        (pipe,) = cluster.forwarding.pipes
        await eventually(lambda: pipe.pings >= 2, "pings that are answered")
        assert not asking.done()
        pipe.deaf = True
        status, headers, body = await asking
        assert (status, headers["x-brownout-forwarder"]) == (502, "tunnel")
        assert b"no answer to a ping for 0.2 s" in body
        await caller.close()


@asynchronous
async def test_the_stable_port_spreads_over_pods_and_follows_a_kill(tmp_path: Path) -> None:
    roster = Roster()
    async with (
        upstream(http(b"a")) as a,
        upstream(http(b"b")) as b,
        running([("web-a", "web", ("127.0.0.1", a)), ("web-b", "web", ("127.0.0.1", b))]) as cluster,
        fleet_on(cluster, tmp_path, roster, client_selector="", backend_selector="app=web") as fleet,
        forwarding_service(roster) as port,
    ):
        callers = [await Caller.connect(port) for _ in range(4)]
        assert sorted([(await caller.get())[2] for caller in callers]) == [b"a", b"a", b"b", b"b"]
        await fleet.kill("web-a")
        await eventually(lambda: named(fleet, "web-a") is None, "the pod to be gone")
        again = [await Caller.connect(port) for _ in range(4)]
        assert [(await caller.get())[2] for caller in again] == [b"b"] * 4
        for caller in (*callers, *again):
            await caller.close()


@asynccontextmanager
async def forwarding_service(roster: Roster) -> AsyncIterator[int]:
    """The forwarder of the service "backend"."""
    from brownout_fleet.forwarder import Forwarder, listening_sockets

    forwarder = Forwarder("backend", roster, listening_sockets(0, "--backend-port"))
    await forwarder.start()
    yield forwarder.port
    await forwarder.stop()


@asynchronous
async def test_hundreds_of_connections_leave_nothing_behind(tmp_path: Path) -> None:
    async with pod(http(b"ok"), tmp_path) as (cluster, port):
        process = psutil.Process()

        async def short(count: int) -> None:
            for _ in range(count):
                caller = await Caller.connect(port)
                assert (await caller.get())[2] == b"ok"
                await caller.close()

        await asyncio.gather(*(short(5) for _ in range(10)))
        await eventually(lambda: not cluster.forwarding.pipes, "the tunnels to end")
        gc.collect()
        before, tasks = process.num_fds(), len(asyncio.all_tasks())
        await asyncio.gather(*(short(30) for _ in range(10)))
        await eventually(lambda: not cluster.forwarding.pipes, "the tunnels to end")
        await eventually(lambda: process.num_fds() <= before, "descriptors to be closed")
        assert len(asyncio.all_tasks()) <= tasks
        assert threads(process) < 20


def threads(process: psutil.Process) -> int:
    """Of this process; the event loop's pool is bounded."""
    return process.num_threads()
