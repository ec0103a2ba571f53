"""For tests of asyncio code: run on uvloop as the fleet process does, with a deadline."""

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvloop

from brownout_fleet.forwarder import Forwarder, listening_sockets
from brownout_fleet.free_port import free_port
from brownout_fleet.model import Replica, ReplicaPhase
from brownout_fleet.roster import Roster

DEADLINE_S = 40.0

# libuv opens one pipe for the life of the process: now, so that no test seems to have left it behind.
uvloop.run(asyncio.sleep(0))


def asynchronous(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an `async def` test on uvloop; it fails when it takes longer than DEADLINE_S."""

    @functools.wraps(test)
    def wrapper(*args: Any, **kwargs: Any) -> None:
        uvloop.run(asyncio.wait_for(test(*args, **kwargs), DEADLINE_S))

    return wrapper


async def eventually(condition: Callable[[], object], what: str, timeout_s: float = 10.0) -> None:
    """Poll until `condition()` is true; raises TimeoutError that says what was awaited."""
    deadline = asyncio.get_running_loop().time() + timeout_s
    while not condition():
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"waited {timeout_s} s in vain for: {what}")
        await asyncio.sleep(0.005)


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def upstream(handler: Handler, socket_path: str | None = None) -> AsyncIterator[int]:
    """A server that runs `handler` for each connection, on a free TCP port, or at a Unix socket.

    Yields the port; with the Unix socket one that nobody listens on.
    """
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            tasks.discard(task)

    if socket_path is not None:
        server = await asyncio.start_unix_server(accept, socket_path)
        port = free_port()
    else:
        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
    try:
        yield port
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def http(body: bytes) -> Handler:
    """A keep-alive HTTP server that answers every GET with `body`."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()

    return handle


def replica(
    name: str,
    port: int,
    phase: ReplicaPhase = ReplicaPhase.READY,
    uid: str = "1",
    socket_path: str | None = None,
) -> Replica:
    """A replica of the service "web"."""
    return Replica(name, "web", f"http://127.0.0.1:{port}", phase, uid, started_at=0.0, socket=socket_path)


@asynccontextmanager
async def forwarding(roster: Roster, *ports: int, socket_path: str | None = None) -> AsyncIterator[Forwarder]:
    """A forwarder for "web" over ready replicas web-0, web-1, … on these ports."""
    forwarder = Forwarder("web", roster, listening_sockets(0, "--web-port"))
    await forwarder.start()
    for index, port in enumerate(ports):
        roster.put(replica(f"web-{index}", port, socket_path=socket_path))
    try:
        yield forwarder
    finally:
        await forwarder.stop()


class Caller:
    """One keep-alive connection that sends GETs and reads answers with a Content-Length."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, port: int, host: str = "127.0.0.1") -> "Caller":
        """Open the connection."""
        return cls(*await asyncio.open_connection(host, port))

    async def get(self, path: str = "/") -> tuple[int, dict[str, str], bytes]:
        """Status, headers (lower case), and body; raises ConnectionError or IncompleteReadError."""
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        body = await self.reader.readexactly(int(headers["content-length"]))
        return int(head[0].split()[1]), headers, body

    async def close(self) -> None:
        """Close the connection and wait until it is."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()
