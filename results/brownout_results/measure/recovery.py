"""How long it took until breakers noticed a fault, and until users were served again after it. Pure.

Times are seconds since an origin, as `happened` tells them; goodput has a value a second from there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .timeline import BreakerPeriod, FaultPeriod

Floats = NDArray[np.float64]

RECOVERED = 0.95
STEADY_S = 5
"""Recovered is: goodput back at this share of the baseline's, and there for so long; see ARCHITECTURE.md."""

SAME_LOAD = 0.05
"""The load before and after a fault is the same if it differs by no more than this share."""


@dataclass(frozen=True)
class Recovery:
    """The recovery after the end of a fault."""

    fault_end: float
    seconds: float | None
    """None: not recovered."""


def recoveries(goodput: Floats, faults: Sequence[FaultPeriod]) -> list[Recovery]:
    """Return, for each fault that ended within the run, how many whole seconds goodput took to come back."""
    usual = goodput[: before(faults)]
    usual = usual[~np.isnan(usual)]
    found = []
    for band in merged(faults):
        first = math.ceil(band.end)
        if not len(usual) or first + STEADY_S > np.count_nonzero(~np.isnan(goodput)) + 1:
            continue
        good = goodput >= RECOVERED * usual.mean()
        last = len(goodput) - STEADY_S + 1
        back = next((at for at in range(first, last) if good[at : at + STEADY_S].all()), None)
        found.append(Recovery(band.end, None if back is None else float(back - first)))
    return found


def detections(lanes: Mapping[str, Sequence[BreakerPeriod]], faults: Sequence[FaultPeriod]) -> list[float]:
    """Return the seconds from the start of each fault to the first breaker that it opened, if any.

    An opening that may have been after the start, by what is known of its time, was: it counts from there.
    """
    openings = [one for states in lanes.values() for one in states if one.state == "open"]
    openings.sort(key=lambda one: one.start)
    found = []
    for band in merged(faults):
        ats = (one.start for one in openings if band.start <= one.start + one.uncertain_s)
        if (at := next(ats, math.inf)) < band.end:
            found.append(max(at - band.start, 0.0))
    return found


def before(faults: Sequence[FaultPeriod]) -> int:
    """Return how many whole seconds passed before the first fault."""
    return int(min((band.start for band in faults), default=0.0))


def long_after(faults: Sequence[FaultPeriod], seconds: int) -> int:
    """Return the second after which recovery is over: halfway from the last fault to the end."""
    end = max((band.end for band in faults), default=float(seconds))
    return math.ceil((end + seconds) / 2)


def merged(faults: Sequence[FaultPeriod]) -> list[FaultPeriod]:
    """Return the periods with any faults: a fault that directly follows another is a change, not an end."""
    found: list[FaultPeriod] = []
    for band in faults:
        if found and band.start - found[-1].end < 1:
            found[-1] = FaultPeriod(found[-1].start, band.end, band.label)
        else:
            found.append(band)
    return found
