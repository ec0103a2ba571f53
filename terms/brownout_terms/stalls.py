"""Stalls of an event loop, told from a beat that comes too late. Pure: moments come in."""

from __future__ import annotations

from typing import NamedTuple

BEAT_S = 0.02
"""Time between two beats of a loop that has time."""

NOTED_S = 0.05
"""A beat later than this is a stall."""

SHOWN_S = 0.1
"""A stall as long as this is an event of the timeline."""

LEFT_OUT_S = 0.25
"""Length of a stall from which on what was measured meanwhile is not the service's."""

LONG_S = 1.0
"""A stall as long as this is worth a notice by itself."""

KEPT = 1000
"""Stalls that are remembered; the oldest are forgotten first."""


class Stall(NamedTuple):
    """A stretch of time in which a loop did nothing, in seconds of the monotonic clock."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.end - self.start


class Heartbeat:
    """Told by its loop every BEAT_S that it lives."""

    def __init__(self, now: float) -> None:
        self._last = now
        self._stalls: list[Stall] = []

    def beat(self, now: float) -> None:
        """Take one beat."""
        due, self._last = self._last + BEAT_S, now
        if now - due >= NOTED_S:
            self._stalls = [*self._stalls[1 - KEPT :], Stall(due, now)]

    def since(self, moment: float) -> list[Stall]:
        """Return the stalls that ended after a moment."""
        return [one for one in self._stalls if one.end > moment]
