"""Style of charts: colours by the name that the page's style gives them, dashes, axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from brownout_terms.outcomes import STYLES
from brownout_terms.styles import Colour, Style

from .downsampling import Floats

DASHES = ("dash", "solid", "dot", "dashdot", "longdash", "solid", "dot", "dashdot", "longdash", "dash")
"""The baseline's first; the run's number also chooses its colour, `--run-0` to `--run-9`."""

FONT = {"family": "system-ui, sans-serif", "size": 12, "color": "--text"}
CLEAR = "rgba(0,0,0,0)"
LATENCY_TICKS_MS = [unit * 10.0**power for power in range(-3, 8) for unit in (1, 2, 5)]


@dataclass(frozen=True)
class RunStyle:
    """How a run is drawn."""

    number: int
    is_alone: bool = False

    @property
    def colour(self) -> str:
        """Name of the colour or dash of its lines."""
        return "--line" if self.is_alone else f"--run-{self.number}"

    @property
    def dash(self) -> str:
        """Name of the colour or dash of its lines."""
        return "solid" if self.is_alone else DASHES[self.number % len(DASHES)]


def colour_name(colour: Colour) -> str:
    """Return the name that the page's style gives a colour."""
    return f"--{colour}"


def outcome_style(name: str) -> Style:
    """Return how an outcome is drawn; an unknown one like `tunnel`."""
    return next((style for outcome, style in STYLES.items() if outcome == name), STYLES["tunnel"])


def plain(text: str) -> str:
    """A text for Plotly's labels, which read a little HTML: it is shown as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def axis_title(text: str) -> dict[str, Any]:
    """Return the title of an axis: what it shows, and its unit."""
    return {"text": text, "font": {"size": 11, "color": "--quiet"}, "standoff": 6}


def numbers(values: Floats, digits: int = 4) -> list[float | None]:
    """Return numbers for JSON: rounded to significant digits, None if not known."""
    return [None if np.isnan(value) else float(f"{value:.{digits}g}") for value in values]


def spans_decade(values: Sequence[Floats]) -> bool:
    """Whether there is more than a decade between the smallest and the largest value."""
    known = np.concatenate([*values, np.empty(0)])
    known = known[known > 0]
    return bool(len(known)) and bool(known.max() > 10 * known.min())


def latency_axis(values: Sequence[Floats]) -> dict[str, Any]:
    """An axis of latencies: logarithmic with sensible ticks if they span more than a decade."""
    axis: dict[str, Any] = {
        "gridcolor": "--rule",
        "zeroline": False,
        "tickfont": {"size": 11, "color": "--quiet"},
    }
    if not spans_decade(values):
        return axis | {"rangemode": "tozero", "nticks": 5}
    known = np.concatenate(list(values))
    known = known[known > 0]
    low, high = float(known.min()), float(known.max())
    ticks = [tick for tick in LATENCY_TICKS_MS if low / 1.5 <= tick <= high * 1.5]
    return axis | {
        "type": "log",
        "range": [float(np.log10(low / 1.15)), float(np.log10(high * 1.3))],
        "tickvals": ticks if len(ticks) <= 7 else [tick for tick in ticks if f"{tick:e}".startswith("1")],
        "tickformat": ",~g",
    }
