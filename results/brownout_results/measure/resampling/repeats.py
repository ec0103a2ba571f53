"""Figures of several runs of one thing: the run is the unit, and its seconds tell nothing more.

What differs from run to run (a noisy neighbour, a warm cache) can't be read from one of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, median, stdev

from brownout_results.measure.figures import MEASURES

from .estimates import Estimate
from .more_data import ENOUGH, MoreData

SUREST = 1e-6
"""The error of a logarithm that is as good as none."""


def repeated(
    name: str, values: Sequence[float | None], events: tuple[float, float] | None = None
) -> Estimate:
    """The figure of runs that repeat each other, with the error of their mean: of the logarithms, for rates
    and durations. One value alone has none of its own: see `borrowed`. `events`: of a share, in all."""
    known = [value for value in values if value is not None]
    if not known:
        return Estimate(value=None)
    finite = [value for value in known if math.isfinite(value)]
    if len(finite) < len(known):
        return Estimate(value=math.inf, why=f"never in {len(known) - len(finite)} of {len(known)} runs")
    is_log = is_ratio(name)
    if is_log and max(finite) <= 0 and len(finite) > 1:
        return Estimate(value=0.0, error=0.0, degrees=len(finite) - 1, counted=(0.0, len(finite)))
    if is_log and min(finite) <= 0:
        return Estimate(value=fmean(finite), why="it is 0 in a run")
    scaled = [math.log(value) for value in finite] if is_log else finite
    middle = median(scaled) if name not in MEASURES else fmean(scaled)
    value = math.exp(middle) if is_log else middle
    if len(scaled) < 2:
        return Estimate(value=value, events=events, why="one run", more=MoreData(runs=1))
    crowd = events[1] / len(scaled) if events else 1.0
    error = stdev(scaled) / math.sqrt(len(scaled))
    worth = 1 / max(error, SUREST) ** 2  # independent events with such an error
    return Estimate(
        value=value,
        error=error,
        degrees=len(scaled) - 1,
        events=events,
        crowd=crowd,
        counted=(worth, len(scaled)) if is_log else None,
    )


def borrowed(alone: Estimate, other: Estimate, runs: int) -> Estimate:
    """The figure of one run against several: it is taken to vary from run to run as these do."""
    if (
        alone.error is not None
        or other.error is None
        or alone.value is None
        or not math.isfinite(alone.value)
    ):
        return alone
    return replace(alone, error=other.error * math.sqrt(runs), degrees=other.degrees, why="", more=ENOUGH)


def is_ratio(name: str) -> bool:
    """Whether differences of the figure are ratios."""
    return name in MEASURES and MEASURES[name].is_log
