"""Rows of load.csv from what the meters of all processes counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from brownout_loadtest import meter
from brownout_loadtest.meter import LoadSecond
from brownout_results.record import LoadRow

from .pending import AHEAD_S


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

    def take(self, closed: int, users: int, workers: int, *, everything: bool = False) -> Iterator[LoadRow]:
        """The rows of the seconds before `closed` that are not out yet; and whatever else there is, if
        asked."""
        for second in sorted(self._seconds):
            if second < self._next:
                yield _row(second, self._seconds.pop(second), None, None)
        for second in range(self._next, closed):
            yield _row(second, self._seconds.pop(second, meter.empty()), users, workers)
        for second in sorted(self._seconds):
            if second > closed + AHEAD_S or everything:
                yield _row(second, self._seconds.pop(second), users, workers)
        self._next = max(self._next, closed)


def _row(second: int, counts: LoadSecond, users: int | None, workers: int | None) -> LoadRow:
    lateness = [_milliseconds(meter.percentile_us(counts, quantile)) for quantile in (0.5, 0.99, 1.0)]
    return LoadRow(second, users, workers, counts["offered"], counts["started"], counts["dropped"], *lateness)


def _milliseconds(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / 1000
