"""Where a series of seconds changed its level: proposals, for people to judge. Pure.

Optimal partitioning (Jackson and others 2005), whose result PELT finds faster (Killick, Fearnhead and Eckley
2012): the segments whose squared distances from their means, plus a penalty for each, are smallest. Seconds
resemble each other, so the penalty counts with the variance of a mean of seconds, not with that of a second.
The package ruptures has the same; it needs scipy, and a series of 400 bins needs neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_BINS = 400
"""Longer series are added up to so many bins."""

SHORTEST = 5
"""Bins of a segment at least."""

PENALTY = 4.0
"""Times the variance times the logarithm of the number of bins, for each segment: 2 would be enough if
nothing but chance made seconds differ."""

PASSES = 4
"""Segments tell the variance within them, and that tells segments: so often at most."""

MOST_CORRELATED = 0.9
TOGETHER_S = 3.0
"""Changes of several series so near to each other are one."""

MOST = 8
"""Changes proposed at most: the largest."""


@dataclass(frozen=True)
class Level:
    """A series whose level may change."""

    name: str
    unit: str
    values: Floats
    """One for each row; NaN: not known."""

    is_ratio: bool
    """Whether a change matters relative to the level; of shares it does not."""

    @property
    def smallest(self) -> float:
        """The smallest change that is proposed: a third, or five percentage points."""
        return float(np.log(1.33)) if self.is_ratio else 0.05


@dataclass(frozen=True)
class LevelChange:
    """A change of a series: its level before and after."""

    name: str
    unit: str
    before: float
    after: float


@dataclass(frozen=True)
class ChangePoint:
    """A moment at which something changed."""

    at_s: float
    changes: Sequence[LevelChange]


def change_points(starts: Floats, levels: Sequence[Level], from_s: float = 0.0) -> list[ChangePoint]:
    """Return the moments at which levels changed, in the order of time. Rows before `from_s` do not count,
    such as those of a ramp-up."""
    found: list[tuple[float, float, LevelChange]] = []
    for level in levels:
        usable = np.isfinite(level.values) & (starts >= from_s)
        if level.is_ratio:
            usable &= level.values > 0
        found += _changes(starts[usable], level, level.values[usable])
    return _together(sorted(found, key=lambda one: one[0]))


def breaks(values: Floats) -> list[int]:
    """Return the positions at which segments of another level begin, ascending."""
    if len(values) < 2 * SHORTEST:
        return []
    steps = np.diff(values)
    least = max(1e-12 * float(np.var(values)), 1e-300)
    noise = float(np.median(np.abs(steps - np.median(steps)))) / 0.6745 / np.sqrt(2)
    found = _partition(values, max(noise**2, least))
    for _ in range(PASSES):
        residuals = values - _fitted(values, found)
        together = float(np.sum(residuals[1:] * residuals[:-1]) / max(float(np.sum(residuals**2)), least))
        correlated = float(np.clip(together, 0.0, MOST_CORRELATED))
        variance = max(float(np.var(residuals)), noise**2) * (1 + correlated) / (1 - correlated)
        before, found = found, _partition(values, max(variance, least))
        if found == before:
            break
    return found


def _partition(values: Floats, variance: float) -> list[int]:
    length = len(values)
    centred = values - values.mean()
    sums = np.concatenate([[0.0], np.cumsum(centred)])
    squares = np.concatenate([[0.0], np.cumsum(centred**2)])
    penalty = PENALTY * variance * np.log(length)
    best = np.full(length + 1, np.inf)
    best[0] = -penalty
    began = np.zeros(length + 1, np.int64)
    for end in range(SHORTEST, length + 1):
        starts = np.arange(end - SHORTEST + 1)
        cost = squares[end] - squares[starts] - (sums[end] - sums[starts]) ** 2 / (end - starts)
        total = best[starts] + cost + penalty
        began[end] = int(np.argmin(total))
        best[end] = total[began[end]]
    found: list[int] = []
    end = length
    while (start := int(began[end])) > 0:
        found.append(start)
        end = start
    return found[::-1]


def _fitted(values: Floats, at: Sequence[int]) -> Floats:
    fitted = np.empty_like(values)
    for start, end in zip([0, *at], [*at, len(values)], strict=True):
        fitted[start:end] = values[start:end].mean()
    return fitted


def _changes(starts: Floats, level: Level, values: Floats) -> list[tuple[float, float, LevelChange]]:
    """Return moment, size and change of each change of a series that is large enough to matter."""
    if not len(values):
        return []
    width = -(-len(values) // MOST_BINS)
    edges = np.arange(0, len(values), width)
    counted = np.diff([*edges.tolist(), len(values)])
    means = np.add.reduceat(values, edges) / counted
    scaled = np.log(means) if level.is_ratio else means
    at = breaks(scaled)
    found = []
    for before, start, end in zip([0, *at], at, [*at[1:], len(scaled)], strict=False):
        size = abs(float(scaled[start:end].mean() - scaled[before:start].mean()))
        if size >= level.smallest:
            then, usual = float(means[start:end].mean()), float(means[before:start].mean())
            change = LevelChange(level.name, level.unit, usual, then)
            found.append((float(starts[edges[start]]), size / level.smallest, change))
    return found


def _together(found: Sequence[tuple[float, float, LevelChange]]) -> list[ChangePoint]:
    points: list[tuple[float, ChangePoint]] = []
    for at, size, change in found:
        if points and at - points[-1][1].at_s <= TOGETHER_S:
            largest, point = points[-1]
            if change.name not in {one.name for one in point.changes}:
                point = ChangePoint(point.at_s, [*point.changes, change])
            points[-1] = (max(largest, size), point)
        else:
            points.append((size, ChangePoint(at, [change])))
    most = sorted(points, key=lambda one: -one[0])[:MOST]
    return sorted((point for _, point in most), key=lambda one: one.at_s)


def suggested_phases(points: Sequence[ChangePoint]) -> Mapping[str, tuple[float, float | None]]:
    """Return names and seconds of the parts between changes; the last one lasts to the end."""
    edges = [0.0, *(point.at_s for point in points), None]
    names = ["before", *(f"part-{number}" for number in range(2, len(points) + 1)), "last"]
    return {name: (start or 0.0, end) for name, start, end in zip(names, edges[:-1], edges[1:], strict=True)}
