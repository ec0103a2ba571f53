"""The interval of one run's figure: what the run itself tells of how sure it is."""

from __future__ import annotations

import math

from brownout_results.measure.resampling.estimates import Estimate

from .difference import LARGEST
from .shares import CONFIDENCE, dispersion, wilson
from .student import quantile


def interval(one: Estimate, *, is_log: bool) -> tuple[float, float] | None:
    """Return the 95 % interval of a figure; None if nothing tells its error.

    Student's, of the logarithm if `is_log`; of a share of requests Wilson's, its events worth as many
    independent ones as their dispersion leaves.
    """
    if one.value is None or one.error is None or not math.isfinite(one.value):
        return None
    t = quantile(0.5 + CONFIDENCE / 2, one.degrees)
    if math.isnan(t):
        return None
    if one.events and not is_log:
        share = min(max(one.value, 0.0), 1.0)
        effective = one.events[1] / max(dispersion(share, one.events[1], one.error), 1.0)
        return wilson(share * effective, effective, t)
    if is_log:
        spread = math.exp(min(t * one.error, LARGEST))
        return (one.value / spread, one.value * spread) if one.value > 0 else None
    return one.value - t * one.error, one.value + t * one.error
