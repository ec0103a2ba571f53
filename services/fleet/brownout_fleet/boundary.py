"""Finds where one HTTP/1.1 exchange ends and the next may begin, from the bytes that pass. Pure."""

from __future__ import annotations

import re

REQUEST_START = re.compile(rb"[A-Z]{3,7} /")
RESPONSE_LENGTH = re.compile(
    rb"\AHTTP/1\.1 \d{3} .*?\r\nContent-Length: *(\d+)\r\n", re.IGNORECASE | re.DOTALL
)


class Boundary:
    """Tells when an HTTP/1.1 exchange is complete, so that the next request may go to another replica.

    Sure only of what it saw from its first byte to its last: one request, and one answer with a
    Content-Length. Everything else (pipelining, chunked answers, other protocols) is "not yet".
    """

    def __init__(self) -> None:
        self._asked = False
        self._missing: int | None = None
        """Bytes of the answer still to come; None before its head has been seen."""

    def sent(self, data: bytes) -> bool:
        """Take bytes on their way to the replica; True if they begin a request after a complete exchange."""
        begins = REQUEST_START.match(data) is not None
        complete = self._asked and self._missing == 0
        alone = complete or not self._asked
        self._asked, self._missing = begins and alone, None
        return begins and complete

    def received(self, data: bytes) -> None:
        """Take bytes of the replica's answer."""
        if not self._asked:
            return
        if self._missing is not None:
            self._missing -= len(data)
        elif (found := RESPONSE_LENGTH.match(data)) and (end := data.find(b"\r\n\r\n")) >= 0:
            self._missing = int(found[1]) - (len(data) - end - 4)
        else:
            self._asked = False
