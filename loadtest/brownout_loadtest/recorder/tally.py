"""Requests as they end, in one process.

The listener runs once a request, inside the load generator: it only appends three numbers to a list. Seconds
and histograms are made of them once a second, by numpy.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from brownout_loadtest.intended import take_wait
from brownout_loadtest.meter import LoadMeter
from brownout_loadtest.outcomes import cause_of_event, of_request_event
from brownout_results.record import Histogram

from .clock import RunClock

Key = tuple[str, str, str]
"""Outcome, method and name of a request."""

Table = NDArray[np.float64]
"""A row a request: its end (s), its response time (ms), its wait before it (s)."""

CAUSES = 50
"""Different ones told apart in one second of a key; texts of exceptions may be as many as requests."""

OTHER_CAUSES = "other causes"


class SecondTally(NamedTuple):
    """What one process recorded of the requests with one key that ended in one second."""

    second: int
    key: Key
    latency: Histogram
    """The very same object as `service` if no request waited before its start."""

    service: Histogram
    causes: Mapping[str, int] = {}
    """Why requests were not `ok`, and how many of them."""


class _Requests:
    """With one key: of each its end (monotonic, s), its response time (ms), and its wait before it (s)."""

    __slots__ = ("counted", "values")

    def __init__(self) -> None:
        self.values: list[float] = []
        self.counted = 0
        """Of how many the start is counted already."""


class Tally:
    """Collects the requests of one process, until they are drained."""

    def __init__(self, clock: RunClock, meter: LoadMeter) -> None:
        """`meter` is told, at each drain, when the requests of a closed loop began."""
        self.untimed = 0
        """Requests that have no duration (Locust allows None): no histogram can count them."""
        self._clock = clock
        self._monotonic = clock.monotonic
        self._meter = meter
        self._requests: dict[Key, _Requests] = {}
        self._causes: defaultdict[tuple[int, Key], Counter[str]] = defaultdict(Counter)

    def clear(self) -> None:
        """Forget everything."""
        self.untimed = 0
        self._requests.clear()
        self._causes.clear()

    def on_request(
        self,
        request_type: str,
        name: str,
        response_time: float | None,
        exception: BaseException | None = None,
        context: Mapping[str, Any] | None = None,
        response: object = None,
        **_: object,
    ) -> None:
        """Listener of Locust's `request` event."""
        wait_s = take_wait() if self._meter.is_open else 0.0
        if response_time is None:
            self.untimed += 1
            self._meter.closed_loop(int(self._clock.now()), 1)
            return
        ended = self._monotonic()
        if exception is None and not context:
            key = ("ok", request_type, name)
        else:
            key = (of_request_event(exception, context, response), request_type, name)
            if key[0] != "ok":
                self._note_cause(int(self._clock.at(ended)), key, cause_of_event(exception, context))
        requests = self._requests.get(key)
        if requests is None:
            requests = self._requests[key] = _Requests()
        requests.values += (ended, response_time, wait_s)

    def drain(self, before: int | None = None) -> list[SecondTally]:
        """The requests that ended before second `before`, or all; a second drained early may come again.

        Tells the meter of the starts of all of them, so drain the meter after this.
        """
        parts = [part for key in list(self._requests) for part in self._drain(key, before)]
        return sorted(parts, key=lambda part: part.second)

    def _drain(self, key: Key, before: int | None) -> Iterator[SecondTally]:
        requests = self._requests[key]
        table = np.array(requests.values).reshape(-1, 3)
        table[:, 0] = ends = self._clock.at(table[:, 0])
        self._count_starts(table[requests.counted :])
        cut = len(ends) if before is None else int(np.searchsorted(ends, before))
        del requests.values[: 3 * cut]
        requests.counted = len(ends) - cut
        if not requests.counted:
            del self._requests[key]
        seconds, firsts = np.unique(ends[:cut].astype(np.int64), return_index=True)
        for second, rows in zip(seconds.tolist(), np.split(table[:cut], firsts[1:]), strict=False):
            causes = dict(self._causes.pop((second, key), ()))
            yield SecondTally(second, (key[0], str(key[1]), str(key[2])), *_histograms(rows), causes)

    def _count_starts(self, table: Table) -> None:
        starts = (table[:, 0] - table[:, 1] / 1000).astype(np.int64)
        seconds, counts = np.unique(starts, return_counts=True)
        for second, count in zip(seconds.tolist(), counts.tolist(), strict=True):
            self._meter.closed_loop(second, count)

    def _note_cause(self, second: int, key: Key, cause: str) -> None:
        causes = self._causes[second, key]
        causes[cause if cause in causes or len(causes) < CAUSES else OTHER_CAUSES] += 1


def _histograms(table: Table) -> tuple[Histogram, Histogram]:
    """Return the histograms of latency and of service time."""
    _, times_ms, waits_s = table.T
    service = Histogram.of(times_ms * 1000)
    return Histogram.of((times_ms + waits_s * 1000) * 1000) if waits_s.any() else service, service
