"""A server of its own, in a thread: for services that are no web application, or whose port is another's."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

logger = logging.getLogger("brownout.watch")

TIMEOUT_S = 10.0
"""A reader that is silent for longer loses its connection."""


class _Server(ThreadingHTTPServer):
    """Several processes may listen at one port: the kernel gives each its share of the connections."""

    daemon_threads = True
    allow_reuse_port = True


class Standalone:
    """Serves the document at a port, at most once in a process."""

    def __init__(self, body: Callable[[], bytes]) -> None:
        self._body = body
        self._server: _Server | None = None
        self._starting = threading.Lock()

    def serve(self, host: str, port: int) -> int | None:
        """Start, unless it serves already; returns the port, None if it can't be had."""
        with self._starting:
            if self._server is None:
                try:
                    self._server = _Server((host, port), self._handler())
                except OSError as error:
                    logger.warning(
                        "brownout.watch: port %s of %s is not served: %s", port, host, error.strerror
                    )
                    return None
                name = "brownout-watch"
                threading.Thread(target=self._server.serve_forever, name=name, daemon=True).start()
            return int(self._server.server_address[1])

    def stop(self) -> None:
        """End it."""
        with self._starting:
            if self._server:
                self._server.shutdown()
                self._server.server_close()
                self._server = None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        body_of = self._body

        class Handler(BaseHTTPRequestHandler):
            timeout = TIMEOUT_S

            def do_GET(self) -> None:
                body = body_of()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Write nothing: a poll each second is no news."""

        return Handler
