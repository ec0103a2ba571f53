"""The figures of a report's tables: what each is called, means and counts in, and which way is better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from brownout_results.run_folder import LATENCY, Endpoint
from brownout_results.stretch import Stretch

Measure = Callable[[Stretch, Endpoint | None], float | None]


@dataclass(frozen=True)
class Figure:
    """A figure, and how it is taken."""

    name: str
    meaning: str
    unit: str
    is_good_up: bool | None
    measure: Measure


def _percentile(percent: float) -> Measure:
    return lambda part, endpoint: part.percentile_ms(percent, endpoint, LATENCY)


def _ratio(*outcomes: str) -> Measure:
    return lambda part, endpoint: part.ratio(endpoint, *outcomes)


FIGURES = [
    Figure("goodput", "successful answers per second", "/s", True, lambda part, one: part.rate(one, "ok")),
    Figure("throughput", "answers per second, of any outcome", "/s", True, lambda part, one: part.rate(one)),
    Figure("availability", "successful answers of all", "%", True, _ratio("ok")),
    Figure(
        "degraded availability", "successful or degraded answers of all", "%", True, _ratio("ok", "fallback")
    ),
    *(
        Figure(name, f"{percent:g} % of the requests took at most so long", "ms", False, _percentile(percent))
        for name, percent in {"p50": 50, "p90": 90, "p95": 95, "p99": 99, "p99.9": 99.9}.items()
    ),
    Figure(
        "retry amplification",
        "calls of the backend per request that reached the client",
        "×",
        False,
        lambda part, endpoint: part.retry_amplification if endpoint is None else None,
    ),
    Figure(
        "open ratio",
        "share of the time that the clients' breakers were open",
        "%",
        None,
        lambda part, endpoint: part.open_ratio if endpoint is None else None,
    ),
    Figure(
        "detection time",
        "from the start of a fault to the first breaker that opened; of several faults the longest",
        "s",
        False,
        lambda part, endpoint: part.course.detection_s if endpoint is None and part.is_whole else None,
    ),
    Figure(
        "recovery time",
        "from the end of a fault until goodput stayed at 95 % of what it was before, to the second; of "
        "several faults the longest",
        "s",
        False,
        lambda part, endpoint: part.course.recovery_s if endpoint is None and part.is_whole else None,
    ),
    Figure(
        "hysteresis",
        "goodput at the same offered rate, long after the faults minus before them",
        "/s",
        True,
        lambda part, endpoint: part.course.hysteresis if endpoint is None and part.is_whole else None,
    ),
]
