"""Why a request got no data: one word of a small fixed vocabulary, the same in answers, counters and logs.

| cause | the backend … |
| --- | --- |
| `timeout` | had not answered in full when the attempt's or the request's time was up |
| `dns` | has a name that doesn't resolve |
| `connection-refused` | is not there: nobody listens |
| `connection-reset` | reset the connection |
| `connection-closed` | closed the connection before the answer was whole |
| `connection-failed` | could not be reached for another reason, such as no route |
| `http-<status>` | answered with that status and not with 200 |
| `bad-response` | sent something that is not HTTP |
| `bad-body` | sent a body that is not a JSON object with a "message" |
| `too-large` | sent, or announced, a body that nobody wants to read |
| `circuit-open` | was not asked: the breaker is open, or its trials are taken |
| `tunnel` | was not reached: the forwarder in between says so |
"""

import http.client
import socket
from collections.abc import Iterator

import urllib3.exceptions


class FetchError(Exception):
    """A request or one of its attempts got no data; the message is the cause."""

    @property
    def cause(self) -> str:
        return str(self.args[0])


class UnavailableError(FetchError):
    """The backend failed: counts against the breaker, and is worth a retry.

    `retry_after_s`: how long the backend asks to be left alone.
    """

    def __init__(self, cause: str, retry_after_s: float = 0.0) -> None:
        super().__init__(cause)
        self.retry_after_s = retry_after_s


class BackendRefusedError(FetchError):
    """The backend works and said no (a 4xx, a redirect): a retry would get the same answer."""


class CircuitOpenError(FetchError):
    """The breaker did not let the call through."""

    def __init__(self) -> None:
        super().__init__("circuit-open")


class TunnelDownError(FetchError):
    """The forwarder in front of the backend could not pass the call on: that says nothing about the backend.

    It counts neither for nor against the breaker. There is no retry, which would need the forwarder as well.
    `reason` is what the forwarder says.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("tunnel")
        self.reason = reason


class TimeUpError(Exception):
    """An attempt has used up its time. Not an OSError: requests would take it for a broken connection."""


_CAUSES: tuple[tuple[type[BaseException], str], ...] = (
    (TimeUpError, "timeout"),
    (TimeoutError, "timeout"),
    (socket.gaierror, "dns"),
    (ConnectionRefusedError, "connection-refused"),
    (http.client.RemoteDisconnected, "connection-closed"),
    (http.client.IncompleteRead, "connection-closed"),
    (urllib3.exceptions.IncompleteRead, "connection-closed"),
    (ConnectionError, "connection-reset"),
    (http.client.HTTPException, "bad-response"),
    (urllib3.exceptions.InvalidHeader, "bad-response"),
)
"""The first that fits decides: RemoteDisconnected is a ConnectionError too."""


def cause_of(error: BaseException) -> str:
    """The cause that fits `error`, or what it was raised from: libraries wrap each other's exceptions."""
    chain = list(_chain(error))
    for kind, cause in _CAUSES:
        if any(isinstance(link, kind) for link in chain):
            return cause
    return "connection-failed"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
