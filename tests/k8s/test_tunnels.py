"""The port-forward: bytes, back-pressure, ends, failures, and what is left behind."""

import asyncio
import socket
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from brownout_fleet.free_port import free_port
from brownout_fleet.roster import Roster
from brownout_k8s import tunnel, tunnels
from tests.fleet.aio import Caller, asynchronous, eventually, http
from tests.k8s.tunnel_pod import echo, pod, silent


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
