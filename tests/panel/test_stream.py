"""Events are numbered, resume after a break, and wait for nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import gevent
import pytest
from gevent import socket
from gevent.pywsgi import WSGIServer

from brownout_panel.serve import PanelServer
from brownout_panel.stream import Ring, Stream
from tests.panel.fleet import until
from tests.panel.token import TOKEN


def ids(chunk: bytes) -> list[str]:
    return [line[4:].decode() for line in chunk.splitlines() if line.startswith(b"id: ")]


def ring_of(count: int, size: int = 10) -> Ring:
    ring = Ring("boot", size)
    for number in range(count):
        ring.append("second", {"t": number})
    return ring


def test_a_reader_who_comes_back_gets_exactly_what_it_missed() -> None:
    ring = ring_of(5)
    place = ring.place_after("boot-3")
    assert place is not None
    read = ring.read(place)
    assert read is not None
    assert ids(read[0]) == ["boot-4", "boot-5"]
    assert ring.read(read[1]) == (b"", 5)


@pytest.mark.parametrize(
    "last", ["other-3", "boot-6", "boot--1", "boot-", "", "nonsense", "boot-²", "boot-1"]
)
def test_an_id_that_is_unknown_or_too_old_has_no_place(last: str) -> None:
    assert ring_of(5, size=3).place_after(last) is None


def test_a_reader_who_falls_behind_the_ring_is_told_to_get_everything_anew() -> None:
    stream = Stream(Ring("boot", 3))
    reader = stream.read(None)
    assert next(reader).startswith(b"retry:")
    stream.publish("second", {"t": 0})
    assert ids(next(reader)) == ["boot-1"]
    for number in range(4):
        stream.publish("second", {"t": number})
    chunk = next(reader)
    assert b"event: resync\n" in chunk
    assert ids(chunk) == ["boot-5"]
    assert list(reader) == []


def test_a_reader_with_an_unknown_id_is_told_to_get_everything_anew() -> None:
    chunks = list(Stream(Ring("boot")).read("old-7"))
    assert b"event: resync\n" in chunks[-1]


def test_a_quiet_stream_shows_that_it_lives() -> None:
    reader = Stream(Ring("boot"), heartbeat_s=0.01).read(None)
    next(reader)
    assert next(reader).startswith(b":")
    assert next(reader).startswith(b":")
    reader.close()


@contextmanager
def served(stream: Stream) -> Iterator[int]:
    """The port of a real server whose every answer is this stream."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return stream.read(environ.get("HTTP_LAST_EVENT_ID"))

    server = WSGIServer(("127.0.0.1", 0), app, log=None)
    server.start()
    try:
        yield server.server_port
    finally:
        server.stop(timeout=0.1)


@contextmanager
def reader(port: int, last: str = "") -> Iterator[socket.socket]:
    """A connection that has asked for the stream; what the kernel takes for it unread is little."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        resume = f"Last-Event-ID: {last}\r\n" if last else ""
        connection.sendall(f"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{resume}\r\n".encode())
        connection.settimeout(5)
        yield connection


def rest(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    heard = b""
    while part := connection.recv(1 << 20):
        heard += part
    return heard


def test_a_reader_that_takes_nothing_is_dropped_delays_nobody_and_is_told_to_get_everything_anew() -> None:
    stream = Stream(Ring("boot", 4), heartbeat_s=0.05, send_s=0.3)
    filling = "x" * 500_000
    with served(stream) as port, reader(port) as slow:
        until(lambda: stream.readers == 1, "the reader to be known")
        others = stream.read(None)
        next(others)
        published = 0
        with gevent.Timeout(10):
            while stream.readers > 1:  # the slow one and ours
                published += 1
                stream.publish("second", {"filling": filling})
                assert ids(next(others)) == [f"boot-{published}"]
                gevent.sleep(0.02)
        others.close()
        heard = ids(rest(slow))  # its buffers, and then the end
        assert heard
        assert len(heard) < published
        with reader(port, heard[-1]) as again:
            assert b"event: resync" in rest(again)


def test_a_panels_end_is_the_end_of_its_streams() -> None:
    stream = Stream(Ring("boot"), heartbeat_s=0.05)
    panel: Any = SimpleNamespace(stream=stream)
    server = PanelServer(panel, "127.0.0.1", 0, TOKEN, ())
    with socket.socket() as connection:
        connection.settimeout(5)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(b"GET /panel/api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in connection.recv(1000)
        server.stop()
        assert b"still here" in rest(connection)
        assert stream.readers == 0
