"""Figures of one period of a run, each with its standard error."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

import numpy as np

from brownout_results.measure.figures import MEASURES

from .block_lengths import block_lengths, correction, degrees
from .bootstrap import Resamples, weights
from .counts import Seconds
from .estimators import Estimator, PercentileEstimator, ShareEstimator

FEWEST_BLOCKS = 4.0
"""A period with fewer blocks is too short for its autocorrelation."""

FEWEST_SECONDS = 5

LEVEL = "p50"
"""The figure that shows best how a part wanders: in counts of rare events, such as errors, chance hides it.
Their seconds are taken to go together for no less long than this one's."""

FEWEST_BEYOND = 10
"""A percentile needs this many slower requests to have an error."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure. What the error is of depends on the figure: of the logarithm of rates and durations, of the
    share itself."""

    value: float | None
    error: float | None = None
    degrees: float = 0.0
    events: tuple[float, float] | None = None
    """For a share of requests: how many were counted, and out of how many."""

    block_s: int = 1
    """Block length in seconds."""

    why: str = ""
    """Why there is no standard error."""


@dataclass(frozen=True, eq=False)
class Observation:
    """A part of a run, or of an endpoint's requests: its figures, and its seconds."""

    values: Mapping[str, float | None]
    seconds: Seconds | None
    """None: the source has none, or the part is without a whole second."""


def estimates(several: Sequence[Observation | None]) -> list[dict[str, Estimate]]:
    """Return an estimate of each figure of each period. A figure has one block length for all periods,
    because the length from a single run varies much by chance."""
    lengths = _block_lengths([one.seconds for one in several if one is not None])
    return [{} if one is None else _estimates(one, lengths) for one in several]


def _block_lengths(several: Sequence[Seconds | None]) -> dict[str, int]:
    """Return the block length of each figure, in seconds."""
    squares: dict[str, list[float]] = {}
    for seconds in several:
        names = [name for name in MEASURES if seconds is not None and _is_in(name, seconds)]
        if seconds is None or not names:
            continue
        influences = np.column_stack([MEASURES[name].influence(seconds) for name in names])
        for name, length in zip(names, block_lengths(influences, seconds.strata), strict=True):
            squares.setdefault(name, []).append(float(length * seconds.width_s) ** 2)
    found = {name: math.ceil(math.sqrt(fmean(those)) - 1e-9) for name, those in squares.items()}
    return {
        name: length if isinstance(MEASURES[name], PercentileEstimator) else max(length, found.get(LEVEL, 1))
        for name, length in found.items()
    }


def _estimates(observed: Observation, lengths_s: Mapping[str, int]) -> dict[str, Estimate]:
    values = {name: value for name, value in observed.values.items() if value is not None}
    seconds = observed.seconds
    told = [name for name in values if seconds is not None and _is_in(name, seconds)]
    if seconds is None or not told:
        return {name: _untold(name, value) for name, value in values.items()}
    lengths = {name: max(round(lengths_s[name] / seconds.width_s), 1) for name in told}
    drawn = max(round(median(lengths.values())), 1)
    resamples = Resamples(seconds, weights(seconds.strata, drawn))
    return {
        name: _estimate(MEASURES[name], value, resamples, lengths[name], drawn)
        if name in told
        else _untold(name, value)
        for name, value in values.items()
    }


def _estimate(measure: Estimator, value: float, resamples: Resamples, length: int, drawn: int) -> Estimate:
    seconds = resamples.seconds
    block_s = length * seconds.width_s
    blocks = degrees(seconds.strata, length)
    events = events_of(measure, seconds)
    if why := _too_little(measure, value, seconds, length, blocks):
        return Estimate(value=value, events=events, block_s=block_s, why=why)
    spread = measure.values(resamples)
    if measure.is_log:
        spread = np.log(np.where(spread > 0, spread, np.nan))
    if np.isnan(spread).mean() > 0.02:
        return Estimate(value=value, events=events, block_s=block_s, why="too many seconds have no value")
    error = float(np.nanstd(spread, ddof=1)) * correction(
        measure.influence(seconds), seconds.strata, length, drawn
    )
    return Estimate(value=value, error=error, degrees=blocks, events=events, block_s=block_s)


def _is_in(name: str, seconds: Seconds) -> bool:
    measure = MEASURES.get(name)
    if measure is None:
        return False
    try:
        measure.influence(seconds)
    except KeyError:
        return False
    return True


def _too_little(measure: Estimator, value: float, seconds: Seconds, length: int, blocks: float) -> str:
    """Return why the seconds are too few to estimate the error; empty if they are enough."""
    total_s = len(seconds) * seconds.width_s
    if total_s < FEWEST_SECONDS:
        return f"only {total_s} whole second{'s' * (total_s != 1)}"
    if blocks + 1 < FEWEST_BLOCKS:
        return f"only {total_s} s, in blocks of {length * seconds.width_s} s"
    if measure.is_log and value <= 0:
        return "it is 0"
    if isinstance(measure, PercentileEstimator) and seconds.durations is not None:
        beyond = seconds.durations.count * (1 - measure.percent / 100)
        if beyond < FEWEST_BEYOND - 1e-6:
            slower = math.floor(beyond + 1e-6)
            return f"only {slower} slower request{'s' * (slower != 1)}" if slower else "no slower request"
    return ""


def events_of(measure: Estimator | None, seconds: Seconds) -> tuple[float, float] | None:
    """For a share of requests: how many were counted, and out of how many."""
    if not isinstance(measure, ShareEstimator) or measure.of != "requests":
        return None
    part = sum(float(seconds.totals[name].sum()) for name in measure.columns)
    return part, float(seconds.totals[measure.of].sum())


def _untold(name: str, value: float) -> Estimate:
    if name not in MEASURES:
        return Estimate(value=value, why="it happens once per run: compare repeats")
    return Estimate(value=value, why="how it varies from second to second is not known")
