"""Rises in equal steps, each held for long enough to be measured on its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from brownout_loadtest.shapes.parameter import parameter
from brownout_loadtest.shapes.polyline import Polyline, plateaus
from brownout_terms.bounds import Bounds


@dataclass(frozen=True)
class Steps:
    """1/n of the peak, 2/n, … up to the peak, for equal shares of the run."""

    name: ClassVar[str] = "steps"

    steps: int = parameter(5, Bounds(2, 100, 5, whole=True), "steps: number of steps")

    def line(self, length: float) -> Polyline:
        """Level over the `length` seconds of a run."""
        return plateaus([step / self.steps for step in range(1, self.steps + 1)], length)
