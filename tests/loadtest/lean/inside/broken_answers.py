"""Whatever a server does to an answer has one named cause and ends by the deadline; no socket is lost."""

from __future__ import annotations

import itertools
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from locust.env import Environment

from brownout_loadtest.lean import LeanHttpUser
from brownout_loadtest.outcomes import cause_of
from tests.client.upstream import Behaviour, Upstream

DEADLINE_S = 0.4
GOOD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;note=1\r\nlo\r\n0\r\nX-Trailer: last\r\n\r\n"
)


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream(sends(GOOD)) as upstream:
        yield upstream


@pytest.fixture
def client(upstream: Upstream) -> Iterator[Any]:
    kind = type("Visitor", (LeanHttpUser,), {"host": upstream.url, "network_timeout": DEADLINE_S})
    user = kind(Environment())
    yield user.client
    user.client.close()


def sends(*parts: bytes, then: str = "keep") -> Behaviour:
    """Send parts of an answer, then keep the connection, close it, or reset it."""

    def behave(_: Upstream, connection: socket.socket) -> None:
        for part in parts:
            connection.sendall(part)
        if then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if then != "keep":
            connection.close()

    return behave


def cause(client: Any, **options: Any) -> str | None:
    """What the next request fails of, which it does in time."""
    begun = time.perf_counter()
    answer = client.get("/", **options)
    assert time.perf_counter() - begun < 10 * DEADLINE_S
    return cause_of(answer.error) if answer.error else None


@pytest.mark.parametrize("answer", [GOOD, CHUNKED], ids=["length", "chunked"])
def test_an_answer_cut_at_any_byte_is_no_answer(upstream: Upstream, client: Any, answer: bytes) -> None:
    for cut in range(len(answer)):
        upstream.behaviour = sends(answer[:cut], then="close")
        assert cause(client) == ("connection reset" if cut == 0 else "broken answer"), cut
    upstream.behaviour = sends(answer)
    assert client.get("/").text == "hello"
    assert upstream.connections == len(answer) + 1, "no request was sent twice"


@pytest.mark.parametrize("answer", [GOOD, CHUNKED], ids=["length", "chunked"])
def test_an_answer_that_comes_byte_by_byte_is_whole(upstream: Upstream, client: Any, answer: bytes) -> None:
    upstream.behaviour = sends(*(answer[place : place + 1] for place in range(len(answer))))
    assert client.get("/").text == "hello"
    assert client.get("/").text == "hello"
    assert upstream.connections == 1


@pytest.mark.parametrize("cut", [0, 10, 60, len(GOOD) - 1])
def test_a_reset_is_one_at_any_place(upstream: Upstream, client: Any, cut: int) -> None:
    upstream.behaviour = sends(GOOD[:cut], then="reset")
    assert cause(client) in {"connection reset", "broken answer"}
    assert upstream.connections == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "broken answer"),
        (b"\x16\x03\x01\x02\x00\x01\x00" * 20, "broken answer"),
        (b"HTTP/1.1 banana\r\n\r\n", "broken answer"),
        (b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n", "broken answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello", "broken answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "broken answer"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello", "broken answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", "broken answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\nhello", "broken answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: rot13\r\nContent-Length: 5\r\n\r\nhello", "broken answer"),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1_000_000 + b"\r\n\r\n", "broken answer"),
        (b"HTTP/1.1 200 OK\r\n" + b"X-Many: y\r\n" * 100_000 + b"\r\n", "broken answer"),
        (b"HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n", "LocustBadStatusCode"),
        (b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", "LocustBadStatusCode"),
        (b"HTTP/1.1 99 Odd\r\nContent-Length: 0\r\n\r\n", "broken answer"),
        (b"HTTP/1.1 200 OK\r\n", "timeout"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "timeout"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", "timeout"),
        (b"HTTP/1.1 200 OK\r\n\r\nhello", "timeout"),
        (b"", "timeout"),
    ],
    ids=itertools.count(),
)
def test_what_is_no_answer_has_one_cause(
    upstream: Upstream, client: Any, answer: bytes, expected: str
) -> None:
    upstream.behaviour = sends(answer)
    assert cause(client) == expected
    upstream.behaviour = sends(GOOD)
    assert client.get("/").text == "hello"


def test_a_body_that_never_ends_ends_by_the_deadline(upstream: Upstream, client: Any) -> None:
    upstream.behaviour = endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"3\r\nabc\r\n")
    assert cause(client) == "timeout"


def test_a_head_that_never_ends_is_given_up(upstream: Upstream, client: Any) -> None:
    upstream.behaviour = endless(b"HTTP/1.1 200 OK\r\n", b"X-Odd: one\r\n" * 1000)
    assert cause(client) in {"broken answer", "timeout"}


def endless(first: bytes, again: bytes) -> Behaviour:
    """Send something for ever: until the reader has gone."""

    def behave(upstream: Upstream, connection: socket.socket) -> None:
        connection.sendall(first)
        while not upstream.released.wait(0.001):
            connection.sendall(again)

    return behave


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", ""),
        (CHUNKED, "hello"),
    ],
    ids=["hints", "204", "304", "chunked"],
)
def test_an_answer_without_a_body_of_its_length_keeps_the_connection(
    upstream: Upstream, client: Any, answer: bytes, text: str
) -> None:
    upstream.behaviour = sends(answer)
    assert client.get("/").text == text
    assert client.get("/").text == text
    assert upstream.connections == 1


@pytest.mark.parametrize(
    ("answer", "then"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\nhello", "close"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello", "close"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", "keep"),
        (GOOD, "close"),
        (GOOD + GOOD, "keep"),
        (GOOD + b"junk", "keep"),
    ],
    ids=["1.0", "by its end", "told", "without a word", "two answers", "junk"],
)
def test_a_connection_that_ends_is_not_used_again(
    upstream: Upstream, client: Any, answer: bytes, then: str
) -> None:
    upstream.behaviour = sends(answer, then=then)
    for _ in range(3):
        assert client.get("/").text == "hello"
    assert upstream.connections == 3


def test_the_answer_to_a_head_has_no_body_whatever_its_length_says(upstream: Upstream, client: Any) -> None:
    upstream.behaviour = sends(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
    for _ in range(3):
        answer = client.head("/")
        assert (answer.status_code, answer.content) == (200, b"")
    upstream.behaviour = sends(GOOD)
    assert client.get("/").text == "hello"
    assert upstream.connections == 1


def test_an_answer_before_the_end_of_the_request_is_read(upstream: Upstream, client: Any) -> None:
    upstream.behaviour = sends(
        b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 3\r\n\r\nbig", then="keep"
    )
    answer = client.post("/", data=b"x" * 100_000)
    assert (answer.status_code, answer.text) == (413, "big")


def test_a_time_out_of_one_request_is_its_own(upstream: Upstream, client: Any) -> None:
    upstream.behaviour = sends(b"")
    assert cause(client, timeout=0.05) == "timeout"
    answer = client.get("/", timeout=(5.0, 0.05))
    assert str(answer.error) == "no whole answer after 0.05 s"
    assert answer.error.original is answer.error


def test_a_connection_that_nobody_takes_ends_by_its_own_deadline() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        others = [_begun(full.getsockname()) for _ in range(4)]  # the queue is full now
        kind = type(
            "Visitor",
            (LeanHttpUser,),
            {"host": f"http://127.0.0.1:{full.getsockname()[1]}", "connection_timeout": 0.2},
        )
        client = kind(Environment()).client
        answer = client.get("/")
        for other in others:
            other.close()
        assert str(answer.error) == "no connection after 0.2 s"
        assert cause_of(answer.error) == "timeout"


def _begun(address: Any) -> socket.socket:
    other = socket.socket()
    other.setblocking(False)
    other.connect_ex(address)
    return other


def test_a_request_that_is_stopped_closes_its_connection(upstream: Upstream, client: Any) -> None:
    import gevent

    upstream.behaviour = sends(GOOD[:20])
    asking = gevent.spawn(client.get, "/")
    with gevent.Timeout(5):
        while not upstream.heads:
            gevent.sleep(0.01)
    asking.kill(timeout=5)
    upstream.behaviour = sends(GOOD)
    assert client.get("/").text == "hello"
    assert upstream.connections == 2


def test_many_requests_of_one_user_share_as_many_connections_as_it_may_have(upstream: Upstream) -> None:
    from gevent.pool import Pool

    together, most, lock = 0, 0, threading.Lock()

    def behave(upstream: Upstream, connection: socket.socket) -> None:
        nonlocal together, most
        with lock:
            together += 1
            most = max(most, together)
        time.sleep(0.02)
        with lock:
            together -= 1
        connection.sendall(GOOD)

    upstream.behaviour = behave
    kind = type("Visitor", (LeanHttpUser,), {"host": upstream.url, "concurrency": 3})
    client = kind(Environment()).client
    pool = Pool()
    asked = [pool.spawn(client.get, "/") for _ in range(12)]
    pool.join(timeout=20)
    assert [one.value.text for one in asked] == ["hello"] * 12
    assert (most, upstream.connections) == (3, 3)
    client.close()


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda client: client.get("/", headers={"X-A": "one\r\nX-B: two"}), "one line"),
        (lambda client: client.get("/", headers={"X A": "one"}), '"X A" is no name of a header'),
        (lambda client: client.request("GET /x HTTP/1.1\r\n\r\nGET", "/"), "is no HTTP method"),
        (lambda client: client.get("ftp://127.0.0.1/"), "Port could not be cast"),
        (lambda client: client.get("/a b\r\nX: y"), None),
    ],
    ids=["value", "name", "method", "scheme", "path"],
)
def test_a_request_that_would_be_two_is_refused(
    upstream: Upstream, client: Any, ask: Callable[[Any], Any], message: str | None
) -> None:
    if message is not None:
        with pytest.raises(ValueError, match=message):
            ask(client)
        assert not upstream.heads
    else:
        ask(client)
        assert all(head.count(b"\r\n") == upstream.heads[0].count(b"\r\n") for head in upstream.heads)
        assert not any(b"\r\nX: y" in head for head in upstream.heads)
