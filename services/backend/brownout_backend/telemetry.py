"""The telemetry of a service: /healthz, /readyz, /metrics, a request id, durations, a log line.

WSGI middleware and not Flask hooks: it must see what the application does not (requests that it fails to
answer, bodies that are cut short), and hooks would cost every request more than all of this does.

This file is the same in every service: each is deployable from its own folder alone.
"""

import itertools
import json
import logging
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from time import perf_counter
from typing import Any, ClassVar
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from prometheus_client import CollectorRegistry, GCCollector, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from .logs import request_id

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Methods that are a label of their own; the rest is "other", so that no caller can grow the metrics."""

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds in seconds, from an answer out of memory to the longest hang that faults use by default."""

_ACCEPTABLE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

Answer = tuple[int, str, bytes]
"""Status, content type, body."""


class Telemetry:
    """The outermost layer of a service: `app.wsgi_app = Telemetry(app.wsgi_app, …)`.

    `service` names the logger. `routes` are the paths that are a label of their own in
    `http_request_duration_seconds`; any other is "other". `ready` says whether the service takes traffic;
    `collectors` are exported by /metrics beside the layer's own. A caller's `X-Request-ID` is kept if it is
    1 to 128 letters, digits, dots, dashes, or underscores, else replaced; the application finds it in
    `environ["HTTP_X_REQUEST_ID"]`, the caller in the response, and log records of the request carry it.

    Requests for the layer's own three paths are not measured: probes are not traffic.
    """

    stopping: ClassVar[bool] = False
    """True from SIGTERM on, for every instance: a process stops as a whole."""

    def __init__(
        self,
        app: WSGIApplication,
        *,
        service: str,
        routes: Iterable[str],
        ready: Callable[[], bool] = lambda: True,
        collectors: Iterable[Collector] = (),
    ) -> None:
        self.app = app
        self.log = logging.getLogger(service)
        self.in_flight: set[MeasuredRequest] = set()
        self._ready = ready
        self._routes = frozenset(routes)
        self._own = {"/healthz": self._healthz, "/readyz": self._readyz, "/metrics": self._metrics}
        self._id_prefix = secrets.token_hex(6)
        self._id_count = itertools.count(1)
        self._registry = CollectorRegistry()
        self._durations = Histogram(
            "http_request_duration_seconds",
            "From the request's arrival to the end of its response.",
            ("method", "route", "status"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._observers: dict[tuple[str, str, str], Callable[[float], None]] = {}
        for collector in (_InFlight(self.in_flight), *collectors):
            self._registry.register(collector)
        for process_wide in (ProcessCollector, PlatformCollector, GCCollector):
            process_wide(registry=self._registry)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        own = self._own.get(environ.get("PATH_INFO", ""))
        if own is not None:
            return _respond(own, environ, start_response)
        exchange = MeasuredRequest(self, environ, start_response)
        self.in_flight.add(exchange)
        try:
            exchange.body = self.app(environ, exchange.start_response)
        except BaseException as error:
            exchange.status = exchange.status or _status_of(error)
            exchange.finish()
            raise
        return exchange

    def identify(self, environ: WSGIEnvironment) -> str:
        """The request's id: the caller's if it is acceptable, else a new one."""
        given = environ.get("HTTP_X_REQUEST_ID")
        if given is None or not _ACCEPTABLE_ID.fullmatch(given):
            given = environ["HTTP_X_REQUEST_ID"] = f"{self._id_prefix}-{next(self._id_count):x}"
        request_id.set(given)
        return str(given)

    def observe(self, method: str, path: str, status: str, seconds: float) -> None:
        """Count one finished request."""
        key = (method if method in METHODS else "other", path if path in self._routes else "other", status)
        observer = self._observers.get(key)
        if observer is None:
            observer = self._observers[key] = self._durations.labels(*key).observe
        observer(seconds)

    def _healthz(self, _: WSGIEnvironment) -> Answer:
        return _json(200, {"status": "ok"})

    def _readyz(self, _: WSGIEnvironment) -> Answer:
        if self.stopping:
            return _json(503, {"status": "stopping"})
        return _json(200, {"status": "ready"}) if self._ready() else _json(503, {"status": "not ready"})

    def _metrics(self, environ: WSGIEnvironment) -> Answer:
        encode, content_type = choose_encoder(environ.get("HTTP_ACCEPT", ""))
        return 200, content_type, encode(self._registry)


class MeasuredRequest:
    """One request and its response, measured; the iterable that the server gets."""

    __slots__ = ("_environ", "_id", "_start_response", "_started", "_telemetry", "body", "status")

    def __init__(self, telemetry: Telemetry, environ: WSGIEnvironment, start_response: StartResponse) -> None:
        self._started = perf_counter()
        self._telemetry = telemetry
        self._environ = environ
        self._start_response = start_response
        self._id = telemetry.identify(environ)
        self.status = ""
        self.body: Iterable[bytes] = ()

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], object]:
        self.status = status[:3]
        return self._start_response(status, [*headers, ("X-Request-ID", self._id)], exc_info)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.body)

    def close(self) -> None:
        """Called by the server at the end of the response, however it ended."""
        try:
            close = getattr(self.body, "close", None)
            if close is not None:
                close()
        finally:
            self.finish()

    def finish(self) -> None:
        seconds = perf_counter() - self._started
        telemetry, environ = self._telemetry, self._environ
        telemetry.in_flight.discard(self)
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")
        telemetry.observe(method, path, self.status, seconds)
        if telemetry.log.isEnabledFor(logging.INFO):
            fields = {"method": method, "path": path, "status": self.status, "ms": round(seconds * 1000, 3)}
            telemetry.log.info("request", extra=fields)


class _InFlight(Collector):
    def __init__(self, in_flight: set[MeasuredRequest]) -> None:
        self._in_flight = in_flight

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily(
            "http_requests_in_flight", "Requests being served.", value=len(self._in_flight)
        )


def _status_of(error: BaseException) -> str:
    """What the caller of an application that raised `error` sees: nothing at all, or the server's 500."""
    return "closed" if isinstance(error, ConnectionError) else "500"


def _respond(
    own: Callable[[WSGIEnvironment], Answer], environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    headers = []
    if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
        status, content_type, body = own(environ)
    else:
        status, content_type, body = _METHOD_NOT_ALLOWED
        headers.append(("Allow", "GET, HEAD"))
    headers += [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]


def _json(status: int, value: object, content_type: str = "application/json") -> Answer:
    return status, content_type, json.dumps(value).encode() + b"\n"


# A problem document (RFC 9457), like every other error of the services.
_METHOD_NOT_ALLOWED = _json(
    405,
    {
        "type": "about:blank",
        "title": "Method Not Allowed",
        "status": 405,
        "detail": "this method is not possible here; allowed: GET, HEAD",
        "allowed": "GET, HEAD",
    },
    "application/problem+json",
)
