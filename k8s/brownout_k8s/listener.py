"""One loopback port that leads to exactly one pod: what a replica's URL is outside the cluster."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, cast

from brownout_fleet.forwarder import ListeningPort, listening_sockets
from brownout_fleet.model import TunnelError
from brownout_fleet.relay import NoReplicaError, Relay, Upstream

Open = Callable[[Callable[[], Upstream]], Awaitable[Upstream]]
"""Connects an upstream to the pod; raises TunnelError or OSError."""


class PodListener:
    """Relays connections to one pod. Listens from the start, so that the port is known at once."""

    def __init__(self, name: str, connect: Open, port: int = 0, option: str = "--port") -> None:
        self._name = name
        self._connect = connect
        self._ports = ListeningPort(listening_sockets(port, option))
        self.port = self._ports.number
        self._relays: set[Relay] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The pod's URL on this machine."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Accept connections."""
        await self._ports.serve(lambda: Relay(self, self._spawn))

    def stop(self) -> None:
        """Close the port and every connection through it."""
        self._ports.close()
        for task in self._tasks:
            task.cancel()
        for relay in list(self._relays):
            relay.transport.abort()

    # What a relay asks.

    def opened(self, relay: Relay) -> None:
        """Count a connection in."""
        self._relays.add(relay)

    def half_closed(self, relay: Relay) -> None:
        """Nothing: it stays until its answer has come."""

    def closed(self, relay: Relay) -> None:
        """Count a connection out."""
        self._relays.discard(relay)

    async def dial(self, relay: Relay) -> Upstream:
        """Open a tunnel; raises NoReplicaError."""
        try:
            return await self._connect(lambda: Upstream(relay))
        except TunnelError as error:
            raise NoReplicaError("tunnel", str(error)) from None
        except OSError as error:
            raise NoReplicaError("no-ready-replica", f"{self._name} is gone: {error}") from None

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(cast(Coroutine[Any, Any, None], work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
