"""Counts the HTTP/1.1 answers among the bytes that a relay passes on, by how each piece of them begins. Pure.

An answer begins a piece: its client sends the next request when it has read the last answer. So a body is
never looked at, and a piece costs a comparison of ten bytes: next to nothing of what a relay does for it.
"""

from __future__ import annotations

from collections.abc import Callable

ANSWER = tuple(b"HTTP/1.%d %d" % (minor, hundreds) for hundreds in (2, 5, 4) for minor in (1, 0))
REDIRECT = (b"HTTP/1.1 3", b"HTTP/1.0 3")
INTERIM = b"HTTP/1.1 1"
SWITCHED = b"HTTP/1.1 101"


class Answers:
    """Answers of one connection. It may be of another protocol, whose answers can't be counted."""

    __slots__ = ("counted", "is_unreadable", "redirects")

    def __init__(self) -> None:
        self.counted = 0
        """Final answers that are no redirects."""
        self.redirects = 0
        """A client that follows one reports its request once, with the answer at the other end."""
        self.is_unreadable = False

    def counting(self, write: Callable[[bytes], None]) -> Callable[[bytes], None]:
        """Return a `write` that counts."""

        def counted_write(data: bytes) -> None:
            if data.startswith(ANSWER):
                self.counted += 1
            else:
                self.take_other(data)
            write(data)

        return counted_write

    def take(self, data: bytes) -> None:
        """Count a piece."""
        if data.startswith(ANSWER):
            self.counted += 1
        else:
            self.take_other(data)

    def take_other(self, data: bytes) -> None:
        """Count what begins no answer: more of a body, a redirect, or what is no HTTP/1.1 at all."""
        if data.startswith(REDIRECT):
            self.redirects += 1
        elif data.startswith(INTERIM):
            self.is_unreadable |= data.startswith(SWITCHED)
            _, end, final = data.partition(b"\r\n\r\n")
            if end and final:
                self.take(final)
        elif not self.counted and not self.redirects:
            self.is_unreadable = True
