"""Shares of events that go together, and their difference: intervals that stay where a share can be. Pure.

A share of events that come in bursts is known as well as one of fewer, independent events. So the counts are
divided by their dispersion, the variance over that of independent events, and judged as Wilson and Newcombe
do, with Student's quantile in place of the normal one because the dispersion is estimated (Korn and Graubard
1998). No interval leaves 0 to 1, and none of a difference ±1.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from .student import two_sided

CONFIDENCE = 0.95

LARGEST = 1e8
"""A deviate above which a probability is 0."""

STEPS = 200

Counts = tuple[float, float]
"""Events that count, and all; neither has to be whole."""

_Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)


def wilson(part: float, whole: float, z: float = _Z) -> tuple[float, float]:
    """Return the interval of a share of independent events, 95 % unless another quantile is given."""
    share = min(max(part / whole, 0.0), 1.0)
    centre = share + z * z / (2 * whole)
    half = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    return max((centre - half) / scale, 0.0), min((centre + half) / scale, 1.0)


def newcombe(before: Counts, after: Counts, z: float = _Z) -> tuple[float, float]:
    """Return the interval of a difference of such shares (Newcombe 1998, method 10)."""
    (low, high), (lower, higher) = wilson(*before, z), wilson(*after, z)
    first, then = before[0] / before[1], after[0] / after[1]
    middle = then - first
    return (
        max(middle - math.hypot(then - lower, high - first), -1.0),
        min(middle + math.hypot(higher - then, first - low), 1.0),
    )


def chance(before: Counts, after: Counts, scale: float, degrees: float) -> float:
    """Return how often chance alone makes shares differ so much: where Newcombe's interval ends at 0.

    Student's deviates are `scale` times as large as those of the interval.
    """
    if before[0] * after[1] == after[0] * before[1]:
        return 1.0
    is_more = after[0] / after[1] > before[0] / before[1]
    low, high = 0.0, 1.0
    while _excludes(before, after, high, is_more=is_more):
        low, high = high, 2 * high
        if high > LARGEST:
            return 0.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        if high - low < 1e-9 * high:
            break
        if _excludes(before, after, middle, is_more=is_more):
            low = middle
        else:
            high = middle
    return two_sided(low / scale, degrees) if scale else 0.0


def _excludes(before: Counts, after: Counts, z: float, *, is_more: bool) -> bool:
    low, high = newcombe(before, after, z)
    return low > 0 if is_more else high < 0


def dispersion(share: float, whole: float, error: float) -> float:
    """Return the variance of a share over that of independent events; 1 where none varies."""
    alone = share * (1 - share) / whole
    return error * error / alone if alone > 0 else 1.0
