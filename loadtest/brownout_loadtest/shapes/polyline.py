"""A load shape as a line of straight pieces: points (second, level), the level between 0 and 1.

Two points in the same second are a jump. After the last point its level stays.
"""

from __future__ import annotations

import bisect

Polyline = list[tuple[float, float]]


def level_at(line: Polyline, second: float) -> float:
    """The level at a moment; at a jump, the level after it."""
    after = bisect.bisect_right(line, second, key=lambda point: point[0])
    if after == 0:
        return line[0][1]
    if after == len(line):
        return line[-1][1]
    (start, low), (end, high) = line[after - 1], line[after]
    return low + (high - low) * (second - start) / (end - start)


def plateaus(levels: list[float], length: float) -> Polyline:
    """The levels one after the other, each held for the same share of `length` seconds."""
    width = length / len(levels)
    line: Polyline = []
    for index, level in enumerate(levels):
        line += [(index * width, level), ((index + 1) * width, level)]
    return line
