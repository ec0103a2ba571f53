"""Episodes: long stretches of a run, unlike the rest of it and unlike anything in the other run. Pure.

Half of the requests fail for half a minute, the rate falls to a tenth, every answer takes ten times as long.
Blocks see a single event in that, of which chance may have made one or two. But what lasts so long, and has
nothing like it in the other run, is what sets the runs apart: its seconds are a condition of their own, as
those of a fault are. Shorter bursts, or ones that both runs have, are how such runs vary.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .conditions import merged, numbered
from .counts import Bools, Floats, Seconds
from .estimators import DURATIONS, RATED, TIMED

SHORTEST_S = 8
"""An episode lasts at least so many seconds, and what is left of the run as well."""

LEAST_SHARE = 8
"""And at least this part of the run: an eighth."""

CLEAR = 8.0
"""An episode is so many standard errors away from the rest, its seconds' likeness counted in."""

APART = 2.0
"""And so many times what seconds differ by."""

MOST_BINS = 200
"""Bins in which an episode is searched at most."""


@dataclass(frozen=True, eq=False)
class _CountedLevel:
    """A level second by second: a count over another."""

    part: Floats
    whole: Floats
    is_log: bool
    smallest: float
    """The smallest distance of an episode from the rest: as a logarithm if `is_log`."""

    def of(self, part: Floats, whole: Floats) -> Floats:
        """Return the level of such sums; that of the whole run where there is nothing."""
        usual = float(self.part.sum()) / max(float(self.whole.sum()), 1e-300)
        found = np.where(whole > 0, part / np.maximum(whole, 1e-300), usual)
        if not self.is_log:
            return np.asarray(found)
        least = 0.5 / np.maximum(whole, 1e-300) if self.part.max(initial=0) > 0 else usual
        return np.asarray(np.log(np.maximum(np.maximum(found, np.where(whole > 0, least, 0)), 1e-9)))

    def smooth(self, bins: int) -> Floats:
        """Return the level of each bin and those around it, `bins` in all."""
        kernel = np.ones(bins)
        part, whole = (np.convolve(one, kernel, "same") for one in (self.part, self.whole))
        return self.of(part, whole)

    def coarse(self, width: int) -> Floats:
        """Return the level of every `width` bins."""
        edges = np.arange(0, len(self.part), width)
        return self.of(np.add.reduceat(self.part, edges), np.add.reduceat(self.whole, edges))


def conditioned(several: Sequence[Seconds | None]) -> list[Seconds | None]:
    """Return the seconds of runs, the baseline first, with episodes as conditions of their own.

    What is compared is the baseline with each other run: so an episode has to be unlike anything in the
    baseline, and one of the baseline's unlike anything in any of the others.
    """
    if not several:
        return []
    usual, *others = several
    known = [one for one in others if one is not None]
    if usual is None or not known:
        return list(several)
    first = next((found for one in known if (found := _apart(usual, one)) is not usual), usual)
    return [first, *(None if one is None else _apart(one, usual) for one in others)]


def _apart(mine: Seconds, other: Seconds) -> Seconds:
    """Return the seconds with their episodes, seen from the other run, as conditions of their own."""
    labels = mine.strata
    for level, usual in zip(_levels(mine), _levels(other), strict=False):
        if level is not None and usual is not None:
            inside = _episode(level, usual, mine.width_s)
            if inside is not None:
                labels = numbered(merged(2 * labels + inside))
    return mine if labels is mine.strata else replace(mine, strata=labels)


def _levels(seconds: Seconds) -> Iterator[_CountedLevel | None]:
    """Yield the levels of failures, of rates and of durations; None for what is not known."""
    totals = seconds.totals
    good = totals["ok"] + totals.get("fallback", np.zeros_like(totals["ok"])) if "ok" in totals else None
    yield None if good is None else _CountedLevel(totals["requests"] - good, totals["requests"], False, 0.1)
    yield _ratio(totals, f"{RATED}requests", f"{RATED}seconds", 1.5)
    yield _ratio(totals, DURATIONS, TIMED, 2.0)


def _ratio(totals: Mapping[str, Floats], part: str, whole: str, smallest: float) -> _CountedLevel | None:
    if part not in totals or whole not in totals:
        return None
    return _CountedLevel(totals[part], totals[whole], True, math.log(smallest))


def _episode(mine: _CountedLevel, other: _CountedLevel, width_s: int) -> Bools | None:
    """Return which bins of a run are an episode; None if there is none."""
    bins = len(mine.part)
    least = max(-(-SHORTEST_S // width_s), bins // LEAST_SHARE)
    if bins < 2 * least or not len(other.part):
        return None
    start, end = _stretch(mine, least)
    near = max((end - start) // 4, 1)
    levels = mine.smooth(1)
    inside = np.zeros(bins, np.bool_)
    inside[start:end] = True
    elsewhere = float(other.smooth(1).mean())
    if abs(levels[inside].mean() - elsewhere) < abs(levels[~inside].mean() - elsewhere):
        inside = ~inside
    then, usual = float(levels[inside].mean()), float(levels[~inside].mean())
    if abs(then - usual) < mine.smallest:
        return None
    sign, middle = np.sign(then - usual), (then + usual) / 2
    around = sign * mine.smooth(near) > sign * middle
    if (sign * other.smooth(min(near, len(other.part))) > sign * middle).any():
        return None
    found: Bools = around if not _is_one(around, inside, near) else inside
    if _longest(found) < least or found.sum() > bins - least:
        return None
    return found if _is_clear(levels, found) else None


def _longest(inside: Bools) -> int:
    """Return how many bins in a row are inside at most."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]])))
    return int(np.max(edges[1::2] - edges[::2], initial=0))


def _is_one(around: Bools, inside: Bools, near: int) -> bool:
    """Return whether what is like the stretch is the stretch, but for its edges."""
    return int((around != inside).sum()) <= 2 * near


def _stretch(level: _CountedLevel, least: int) -> tuple[int, int]:
    """Return where the stretch begins and ends that is most unlike the rest of the run.

    Of all stretches, the one with the largest variance between it and the rest (Levin and Kline 1985).
    """
    width = -(-len(level.part) // MOST_BINS)
    levels = level.coarse(width)
    bins, shortest = len(levels), -(-least // width)
    sums = np.concatenate([[0.0], np.cumsum(levels - levels.mean())])
    long = np.arange(bins + 1)[None, :] - np.arange(bins + 1)[:, None]
    fits = (long >= shortest) & (long <= bins - shortest)
    between = np.where(fits, (sums[None, :] - sums[:, None]) ** 2, -1.0)
    between /= np.where(fits, long * (1 - long / bins), 1.0)
    start, end = np.unravel_index(int(np.argmax(between)), between.shape)
    return int(start) * width, min(int(end) * width, len(level.part))


def _is_clear(levels: Floats, inside: Bools) -> bool:
    """Return whether the bins are too far from the others for the way in which bins wander."""
    sizes = np.array([inside.sum(), (~inside).sum()])
    means = np.array([levels[inside].mean(), levels[~inside].mean()])
    left = levels - np.where(inside, means[0], means[1])
    variance = float(np.mean(left**2))
    distance = abs(float(means[0] - means[1]))
    if variance <= (1e-9 * distance) ** 2:
        return True
    alike = min(max(float(np.mean(left[1:] * left[:-1])) / variance, 0.0), 0.95)
    error = np.sqrt(variance * float(np.sum(1 / sizes)) * (1 + alike) / (1 - alike))
    return distance >= max(CLEAR * float(error), APART * math.sqrt(variance))
