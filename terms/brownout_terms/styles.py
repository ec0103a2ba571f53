"""Colours and signs: what each word looks like, on the page, in the report and in the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Colour = Literal["ok", "fallback", "error", "unknown", "mark"]

COLOURS: dict[Colour, str] = {
    "ok": "#009E73",
    "fallback": "#E69F00",
    "error": "#D55E00",
    "unknown": "#8C8C8C",
    "mark": "#CC79A7",
}
"""Distinct for colour-blind readers (Okabe and Ito), on light and dark ground alike."""

BASELINE, COMPARED = "#56B4E9", "#0072B2"
"""The two runs of a comparison: the first is drawn dashed, the second solid."""


@dataclass(frozen=True)
class Style:
    """How a word is shown. The sign says the same as the colour, which is never alone."""

    sign: str
    colour: Colour
    pattern: str = ""
    """Pattern of a filled area in a chart, in Plotly's notation; empty: none."""

    @property
    def hex(self) -> str:
        """The colour as #RRGGBB."""
        return COLOURS[self.colour]
