"""Probes for experiments: what users saw over the last seconds, and how the fleet stands.

What is not known is never a number: a probe fails then, and with it the steady state. One that only takes
a note may say null instead (`null_if_unknown`): in an outage retries can outlast the window, so that no
request ends in it.
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
"""How much longer than the window it may take until as many seconds were recorded."""

CIRCUITS = ("open", "half-open", "closed")
"""The worst first."""


def success_ratio(
    seconds: int = 10, with_fallbacks: bool = False, null_if_unknown: bool = False
) -> float | None:
    """The share of the last `seconds`' requests that were ok, 0 to 1; `with_fallbacks` count as well.

    Fails if none has ended; `null_if_unknown`: says null then.
    """
    name = "degraded_availability" if with_fallbacks else "availability"
    return _noted(_measures(seconds)[name], seconds, null_if_unknown)


def latency_percentile(
    percentile: float = 95, seconds: int = 10, null_if_unknown: bool = False
) -> float | None:
    """Milliseconds within which this percentage of the last `seconds`' requests ended, whatever came of them.

    In open loop from the moment that a request was meant to start. Fails if none has ended;
    `null_if_unknown`: says null then.
    """
    name = f"{percentile:g}"
    return _noted(_measures(seconds, name)["latency_ms"][name], seconds, null_if_unknown)


def goodput(seconds: int = 10) -> float:
    """Requests per second that were ok, over the last `seconds`."""
    return _known(_measures(seconds)["goodput"], "second", seconds)


def retry_amplification(seconds: int = 10, null_if_unknown: bool = False) -> float | None:
    """Calls of the backend for each request to a client, over the last `seconds`; 1 without retries.

    Fails if no request has come; `null_if_unknown`: says null then.
    """
    return _noted(_measures(seconds)["retry_amplification"], seconds, null_if_unknown)


def utilisation(seconds: int = 10) -> float:
    """How near its capacity the load is: requests per second that were offered over the last `seconds`, of
    those that the ready backends can serve together. From 1 on they can't keep up.

    Retries are not counted: they are no load of the users'. Fails if a backend has no capacity limit.
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
    """The worst state of the clients' breakers, or that of one replica: "open", "half-open" or "closed"."""
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
    """Whether every replica (of a service) is ready, at once or at most `within_s` seconds later.

    Fails if there is no replica at all.
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
    """Whether any fault is wanted of the backends, or a replica is not known to be as it is wanted to be."""
    answer = panel_http.ask("GET", "faults")
    return bool(answer["faults"]["faults"]) or any(
        held["standing"] != "applied" for held in answer["replicas"].values()
    )


def _measures(seconds: int, percentile: str = "95") -> Any:
    """What users saw over the last whole seconds; waits until as many were recorded."""
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
    """A measure of requests; None only for one who takes a note."""
    return None if value is None and null_if_unknown else _known(value, "request", seconds)
