"""What `latency.hlog` holds, in arrays, so that any part of a run can be added up quickly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .histogram import Histogram, Ints
from .hlog import LATENCY, Line, Series
from .payload import decode

Endpoint = tuple[str, str]
"""Method (Locust's "type") and name of a request, as in Locust's table."""


@dataclass(frozen=True, eq=False)
class Intervals:
    """Counts by second, series and bucket: entry i says that `count[i]` requests of `series[series_of[i]]`,
    which ended in `second[i]` (since the epoch), took a time in `bucket[i]`."""

    series: Sequence[Series]
    second: Ints
    series_of: Ints
    bucket: Ints
    count: Ints

    @classmethod
    def of(cls, lines: Sequence[Line], counts: Sequence[bytes]) -> Intervals:
        """Of lines and what `payload.check` returned for each."""
        numbers = {
            series: number for number, series in enumerate(dict.fromkeys(line.series for line in lines))
        }
        line, bucket, count = decode(counts)
        second = np.array([int(line.start) for line in lines], np.int64)
        series_of = np.array([numbers[line.series] for line in lines], np.int64)
        return cls(list(numbers), second[line], series_of[line], bucket, count)

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

    def histogram(self) -> Histogram:
        """Everything added up."""
        return Histogram.from_pairs(self.bucket, self.count)

    def per_second(self, first: int, length: int) -> Ints:
        """How many requests ended in each of `length` seconds from `first` on."""
        inside = (self.second >= first) & (self.second < first + length)
        counts = np.zeros(length, np.int64)
        np.add.at(counts, self.second[inside] - first, self.count[inside])
        return counts
