"""A run as a trace: a span for it, and below it one for each thing that happened, sent when it is over.

Faults last from one set to the next; kills, breaker transitions and marks are moments. A span for each rather
than events of one: that of the run ends last, and a harness that is killed would send nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.trace import Span, Status, StatusCode
from opentelemetry.trace.propagation import set_span_in_context

from brownout_loadtest.otel.signals import Signals
from brownout_loadtest.recorder import RunClock
from brownout_panel.measures import RecordedSecond
from brownout_panel.totals import LoadTotals

MOMENTS = ("kill", "breaker", "phase", "mark", "replica", "policy", "experiment", "stall", "load", "worker")
"""Kinds of the timeline's events that are told; `fault` has a length."""


class RunTrace:
    """An observer of the recorder's."""

    def __init__(self, signals: Signals, clock: RunClock) -> None:
        self._signals = signals
        self._clock = clock
        self._run: Span | None = None
        self._fault: Span | None = None
        self._totals = LoadTotals()
        self._add_metrics()

    def run_started(self, folder: Path, label: str, at: float) -> None:
        """Begin the span of the run."""
        attributes = {"brownout.run": folder.name, "brownout.label": label}
        self._run = self._signals.tracer.start_span(f"run {label}", attributes=attributes, start_time=_ns(at))

    def event(self, event: dict[str, Any]) -> None:
        """Tell of what happened, between runs as well."""
        self._totals.add_event(event)
        kind = str(event.get("kind"))
        if kind == "fault":
            self._end_fault()
            if event.get("faults"):
                self._fault = self._span(event, "fault")
        elif kind in MOMENTS:
            span = self._span(event, kind)
            if str(event.get("outcome", "")).startswith(("refused", "failed")):
                span.set_status(Status(StatusCode.ERROR, str(event["outcome"])))
            span.end()

    def second(self, second: RecordedSecond) -> None:
        """Count."""
        self._totals.add(second)

    def run_ended(self, at: float) -> None:
        """End what goes on, and send it."""
        self._end_fault()
        if self._run is not None:
            self._run.set_attributes(
                {f"brownout.requests.{name}": n for name, n in self._totals.requests.items()}
            )
            self._run.end(end_time=_ns(at))
            self._run = None
        self._signals.flush()

    def _span(self, event: Mapping[str, Any], kind: str) -> Span:
        context = set_span_in_context(self._run) if self._run is not None else None
        words = str(event.get("action") or event.get("to") or event.get("name") or "")
        attributes = {
            f"brownout.{name}": value
            if isinstance(value, str | int | float | bool)
            else json.dumps(value, default=str)
            for name, value in event.items()
            if value is not None and name not in ("t", "mono", "kind")
        }
        span: Span = self._signals.tracer.start_span(
            f"{kind} {words}".strip(), context, attributes=attributes
        )
        return span

    def _end_fault(self) -> None:
        if self._fault is not None:
            self._fault.end()
            self._fault = None

    def _add_metrics(self) -> None:
        """Counters are read when they are sent: a request adds nothing to them."""
        totals, meter = self._totals, self._signals.meter

        def of(take: Callable[[], float]) -> list[Callable[[CallbackOptions], Iterable[Observation]]]:
            return [lambda _: [Observation(take())]]

        def outcomes(_: CallbackOptions) -> Iterable[Observation]:
            return [Observation(n, {"brownout.outcome": name}) for name, n in totals.requests.items()]

        def stalls(_: CallbackOptions) -> Iterable[Observation]:
            return [Observation(s, {"brownout.process": name}) for name, s in totals.stalled_s.items()]

        meter.create_observable_counter("brownout.requests", [outcomes], unit="{request}")
        meter.create_observable_counter(
            "brownout.requests.offered", of(lambda: totals.offered), unit="{request}"
        )
        meter.create_observable_counter(
            "brownout.requests.started", of(lambda: totals.started), unit="{request}"
        )
        meter.create_observable_counter(
            "brownout.requests.dropped", of(lambda: totals.dropped), unit="{request}"
        )
        meter.create_observable_counter("brownout.stalls", [stalls], unit="s")
        meter.create_observable_gauge("brownout.users", of(lambda: totals.users), unit="{user}")


def _ns(at: float) -> int:
    return int(at * 1e9) if at else time.time_ns()
