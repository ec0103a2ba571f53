"""Figures of one period of a run, each with its standard error."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import median

import numpy as np

from brownout_results.measure.figures import MEASURES

from .block_lengths import FEWEST, correction, degrees
from .bootstrap import Resamples, weights
from .counts import Floats, Seconds
from .dispersion import Dispersion, EventCounts, dispersion, tangent, worst
from .episodes import conditioned
from .estimators import RATED, Estimator, PercentileEstimator, RateEstimator, ShareEstimator
from .more_data import ENOUGH, MoreData, for_blocks, for_tail
from .pool import FEWEST_BLOCKS, Pool, bins_for, fits, fitting, is_in, lengths_of, longest_in

FEWEST_SECONDS = 5

FEWEST_BINS = 3
"""Fewer seconds say nothing of how they vary, even where other parts of the run are asked."""

MOST_DEGREES = 24.0
"""As many degrees of freedom has a short part at most: its seconds go together."""

MOST_UNSEEN = 2.2
"""As much larger is a variance taken to be than short blocks show it, at most: in simulated
phases of 10 s (bench.truth) false alarms stay below 0.06, and 70 % against 99 % is seen in 99 of 100."""

SHORT_S = 30
"""A shorter period takes its block length from all parts of its runs: its own is chance."""

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

    dispersion: float | None = None
    """For a share of requests, its variance over that of independent events where other parts of the run were
    asked; None: the error tells it."""

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


def estimates(
    several: Sequence[Observation | None], others: Sequence[Observation | None] = ()
) -> list[dict[str, Estimate]]:
    """Return an estimate of each figure of each period. A figure has one block length for all periods,
    because the length from a single run varies much by chance. `others`: more parts of the same runs, which
    tell how events go together where a period is too short to tell it."""
    seen = conditioned([one.seconds if one else None for one in several])
    several = [one and replace(one, seconds=its) for one, its in zip(several, seen, strict=True)]
    parts, more = ([one.seconds for one in those if one and one.seconds] for those in (several, others))
    lengths = lengths_of(parts)
    pool = Pool([*parts, *more])
    return [{} if one is None else _with_successes(one, _estimates(one, lengths, pool)) for one in several]


def _with_successes(observed: Observation, found: dict[str, Estimate]) -> dict[str, Estimate]:
    return {name: replace(one, apart=observed.apart.get(name)) for name, one in found.items()}


def _estimates(observed: Observation, lengths_s: Mapping[str, int], pool: Pool) -> dict[str, Estimate]:
    values = {name: value for name, value in observed.values.items() if value is not None}
    seconds = observed.seconds
    told = [name for name in values if seconds is not None and is_in(name, seconds)]
    if seconds is None or not told:
        return {name: _untold(name, value, observed) for name, value in values.items()}
    is_short = len(seconds) * seconds.width_s < SHORT_S
    lengths = {name: bins_for((pool.lengths_s if is_short else lengths_s)[name], seconds) for name in told}
    resamples = _Drawn(seconds, max(round(median(lengths.values())), 1))
    return {
        name: _estimate(name, value, resamples, lengths[name], pool)
        if name in told
        else _untold(name, value, observed)
        for name, value in values.items()
    }


class _Drawn:
    """Resamples of a period, drawn when a figure asks for them."""

    def __init__(self, seconds: Seconds, length: int) -> None:
        self.seconds = seconds
        self.length = length

    @cached_property
    def resamples(self) -> Resamples:
        """So many blocks of so many bins."""
        return Resamples(self.seconds, weights(self.seconds.strata, self.length))


def _estimate(name: str, value: float, drawn: _Drawn, length: int, pool: Pool) -> Estimate:
    measure, seconds = MEASURES[name], drawn.seconds
    length = fitting(seconds, length)
    counted = EventCounts.of(measure, seconds)
    bare = Estimate(
        value=value,
        events=events_of(measure, seconds),
        crowd=counted.crowd if counted else 1.0,
        counted=counted_of(measure, seconds),
        block_s=length * seconds.width_s,
    )
    is_short = len(seconds) * seconds.width_s < SHORT_S
    if counted and len(seconds) >= FEWEST_BINS and (is_short or not fits(seconds, length)):
        return _of_a_few(bare, measure, seconds, counted, pool.worst(name))
    taken = min(length, longest_in(seconds)) if is_short else length
    blocks = degrees(seconds.strata, taken)
    why, more = _too_little(measure, value, seconds, taken, blocks)
    if not why and is_short and not pool.is_told(name):
        total_s = len(seconds) * seconds.width_s
        why, more = f"only {total_s} s", MoreData(seconds=FEWEST * seconds.width_s - total_s)
    if why:
        return replace(bare, why=why, more=more)
    if value == 0 and bare.counted:
        return replace(bare, error=0.0, degrees=blocks)
    error = _error(measure, value, drawn, taken)
    if error is None:
        return replace(bare, why="too many seconds have no value")
    if is_short and len(seconds) > 1:
        error *= math.sqrt(_unseen(len(seconds), taken, length))
    return replace(bare, error=error, degrees=blocks)


def _of_a_few(
    bare: Estimate, measure: Estimator, seconds: Seconds, counted: EventCounts, lent: Dispersion | None
) -> Estimate:
    """Judge events of too few seconds for blocks: as the worst of the parts has them, these included."""
    length = min(bare.block_s // seconds.width_s, longest_in(seconds))
    own = dispersion(measure, seconds, length)
    if own and own.excess > 0:
        own = replace(own, excess=own.excess * _unseen(len(seconds), length, bare.block_s / seconds.width_s))
    taken = worst([own, lent]) or Dispersion(0.0, degrees(seconds.strata, length))
    ratio = max(taken.of(counted.crowd), 1.0)
    return replace(
        bare,
        error=math.sqrt(ratio * counted.alone) / (counted.whole if bare.events else max(counted.part, 1.0)),
        degrees=max(min(2.0 * len(seconds), MOST_DEGREES), taken.degrees),
        dispersion=ratio,
        block_s=length * seconds.width_s,
    )


def _unseen(bins: int, length: int, wanted: float) -> float:
    """Return how much more blocks as long as they should be would have shown, in as many bins as there are:
    in proportion to their length, and what the mean of so few blocks takes with it."""
    if bins < FEWEST:
        return MOST_UNSEEN
    return min(max(wanted / length, 1.0) * bins / max(bins - wanted, bins / 2), MOST_UNSEEN)


def _error(measure: Estimator, value: float, drawn: _Drawn, length: int) -> float | None:
    """Return the standard error on the figure's scale; None if too many resamples have no value."""
    seconds = drawn.seconds
    flat = tangent(measure, seconds, length)
    if flat is not None:
        return measure.spread(seconds, flat) if isinstance(measure, PercentileEstimator) else flat
    spread = measure.values(drawn.resamples)
    if measure.is_log:
        spread = _logarithms(spread, value)
    if np.isnan(spread).mean() > MOST_WITHOUT_VALUE:
        return None
    cut = correction(measure.influence(seconds), seconds.strata, length, drawn.length)
    return float(np.nanstd(spread, ddof=1)) * cut


def _logarithms(values: Floats, usual: float) -> Floats:
    """Return the logarithms; where too many resamples have none, the tangent's at the usual value."""
    logarithms: Floats = np.log(np.where(values > 0, values, np.nan))
    if np.isnan(logarithms).mean() > MOST_WITHOUT_VALUE:
        return np.asarray(values / usual)
    return logarithms


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
