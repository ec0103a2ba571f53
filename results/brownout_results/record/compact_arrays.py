"""Arrays of whole numbers that take as few bytes as hold them, and parts of arrays by where each begins."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

Small = NDArray[np.integer[Any]]
"""Whole numbers in as few bytes as they need. Convert to `Ints` before calculating."""


def smallest(values: Ints) -> Small:
    """Return the numbers in as few bytes as they need, unsigned if none is negative."""
    if not len(values):
        return values.astype(np.uint8)
    low, high = int(values.min()), int(values.max())
    for kind in (np.uint8, np.uint16, np.uint32, np.int8, np.int16, np.int32):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return values.astype(kind)
    return values


def edges(sizes: NDArray[Any]) -> Ints:
    """Return where parts of these sizes begin, and where the last one ends."""
    return np.append(0, np.cumsum(sizes, dtype=np.int64))


def sizes(edges: Ints) -> Ints:
    """Return the sizes of the parts between these edges."""
    lengths: Ints = edges[1:] - edges[:-1]
    return lengths


def sums(values: NDArray[Any], at: Ints) -> Ints:
    """Return the sums of the parts between these edges, which ascend."""
    found = np.zeros(len(at) - 1, np.int64)
    filled = at[1:] > at[:-1]
    if filled.any():
        found[filled] = np.add.reduceat(values[: at[-1]], at[:-1][filled], dtype=np.int64)
    return found


def by_first(numbers: Small, length: int) -> Ints:
    """The different ones of numbers below the length, in the order in which they first occur."""
    first = np.full(length, -1)
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]
    order = np.argsort(first)
    found: Ints = order[first[order] >= 0]
    return found
