"""What bounds the percentiles of Locust's files: their rounding, and what windows of the run tell. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from brownout_results.read.locust_csv import RequestStats

from .percentile_bands import bands
from .rounding import highest, lowest


@dataclass(frozen=True)
class ToldBounds:
    """Bounds of a percentile, in ms."""

    low_ms: float
    high_ms: float
    """Of the whole run: by its rounding."""

    windows: int = 0
    """How many windows of the run tell something; 0: their bounds are not known."""

    lowest_ms: float = 0.0
    highest_ms: float = 0.0
    """The lowest and the highest bound of any window."""


def told_bounds(part: RequestStats) -> dict[float, ToldBounds]:
    """Return the bounds of each percentile of the whole run, by percent."""
    known = {percent: value for percent, value in part.percentiles_ms.items() if value > 0}
    windows = bands(part.since, list(known)) if part.since else {}
    found = {}
    for percent, value in known.items():
        found[percent] = ToldBounds(lowest(value), highest(value))
        if band := windows.get(percent):
            _, _, low, high = zip(*band.windows, strict=True)
            found[percent] = ToldBounds(lowest(value), highest(value), len(low), min(low), max(high))
    return found
