"""Whether arrivals came by the clock, and how late they were, from load.csv."""

from __future__ import annotations

import numpy as np

from brownout_results.read.run_folder import LoadTable

from .units import DURATION

FIGURE = (
    "lateness_p99",
    "99 % of the arrivals were at most this late",
    DURATION,
    "no arrival started; in closed loop nothing can be late",
)
"""Key, meaning and unit of the figure for thresholds, and why there may be none."""

LATE_MS = 100.0
"""Lateness of the last 1 % of the arrivals from which on latency says as much of the load generator."""

SHARES = (50, 49, 1)
"""Percent of a second's arrivals that are taken to be as late as its p50, its p99 and its maximum."""


def is_open(rows: LoadTable) -> bool:
    """Whether arrivals came by the clock: only then can they be late or dropped."""
    return bool(rows.ints("dropped").any()) or not np.isnan(rows.floats("lateness_p50_ms")).all()


def lateness_p99_ms(rows: LoadTable) -> float | None:
    """Return how late 99 % of the arrivals were at most, in ms; None without any.

    A second has three figures of its lateness only: half of its arrivals are taken to be as late as its p50,
    the next 49 % as its p99, the rest as its maximum. None is later than that: the result is an upper bound,
    and exact where seconds are alike.
    """
    late_ms = np.column_stack([rows.floats(f"lateness_{name}_ms") for name in ("p50", "p99", "max")])
    started = rows.ints("started")
    weights = started[:, None] * np.array(SHARES)
    known = ~np.isnan(late_ms) & (started != 0)[:, None]
    values = late_ms[known]
    if not len(values):
        return None
    order = np.argsort(values)
    reached = np.cumsum(weights[known][order])
    return float(values[order][np.searchsorted(reached, reached[-1] * 99 // 100)])
