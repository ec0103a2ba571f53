"""Counts of each second of a period: the data that a bootstrap over seconds draws from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brownout_results.record import Histogram

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_BINS = 1000
"""Seconds are added up to so many bins at most: a day is resampled as fast as an hour, by coarser blocks."""


@dataclass(frozen=True, eq=False)
class Seconds:
    """Sums over each bin of seconds, in the order of time."""

    strata: Ints
    """The condition that each bin was in, such as a phase: 0, 1, 2, … Blocks stay within their condition."""

    width_s: int
    """Seconds in a bin."""

    totals: Mapping[str, Floats]
    """Counts per bin by name: requests, ok, rated ok, slower than p95, attempts, open, … (see `measures`)."""

    durations: Histogram | None = None
    """The durations of all its requests."""

    def __len__(self) -> int:
        """Bins."""
        return len(self.strata)


def width_for(strata_s: Sequence[int]) -> int:
    """How many seconds to put in a bin, given how many there are in each condition."""
    return max(-(-sum(strata_s) // MOST_BINS), 1)


def bins_of(strata: Ints, width: int) -> tuple[Ints, Ints]:
    """The bin of each second, and the condition of each bin; a bin is within one condition.

    The last, smaller bin of a condition is one with the bin before it.
    """
    bin_of = np.empty(len(strata), np.int64)
    conditions: list[int] = []
    for condition in np.unique(strata):
        at = np.flatnonzero(strata == condition)
        count = max(len(at) // width, 1)
        bin_of[at] = len(conditions) + np.minimum(np.arange(len(at)) // width, count - 1)
        conditions += [int(condition)] * count
    return bin_of, np.array(conditions, np.int64)
