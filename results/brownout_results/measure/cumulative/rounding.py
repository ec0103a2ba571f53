"""How Locust rounds durations before it counts them, and what a rounded one may have been. Pure.

`bucket_response_time` of Locust's stats.py: whole ms below 100, tens below 1,000, hundreds below 10,000, and
thousands from there on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BORDERS_MS = np.array([100.0, 1000.0, 10_000.0])
"""From each of them on, steps are ten times as wide."""


def rounded(values_ms: Floats) -> Floats:
    """Return durations as Locust counts them, in ms."""
    steps = _steps(np.searchsorted(BORDERS_MS, values_ms, "right"))
    return np.asarray(np.round(values_ms / steps) * steps)


def lowest(rounded_ms: float) -> float:
    """Return the shortest duration that is counted as this one, in ms."""
    return max(rounded_ms - float(_steps(np.searchsorted(BORDERS_MS, rounded_ms, "left"))) / 2, 0.0)


def highest(rounded_ms: float) -> float:
    """Return the longest duration that is counted as this one, in ms."""
    return rounded_ms + float(_steps(np.searchsorted(BORDERS_MS, rounded_ms, "right"))) / 2


def _steps(borders: NDArray[np.int64] | np.int64) -> Floats:
    return np.asarray(10.0**borders)
