"""The panel's live events: numbered, kept for a while, and streamed to any number of readers.

The ring is pure. A reader's only buffer is its position in the ring: a reader that falls behind the oldest
event is told to reload everything.
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
"""Events kept: minutes of a busy run. A reader that was away for longer reloads the state and the history."""

READERS = 32
"""Maximum number of open streams; each holds a connection."""

HEARTBEAT_S = 5.0
SEND_S = 10.0
"""Seconds after which a reader that takes nothing, with all buffers full, is dropped."""

RETRY = b"retry: 1000\n\n"
HEARTBEAT = b": still here\n\n"


class Ring:
    """Buffer of the last events. An id is `<boot>-<number>`; the boot name is new in each process."""

    def __init__(self, boot: str, size: int = SIZE) -> None:
        self._boot = boot
        self._events: deque[bytes] = deque(maxlen=size)
        self._count = 0

    @property
    def last_id(self) -> str:
        """Id of the last event; number 0 before the first."""
        return f"{self._boot}-{self._count}"

    def append(self, kind: str, document: Any) -> None:
        """Number an event and store it as it will be sent."""
        self._count += 1
        data = msgspec.json.encode(document)
        self._events.append(b"id: %s\nevent: %s\ndata: %s\n\n" % (self.last_id.encode(), kind.encode(), data))

    def place_after(self, event_id: str) -> int | None:
        """Return the position after this id; None if the id is unknown or too old."""
        boot, _, number = event_id.rpartition("-")
        if boot != self._boot or not (number.isascii() and number.isdigit() and len(number) < 16):
            return None
        place = int(number)
        return place if self._count - len(self._events) <= place <= self._count else None

    def read(self, place: int) -> tuple[bytes, int] | None:
        """Return the events after a position, and the new position; None if some are no longer kept."""
        missing = self._count - place
        if missing > len(self._events):
            return None
        new = [self._events[index] for index in range(len(self._events) - missing, len(self._events))]
        return b"".join(new), self._count


class Stream:
    """A ring whose readers can wait for new events."""

    def __init__(self, ring: Ring, *, heartbeat_s: float = HEARTBEAT_S, send_s: float = SEND_S) -> None:
        self.ring = ring
        self._heartbeat_s = heartbeat_s
        self._send_s = send_s
        self._news = Event()
        self.readers = 0
        """Number of open streams."""

    def publish(self, kind: str, document: Any) -> None:
        """Send an event to every reader, without waiting for any."""
        self.ring.append(kind, document)
        news, self._news = self._news, Event()
        news.set()

    @property
    def is_full(self) -> bool:
        """Whether no further reader is accepted."""
        return self.readers >= READERS

    def read(self, last_id: str | None) -> Generator[bytes, None, None]:
        """Yield the events after `last_id` (None: from now on) as they occur, endlessly: a response body."""
        self.readers += 1
        try:
            for chunk in self._chunks(last_id):
                # The server sends the chunk inside this `yield`; one that takes nothing is disconnected.
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
        data = msgspec.json.encode({"reason": "events after this id are no longer kept"})
        return b"id: %s\nevent: resync\ndata: %s\n\n" % (self.ring.last_id.encode(), data)
