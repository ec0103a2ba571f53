"""Rows of the timeline that belong to one run: its outcomes and its breakers."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from brownout_results.report.themes import colour
from brownout_terms import breakers
from brownout_terms.breakers import BreakerState
from brownout_terms.outcomes import STYLES
from brownout_terms.texts import short

from .data import ChartData
from .downsampling import kept
from .style import RunStyle, date, dates, numbers, outcome_style, plain
from .timeline_row import FEWEST, TimelineRow, line

LANE = 20
MOST_LANES = 24
WIDTHS: dict[BreakerState, int] = {"closed": 3, "half-open": 8, "open": 13, "unknown": 1}
"""Width of the line of each breaker state: it tells the states apart as the colour does."""


def outcomes(track: ChartData, run_style: RunStyle) -> TimelineRow | None:
    known = {name: values for name, values in track.outcomes.items() if np.nansum(values) > 0}
    ordered = {name: known[name] for name in [*STYLES, *sorted(set(known) - set(STYLES))] if name in known}
    if not ordered:
        return None
    at = kept(list(ordered.values()), FEWEST)
    x = dates(track.seconds[at])
    traces = []
    for name, values in ordered.items():
        style = outcome_style(name)
        drawn, filled = colour(style.colour), colour(f"{style.colour}-fill")
        more: dict[str, Any] = {"fillcolor": filled}
        if style.pattern:
            more["fillpattern"] = {
                "shape": style.pattern,
                "size": 6,
                "solidity": 0.2,
                "fgcolor": drawn,
                "bgcolor": filled,
            }
        label = name if run_style.is_alone else f"{short(track.name)} {name}"
        trace = line(
            x,
            numbers(np.nan_to_num(values[at])),
            label,
            drawn,
            unit="/s",
            width=0.5,
            line={"shape": "hv"},
            stackgroup=f"outcomes-{run_style.number}",
            legendgroup=name,
            showlegend=True,
            **more,
        )
        traces.append(trace.update(name=plain(name)))
    of = "" if run_style.is_alone else f" of {short(track.name)}"
    return TimelineRow(f"outcomes{of}, requests per second", 84, traces, tracks=[track])


def lanes(track: ChartData) -> TimelineRow | None:
    names = list(track.lanes)[:MOST_LANES]
    if not names:
        return None
    traces = []
    for state, width in WIDTHS.items():
        x: list[float | None] = []
        y: list[str | None] = []
        for name in names:
            for one in track.lanes[name]:
                if one.state == state:
                    x += [date(one.start), date(one.end), None]
                    y += [plain(name), plain(name), None]
        if x:
            drawn = colour(breakers.STYLES[state].colour)
            traces.append(
                go.Scatter(
                    mode="lines",
                    name=f"breaker {state}",
                    x=x,
                    y=y,
                    line={"color": drawn, "width": width, "dash": "dot" if state == "unknown" else "solid"},
                    hoverinfo="skip",
                    showlegend=False,
                )
            )
    if not traces:
        return None
    more = f", {len(track.lanes) - MOST_LANES} more not shown" if len(track.lanes) > MOST_LANES else ""
    shown = [plain(name) for name in names]
    axis = {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": shown[::-1],
        "showgrid": False,
        "range": [-0.6, len(names) - 0.4],
        "tickvals": shown,
        "ticktext": shown,
        "nticks": 0,
    }
    uncertain_s = max((one.uncertain_s for name in names for one in track.lanes[name]), default=0.0)
    more += f"; changes seen by polling, ± {uncertain_s:.1f} s" if uncertain_s else ""
    title = f"breakers of {short(track.name)} (thick: open, half: half-open, thin: closed{more})"
    return TimelineRow(title, LANE * max(len(names), 1), traces, axis, [track])
