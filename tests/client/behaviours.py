"""What a backend can do to a request: one function each."""

import itertools
import random
import socket
import struct
import threading

from tests.client.upstream import WAIT_S, Behaviour, Upstream

OK_BODY = b'{"message": "OK", "note": "BackendService healthy"}\n'

HUGE = 100 * 1024 * 1024
"""Bytes of a body that nobody can want."""


def answer(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """A proper answer; underscores in the headers' names stand for dashes."""
    fields = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    head = f"HTTP/1.1 {status} Whatever\r\n{fields}Content-Length: {len(body)}\r\n\r\n".encode()
    return raw(head + body)


def raw(data: bytes, then_close: bool = False) -> Behaviour:
    """These bytes."""

    def behaviour(_: Upstream, connection: socket.socket) -> None:
        connection.sendall(data)
        if then_close:
            connection.shutdown(socket.SHUT_RDWR)

    return behaviour


ok = answer(200, OK_BODY)


def hang(upstream: Upstream, _: socket.socket) -> None:
    """Nothing, until released."""
    upstream.released.wait(WAIT_S)


def ok_when_released(upstream: Upstream, connection: socket.socket) -> None:
    """The right answer, but late."""
    hang(upstream, connection)
    ok(upstream, connection)


def reset(_: Upstream, connection: socket.socket) -> None:
    """RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def redirect_for_ever(_: Upstream, connection: socket.socket) -> None:
    """A redirect to itself."""
    answer(302, Location="/data")(_, connection)


def drip(start: bytes) -> Behaviour:
    """`start` at once, and then a byte now and then, so that no read ever waits for long."""

    def behaviour(upstream: Upstream, connection: socket.socket) -> None:
        connection.sendall(start)
        while not upstream.released.wait(0.02):
            connection.sendall(b"x")

    return behaviour


def huge(head: bytes) -> Behaviour:
    """`head`, and then HUGE bytes as fast as they are read."""
    piece = b"x" * 65536

    def behaviour(upstream: Upstream, connection: socket.socket) -> None:
        connection.sendall(head)
        while upstream.sent < HUGE:
            connection.sendall(piece)
            upstream.sent += len(piece)

    return behaviour


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One after the other, a request each; the last one for all that follow."""
    remaining = itertools.chain(behaviours, itertools.repeat(behaviours[-1]))
    lock = threading.Lock()

    def behaviour(upstream: Upstream, connection: socket.socket) -> None:
        with lock:
            current = next(remaining)
        current(upstream, connection)

    return behaviour


def failing(rate: float, seed: int = 1) -> Behaviour:
    """503 for this share of the requests, at random."""
    chance = random.Random(seed)

    def behaviour(upstream: Upstream, connection: socket.socket) -> None:
        (answer(503) if chance.random() < rate else ok)(upstream, connection)

    return behaviour
