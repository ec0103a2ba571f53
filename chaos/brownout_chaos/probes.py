"""Probes for experiments: what users saw over the last seconds, and the state of the fleet.

What is not known is never a number: the probe fails, and with it the steady state. A probe that only
takes a note may return null instead (`null_if_unknown`): in an outage retries can outlast the window, and
no request ends in it.
"""

from __future__ import annotations

import time
from typing import Any

from chaoslib.exceptions import ActivityFailed

from brownout_chaos import panel_http

__all__ = [
    "all_replicas_ready",
    "breaker_state",
    "faults_active",
    "goodput",
    "latency_percentile",
    "retry_amplification",
    "success_ratio",
    "utilisation",
]

POLL_S = 0.2

FILL_S = 10.0
"""Extra time, beyond the window, until as many seconds were recorded."""

CIRCUITS = ("open", "half-open", "closed")
"""Breaker states, the worst first."""


def success_ratio(
    seconds: int = 10, with_fallbacks: bool = False, null_if_unknown: bool = False
) -> float | None:
    """Return the share of the last `seconds`' requests that were ok, 0 to 1; with or without fallbacks.

    Fails if no request has ended; with `null_if_unknown` it returns null.
    """
    name = "degraded_availability" if with_fallbacks else "availability"
    return _noted(_measures(seconds)[name], seconds, null_if_unknown)


def latency_percentile(
    percentile: float = 95, seconds: int = 10, null_if_unknown: bool = False
) -> float | None:
    """Return the latency percentile in ms of all requests of the last `seconds`, whatever their outcome.

    In open loop, latency counts from the intended start of a request. Fails if no request has ended; with
    `null_if_unknown` it returns null.
    """
    name = f"{percentile:g}"
    return _noted(_measures(seconds, name)["latency_ms"][name], seconds, null_if_unknown)


def goodput(seconds: int = 10) -> float:
    """Return the requests per second that were ok over the last `seconds`."""
    return _known(_measures(seconds)["goodput"], "second", seconds)


def retry_amplification(seconds: int = 10, null_if_unknown: bool = False) -> float | None:
    """Return backend calls per client request over the last `seconds`; 1 without retries.

    Fails if there was no request; with `null_if_unknown` it returns null.
    """
    return _noted(_measures(seconds)["retry_amplification"], seconds, null_if_unknown)


def utilisation(seconds: int = 10) -> float:
    """Return the load as a share of the capacity: requests per second offered over the last `seconds`,
    divided by those that the ready backends can serve. From 1 on they can't keep up.

    Retries don't count, since users did not send them. Fails if a backend has no capacity limit.
    """
    ready = [
        view
        for view in panel_http.ask("GET", "replicas")
        if view["replica"]["service"] == "backend" and view["replica"]["phase"] == "ready"
    ]
    unlimited = [
        view["replica"]["name"] for view in ready if not (view["capacity"] or {}).get("service_time_ms")
    ]
    if unlimited or not ready:
        raise ActivityFailed(
            f"{' and '.join(unlimited) or 'no ready backend'}: there is no limit, so no capacity is known. "
            "Start the backends with --backend-concurrency 2 --backend-service-time 100, or with "
            "CONCURRENCY=2 SERVICE_TIME_MS=100 in their environment"
        )
    offered = _known(_measures(seconds)["offered"], "load", seconds)
    limits = [view["capacity"] for view in ready]
    capacity: float = sum(1000 * one["concurrency"] / one["service_time_ms"] for one in limits)
    return round(offered / capacity, 3)


def breaker_state(replica: str | None = None) -> str:
    """Return the worst state of the clients' breakers, or one replica's: "open", "half-open" or "closed"."""
    views = panel_http.ask("GET", "replicas")
    circuits = [
        view["circuit"]["state"]
        for view in views
        if view["circuit"] and replica in (None, view["replica"]["name"])
    ]
    if not circuits:
        raise ActivityFailed(
            f"no breaker is known of {'any replica' if replica is None else repr(replica)}; there are: "
            + ", ".join(view["replica"]["name"] for view in views)
        )
    return next(state for state in CIRCUITS if state in circuits)


def all_replicas_ready(service: str | None = None, within_s: float = 0.0) -> bool:
    """Return whether every replica (of a service) is ready now, or is within `within_s` seconds.

    Fails if there is no replica.
    """
    deadline = time.monotonic() + within_s
    while True:
        phases = [one["phase"] for one in panel_http.replicas() if service in (None, one["service"])]
        if not phases:
            raise ActivityFailed(f"there is no replica{f' of {service!r}' if service else ''}")
        if all(phase == "ready" for phase in phases) or time.monotonic() >= deadline:
            return all(phase == "ready" for phase in phases)
        time.sleep(POLL_S)


def faults_active() -> bool:
    """Return whether any fault is set, or a backend has not confirmed that it has the wanted faults."""
    answer = panel_http.ask("GET", "faults")
    return bool(answer["faults"]["faults"]) or any(
        status["state"] != "applied" for status in answer["replicas"].values()
    )


def _measures(seconds: int, percentile: str = "95") -> Any:
    """Return what users saw over the last whole seconds; wait until as many were recorded."""
    deadline = time.monotonic() + seconds + FILL_S
    while True:
        measures = panel_http.ask("GET", f"measures?window_s={seconds}&percentiles={percentile}")
        if measures["seconds"] >= seconds:
            return measures
        if time.monotonic() > deadline:
            raise ActivityFailed(
                f"{measures['seconds']} of the last {seconds} s were recorded; is a load running?"
            )
        time.sleep(POLL_S)


def _known(value: float | None, what: str, seconds: int) -> float:
    if value is None:
        raise ActivityFailed(f"no {what} was recorded in the last {seconds} s, so nothing is known")
    return value


def _noted(value: float | None, seconds: int, null_if_unknown: bool) -> float | None:
    """Return a measure of requests; None only with `null_if_unknown`."""
    return None if value is None and null_if_unknown else _known(value, "request", seconds)
