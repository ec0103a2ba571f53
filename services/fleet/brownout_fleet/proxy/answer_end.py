"""Reads a dependency's answers for where each ends, and for whether it changes the protocol."""

from __future__ import annotations

import httptools


class AnswerEnd:
    """Follows the answers of one connection, each of which is expected."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._method = b"GET"
        self._is_whole = False
        self._is_fresh = True
        self.switched = False
        """What follows is another protocol: it was agreed on, or is none that can be read."""

    def expect(self, method: bytes) -> None:
        """A request with this method goes on: its answer is the next one."""
        if not self._is_fresh and self._method in (b"HEAD", b"CONNECT"):
            self._parser = httptools.HttpResponseParser(self)  # the old one waits for a body that isn't sent
        self._method, self._is_whole, self._is_fresh = method, False, False

    def feed(self, data: bytes) -> bool:
        """Take the next bytes. Returns whether the answer is whole by now; interim answers are none."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserUpgrade, httptools.HttpParserError):
            self.switched = not self._is_whole
        return self._is_whole

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            return
        if self._method == b"HEAD":
            self._is_whole = True
        elif self._method == b"CONNECT" and status < 300:
            self.switched = True

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() >= 200:
            self._is_whole = True
