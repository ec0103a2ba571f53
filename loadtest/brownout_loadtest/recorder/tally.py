"""Requests as they end, in one process.

The listener runs once a request, inside the load generator: it only appends three numbers to a list. Seconds
and histograms are made of them once a second, by numpy.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from brownout_loadtest.intended import take_wait
from brownout_loadtest.meter import LoadMeter
from brownout_loadtest.outcome_rules import OWN
from brownout_loadtest.outcomes import judged
from brownout_results.record import Histogram

from .clock import RunClock
from .failures import Failures
from .request_event import LONGEST_MS, duration_ms, text_of

logger = logging.getLogger(__name__)

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

    untimed: int = 0
    """Requests without a duration, which no histogram can count."""

    @property
    def requests(self) -> int:
        """All of them, with and without a duration."""
        return self.latency.count + self.untimed


class _Requests:
    """Requests of one key: end of each (monotonic, s), its response time (ms), and the wait before it (s)."""

    __slots__ = ("counted", "values")

    def __init__(self) -> None:
        self.values: list[float] = []
        self.counted = 0
        """Requests whose start is counted already."""


class Tally:
    """Collects the requests of one process, until they are drained."""

    def __init__(self, clock: RunClock, meter: LoadMeter, failures: Failures | None = None) -> None:
        """`meter` is told, at each drain, when the requests of a closed loop began."""
        self.failures = failures or Failures()
        self.unrecorded = 0
        """Requests that were lost by failures of ours."""
        self._clock = clock
        self._monotonic = clock.monotonic
        self._meter = meter
        self._began = clock.now()
        self._requests: dict[Key, _Requests] = {}
        self._untimed: Counter[tuple[int, Key]] = Counter()
        self._causes: defaultdict[tuple[int, Key], Counter[str]] = defaultdict(Counter)
        self._is_oddity_said = False

    def clear(self) -> None:
        """Forget everything: a run begins."""
        self._began = self._clock.now()
        self.unrecorded = 0
        self.failures.clear()
        self._requests.clear()
        self._untimed.clear()
        self._causes.clear()
        self._is_oddity_said = False

    def on_request(
        self,
        request_type: object,
        name: object,
        response_time: object,
        exception: object = None,
        context: object = None,
        response: object = None,
        start_time: object = None,
        **_: object,
    ) -> None:
        """Listener of Locust's `request` event; it never raises."""
        try:
            wait_s = take_wait() if self._meter.is_open else 0.0
            ended = self._monotonic()
            if type(request_type) is not str or type(name) is not str:
                request_type, name = text_of(request_type), text_of(name)
            is_plain = exception is None and (context is None or (type(context) is dict and not context))
            if is_plain and not OWN.is_active:
                key: Key = ("ok", request_type, name)
            else:
                kind, cause = judged(exception, context, response, start_time)
                key = (kind, request_type, name)
                if kind != "ok":
                    self._note_cause(int(self._clock.at(ended)), key, text_of(cause))
            if type(response_time) is not float or not 0.0 <= response_time <= LONGEST_MS:
                response_time = self._duration_ms(response_time)
                if response_time is None:
                    self._note_untimed(int(self._clock.at(ended)), key)
                    return
            requests = self._requests.get(key)
            if requests is None:
                requests = self._requests[key] = _Requests()
            requests.values += (ended, response_time, wait_s)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the load
            self.unrecorded += 1
            self.failures.note("a request", error)

    def take_unrecorded(self) -> int:
        """How many requests failures of ours have lost since this was asked last."""
        lost, self.unrecorded = self.unrecorded, 0
        return lost

    def drain(self, before: int | None = None) -> list[SecondTally]:
        """The requests that ended before second `before`, or all; a second drained early may come again.

        Tells the meter of the starts of all of them, so drain the meter after this.
        """
        parts = [part for key in list(self._requests) for part in self._drained(key, before)]
        parts += self._drain_untimed(before)
        return sorted(parts, key=lambda part: part.second)

    def _drained(self, key: Key, before: int | None) -> list[SecondTally]:
        requests = self._requests[key]
        count = len(requests.values) // 3
        try:
            return list(self._drain(key, before))
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the load
            self._requests.pop(key, None)
            self.unrecorded += count
            self.failures.note("the requests of a second", error)
            return []

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
            yield self._part(second, key, *_histograms(rows))

    def _drain_untimed(self, before: int | None) -> list[SecondTally]:
        """Return the tallies of seconds in which no request of the same key had a duration."""
        over = [(second, key) for second, key in self._untimed if before is None or second < before]
        empty = Histogram.empty()
        return [self._part(second, key, empty, empty) for second, key in over]

    def _part(self, second: int, key: Key, latency: Histogram, service: Histogram) -> SecondTally:
        outcome, method, name = key
        causes = dict(self._causes.pop((second, key), ()))
        untimed = self._untimed.pop((second, key), 0)
        return SecondTally(
            second, (outcome, text_of(method), text_of(name)), latency, service, causes, untimed
        )

    def _count_starts(self, table: Table) -> None:
        # Of a request that says to have begun before the run, load.csv would get rows from before it.
        starts = np.maximum(table[:, 0] - table[:, 1] / 1000, self._began).astype(np.int64)
        seconds, counts = np.unique(starts, return_counts=True)
        for second, count in zip(seconds.tolist(), counts.tolist(), strict=True):
            self._meter.closed_loop(second, count)

    def _duration_ms(self, value: object) -> float | None:
        """A value of any type; one that is no duration, and not None as Locust allows, is said once a run."""
        found = duration_ms(value)
        if found is None and value is not None and not self._is_oddity_said:
            self._is_oddity_said = True
            logger.warning(
                "A request has the response time %.60s, which is no duration: it is counted without one, and "
                "so are all others like it",
                text_of(value),
            )
        return found

    def _note_untimed(self, second: int, key: Key) -> None:
        self._untimed[second, key] += 1
        self._meter.closed_loop(second, 1)

    def _note_cause(self, second: int, key: Key, cause: str) -> None:
        causes = self._causes[second, key]
        causes[cause if cause in causes or len(causes) < CAUSES else OTHER_CAUSES] += 1


def _histograms(table: Table) -> tuple[Histogram, Histogram]:
    """Return the histograms of latency and of service time."""
    _, times_ms, waits_s = table.T
    service = Histogram.of(times_ms * 1000)
    return Histogram.of((times_ms + waits_s * 1000) * 1000) if waits_s.any() else service, service
