"""How long the blocks of a bootstrap are, and what they miss.

Seconds resemble those before them. Blocks keep that within them and cut it at their ends: an error told from
blocks is too small, the more so the shorter they are. What is cut off is put back by comparing blocks of one
and of twice the length (Politis and Romano's flat-top window, as differences of Bartlett's).
"""

from __future__ import annotations

import math

import numpy as np

from .seconds import Floats, Ints

FEWEST = 9
"""Bins of a condition below which nothing can be told about how they wander: arch looks at lags up to √n + 5,
and fails where there are none."""


def block_lengths(influences: Floats, strata: Ints) -> Floats:
    """Of each column of influences (bins × figures), how many bins go together: Politis and White's length
    (2004, corrected with Patton in 2009) for the circular block bootstrap, the longest of all conditions."""
    # Importing arch takes a second of processor time: only those who compare pay for it.
    from arch.bootstrap import optimal_block_length

    lengths = np.ones(influences.shape[1])
    for condition in np.unique(strata):
        part = influences[strata == condition]
        moves = part.std(axis=0) > 1e-9 * np.abs(part).max(axis=0, initial=1e-300)
        if len(part) >= FEWEST and moves.any():
            scaled = part[:, moves] / part[:, moves].std(axis=0)
            with np.errstate(divide="ignore", invalid="ignore"):  # where a second tells the next one exactly
                found = optimal_block_length(scaled)["circular"].to_numpy()
            lengths[moves] = np.fmax(lengths[moves], found)
    return np.ceil(lengths)


def degrees(strata: Ints, length: int) -> float:
    """How many blocks there are, less one for each condition: what an error can be judged by."""
    return float(sum(size / min(length, size) - 1 for size in _sizes(strata)))


def correction(influence: Floats, strata: Ints, length: int, drawn: int) -> float:
    """By what to multiply the error told by resamples of blocks of `drawn` bins, for a figure whose seconds
    go together in blocks of `length`."""
    told = cut = 0.0
    for condition in np.unique(strata):
        part = influence[strata == condition]
        most = max(len(part) // 3, 1)
        told += _variance(part, min(drawn, len(part)))
        one = _unbiased(part, min(length, most))
        cut += max(one, 2 * _unbiased(part, min(2 * length, most)) - one)
    return math.sqrt(cut / told) if told > 0 else 1.0


def _unbiased(values: Floats, length: int) -> float:
    """Widened for the few blocks, whose mean is taken from the same data."""
    blocks = len(values) / length
    return _variance(values, length) * (blocks / (blocks - 1) if blocks > 1 else 1.0)


def _variance(values: Floats, length: int) -> float:
    """Of the sum of all values, as a circular block bootstrap of this length would tell it."""
    centred = values - values.mean()
    ends = np.concatenate([[0.0], np.cumsum(np.concatenate([centred, centred[:length]]))])
    sums = ends[length : length + len(values)] - ends[: len(values)]
    return float(np.mean(sums**2)) * len(values) / length


def _sizes(strata: Ints) -> list[int]:
    return [int(size) for size in np.bincount(strata) if size]
