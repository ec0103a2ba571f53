"""A run as the charts show it: a value per second, and events, on one time axis.

Times are seconds since the run's first request, so that runs lie on top of each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from brownout_results.measure.harness import HarnessStall
from brownout_results.measure.recovery import Recovery
from brownout_results.measure.timeline import BreakerPeriod, FaultPeriod, TimelineMark

from .downsampling import Floats

ALL = "all requests"
"""The part that is all of a run."""


@dataclass(frozen=True, eq=False)
class Distribution:
    """Latencies at percentiles, ascending."""

    percents: Floats
    latencies_ms: Floats
    is_coarse: bool = False
    """Whether there are no more percentiles than the source named."""


@dataclass(frozen=True)
class LatencyBounds:
    """The lowest and the highest that a percentile may be in a stretch of the run."""

    start: float
    end: float
    low_ms: float
    high_ms: float


@dataclass(frozen=True, kw_only=True, eq=False)
class ChartData:
    """A run. Every array has a value a second; NaN is "not known"."""

    name: str
    seconds: Floats
    rates: Mapping[str, Floats]
    """offered, throughput, goodput: per second; what isn't known is left out."""

    latencies_ms: Mapping[str, Floats]
    """p50, p95, p99 of each second."""

    means_ms: Mapping[str, Floats] = field(default_factory=dict)
    """Mean latency of each second, by part: all requests, and endpoints. Empty if percentiles tell more."""

    bounds_ms: Sequence[LatencyBounds] = ()
    """Where p95 lies, if that follows from percentiles since the start."""

    sizes: Floats | None = None
    """Mean content size of each second in bytes, if it varies."""

    outcomes: Mapping[str, Floats]
    """Requests per second, by outcome."""

    amplification: Floats | None = None
    users: Floats | None = None
    """Users that ran; None: not known."""

    bands: Sequence[FaultPeriod] = ()
    moments: Sequence[TimelineMark] = ()
    lanes: Mapping[str, Sequence[BreakerPeriod]] = field(default_factory=dict)
    """The breaker states, by replica."""

    stalls: Sequence[HarnessStall] = ()
    """Stalls of brownout's own parts."""

    recoveries: Sequence[Recovery] = ()
    distributions: Mapping[str, Distribution] = field(default_factory=dict)
    """Latency distributions by part of the run: a phase, an endpoint, or all of it."""

    @property
    def mean_ms(self) -> Floats | None:
        """Mean latency of all requests of each second; None if it is not known."""
        return self.means_ms.get(ALL)

    def bounds_by_second(self) -> tuple[Floats, Floats]:
        """Return the lower and the upper bound of p95 in each second; NaN where nothing is known."""
        low, high = np.full(len(self.seconds), np.nan), np.full(len(self.seconds), np.nan)
        for one in self.bounds_ms:
            inside = (self.seconds >= one.start) & (self.seconds < one.end)
            low[inside], high[inside] = one.low_ms, one.high_ms
        return low, high
