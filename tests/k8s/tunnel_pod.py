"""A pod behind a tunnel, and what may run in it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from brownout_fleet.roster import Roster
from tests.fleet.aio import Handler, eventually, upstream
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
