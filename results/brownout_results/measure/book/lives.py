"""The lives of replicas and forwarders, as they were sampled: counters count within one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brownout_results.read.run_folder import Run, SampleTable
from brownout_results.record import Sample
from brownout_results.record.compact_arrays import Ints


@dataclass(frozen=True, eq=False)
class Life:
    """One replica, or forwarder, from a start to its end.

    A run may have a million samples: few of them are looked at.
    """

    samples: SampleTable
    rows: Ints
    """Where its samples with counters are, in their order; at least one."""

    seconds: Ints

    @property
    def first(self) -> Sample:
        """The first sample."""
        return self.samples[int(self.rows[0])]

    @property
    def last(self) -> Sample:
        """The last sample."""
        return self.samples[int(self.rows[-1])]

    def growth(self, count: Callable[[Sample], int], start: int, stop: int) -> int:
        """Growth of a counter from second `start` to `stop`, as far as samples in between tell."""
        first, past = np.searchsorted(self.seconds, [start, stop + 1])
        if first >= past:
            return 0
        return count(self.samples[int(self.rows[past - 1])]) - count(self.samples[int(self.rows[first])])


def lives_of(run: Run, service: str) -> list[Life]:
    """Return the lives of a service's replicas."""
    return _lives(run.samples, run.samples.text("service").is_in(service))


def lives_of_forwarder(run: Run, service: str) -> list[Life]:
    """Return the life of the forwarder that leads to a service; none without one."""
    return _lives(run.forwarders, run.forwarders.text("replica").is_in(service))


def _lives(samples: SampleTable, chosen: NDArray[np.bool_]) -> list[Life]:
    seconds = samples.ints("second")
    at = np.flatnonzero(chosen & samples.known("requests"))
    replicas, boots = (samples.text(name).codes[at].astype(np.int64) for name in ("replica", "boot_id"))
    _, names = np.unique(np.stack([replicas, boots]), axis=1, return_inverse=True)
    order = np.lexsort((seconds[at], names.ravel()))
    parts = np.split(at[order], np.flatnonzero(np.diff(names.ravel()[order])) + 1)
    return [Life(samples, rows, seconds[rows]) for rows in parts if len(rows)]


def growth(lives: Sequence[Life], count: Callable[[Sample], int], start: int, stop: int) -> int:
    """The same of several lives."""
    return sum(life.growth(count, start, stop) for life in lives)
