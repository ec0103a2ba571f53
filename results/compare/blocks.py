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
"""Bins of a condition below which nothing can be told about how they wander: lags up to √n + 5 are looked at,
and there have to be some."""


def block_lengths(influences: Floats, strata: Ints) -> Floats:
    """Of each column of influences (bins × figures), how many bins go together: Politis and White's length
    for the circular block bootstrap, the longest of all conditions."""
    lengths = np.ones(influences.shape[1])
    for condition in np.unique(strata):
        part = influences[strata == condition]
        moves = part.std(axis=0) > 1e-9 * np.abs(part).max(axis=0, initial=1e-300)
        if len(part) >= FEWEST and moves.any():
            scaled = part[:, moves] / part[:, moves].std(axis=0)
            found = np.array([politis_white(column) for column in scaled.T])
            lengths[moves] = np.fmax(lengths[moves], found)
    return np.ceil(lengths)


def politis_white(values: Floats) -> float:
    """The length of blocks for the circular block bootstrap of a series (Politis and White 2004, corrected
    with Patton in 2009), NaN if the series tells none.

    The same as the package arch has, number for number, which a test holds; importing that takes a second
    and 90 MiB.
    """
    size = len(values)
    centred = values - values.mean()
    fewest = max(5, int(math.log10(size)))
    lags = math.ceil(math.sqrt(size)) + fewest
    products = np.array([centred[lag:] @ centred[: size - lag] for lag in range(lags + 1)])
    cut = _last_that_matters(_correlations(centred, products), size, fewest)
    window = lags if cut is None else min(2 * max(cut, 1), lags)
    flat = np.array([min(1.0, 2 * (1 - lag / window)) for lag in range(1, window + 1)])
    covariances = products[1 : window + 1] / size
    slope = math.fsum(2 * flat * np.arange(1, window + 1) * covariances)
    variance = products[0] / size + math.fsum(2 * flat * covariances)
    longest = math.ceil(min(3 * math.sqrt(size), size / 3))
    with np.errstate(divide="ignore", invalid="ignore"):  # where a second tells the next one exactly
        length = np.cbrt(2 * np.float64(slope) ** 2 / (4 / 3 * variance**2)) * np.cbrt(size)
    return float(min(length, longest))


def _correlations(centred: Floats, products: Floats) -> Floats:
    """Of each lag, without a sign."""
    size = len(centred)
    squares = np.array(
        [
            (centred[lag + 1 :] @ centred[lag + 1 :])
            * (centred[: size - lag - 1] @ centred[: size - lag - 1])
            for lag in range(len(products))
        ]
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.abs(products) / np.sqrt(squares))


def _last_that_matters(correlations: Floats, size: int, fewest: int) -> int | None:
    """The first lag from which on so many are within the band of chance; None if there is none."""
    band = 2 * math.sqrt(math.log10(size) / size)
    for lag in range(len(correlations) - fewest):
        if (correlations[lag : lag + fewest] < band).all():
            return lag
    return None


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
