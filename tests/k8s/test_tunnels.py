"""The port-forward: bytes, back-pressure, ends, failures, and what is left behind."""

import asyncio
import gc
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from brownout.free_port import free_port
from brownout_fleet.model import ReplicaEvent
from brownout_fleet.roster import Roster
from brownout_k8s import tunnel, tunnels
from tests.fleet.aio import Caller, Handler, asynchronous, eventually, http, upstream
from tests.k8s.cluster import Cluster, running
from tests.k8s.fleets import fleet_on, named


@asynccontextmanager
async def pod(
    handler: Handler, folder: Path, roster: Roster | None = None
) -> AsyncIterator[tuple[Cluster, int]]:
    """A client pod that runs `handler`, and the loopback port that leads to it."""
    async with (
        upstream(handler) as port,
        running([("web-a", "client", ("127.0.0.1", port))]) as cluster,
        fleet_on(cluster, folder, roster, backend_selector="") as fleet,
    ):
        replica = named(fleet, "web-a")
        assert replica
        await eventually(lambda: not cluster.forwarding.pipes, "the first try to be over")
        yield cluster, replica.address[1]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends back what comes."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Reads and never answers."""
    while await reader.read(65536):
        pass


@asynchronous
async def test_bytes_pass_unchanged_in_both_directions(tmp_path: Path) -> None:
    sent = bytes(range(256)) * 20_000
    async with pod(echo, tmp_path) as (_, port):
        caller = await Caller.connect(port)
        caller.writer.write(sent)
        assert await caller.reader.readexactly(len(sent)) == sent
        await caller.close()


@asynchronous
async def test_a_client_that_does_not_read_stops_the_pod_from_sending(tmp_path: Path) -> None:
    accepted = 0

    async def flood(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal accepted
        for _ in range(1000):
            writer.write(bytes(100_000))
            await writer.drain()
            accepted += 100_000

    async with pod(flood, tmp_path) as (_, port):
        with socket.create_connection(("127.0.0.1", port)) as idle:
            idle.send(b"go")
            assert 0 < await stalls(lambda: accepted) < 50_000_000


async def stalls(count: Callable[[], int]) -> int:
    """Wait until a number no longer grows."""
    previous = -1
    while count() != previous:
        previous = count()
        await asyncio.sleep(0.3)
    return previous


@asynchronous
async def test_a_pod_that_does_not_read_stops_the_client_from_sending(tmp_path: Path) -> None:
    async def deaf(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async with pod(deaf, tmp_path) as (_, port):
        with socket.create_connection(("127.0.0.1", port)) as eager:
            eager.setblocking(False)
            sent = 0

            def push() -> int:
                nonlocal sent
                try:
                    while sent < 50_000_000:
                        sent += eager.send(bytes(100_000))
                except BlockingIOError:
                    pass
                return sent

            assert 0 < await stalls(push) < 50_000_000


@asynchronous
async def test_what_a_pod_still_sends_after_the_client_s_end_is_delivered(tmp_path: Path) -> None:
    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.3)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")

    async with pod(late, tmp_path) as (_, port):
        caller = await Caller.connect(port)
        caller.writer.write(b"GET / HTTP/1.1\r\n\r\n")
        caller.writer.write_eof()
        assert (await caller.reader.read()).endswith(b"late")
        await caller.close()


@asynchronous
async def test_a_client_that_ends_between_two_requests_ends_the_tunnel_at_once(tmp_path: Path) -> None:
    async with pod(http(b"ok"), tmp_path) as (cluster, port):
        caller = await Caller.connect(port)
        assert (await caller.get())[2] == b"ok"
        await caller.close()
        await eventually(lambda: not cluster.forwarding.pipes, "the tunnel to end", tunnel.HALF_CLOSED_S / 2)


@asynchronous
async def test_a_silent_half_closed_tunnel_ends_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnel, "HALF_CLOSED_S", 0.2)
    monkeypatch.setattr(tunnels, "TICK_S", 0.1)
    async with pod(silent, tmp_path) as (cluster, port):
        caller = await Caller.connect(port)
        caller.writer.write(b"no HTTP")
        caller.writer.write_eof()
        await eventually(lambda: cluster.forwarding.pipes, "the tunnel")
        await eventually(lambda: not cluster.forwarding.pipes, "the tunnel to end")
        assert await caller.reader.read() == b""
        await caller.close()


@asynchronous
async def test_a_reset_by_the_pod_is_a_reset_for_the_client(tmp_path: Path) -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with pod(reset, tmp_path) as (_, port):
        caller = await Caller.connect(port)
        with pytest.raises(ConnectionResetError):
            await caller.get()
        await caller.close()


@asynchronous
async def test_a_request_that_the_tunnel_loses_is_answered_as_the_tunnel_s_failure(tmp_path: Path) -> None:
    roster = Roster()
    async with pod(silent, tmp_path, roster) as (cluster, port):
        caller = await Caller.connect(port)
        asking = asyncio.create_task(caller.get())
        await eventually(lambda: cluster.forwarding.pipes, "the tunnel")
        await asyncio.sleep(0.05)
        cluster.cut_tunnels(reset=True)
        status, headers, body = await asking
        assert (status, headers["x-brownout-forwarder"]) == (502, "tunnel")
        assert b"the connection to the API server broke" in body
        await caller.close()
        async for event in roster.watch():
            if event.kind == "tunnel":
                assert event.replica.name == "web-a"
                assert str(event.replica.reason).startswith("lost a connection: ")
                break


@asynchronous
async def test_a_request_that_a_killed_pod_loses_is_not_the_tunnel_s_failure(tmp_path: Path) -> None:
    async with pod(silent, tmp_path) as (cluster, port):
        caller = await Caller.connect(port)
        asking = asyncio.create_task(caller.get())
        await eventually(lambda: cluster.forwarding.pipes, "the tunnel")
        await asyncio.sleep(0.05)
        cluster.remove("web-a")
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asking
        await caller.close()


@pytest.mark.parametrize("status", [403, 500, 410])
@asynchronous
async def test_a_refused_tunnel_is_told_with_the_server_s_words(tmp_path: Path, status: int) -> None:
    async with pod(http(b"ok"), tmp_path) as (cluster, port):
        cluster.forwarding.mode = status
        caller = await Caller.connect(port)
        answered, headers, body = await caller.get()
        assert (answered, headers["x-brownout-forwarder"]) == (502, "tunnel")
        assert b"refused by the test" in body
        await caller.close()


@asynchronous
async def test_a_stalled_api_server_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunnels, "HANDSHAKE_S", 0.2)
    async with pod(http(b"ok"), tmp_path) as (cluster, port):
        cluster.forwarding.mode = "stall"
        caller = await Caller.connect(port)
        status, headers, body = await caller.get()
        assert (status, headers["x-brownout-forwarder"]) == (502, "tunnel")
        assert b"did not answer for 0.2 s" in body
        await caller.close()


@asynchronous
async def test_a_pod_that_refuses_is_the_pod_s_failure(tmp_path: Path) -> None:
    async with pod(http(b"ok"), tmp_path) as (cluster, port):
        cluster.addresses["web-a"] = ("127.0.0.1", free_port())
        caller = await Caller.connect(port)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await caller.get()
        await caller.close()


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
