"""What the rows of load.csv come to."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from results.run_folder import LoadRow


def is_open(rows: Iterable[LoadRow]) -> bool:
    """Whether arrivals came by the clock: only then can they be late or dropped."""
    return any(row.dropped or row.lateness_p50_ms is not None for row in rows)


def lateness_p99_ms(rows: Iterable[LoadRow]) -> float | None:
    """99 % of the arrivals that started were at most so late, in ms; None without any.

    A second has three figures of its lateness only: half of its arrivals are taken to be as late as its p50,
    the next 49 % as its p99, the rest as its maximum. None is later than that: the result is an upper bound,
    and exact where seconds are alike.
    """
    late_ms, weights = [], []
    for row in rows:
        known = (row.lateness_p50_ms, row.lateness_p99_ms, row.lateness_max_ms)
        for value, share in zip(known, (50, 49, 1), strict=True):
            if value is not None and row.started:
                late_ms.append(value)
                weights.append(share * row.started)
    if not late_ms:
        return None
    order = np.argsort(late_ms)
    reached = np.cumsum(np.array(weights)[order])
    return float(np.array(late_ms)[order][np.searchsorted(reached, reached[-1] * 99 // 100)])
