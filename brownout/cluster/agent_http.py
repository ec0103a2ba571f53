"""The agent's HTTP API, on loopback: order, progress, end, run folder. Every request needs the token.

The standard library's server: one caller, a request a second, and a file at the end.
"""

from __future__ import annotations

import re
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from brownout.cluster.agent import Agent, BusyError
from brownout.cluster.order import Order

LONGEST_ORDER = 4 * 1024 * 1024
"""Bytes; a locustfile and an experiment are far smaller."""

PATIENCE_S = 30.0
"""Deadline of one read or write on a connection."""


@contextmanager
def serving(agent: Agent, port: int) -> Iterator[int]:
    """Serve on this port of 127.0.0.1, from a thread; yields the port. Raises OSError if it is taken."""
    handler = type("Handler", (_Handler,), {"agent": agent})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    agent: Agent
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE_S

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if not self._may():
            return
        since = re.fullmatch(r"since=(\d{1,9})", query)
        if path == "/news" and (since or not query):
            self._answer(self.agent.progress(int(since[1]) if since else 0))
        elif path == "/folder":
            self._send_folder()
        else:
            self._refuse(HTTPStatus.NOT_FOUND, f"there is no {self.path}")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LONGEST_ORDER:
            self.close_connection = True
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"allowed: {LONGEST_ORDER} bytes, announced")
            return
        body = self.rfile.read(int(length))
        if not self._may():
            return
        try:
            self._act(body)
        except msgspec.DecodeError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except BusyError:
            self._refuse(HTTPStatus.CONFLICT, "there is an order already; a pod runs one")

    def _act(self, body: bytes) -> None:
        if self.path == "/order":
            self.agent.take(msgspec.json.decode(body, type=Order))
        elif self.path in ("/stop", "/kill"):
            self.agent.stop(at_once=self.path == "/kill")
        else:
            self._refuse(HTTPStatus.NOT_FOUND, f"there is no {self.path}")
            return
        self._answer({})

    def _may(self) -> bool:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Bearer" and self.agent.knows(token):
            return True
        self._refuse(HTTPStatus.UNAUTHORIZED, "send the run's token: Authorization: Bearer TOKEN")
        return False

    def _send_folder(self) -> None:
        folder = self.agent.folder
        if folder is None:
            self._refuse(HTTPStatus.CONFLICT, "the run has not ended yet, or left no folder")
            return
        with tempfile.TemporaryFile() as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
                archive.add(folder, arcname=folder.name)
            size = file.tell()
            file.seek(0)
            self._begin(HTTPStatus.OK, "application/gzip", size)
            shutil.copyfileobj(file, self.wfile)

    def _answer(self, document: Any) -> None:
        body = msgspec.json.encode(document)
        self._begin(HTTPStatus.OK, "application/json", len(body))
        self.wfile.write(body)

    def _refuse(self, status: HTTPStatus, detail: str) -> None:
        problem = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
        body = msgspec.json.encode(problem)
        self._begin(status, "application/problem+json", len(body))
        self.wfile.write(body)

    def _begin(self, status: HTTPStatus, kind: str, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        """Log nothing: there is a request every second."""
