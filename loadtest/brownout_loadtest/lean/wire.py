"""Bytes to and from a server: a connection on gevent's event loop, plain or with TLS.

A plain one uses the kernel's socket and the loop's watchers themselves. gevent's own socket first reads in
vain, makes an exception of it, and then waits: a system call too many for who has just sent a request.
"""

from __future__ import annotations

import _socket
import errno
import os
import socket
import ssl
from typing import Any, Protocol

import gevent.socket
from gevent import get_hub, getcurrent

RECEIVED = memoryview(bytearray(256 * 1024))
"""Where every read of this process puts what came. Nobody may wait between a read and the use of it."""

IN_PROGRESS = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK})
READ, WRITE = 1, 2


class Wire(Protocol):
    """What a connection is to those who speak HTTP over it."""

    def send(self, data: bytes) -> None:
        """Send all of it. Raises OSError."""

    def receive(self) -> memoryview:
        """Wait for bytes, and return them; empty at the end. Valid until anything else is received."""

    def is_quiet(self) -> bool:
        """Whether nothing has come that nobody asked for, the end included."""

    def close(self) -> None:
        """Close it; again is no error."""


class PlainWire:
    """A connection over TCP or a Unix socket."""

    __slots__ = ("_hub", "_reader", "_sock", "_writer")

    def __init__(self, family: int, address: Any) -> None:
        """Connect. Raises OSError."""
        self._hub = get_hub()
        self._reader: Any = None
        self._writer: Any = None
        self._sock = _socket.socket(family, socket.SOCK_STREAM | getattr(socket, "SOCK_CLOEXEC", 0))
        try:
            self._sock.setblocking(False)
            if family != getattr(socket, "AF_UNIX", None):
                self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._reader = self._hub.loop.io(self._sock.fileno(), READ)
            self._connect(address)
        except BaseException:
            self.close()
            raise

    def _connect(self, address: Any) -> None:
        code = self._sock.connect_ex(address)
        if code in IN_PROGRESS:
            self._wait_to_write()
            code = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))  # which makes a ConnectionRefusedError where it is one

    def send(self, data: bytes) -> None:
        """Send all of it."""
        try:
            sent = self._sock.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self._send_rest(memoryview(data)[sent:])

    def _send_rest(self, rest: memoryview) -> None:
        while rest:
            self._wait_to_write()
            try:
                rest = rest[self._sock.send(rest) :]
            except BlockingIOError:
                continue

    def receive(self) -> memoryview:
        """Wait first: an answer takes longer than the way from sending to here."""
        while True:
            self._wait(self._reader)
            try:
                return RECEIVED[: self._sock.recv_into(RECEIVED)]
            except BlockingIOError:
                continue

    def is_quiet(self) -> bool:
        """Look without taking."""
        try:
            self._sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Close the socket and its watchers."""
        for watcher in (self._reader, self._writer):
            if watcher is not None:
                watcher.stop()
                watcher.close()
        self._reader = self._writer = None
        self._sock.close()

    def detach(self) -> int:
        """Give the descriptor away, to a connection that goes on with it."""
        number = self._sock.detach()
        self.close()
        return number

    def _wait_to_write(self) -> None:
        if self._writer is None:
            self._writer = self._hub.loop.io(self._sock.fileno(), WRITE)
        self._wait(self._writer)

    def _wait(self, watcher: Any) -> None:
        """Let others run until the watcher sees something. Whoever calls looks again: others may wake it."""
        watcher.start(getcurrent().switch)
        try:
            self._hub.switch()
        finally:
            watcher.stop()


class TlsWire:
    """A connection with TLS, by gevent's ssl."""

    __slots__ = ("_sock",)

    def __init__(
        self, plain: PlainWire, context: ssl.SSLContext, host: str, session: ssl.SSLSession | None
    ) -> None:
        """Shake hands over a plain connection, which is the new one's from here on. Raises OSError."""
        inner = gevent.socket.socket(fileno=plain.detach())
        try:
            self._sock = context.wrap_socket(inner, server_hostname=host, session=session)
        except BaseException:
            inner.close()
            raise

    @property
    def session(self) -> ssl.SSLSession | None:
        """What the next connection can resume."""
        return self._sock.session

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self._sock.sendall(data)

    def receive(self) -> memoryview:
        """Read what has come; an end without TLS's own goodbye is an end as well."""
        try:
            # Not into RECEIVED: between the read and the return others may run.
            return memoryview(self._sock.recv(64 * 1024))
        except ssl.SSLEOFError:
            return RECEIVED[:0]

    def is_quiet(self) -> bool:
        """Read without waiting: a session ticket that came late is no answer."""
        self._sock.settimeout(0.0)
        try:
            self._sock.recv(1)
        except (ssl.SSLWantReadError, BlockingIOError):
            return True
        except OSError:
            return False
        finally:
            self._sock.settimeout(None)
        return False

    def close(self) -> None:
        """Close without a goodbye that somebody would have to wait for."""
        self._sock.close()
