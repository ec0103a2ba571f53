"""What `latency.hlog` holds, in arrays, so that any part of a run can be added up quickly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .histogram import Histogram, Ints
from .hlog import LATENCY, Line, Series
from .payload import decode

Small = NDArray[np.int32]
"""Half as long as other integers: a day of ten endpoints has ten million entries."""

Number = NDArray[np.uint16] | NDArray[np.int32]
"""Of a series: half as long again, unless there are more series than that can number."""

Endpoint = tuple[str, str]
"""Method (Locust's "type") and name of a request, as in Locust's table."""


@dataclass(frozen=True, eq=False)
class Intervals:
    """Counts by second, series and bucket: entry i says that `count[i]` requests of `series[series_of[i]]`,
    which ended in `second[i]` (since the epoch), took a time in `bucket[i]`."""

    series: Sequence[Series]
    second: Ints
    series_of: Number
    bucket: Small
    count: Small

    @classmethod
    def of(cls, lines: Sequence[Line], counts: Sequence[bytes]) -> Intervals:
        """Of lines and what `payload.check` returned for each."""
        builder = IntervalsBuilder()
        for line, counted in zip(lines, counts, strict=True):
            builder.add(line.series, int(line.start), counted)
        return builder.built()

    def where(
        self,
        measure: str = LATENCY,
        endpoint: Endpoint | None = None,
        outcome: str | None = None,
        start: float | None = None,
        end: float | None = None,
    ) -> Intervals:
        """The part with this measure, of this endpoint, with this outcome, from `start` to before `end`
        (seconds since the epoch); None is all of them."""
        wanted = [
            one.measure == measure
            and (endpoint is None or (one.method, one.name) == endpoint)
            and (outcome is None or one.outcome == outcome)
            for one in self.series
        ]
        keep = np.array(wanted, bool)[self.series_of]
        if start is not None:
            keep &= self.second >= start
        if end is not None:
            keep &= self.second < end
        return Intervals(
            self.series, self.second[keep], self.series_of[keep], self.bucket[keep], self.count[keep]
        )

    def all_from(self, second: int) -> Intervals:
        """The part from this second on, of every measure, endpoint and outcome."""
        keep = self.second >= second
        return Intervals(
            self.series, self.second[keep], self.series_of[keep], self.bucket[keep], self.count[keep]
        )

    def by_series(self, inside: NDArray[np.bool_]) -> list[Ints]:
        """Where the entries of each series are, of those inside: in one pass, and for millions of entries."""
        at = None if inside.all() else np.flatnonzero(inside)
        series_of = self.series_of if at is None else self.series_of[at]
        order = np.argsort(series_of, kind="stable")
        edges = np.cumsum(np.bincount(series_of, minlength=len(self.series)))[:-1]
        parts: list[Ints] = np.split(order if at is None else at[order], edges)
        return parts

    def histogram(self) -> Histogram:
        """Everything added up."""
        return Histogram.from_pairs(self.bucket, self.count)

    def per_second(self, first: int, length: int) -> Ints:
        """How many requests ended in each of `length` seconds from `first` on."""
        inside = (self.second >= first) & (self.second < first + length)
        return np.bincount(self.second[inside] - first, self.count[inside], length).astype(np.int64)


class IntervalsBuilder:
    """Puts intervals together line by line."""

    def __init__(self) -> None:
        self._numbers: dict[Series, int] = {}
        self._seconds: list[int] = []
        self._series_of: list[int] = []
        self._counts: list[bytes] = []
        self._parts: list[tuple[Ints, Number, Small, Small]] = []

    def add(self, series: Series, second: int, counts: bytes) -> None:
        """An interval: what was counted in this second, as `payload.check` returned it."""
        self._seconds.append(second)
        self._series_of.append(self._numbers.setdefault(series, len(self._numbers)))
        self._counts.append(counts)
        if len(self._counts) >= LINES:
            self._decode()

    def built(self) -> Intervals:
        """All of them."""
        self._decode()
        second, series_of, bucket, count = (
            np.concatenate(column) for column in zip(*self._parts, strict=True)
        )
        return Intervals(list(self._numbers), second, series_of, bucket, count)

    def _decode(self) -> None:
        line, bucket, count = decode(self._counts)
        second = np.array(self._seconds, np.int64)[line]
        numbers = np.array(self._series_of, np.int32)
        is_short = len(self._numbers) <= MOST_SHORT
        series_of: Number = numbers.astype(np.uint16)[line] if is_short else numbers[line]
        self._parts.append((second, series_of, bucket.astype(np.int32), count.astype(np.int32)))
        self._seconds, self._series_of, self._counts = [], [], []


MOST_SHORT = 1 << 16
"""Series that 16 bits can number."""

LINES = 16_384
"""Decoded at once: so many fit the processor's caches."""
