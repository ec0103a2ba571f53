"""How many requests took no longer than a duration, bounded by percentiles since the start. Pure.

Locust's percentile p of N requests is the largest duration q, as rounded, that no more than k = ⌊N·p⌋
requests were shorter than. So at most k were shorter than q, and at least k + 1 took no longer (p = 1: all
did). That bounds, for each row and each duration, how many of all requests took no longer. Such numbers never
fall, and grow by no more than the requests that came: so each row's bounds also hold for the others, which is
what makes them tight when a percentile moves from one rounded duration to the next.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rounding import highest, lowest, rounded

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CountBounds:
    """Bounds of how many requests took no longer than each duration; matrices are edges × durations."""

    requests: Floats
    """All requests since the start, at each edge between rows."""

    durations_ms: Floats
    """As Locust rounds them, ascending; between two of them bounds are those of the lower one."""

    least: Floats
    most: Floats
    min_ms: Floats
    max_ms: Floats
    """Of all since the start, not rounded; NaN: not known."""

    @classmethod
    def of(
        cls, requests: Floats, percentiles_ms: Mapping[float, Floats], min_ms: Floats, max_ms: Floats
    ) -> CountBounds:
        """Return the bounds; every array has a value for each edge, percentiles are by percent."""
        durations = _durations([*percentiles_ms.values(), rounded(min_ms), rounded(max_ms)])
        shape = (len(requests), len(durations))
        least, most = np.zeros(shape), np.repeat(requests[:, None], len(durations), axis=1)
        for percent, values in percentiles_ms.items():
            is_all = percent >= 100
            shorter = requests if is_all else np.floor(requests * share_of(percent))
            reached = durations >= values[:, None]
            floor = requests if is_all else np.minimum(shorter + 1, requests)
            np.maximum(least, np.where(reached, floor[:, None], 0), out=least)
            if not is_all:
                beyond = durations < values[:, None]
                np.minimum(most, np.where(beyond, shorter[:, None], np.inf), out=most)
        low, high = rounded(min_ms), rounded(max_ms)
        for values in percentiles_ms.values():  # a locustfile may round otherwise
            low, high = np.minimum(low, values), np.maximum(high, values)
        low, high = low[:, None], high[:, None]
        np.copyto(most, 0, where=durations < low)
        np.maximum(least, np.where(durations >= high, requests[:, None], 0), out=least)
        np.copyto(least, requests[:, None], where=least > requests[:, None])
        return cls(requests, durations, *_over_time(requests, least, most), min_ms, max_ms)

    def percentile_ms(self, start: int, stop: int, percent: float) -> tuple[float, float]:
        """Return the shortest and the longest duration that this percentile of the requests between two edges
        may be, as Locust defines it; the longest is infinite if nothing tells it.

        Raises ValueError if no request ended between them.
        """
        requests = self.requests[stop] - self.requests[start]
        if not requests > 0:
            raise ValueError("no request ended between the two edges")
        least = np.maximum.accumulate(self.least[stop] - self.most[start])
        most = np.minimum.accumulate((self.most[stop] - self.least[start])[::-1])[::-1]
        rank = min(math.floor(requests * share_of(percent)) + 1, requests)
        low, high = np.flatnonzero(most >= rank), np.flatnonzero(least >= rank)
        shortest = lowest(float(self.durations_ms[low[0]])) if len(low) else 0.0
        longest = highest(float(self.durations_ms[high[0]])) if len(high) else math.inf
        if (slowest := float(self.max_ms[stop])) > 0:
            longest = min(longest, slowest)
        if (fastest := float(self.min_ms[stop])) > 0:
            shortest = max(shortest, fastest)
        return shortest, max(longest, shortest)


def share_of(percent: float) -> float:
    """Return a percent as the share that Locust computes with: 99.9 is 0.999, not 0.9990000000000001."""
    return round(percent / 100, 12)


def _durations(values: list[Floats]) -> Floats:
    every = np.unique(np.concatenate([np.zeros(1), *values]))
    return every[every >= 0]


def _over_time(requests: Floats, least: Floats, most: Floats) -> tuple[Floats, Floats]:
    """Bounds that also hold what the edges before and after say."""
    came = requests[:, None]
    least = np.maximum.accumulate(least, axis=0)
    least = np.maximum(least, np.maximum.accumulate((least - came)[::-1], axis=0)[::-1] + came)
    most = np.minimum.accumulate(most[::-1], axis=0)[::-1]
    most = np.minimum(most, np.minimum.accumulate(most - came, axis=0) + came)
    return least, most
