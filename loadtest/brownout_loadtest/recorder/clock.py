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


class RunClock:
    """Seconds since the epoch, one axis for everything that a process records of a run."""

    def __init__(
        self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._wall = wall
        self.monotonic = monotonic
        """The monotonic clock itself."""
        self.anchor()

    def anchor(self) -> None:
        """Begin the axis anew at the wall clock's time: at the start of a run, never during one."""
        self._offset = self._wall() - self.monotonic()
        self._stepped_s = 0.0

    def now(self) -> float:
        """Seconds since the epoch, by this axis."""
        return self.monotonic() + self._offset

    def at(self, moment: Moments) -> Moments:
        """The same for a moment of the monotonic clock, or an array of them."""
        return moment + self._offset

    def step(self) -> float | None:
        """Seconds by which the wall clock has stepped since this was asked last; None if it has not."""
        off = self._wall() - self.now()
        stepped = off - self._stepped_s
        if abs(stepped) < STEP_S:
            return None
        self._stepped_s = off
        return stepped

    def until_next_second(self, after_s: float) -> float:
        """Seconds until `after_s` past a whole second."""
        return 1.0 - (self.now() - after_s) % 1.0
