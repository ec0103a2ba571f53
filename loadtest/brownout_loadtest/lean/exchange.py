"""One connection's requests and answers, one after the other; httptools (llhttp) reads the answers."""

from __future__ import annotations

import ssl
from collections.abc import Iterable

from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from brownout_loadtest.lean.deadline import Deadline
from brownout_loadtest.lean.wire import Wire

LONGEST_HEAD = 256 * 1024
"""Bytes of an answer's head; servers and proxies send 8 to 64 KiB."""

LONGEST_BODY = 1024**3
"""Bytes of a body that is kept: one that never ends must not fill the memory before its deadline."""

RawHeaders = list[tuple[bytes, bytes]]


class KeptConnection:
    """A connection that is open; it takes the next request when the last answer is complete.

    After `ask` the head of the answer is there: `status`, `headers` as they came, and in `chunks` what came
    of the body with it. `more` waits for more of it until `complete`.
    """

    __slots__ = (
        "_asked_head",
        "_deadline",
        "_has_head",
        "_parser",
        "_wire",
        "chunks",
        "complete",
        "headers",
        "keeps_alive",
        "status",
    )

    def __init__(self, wire: Wire, timeout_s: float) -> None:
        self._wire = wire
        self._deadline = Deadline(timeout_s, "no whole answer")
        self._parser = HttpResponseParser(self)
        self._forget()

    def _forget(self) -> None:
        self.status = 0
        self.headers: RawHeaders = []
        self.chunks: list[bytes] = []
        self.complete = self.keeps_alive = self._has_head = False

    def ask(self, head: bytes, body: Iterable[bytes], method: str, deadline: Deadline | None) -> None:
        """Send a request and wait for the head of its answer.

        The connection's own deadline, or the one given, goes on until `stop`. Raises OSError or
        HTTPParseError.
        """
        self._forget()
        self._asked_head = method == "HEAD"
        (deadline or self._deadline).start()
        try:
            self._wire.send(head)
            for part in body:
                self._wire.send(part)
        except (BrokenPipeError, ConnectionResetError):
            # A server may answer, "too large" for example, and close before it has read the request.
            self._read_last_words()
            return
        received = 0
        while not self._has_head or 100 <= self.status < 200:
            data = self._wire.receive()
            if not data:
                raise self._closed(received)
            received += len(data)
            self._feed(data)
            if received > LONGEST_HEAD and not self._has_head:
                raise HTTPParseError(f"the answer's head is longer than {LONGEST_HEAD} bytes")

    def _read_last_words(self) -> None:
        while not self._has_head or not self.complete:
            data = self._wire.receive()
            if not data:
                if self._has_head and self._ends_with_connection():
                    self.complete = True
                    return
                raise BrokenPipeError("the connection was closed before the request had been sent")
            self._feed(data)
        self.keeps_alive = False

    def more(self) -> None:
        """Wait for more of the body. Raises OSError or HTTPParseError."""
        data = self._wire.receive()
        if data:
            self._feed(data)
        elif self._ends_with_connection():
            self.complete = True
        else:
            raise HTTPParseError("the connection was closed before the end of the body")

    def whole_body(self) -> bytes:
        """Wait for the rest of the body; all of it, still encoded. Raises OSError or HTTPParseError."""
        length = sum(map(len, self.chunks))
        while not self.complete:
            known = len(self.chunks)
            self.more()
            length += sum(map(len, self.chunks[known:]))
            if length > LONGEST_BODY:
                raise HTTPParseError(f"the body is longer than {LONGEST_BODY} bytes")
        return self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)

    def resume(self) -> None:
        """Let the connection's own deadline begin again, for the rest of a body that is read bit by bit."""
        self._deadline.start()

    def stop(self) -> None:
        """End the connection's own deadline."""
        self._deadline.stop()

    def can_be_used(self) -> bool:
        """Whether the connection, idle until now, is still open."""
        return self._wire.is_quiet()

    @property
    def tls_session(self) -> ssl.SSLSession | None:
        """What the next connection can resume; None without TLS, and before the first answer."""
        session: ssl.SSLSession | None = getattr(self._wire, "session", None)
        return session

    def close(self) -> None:
        """Close the connection."""
        self._deadline.close()
        self._wire.close()
        del self._parser  # it holds this object, as this object holds it

    def _feed(self, data: memoryview) -> None:
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self.complete, self.keeps_alive = True, False
        except HttpParserError as error:
            if self.complete:  # something follows an answer that is whole: nobody asked for it
                self.keeps_alive = False
                return
            raise HTTPParseError(str(error)) from None
        if self._asked_head and self._has_head and self.status >= 200 and not self.complete:
            # The length in the head of an answer to HEAD is that of a body which doesn't come.
            self.complete, self.keeps_alive = True, bool(self._parser.should_keep_alive())
            self._parser = HttpResponseParser(self)

    def _closed(self, received: int) -> Exception:
        if received:
            return HTTPParseError("the connection was closed before the end of the head")
        return HTTPConnectionClosed("connection closed.")

    def _ends_with_connection(self) -> bool:
        """Whether the answer names no other end of its body."""
        names = {name.lower() for name, _ in self.headers}
        return not names & {b"content-length", b"transfer-encoding"}

    # What the parser calls.

    def on_message_begin(self) -> None:
        """An answer begins: the one that was asked for, or another after it."""
        if self.complete:
            self.keeps_alive = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a line of the head; a line after the body is no part of it."""
        if not (self._has_head or self.complete):
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is whole."""
        if not self.complete:
            self._has_head = True
            self.status = self._parser.get_status_code()

    def on_body(self, data: bytes) -> None:
        """Keep a part of the body."""
        if not self.complete:
            self.chunks.append(data)

    def on_message_complete(self) -> None:
        """The answer is whole; one with a status of 1xx only says that the answer is to come."""
        if 100 <= self.status < 200 and self.status != 101:
            self._forget()
        elif not self.complete:
            self.complete = True
            self.keeps_alive = bool(self._parser.should_keep_alive())
