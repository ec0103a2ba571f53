"""The same load from start to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from brownout_loadtest.shapes.polyline import Polyline


@dataclass(frozen=True)
class Steady:
    """Full load all the time. Without an arrival rate this is plain Locust, its spawn rate included."""

    name: ClassVar[str] = "steady"

    def line(self, length: float) -> Polyline:
        """Level over the `length` seconds of a run."""
        return [(0.0, 1.0), (length, 1.0)]
