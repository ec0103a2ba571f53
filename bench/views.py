"""What the services are compared with: bare Flask views on the same server, and a trivial upstream."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from flask import Flask, Response

ANSWER = b'{"message":"OK","note":"BackendService healthy"}'
UPSTREAM = [sys.executable, "-m", "bench.views", "{fd}"]
"""The command of the trivial upstream, for a server helper that hands it a listening socket.

The path of a Unix socket may follow, on which it listens as well.
"""
FLOOD = [*UPSTREAM, "flood"]
"""The same, answering with bytes that never end."""


def create_app() -> Flask:
    """`/bare`: the pooled call that /fetch makes, with no policy around it. `/constant`: no call at all."""
    # Flask is imported here, so that the upstream starts without it.
    import requests
    from flask import Flask, jsonify
    from requests.adapters import HTTPAdapter

    app = Flask(__name__)
    url = os.environ["BACKEND_URL"] + "/data"
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=1000))

    @app.get("/bare")
    def bare() -> Response:
        return jsonify(status="ok", data=session.get(url, timeout=3).json())

    @app.get("/constant")
    def constant() -> Response:
        return jsonify(status="fallback", message="circuit-open")

    return app


class Upstream(asyncio.Protocol):
    """Answers whatever arrives with the backend's healthy answer."""

    _answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
        len(ANSWER),
        ANSWER,
    )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._write = cast(asyncio.Transport, transport).write

    def data_received(self, _data: bytes) -> None:
        self._write(self._answer)


class Flood(asyncio.Protocol):
    """Sends as much as the reader takes, after the first request."""

    _piece = bytes(65536)

    def __init__(self) -> None:
        self._may = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, _data: bytes) -> None:
        self._may.set()
        self._task = self._task or asyncio.create_task(self._pour())

    async def _pour(self) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while not self._transport.is_closing():
            await self._may.wait()
            self._transport.write(self._piece)
            await asyncio.sleep(0)

    def pause_writing(self) -> None:
        self._may.clear()

    def resume_writing(self) -> None:
        self._may.set()

    def connection_lost(self, _error: Exception | None) -> None:
        if self._task:
            self._task.cancel()


async def serve(fd: int, protocol: type[asyncio.Protocol], paths: list[str]) -> None:
    """Serve on an inherited listening socket, and on Unix sockets at these paths, until killed."""
    loop = asyncio.get_running_loop()
    kept = [await loop.create_unix_server(protocol, path) for path in paths]  # one that nobody has is closed
    server = await loop.create_server(protocol, sock=socket.socket(fileno=fd))
    await server.serve_forever()
    del kept


if __name__ == "__main__":
    import uvloop

    fd, *rest = sys.argv[1:]
    flood = rest == ["flood"]
    uvloop.run(serve(int(fd), Flood if flood else Upstream, [] if flood else rest))
