"""The timeline's row of brownout itself: when which part of it stood still."""

from __future__ import annotations

import plotly.graph_objects as go

from brownout_results.report.themes import colour
from brownout_terms.texts import brief, short

from .data import ChartData
from .style import date, plain
from .timeline_row import TimelineRow

LANE = 20
MOST_LANES = 8
WIDTH = 13


def harness(track: ChartData) -> TimelineRow | None:
    """A lane for each part that stalled; None if none did."""
    names = list(dict.fromkeys(one.process for one in track.stalls))[:MOST_LANES]
    if not names:
        return None
    x: list[float | None] = []
    y: list[str | None] = []
    for one in track.stalls:
        if one.process in names:
            x += [date(one.start), date(one.end), None]
            y += [plain(one.process), plain(one.process), None]
    trace = go.Scatter(
        mode="lines",
        name="stalled",
        x=x,
        y=y,
        line={"color": colour("quiet"), "width": WIDTH},
        hoverinfo="skip",
        showlegend=False,
    )
    shown = [plain(name) for name in names]
    axis = {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": shown[::-1],
        "showgrid": False,
        "range": [-0.6, len(names) - 0.4],
        "tickvals": shown,
        "ticktext": [plain(name) for name in brief(names)],
        "nticks": 0,
        "automargin": "left",  # a part's name is longer than a figure
    }
    title = f"harness of {short(track.name)} (thick: it stood still, or had too little time)"
    return TimelineRow(title, LANE * len(names), [trace], axis, [track])
