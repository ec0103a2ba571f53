"""Block lengths of a bootstrap, and the correction for what blocks cut off.

Seconds resemble those before them. Blocks keep that within them and cut it at their ends: an error told from
blocks is too small, the more so the shorter they are. What is cut off is put back by comparing blocks of one
and of twice the length (Politis and Romano's flat-top window, as differences of Bartlett's).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from .counts import Bools, Floats, Ints

FEWEST = 9
"""A condition with fewer bins tells nothing about autocorrelation: the lags go up to √n + 5."""

RUN = 5
"""This many autocorrelations in a row have to be insignificant."""


def block_lengths(influences: Floats, strata: Ints) -> Floats:
    """Return the block length in bins for each column of influences (bins × figures): Politis and White's
    rule (2004, corrected with Patton in 2009) for the circular block bootstrap. Conditions are scaled and put
    in a row: the longest of many would be the one that chance made longest."""
    lengths = np.ones(influences.shape[1])
    scaled = np.zeros_like(influences, np.float64)
    long = np.zeros(len(influences), np.bool_)
    for condition in np.unique(strata):
        inside = strata == condition
        part = influences[inside]
        moves = part.std(axis=0) > 1e-9 * np.abs(part).max(axis=0, initial=1e-300)
        if len(part) >= FEWEST and moves.any():
            scaled[np.ix_(inside, moves)] = (part - part.mean(axis=0))[:, moves] / part[:, moves].std(axis=0)
            long |= inside
    tell = scaled[long].any(axis=0)
    if tell.any():
        lengths[tell] = np.fmax(1.0, circular_lengths(scaled[np.ix_(long, tell)]))
    return np.ceil(lengths)


def circular_lengths(values: Floats) -> Floats:
    """Return the block length of a circular block bootstrap for each column; NaN where it can't be told.

    Politis and White (2004), with the correction of Patton, Politis and White (2009). The package arch
    has the same; importing it takes a second of processor time, and a test holds this to it. `values`: bins
    × columns, at least FEWEST bins.
    """
    bins = len(values)
    centred = values - values.mean(axis=0)
    run = max(RUN, int(np.log10(bins)))
    largest_lag = math.ceil(math.sqrt(bins)) + run
    significant = 2 * math.sqrt(math.log10(bins) / bins)
    covariance = np.empty((largest_lag + 1, values.shape[1]))
    correlation = np.empty_like(covariance)
    with np.errstate(divide="ignore", invalid="ignore"):  # where a second tells the next one exactly
        for lag in range(largest_lag + 1):
            product = np.einsum("ij,ij->j", centred[lag:], centred[: bins - lag])
            covariance[lag] = product / bins
            ends = centred[lag + 1 :], centred[: -lag - 1]
            squares = (np.einsum("ij,ij->j", end, end) for end in ends)
            correlation[lag] = np.abs(product) / np.sqrt(math.prod(squares))
        columns = zip(covariance.T, significant > correlation.T, strict=True)
        lengths = [_length_of(one, quiet, run, bins) for one, quiet in columns]
    return np.array(lengths)


def _length_of(covariance: Floats, quiet: Bools, run: int, bins: int) -> float:
    """Return the length of one column, given its autocovariances and where its autocorrelation is small."""
    largest_lag = len(covariance) - 1
    begins = (lag for lag in range(largest_lag - run + 1) if quiet[lag : lag + run].all())
    first = next(begins, None)
    width = largest_lag if first is None else min(2 * max(first, 1), largest_lag)
    lags = np.arange(1, width + 1)
    window = np.where(lags / width <= 0.5, 1.0, 2 * (1 - lags / width))
    slope = 2 * np.sum(window * lags * covariance[1 : width + 1])
    spectrum = covariance[0] + 2 * np.sum(window * covariance[1 : width + 1])
    length = (2 * slope**2 / (4 / 3 * spectrum**2) * bins) ** (1 / 3)
    return float(min(length, np.ceil(min(3 * math.sqrt(bins), bins / 3))))


def degrees(strata: Ints, length: int) -> float:
    """Return the degrees of freedom: the number of blocks, less one for each condition."""
    return float(sum(size / min(length, size) - 1 for size in _sizes(strata)))


def correction(influence: Floats, strata: Ints, length: int, drawn: int) -> float:
    """Return the factor that turns an error estimated from `drawn`-bin blocks into that of `length` bins."""
    told = sum(_variance(part, min(drawn, len(part))) for part in _parts(influence, strata))
    return math.sqrt(variance(influence, strata, length) / told) if told > 0 else 1.0


def variance(influence: Floats, strata: Ints, length: int) -> float:
    """Return the variance of the sum of all influences, by blocks of `length` bins and what they cut off."""
    whole = 0.0
    for part in _parts(influence, strata):
        most = max(len(part) // 3, 1)
        one = _unbiased(part, min(length, most))
        whole += max(one, 2 * _unbiased(part, min(2 * length, most)) - one)
    return whole


def _parts(influence: Floats, strata: Ints) -> Iterator[Floats]:
    for condition in np.unique(strata):
        yield influence[strata == condition]


def _unbiased(values: Floats, length: int) -> float:
    """Return the variance, widened because the mean of few blocks comes from the same data."""
    blocks = len(values) / length
    return _variance(values, length) * (blocks / (blocks - 1) if blocks > 1 else 1.0)


def _variance(values: Floats, length: int) -> float:
    """Return the variance of the sum of all values by a circular block bootstrap of this length."""
    centred = values - values.mean()
    ends = np.concatenate([[0.0], np.cumsum(np.concatenate([centred, centred[:length]]))])
    sums = ends[length : length + len(values)] - ends[: len(values)]
    return float(np.mean(sums**2)) * len(values) / length


def _sizes(strata: Ints) -> list[int]:
    return [int(size) for size in np.bincount(strata) if size]
