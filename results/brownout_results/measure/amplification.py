"""Retry amplification: backend calls per request that reached the client, from samples.csv.

The lab's clients count both. So does a service that tells of its retries. Else the requests are those that
the forwarder passed on to the service, and the calls those that arrived at the fault proxies behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brownout_results.read.run_folder import SampleTable
from brownout_results.record.compact_arrays import Ints, by_first

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

CLIENT = "client"
"""The service whose replicas retry."""

BACKEND = "backend"
"""The service that they call: fault proxies, where it is the user's."""


@dataclass(frozen=True, eq=False)
class _Counter:
    """Counters that add up: a column of some samples."""

    samples: SampleTable
    of: Mask
    """Samples of the replicas that count, those without the number included."""
    told: Mask
    column: str

    def growth(self, spans: Sequence[range]) -> int:
        """Return by how much they grew in these spans of seconds."""
        return sum(boot.growth(span) for boot in self._boots() for span in spans)

    def per_second(self, seconds: range) -> Floats:
        """Return the growth in each second; 0 unless there are two samples of one life, a second apart."""
        told = self.samples.where(self.told)
        replica, boot, second = told.text("replica").codes, told.text("boot_id").codes, told.ints("second")
        order = np.argsort(replica, kind="stable")
        before, after = order[:-1], order[1:]
        follows = (replica[before] == replica[after]) & (boot[before] == boot[after])
        follows &= second[after] == second[before] + 1
        follows &= (second[before] >= seconds.start) & (second[before] < seconds.stop)
        before, after = before[follows], after[follows]
        values = told.ints(self.column)
        grown = np.bincount(second[before] - seconds.start, values[after] - values[before], len(seconds))
        return grown.astype(np.float64)

    def _boots(self) -> Iterator[_Boot]:
        """A boot began in the run, and counts from 0, if its replica was there as another boot, or was not
        there when the sampling began; any other counts from its first sample."""
        samples = self.samples
        replica, boot = samples.text("replica").codes, samples.text("boot_id")
        second, counts = samples.ints("second"), samples.ints(self.column)
        for one in np.unique(replica[self.of]):
            seen = self.of & (replica == one)
            was_there = second[seen][0] <= second[self.of][0]
            at = np.flatnonzero(seen & self.told)
            lives = by_first(boot.codes[at], len(boot.names)).tolist()
            for life in lives:
                mine = at[boot.codes[at] == life]
                yield _Boot(life != lives[0] or not was_there, second[mine], counts[mine])


@dataclass(frozen=True, eq=False)
class _Boot:
    """One life of a replica, in which its counters only grow."""

    began_in_run: bool
    seconds: Ints
    counts: Ints
    """The count at the beginning of each of `seconds`."""

    def growth(self, span: range) -> int:
        """Return the growth in the span, as far as it was sampled."""
        return self._at(span.stop) - self._at(span.start)

    def _at(self, second: int) -> int:
        number = int(np.searchsorted(self.seconds, second, "right"))
        if number == 0 and self.began_in_run:
            return 0
        return int(self.counts[max(number - 1, 0)])


def retry_amplification(
    samples: SampleTable, spans: Sequence[range], forwarders: SampleTable | None = None
) -> float | None:
    """Return attempts per request of all client replicas in these spans of seconds.

    None if nobody counted them, or there was no request. A sample tells the counters at the beginning of its
    second, so a span's growth is that from its first second to the one after its last.
    """
    counters = _counters(samples, forwarders)
    if counters is None:
        return None
    requests, attempts = (one.growth(spans) for one in counters)
    return attempts / requests if requests else None


def grown(
    samples: SampleTable, seconds: range, forwarders: SampleTable | None = None
) -> tuple[Floats, Floats]:
    """Return requests and attempts of all client replicas in each second."""
    counters = _counters(samples, forwarders)
    if counters is None:
        return np.zeros(len(seconds)), np.zeros(len(seconds))
    requests, attempts = (one.per_second(seconds) for one in counters)
    return requests, attempts


def _counters(samples: SampleTable, forwarders: SampleTable | None) -> tuple[_Counter, _Counter] | None:
    """Return who counts requests and who attempts; None if nobody does."""
    service, has_requests = samples.text("service"), samples.known("requests")
    is_client, is_proxy = service.is_in(CLIENT), service.is_in(BACKEND)
    told = is_client & has_requests & samples.known("attempts")
    if told.any():
        return (
            _Counter(samples, is_client, told, "requests"),
            _Counter(samples, is_client, told, "attempts"),
        )
    if forwarders is None or not (is_proxy & has_requests).any():
        return None
    leads = forwarders.text("replica").is_in(CLIENT)
    if not leads.any():
        return None
    return (
        _Counter(forwarders, leads, leads & forwarders.known("requests"), "requests"),
        _Counter(samples, is_proxy, is_proxy & has_requests, "requests"),
    )
