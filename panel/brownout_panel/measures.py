"""What users saw over the last seconds: percentiles of merged histograms, never means of percentiles."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from brownout_panel.model import Measures, Second
from brownout_results.record import Histogram, LoadRow

LONGEST_S = 3_600
"""The longest window, in seconds; as many histograms are kept, a few megabytes."""

LATE_S = 2
"""A second is written down when it is over, on a busy machine one later. The window ends with the newest one
as long as that is not older than this; then with the clock, and what is missing is missing."""

OUTCOMES = ("ok", "fallback", "error", "tunnel")


class Calls(NamedTuple):
    """Requests that reached the clients and attempts that reached the backend, since the run's start."""

    requests: int = 0
    attempts: int = 0


class RecordedSecond(NamedTuple):
    """One recorded second of the run, with what can be summed over several."""

    second: Second
    latency: Histogram
    calls: Calls
    load: LoadRow | None = None
    """What was offered and started in it, and how late."""


class Window:
    """The last hour of a run."""

    def __init__(self) -> None:
        self._rows: deque[RecordedSecond] = deque(maxlen=LONGEST_S + 1)

    def clear(self) -> None:
        """Forget everything: another run begins."""
        self._rows.clear()

    def add(self, row: RecordedSecond) -> None:
        """Add a second that is over."""
        self._rows.append(row)

    def measures(self, now: float, window_s: int, percentiles: Mapping[str, float]) -> Measures:
        """Measure the last `window_s` whole seconds before `now`; `percentiles` by their names."""
        end = int(now)
        if self._rows and end - self._rows[-1].second.t <= LATE_S:
            end = self._rows[-1].second.t + 1
        rows = [row for row in self._rows if end - window_s <= row.second.t < end]
        before = [row.calls for row in self._rows if row.second.t < end - window_s]
        return measure(rows, before[-1] if before else Calls(), window_s, percentiles)


def measure(
    rows: list[RecordedSecond], before: Calls, window_s: int, percentiles: Mapping[str, float]
) -> Measures:
    """Measure these seconds as one; `before` has the calls until the first of them."""
    latency = Histogram.sum(row.latency for row in rows)
    seconds = [row.second for row in rows]
    outcomes = {name: sum(getattr(one, name) for one in seconds) for name in OUTCOMES}
    requests = sum(outcomes.values())
    calls = rows[-1].calls if rows else before
    values = latency.percentiles_us(list(percentiles.values()))
    return Measures(
        window_s=window_s,
        seconds=len(rows),
        requests=requests,
        outcomes=outcomes,
        throughput=_ratio(requests, len(rows)),
        goodput=_ratio(outcomes["ok"], len(rows)),
        availability=_ratio(outcomes["ok"], requests),
        degraded_availability=_ratio(outcomes["ok"] + outcomes["fallback"], requests),
        latency_ms={
            name: round(value / 1000, 3) if latency.count else None
            for name, value in zip(percentiles, values, strict=True)
        },
        retry_amplification=_ratio(calls.attempts - before.attempts, calls.requests - before.requests),
        users=seconds[-1].users if seconds else None,
        offered=_mean([one.offered for one in seconds if one.offered is not None]),
    )


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return sum(known) / len(known) if known else None


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
