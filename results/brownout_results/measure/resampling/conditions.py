"""Which condition each second of a run was in: seconds are only drawn in place of others of theirs.

That a fault began in the thirtieth second is no chance, and would not be another time: the seconds before,
during and after it are kept apart, as are phases, and parts of a load that is meant to change.
"""

from __future__ import annotations

import math

import numpy as np

from brownout_results.measure.lateness import is_open
from brownout_results.measure.phases import phases
from brownout_results.measure.time_series import TimeSeries
from brownout_results.read.run_folder import Run

from .counts import Ints
from .user_levels import user_levels

FEWEST_S = 5
"""Seconds that a condition has to have; fewer belong to the one before."""

MOST = 24
"""Conditions at most; a run with more of them is taken as a whole."""

SLICE_S = 10
SLICES = 10
LEVEL_SHAPES = ("", "None", "steady", "soak")
"""Shapes whose load stays as it is."""


def conditions(run: Run, series: TimeSeries, seconds: Ints) -> Ints:
    """A number for each of these ascending seconds since the epoch; 0, 1, 2, … in the order of their time."""
    labels = np.zeros(len(seconds), np.int64)
    numbers: dict[object, int] = {}
    for name, spans in phases(run).items():
        for span in spans:
            labels[(seconds >= span.start) & (seconds < span.stop)] = numbers.setdefault(
                name, len(numbers) + 1
            )
    at = seconds - series.seconds.start
    for band in series.faults:
        inside = (at >= math.floor(band.start)) & (at < math.ceil(band.end))
        labels[inside] += 1000 * numbers.setdefault(("fault", band.label), len(numbers) + 1)
    if str((run.manifest.get("load") or {}).get("shape") or "") not in LEVEL_SHAPES:
        labels += 1_000_000 * (at // max(len(series.seconds) // SLICES, SLICE_S))
    labels += 1_000_000_000 * _levels(run, seconds)
    return numbered(merged(labels))


def _levels(run: Run, seconds: Ints) -> Ints:
    """The level of users in each second, in closed loop: there it makes the load."""
    if is_open(run.load):
        return np.zeros(len(seconds), np.int64)
    users = np.full(len(seconds), np.nan)
    at = run.load.ints("second")
    known = run.load.known("users") & np.isin(at, seconds)
    users[np.searchsorted(seconds, at[known])] = run.load.ints("users")[known]
    return user_levels(users)


def merged(labels: Ints) -> Ints:
    """Put each second of a condition with too few seconds into that of the second before it."""
    kinds, sizes = np.unique(labels, return_counts=True)
    small = kinds[sizes < FEWEST_S]
    if len(kinds) - len(small) > MOST or len(kinds) == len(small):
        return np.zeros_like(labels)
    keep = ~np.isin(labels, small)
    before = np.maximum.accumulate(np.where(keep, np.arange(len(labels)), -1))
    return labels[np.where(before < 0, np.argmax(keep), before)]


def numbered(labels: Ints) -> Ints:
    """Return 0, 1, 2, … in the order in which labels come first."""
    _, first, number = np.unique(labels, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    found: Ints = order[number].astype(np.int64)
    return found
