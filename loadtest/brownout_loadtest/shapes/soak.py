"""A gentle start, a long time at the peak, and a gentle end: what leaks, what fills up?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from brownout_loadtest.shapes.parameter import SECONDS, parameter
from brownout_loadtest.shapes.polyline import Polyline


@dataclass(frozen=True)
class Soak:
    """The ramps keep the start and the end from being what is measured."""

    name: ClassVar[str] = "soak"

    soak_ramp: float | None = parameter(
        None, SECONDS, "soak: seconds of the ramp up, and of the ramp down; empty: 1/20 of the run"
    )

    def line(self, length: float) -> Polyline:
        """Level over the `length` seconds of a run; ramps longer than half of it meet in the middle."""
        ramp = min(length / 20 if self.soak_ramp is None else self.soak_ramp, length / 2)
        return [(0.0, 0.0), (ramp, 1.0), (length - ramp, 1.0), (length, 0.0)]
