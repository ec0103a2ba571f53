"""An answer that reads like FastHttpUser's, and makes of its bytes what is asked for."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import brotli
from geventhttpclient.header import Headers
from geventhttpclient.response import HTTPParseError
from locust.contrib.fasthttp import FastRequest, FastResponse, LocustBadStatusCode, ResponseContextManager
from locust.exception import LocustError

from brownout_loadtest.lean.exchange import RawHeaders
from brownout_loadtest.lean.headers import AnswerHeaders
from brownout_loadtest.lean.streaming import LiveBody

VALID = frozenset([*range(200, 209), 226, 301, 302, 303, 304, 307, 308])
"""Statuses that are no failure, as FastHttpUser has them."""


def decoded(raw: bytes, encoding: str) -> bytes:
    """Undo a content encoding. Raises zlib.error or HTTPParseError for what can't be undone."""
    for one in reversed([part.strip().lower() for part in encoding.split(",")]):
        if one in ("gzip", "x-gzip"):
            raw = zlib.decompress(raw, 16 + zlib.MAX_WBITS)
        elif one == "deflate":
            raw = _inflated(raw)
        elif one == "br":
            try:
                raw = brotli.decompress(raw)
            except brotli.error as error:
                raise zlib.error(str(error)) from None
        elif one not in ("identity", ""):
            raise HTTPParseError(f'the content encoding "{one}" is unknown')
    return raw


def _inflated(raw: bytes) -> bytes:
    try:
        return zlib.decompress(raw)
    except zlib.error:
        return zlib.decompress(raw, -zlib.MAX_WBITS)  # as some servers send it


class LeanResponse(FastResponse):
    """An answer, or the `error` that came in its place.

    `content` is the body, decoded, and None without an answer. `text`, `json()` and `request` are made when
    they are read.
    """

    def __init__(self, method: str, url: str, sent: Mapping[str, Any], body: Any) -> None:
        self._method, self._url, self._sent, self._body = method, url, sent, body
        self._status = 0
        self._raw_headers: RawHeaders = []
        self._content: Any = None
        self._live: LiveBody | None = None
        self.error: BaseException | None = None
        self.headers: Any = None
        self._request: FastRequest | None = None

    def is_answered(
        self, url: str, status: int, headers: RawHeaders, raw: bytes | None, live: LiveBody | None
    ) -> None:
        """Take the answer of `url`: its whole body, or the one that is still on its way.

        Raises zlib.error or HTTPParseError for a body that can't be decoded: that is no answer.
        """
        self._status, self._raw_headers, self._live = status, headers, live
        self.headers = AnswerHeaders(headers)
        self.error = None if status in VALID else LocustBadStatusCode(url, code=status)
        self._content = raw
        if raw and (encoding := encoding_of(headers)):
            self._content = None
            self._content = decoded(raw, encoding)

    @property
    def stream_is_over(self) -> bool:
        """Whether nothing of the body is still on its way."""
        return self._live is None

    def length(self, stream: bool) -> int:
        """Bytes of the body, decoded; of a streamed one, what its head says, and else 0."""
        if not stream:
            return len(self._content or b"")
        told = self.header(b"content-length") or b""
        return int(told) if told.isdigit() else 0

    @property
    def status_code(self) -> int:
        """The answer's status; 0 if there was none."""
        return self._status

    @property
    def content(self) -> Any:
        """The body, decoded; of a streamed answer, the rest of it."""
        if self._live is not None:
            live, self._live = self._live, None
            self._content = decoded(live.rest(), encoding_of(self._raw_headers))
        return self._content

    @property
    def url(self) -> str:
        """The URL that was asked for, not the one that redirects led to: as FastHttpUser has it."""
        return self._url

    @property
    def request(self) -> FastRequest:
        """The request as it was meant: url, method, headers, body."""
        if self._request is None:
            headers = Headers()
            headers.update(self._sent)
            self._request = FastRequest(self._url, self._method, headers=headers, payload=self._body)
        return self._request

    @request.setter
    def request(self, request: FastRequest) -> None:
        self._request = request

    def header(self, name: bytes) -> bytes | None:
        """Return the first value of a header, by its name in small letters; None if it didn't come."""
        length = len(name)
        for key, value in self._raw_headers:
            if len(key) == length and key.lower() == name:
                return value
        return None

    @property
    def stream(self) -> Any:
        """The body of an answer to a request with `stream=True`; `read(size)` reads it bit by bit."""
        if self._live is None:
            raise LocustError("There is nothing to stream: ask with stream=True, and read an answer once")
        return self._live

    def iter_content(self, chunk_size: int = 1024, decode_content: bool = True) -> Iterator[Any]:
        """Yield a streamed body in parts of at most `chunk_size` bytes, as text where it is UTF-8."""
        stream = self.stream
        while chunk := stream.read(chunk_size):
            try:
                yield chunk.decode() if decode_content else chunk
            except UnicodeDecodeError:
                yield chunk

    def release(self) -> None:
        """Give up the rest of a streamed body, and its connection."""
        if self._live is not None:
            self._live.close()

    def __len__(self) -> int:
        return len(self.content or b"")

    def __bool__(self) -> bool:
        return True


class CaughtResponse(LeanResponse, ResponseContextManager):
    """The same for `catch_response=True`: a context manager whose block says whether it was a success."""

    def __init__(self, method: str, url: str, sent: Mapping[str, Any], body: Any) -> None:
        LeanResponse.__init__(self, method, url, sent, body)
        self._catch_response = True

    def __exit__(self, *raised: object) -> Any:
        if raised[0] is None and self._manual_result is None:
            self._request_event.fire(**self.request_meta)  # with the error that it met, if it met one
            return True
        leave: Any = super().__exit__
        return leave(*raised)

    def judged_by_block(self, request_event: Any, request_meta: dict[str, Any]) -> None:
        """Let the block's end fire the request's event."""
        self._request_event, self.request_meta = request_event, request_meta


def encoding_of(headers: RawHeaders) -> str:
    """Return the content encoding that the headers name; empty for none."""
    for name, value in headers:
        if len(name) == 16 and name.lower() == b"content-encoding":
            return value.decode("latin-1")
    return ""
