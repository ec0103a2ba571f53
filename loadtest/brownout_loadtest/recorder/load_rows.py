"""Rows of load.csv from what the meters of all processes counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from brownout_loadtest import meter
from brownout_loadtest.meter import LoadSecond
from brownout_results.record import LoadRow

from .pending import AHEAD_S


class LoadSize(NamedTuple):
    """How large a load is at a moment; None is not known."""

    users: int | None
    workers: int | None
    asked: int | None = None
    """Users that should be running; None while they are started or stopped."""


class LoadRows:
    """Makes one row for each second that is over, in order, and one for each part that comes later."""

    def __init__(self, first_second: int) -> None:
        self._next = first_second
        self._seconds: dict[int, LoadSecond] = {}

    def add(self, load: Mapping[int, LoadSecond]) -> None:
        """Take in what a process counted, of whatever seconds."""
        for second, counts in load.items():
            known = self._seconds.get(second)
            self._seconds[second] = counts if known is None else meter.add(known, counts)

    def take(self, closed: int, size: LoadSize, *, everything: bool = False) -> Iterator[LoadRow]:
        """The rows of the seconds before `closed` that are not out yet; and whatever else there is, if
        asked."""
        for second in sorted(self._seconds):
            if second < self._next:
                yield _row(second, self._seconds.pop(second), LoadSize(None, None))
        for second in range(self._next, closed):
            yield _row(second, self._seconds.pop(second, meter.empty()), size)
        for second in sorted(self._seconds):
            if second > closed + AHEAD_S or everything:
                yield _row(second, self._seconds.pop(second), size)
        self._next = max(self._next, closed)


def _row(second: int, counts: LoadSecond, size: LoadSize) -> LoadRow:
    p50, p99, longest = (_milliseconds(meter.percentile_us(counts, part)) for part in (0.5, 0.99, 1.0))
    sent = counts["offered"], counts["started"], counts["dropped"]
    return LoadRow(second, size.users, size.workers, *sent, p50, p99, longest, size.asked)


def _milliseconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1000
