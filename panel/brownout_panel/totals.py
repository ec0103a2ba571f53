"""What the load and the harness have come to since this process began, for programs that scrape it. Pure.

Counted from the recorder's seconds, once a second: a request costs nothing more. Unlike the figures of a run,
totals go on from run to run, as counters have to.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from brownout_panel.measures import OUTCOMES, Calls, RecordedSecond
from brownout_results.record import LoadRow
from brownout_results.record.histogram import bucket_of, middle_of

BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds in seconds; those of the lab's services."""

_BOUNDS = bucket_of(np.array(BUCKETS_S) * 1e6)

WORKER = "worker"
"""What every worker is called: each start has a name of its own, and a label for each would never end."""


class LoadTotals:
    """Counts that only grow, and the last second."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter(dict.fromkeys(OUTCOMES, 0))
        self.buckets = np.zeros(len(BUCKETS_S) + 1, np.int64)
        """Requests by the bucket of their latency, the last one without a bound."""
        self.latency_s = 0.0
        """Sum of all latencies."""
        self.offered = self.started = self.dropped = 0
        self.users = 0
        self.load: LoadRow | None = None
        """The last second's row."""
        self.calls = Calls()
        self.stalls: Counter[str] = Counter()
        self.stalled_s: defaultdict[str, float] = defaultdict(float)
        self.kills: Counter[str] = Counter()
        self._calls_of_run = Calls()

    def add(self, measured: RecordedSecond) -> None:
        """Take in a second that is over."""
        second, latency = measured.second, measured.latency
        for outcome in OUTCOMES:
            self.requests[outcome] += getattr(second, outcome)
        places = np.searchsorted(_BOUNDS, latency.buckets)
        np.add.at(self.buckets, places, latency.counts)
        self.latency_s += float(np.dot(middle_of(latency.buckets), latency.counts)) / 1e6
        self.users = second.users
        if row := measured.load:
            self.load = row
            self.offered += row.offered
            self.started += row.started
            self.dropped += row.dropped
        self._add_calls(measured.calls)

    def add_event(self, event: Mapping[str, Any]) -> None:
        """Take in an event of the timeline."""
        kind, seconds = event.get("kind"), event.get("seconds")
        if kind == "stall" and isinstance(seconds, int | float):
            process = _part(str(event.get("process")))
            self.stalls[process] += 1
            self.stalled_s[process] += seconds
        elif kind == "kill" and event.get("outcome") in (None, "killed"):
            self.kills[str(event.get("service") or "unknown")] += 1
        elif kind == "run-ended":
            self.users, self.load = 0, None

    def _add_calls(self, calls: Calls) -> None:
        """Add a run's calls, which count from its start: where they fall, another run began."""
        before = self._calls_of_run if calls.requests >= self._calls_of_run.requests else Calls()
        self._calls_of_run = calls
        self.calls = Calls(
            self.calls.requests + max(calls.requests - before.requests, 0),
            self.calls.attempts + max(calls.attempts - before.attempts, 0),
        )


def _part(process: str) -> str:
    return WORKER if process.startswith(f"{WORKER} ") else process
