"""How events go together: their variance over that of independent events, in parts of a run. Pure.

A part of a few seconds can't tell it from blocks of its own. There the worst of the run's other parts is
taken, and never less than independent events have.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from .block_lengths import degrees, variance
from .counts import Seconds
from .estimators import RATED, Estimator, PercentileEstimator, RateEstimator, ShareEstimator

FEW_EVENTS = 20
"""Fewer failures (or successes) in a run don't tell how they go together."""


@dataclass(frozen=True)
class Dispersion:
    """What a part of a run tells of how its events go together."""

    excess: float
    """The correlation of two events in one second: what the variance has beyond that of independent events,
    for each event in the second. Below 0 for events at a constant pace."""

    degrees: float
    """Degrees of freedom with which it is known."""

    def of(self, crowd: float) -> float:
        """Return the variance over that of independent events, with `crowd` of them in a second."""
        return max(1 + self.excess * crowd, 0.0)


@dataclass(frozen=True)
class EventCounts:
    """The events of a figure in a part of a run."""

    part: float
    whole: float
    """Requests for a share; seconds for a rate."""

    crowd: float
    """Events in the second of a typical one, itself included."""

    alone: float
    """The variance of the part if all events were independent."""

    tells: bool
    """Whether there are enough to tell how they go together."""

    @classmethod
    def of(cls, measure: Estimator | None, seconds: Seconds) -> EventCounts | None:
        """Return the events of a share of requests or of a rate; None for anything else."""
        match measure:
            case ShareEstimator(columns, "requests" as of):
                whole = seconds.totals[of]
                part = sum(float(seconds.totals[name].sum()) for name in columns)
                total = float(whole.sum())
                crowd = float((whole * whole).sum()) / max(total, 1.0)
                alone = part * (total - part) / total if total > 0 else 0.0
                return cls(part, total, max(crowd, 1.0), alone, min(part, total - part) >= FEW_EVENTS)
            case RateEstimator(column):
                counts = seconds.totals[f"{RATED}{column}"]
                part, total = float(counts.sum()), float(seconds.totals[f"{RATED}seconds"].sum())
                crowd = float((counts * counts).sum()) / max(part, 1.0)
                return cls(part, total, max(crowd, 1.0), part, part >= FEW_EVENTS) if total > 0 else None
        return None


def dispersion(measure: Estimator, seconds: Seconds, length: int) -> Dispersion | None:
    """Return how the events of a part go together, by blocks of `length` bins; None if too few tell it."""
    counted = EventCounts.of(measure, seconds)
    if counted is None or not counted.tells:
        return None
    ratio = variance(measure.influence(seconds), seconds.strata, length) / counted.alone
    return Dispersion((ratio - 1) / counted.crowd, degrees(seconds.strata, length))


def worst(found: Iterable[Dispersion | None]) -> Dispersion | None:
    """Return the one with the largest excess; None if none tells."""
    return max((one for one in found if one is not None), key=lambda one: one.excess, default=None)


def tangent(measure: Estimator, seconds: Seconds, length: int) -> float | None:
    """Return the error by the influences of the seconds, on the figure's scale; None for other figures.

    Of a percentile it is that of the share of slower requests. Resamples without the only burst of a run
    would have no failure, and those with it twice more than all: what a ratio makes of that is no error.
    """
    match measure:
        case ShareEstimator(_, "requests" as of):
            whole = float(seconds.totals[of].sum())
        case RateEstimator(column):
            whole = float(seconds.totals[f"{RATED}{column}"].sum())
        case PercentileEstimator():
            whole = float(seconds.totals["timed"].sum())
        case _:
            return None
    spread = math.sqrt(variance(measure.influence(seconds), seconds.strata, length))
    return spread / whole if whole > 0 else None
