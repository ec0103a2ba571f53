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
"""Up to such a relative difference the load before and after a fault is the same."""


@dataclass(frozen=True)
class Recovery:
    """What came after a fault had ended."""

    fault_end: float
    seconds: float | None
    """None: not recovered."""


def recoveries(goodput: Floats, faults: Sequence[FaultPeriod]) -> list[Recovery]:
    """For each fault that ended within the run: how long until goodput was back to stay, in whole seconds."""
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
    """From the start of each fault to the first opening of a breaker in it, of those that had one."""
    openings = sorted(one.start for states in lanes.values() for one in states if one.state == "open")
    first = [next((at for at in openings if band.start <= at < band.end), None) for band in merged(faults)]
    return [at - band.start for at, band in zip(first, merged(faults), strict=True) if at is not None]


def before(faults: Sequence[FaultPeriod]) -> int:
    """How many whole seconds were before the first fault."""
    return int(min((band.start for band in faults), default=0.0))


def long_after(faults: Sequence[FaultPeriod], seconds: int) -> int:
    """The second from which on any recovery is over: half-way from the last fault's end to the run's."""
    end = max((band.end for band in faults), default=float(seconds))
    return math.ceil((end + seconds) / 2)


def merged(faults: Sequence[FaultPeriod]) -> list[FaultPeriod]:
    """Stretches with any faults: one that follows another at once is a change of faults, not their end."""
    found: list[FaultPeriod] = []
    for band in faults:
        if found and band.start - found[-1].end < 1:
            found[-1] = FaultPeriod(found[-1].start, band.end, band.label)
        else:
            found.append(band)
    return found
