"""The forwarder, over real sockets."""

import asyncio
import socket
import struct
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from brownout_fleet.forwarder import listening_sockets
from brownout_fleet.free_port import free_port
from brownout_fleet.model import AnswerTotals, PortTakenError, Replica, ReplicaPhase
from brownout_fleet.relay import Upstream
from brownout_fleet.roster import Roster
from tests.fleet.aio import Caller, asynchronous, eventually, forwarding, http, replica, upstream


@pytest.fixture(params=["tcp", "unix"])
def socket_path(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Both ways to a replica: None for its port, or where its Unix socket is to be."""
    with tempfile.TemporaryDirectory() as folder:
        yield str(Path(folder, "web")) if request.param == "unix" else None


@asynchronous
async def test_bytes_pass_unchanged_in_both_directions(socket_path: str | None) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()

    sent = bytes(range(256)) * 20_000
    async with (
        upstream(echo, socket_path) as port,
        forwarding(Roster(), port, socket_path=socket_path) as forwarder,
    ):
        caller = await Caller.connect(forwarder.port)
        caller.writer.write(sent)
        assert await caller.reader.readexactly(len(sent)) == sent
        await caller.close()


@asynchronous
async def test_a_half_closed_connection_still_gets_its_answer(socket_path: str | None) -> None:
    async def answer_after_eof(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"got %d" % len(await reader.read()))

    async with (
        upstream(answer_after_eof, socket_path) as port,
        forwarding(Roster(), port, socket_path=socket_path) as forwarder,
    ):
        caller = await Caller.connect(forwarder.port)
        caller.writer.write(b"x" * 100_000)
        caller.writer.write_eof()
        assert await caller.reader.read() == b"got 100000"
        await caller.close()


@asynchronous
async def test_a_client_that_does_not_read_stops_the_replica_from_sending(
    socket_path: str | None,
) -> None:
    accepted = 0

    async def flood(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal accepted
        for _ in range(1000):
            writer.write(bytes(100_000))
            await writer.drain()
            accepted += 100_000

    async with (
        upstream(flood, socket_path) as port,
        forwarding(Roster(), port, socket_path=socket_path) as forwarder,
    ):
        with socket.create_connection(("127.0.0.1", forwarder.port)) as idle:
            idle.send(b"go")
            previous = -1
            while accepted != previous:  # until it stalls
                previous = accepted
                await asyncio.sleep(0.2)
            assert 0 < accepted < 50_000_000


@asynchronous
async def test_a_reset_by_the_replica_stays_a_reset() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with upstream(reset) as port, forwarding(Roster(), port) as forwarder:
        caller = await Caller.connect(forwarder.port)
        with pytest.raises(ConnectionResetError):
            await caller.get()
        await caller.close()


@asynchronous
async def test_an_end_by_the_replica_is_an_end_and_not_a_reset(socket_path: str | None) -> None:
    async def hang_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with (
        upstream(hang_up, socket_path) as port,
        forwarding(Roster(), port, socket_path=socket_path) as forwarder,
    ):
        caller = await Caller.connect(forwarder.port)
        with pytest.raises(asyncio.IncompleteReadError):
            await caller.get()
        await caller.close()


@asynchronous
async def test_with_no_ready_replica_the_answer_says_so_and_is_marked_as_the_forwarders() -> None:
    roster = Roster()
    async with forwarding(roster) as forwarder:
        roster.put(replica("web-0", 1, ReplicaPhase.STARTING))
        caller = await Caller.connect(forwarder.port)
        status, headers, body = await caller.get()
        assert (status, headers["x-brownout-forwarder"]) == (503, "no-ready-replica")
        assert body == b"no replica of web could be reached (1 starting)\n"
        assert forwarder.status().refused == 1
        await caller.close()


@asynchronous
async def test_answers_are_counted_while_a_connection_lives_and_after(socket_path: str | None) -> None:
    body = b"x" * 300_000
    async with (
        upstream(http(body), socket_path) as port,
        forwarding(Roster(), port, socket_path=socket_path) as forwarder,
    ):
        callers = [await Caller.connect(forwarder.port) for _ in range(3)]
        for caller in callers:
            for _ in range(4):
                assert (await caller.get())[2] == body
        assert forwarder.status().answers == AnswerTotals(12)
        for caller in callers:
            await caller.close()
        await eventually(lambda: not forwarder._relays, "the connections to end")
        assert forwarder.status().answers == AnswerTotals(12)


@asynchronous
async def test_an_answer_of_the_forwarder_s_own_counts_and_one_that_never_came_does_not() -> None:
    async def hang_up(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with forwarding(Roster()) as forwarder:
        caller = await Caller.connect(forwarder.port)
        assert (await caller.get())[0] == 503
        await caller.close()
        assert forwarder.status().answers == AnswerTotals(1)
    async with upstream(hang_up) as port, forwarding(Roster(), port) as forwarder:
        caller = await Caller.connect(forwarder.port)
        with pytest.raises(asyncio.IncompleteReadError):
            await caller.get()
        await caller.close()
        assert forwarder.status().answers == AnswerTotals()


@asynchronous
async def test_a_replica_that_refuses_is_passed_over() -> None:
    async with upstream(http(b"alive")) as port, forwarding(Roster(), free_port(), port) as forwarder:
        for _ in range(5):
            caller = await Caller.connect(forwarder.port)
            assert (await caller.get())[2] == b"alive"
            await caller.close()
        assert forwarder.status().refused == 0


@asynchronous
async def test_both_loopback_addresses_reach_the_service() -> None:
    async with upstream(http(b"hello")) as port, forwarding(Roster(), port) as forwarder:
        for host in ("127.0.0.1", "::1"):
            caller = await Caller.connect(forwarder.port, host)
            assert (await caller.get())[2] == b"hello"
            await caller.close()


@asynchronous
async def test_the_age_of_the_oldest_connection_that_waits_for_a_replica_can_be_asked_for() -> None:
    found = asyncio.Event()
    roster = Roster()
    connect = roster.connect

    async def connect_later(upstream: Callable[[], Upstream], to: Replica) -> Upstream:
        await found.wait()
        return await connect(upstream, to)

    roster.connect = connect_later
    async with upstream(http(b"there")) as port, forwarding(roster, port) as forwarder:
        assert forwarder.oldest_wait_s() == 0.0
        caller = await Caller.connect(forwarder.port)
        await eventually(lambda: forwarder.oldest_wait_s() > 0.05, "the connection to wait")
        found.set()
        assert (await caller.get())[0] == 200
        assert forwarder.oldest_wait_s() == 0.0
        await caller.close()


@asynchronous
async def test_connections_are_spread_evenly() -> None:
    async with AsyncExitStack() as stack:
        ports = [await stack.enter_async_context(upstream(http(name))) for name in (b"a", b"b", b"c")]
        forwarder = await stack.enter_async_context(forwarding(Roster(), *ports))
        callers = [await Caller.connect(forwarder.port) for _ in range(99)]
        shares = Counter([(await caller.get())[2] for caller in callers])
        assert shares == {b"a": 33, b"b": 33, b"c": 33}
        await asyncio.gather(*(caller.close() for caller in callers))
        await eventually(lambda: not any(forwarder.status().connections.values()), "connections to be let go")


@asynchronous
async def test_a_replica_that_appears_gets_its_share_and_no_request_is_lost() -> None:
    roster = Roster()
    async with (
        upstream(http(b"old")) as old,
        upstream(http(b"new")) as new,
        forwarding(roster, old) as forwarder,
    ):
        callers = [await Caller.connect(forwarder.port) for _ in range(20)]
        assert {(await caller.get())[2] for caller in callers} == {b"old"}
        roster.put(replica("web-1", new))
        for _ in range(3):
            answers = Counter([(await caller.get())[2] for caller in callers])
        assert answers == {b"old": 10, b"new": 10}
        assert forwarder.status().connections == {"web-0": 10, "web-1": 10}
        await asyncio.gather(*(caller.close() for caller in callers))


@asynchronous
async def test_a_replica_that_is_gone_loses_only_what_it_held() -> None:
    roster = Roster()
    async with AsyncExitStack() as stack:
        first, second = [await stack.enter_async_context(upstream(http(name))) for name in (b"a", b"b")]
        async with forwarding(roster, first, second) as forwarder:
            callers = [await Caller.connect(forwarder.port) for _ in range(10)]
            served_by = [(await caller.get())[2] for caller in callers]
            roster.put(replica("web-0", first, ReplicaPhase.GONE))
            for caller, name in zip(callers, served_by, strict=True):
                if name == b"a":
                    assert await caller.reader.read() == b""
                else:
                    assert (await caller.get())[2] == b"b"
            fresh = await Caller.connect(forwarder.port)
            assert (await fresh.get())[2] == b"b"
            await asyncio.gather(*(caller.close() for caller in [*callers, fresh]))


@pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
def test_a_taken_port_names_the_option_that_changes_it_and_opens_nothing(
    host: str, family: socket.AddressFamily
) -> None:
    with socket.create_server((host, 0), family=family) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"port {port} is taken .*\n\n.*--client-port PORT"):
            listening_sockets(port, "--client-port")


def test_port_0_picks_one_port_for_both_addresses() -> None:
    sockets = listening_sockets(0, "--client-port")
    try:
        assert len({sock.getsockname()[1] for sock in sockets}) == 1
        assert {sock.family for sock in sockets} == {socket.AF_INET, socket.AF_INET6}
    finally:
        for sock in sockets:
            sock.close()


@asynchronous
async def test_a_connection_leaves_a_replica_that_is_not_ready_any_more_between_two_requests() -> None:
    roster = Roster()
    async with upstream(http(b"a")) as a, upstream(http(b"b")) as b, forwarding(roster, a) as forwarder:
        caller = await Caller.connect(forwarder.port)
        assert (await caller.get())[2] == b"a"
        roster.put(replica("web-1", b))
        roster.put(replica("web-0", a, ReplicaPhase.UNREADY))
        assert [(await caller.get())[2] for _ in range(3)] == [b"a", b"b", b"b"]
        await caller.close()


@asynchronous
async def test_what_is_no_http_gets_no_answer_when_nobody_is_ready_only_the_end() -> None:
    async with forwarding(Roster()) as forwarder:
        caller = await Caller.connect(forwarder.port)
        caller.writer.write(b"\x00\x01\x02")
        assert await caller.reader.read() == b""
        await caller.close()
