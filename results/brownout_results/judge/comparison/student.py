"""Student's t distribution: the two functions of it that an interval and a test need.

`scipy.special` has both; importing it for them costs more than the rest of a comparison. A test holds the two
to scipy's.
"""

from __future__ import annotations

import functools
import math
from statistics import NormalDist

LARGE = 50.0
"""Limit above which a ratio of two gamma functions comes from its series: their logarithms lose digits."""

MANY_DEGREES = 1000.0
"""Limit above which Hill's expansion about the normal distribution beats the continued fraction."""

TINY = 1e-300
STEPS = 300
PRECISION = 1e-15


def two_sided(t: float, degrees: float) -> float:
    """Return P(|T| > |t|) for `degrees` degrees of freedom; NaN where these aren't positive."""
    if not degrees > 0 or math.isnan(t):
        return math.nan
    if math.isinf(t):
        return 0.0
    if degrees > MANY_DEGREES:
        return math.erfc(_normal_deviate(t, degrees) / math.sqrt(2))
    square = t * t / degrees
    if square == 0:
        return 1.0
    if math.isinf(square):
        return 0.0
    half = degrees / 2
    # ln of x**(n/2) (1-x)**(1/2) / B(n/2, 1/2), with x = n / (n + t²).
    front = _log_gamma_ratio(half) - 0.5 * math.log(math.pi)
    front += -half * math.log1p(square) + 0.5 * (math.log(square) - math.log1p(square))
    inside, outside = 1 / (1 + square), square / (1 + square)
    if inside < (half + 1) / (half + 2.5):
        return math.exp(front) * _fraction(half, 0.5, inside) / half
    return 1 - math.exp(front) * _fraction(0.5, half, outside) / 0.5


@functools.lru_cache(maxsize=4096)
def quantile(share: float, degrees: float) -> float:
    """Return the t below which `share` of the distribution lies; NaN where `degrees` aren't positive.

    Newton's method on the logarithm of the tail over the logarithm of t, where it is almost a line.
    """
    if not degrees > 0:
        return math.nan
    if share == 0.5:
        return 0.0
    if share < 0.5:
        return -quantile(1 - share, degrees)
    wanted = 2 * (1 - share)
    at = math.log(NormalDist().inv_cdf(share))
    for _ in range(STEPS):
        t = math.exp(at)
        tail = two_sided(t, degrees)
        slope = -2 * t * _density(t, degrees) / tail
        step = (math.log(tail) - math.log(wanted)) / slope
        at -= max(-2.0, min(step, 2.0))
        if abs(step) < 4 * PRECISION * max(1.0, abs(at)):
            break
    return math.exp(at)


def _normal_deviate(t: float, degrees: float) -> float:
    """Return the z > 0 of a normal distribution with the same tail (Hill 1970, CACM algorithm 395)."""
    if math.isinf(degrees):
        return abs(t)
    a = degrees - 0.5
    b = 48 * a * a
    y = a * math.log1p(t * t / degrees)
    inner = (((-0.4 * y - 3.3) * y - 24) * y - 85.5) / (0.8 * y * y + 100 + b)
    return ((inner + y + 3) / b + 1) * math.sqrt(y)


def _density(t: float, degrees: float) -> float:
    if math.isinf(degrees):
        return NormalDist().pdf(t)
    log = _log_gamma_ratio(degrees / 2) - 0.5 * math.log(degrees * math.pi)
    return math.exp(log - (degrees + 1) / 2 * math.log1p(t * t / degrees))


def _log_gamma_ratio(a: float) -> float:
    """Return ln(Γ(a + 1/2) / Γ(a)). The series: Abramowitz and Stegun 6.1.47."""
    if a < LARGE:
        return math.lgamma(a + 0.5) - math.lgamma(a)
    return 0.5 * math.log(a) - 1 / (8 * a) + 1 / (192 * a**3) - 1 / (640 * a**5) + 17 / (14336 * a**7)


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function, by Lentz's method (DLMF 8.17.22)."""
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1))
    product = d
    for m in range(1, STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away_from_zero(1 + term * d)
            c = _away_from_zero(1 + term / c)
            product *= c * d
        if abs(c * d - 1) < PRECISION:
            break
    return product


def _away_from_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
