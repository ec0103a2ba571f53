"""Durations as an HdrHistogram: 1 µs to 1 h at three significant digits, keeping the buckets in use only.

HdrHistogram's buckets (Tene, hdrhistogram.org): below 2,048 µs each microsecond has its own; above, each
power of two is cut in 1,024 equal buckets, so that a bucket is never wider than 1/1,024 of its values.
hdrh's own class keeps all 23,552 counters (188 KB); a second of one endpoint uses some tens of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .compact_arrays import Ints, Small

LOWEST_US = 1
HIGHEST_US = 3_600_000_000
SIGNIFICANT_DIGITS = 3
_HALF_BITS = 10
"""A power of two is cut in 2**10 buckets: the fewest that give three digits."""

BUCKETS = 23_552
"""Number of buckets; the last few contain no duration."""

Buckets = NDArray[np.uint16]
"""Numbers of buckets where there are millions."""


def bucket_of(values_us: ArrayLike) -> Ints:
    """The bucket of each duration in µs; what lies outside 1 µs to 1 h counts as the nearest of the two."""
    bounded = np.clip(values_us, LOWEST_US, HIGHEST_US)  # first: no integer holds what is far beyond
    with np.errstate(invalid="ignore"):  # NaN becomes the lowest integer, and with that 1 µs
        clipped = np.maximum(bounded.astype(np.int64), LOWEST_US)
    shift = np.maximum(np.frexp(clipped.astype(np.float64))[1].astype(np.int64) - _HALF_BITS - 1, 0)
    return (shift << _HALF_BITS) + (clipped >> shift)


def highest_in(buckets: Ints | Buckets) -> Ints:
    """The longest duration that falls into each bucket, in µs: what HdrHistogram reports as a percentile."""
    wide = np.asarray(buckets, np.int64)  # an hour in µs takes more than 31 bits
    return _lowest_in(wide) + (1 << _shift_of(wide)) - 1


def middle_of(buckets: Ints | Buckets) -> Ints:
    """The duration in the middle of each bucket, in µs."""
    wide = np.asarray(buckets, np.int64)
    return _lowest_in(wide) + ((1 << _shift_of(wide)) >> 1)


def _shift_of(buckets: Ints) -> Ints:
    shift: Ints = np.maximum((buckets >> _HALF_BITS) - 1, 0)
    return shift


def _lowest_in(buckets: Ints) -> Ints:
    shift = _shift_of(buckets)
    return (buckets - (shift << _HALF_BITS)) << shift


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How many durations fell into each bucket. Histograms add up without loss; percentiles do not."""

    buckets: Ints
    """Buckets in use, ascending, each once."""

    counts: Ints
    """Durations in each of them; never 0."""

    @classmethod
    def of(cls, values_us: ArrayLike) -> Histogram:
        """Make a histogram of durations in µs."""
        buckets, counts = np.unique(bucket_of(values_us), return_counts=True)
        return cls(buckets, counts.astype(np.int64))

    @classmethod
    def empty(cls) -> Histogram:
        return cls(np.empty(0, np.int64), np.empty(0, np.int64))

    @classmethod
    def repeated(cls, count: int) -> Histogram:
        """Make a histogram of the shortest duration, `count` times: it counts requests without a duration."""
        return cls(np.array([LOWEST_US], np.int64), np.array([count], np.int64))

    @classmethod
    def sum(cls, parts: Iterable[Histogram]) -> Histogram:
        """Add up all parts."""
        several = list(parts)
        if len(several) == 1:
            return several[0]
        if not several:
            return cls.empty()
        buckets = np.concatenate([part.buckets for part in several])
        return cls.from_pairs(buckets, np.concatenate([part.counts for part in several]))

    @classmethod
    def from_pairs(cls, buckets: Ints | Buckets, counts: Small) -> Histogram:
        """Make a histogram of buckets in any order; counts of the same bucket add up."""
        if not len(buckets):
            return cls.empty()
        totals = np.bincount(buckets, counts).astype(np.int64)
        used = np.flatnonzero(totals)
        return cls(used, totals[used])

    def pack(self) -> tuple[bytes, bytes]:
        """Return two strings of little-endian 64-bit integers, for a message between processes."""
        return self.buckets.astype("<i8").tobytes(), self.counts.astype("<i8").tobytes()

    @classmethod
    def unpack(cls, buckets: bytes, counts: bytes) -> Histogram:
        return cls(
            np.frombuffer(buckets, "<i8").astype(np.int64), np.frombuffer(counts, "<i8").astype(np.int64)
        )

    @property
    def count(self) -> int:
        return int(self.counts.sum())

    @property
    def max_us(self) -> int:
        """The longest duration, rounded up to the end of its bucket; 0 if there is none."""
        return int(highest_in(self.buckets[-1:])[0]) if len(self.buckets) else 0

    @property
    def mean_us(self) -> float:
        """Mean, each duration taken at the middle of its bucket; NaN if there is none."""
        if not len(self.buckets):
            return float("nan")
        return float(np.average(middle_of(self.buckets), weights=self.counts))

    def percentile_us(self, percent: float) -> float:
        """The duration in µs that `percent` (0..100) of all did not exceed; NaN if there is none."""
        return self.percentiles_us([percent])[0]

    def percentiles_us(self, percents: Sequence[float]) -> list[float]:
        """Several percentiles at once; each is the end of its bucket, as in HdrHistogram."""
        if not len(self.buckets):
            return [float("nan")] * len(percents)
        cumulated = np.cumsum(self.counts)
        ranks = np.maximum((np.asarray(percents) * cumulated[-1] / 100 + 0.5).astype(np.int64), 1)
        found = np.minimum(np.searchsorted(cumulated, ranks), len(cumulated) - 1)
        return [float(value) for value in highest_in(self.buckets[found])]
