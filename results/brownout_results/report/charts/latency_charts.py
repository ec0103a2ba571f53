"""Latencies of runs and of their parts: by percentile, on an axis of nines, and how many were how fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from brownout_results.report.document import Chart
from brownout_results.report.themes import template
from brownout_terms.numbers import amount
from brownout_terms.texts import short

from .data import ChartData, Distribution
from .downsampling import Floats
from .style import RunStyle, axis_title, latency_axis, numbers, plain

HEIGHT = 340
TICKS = (0, 50, 75, 90, 95, 99, 99.9, 99.99, 99.999)
MOST_PARTS = 24
"""Parts that can be chosen: all of the run, its phases, its first endpoints."""


def latency_charts(tracks: Sequence[ChartData]) -> list[Chart]:
    """Both charts; none of them if no run has a distribution."""
    parts = list(dict.fromkeys(part for track in tracks for part in track.distributions))[:MOST_PARTS]
    if not parts:
        return []
    is_coarse = any(one.is_coarse for track in tracks for one in track.distributions.values())
    note = (
        "Dots are the percentiles that the source reports; nothing is known between them. "
        if is_coarse
        else ""
    )
    values = [one.latencies_ms for track in tracks for one in track.distributions.values()]
    latency = latency_axis(values) | {"title": axis_title("latency, ms")}
    shares = {"range": [0, 101], "title": axis_title("requests within this latency, %")}
    return [
        Chart(
            key="percentiles",
            title="Latency by percentile",
            summary=_summary("By percentile", tracks, parts[0]),
            note=f"{note}Rarer requests are further right; a lower line is faster.",
            views=_views(tracks, parts, _nines(tracks), latency, by_percentile=True),
        ),
        Chart(
            key="ecdf",
            data=("latency_ms", "requests_as_fast_percent"),
            title="Share of the requests by latency",
            summary=_summary("As a share of the requests", tracks, parts[0]),
            note=f"{note}A line further left is faster.",
            views=_views(tracks, parts, latency, shares, by_percentile=False),
        ),
    ]


def _views(
    tracks: Sequence[ChartData],
    parts: Sequence[str],
    x_axis: dict[str, Any],
    y_axis: dict[str, Any],
    *,
    by_percentile: bool,
) -> dict[str, go.Figure]:
    layout = go.Layout(
        template=template(),
        height=HEIGHT,
        margin={"l": 62, "r": 16, "t": 34, "b": 44},
        hovermode="closest",
        legend={"y": 1.0, "yanchor": "bottom"},
        xaxis=x_axis,
        yaxis=y_axis,
    )
    return {part: go.Figure(_traces(tracks, part, by_percentile=by_percentile), layout) for part in parts}


def _traces(tracks: Sequence[ChartData], part: str, *, by_percentile: bool) -> list[go.Scatter]:
    traces = []
    for number, track in enumerate(tracks):
        found = track.distributions.get(part)
        if found is None:
            continue
        run_style = RunStyle(number, len(tracks) == 1)
        latencies, percents = numbers(found.latencies_ms), found.percents
        x, y = (numbers(_place(found)), latencies) if by_percentile else (latencies, percents)
        name = plain(short(track.name))
        traces.append(
            go.Scatter(
                mode="lines+markers" if found.is_coarse else "lines",
                name=name,
                x=x,
                y=y,
                text=[f"{percent:g} % within {amount(ms, 'ms')}" for percent, ms in _pairs(found)],
                line={"color": run_style.colour, "dash": run_style.dash, "width": 2.2},
                marker={"size": 6},
                showlegend=True,
                hovertemplate=f"{name}: %{{text}}<extra></extra>",
            )
        )
    return traces


def _pairs(found: Distribution) -> list[tuple[float, float]]:
    return list(zip(found.percents.tolist(), found.latencies_ms.tolist(), strict=True))


def _place(found: Distribution) -> Floats:
    """Where percentiles are on the axis of nines: 90 at 1, 99 at 2, 99.9 at 3, 100 at the end."""
    rest = np.maximum(100 - found.percents, 10 ** (-_last_nine(found) - 0.3 + 2))
    return 2 - np.log10(rest)


def _last_nine(found: Distribution) -> float:
    below = found.percents[found.percents < 100]
    return float(2 - np.log10(100 - below[-1])) if len(below) else 0.0


def _nines(tracks: Sequence[ChartData]) -> dict[str, Any]:
    every = [one for track in tracks for one in track.distributions.values()]
    last = max(map(_last_nine, every))
    ticks = [tick for tick in TICKS if 2 - np.log10(100 - tick) <= last + 0.01]
    return {
        "range": [0, last + 0.35],
        "tickvals": [round(2 - float(np.log10(100 - tick)), 4) for tick in ticks],
        "ticktext": [f"{tick:g}" for tick in ticks],
        "title": axis_title("percentile, % of the requests"),
    }


def _summary(how: str, tracks: Sequence[ChartData], part: str) -> str:
    told = []
    for track in tracks:
        found = track.distributions.get(part)
        if found is not None and len(found.percents):
            p95 = float(np.interp(95, found.percents, found.latencies_ms))
            told.append(f"{short(track.name)}: 95 % within {amount(p95, 'ms')}")
    return f"{how}, {part}. {'; '.join(told)}."
