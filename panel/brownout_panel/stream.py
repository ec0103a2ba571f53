"""The panel's live events: numbered, kept for a while, and read by as many as want to.

The ring is pure. A reader has no buffer but its place in the ring: one that falls behind the ring's oldest
event is told to get everything anew.
"""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Generator
from typing import Any

import gevent
import msgspec
from gevent.event import Event

SIZE = 2_000
"""Events kept: minutes of a busy run; who was away for longer gets the state and the history anew."""

READERS = 32
"""Streams open at a time; each holds a connection."""

HEARTBEAT_S = 5.0
SEND_S = 10.0
"""A reader that takes nothing for so long, with all buffers full, is dropped."""

RETRY = b"retry: 1000\n\n"
HEARTBEAT = b": still here\n\n"


class Ring:
    """The last events. An id is `<boot>-<number>`; the boot's name changes with the panel's process."""

    def __init__(self, boot: str, size: int = SIZE) -> None:
        self._boot = boot
        self._events: deque[bytes] = deque(maxlen=size)
        self._count = 0

    @property
    def last_id(self) -> str:
        """Of the last event; of none yet: number 0."""
        return f"{self._boot}-{self._count}"

    def append(self, kind: str, document: Any) -> None:
        """Number an event and keep it in the form that a stream sends."""
        self._count += 1
        data = msgspec.json.encode(document)
        self._events.append(b"id: %s\nevent: %s\ndata: %s\n\n" % (self.last_id.encode(), kind.encode(), data))

    def place_after(self, event_id: str) -> int | None:
        """The place of a reader who has everything up to this id; None if it is unknown or too old."""
        boot, _, number = event_id.rpartition("-")
        if boot != self._boot or not (number.isascii() and number.isdigit() and len(number) < 16):
            return None
        place = int(number)
        return place if self._count - len(self._events) <= place <= self._count else None

    def read(self, place: int) -> tuple[bytes, int] | None:
        """The events after a place, and the new place; None if some of them are not kept any more."""
        missing = self._count - place
        if missing > len(self._events):
            return None
        new = [self._events[index] for index in range(len(self._events) - missing, len(self._events))]
        return b"".join(new), self._count


class Stream:
    """A ring that readers can wait on."""

    def __init__(self, ring: Ring, *, heartbeat_s: float = HEARTBEAT_S, send_s: float = SEND_S) -> None:
        self.ring = ring
        self._heartbeat_s = heartbeat_s
        self._send_s = send_s
        self._news = Event()
        self.readers = 0
        """Streams that are open."""

    def publish(self, kind: str, document: Any) -> None:
        """Send an event to every reader; nobody is waited for."""
        self.ring.append(kind, document)
        news, self._news = self._news, Event()
        news.set()

    @property
    def is_full(self) -> bool:
        """Whether no further reader is taken."""
        return self.readers >= READERS

    def read(self, last_id: str | None) -> Generator[bytes, None, None]:
        """The events after `last_id` (None: from now on) as they come, for good; a server's response body."""
        self.readers += 1
        try:
            for chunk in self._chunks(last_id):
                # The server sends the chunk inside of this `yield`: who takes none of it looks disconnected.
                with gevent.Timeout(self._send_s, BrokenPipeError(errno.EPIPE, "the reader takes nothing")):
                    yield chunk
        finally:
            self.readers -= 1

    def _chunks(self, last_id: str | None) -> Generator[bytes, None, None]:
        place = self.ring.place_after(self.ring.last_id if last_id is None else last_id)
        yield RETRY
        while place is not None:
            news = self._news
            read = self.ring.read(place)
            if read is None:
                break
            chunk, place = read
            yield chunk or HEARTBEAT
            if news is self._news:
                news.wait(self._heartbeat_s)
        yield self._resync()

    def _resync(self) -> bytes:
        data = msgspec.json.encode({"reason": "events after this id are not kept any more"})
        return b"id: %s\nevent: resync\ndata: %s\n\n" % (self.ring.last_id.encode(), data)
