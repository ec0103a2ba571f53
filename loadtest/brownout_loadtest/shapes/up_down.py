"""The same rates up and down again: does the way back look like the way there (hysteresis)?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from brownout_loadtest.shapes.parameter import parameter
from brownout_loadtest.shapes.polyline import Polyline, plateaus
from brownout_terms.bounds import Bounds


@dataclass(frozen=True)
class UpDown:
    """Every level but the peak is held twice, equally long, so that the two can be compared."""

    name: ClassVar[str] = "up-down"

    up_down_steps: int = parameter(4, Bounds(2, 50, 4, whole=True), "up-down: levels, the peak included")

    def line(self, length: float) -> Polyline:
        """Level over the `length` seconds of a run."""
        up = [step / self.up_down_steps for step in range(1, self.up_down_steps + 1)]
        return plateaus(up + up[-2::-1], length)
