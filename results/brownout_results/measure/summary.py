"""The main figures of a run, for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from brownout_results.read.exceptions import TaskException, read_exceptions
from brownout_results.read.failures import read_failures
from brownout_results.read.run_folder import Endpoint, Run
from brownout_results.record import SERVICE
from brownout_results.record.timestamps import seconds_of
from brownout_terms.outcomes import DEGRADED

from .period import Period


@dataclass(frozen=True, kw_only=True)
class RequestFigures:
    """Figures of all requests, or of one endpoint's requests. None: not known."""

    requests: int
    throughput: float | None
    """Answers per second, of any outcome."""
    goodput: float | None
    """Answers per second with outcome `ok`."""
    availability: float | None
    """ok / all."""
    degraded_availability: float | None
    """(ok + fallback) / all."""
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    service_p95_ms: float | None
    """Measured from the real start of a request; the others are latencies, from the intended start."""
    outcomes: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class EndpointFigures(RequestFigures):
    """Figures of one endpoint."""

    method: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Summary(RequestFigures):
    """Figures of a run."""

    duration_s: float
    """Time from start to end of the run; without an end, the seconds recorded."""
    offered_rate: float | None
    """Requests per second that the load meant to send."""
    dropped: int | None
    """Arrivals given up because every user was busy."""
    lateness_p99_ms: float | None
    """None in closed loop."""
    users_alive: float | None
    """The smallest share of the users asked for that were alive in a second."""
    exceptions: Sequence[TaskException]
    """That tasks raised, the most frequent first."""
    causes: Mapping[str, int]
    """What went wrong and how often, the most frequent first, from Locust's table of failures."""
    retry_amplification: float | None
    breaker_openings: int
    endpoints: Sequence[EndpointFigures]
    """The endpoints, sorted by method and name."""


def summarise(run: Run) -> Summary:
    """Return the figures of the whole run."""
    whole = Period.of(run)
    return Summary(
        **_figures(whole, None),
        duration_s=_duration_s(run),
        offered_rate=whole.offered_rate,
        dropped=whole.dropped,
        lateness_p99_ms=whole.lateness_p99_ms,
        users_alive=whole.users_alive,
        exceptions=read_exceptions(run.folder) or [],
        causes=_causes(run),
        retry_amplification=whole.retry_amplification,
        breaker_openings=sum(
            event.get("kind") == "breaker" and event.get("to") == "open" for event in run.events
        ),
        endpoints=[
            EndpointFigures(method=endpoint[0], name=endpoint[1], **_figures(whole, endpoint))
            for endpoint in run.endpoints
        ],
    )


def _figures(whole: Period, endpoint: Endpoint | None) -> dict[str, Any]:
    outcomes = whole.outcomes(endpoint)
    latency = whole.histogram(endpoint).percentiles_us([50, 95, 99])
    p50_ms, p95_ms, p99_ms = (us / 1000 if outcomes else None for us in latency)
    return {
        "requests": outcomes.total(),
        "throughput": whole.rate(endpoint),
        "goodput": whole.rate(endpoint, "ok"),
        "availability": whole.ratio(endpoint, "ok"),
        "degraded_availability": whole.ratio(endpoint, *DEGRADED),
        "p50_ms": p50_ms,
        "p95_ms": p95_ms,
        "p99_ms": p99_ms,
        "service_p95_ms": whole.percentile_ms(95, endpoint, SERVICE),
        "outcomes": dict(outcomes),
    }


def _causes(run: Run) -> dict[str, int]:
    causes: Counter[str] = Counter()
    for failure in read_failures(run.folder):
        causes[failure.error] += failure.occurrences
    return dict(causes.most_common())


def _duration_s(run: Run) -> float:
    try:
        return seconds_of(run.manifest["ended"]) - seconds_of(run.manifest["started"])
    except (KeyError, TypeError, ValueError):
        return float(len(run.seconds))
