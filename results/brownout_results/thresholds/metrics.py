"""What a threshold can be about; each has one meaning, that of docs/thresholds.md."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from brownout_results.run_folder import LATENCY, SERVICE, Endpoint
from brownout_results.stretch import Stretch


@dataclass(frozen=True, eq=False)
class Kind:
    """What metrics count in."""

    units: Mapping[str, Decimal]
    """Each unit that may follow the number, with its factor to the metric's own."""

    rule: str
    """The units in a sentence, with an example of each."""


DURATION = Kind(
    {"us": Decimal("0.001"), "µs": Decimal("0.001"), "ms": Decimal(1), "s": Decimal(1000)},
    "a duration needs its unit: 300ms, 1.5s or 800us",
)
RATE = Kind({"/s": Decimal(1)}, "a rate needs its unit: 50/s")
RATIO = Kind({"": Decimal(1), "%": Decimal("0.01")}, "a ratio is 0 to 1 or 0% to 100%: 0.99 or 99%")
NUMBER = Kind({"": Decimal(1)}, "a number has no unit: 100 or 1.5")

Measure = Callable[[Stretch, Endpoint | None], float | None]

NO_REQUEST = "no request ended"
NO_SECOND = "there was no whole second of load: the first and the last, which are partial, don't count"


@dataclass(frozen=True)
class Metric:
    """How a metric is taken; the value is in ms, per second, a share of 1, or a number."""

    kind: Kind
    measure: Measure
    lacking: str
    """What is wrong if the measure gives None."""

    has_endpoints: bool = True
    """Whether it can be asked of one endpoint."""


def _ratio(*outcomes: str) -> Metric:
    return Metric(RATIO, lambda part, endpoint: part.ratio(endpoint, *outcomes), NO_REQUEST)


def _rate(outcome: str | None) -> Metric:
    return Metric(RATE, lambda part, endpoint: part.rate(endpoint, outcome), NO_SECOND)


def _percentile(percent: float, measure: str) -> Metric:
    return Metric(DURATION, lambda part, endpoint: part.percentile_ms(percent, endpoint, measure), NO_REQUEST)


def _mean_ms(part: Stretch, endpoint: Endpoint | None) -> float | None:
    durations = part.histogram(endpoint)
    return durations.mean_us / 1000 if durations.count else None


METRICS: dict[str, Metric] = {
    "throughput": _rate(None),
    "goodput": _rate("ok"),
    "offered_rate": Metric(RATE, lambda part, _: part.offered_rate, NO_SECOND, has_endpoints=False),
    "ok_ratio": _ratio("ok"),
    "availability": _ratio("ok"),
    "degraded_ratio": _ratio("ok", "fallback"),
    "degraded_availability": _ratio("ok", "fallback"),
    "fallback_ratio": _ratio("fallback"),
    "error_ratio": _ratio("error"),
    "tunnel_ratio": _ratio("tunnel"),
    "mean": Metric(DURATION, _mean_ms, NO_REQUEST),
    "max": _percentile(100, LATENCY),
    "requests": Metric(NUMBER, lambda part, endpoint: part.requests(endpoint), NO_REQUEST),
    "dropped": Metric(NUMBER, lambda part, _: part.dropped, "load.csv has no row", has_endpoints=False),
    "lateness_p99": Metric(
        DURATION,
        lambda part, _: part.lateness_p99_ms,
        "no arrival started; in closed loop nothing can be late",
        has_endpoints=False,
    ),
    "retry_amplification": Metric(
        NUMBER,
        lambda part, _: part.retry_amplification,
        "samples.csv has no request of a client replica",
        has_endpoints=False,
    ),
}
"""All but the percentiles, `p95` and `service_p95`, of which any will do."""

_PERCENTILE = re.compile(r"(service_)?p(\d{1,2}(?:\.\d{1,3})?)")


def find(name: str) -> Metric:
    """The metric with this name. Raises KeyError."""
    match = _PERCENTILE.fullmatch(name)
    if match is None or not float(match[2]):
        return METRICS[name]
    return _percentile(float(match[2]), SERVICE if match[1] else LATENCY)


def nearest(name: str) -> str | None:
    """A metric that may have been meant."""
    names = [*METRICS, "p50", "p90", "p95", "p99", "p99.9", "service_p50", "service_p95", "service_p99"]
    return next(iter(difflib.get_close_matches(name.lower(), names, n=1)), None)
