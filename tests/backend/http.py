"""Callers of a service under test: a pooled one, and raw connections for what a polite one hides."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import requests

from tests.servers import Server

TIMEOUT_S = 10.0
"""The deadline of every wait for an answer."""

JSON = {"Content-Type": "application/json"}


class Backend:
    """A server with a fault set, and a pooled connection to it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._session = requests.Session()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request, with the keyword arguments of `requests.request`."""
        return self._session.request(method, self.server.url + path, timeout=TIMEOUT_S, **options)

    def get(self, path: str) -> Any:
        """The JSON that a GET answers, whatever its status."""
        return self.send("GET", path).json()

    def put(self, *faults: dict[str, Any], **document: Any) -> dict[str, Any]:
        """Put a fault set in force; it must be accepted. Returns the report."""
        response = self.send("PUT", "/faults", json={"faults": faults, **document})
        assert response.status_code == 200, response.text
        return dict(response.json())

    def put_body(self, body: bytes | str, headers: dict[str, str] = JSON) -> requests.Response:
        """PUT any bytes to /faults."""
        return self.send("PUT", "/faults", data=body, headers=headers)

    def clear(self) -> dict[str, Any]:
        return dict(self.send("DELETE", "/faults").json())

    def statuses(self, path: str, count: int) -> list[int]:
        """The statuses of `count` GETs, one after the other on one plain connection, which is quick."""
        with self.connection() as connection:
            return [self._status(connection, path) for _ in range(count)]

    def _status(self, connection: socket.socket, path: str) -> int:
        connection.sendall(request(path))
        return read(connection)[0]

    @contextmanager
    def connection(self) -> Iterator[socket.socket]:
        """A plain connection."""
        address = (self.server.host, self.server.port)
        with socket.create_connection(address, timeout=TIMEOUT_S) as connection:
            yield connection

    @contextmanager
    def asked(self, path: str) -> Iterator[socket.socket]:
        """A plain connection on which a request has been sent, and nothing read yet."""
        with self.connection() as connection:
            connection.sendall(request(path))
            yield connection


def request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode()


def read(connection: socket.socket) -> tuple[int, bytes]:
    """The next answer on a plain connection: status and body."""
    with http.client.HTTPResponse(connection) as response:
        response.begin()
        return response.status, response.read()


def problem(response: requests.Response) -> dict[str, Any]:
    """The problem document in an error; asserts the one shape that every error has."""
    assert response.headers["Content-Type"] == "application/problem+json", response.text
    document = json.loads(response.text)
    assert {"type", "title", "status", "detail"} <= document.keys() <= {
        "type", "title", "status", "detail", "sent", "allowed"
    }  # fmt: skip
    assert document["type"] == "about:blank"
    assert document["status"] == response.status_code
    return dict(document)
