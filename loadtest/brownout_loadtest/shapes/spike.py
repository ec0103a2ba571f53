"""A low level, a sudden peak, and the low level again: does it come back?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from brownout_loadtest.shapes.parameter import LEVEL, SECONDS, parameter
from brownout_loadtest.shapes.polyline import Polyline
from brownout_terms.bounds import Bounds


@dataclass(frozen=True)
class Spike:
    """Up at once and down at once, so that what follows is the service's doing and not the load's."""

    name: ClassVar[str] = "spike"

    spike_base: float = parameter(0.2, LEVEL, "spike: level before and after it, as a share of the peak")
    spike_at: float | None = parameter(
        None, Bounds(0, math.inf, 30, "s"), "spike: second at which it comes; empty: after 2/5 of the run"
    )
    spike_time: float | None = parameter(None, SECONDS, "spike: seconds it lasts; empty: 1/5 of the run")

    def line(self, length: float) -> Polyline:
        """Level over the `length` seconds of a run."""
        start = length * 2 / 5 if self.spike_at is None else self.spike_at
        end = start + (length / 5 if self.spike_time is None else self.spike_time)
        base = self.spike_base
        return [(0.0, base), (start, base), (start, 1.0), (end, 1.0), (end, base), (max(end, length), base)]
