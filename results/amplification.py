"""Retry amplification: calls of the backend per request that reached the client, from samples.csv."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from results.run_folder import Sample
from results.run_folder.histogram import Ints

Floats = NDArray[np.float64]

CLIENT = "client"
"""The service whose replicas retry."""


@dataclass
class _Boot:
    """One life of a replica, in which its counters only grow."""

    began_in_run: bool
    seconds: list[int] = field(default_factory=list)
    counts: list[tuple[int, int]] = field(default_factory=list)
    """Requests and attempts at the beginning of each of `seconds`."""

    def growth(self, span: range) -> Ints:
        """Requests and attempts in the span, as far as samples tell."""
        growth: Ints = np.subtract(self._at(span.stop), self._at(span.start), dtype=np.int64)
        return growth

    def _at(self, second: int) -> tuple[int, int]:
        number = bisect_right(self.seconds, second)
        if number:
            return self.counts[number - 1]
        return (0, 0) if self.began_in_run else self.counts[0]


def retry_amplification(samples: Sequence[Sample], spans: Sequence[range]) -> float | None:
    """Attempts per request of all client replicas in these spans of seconds.

    None if no replica was sampled, or none had a request. A sample tells the counters at the beginning of its
    second, so a span's growth is that from its first second to the one after its last.
    """
    boots = _boots([row for row in samples if row.service == CLIENT])
    grown = [boot.growth(span) for boot in boots for span in spans]
    requests, attempts = np.sum(grown, axis=0) if grown else (0, 0)
    return float(attempts / requests) if requests else None


def grown(samples: Sequence[Sample], seconds: range) -> tuple[Floats, Floats]:
    """Requests and attempts of all client replicas in each of the seconds; 0 where two samples of one life of
    a replica, a second apart, are missing."""
    requests, attempts = np.zeros(len(seconds)), np.zeros(len(seconds))
    last: dict[str, Sample] = {}
    for row in samples:
        if row.service != CLIENT or row.requests is None or row.attempts is None:
            continue
        before = last.get(row.replica)
        last[row.replica] = row
        if before is None or before.boot_id != row.boot_id or row.second != before.second + 1:
            continue
        if before.second in seconds and before.requests is not None and before.attempts is not None:
            requests[before.second - seconds.start] += row.requests - before.requests
            attempts[before.second - seconds.start] += row.attempts - before.attempts
    return requests, attempts


def _boots(samples: Sequence[Sample]) -> list[_Boot]:
    """A boot began in the run, and counts from 0, if its replica was there as another boot, or was not there
    when the sampling began; any other counts from its first sample."""
    firsts: dict[str, Sample] = {}
    lives: dict[str, set[str]] = {}
    boots: dict[tuple[str, str], _Boot] = {}
    for row in samples:
        first = firsts.setdefault(row.replica, row)
        if row.requests is None or row.attempts is None:
            continue
        known = lives.setdefault(row.replica, set())
        began_in_run = bool(known) or first.second > samples[0].second
        known.add(row.boot_id)
        boot = boots.setdefault((row.replica, row.boot_id), _Boot(began_in_run))
        boot.seconds.append(row.second)
        boot.counts.append((row.requests, row.attempts))
    return list(boots.values())
