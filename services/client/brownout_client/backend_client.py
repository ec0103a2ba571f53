"""One call of the backend, ended within a time limit, whatever the backend does.

The connections are those of a pooled requests.Session, used directly. `Session.send` would also follow
redirects (calls that no counter sees, and it reads the whole body of each first) and keep the backend's
cookies, and it takes almost twice the processor time: half a millisecond, of which a replica has two.
"""

import email.utils
import http.client
import time
from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import gevent
import msgspec
import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from urllib3.response import BaseHTTPResponse

from . import connections
from .failures import BackendRefusedError, TimeUpError, TunnelDownError, UnavailableError, cause_of

MAX_BODY = 1024 * 1024
"""Bytes of a body that are read; the backend's own has about 50."""

HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "brownout-client"}

FORWARDER_HEADER = "X-Brownout-Forwarder"
"""Marks the answers that a forwarder gives in the backend's place; `tunnel` if the forwarder is to blame."""

MAX_REASON = 200
"""Characters of such an answer that are passed on."""

MIN_TIMEOUT_S = 0.001
"""Timeout of a call that starts when the deadline has just passed: urllib3 accepts no 0."""

POOL = 4096
"""Connections that are kept: as many as the server has callers (server.worker_connections). With fewer, the
calls beyond would open a new connection each."""


class Message(msgspec.Struct):
    """The contract of `GET /data`: a JSON object with a text "message"; more fields are welcome."""

    message: str


_MESSAGE = msgspec.json.Decoder(Message)


TRACE_HEADERS = {"traceparent": "HTTP_TRACEPARENT", "tracestate": "HTTP_TRACESTATE"}
"""Headers of W3C's Trace Context, and their names in a WSGI environment."""

trace: ContextVar[Mapping[str, str]] = ContextVar("trace", default=MappingProxyType({}))
"""Those of the request that is served, which each attempt at the backend carries on."""


def carry_trace(environ: Mapping[str, Any]) -> None:
    """Let what is called for this request carry its trace on; there is none in most requests."""
    trace.set({name: environ[key] for name, key in TRACE_HEADERS.items() if key in environ})


class BackendClient:
    """The backend at `url`, such as http://backendservice:5000. Raises ValueError if that is no URL."""

    def __init__(self, url: str) -> None:
        self.url = url.strip().rstrip("/")
        request = _request(self.url)
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=POOL)
        self._session = requests.Session()
        self._session.mount(self.url, adapter)
        self._pool = connections.pool(adapter, request, self._session.verify)
        self._path = request.path_url

    def get(self, request_id: str, timeout_s: float) -> bytes:
        """The body of one `GET /data`: JSON in UTF-8.

        Raises UnavailableError, BackendRefusedError or TunnelDownError.
        """
        timeout_s = max(timeout_s, MIN_TIMEOUT_S)
        try:
            # urllib3's time-out ends a silence, gevent's also one that is broken by a byte now and then.
            with gevent.Timeout(timeout_s, TimeUpError):
                response = self._pool.urlopen(
                    "GET",
                    self._path,
                    headers={**HEADERS, **trace.get(), "X-Request-ID": request_id},
                    retries=False,
                    redirect=False,
                    timeout=timeout_s,
                    preload_content=False,
                )
                body = _body(response)
        except (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError, TimeUpError) as error:
            raise UnavailableError(cause_of(error)) from error
        if response.headers.get(FORWARDER_HEADER) == "tunnel":
            raise TunnelDownError(body.decode(errors="replace").strip()[:MAX_REASON])
        _check_status(response)
        _check_body(body)
        return body


def _request(url: str) -> requests.PreparedRequest:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and not parts.query and not parts.fragment:
            return requests.Request("GET", f"{url}/data").prepare()
    except ValueError:
        pass
    raise ValueError(f'"{url}" is not a URL such as http://backendservice:5000')


def _body(response: BaseHTTPResponse) -> bytes:
    if (response.length_remaining or 0) > MAX_BODY:
        response.close()
        raise UnavailableError("too-large")
    body = b""
    # The last read, which gets nothing, is the one that notices a body cut short.
    while piece := response.read(MAX_BODY + 1 - len(body), decode_content=False):
        body += piece
        if len(body) > MAX_BODY:
            response.close()
            raise UnavailableError("too-large")
    return body


def _check_status(response: BaseHTTPResponse) -> None:
    status = response.status
    if status == 429 or status >= 500:
        retry_after_s = parse_retry_after(response.headers.get("Retry-After", ""), time.time())
        raise UnavailableError(f"http-{status}", retry_after_s)
    if status != 200:
        raise BackendRefusedError(f"http-{status}")


def _check_body(body: bytes) -> None:
    try:
        body.decode()  # msgspec does not look at the encoding of fields that it skips
        _MESSAGE.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnavailableError("bad-body") from error


def parse_retry_after(value: str, now: float) -> float:
    """Seconds from `now` (wall clock, since 1970) that a Retry-After header asks for: a number or a date.

    0 for a date that has passed and for anything else (RFC 9110, 10.2.3).
    """
    if value.isascii() and value.isdecimal():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return 0.0
