"""The least that a relay on uvloop can be: bytes from a port to a Unix socket and back, and nothing else.

No spreading over what is ready, no following of kills, no back-pressure, no hand-over: what it carries is
what the machine's sockets and event loop allow, and so the measure of what the forwarder costs beyond them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import cycle
from typing import cast


class Side(asyncio.Protocol):
    """One end of a relayed connection; `peer` is the other."""

    transport: asyncio.Transport
    data_received: Callable[[bytes], None]  # type: ignore[assignment]  # from the peer on: its write
    peer: Side | None = None

    def __init__(self, connected: Callable[[Side], None] = lambda _: None) -> None:
        self._connected = connected
        self._waiting: list[bytes] = []
        self.data_received = self._waiting.append

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._connected(self)

    def join(self, peer: Side) -> None:
        peer.transport.writelines(self._waiting)
        for one, other in ((self, peer), (peer, self)):
            one.peer, one.data_received = other, other.transport.write
            one.transport.set_protocol(one)

    def connection_lost(self, _error: Exception | None) -> None:
        if self.peer is not None:
            self.peer.transport.close()


async def serve(upstreams: Sequence[str | int], up: Callable[[int], None]) -> None:
    """Relay a free loopback port to these in turn, for a minute; `up` is told the port.

    An upstream is the path of a Unix socket, or a loopback port.
    """
    loop, tasks, turn = asyncio.get_running_loop(), set(), cycle(upstreams)

    async def dial(side: Side) -> None:
        place = next(turn)
        if isinstance(place, str):
            _, upstream = await loop.create_unix_connection(Side, place)
        else:
            _, upstream = await loop.create_connection(Side, "127.0.0.1", place)
        side.join(upstream)

    def connected(side: Side) -> None:
        tasks.add(task := loop.create_task(dial(side)))
        task.add_done_callback(tasks.discard)

    server = await loop.create_server(lambda: Side(connected), "127.0.0.1", 0)
    up(server.sockets[0].getsockname()[1])
    await asyncio.sleep(60)
