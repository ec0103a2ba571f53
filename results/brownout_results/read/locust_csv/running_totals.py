"""Counts and times of the history's rows, from totals that grow. Pure.

Locust's own `Requests/s` is a mean over the last ten seconds and lags: the counts here are differences.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .run import Floats

Positions = NDArray[np.int64]

TWICE = 1.5
"""A row after a missing second with so many times its neighbours' requests stands for both."""


def grown(totals: Floats) -> Floats:
    """What was added in each row but the first. A total that falls was reset, and counts from 0 again."""
    added = np.diff(totals)
    return np.where(added < 0, totals[1:], added)


def last_of_each(stamps: Floats) -> Positions:
    """Positions of the last row of each moment: several rows in one second are one."""
    return np.flatnonzero(np.append(np.diff(stamps) != 0, np.ones(min(len(stamps), 1), bool)))


def widths_of(stamps: Floats, added: Floats) -> Floats:
    """The seconds that each row but the first is about.

    Locust sleeps a second between rows, and writes each a little later, rounded down: so every few minutes a
    second has no row, though none is missing. Such a row has the requests of one second, not of two; the
    second is then shared among the rows since the last one. A clock that was set back counts as no step.
    """
    gaps = np.diff(stamps)
    forward = gaps[gaps > 0]
    step = float(np.median(forward)) if len(forward) else 1.0
    widths = np.where(gaps <= 0, step, gaps)
    since = 0
    for row in np.flatnonzero(widths == step + 1).tolist():
        around = np.concatenate([added[max(row - 3, 0) : row], added[row + 1 : row + 4]])
        if len(around) and added[row] < TWICE * around.mean():
            widths[row] = step
            widths[since : row + 1] += 1 / (row + 1 - since)
            since = row + 1
    return widths


def loaded(added: Floats, users: Floats) -> slice:
    """The rows of the load: from the first request to the last one or until the users had left."""
    busy = np.flatnonzero(added > 0)
    if not len(busy):
        return slice(0, 0)
    running = np.flatnonzero(~(users == 0))
    return slice(int(busy[0]), int(max(busy[-1], running[-1] if len(running) else 0)) + 1)


def held(positions: Positions, totals: Floats, length: int) -> Floats:
    """Totals of an endpoint at each of `length` rows, of which only some have it: as in the row before."""
    if not len(positions):
        return np.zeros(length)
    latest = np.full(length, -1)
    latest[positions] = np.arange(len(positions))
    latest = np.maximum.accumulate(latest)
    return np.where(latest >= 0, totals[latest], 0.0)
