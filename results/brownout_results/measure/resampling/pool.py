"""Block lengths of figures, and how events go together, told by all parts of the runs at hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

import numpy as np

from brownout_results.measure.figures import MEASURES

from .block_lengths import FEWEST, block_lengths, degrees
from .counts import Seconds
from .dispersion import Dispersion, dispersion, worst
from .estimators import PercentileEstimator

FEWEST_BLOCKS = 4.0
"""A period with fewer blocks is too short for its autocorrelation."""

LEVEL = "p50"
"""The figure that shows best how a part wanders: in counts of rare events, such as errors, chance hides it.
Their seconds are taken to go together for no less long than this one's."""

RARE_PERCENT = 99.0
"""Requests slower than this percentile are as rare as errors."""


@dataclass(frozen=True, eq=False)
class Pool:
    """All parts of the runs, which tell more than one of a few seconds."""

    parts: Sequence[Seconds]

    @cached_property
    def lengths_s(self) -> dict[str, int]:
        """The block length of each figure, in seconds: the longest of all parts, since that of a short one is
        more often too short than too long."""
        return _never_below_the_level(
            {name: math.ceil(max(lengths) - 1e-9) for name, lengths in _lengths_s(self.parts).items()}
        )

    def is_told(self, name: str) -> bool:
        """Whether any part is long enough to tell the figure's block length."""
        return any(is_in(name, one) and np.bincount(one.strata).max() >= FEWEST for one in self.parts)

    def worst(self, name: str) -> Dispersion | None:
        """Return how events go together in the worst of the parts that are long enough to tell it."""
        found = []
        for seconds in self.parts:
            if is_in(name, seconds) and len(seconds) >= FEWEST:
                length = min(bins_for(self.lengths_s[name], seconds), longest_in(seconds))
                found.append(dispersion(MEASURES[name], seconds, length))
        return worst(found)


def lengths_of(several: Sequence[Seconds]) -> dict[str, int]:
    """Return the block length of each figure, in seconds."""
    return _never_below_the_level(
        {
            name: math.ceil(math.sqrt(fmean(length**2 for length in those)) - 1e-9)
            for name, those in _lengths_s(several).items()
        }
    )


def _lengths_s(several: Sequence[Seconds]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for seconds in several:
        names = [name for name in MEASURES if is_in(name, seconds)]
        if not names:
            continue
        influences = np.column_stack([MEASURES[name].influence(seconds) for name in names])
        for name, length in zip(names, block_lengths(influences, seconds.strata), strict=True):
            found.setdefault(name, []).append(float(length * seconds.width_s))
    return found


def _never_below_the_level(found: Mapping[str, int]) -> dict[str, int]:
    level = found.get(LEVEL, 1)
    return {name: max(length, level) if _is_rare(name) else length for name, length in found.items()}


def _is_rare(name: str) -> bool:
    measure = MEASURES[name]
    return not isinstance(measure, PercentileEstimator) or measure.percent >= RARE_PERCENT


def bins_for(length_s: int, seconds: Seconds) -> int:
    """Return the block length in bins, at least one."""
    return max(round(length_s / seconds.width_s), 1)


def longest_in(seconds: Seconds) -> int:
    """Return the longest blocks of which there are enough, in bins."""
    return max(int(len(seconds) / FEWEST_BLOCKS), 1)


def fits(seconds: Seconds, length: int) -> bool:
    """Return whether enough blocks of so many bins are in the seconds."""
    return degrees(seconds.strata, length) + 1 >= FEWEST_BLOCKS


def fitting(seconds: Seconds, length: int) -> int:
    """Return the length in bins, or the longest that fits if only the conditions are too short for it."""
    if fits(seconds, length) or length > longest_in(seconds):
        return length
    return next((one for one in range(length - 1, 0, -1) if fits(seconds, one)), length)


def is_in(name: str, seconds: Seconds) -> bool:
    """Return whether the seconds tell how a figure varies."""
    measure = MEASURES.get(name)
    if measure is None:
        return False
    try:
        measure.influence(seconds)
    except KeyError:
        return False
    return True
