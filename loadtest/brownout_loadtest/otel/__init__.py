"""Traces and metrics by OTLP, where the environment names an endpoint for them.

Without OTEL_EXPORTER_OTLP_ENDPOINT nothing is imported and nothing costs anything. Settings are those of
OpenTelemetry itself: OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS, …
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locust.env import Environment

    from brownout_loadtest.recorder import Recorder, RunClock

logger = logging.getLogger(__name__)

ENDPOINTS = (
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
)
LACKING = "%s is set, but OpenTelemetry is not installed, so nothing is sent: pip install 'brownout[otel]'"


def is_wanted(variables: Mapping[str, str]) -> bool:
    """Whether the environment names a place to send to, and does not switch OpenTelemetry off."""
    is_off = variables.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return not is_off and any(variables.get(name) for name in ENDPOINTS)


def set_up(environment: Environment, recorder: Recorder | None, clock: RunClock) -> None:
    """Send traces and metrics of this process if the environment asks for it; of the run if it records it."""
    if not is_wanted(os.environ):
        return
    try:
        from brownout_loadtest.otel.signals import Signals
    except ImportError:
        logger.warning(LACKING, next(name for name in ENDPOINTS if os.environ.get(name)))
        return
    signals = Signals(environment)
    signals.trace_requests()
    if recorder is not None:
        from brownout_loadtest.otel.run_trace import RunTrace

        recorder.observers.append(RunTrace(signals, clock))
