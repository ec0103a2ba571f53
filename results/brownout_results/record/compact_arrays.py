"""Arrays of whole numbers that take as few bytes as hold them, and parts of arrays by where each begins."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

Small = NDArray[np.integer[Any]]
"""Of as few bytes as hold the numbers in it. Make it `Ints` before reckoning with it."""


def smallest(values: Ints) -> Small:
    """The same numbers in as few bytes as hold them, without a sign if they have none."""
    if not len(values):
        return values.astype(np.uint8)
    low, high = int(values.min()), int(values.max())
    for kind in (np.uint8, np.uint16, np.uint32, np.int8, np.int16, np.int32):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return values.astype(kind)
    return values


def edges(sizes: NDArray[Any]) -> Ints:
    """Where each of parts of these sizes begins, and the last one's end."""
    return np.append(0, np.cumsum(sizes, dtype=np.int64))


def sizes(edges: Ints) -> Ints:
    """Of the parts between these edges."""
    lengths: Ints = edges[1:] - edges[:-1]
    return lengths


def sums(values: NDArray[Any], at: Ints) -> Ints:
    """Of the parts between these edges."""
    return sizes(edges(values)[at])


def by_first(numbers: Small, length: int) -> Ints:
    """The different ones of numbers below the length, in the order in which they first occur."""
    first = np.full(length, -1)
    first[numbers[::-1]] = np.arange(len(numbers))[::-1]
    order = np.argsort(first)
    found: Ints = order[first[order] >= 0]
    return found
