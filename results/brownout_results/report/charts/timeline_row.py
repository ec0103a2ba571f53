"""A row of the timeline, and the lines that rows are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import plotly.graph_objects as go

from .data import ChartData
from .downsampling import Floats, kept
from .style import RunStyle, dates, numbers, plain

PIXELS = 1200
"""Points across the page that all runs' lines share, so that ten runs take no more than two do."""

FEWEST = 240

ShownRuns = Sequence[tuple[RunStyle, ChartData]]
"""The runs in a chart, and how each is drawn."""


@dataclass
class TimelineRow:
    title: str
    height: float
    traces: list[go.Scatter]
    axis: dict[str, Any] = field(default_factory=dict)
    """Properties of its y axis that the template does not give."""

    tracks: Sequence[ChartData] = ()
    """Whose faults and kills are drawn in the row."""


def buckets(tracks: int) -> int:
    return max(PIXELS // max(tracks, 1), FEWEST)


def lines(
    shown: ShownRuns, choose: Callable[[ChartData], dict[str, Floats]]
) -> Iterable[tuple[RunStyle, ChartData, str, Any, Any]]:
    """Look, run, name, times and values of each line to draw."""
    for run_style, track in shown:
        columns = {name: values for name, values in choose(track).items() if not np.isnan(values).all()}
        at = kept(list(columns.values()), buckets(len(shown)))
        x = dates(track.seconds[at] if columns else np.empty(0))
        for name, values in columns.items():
            yield run_style, track, name, x, numbers(values[at])


def line(x: Any, y: Any, name: str, colour: str, **more: Any) -> go.Scatter:
    """A line of the timeline; `more` are its width, dash and unit, and other properties of a trace."""
    style = {"color": colour, "width": more.pop("width", 1.8), "dash": more.pop("dash", "solid")}
    style |= more.pop("line", {})
    given = {
        "mode": "lines",
        "name": plain(name),
        "meta": name,
        "connectgaps": False,
        "showlegend": False,
        "hovertemplate": f"{plain(name)} %{{y:,.4~g}}{more.pop('unit', '')}<extra></extra>",
    }
    return go.Scatter(x=x, y=y, line=style, **given | more)
