"""Where the interval of a difference is on its small strip, whose right side is the better one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

WIDTH = 150
FINE = 0.02
"""The strip is linear up to about this relative difference, and logarithmic beyond it."""

FARTHEST = 10.0
"""And largest: what is beyond is drawn at the strip's end."""

LEAST = 0.1
"""Smallest difference that a strip reaches to, so that noise doesn't fill it."""


@dataclass(frozen=True)
class Place:
    """Positions on a strip of WIDTH."""

    low: float
    middle: float
    high: float
    margin_low: float
    margin_width: float


def place(
    drawn: tuple[float, float, float], reach: float, *, is_good_up: bool | None, margin: float = FINE
) -> Place:
    """Low end, middle and high end of a difference on a strip that reaches to ±`reach`."""
    flip = -1 if is_good_up is False else 1
    low, middle, high = sorted(_at(flip * value, reach) for value in drawn)
    edge = _at(margin, reach)
    return Place(low, middle, max(high, low + 1), round(WIDTH - edge, 1), round(2 * edge - WIDTH, 1))


def reach_of(differences: Iterable[tuple[float, float, float]]) -> float:
    """How far a table's strips reach: to the farthest end that there is."""
    ends = [abs(value) for drawn in differences for value in drawn if math.isfinite(value)]
    return min(max([LEAST, *ends]), FARTHEST)


def _at(value: float, reach: float) -> float:
    if math.isnan(value):
        return WIDTH / 2
    size = math.log1p(min(abs(value), reach) / FINE) / math.log1p(reach / FINE)
    return round(WIDTH / 2 * (1 + math.copysign(size, value) * 0.97), 1)
