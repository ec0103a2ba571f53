"""Seconds of a run, as a recorder tells a panel of them."""

from brownout_panel.measures import Calls, RecordedSecond
from brownout_panel.model import Second
from brownout_results.record import Histogram


def measured(
    t: int, ok: int = 90, error: int = 10, ms: float = 10.0, calls: Calls | None = None
) -> RecordedSecond:
    """A second of requests that all took equally long; each took one and a half attempts."""
    count = ok + error
    second = Second(
        t=t,
        users=20,
        offered=float(count),
        throughput=count,
        goodput=ok,
        ok=ok,
        fallback=0,
        error=error,
        tunnel=0,
        p50_ms=ms,
        p95_ms=ms,
        p99_ms=ms,
        amplification=1.5,
    )
    return RecordedSecond(second, Histogram.of([ms * 1000] * count), calls or Calls())
