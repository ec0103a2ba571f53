"""Mean latency over time: a row of the timeline with the bounds of p95, and a chart by endpoint."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from brownout_results.report.document import Chart
from brownout_results.report.themes import colour, template
from brownout_terms.texts import short

from .alignment import aligned
from .data import ALL, ChartData
from .event_marks import Marks
from .style import RunStyle, axis_title, date, latency_axis, numbers, plain
from .time_axis import time_axis
from .timeline_row import ShownRuns, TimelineRow, line, lines

HEIGHT = 300
MOST_BANDS = 3
"""Runs whose bands are drawn; more of them hide each other."""


def means(shown: ShownRuns) -> TimelineRow | None:
    """Return a line per run, and the band in which p95 lies; None if no run has means."""
    alone = len(shown) == 1
    is_banded = len(shown) <= MOST_BANDS
    bands = [_band(track, run_style, alone) for run_style, track in shown if track.bounds_ms and is_banded]
    traces, values = [*bands], []
    for run_style, track, _, x, y in lines(
        shown, lambda track: {ALL: track.means_ms[ALL]} if ALL in track.means_ms else {}
    ):
        label = "mean" if alone else f"{short(track.name)} mean"
        trace = line(x, y, label, run_style.colour, unit=" ms", dash=run_style.dash)
        traces.append(trace.update(showlegend=alone))
        values.append(y)
    if not values:
        return None
    values += [np.array([one.low_ms, one.high_ms]) for _, track in shown for one in track.bounds_ms]
    banded = " (band: where p95 lies)" if bands else ""
    title = f"mean latency, failures included, ms{banded}"
    return TimelineRow(title, 150, traces, latency_axis(values), [track for _, track in shown])


def sizes(shown: ShownRuns) -> TimelineRow | None:
    """Return a line of the mean content size per run: answers that became errors have another."""
    traces = []
    for run_style, track, _, x, y in lines(
        shown, lambda track: {} if track.sizes is None else {"size": track.sizes}
    ):
        label = "size" if len(shown) == 1 else f"{short(track.name)} size"
        traces.append(line(x, y, label, run_style.colour, unit=" bytes", dash=run_style.dash, width=1.5))
    title = "mean content size, bytes"
    return TimelineRow(title, 56, traces, {"nticks": 3}, [track for _, track in shown]) if traces else None


def _band(track: ChartData, run_style: RunStyle, alone: bool) -> go.Scatter:
    """Return a rectangle for each stretch: nothing is drawn where nothing is known."""
    x: list[float] = []
    y: list[float] = []
    for one in track.bounds_ms:
        x += [date(at) for at in (one.start, one.end, one.end, one.start, one.start, one.start)]
        y += [one.high_ms, one.high_ms, one.low_ms, one.low_ms, one.high_ms, math.nan]
    name = "p95 lies in" if alone else f"{short(track.name)} p95 lies in"
    return go.Scatter(
        x=np.array(x),
        y=numbers(np.array(y)),
        mode="lines",
        fill="toself",
        name=plain(name),
        meta=name,
        line={"width": 0},
        fillcolor=colour("line-fill" if alone else f"run-{run_style.number % 10}-fill"),
        opacity=0.5,
        hoverinfo="skip",
        showlegend=alone,
    )


def endpoint_means(tracks: Sequence[ChartData]) -> Chart | None:
    """Return the chart of mean latency by endpoint; None if no history has rows of endpoints."""
    tracks = aligned(tracks)
    parts = list(dict.fromkeys(part for track in tracks for part in track.means_ms if _is_drawn(track, part)))
    if not parts:
        return None
    end = max(float(track.seconds[-1]) for track in tracks if len(track.seconds)) + 1
    return Chart(
        key="endpoint-means",
        data=("seconds", "mean_ms"),
        title="Mean latency by endpoint",
        summary=f"Mean latency over time of {len(parts)} endpoints; first of {parts[0]}.",
        note="The mean of the requests that ended in each second, failures included.",
        views={part: _view(tracks, part, end) for part in parts},
    )


def _is_drawn(track: ChartData, part: str) -> bool:
    return part != ALL and bool(np.isfinite(track.means_ms[part]).any())


def _view(tracks: Sequence[ChartData], part: str, end: float) -> go.Figure:
    traces, values = [], []
    alone = len(tracks) == 1
    shown = [(RunStyle(number, alone), track) for number, track in enumerate(tracks) if len(track.seconds)]
    for run_style, track, _, x, y in lines(
        shown, lambda track: {part: track.means_ms[part]} if part in track.means_ms else {}
    ):
        trace = line(x, numbers(y), short(track.name), run_style.colour, unit=" ms", dash=run_style.dash)
        traces.append(trace.update(showlegend=not alone))
        values.append(y)
    marks = Marks([track for _, track in shown], end)
    return go.Figure(
        traces,
        go.Layout(
            template=template(),
            height=HEIGHT,
            margin={"l": 62, "r": 16, "t": 34, "b": 48},
            hovermode="x unified",
            legend={"y": 1.0, "yanchor": "bottom"},
            xaxis=time_axis(end),
            yaxis=latency_axis(values) | {"title": axis_title("mean latency, ms")},
            shapes=marks.shapes([track for _, track in shown], (0.0, 1.0)),
        ),
    )
