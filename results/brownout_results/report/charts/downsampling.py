"""Which points of a long series to draw, so that every spike and every gap is still seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]


def kept(columns: Sequence[Floats], buckets: int) -> Positions:
    """Positions to draw, ascending: of each bucket those with a column's lowest and highest value and its
    first gap (NaN), and the ends of the series.

    Columns are of one length, and drawn over the same positions. What a screen of `buckets` pixels shows of
    all points, it shows of these.
    """
    length = len(columns[0]) if columns else 0
    if length <= 2 * buckets:
        return np.arange(length)
    width = -(-length // buckets)
    starts = np.arange(0, length, width)
    found = [np.array([0, length - 1])]
    for column in columns:
        padded = np.full(len(starts) * width, np.nan)
        padded[:length] = column
        table = padded.reshape(len(starts), width)
        gaps = np.isnan(table)
        gaps[-1, length - starts[-1] :] = False
        found += [
            starts + np.where(np.isnan(table), np.inf, table).argmin(axis=1),
            starts + np.where(np.isnan(table), -np.inf, table).argmax(axis=1),
            (starts + gaps.argmax(axis=1))[gaps.any(axis=1)],
        ]
    return np.unique(np.concatenate(found))
