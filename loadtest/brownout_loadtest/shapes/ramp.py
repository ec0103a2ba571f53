"""Rises in a straight line, then holds: at which load does it break?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from brownout_loadtest.shapes.parameter import LEVEL, SECONDS, parameter
from brownout_loadtest.shapes.polyline import Polyline


@dataclass(frozen=True)
class Ramp:
    """A ramp from a level of the peak to the whole of it."""

    name: ClassVar[str] = "ramp"

    ramp_from: float = parameter(0.0, LEVEL, "ramp: level at the start, as a share of the peak")
    ramp_time: float | None = parameter(None, SECONDS, "ramp: seconds until the peak; empty: the whole run")

    def line(self, length: float) -> Polyline:
        """Level over the `length` seconds of a run."""
        top = length if self.ramp_time is None else self.ramp_time
        return [(0.0, self.ramp_from), (top, 1.0), (max(top, length), 1.0)]
