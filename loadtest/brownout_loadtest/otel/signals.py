"""The providers of OpenTelemetry in this process, and a span for each request of the load."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from locust.env import Environment
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation import set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from brownout_loadtest.locust_seam import EVENTS, wrap_requests
from brownout_loadtest.outcomes import judged

NAME = "brownout"
SPAN_KEY = "brownout_span"
"""Where a request's span travels in the context of Locust's `request` event."""

_PROPAGATOR = TraceContextTextMapPropagator()


class Signals:
    """What is sent; Locust's own providers are used where `--otel` has set them."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        is_locusts = bool(getattr(environment.parsed_options, "otel", False))
        traces, meters = _locusts() if is_locusts else _ours()
        self.tracer = traces.get_tracer(NAME)
        self.meter = meters.get_meter(NAME)
        self._providers = [traces, meters]
        self._durations = self.meter.create_histogram(
            "http.client.request.duration", unit="s", description="Duration of requests of the load"
        )
        EVENTS.test_stop.add_listener(lambda **_: self.flush())
        EVENTS.quitting.add_listener(lambda **_: self.flush())

    def trace_requests(self) -> None:
        """Begin a span with each request, send its id on as `traceparent`, and end it with its outcome."""
        wrap_requests(self._begin)
        EVENTS.request.add_listener(self._end)

    def flush(self) -> None:
        """Send what there is; a receiver that does not answer costs what its own time limit says."""
        for provider in self._providers:
            if flush := getattr(provider, "force_flush", None):
                flush()

    def _begin(self, method: object, settings: dict[str, Any]) -> None:
        """Add the span to the settings of a request that Locust's client is about to send."""
        span = self.tracer.start_span(str(method), kind=SpanKind.CLIENT)
        headers = dict(settings.get("headers") or {})
        if not any(str(name).lower() == "traceparent" for name in headers):
            _PROPAGATOR.inject(headers, set_span_in_context(span))
        settings["headers"] = headers
        settings["context"] = {**(settings.get("context") or {}), SPAN_KEY: span}

    def _end(
        self,
        request_type: object,
        name: object,
        response_time: object,
        exception: object = None,
        context: object = None,
        response: object = None,
        start_time: object = None,
        url: object = None,
        **_: object,
    ) -> None:
        span = context.get(SPAN_KEY) if isinstance(context, dict) else None
        if span is None:
            return
        outcome, cause = judged(exception, context, response, start_time)
        attributes: dict[str, Any] = {"http.request.method": str(request_type), "brownout.outcome": outcome}
        if status := getattr(response, "status_code", 0):
            attributes["http.response.status_code"] = int(status)
        if isinstance(response_time, int | float):
            self._durations.record(max(response_time, 0.0) / 1000, attributes)
        if span.is_recording():
            span.update_name(f"{request_type} {name}")
            span.set_attributes(attributes | _where(url) | {"url.full": str(url), "brownout.cause": cause})
            if outcome in ("error", "tunnel"):
                span.set_status(Status(StatusCode.ERROR, cause or outcome))
        span.end()


def _where(url: object) -> dict[str, Any]:
    try:
        parts = urlsplit(str(url))
        return {"server.address": parts.hostname or "", "server.port": parts.port or 0}
    except ValueError:
        return {}


def _locusts() -> tuple[Any, Any]:
    return trace.get_tracer_provider(), metrics.get_meter_provider()


def _ours() -> tuple[Any, Any]:
    service = os.environ.get("OTEL_SERVICE_NAME") or "brownout-load"
    resource = Resource.create({"service.name": service, "process.pid": os.getpid()})
    traces = TracerProvider(resource=resource)
    traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    return traces, MeterProvider(resource=resource, metric_readers=[reader])
