"""The client of a lean user: FastHttpUser's `client`, with less between the locustfile and the socket."""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from geventhttpclient.response import HTTPParseError
from geventhttpclient.useragent import RetriesExceeded, UnrewoundBodyError, UnsupportedRedirectSchemeError
from locust.contrib.fasthttp import FAILURE_EXCEPTIONS
from locust.event import EventHook
from locust.user import User

from brownout_loadtest.lean.cookies import Jar, cookie_header, keep_cookies
from brownout_loadtest.lean.deadline import Deadline
from brownout_loadtest.lean.exchange import KeptConnection
from brownout_loadtest.lean.pools import ConnectionPools, OriginPool
from brownout_loadtest.lean.prepared import (
    CARRY_A_BODY,
    NOTHING,
    Body,
    Prepared,
    body_of,
    first_line,
    lines_of,
    place_of,
    with_params,
)
from brownout_loadtest.lean.proxies import basic_auth, of_environment
from brownout_loadtest.lean.response import CaughtResponse, LeanResponse
from brownout_loadtest.lean.streaming import LiveBody

ABSOLUTE = re.compile(r"^(https?|http\+unix)://", re.IGNORECASE)
FAILURES = (*FAILURE_EXCEPTIONS, HTTPParseError, zlib.error)
"""What a request may meet on its way; older Locusts do not name all of it."""

REDIRECTS = frozenset([301, 302, 303, 307, 308])
ABOUT_THE_BODY = frozenset({"content-length", "content-type", "content-encoding", "transfer-encoding"})
KEPT_BEGINNINGS = 1024
"""Requests whose beginning is kept; a locustfile with an id in each URL would fill the memory."""

Timeout = float | tuple[float | None, float | None] | None
"""Seconds for the answer, or for the connection and the answer; None: the user's own."""


class LeanHttpSession:
    """Sends requests to one base URL, each once, and reports each to Locust's `request` event.

    Its methods take what FastHttpSession's take, and `params`, `files` and `timeout` as requests' do.
    """

    def __init__(
        self,
        base_url: str | None,
        request_event: EventHook,
        user: User | None = None,
        *,
        max_redirects: int = 30,
        default_headers: Mapping[str, str] | None = None,
        pools: ConnectionPools | None = None,
    ) -> None:
        """`pools` keep the connections, and have the settings for making them."""
        self.request_event = request_event
        self.user = user
        self.max_redirects = max_redirects
        self.cookiejar = Jar()
        self.request_name: str | None = None
        self.pools = pools or ConnectionPools()
        self.base_url, login = _without_login(base_url)
        standing = {"User-Agent": "brownout", "Accept-Encoding": "gzip, deflate, br"}
        self._standing = _merged(standing, default_headers or {})
        if login:
            self._standing = _merged({"Authorization": login}, self._standing)
        self._standing_names = frozenset(name.lower() for name in self._standing)
        self._beginnings: dict[tuple[str, str], Prepared] = {}
        self._context = None if user is None or type(user).context is User.context else user.context

    def request(
        self,
        method: str,
        url: str,
        name: str | None = None,
        data: Any = None,
        catch_response: bool = False,
        stream: bool = False,
        headers: Mapping[str, Any] | None = None,
        auth: tuple[str | bytes, str | bytes] | None = None,
        json: Any = None,
        allow_redirects: bool = True,
        context: Mapping[str, Any] | None = None,
        params: Any = None,
        files: Any = None,
        timeout: Timeout = None,
    ) -> Any:
        """Send a request; returns a LeanResponse, with `catch_response` one for a `with` block.

        What goes wrong on the way is its `error`. Raises ValueError for a request that can't be written.
        """
        full = with_params(url if ABSOLUTE.match(url) else f"{self.base_url}{url}", params)
        body = NOTHING if data is None and json is None and not files else body_of(data, json, files)
        own = _merged(body.headers, headers or {}) if body.headers else dict(headers or {})
        if auth:
            own = _merged(own, {"Authorization": basic_auth(*auth)})
        kind = CaughtResponse if catch_response else LeanResponse
        response = kind(method, full, own, body.told)
        meta: dict[str, Any] = {
            "request_type": method,
            "name": name or self.request_name or url,
            "context": {**(self._context() if self._context else {}), **(context or {})},
            "response": response,
            "exception": None,
            "start_time": time.time(),
            "url": full,
            "response_length": 0,
        }
        begun = time.perf_counter()
        try:
            self._fetch(response, method, full, own, body, stream, allow_redirects, timeout)
        except FAILURES as error:
            response.error = error
        meta["response_time"] = (time.perf_counter() - begun) * 1000
        meta["exception"] = response.error
        meta["response_length"] = response.length(stream)
        if isinstance(response, CaughtResponse):
            response.judged_by_block(self.request_event, meta)
        else:
            self.request_event.fire(**meta)
        return response

    def get(self, url: str, **options: Any) -> Any:
        """Send a GET request; see `request`."""
        return self.request("GET", url, **options)

    def head(self, url: str, **options: Any) -> Any:
        """Send a HEAD request; see `request`."""
        return self.request("HEAD", url, **options)

    def options(self, url: str, **options: Any) -> Any:
        """Send an OPTIONS request; see `request`."""
        return self.request("OPTIONS", url, **options)

    def delete(self, url: str, **options: Any) -> Any:
        """Send a DELETE request; see `request`."""
        return self.request("DELETE", url, **options)

    def post(self, url: str, data: Any = None, json: Any = None, **options: Any) -> Any:
        """Send a POST request; see `request`."""
        return self.request("POST", url, data=data, json=json, **options)

    def put(self, url: str, data: Any = None, **options: Any) -> Any:
        """Send a PUT request; see `request`."""
        return self.request("PUT", url, data=data, **options)

    def patch(self, url: str, data: Any = None, **options: Any) -> Any:
        """Send a PATCH request; see `request`."""
        return self.request("PATCH", url, data=data, **options)

    def iter_lines(self, url: str, method: str = "GET", **options: Any) -> Iterator[str]:
        """Yield the lines of a streamed answer as they come; raises what the request met."""
        response = self.request(method, url, stream=True, **options)
        response.raise_for_status()
        begun = b""
        for chunk in response.iter_content(decode_content=False):
            *lines, begun = (begun + chunk).split(b"\n")
            for line in lines:
                yield line.decode("utf-8", "replace")
        if begun:
            yield begun.decode("utf-8", "replace")

    @contextmanager
    def rename_request(self, name: str) -> Iterator[None]:
        """Give all requests in the block the same name in the statistics."""
        self.request_name = name
        try:
            yield
        finally:
            self.request_name = None

    def close(self) -> None:
        """Close the connections that are idle, those of others who share them too."""
        self.pools.close()

    def _fetch(
        self,
        response: LeanResponse,
        method: str,
        url: str,
        own: dict[str, Any],
        body: Body,
        stream: bool,
        allow_redirects: bool,
        timeout: Timeout,
    ) -> None:
        """Ask, follow redirects, and put the answer into the response. Raises what went wrong on the way."""
        asked = url
        for _ in range(self.max_redirects + 1):
            self._exchange(response, method, url, own, body, stream, timeout)
            location = response.header(b"location")
            if not (
                allow_redirects and self.max_redirects and location and response.status_code in REDIRECTS
            ):
                return
            response.release()
            url = _redirected(url, location.decode("latin-1"))
            if response.status_code < 304:
                method = method if method == "HEAD" else "GET"
                body = NOTHING
                own = _without(own, ABOUT_THE_BODY)
            elif not body.can_be_sent_again:
                raise UnrewoundBodyError(url, "payload cannot be rewound and resent after a redirect")
            own = _without(own, {"cookie"})  # the jar knows which cookies are for the other place
            if place_of(url).origin != place_of(asked).origin:
                own = {**_without(own, {"authorization"}), "Authorization": None}
        raise RetriesExceeded(url, f"Redirection limit reached ({self.max_redirects})")

    def _exchange(
        self,
        response: LeanResponse,
        method: str,
        url: str,
        own: dict[str, Any],
        body: Body,
        stream: bool,
        timeout: Timeout,
    ) -> None:
        """Send one request and read its answer."""
        pool, head = self._head(method, url, own, body)
        connection_s, answer_s = timeout if isinstance(timeout, tuple) else (None, timeout)
        exchange = pool.take(connection_s)
        deadline = None if answer_s is None else Deadline(answer_s, "no whole answer")
        try:
            exchange.ask(head, body.chunks() if body.parts is not None else (), method, deadline)
            if stream:
                live = LiveBody(exchange, pool)
                self._answered(response, url, exchange, None, live)
                return
            raw = exchange.whole_body()
            self._answered(response, url, exchange, raw, None)
        except BaseException:
            if exchange.status:
                self._answered(response, url, exchange, None, None)
            exchange.complete = False  # wherever it stopped, nobody uses this connection again
            raise
        finally:
            if deadline is not None:
                deadline.close()
            exchange.stop()
            if response.stream_is_over:
                pool.give(exchange)

    def _answered(
        self,
        response: LeanResponse,
        url: str,
        exchange: KeptConnection,
        raw: bytes | None,
        live: LiveBody | None,
    ) -> None:
        keep_cookies(self.cookiejar, url, exchange.headers)
        response.is_answered(url, exchange.status, exchange.headers, raw, live)

    def _head(self, method: str, url: str, own: dict[str, Any], body: Body) -> tuple[OriginPool, bytes]:
        """The pool to ask, and the request until the end of its body, if that is known."""
        begun = self._beginnings.get((method, url)) or self._prepare(method, url)
        cookies = cookie_header(self.cookiejar, url)
        if cookies:
            own = {"Cookie": cookies, **own}
        if not own and body is NOTHING:
            return begun.pool, begun.whole
        names = {name.lower() for name in own}
        start = begun.start
        if not names.isdisjoint(self._standing_names):
            start = begun.first
            own = _merged(self._standing, own)
        lines = lines_of(own)
        if body.parts is not None:
            lines += "Transfer-Encoding: chunked\r\n"
        elif "content-length" not in names and (body.kept is not None or method in CARRY_A_BODY):
            lines += f"Content-Length: {len(body.kept or b'')}\r\n"
        head = start + lines.encode("latin-1") + b"\r\n"
        return begun.pool, head + body.kept if body.kept else head

    def _prepare(self, method: str, url: str) -> Prepared:
        place = place_of(url)
        settings = self.pools.settings
        proxy = settings.proxy
        if proxy is None and settings.trust_environment and place.origin.port:
            proxy = of_environment(*place.origin)
        pool = self.pools.of(place.origin, proxy)
        first = first_line(method, place, pool).encode("latin-1")
        start = first + lines_of(self._standing).encode("latin-1")
        empty = b"Content-Length: 0\r\n" if method in CARRY_A_BODY else b""
        prepared = Prepared(pool, first, start, start + empty + b"\r\n")
        if len(self._beginnings) >= KEPT_BEGINNINGS:
            self._beginnings.clear()
        self._beginnings[method, url] = prepared
        return prepared


def _without_login(base_url: str | None) -> tuple[str | None, str | None]:
    """Return a base URL without user and password, and these as the value of a header."""
    parts = urlsplit(base_url or "")
    if not (parts.username and parts.password):
        return base_url, None
    plain = (parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, parts.fragment)
    return urlunsplit(plain), basic_auth(unquote(parts.username), unquote(parts.password))


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Headers of `over`, and those of `under` that it doesn't name in whatever case."""
    return {**_without(under, {name.lower() for name in over}), **over}


def _without(headers: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Headers but for those of these names, which are in small letters."""
    return {name: value for name, value in headers.items() if name.lower() not in names}


def _redirected(url: str, location: str) -> str:
    target = urljoin(url, location)
    if not ABSOLUTE.match(target):
        scheme = urlsplit(target).scheme
        raise UnsupportedRedirectSchemeError(url, f"refusing to follow redirect to {scheme!r} URL")
    return target
