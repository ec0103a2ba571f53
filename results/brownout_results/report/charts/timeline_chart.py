"""The timeline: every run's rates, latencies, outcomes, amplification and breakers, on one axis of time.

What concerns all runs is drawn once, a line a run; what concerns one run, its outcomes and breakers, has rows
of its own. Faults are bands: of all runs in the rows that they share, of one run in its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from brownout_results.report.document import Chart
from brownout_results.report.themes import colour, template
from brownout_terms.numbers import amount, clock
from brownout_terms.texts import listed, short

from .alignment import shifted, shifts
from .data import ChartData
from .event_marks import LABEL_LINE, Marks, recovered
from .harness_row import harness
from .mean_charts import means, sizes
from .outcome_rows import lanes, outcomes
from .rate_rows import amplification, latencies, rates, users
from .style import RunStyle, plain
from .time_axis import FAULTS, REQUESTS, time_axis
from .timeline_row import ShownRuns, TimelineRow, buckets

GAP = 40
LEGEND = 26
TITLE = 24
BOTTOM = 48


def timeline(tracks: Sequence[ChartData]) -> Chart | None:
    """The chart; None if no run has a second."""
    timed = [(number, track) for number, track in enumerate(tracks) if len(track.seconds)]
    if not timed:
        return None
    moved = shifts([track for _, track in timed])
    shown = [
        (RunStyle(number, len(tracks) == 1), shifted(track, by))
        for (number, track), by in zip(timed, moved, strict=True)
    ]
    rows = _rows(shown)
    end = max(float(track.seconds[-1]) for _, track in shown) + 1
    marks = Marks([track for _, track in shown], end)
    labels = marks.labels()
    space = LEGEND + TITLE + LABEL_LINE * len({label["yshift"] for label in labels})
    figure = _figure(rows, space)
    places = [tuple(axis.domain) for axis in figure.select_yaxes()]
    titles = [_title(row.title, place[1]) for row, place in zip(rows, places, strict=True)]
    shapes = [one for row, place in zip(rows, places, strict=True) for one in marks.shapes(row.tracks, place)]
    figure.update_layout(
        xaxis=time_axis(end, FAULTS if any(moved) else REQUESTS) | {"anchor": f"y{_number(len(rows) - 1)}"},
        shapes=shapes,
        annotations=titles + labels + recovered(shown, places[0]),
    )
    return Chart(
        key="timeline",
        is_first=True,
        data=("seconds", "value"),
        title="Timeline",
        summary=_summary([track for _, track in shown], rows, end),
        note=_aligned(shown, moved) + _note(shown),
        views={"": figure},
    )


def _rows(shown: ShownRuns) -> list[TimelineRow]:
    """What there is to show, from the top."""
    rows = [row for make in (rates, latencies, means, sizes, users, amplification) if (row := make(shown))]
    rows += [row for run_style, track in shown if (row := outcomes(track, run_style))]
    rows += [row for _, track in shown if (row := lanes(track))]
    return rows + [row for _, track in shown if (row := harness(track))]


def _inner(rows: Sequence[TimelineRow]) -> float:
    """How high all rows are together."""
    return sum(row.height for row in rows) + GAP * (len(rows) - 1)


def _number(row: int) -> str:
    """Return the number of a row in Plotly's axis names; the first has none."""
    return f"{row + 1}" if row else ""


def _figure(rows: Sequence[TimelineRow], space: float) -> go.Figure:
    """Return the rows, one below the other, with `space` pixels above them, on one axis of time."""
    inner = _inner(rows)
    figure = make_subplots(
        rows=len(rows),
        cols=1,
        row_heights=[row.height for row in rows],
        vertical_spacing=GAP / inner if len(rows) > 1 else 0,
        figure=go.Figure(layout={"template": template()}),
    )
    traces = [trace.update(yaxis=f"y{_number(at)}") for at, row in enumerate(rows) for trace in row.traces]
    _name_once(traces)
    figure.add_traces(traces)
    # One axis for all rows, not one each that match: only then does one hover label tell of all rows.
    figure.update_layout({f"xaxis{number}": None for number in range(2, len(rows) + 1)})
    figure.update_yaxes(anchor="x", fixedrange=True, rangemode="tozero", nticks=4)
    for at, row in enumerate(rows):
        figure.update_layout({f"yaxis{_number(at)}": row.axis})
    return figure.update_layout(
        height=space + inner + BOTTOM,
        margin={"l": 62, "r": 12, "t": space, "b": BOTTOM},
        hovermode="x unified",
        hoversubplots="axis",
        legend={"y": 1, "yanchor": "top", "yref": "container"},
    )


def _name_once(traces: Sequence[go.Scatter]) -> None:
    """An outcome that several runs had is in the legend once."""
    named: set[str] = set()
    for trace in traces:
        if (group := trace.legendgroup) is not None:
            trace.showlegend = group not in named
            named.add(group)


def _title(text: str, y: float) -> dict[str, Any]:
    return {
        "text": plain(text),
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": y,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": 3,
        "font": {"weight": 600, "color": colour("quiet")},
    }


def _aligned(shown: ShownRuns, moved: Sequence[float]) -> str:
    """Say which runs were moved to the right, and by how much."""
    told = [
        f"{short(track.name)} by {amount(by, 's')}" for (_, track), by in zip(shown, moved, strict=True) if by
    ]
    return f"Aligned at the start of the first fault: {listed(told, 6)} to the right. " if told else ""


def _note(shown: ShownRuns) -> str:
    longest = max(len(track.seconds) for _, track in shown)
    across = buckets(len(shown))
    seconds = np.concatenate([np.diff(track.seconds) for _, track in shown])
    step = float(np.median(seconds)) if len(seconds) else 1.0
    if longest <= 2 * across:
        often = "One point per second" if step < 1.5 else f"One point every {step:.0f} s"
        return f"{often}. Drag to zoom; double-click to see everything."
    return (
        f"{longest:,} points; for every {-(-longest // across) * step:.0f} s the highest and the lowest "
        f"are drawn, so no spike is lost. Drag to zoom; double-click to see everything."
    )


def _summary(tracks: Sequence[ChartData], rows: Sequence[TimelineRow], end: float) -> str:
    names = " and ".join(short(track.name) for track in tracks[:3])
    faults = sum(len(track.bands) for track in tracks)
    kills = sum(one.kind == "kill" for track in tracks for one in track.moments)
    return (
        f"{names} over {clock(end)} from the first request: {'; '.join(row.title for row in rows)}. "
        f"{faults} periods with faults, {kills} kills."
    )
