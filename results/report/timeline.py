"""The timeline: every run's rates, latencies, outcomes, amplification and breakers, on one axis of time.

What concerns all runs is drawn once, a line a run; what concerns one run, its outcomes and breakers, has rows
of its own. Faults are bands: of all runs in the rows that they share, of one run in its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .document import Chart
from .look import CLEAR, FONT, RunLook, axis_title, plain
from .marks import Marks, recovered
from .own_rows import lanes, outcomes
from .rows import Row, Shown, buckets
from .shared_rows import amplification, latencies, rates
from .track import Track
from .words import clock, short

GAP = 40
LEGEND = 26
LABELS = 66
"""Above the first row, if anything is labelled there: faults, kills and marks, a line each, and its title."""

TITLE = 24
BOTTOM = 48
HOUR_S = 3600
DAY_S = 86_400


def timeline(tracks: Sequence[Track]) -> Chart | None:
    """The chart; None if no run has a second."""
    shown = [
        (RunLook(number, len(tracks) == 1), track)
        for number, track in enumerate(tracks)
        if len(track.seconds)
    ]
    if not shown:
        return None
    rows = [row for make in (rates, latencies, amplification) if (row := make(shown))]
    rows += [row for look, track in shown if (row := outcomes(track, look))]
    rows += [row for _, track in shown if (row := lanes(track))]
    end = max(float(track.seconds[-1]) for _, track in shown) + 1
    marks = Marks([track for _, track in shown], end)
    labels = marks.labels()
    space = LEGEND + (LABELS if labels else TITLE)
    height = space + BOTTOM + GAP * (len(rows) - 1) + sum(row.height for row in rows)
    layout: dict[str, Any] = {
        "height": height,
        "margin": {"l": 62, "r": 12, "t": space, "b": BOTTOM},
        "font": FONT,
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "hovermode": "x unified",
        "hoversubplots": "axis",
        "hoverlabel": {"bgcolor": "--card", "bordercolor": "--rule", "font": {"color": "--text", "size": 11}},
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1,
            "yanchor": "top",
            "yref": "container",
            "bgcolor": CLEAR,
        },
        "xaxis": {
            "type": "date",
            "range": [0, end],
            "anchor": f"y{len(rows)}" if len(rows) > 1 else "y",
            "tickformat": _clock_format(end),
            "hoverformat": _clock_format(end),
            "gridcolor": "--rule",
            "zeroline": False,
            "nticks": 9,
            "tickfont": {"size": 11, "color": "--quiet"},
            "title": axis_title(f"time since the first request, {_clock_unit(end)}"),
        },
    }
    traces, titles, shapes = [], [], []
    inner = height - space - BOTTOM
    top = inner
    for number, row in enumerate(rows, start=1):
        axis = "y" if number == 1 else f"y{number}"
        domain = [max((top - row.height) / inner, 0.0), top / inner]
        layout[f"yaxis{number if number > 1 else ''}"] = {
            "domain": domain,
            "anchor": "x",
            "fixedrange": True,
            "rangemode": "tozero",
            "gridcolor": "--rule",
            "zeroline": False,
            "nticks": 4,
            "tickfont": {"size": 11, "color": "--quiet"},
            **row.axis,
        }
        traces += [{**trace, "yaxis": axis} for trace in row.traces]
        titles.append(_title(row.title, domain[1]))
        shapes += marks.shapes(row.tracks, domain)
        top -= row.height + GAP
    _name_once(traces)
    layout |= {"shapes": shapes, "annotations": titles + labels + recovered(shown, layout["yaxis"]["domain"])}
    return Chart(
        key="timeline",
        data=("seconds", "value"),
        title="Timeline",
        summary=_summary([track for _, track in shown], rows, end),
        note=_note(shown),
        layout=layout,
        views={"": traces},
    )


def _name_once(traces: list[dict[str, Any]]) -> None:
    """An outcome that several runs had is in the legend once."""
    named: set[str] = set()
    for trace in traces:
        if (group := trace.get("legendgroup")) is not None:
            trace["showlegend"] = group not in named
            named.add(group)


def _clock_format(end: float) -> str:
    if end > DAY_S:
        return "day %-j %H:%M:%S"
    return "%-H:%M:%S" if end >= HOUR_S else "%M:%S"


def _clock_unit(end: float) -> str:
    if end > DAY_S:
        return "days and h:min:s"
    return "h:min:s" if end >= HOUR_S else "min:s"


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
        "showarrow": False,
        "font": {"size": 11, "weight": 600, "color": "--quiet"},
    }


def _note(shown: Shown) -> str:
    longest = max(len(track.seconds) for _, track in shown)
    across = buckets(len(shown))
    seconds = np.concatenate([np.diff(track.seconds) for _, track in shown])
    step = float(np.median(seconds)) if len(seconds) else 1.0
    if longest <= 2 * across:
        often = "A point a second" if step < 1.5 else f"A point each {step:.0f} s"
        return f"{often}. Drag over a stretch of time to zoom; double-click to see all."
    return (
        f"{longest:,} points; of each {-(-longest // across) * step:.0f} s the highest and the lowest are "
        "drawn, so every spike is there. Drag over a stretch of time to zoom; double-click to see all."
    )


def _summary(tracks: Sequence[Track], rows: Sequence[Row], end: float) -> str:
    names = " and ".join(short(track.name) for track in tracks[:3])
    faults = sum(len(track.bands) for track in tracks)
    kills = sum(one.kind == "kill" for track in tracks for one in track.moments)
    return (
        f"{names} over {clock(end)} from the first request: {'; '.join(row.title for row in rows)}. "
        f"{faults} stretches with faults, {kills} kills."
    )
