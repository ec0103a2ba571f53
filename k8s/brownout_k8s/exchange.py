"""Whether an HTTP/1.1 exchange is complete, told from the bytes at its two ends. Pure."""

from __future__ import annotations

import re

from brownout_fleet.boundary import REQUEST_START, RESPONSE_LENGTH

_CHUNKED = re.compile(rb"\AHTTP/1\.1 \d{3} .*?\r\nTransfer-Encoding: *chunked\r\n", re.IGNORECASE | re.DOTALL)


class Exchange:
    """Keeps the first piece of the request and the first and last of the answer; judges them when asked.

    Judging each piece as it passes would cost every request; this costs two references.
    """

    __slots__ = ("_first", "_last", "_request", "_size")

    def __init__(self) -> None:
        self._request = self._first = self._last = b""
        self._size = 0

    def sent(self, data: bytes) -> None:
        """Bytes on their way to the replica."""
        if self._size or not self._request:
            self._request = data
            self._first = self._last = b""
            self._size = 0

    def received(self, data: bytes) -> None:
        """Bytes of the answer."""
        if not self._size:
            self._first = data
        self._last = data
        self._size += len(data)

    @property
    def unanswered(self) -> bool:
        """An HTTP request was sent, and nothing has come back."""
        return not self._size and REQUEST_START.match(self._request) is not None

    @property
    def complete(self) -> bool:
        """Nothing was asked, or the answer is whole. "Not yet" of everything that is not surely HTTP/1.1."""
        if not self._request:
            return not self._size
        if not REQUEST_START.match(self._request):
            return False
        if found := RESPONSE_LENGTH.match(self._first):
            head = self._first.find(b"\r\n\r\n")
            return head >= 0 and self._size >= head + 4 + int(found[1])
        return bool(_CHUNKED.match(self._first)) and self._last.endswith(b"0\r\n\r\n")
