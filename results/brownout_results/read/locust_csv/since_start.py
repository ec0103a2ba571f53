"""What the history's rows say of all requests since the start: totals from which windows follow. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DIGITS = 10
"""Means with fewer digits behind the point than this were rounded by someone."""

FEWEST_VALUES = 3
"""So many different values have to be short before they are taken to be rounded."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SinceStart:
    """Totals at the edges of rows: one edge more than rows. A total that falls was reset to 0 before."""

    requests: Floats
    mean_ms: Floats
    mean_off_ms: float = 0.0
    """How far a mean may be from the true one, because of its rounding."""

    size: Floats
    """Mean content size in bytes."""

    size_off: float = 0.0
    min_ms: Floats
    max_ms: Floats
    percentiles_ms: Mapping[float, Floats] = field(default_factory=dict)
    """By percent; empty if the history's percentiles are those of the moment."""

    @property
    def last_mean_ms(self) -> float | None:
        """The mean of the whole run; None if it isn't known, or totals were reset."""
        was_reset = bool((np.diff(self.requests) < 0).any())
        known = len(self.requests) and self.requests[-1] > 0 and np.isfinite(self.mean_ms[-1])
        return float(self.mean_ms[-1]) if known and not was_reset else None

    def from_row(self, first: int) -> SinceStart:
        """Return the same without the first rows."""
        return self.at(slice(first, None))

    def at(self, edges: slice | NDArray[np.int64]) -> SinceStart:
        """Return the totals at some of the edges."""
        return SinceStart(
            requests=self.requests[edges],
            mean_ms=self.mean_ms[edges],
            mean_off_ms=self.mean_off_ms,
            size=self.size[edges],
            size_off=self.size_off,
            min_ms=self.min_ms[edges],
            max_ms=self.max_ms[edges],
            percentiles_ms={percent: values[edges] for percent, values in self.percentiles_ms.items()},
        )


def unrounded(means: Floats, *, are_truncated: bool) -> tuple[Floats, float]:
    """Return means at the middle of what they can be, and how far off they may be: 0 if all digits are there.

    Locust 0.13.3 to 1.1 cut means to whole numbers; newer ones write all digits, which others may round.
    """
    if are_truncated:
        return np.where(means > 0, means + 0.5, means), 0.5
    different = np.unique(means[np.isfinite(means) & (means > 0)])
    if len(different) < FEWEST_VALUES:
        return means, 0.0
    for digits in range(DIGITS):
        scaled = different * 10.0**digits
        if np.all(np.abs(scaled - np.round(scaled)) < 1e-6 + 1e-15 * scaled):
            return means, 0.5 * 10.0**-digits
    return means, 0.0
