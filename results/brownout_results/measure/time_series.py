"""A run, second by second from its first request: goodput, faults and breakers, on one axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from brownout_results.read.run_folder import Run
from brownout_results.read.run_folder.intervals import inside

from .phases import load_seconds, whole_seconds
from .recovery import SAME_LOAD, STEADY_S, Recovery, before, detections, long_after, recoveries
from .timeline import BreakerPeriod, FaultPeriod, bands, first_states, lanes

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TimeSeries:
    """Arrays have a value for each of `seconds`; NaN in the partial first and last one."""

    seconds: range
    goodput: Floats
    offered: Floats | None
    """None if load.csv says nothing."""

    faults: Sequence[FaultPeriod]
    lanes: Mapping[str, Sequence[BreakerPeriod]]

    @classmethod
    def of(cls, run: Run) -> TimeSeries:
        """Return the time series of a run."""
        seconds, whole = load_seconds(run), whole_seconds(run)
        start, end = float(seconds.start), float(len(seconds))
        rows = run.load.where(inside(run.load.ints("second"), [seconds]))
        place = rows.ints("second") - seconds.start
        offered = np.bincount(place, rows.ints("offered"), len(seconds)).astype(np.float64)
        ok = run.intervals.counted(outcome="ok")
        goodput = run.intervals.per_second(seconds.start, len(seconds), ok).astype(np.float64)
        for values in (goodput, offered):
            values[: whole.start - seconds.start] = np.nan
            values[whole.stop - seconds.start :] = np.nan
        return cls(
            seconds,
            goodput,
            offered if run.load else None,
            bands(run.events, start, end),
            lanes(run.events, first_states(run.samples), start, end),
        )

    def positions(self, span: range) -> tuple[int, int]:
        """Return where a span of seconds since the epoch begins and ends in the arrays."""
        begin = max(span.start - self.seconds.start, 0)
        return begin, max(span.stop - self.seconds.start, begin)

    @cached_property
    def recoveries(self) -> list[Recovery]:
        """The recovery after each fault."""
        return recoveries(self.goodput, self.faults)

    @property
    def recovery_s(self) -> float | None:
        """The longest recovery; infinite if there was none after a fault, None if no fault ended."""
        found = [math.inf if one.seconds is None else one.seconds for one in self.recoveries]
        return max(found, default=None)

    @property
    def detection_s(self) -> float | None:
        """The longest time until a fault opened a breaker; None if none did."""
        return max(detections(self.lanes, self.faults), default=None)

    @cached_property
    def opened(self) -> tuple[Floats, Floats]:
        """How long breakers were open in each second, and how long their state was known, summed over
        replicas."""
        is_open, known = np.zeros(len(self.seconds)), np.zeros(len(self.seconds))
        for states in self.lanes.values():
            for one in states:
                if one.state != "unknown":
                    _add(known, one)
                if one.state == "open":
                    _add(is_open, one)
        return is_open, known

    @cached_property
    def around(self) -> tuple[slice, slice] | None:
        """The seconds before the first fault, and those when any recovery is over; None if there are too few
        of one, or the load was another."""
        first, late = before(self.faults), long_after(self.faults, len(self.seconds))
        parts = slice(0, first), slice(late, len(self.seconds))
        if not self.faults or self.offered is None:
            return None
        sent = [self.offered[part][~np.isnan(self.offered[part])] for part in parts]
        if min(map(len, sent)) < STEADY_S:
            return None
        usual, then = (float(values.mean()) for values in sent)
        return parts if abs(then - usual) <= SAME_LOAD * usual else None

    @property
    def hysteresis(self) -> float | None:
        """Goodput after the faults minus before them, at the same offered rate."""
        if self.around is None:
            return None
        usual, then = (float(np.nanmean(self.goodput[part])) for part in self.around)
        return then - usual


def _add(values: Floats, state: BreakerPeriod) -> None:
    """Add to each second how much of it this period covers."""
    first, last = int(state.start), min(math.ceil(state.end), len(values))
    if last <= first:
        return
    edges = np.clip(np.arange(first, last + 1, dtype=np.float64), state.start, state.end)
    values[first:last] += np.diff(edges)
