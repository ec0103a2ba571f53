"""One call of the backend, ended within a time limit, whatever the backend does.

A requests.Session provides the pooled connections. Its `send` would also follow redirects (calls that no
counter sees, and it reads the whole body of each first) and keep the backend's cookies, so that its adapter
is used directly.
"""

import email.utils
import http.client
import time
from urllib.parse import urlsplit

import gevent  # type: ignore[import-untyped]
import msgspec
import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter

from .failures import RefusedError, TimeUpError, UnavailableError, cause_of

MAX_BODY = 1024 * 1024
"""Bytes of a body that are read; the backend's own has about 50."""

MIN_TIMEOUT_S = 0.001
"""For a call that starts when the deadline has just passed: 0 means something else to requests."""

POOL = 4096
"""Connections that are kept: as many as the server has callers (server.worker_connections). With fewer, the
calls beyond would open a new connection each."""


class Message(msgspec.Struct):
    """The contract of `GET /data`: a JSON object with a text "message"; more fields are welcome."""

    message: str


_MESSAGE = msgspec.json.Decoder(Message)


class Backend:
    """The backend at `url`, such as http://backendservice:5000. Raises ValueError if that is no URL."""

    def __init__(self, url: str) -> None:
        self.url = url.strip().rstrip("/")
        self._request = _request(self.url)
        self._session = requests.Session()
        self._session.mount(self.url, HTTPAdapter(pool_connections=1, pool_maxsize=POOL))
        self._adapter = self._session.get_adapter(self.url)

    def get(self, request_id: str, timeout_s: float) -> bytes:
        """The body of one `GET /data`: JSON in UTF-8.

        Raises UnavailableError or RefusedError.
        """
        request = self._request.copy()
        request.headers["X-Request-ID"] = request_id
        timeout_s = max(timeout_s, MIN_TIMEOUT_S)
        try:
            # The requests time-out ends a silence, gevent's also one that is broken by a byte now and then.
            with gevent.Timeout(timeout_s, TimeUpError):
                response = self._adapter.send(request, stream=True, timeout=timeout_s)
                body = _body(response)
        except (
            OSError,  # requests' own exceptions among them
            TimeUpError,
            urllib3.exceptions.HTTPError,
            http.client.HTTPException,
        ) as error:
            raise UnavailableError(cause_of(error)) from error
        _check_status(response)
        _check_body(body)
        return body

    def close(self) -> None:
        """Close the idle connections."""
        self._session.close()


def _request(url: str) -> requests.PreparedRequest:
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "brownout-client"}
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and not parts.query and not parts.fragment:
            return requests.Request("GET", f"{url}/data", headers).prepare()
    except ValueError:
        pass
    raise ValueError(f'"{url}" is not a URL such as http://backendservice:5000')


def _body(response: requests.Response) -> bytes:
    raw = response.raw
    if raw.length_remaining is not None and raw.length_remaining > MAX_BODY:
        response.close()
        raise UnavailableError("too-large")
    body = b""
    # The last read, which gets nothing, is the one that notices a body cut short.
    while piece := raw.read(MAX_BODY + 1 - len(body), decode_content=False):
        body += piece
        if len(body) > MAX_BODY:
            response.close()
            raise UnavailableError("too-large")
    return body


def _check_status(response: requests.Response) -> None:
    status = response.status_code
    if status == 429 or status >= 500:
        retry_after_s = parse_retry_after(response.headers.get("Retry-After", ""), time.time())
        raise UnavailableError(f"http-{status}", retry_after_s)
    if status != 200:
        raise RefusedError(f"http-{status}")


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
