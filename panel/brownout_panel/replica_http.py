"""HTTP to one replica's control URLs, over one connection that is kept. Only the calling greenlet waits."""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import gevent
import gevent.socket
import gevent.ssl
import msgspec

MAX_BODY = 4_194_304
"""Bytes of an answer; the longest sensible one, a breaker's whole log, has a tenth of that."""

NO_SUCH_URL = (404, 405, 501)
"""Answers of a web server that has no such path, or can't do this with it."""

T = TypeVar("T")


class UnansweredError(Exception):
    """No answer, or none that can be used: the message says why."""


class ForeignError(Exception):
    """It answers, but not as a service of ours does: the message says what it answers."""


class RefusalError(Exception):
    """The replica answered that it can't do this; `problem` is its problem document."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem["detail"])
        self.problem = problem


class Link:
    """One replica's control URLs; a context manager that closes the connection. For one greenlet."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._base = address.path.rstrip("/")
        self._url = url
        made = _TLSConnection if address.scheme == "https" else _Connection
        self._connection = made(address.hostname or "", address.port)

    def get(self, path: str, kind: type[T], timeout_s: float) -> T:
        """The document at `path`. Raises UnansweredError, ForeignError or RefusalError."""
        return self._call("GET", path, None, kind, timeout_s)

    def get_anew(self, path: str, kind: type[T], timeout_s: float) -> T:
        """Do what `get` does, over a connection of its own."""
        with Link(self._url) as link:
            return link.get(path, kind, timeout_s)

    def read(self, path: str, timeout_s: float) -> bytes:
        """The body at `path`, whatever it is. Raises as `get` does."""
        return self._answer("GET", path, None, timeout_s)

    def put(self, path: str, document: object, kind: type[T], timeout_s: float) -> T:
        """Put a document; returns the answer. Raises as `get` does."""
        return self._call("PUT", path, document, kind, timeout_s)

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, method: str, path: str, document: object, timeout_s: float) -> tuple[int, bytes]:
        """Send any request; returns status and body of the answer. Raises UnansweredError."""
        body = None if document is None else msgspec.json.encode(document)
        try:
            with gevent.Timeout(timeout_s, TimeoutError(f"silent for {timeout_s:g} s")):
                return self._exchange(method, path, body)
        except (OSError, HTTPException) as error:
            self.close()
            raise UnansweredError(_words(error)) from None
        except BaseException:  # the greenlet is ended in the middle of an answer
            self.close()
            raise

    def _call(self, method: str, path: str, document: object, kind: type[T], timeout_s: float) -> T:
        answer = self._answer(method, path, document, timeout_s)
        try:
            return msgspec.json.decode(answer, type=kind)
        except msgspec.DecodeError as error:
            raise ForeignError(f"answers {path.partition('?')[0]} in another form: {error}") from None

    def _answer(self, method: str, path: str, document: object, timeout_s: float) -> bytes:
        status, answer = self.call(method, path, document, timeout_s)
        if status in NO_SUCH_URL:
            raise ForeignError(f"answers {status} at {path.partition('?')[0]}")
        if 400 <= status < 500:
            raise RefusalError(_problem(status, answer))
        if status != 200:
            raise UnansweredError(f"answers {status}")
        return answer

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        """Status and body. All that is sent here may be sent twice, so a kept connection may fail once."""
        kept = self._connection.sock is not None
        try:
            response = self._send(method, path, body)
        except (ConnectionError, HTTPException):
            self.close()
            if not kept:
                raise
            response = self._send(method, path, body)
        answer = response.read(MAX_BODY)
        if not response.isclosed():
            self.close()
            raise HTTPException(f"answers more than {MAX_BODY} bytes")
        return response.status, answer

    def _send(self, method: str, path: str, body: bytes | None) -> HTTPResponse:
        headers = {} if body is None else {"Content-Type": "application/json"}
        self._connection.request(method, self._base + path, body, headers)
        return self._connection.getresponse()


class _Connection(HTTPConnection):
    """A request on gevent's sockets, also where the standard library's are not patched."""

    def connect(self) -> None:
        self.sock = gevent.socket.create_connection((self.host, self.port))
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class _TLSConnection(_Connection):
    """The same over TLS, with the certificate checked."""

    default_port = 443

    def connect(self) -> None:
        super().connect()
        context = gevent.ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionError):
        return "connection reset"
    return str(error) or type(error).__name__


def _problem(status: int, answer: bytes) -> dict[str, Any]:
    """The problem document in an answer, or one that says that there was none."""
    try:
        problem = msgspec.json.decode(answer, type=dict[str, Any])
    except msgspec.DecodeError:
        problem = {}
    return {"status": status, "detail": f"it answers {status}", **problem}
