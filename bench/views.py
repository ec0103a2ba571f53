"""What the services are compared with: bare Flask views on the same server, and a trivial upstream."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from typing import cast

ANSWER = b'{"message":"OK","note":"BackendService healthy"}'
UPSTREAM = [sys.executable, "-m", "bench.views", "{fd}"]
"""The command of the trivial upstream, for a server helper that hands it a listening socket."""


def create_app():  # type: ignore[no-untyped-def]  # Flask is imported here, so that the upstream starts without
    """`/bare`: the pooled call that /fetch makes, with no policy around it. `/constant`: no call at all."""
    import requests
    from flask import Flask, jsonify
    from requests.adapters import HTTPAdapter

    app = Flask(__name__)
    url = os.environ["BACKEND_URL"] + "/data"
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", HTTPAdapter(pool_connections=1, pool_maxsize=1000))

    @app.get("/bare")
    def bare():  # type: ignore[no-untyped-def]
        return jsonify(status="ok", data=session.get(url, timeout=3).json())

    @app.get("/constant")
    def constant():  # type: ignore[no-untyped-def]
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


async def serve(fd: int) -> None:
    """Serve on an inherited listening socket until killed."""
    server = await asyncio.get_running_loop().create_server(Upstream, sock=socket.socket(fileno=fd))
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(int(sys.argv[1])))
