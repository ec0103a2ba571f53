"""Bands in which percentiles lie over time, from percentiles that count from the start of a run. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from brownout_results.read.locust_csv import SinceStart

from .count_bounds import CountBounds
from .window_means import first_of_reset

Floats = NDArray[np.float64]

TELLING = 2.0
"""A band says something if its upper edge is no more than so many times its lower one, …"""

NARROW_MS = 5.0
"""… or so near to it."""

FEWEST_BEYOND = 1.0
"""Requests of a window that have to be slower than its percentile."""

MOST_ROWS = 1200
"""Of a longer run, several rows are looked at as one."""


@dataclass(frozen=True, eq=False)
class Band:
    """Bounds of a percentile; every array has a value for each row, NaN where nothing can be told."""

    low_ms: Floats
    high_ms: Floats

    @property
    def is_told(self) -> bool:
        """Whether anything can be told of any row."""
        return bool(np.isfinite(self.high_ms).any())

    @property
    def windows(self) -> list[tuple[int, int, float, float]]:
        """First row, row after the last, and bounds of each stretch of rows that have the same ones."""
        changes = (np.diff(self.low_ms) != 0) | (np.diff(self.high_ms) != 0)
        edges = [0, *(np.flatnonzero(changes) + 1).tolist(), len(self.low_ms)]
        return [
            (first, end, float(self.low_ms[first]), float(self.high_ms[first]))
            for first, end in pairwise(edges)
            if end > first and np.isfinite(self.high_ms[first])
        ]


def slowest(since: SinceStart) -> list[tuple[int, float]]:
    """Return row and duration in ms of each request that raised the maximum."""
    highest = np.nan_to_num(since.max_ms)
    before = np.where(first_of_reset(since.requests), 0.0, highest[:-1])
    rows = np.flatnonzero(highest[1:] > before)
    return [(int(row), float(highest[row + 1])) for row in rows]


def bands(since: SinceStart, percents: Sequence[float]) -> dict[float, Band]:
    """Return bounds of percentiles: of as few rows together as say something, from the first row on. Those of
    which nothing can be told are left out."""
    if not since.percentiles_ms:
        return {}
    rows = len(since.requests) - 1
    found = {percent: Band(np.full(rows, np.nan), np.full(rows, np.nan)) for percent in percents}
    for part in _parts(since):
        for percent, one in found.items():
            for start, stop, (low, high) in _windows(part, percent):
                one.low_ms[part.rows[start] : part.rows[stop]] = low
                one.high_ms[part.rows[start] : part.rows[stop]] = high
    return {percent: one for percent, one in found.items() if one.is_told}


def stretch_bounds(
    since: SinceStart, first: int, end: int, percents: Sequence[float], *, are_wide: bool = False
) -> dict[float, tuple[float, float]]:
    """Return the bounds of percentiles of the rows from `first` to before `end`: those that say something, or
    all if they may be wide."""
    for part in _parts(since, [first, end]):
        if part.rows[0] <= first < end <= part.rows[-1]:
            start, stop = part.rows.index(first), part.rows.index(end)
            bounds = part.counts.percentile_ms if are_wide else part.bounds
            told = {percent: bounds(start, stop, percent) for percent in percents}
            return {percent: bounds for percent, bounds in told.items() if bounds}
    return {}


def _parts(since: SinceStart, kept: Sequence[int] = ()) -> Iterator[_Part]:
    """Yield the rows between resets; `kept` are rows that have an edge of their own also in a long run."""
    resets = np.flatnonzero(first_of_reset(since.requests)).tolist()
    for first, end in pairwise([0, *resets, len(since.requests) - 1]):
        if end > first:
            yield _Part.of(since, first, end, kept, is_reset=first in resets)


@dataclass(frozen=True, eq=False)
class _Part:
    """Rows between two resets, or several rows as one if there are very many."""

    counts: CountBounds
    rows: list[int]
    """The first row after each edge."""

    @classmethod
    def of(cls, since: SinceStart, first: int, end: int, kept: Sequence[int], *, is_reset: bool) -> _Part:
        some = np.linspace(first, end, min(end - first, MOST_ROWS) + 1).astype(np.int64)
        rows = np.unique([*some.tolist(), *(row for row in kept if first <= row <= end)])
        zero = is_reset & (rows == first)

        def at(values: Floats) -> Floats:
            return np.where(zero, 0.0, values[rows])

        percentiles = {one: at(values) for one, values in since.percentiles_ms.items()}
        counts = CountBounds.of(at(since.requests), percentiles, at(since.min_ms), at(since.max_ms))
        return cls(counts, rows.tolist())

    def bounds(self, start: int, stop: int, percent: float) -> tuple[float, float] | None:
        """Return the bounds between these edges; None if they say nothing."""
        requests = self.counts.requests[stop] - self.counts.requests[start]
        if requests * (1 - percent / 100) < FEWEST_BEYOND - 1e-9:
            return None
        low, high = self.counts.percentile_ms(start, stop, percent)
        return (low, high) if high <= TELLING * low or high - low <= NARROW_MS else None


def _windows(part: _Part, percent: float) -> list[tuple[int, int, tuple[float, float]]]:
    """Return start, stop and bounds of windows; what is left at the end joins the last one if that tells."""
    found: list[tuple[int, int, tuple[float, float]]] = []
    start, end = 0, len(part.rows) - 1
    while start < end and (one := _shortest(part, start, end, percent)):
        found.append((start, *one))
        start = one[0]
    if found and start < end and (bounds := part.bounds(found[-1][0], end, percent)):
        found[-1] = (found[-1][0], end, bounds)
    return found


def _shortest(part: _Part, start: int, end: int, percent: float) -> tuple[int, tuple[float, float]] | None:
    """Return where the shortest window that says something stops, and its bounds: twice as many rows are
    tried each time, then what lies between the last two."""
    most = end - start
    for power in range(math.ceil(math.log2(most)) + 1):
        size = min(2**power, most)
        if found := part.bounds(start, start + size, percent):
            fewest = size // 2
            while size - fewest > 1:
                middle = (size + fewest) // 2
                if between := part.bounds(start, start + middle, percent):
                    size, found = middle, between
                else:
                    fewest = middle
            return start + size, found
    return None
