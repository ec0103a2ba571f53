"""How a forwarder connects to a replica; a fleet whose replicas have no address has its own way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from brownout_fleet.model import Replica
from brownout_fleet.relay import Upstream

DIAL_TIMEOUT_S = 1.0
"""A loopback connect that takes longer than a second won't come: try the next replica."""

Connect = Callable[[Callable[[], Upstream], Replica], Awaitable[Upstream]]
"""Connects an upstream to a replica; raises OSError, or TunnelError when it is the way there that is down."""


async def connect_to_address(upstream: Callable[[], Upstream], replica: Replica) -> Upstream:
    """Connect to the replica's Unix socket if it has one, else to its URL."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(DIAL_TIMEOUT_S):
        if replica.socket is not None:
            return (await loop.create_unix_connection(upstream, replica.socket))[1]
        return (await loop.create_connection(upstream, *replica.address))[1]
