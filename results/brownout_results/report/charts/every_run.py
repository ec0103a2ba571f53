"""Small multiples: a small timeline of each of many runs, on the same axes, beside the baseline's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from brownout_results.report.document import Chart
from brownout_results.report.themes import colour, template
from brownout_terms.texts import short

from .alignment import shifted, shifts
from .data import ChartData
from .downsampling import Floats, kept
from .style import dates, latency_axis, numbers, plain
from .time_axis import FAULTS, REQUESTS, time_axis
from .timeline_row import line

ROW = 44
GAP = 28
TOP, BOTTOM = 44, 48

POINTS = 150
"""Buckets of a run's line, of which each is up to two points."""


def _failures(track: ChartData) -> Floats | None:
    bad = [values for name, values in track.outcomes.items() if name != "ok"]
    return np.sum(bad, axis=0) if bad else None


PARTS: Mapping[str, tuple[str, Callable[[ChartData], Floats | None]]] = {
    "goodput": ("/s", lambda track: track.rates.get("goodput")),
    "requests that did not succeed": ("/s", _failures),
    "p95": (" ms", lambda track: track.latencies_ms.get("p95")),
    "mean latency": (" ms", lambda track: track.mean_ms),
    "users": ("", lambda track: track.users),
}
"""What can be drawn, with its unit; what no run has is left out."""


def every_run(tracks: Sequence[ChartData]) -> Chart | None:
    """The chart; None if no run has a second."""
    timed = [track for track in tracks if len(track.seconds)]
    if not timed:
        return None
    moved = shifts(timed)
    shown = [shifted(track, by) for track, by in zip(timed, moved, strict=True)]
    end = max(float(track.seconds[-1]) for track in shown) + 1
    axis = time_axis(end, FAULTS if any(moved) else REQUESTS)
    views = {name: _figure(shown, name, axis) for name in PARTS if _known(shown, name)}
    if not views:
        return None
    first = short(shown[0].name)
    return Chart(
        key="every-run",
        title="Every run",
        is_first=True,
        data=("seconds", "value"),
        summary=f"{', '.join(views)} of each of {len(shown)} runs over time.",
        note=f"A row for each run, all on the same axes; {first}, the baseline, is drawn in each, dashed.",
        views=views,
    )


def _known(tracks: Sequence[ChartData], name: str) -> list[Floats]:
    found = (PARTS[name][1](track) for track in tracks)
    return [values for values in found if values is not None and np.isfinite(values).any()]


def _figure(tracks: Sequence[ChartData], name: str, axis: Mapping[str, object]) -> go.Figure:
    unit, choose = PARTS[name]
    rows = len(tracks)
    inner = rows * ROW + (rows - 1) * GAP
    figure = make_subplots(
        rows=rows,
        cols=1,
        vertical_spacing=GAP / inner if rows > 1 else 0,
        figure=go.Figure(layout={"template": template()}),
    )
    known = _known(tracks, name)
    usual = choose(tracks[0])
    traces = []
    for number, track in enumerate(tracks, start=1):
        place = f"y{number if number > 1 else ''}"
        if usual is not None and number > 1:
            traces.append(_line(tracks[0], usual, unit, is_baseline=True).update(yaxis=place, xaxis="x"))
        if (values := choose(track)) is not None:
            mine = _line(track, values, unit, is_baseline=number == 1)
            traces.append(mine.update(yaxis=place, xaxis="x"))
    figure.add_traces(traces)
    is_latency = unit == " ms"
    high = float(np.nanmax(np.concatenate(known)))
    scale = latency_axis(known) if is_latency else {"range": [0, high * 1.05 or 1.0]}
    figure.update_layout({f"xaxis{number}": None for number in range(2, rows + 1)})
    figure.update_yaxes(anchor="x", fixedrange=True, **{**scale, "nticks": 3})
    places = [tuple(one.domain) for one in figure.select_yaxes()]
    return figure.update_layout(
        height=TOP + inner + BOTTOM,
        margin={"l": 62, "r": 12, "t": TOP, "b": BOTTOM},
        hovermode="x",
        showlegend=False,
        xaxis=dict(axis) | {"anchor": f"y{rows if rows > 1 else ''}"},
        annotations=[_name(track.name, place[1]) for track, place in zip(tracks, places, strict=True)],
    )


def _line(track: ChartData, values: Floats, unit: str, *, is_baseline: bool) -> go.Scatter:
    at = kept([values], POINTS)
    look = colour("run-0") if is_baseline else colour("line")
    dash = "dash" if is_baseline else "solid"
    x, y = dates(track.seconds[at]), numbers(values[at])
    return line(x, y, track.name, look, width=1.2 if is_baseline else 1.6, dash=dash, unit=unit)


def _name(text: str, y: float) -> dict[str, object]:
    return {
        "text": plain(short(text)),
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": y,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": 2,
        "showarrow": False,
        "font": {"weight": 600, "color": colour("quiet")},
    }
