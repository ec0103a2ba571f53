"""Means of the requests between rows, from means since the start. Pure.

The sum of the durations of N requests with the mean m is N·m, so that of the requests between two rows is
N₂m₂ − N₁m₁. Rows are merged into windows until rounded means tell the window's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from brownout_results.read.locust_csv import SinceStart

Floats = NDArray[np.float64]

TELLING = 0.05
"""A window's mean is told if the rounding of the means moves it by no more than this share."""


@dataclass(frozen=True, eq=False)
class WindowSums:
    """What each row added; every array has a value for each row."""

    requests: Floats
    means: Floats
    """The mean of the window that the row is in; NaN: no request ended, or it can't be told."""

    off: Floats
    """How far the mean may be from the true one."""

    window: NDArray[np.int64]
    """The window of each row: 0, 1, 2, …; -1 where none can be told."""

    @property
    def sums(self) -> Floats:
        """The sum over each row's requests; 0 where the mean isn't known."""
        return np.nan_to_num(self.requests * self.means)

    @property
    def known(self) -> Floats:
        """The requests of each row whose mean is known."""
        return np.where(np.isnan(self.means), 0.0, self.requests)


def window_sums(since: SinceStart) -> WindowSums:
    """Return the durations' means, in ms."""
    return _window_sums(since.requests, since.mean_ms, since.mean_off_ms)


def window_sizes(since: SinceStart) -> WindowSums:
    """Return the content sizes' means, in bytes."""
    return _window_sums(since.requests, since.size, since.size_off)


def mean_ms(since: SinceStart, rows: NDArray[np.bool_] | None = None) -> float | None:
    """Return the mean duration of the requests that ended in these rows; None without any that is known."""
    found = window_sums(since)
    chosen = np.ones(len(found.requests), bool) if rows is None else rows
    known = float(found.known[chosen].sum())
    return float(found.sums[chosen].sum()) / known if known else None


def first_of_reset(requests: Floats) -> NDArray[np.bool_]:
    """Whether totals were set to 0 before each row: they are smaller than at the row before."""
    return np.asarray(np.diff(requests) < 0)


def _window_sums(totals: Floats, means: Floats, off: float) -> WindowSums:
    reset = first_of_reset(totals)
    before = np.where(reset, 0.0, totals[:-1])
    added = totals[1:] - before
    total = totals * np.where(totals > 0, means, 0.0)
    grown = total[1:] - np.where(reset, 0.0, total[:-1])
    may_be_off = off * (totals[1:] + before)
    window = _merged(added, grown, may_be_off, totals, before, off)
    row_means, row_off = np.full(len(added), np.nan), np.full(len(added), np.nan)
    told = window >= 0
    if told.any():
        number = window[told]
        requests = np.bincount(number, added[told])
        first = np.unique(number, return_index=True)[1]
        last = len(number) - 1 - np.unique(number[::-1], return_index=True)[1]
        edges = off * (totals[1:][told][last] + before[told][first])
        with np.errstate(divide="ignore", invalid="ignore"):
            row_means[told] = (np.bincount(number, grown[told]) / requests)[number]
            row_off[told] = (edges / requests)[number]
    return WindowSums(added, row_means, row_off, window)


def _merged(
    added: Floats, grown: Floats, may_be_off: Floats, totals: Floats, before: Floats, off: float
) -> NDArray[np.int64]:
    """Return the window of each row: rows one by one where that tells the mean, else as few as do."""
    with np.errstate(invalid="ignore"):
        alone = (added > 0) & (grown >= 0) & (may_be_off <= TELLING * grown)
    idle = added <= 0
    if (alone | idle).all():
        return np.where(idle, -1, np.cumsum(alone) - 1).astype(np.int64)
    window = np.full(len(added), -1, np.int64)
    number = start = 0
    requests = grew = 0.0
    for row in range(len(added)):
        if row > start and before[row] == 0 and totals[row] > 0:  # reset: no window goes across
            start, requests, grew = row, 0.0, 0.0
        if idle[row] and requests == 0:
            start = row + 1
            continue
        requests, grew = requests + added[row], grew + grown[row]
        if requests > 0 and grew >= 0 and off * (totals[row + 1] + before[start]) <= TELLING * grew:
            window[start : row + 1] = number
            number, start, requests, grew = number + 1, row + 1, 0.0, 0.0
    return window
