"""Retry amplification: backend calls per request that reached the client, from samples.csv."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brownout_results.read.run_folder import SampleTable
from brownout_results.record.compact_arrays import Ints, by_first

Floats = NDArray[np.float64]

CLIENT = "client"
"""The service whose replicas retry."""


@dataclass(frozen=True, eq=False)
class _Boot:
    """One life of a replica, in which its counters only grow."""

    began_in_run: bool
    seconds: Ints
    counts: Ints
    """Requests and attempts at the beginning of each of `seconds`."""

    def growth(self, span: range) -> Ints:
        """Return requests and attempts in the span, as far as they were sampled."""
        growth: Ints = self._at(span.stop) - self._at(span.start)
        return growth

    def _at(self, second: int) -> Ints:
        number = int(np.searchsorted(self.seconds, second, "right"))
        if number == 0 and self.began_in_run:
            return np.zeros(2, np.int64)
        counts: Ints = self.counts[max(number - 1, 0)]
        return counts


def retry_amplification(samples: SampleTable, spans: Sequence[range]) -> float | None:
    """Return attempts per request of all client replicas in these spans of seconds.

    None if no replica was sampled, or none had a request. A sample tells the counters at the beginning of its
    second, so a span's growth is that from its first second to the one after its last.
    """
    grown = [boot.growth(span) for boot in _boots(samples) for span in spans]
    requests, attempts = np.sum(grown, axis=0) if grown else (0, 0)
    return float(attempts / requests) if requests else None


def grown(samples: SampleTable, seconds: range) -> tuple[Floats, Floats]:
    """Return requests and attempts of all client replicas in each second; 0 unless there are two samples
    of one life of a replica, a second apart."""
    told = samples.where(_is_told(samples))
    replica, boot, second = told.text("replica").codes, told.text("boot_id").codes, told.ints("second")
    order = np.argsort(replica, kind="stable")
    before, after = order[:-1], order[1:]
    follows = (replica[before] == replica[after]) & (boot[before] == boot[after])
    follows &= second[after] == second[before] + 1
    follows &= (second[before] >= seconds.start) & (second[before] < seconds.stop)
    before, after = before[follows], after[follows]
    requests, attempts = (
        np.bincount(second[before] - seconds.start, values[after] - values[before], len(seconds))
        for values in (told.ints("requests"), told.ints("attempts"))
    )
    return requests.astype(np.float64), attempts.astype(np.float64)


def _is_told(samples: SampleTable) -> NDArray[np.bool_]:
    """Return which samples are from a client and have both counters."""
    is_client = samples.text("service").is_in(CLIENT)
    return is_client & samples.known("requests") & samples.known("attempts")


def _boots(samples: SampleTable) -> Iterator[_Boot]:
    """A boot began in the run, and counts from 0, if its replica was there as another boot, or was not there
    when the sampling began; any other counts from its first sample."""
    is_client = samples.text("service").is_in(CLIENT)
    replica, boot = samples.text("replica").codes, samples.text("boot_id")
    second, is_told = samples.ints("second"), _is_told(samples)
    counts = np.column_stack([samples.ints("requests"), samples.ints("attempts")])
    for one in np.unique(replica[is_client]):
        seen = is_client & (replica == one)
        was_there = second[seen][0] <= second[is_client][0]
        at = np.flatnonzero(seen & is_told)
        lives = by_first(boot.codes[at], len(boot.names)).tolist()
        for life in lives:
            mine = at[boot.codes[at] == life]
            yield _Boot(life != lives[0] or not was_there, second[mine], counts[mine])
