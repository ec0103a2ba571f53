"""A figure of one run against the baseline's: how much it differs, and how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

from brownout_results.measure.resampling.estimates import Estimate

from .student import quantile, two_sided

CONFIDENCE = 0.95
FEW_EVENTS = 20
"""Below this many failures (or successes) in a run, its share is judged by counting as well."""

HALF, DOUBLE = -0.5, 1.0
WIDE = "chance can explain both half and double"
LARGEST = 300.0
"""Largest logarithm whose exponential is still a number."""

_NORMAL = NormalDist()


@dataclass(frozen=True, kw_only=True)
class Difference:
    """`low` and `high` are the 95 % interval of `relative` if `is_log`, else of `absolute`."""

    before: float | None
    after: float | None
    is_log: bool
    unit: str = ""
    absolute: float | None = None
    relative: float | None = None
    """1 is twice as much."""

    low: float | None = None
    high: float | None = None
    p: float | None = None
    """Probability that chance alone makes a difference this large."""

    why: str = ""
    """Why there is no interval, or one too wide to tell anything."""

    @property
    def is_wide(self) -> bool:
        """Whether chance can explain both half and double."""
        return (
            self.is_log
            and self.low is not None
            and self.high is not None
            and (self.low < HALF and self.high > DOUBLE)
        )

    @property
    def drawn(self) -> float | None:
        """The difference that the interval describes."""
        return self.relative if self.is_log else self.absolute


def difference(
    before: Estimate | None, after: Estimate | None, *, is_log: bool, unit: str = ""
) -> Difference:
    """Return the difference of two figures with their errors."""
    first, then = (one.value if one else None for one in (before, after))
    if before is None or after is None or first is None or then is None:
        return Difference(before=first, after=then, is_log=is_log, unit=unit, why="one side has no value")
    absolute = then - first if math.isfinite(then) and math.isfinite(first) else None
    relative = absolute / first if absolute is not None and first > 0 else None
    bare = Difference(
        before=first,
        after=then,
        is_log=is_log,
        unit=unit,
        absolute=absolute,
        relative=relative,
        why=before.why or after.why,  # one reason is enough
    )
    if bare.why or before.error is None or after.error is None or absolute is None:
        return bare
    return _judged(bare, before, after, before.error, after.error)


def _judged(bare: Difference, before: Estimate, after: Estimate, error: float, other: float) -> Difference:
    assert bare.absolute is not None  # noqa: S101 - difference() has looked
    middle = (
        math.log(after.value / before.value)
        if bare.is_log and before.value and after.value
        else bare.absolute
    )
    spread = math.hypot(error, other)
    degrees = _welch(error, before.degrees, other, after.degrees)
    half = quantile(0.5 + CONFIDENCE / 2, degrees) * spread
    low, high = middle - half, middle + half
    p = _p(middle, spread, degrees)
    if before.events and after.events and _are_few(before.events, after.events):
        few = newcombe(before.events, after.events)
        low, high, p = min(low, few[0]), max(high, few[1]), max(p, score(before.events, after.events))
    if bare.is_log:
        low, high = (math.expm1(min(end, LARGEST)) for end in (low, high))
    told = replace(bare, low=low, high=high, p=p)
    return replace(told, why=WIDE) if told.is_wide else told


def _welch(error: float, degrees: float, other: float, more: float) -> float:
    """Return the degrees of freedom of a sum of two errors."""
    whole = error**2 + other**2
    parts = error**4 / max(degrees, 1e-9) + other**4 / max(more, 1e-9)
    return whole**2 / parts if parts > 0 else degrees + more


def _p(middle: float, spread: float, degrees: float) -> float:
    if spread <= 0:
        return 1.0 if middle == 0 else 0.0
    return two_sided(middle / spread, degrees)


def _are_few(*events: tuple[float, float]) -> bool:
    return any(min(part, whole - part) < FEW_EVENTS for part, whole in events)


def wilson(part: float, whole: float) -> tuple[float, float]:
    """Return the 95 % interval of a share of few, independent events."""
    z = _NORMAL.inv_cdf(0.5 + CONFIDENCE / 2)
    share = part / whole
    centre = share + z * z / (2 * whole)
    half = z * math.sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    scale = 1 + z * z / whole
    return (centre - half) / scale, (centre + half) / scale


def newcombe(before: tuple[float, float], after: tuple[float, float]) -> tuple[float, float]:
    """The 95 % interval of a difference of such shares (Newcombe 1998, method 10)."""
    (low, high), (lower, higher) = wilson(*before), wilson(*after)
    first, then = before[0] / before[1], after[0] / after[1]
    middle = then - first
    return middle - math.hypot(then - lower, high - first), middle + math.hypot(higher - then, first - low)


def score(before: tuple[float, float], after: tuple[float, float]) -> float:
    """How often chance alone makes such shares differ so much: the score test."""
    together = (before[0] + after[0]) / (before[1] + after[1])
    spread = math.sqrt(together * (1 - together) * (1 / before[1] + 1 / after[1]))
    middle = abs(after[0] / after[1] - before[0] / before[1])
    return 2 * (1 - _NORMAL.cdf(middle / spread)) if spread > 0 else 1.0
