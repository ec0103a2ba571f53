"""Figures of one period of a run, each with its standard error."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, median

import numpy as np

from brownout_results.measure.figures import MEASURES

from .block_lengths import block_lengths, correction, degrees, variance
from .bootstrap import Resamples, weights
from .counts import Floats, Seconds
from .estimators import RATED, Estimator, PercentileEstimator, RateEstimator, ShareEstimator
from .more_data import ENOUGH, MoreData, for_blocks, for_tail

FEWEST_BLOCKS = 4.0
"""A period with fewer blocks is too short for its autocorrelation."""

FEWEST_SECONDS = 5

LEVEL = "p50"
"""The figure that shows best how a part wanders: in counts of rare events, such as errors, chance hides it.
Their seconds are taken to go together for no less long than this one's."""

FEWEST_BEYOND = 10
"""A percentile needs this many slower requests to have an error."""

MOST_WITHOUT_VALUE = 0.02
"""A larger share of resamples without a value tells no error."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure. What the error is of depends on the figure: of the logarithm of rates and durations, of the
    share itself."""

    value: float | None
    error: float | None = None
    degrees: float = 0.0
    events: tuple[float, float] | None = None
    """For a share of requests: how many were counted, and out of how many."""

    crowd: float = 1.0
    """For a share of requests: how many ended in the second of a typical one, itself included."""

    block_s: int = 1
    """Block length in seconds."""

    why: str = ""
    """Why there is no standard error."""

    more: MoreData = ENOUGH
    """What is missing for one; nothing where no amount would do."""

    counted: tuple[float, float] | None = None
    """For a rate: how many were counted, and in how many seconds."""

    bounds: str = ""
    """What is known to bound the value, if nothing tells how it varies: the end of a sentence."""

    apart: float | None = None
    """The same figure of successes alone: of durations, where the source tells."""


@dataclass(frozen=True, eq=False)
class Observation:
    """A part of a run, or of an endpoint's requests: its figures, and its seconds."""

    values: Mapping[str, float | None]
    seconds: Seconds | None
    """None: the source has none, or the part is without a whole second."""

    bounds: Mapping[str, str] = field(default_factory=dict)
    """What bounds a figure of which the seconds tell nothing, by name: the end of a sentence."""

    apart: Mapping[str, float] = field(default_factory=dict)
    """Figures of successes alone."""


def estimates(several: Sequence[Observation | None]) -> list[dict[str, Estimate]]:
    """Return an estimate of each figure of each period. A figure has one block length for all periods,
    because the length from a single run varies much by chance."""
    lengths = _block_lengths([one.seconds for one in several if one is not None])
    return [{} if one is None else _with_successes(one, _estimates(one, lengths)) for one in several]


def _with_successes(observed: Observation, found: dict[str, Estimate]) -> dict[str, Estimate]:
    return {name: replace(one, apart=observed.apart.get(name)) for name, one in found.items()}


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
        return {name: _untold(name, value, observed) for name, value in values.items()}
    lengths = {name: max(round(lengths_s[name] / seconds.width_s), 1) for name in told}
    drawn = max(round(median(lengths.values())), 1)
    resamples = Resamples(seconds, weights(seconds.strata, drawn))
    return {
        name: _estimate(MEASURES[name], value, resamples, lengths[name], drawn)
        if name in told
        else _untold(name, value, observed)
        for name, value in values.items()
    }


def _estimate(measure: Estimator, value: float, resamples: Resamples, length: int, drawn: int) -> Estimate:
    seconds = resamples.seconds
    blocks = degrees(seconds.strata, length)
    bare = Estimate(
        value=value,
        events=events_of(measure, seconds),
        crowd=crowd_of(measure, seconds),
        counted=counted_of(measure, seconds),
        block_s=length * seconds.width_s,
    )
    why, more = _too_little(measure, value, seconds, length, blocks)
    if why:
        return replace(bare, why=why, more=more)
    if value == 0 and bare.counted:
        return replace(bare, error=0.0, degrees=blocks)
    if bare.events:
        return replace(bare, error=_tangent(measure, seconds, length, bare.events[1]), degrees=blocks)
    spread = measure.values(resamples)
    if measure.is_log:
        spread = _logarithms(spread, value)
    if np.isnan(spread).mean() > MOST_WITHOUT_VALUE:
        return replace(bare, why="too many seconds have no value")
    error = float(np.nanstd(spread, ddof=1)) * correction(
        measure.influence(seconds), seconds.strata, length, drawn
    )
    return replace(bare, error=error, degrees=blocks)


def _tangent(measure: Estimator, seconds: Seconds, length: int, whole: float) -> float:
    """Return the error of a share by the influences of its seconds.

    Resamples without the only burst of a run have no failure, and those with it twice have more than all: the
    ratio of sums is no sum, and Wilson's interval accounts for that already.
    """
    return math.sqrt(variance(measure.influence(seconds), seconds.strata, length)) / whole


def _logarithms(values: Floats, usual: float) -> Floats:
    """Return the logarithms; where too many resamples have none, the tangent's at the usual value."""
    logarithms: Floats = np.log(np.where(values > 0, values, np.nan))
    if np.isnan(logarithms).mean() > MOST_WITHOUT_VALUE:
        return np.asarray(values / usual)
    return logarithms


def _is_in(name: str, seconds: Seconds) -> bool:
    measure = MEASURES.get(name)
    if measure is None:
        return False
    try:
        measure.influence(seconds)
    except KeyError:
        return False
    return True


def _too_little(
    measure: Estimator, value: float, seconds: Seconds, length: int, blocks: float
) -> tuple[str, MoreData]:
    """Return why the seconds are too few to estimate the error, and how many more it would take; empty if
    they are enough."""
    total_s = len(seconds) * seconds.width_s
    if total_s < FEWEST_SECONDS:
        why = f"only {total_s} whole second{'s' * (total_s != 1)}"
        return why, MoreData(seconds=FEWEST_SECONDS - total_s)
    if blocks + 1 < FEWEST_BLOCKS:
        block_s = length * seconds.width_s
        return f"only {total_s} s, in blocks of {block_s} s", for_blocks(total_s, block_s, FEWEST_BLOCKS)
    if measure.is_log and value <= 0 and not isinstance(measure, RateEstimator):
        return "it is 0", ENOUGH
    if isinstance(measure, PercentileEstimator) and seconds.durations is not None:
        requests = seconds.durations.count
        beyond = requests * (1 - measure.percent / 100)
        if beyond < FEWEST_BEYOND - 1e-6:
            slower = math.floor(beyond + 1e-6)
            why = f"only {slower} slower request{'s' * (slower != 1)}" if slower else "no slower request"
            return why, for_tail(requests, measure.percent, FEWEST_BEYOND)
    return "", ENOUGH


def events_of(measure: Estimator | None, seconds: Seconds) -> tuple[float, float] | None:
    """For a share of requests: how many were counted, and out of how many."""
    if not isinstance(measure, ShareEstimator) or measure.of != "requests":
        return None
    if not {measure.of, *measure.columns} <= seconds.totals.keys():  # Locust's files know of no fallbacks
        return None
    part = sum(float(seconds.totals[name].sum()) for name in measure.columns)
    return part, float(seconds.totals[measure.of].sum())


def crowd_of(measure: Estimator | None, seconds: Seconds) -> float:
    """For a share: how many of its events were in the bin of a typical one; 1 for anything else."""
    if not isinstance(measure, ShareEstimator):
        return 1.0
    whole = seconds.totals[measure.of]
    return max(float((whole * whole).sum() / max(whole.sum(), 1.0)), 1.0)


def counted_of(measure: Estimator | None, seconds: Seconds) -> tuple[float, float] | None:
    """For a rate: how many were counted, and in how many seconds."""
    if not isinstance(measure, RateEstimator):
        return None
    of = (f"{RATED}{measure.column}", f"{RATED}seconds")
    count, duration = (float(seconds.totals[name].sum()) for name in of)
    return (count, duration) if duration > 0 else None


def _untold(name: str, value: float, observed: Observation) -> Estimate:
    if name not in MEASURES:
        return Estimate(value=value, why="it happens once per run: compare repeats", more=MoreData(runs=1))
    why = "how it varies from second to second is not in the files"
    return Estimate(value=value, why=why, bounds=observed.bounds.get(name, ""))
