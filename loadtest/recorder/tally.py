"""Requests as they end, in one process.

The listener runs once a request, inside the load generator: it only appends two numbers. Making histograms
of them is left for once a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from loadtest.intended import take_wait
from loadtest.outcomes import of_request_event
from results.run_folder import Histogram

from .clock import RunClock

Key = tuple[str, str, str]
"""Outcome, method and name of a request."""

Durations = tuple[list[float], list[float]]
"""Latencies and service times, in ms, as Locust counts them."""


class Part(NamedTuple):
    """What one process recorded of the requests with one key that ended in one second."""

    second: int
    key: Key
    latency: Histogram
    service: Histogram


class Tally:
    """Collects the requests of one process, until they are drained."""

    def __init__(self, clock: RunClock) -> None:
        self.untimed = 0
        """Requests that have no duration (Locust allows None): no histogram can count them."""
        self._clock = clock
        self._seconds: dict[int, dict[Key, Durations]] = {}
        self._second = -1
        self._current: dict[Key, Durations] = {}

    def clear(self) -> None:
        """Forget everything."""
        self.untimed = 0
        self._seconds.clear()
        self._second = -1

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
        wait_s = take_wait()
        if response_time is None:
            self.untimed += 1
            return
        second = int(self._clock.now())
        if second != self._second:
            self._second = second
            self._current = self._seconds.setdefault(second, {})
        key = (of_request_event(exception, context, response), request_type, name)
        durations = self._current.get(key)
        if durations is None:
            durations = self._current[key] = ([], [])
        durations[0].append(response_time + wait_s * 1000)
        durations[1].append(response_time)

    def drain(self, before: int | None = None) -> list[Part]:
        """The requests that ended before second `before`, or all; a second drained early may come again."""
        seconds = [second for second in self._seconds if before is None or second < before]
        if self._second in seconds:
            self._second = -1
        return [
            Part(second, (key[0], str(key[1]), str(key[2])), *map(_histogram, durations))
            for second in sorted(seconds)
            for key, durations in self._seconds.pop(second).items()
        ]


def _histogram(durations_ms: list[float]) -> Histogram:
    return Histogram.of(np.array(durations_ms) * 1000)
