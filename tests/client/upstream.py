"""A backend made of a plain socket, so that it can misbehave in every way that a socket can."""

import re
import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self, cast

WAIT_S = 10.0
"""Longest time that a behaviour holds a connection; tests release it earlier."""

Behaviour = Callable[["Upstream", socket.socket], None]
"""Answers one request, whose head has been read. The connection is kept, unless this closes it."""


class Upstream:
    """A backend that answers each request as `behaviour` does; tests may set that at any time.

    `heads` are the heads of the requests, as they came; `connections` counts connections; `sent` counts bytes
    of bodies; `released` ends every wait of a behaviour.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.reset(behaviour)
        self._open: set[socket.socket] = set()
        self._listen(port=0)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reset(self, behaviour: Behaviour) -> None:
        """Forget what was, and behave like this."""
        self.heads: list[bytes] = []
        self.connections = 0
        self.sent = 0
        self.released = threading.Event()
        self.behaviour = behaviour

    @property
    def ids(self) -> list[str]:
        """The X-Request-ID of each request."""
        found = (re.search(rb"\r\nX-Request-ID: (\S+)\r\n", head) for head in list(self.heads))
        return [match[1].decode() for match in found if match]

    def close(self) -> None:
        """Refuse new connections, and end those that are there."""
        self.released.set()
        self._server.shutdown()
        self._accepting.join()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    def reopen(self) -> None:
        """Accept connections again, on the same port."""
        self._listen(self._server.server_address[1])

    def serve(self, connection: socket.socket) -> None:
        """Answer the requests of one connection."""
        self.connections += 1
        self._open.add(connection)
        try:
            with suppress(OSError):
                while head := _head(connection):
                    self.heads.append(head)
                    self.behaviour(self, connection)
        finally:
            self._open.discard(connection)

    def _listen(self, port: int) -> None:
        self._server = _Server(("127.0.0.1", port), self)
        self._accepting = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._accepting.start()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int], upstream: Upstream) -> None:
        super().__init__(address, _Handler)
        self.upstream = upstream


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        cast(_Server, self.server).upstream.serve(self.request)


def _head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(65536)
        if not piece:
            return b""
        head += piece
    return head
