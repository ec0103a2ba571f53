"""A time axis that never steps: the wall clock's time at a run's start, carried on by the monotonic clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Moments = TypeVar("Moments", float, NDArray[np.float64])

STEP_S = 0.5
"""A wall clock further off the axis than at the last look is said to have stepped; NTP's slewing stays far
below."""


def boottime() -> float:
    """Seconds that the machine has been up, those in which it was suspended included, where it tells."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # macOS: its monotonic clock goes on
    return time.clock_gettime(clock)


class RunClock:
    """Seconds since the epoch, one axis for everything that a process records of a run."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        boot: Callable[[], float] = boottime,
    ) -> None:
        self._wall = wall
        self._boot = boot
        self.monotonic = monotonic
        """The monotonic clock itself."""
        self.anchor()

    def anchor(self) -> None:
        """Begin the axis anew at the wall clock's time: at the start of a run, never during one."""
        self._offset = self._wall() - self.monotonic()
        self._stepped_s = self._suspended_s = 0.0
        self._booted = self._boot() - self.monotonic()

    def now(self) -> float:
        """Seconds since the epoch, by this axis."""
        return self.monotonic() + self._offset

    def at(self, moment: Moments) -> Moments:
        """The same for a moment of the monotonic clock, or an array of them."""
        return moment + self._offset

    def step(self) -> float | None:
        """Seconds by which the wall clock has stepped since this was asked last; None if it has not.

        The time of a suspend is none of them.
        """
        off = self._wall() - self.now() - (self._boot() - self.monotonic() - self._booted)
        stepped = off - self._stepped_s
        if abs(stepped) < STEP_S:
            return None
        self._stepped_s = off
        return stepped

    def suspended(self) -> float | None:
        """For how many seconds the machine was suspended since this was asked last; None if it was not."""
        total = self._boot() - self.monotonic() - self._booted
        if total - self._suspended_s < STEP_S:
            return None
        before, self._suspended_s = self._suspended_s, total
        return total - before

    def until_next_second(self, after_s: float) -> float:
        """Seconds until `after_s` past a whole second."""
        return 1.0 - (self.now() - after_s) % 1.0
