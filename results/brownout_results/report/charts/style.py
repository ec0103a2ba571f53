"""Style of charts: colours by the name that a theme gives them, dashes, axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from brownout_results.report.themes import colour
from brownout_terms.outcomes import STYLES
from brownout_terms.styles import Style

from .downsampling import Floats

DASHES = ("dash", "solid", "dot", "dashdot", "longdash", "solid", "dot", "dashdot", "longdash", "dash")
"""The baseline's first; the run's number also chooses its colour, `run-0` to `run-9`."""

ORIGIN_MS = 31_536_000_000.0
"""1971, in ms since 1970: Plotly takes 1,000 to 9,999 ms for years, and "day 1" is this year's first day."""

LATENCY_TICKS_MS = [unit * 10.0**power for power in range(-3, 8) for unit in (1, 2, 5)]


@dataclass(frozen=True)
class RunStyle:
    """How a run is drawn."""

    number: int
    is_alone: bool = False

    @property
    def colour(self) -> str:
        """The colour of its lines."""
        return colour("line" if self.is_alone else f"run-{self.number % len(DASHES)}")

    @property
    def dash(self) -> str:
        """The dash of its lines, in Plotly's notation."""
        return "solid" if self.is_alone else DASHES[self.number % len(DASHES)]


def outcome_style(name: str) -> Style:
    """Return how an outcome is drawn; an unknown one like `tunnel`."""
    return next((style for outcome, style in STYLES.items() if outcome == name), STYLES["tunnel"])


def plain(text: str) -> str:
    """A text for Plotly's labels, which read a little HTML: it is shown as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def axis_title(text: str) -> dict[str, Any]:
    """Return the title of an axis: what it shows, and its unit."""
    return {"text": text, "standoff": 6}


def numbers(values: Floats) -> NDArray[np.float32]:
    """Return numbers to draw: seven digits take half the room that sixteen take; NaN is a gap."""
    return values.astype(np.float32)


def date(seconds: float) -> float:
    """Return seconds since the start as a date of Plotly's, whose axis of time is one of dates."""
    return ORIGIN_MS + round(seconds * 1000.0)


def dates(seconds: Floats) -> Floats:
    """Return seconds since the start as dates of Plotly's."""
    dates: Floats = ORIGIN_MS + np.round(seconds * 1000.0)
    return dates


def spans_decade(values: Sequence[Floats]) -> bool:
    """Whether there is more than a decade between the smallest and the largest value."""
    known = np.concatenate([*values, np.empty(0)])
    known = known[known > 0]
    return bool(len(known)) and bool(known.max() > 10 * known.min())


def latency_axis(values: Sequence[Floats]) -> dict[str, Any]:
    """An axis of latencies: logarithmic with sensible ticks if they span more than a decade."""
    if not spans_decade(values):
        return {"rangemode": "tozero", "nticks": 5}
    known = np.concatenate(list(values))
    known = known[known > 0]
    low, high = float(known.min()), float(known.max())
    ticks = [tick for tick in LATENCY_TICKS_MS if low / 1.5 <= tick <= high * 1.5]
    return {
        "type": "log",
        "range": [float(np.log10(low / 1.15)), float(np.log10(high * 1.3))],
        "tickvals": ticks if len(ticks) <= 7 else [tick for tick in ticks if f"{tick:e}".startswith("1")],
        "tickformat": ",~g",
    }
