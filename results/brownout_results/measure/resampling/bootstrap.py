"""The circular moving-block bootstrap over seconds, as weights: how often each bin was drawn.

A resample's sums are then a matrix product: weights (resamples × bins) times what was counted (bins ×
columns).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .counts import Floats, Ints, Seconds, Singles

RESAMPLES = 400
"""Enough to estimate a standard error to within 4 %."""

SEED = 20040914
"""A fixed seed: the same run folders give the same report."""


@dataclass(frozen=True, eq=False)
class Resamples:
    """Sums over the bins of seconds, each bin as often as it was drawn."""

    seconds: Seconds
    weights: Singles

    @classmethod
    def as_it_was(cls, seconds: Seconds) -> Resamples:
        """Return a single resample that contains each bin once."""
        return cls(seconds, np.ones((1, len(seconds)), np.float32))

    @cached_property
    def totals(self) -> Mapping[str, Floats]:
        """The sum in each resample, by what was counted."""
        return {
            name: np.asarray(self.weights @ column, np.float64)
            for name, column in self.seconds.totals.items()
        }


def weights(strata: Ints, length: int, resamples: int = RESAMPLES, seed: int = SEED) -> Singles:
    """Resamples × bins. Blocks of `length` bins are drawn within each condition, which keeps its number of
    bins; the last block of a condition is cut to it."""
    random = np.random.default_rng(seed)
    drawn = np.zeros((resamples, len(strata)), np.float32)
    for condition in np.unique(strata):
        at = np.flatnonzero(strata == condition)
        drawn[:, at] = _within(random, len(at), min(length, len(at)), resamples)
    return drawn


def _within(random: np.random.Generator, bins: int, length: int, resamples: int) -> Singles:
    """How often each of so many bins is in the blocks of each resample."""
    blocks = -(-bins // length)
    starts = random.integers(0, bins, (resamples, blocks))
    position = starts[:, :, None] + np.arange(length)
    drawn = position.reshape(resamples, -1)[:, :bins] % bins
    index = drawn + bins * np.arange(resamples)[:, None]
    counts = np.bincount(index.ravel(), minlength=resamples * bins)
    return counts.reshape(resamples, bins).astype(np.float32)
