"""The timeline: every run's rates, latencies, outcomes, amplification and breakers, on one axis of time.

What concerns all runs is drawn once, a line a run; what concerns one run, its outcomes and breakers, has rows of
its own. Faults are bands, in the run's own rows always, and in the shared rows where they began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .document import Chart
from .look import CLEAR, FONT, OTHER_OUTCOME, OUTCOMES, RunLook, latency_axis, numbers, plain
from .thin import Floats, kept
from .track import Band, Track
from .words import clock, short

PIXELS = 1200
"""Points across the page that all runs' lines share, so that ten runs don't take five times as much as two."""

FEWEST = 240
GAP = 40
TOP = 64
BOTTOM = 30
LANE = 20
MOST_LANES = 24
LANES = {
    "closed": ("--ok", 3),
    "half-open": ("--fallback", 8),
    "open": ("--error", 13),
    "unknown": ("--unknown", 1),
}
"""Colour and width of a breaker's states: the width tells them apart as well."""

SAME_S = 2.0
"""Faults of two runs that begin and end so near are drawn as one in the rows that runs share."""

MOST_MARKS = 60


@dataclass
class _Row:
    title: str
    height: float
    traces: list[dict[str, Any]]
    axis: dict[str, Any] = field(default_factory=dict)
    tracks: Sequence[Track] = ()
    """Whose faults and kills are drawn in the row."""


def timeline(tracks: Sequence[Track]) -> Chart | None:
    """The chart; None if no run has a second."""
    shown = [
        (RunLook(number, len(tracks) == 1), track)
        for number, track in enumerate(tracks)
        if len(track.seconds)
    ]
    if not shown:
        return None
    rows = [row for make in (_rates, _latencies, _amplification) if (row := make(shown))]
    rows += [row for look, track in shown if (row := _outcomes(track, look))]
    rows += [row for _, track in shown if (row := _lanes(track))]
    end = max(float(track.seconds[-1]) for _, track in shown) + 1
    marks = _Marks([track for _, track in shown], end)
    height = TOP + BOTTOM + GAP * (len(rows) - 1) + sum(row.height for row in rows)
    layout: dict[str, Any] = {
        "height": height,
        "margin": {"l": 62, "r": 12, "t": TOP, "b": BOTTOM},
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
            "yanchor": "bottom",
            "yref": "container",
            "bgcolor": CLEAR,
        },
        "xaxis": {
            "type": "date",
            "range": [0, end * 1000],
            "anchor": f"y{len(rows)}" if len(rows) > 1 else "y",
            "tickformat": "%-H:%M:%S" if end >= 3600 else "%M:%S",
            "hoverformat": "%-H:%M:%S" if end >= 3600 else "%M:%S",
            "gridcolor": "--rule",
            "zeroline": False,
            "nticks": 9,
            "tickfont": {"size": 11, "color": "--quiet"},
        },
    }
    traces, titles, shapes = [], [], []
    inner = height - TOP - BOTTOM
    top = inner
    for number, row in enumerate(rows, start=1):
        axis = "y" if number == 1 else f"y{number}"
        domain = [max((top - row.height) / inner, 0.0), top / inner]
        layout[f"yaxis{number if number > 1 else ''}"] = {
            "domain": domain, "anchor": "x", "fixedrange": True, "rangemode": "tozero", "gridcolor": "--rule",
            "zeroline": False, "nticks": 4, "tickfont": {"size": 11, "color": "--quiet"}, **row.axis,
        }  # fmt: skip
        traces += [{**trace, "yaxis": axis} for trace in row.traces]
        titles.append(_title(row.title, domain[1]))
        shapes += marks.shapes(row.tracks, domain)
        top -= row.height + GAP
    layout |= {"shapes": shapes, "annotations": titles + marks.labels()}
    return Chart(
        key="timeline",
        title="Timeline",
        summary=_summary([track for _, track in shown], rows, end),
        note=_note(shown),
        layout=layout,
        views={"": traces},
    )


Shown = Sequence[tuple[RunLook, Track]]


def _buckets(tracks: int) -> int:
    return max(PIXELS // max(tracks, 1), FEWEST)


def _lines(
    shown: Shown, choose: Callable[[Track], dict[str, Floats]]
) -> Iterable[tuple[RunLook, Track, str, Any, Any]]:
    """Look, run, name, times in ms and values of each line to draw."""
    for look, track in shown:
        columns = {name: values for name, values in choose(track).items() if not np.isnan(values).all()}
        at = kept(list(columns.values()), _buckets(len(shown)))
        x = np.round(track.seconds[at] * 1000).astype(np.int64).tolist() if columns else []
        for name, values in columns.items():
            yield look, track, name, x, numbers(values[at])


def _line(x: Any, y: Any, name: str, colour: str, **more: Any) -> dict[str, Any]:
    style = {"color": colour, "width": more.pop("width", 1.8), "dash": more.pop("dash", "solid")}
    return {
        "type": "scatter", "mode": "lines", "name": plain(name), "x": x, "y": y, "connectgaps": False, "line": style,
        "showlegend": False, "hovertemplate": f"{plain(name)} %{{y:,.4~g}}{more.pop('unit', '')}<extra></extra>", **more,
    }  # fmt: skip


def _rates(shown: Shown) -> _Row | None:
    traces = []
    alone = len(shown) == 1
    names = ("offered", "throughput", "goodput") if alone else ("offered", "goodput")
    for look, track, name, x, y in _lines(
        shown, lambda track: {n: track.rates[n] for n in names if n in track.rates}
    ):
        if name == "offered":
            style: dict[str, Any] = {"colour": "--quiet", "dash": "dot", "width": 1.1}
        elif name == "goodput" and alone:
            style = {"colour": "--ok", "width": 2.2}
        else:
            style = {"colour": look.colour, "dash": look.dash, "width": 2 if name == "goodput" else 1.4}
        label = name if alone else f"{short(track.name)} {name}"
        trace = _line(x, y, label, style.pop("colour"), unit="/s", **style)
        trace["showlegend"] = name != "offered" or alone
        if not alone:
            trace["name"] = plain(short(track.name))
        traces.append(trace)
    if not traces:
        return None
    traces += [trace for look, track in shown if (trace := _recoveries(track, look, alone))]
    title = "requests per second" if alone else "goodput, requests per second (dotted grey: offered)"
    return _Row(title, 150, traces, tracks=[track for _, track in shown])


def _recoveries(track: Track, look: RunLook, alone: bool) -> dict[str, Any] | None:
    goodput = track.rates.get("goodput")
    if goodput is None or not track.recoveries:
        return None
    x, y, texts = [], [], []
    for one in track.recoveries:
        at = one.fault_end + (one.seconds or 0.0)
        second = int(np.clip(np.searchsorted(track.seconds, at), 0, len(track.seconds) - 1))
        x.append(round(at * 1000))
        y.append(numbers(goodput[[second]])[0])
        texts.append("not recovered" if one.seconds is None else f"recovered after {one.seconds:g} s")
    hover = "%{text}" if alone else f"{plain(short(track.name))} %{{text}}"
    return {
        "type": "scatter", "mode": "markers+text", "name": "recovery", "x": x, "y": y, "text": texts, "cliponaxis": False,
        "textposition": "bottom right" if look.number % 2 == 0 else "top right", "showlegend": False,
        "textfont": {"size": 11, "color": "--text"}, "hovertemplate": f"{hover}<extra></extra>",
        "marker": {"symbol": ["x-thin" if one.seconds is None else "diamond" for one in track.recoveries], "size": 10,
                   "color": look.colour, "line": {"width": 1.5, "color": "--text"}},
    }  # fmt: skip


def _latencies(shown: Shown) -> _Row | None:
    alone = len(shown) == 1
    names = ("p50", "p95", "p99") if alone else ("p50", "p95")
    styles = {"p50": 1.0, "p95": 2.2, "p99": 1.4}
    traces, values = [], []
    for look, track, name, x, y in _lines(
        shown, lambda track: {n: track.latencies_ms[n] for n in names if n in track.latencies_ms}
    ):
        values.append(np.array([np.nan if value is None else value for value in y]))
        label = name if alone else f"{short(track.name)} {name}"
        dash = "dot" if alone and name == "p99" else look.dash
        trace = _line(x, y, label, look.colour, unit=" ms", width=styles[name], dash=dash)
        traces.append(trace | {"showlegend": alone})
    if not traces:
        return None
    what = {trace["name"].rsplit(" ", 1)[-1] for trace in traces}
    thick = "p95 thick, p50 thin" if {"p50", "p95"} <= what else ", ".join(sorted(what))
    title = "latency, ms" if alone else f"latency, ms ({thick})"
    return _Row(title, 150, traces, latency_axis(values), [track for _, track in shown])


def _amplification(shown: Shown) -> _Row | None:
    traces = []
    for look, track, _, x, y in _lines(
        shown, lambda track: {} if track.amplification is None else {"amplification": track.amplification}
    ):
        label = "amplification" if len(shown) == 1 else f"{short(track.name)} amplification"
        traces.append(_line(x, y, label, look.colour, dash=look.dash, width=1.5))
    title = "retry amplification, calls of the backend per request"
    return _Row(title, 56, traces, {"nticks": 3}, [track for _, track in shown]) if traces else None


def _outcomes(track: Track, look: RunLook) -> _Row | None:
    known = {name: values for name, values in track.outcomes.items() if np.nansum(values) > 0}
    ordered = {
        name: known[name] for name in [*OUTCOMES, *sorted(set(known) - set(OUTCOMES))] if name in known
    }
    if not ordered:
        return None
    at = kept(list(ordered.values()), FEWEST)
    x = np.round(track.seconds[at] * 1000).astype(np.int64).tolist()
    traces = []
    for name, values in ordered.items():
        colour, pattern = OUTCOMES.get(name, OTHER_OUTCOME)
        label = name if look.is_alone else f"{short(track.name)} {name}"
        trace = _line(x, numbers(np.nan_to_num(values[at])), label, colour, unit="/s", width=0.5)
        trace["line"]["shape"] = "hv"
        trace |= {"stackgroup": f"outcomes-{look.number}", "fillcolor": f"{colour}-fill"}
        if pattern:
            trace["fillpattern"] = {
                "shape": pattern,
                "size": 6,
                "solidity": 0.2,
                "fgcolor": colour,
                "bgcolor": f"{colour}-fill",
            }
        trace |= {"name": name, "legendgroup": name, "showlegend": look.is_alone or look.number == 0}
        traces.append(trace)
    of = "" if look.is_alone else f" of {short(track.name)}"
    return _Row(f"outcomes{of}, requests per second", 84, traces, tracks=[track])


def _lanes(track: Track) -> _Row | None:
    names = list(track.lanes)[:MOST_LANES]
    if not names:
        return None
    traces = []
    for state, (colour, width) in LANES.items():
        x: list[int | None] = []
        y: list[str | None] = []
        for name in names:
            for one in track.lanes[name]:
                if one.state == state:
                    x += [round(one.start * 1000), round(one.end * 1000), None]
                    y += [plain(name), plain(name), None]
        if x:
            line = {"color": colour, "width": width, "dash": "dot" if state == "unknown" else "solid"}
            traces.append({"type": "scatter", "mode": "lines", "name": f"breaker {state}", "x": x, "y": y, "line": line,
                           "hoverinfo": "skip", "showlegend": False})  # fmt: skip
    more = f", {len(track.lanes) - MOST_LANES} more not shown" if len(track.lanes) > MOST_LANES else ""
    shown = [plain(name) for name in names]
    axis = {"type": "category", "categoryorder": "array", "categoryarray": shown[::-1], "showgrid": False,
            "range": [-0.6, len(names) - 0.4], "tickvals": shown, "ticktext": shown, "nticks": 0}  # fmt: skip
    title = f"breakers of {short(track.name)} (thick: open, half: half-open, thin: closed{more})"
    return _Row(title, LANE * max(len(names), 1), traces, axis, [track])


def _title(text: str, y: float) -> dict[str, Any]:
    return {
        "text": plain(text), "x": 0, "xref": "paper", "xanchor": "left", "y": y, "yref": "paper", "yanchor": "bottom",
        "yshift": 3, "showarrow": False, "font": {"size": 11, "weight": 600, "color": "--quiet"},
    }  # fmt: skip


class _Marks:
    """Fault bands, kills and marks: as shapes in a run's rows, as labels on top."""

    def __init__(self, tracks: Sequence[Track], end: float) -> None:
        self._tracks = tracks
        self._end = end

    def shapes(self, tracks: Sequence[Track], domain: Sequence[float]) -> list[dict[str, Any]]:
        """What is drawn in a row that shows these runs."""
        place = {"xref": "x", "yref": "paper", "y0": domain[0], "y1": domain[1]}
        bands = [
            {**place, "type": "rect", "layer": "below", "x0": round(band.start * 1000), "x1": round(band.end * 1000),
             "fillcolor": "--fault", "opacity": 0.12, "line": {"width": 0}}
            for band in _distinct(tracks)
        ]  # fmt: skip
        lines = []
        for moment in self._moments(tracks):
            kill = moment.kind == "kill"
            style = {
                "width": 1.4 if kill else 1,
                "color": "--error" if kill else "--text",
                "dash": "solid" if kill else "dot",
            }
            at = round(moment.at * 1000)
            lines.append(
                {**place, "type": "line", "x0": at, "x1": at, "line": style, "opacity": 1 if kill else 0.6}
            )
        return bands + lines

    def labels(self) -> list[dict[str, Any]]:
        """Texts over the first row: faults, kills, marks, a line each; one that would run into the one before is
        left out, and in the table of events all the same."""
        texts = [(band.start, band.label, "--fault-text", 0) for band in _distinct(self._tracks)]
        seen: set[tuple[str, int]] = set()
        for moment in self._moments(self._tracks):
            key = (moment.label, round(moment.at / SAME_S))
            if key not in seen and (moment.label, key[1] - 1) not in seen:
                kill = moment.kind == "kill"
                texts.append(
                    (moment.at, moment.label, "--error-text" if kill else "--text", 1 if kill else 2)
                )
            seen.add(key)
        labels, ends = [], [-1.0] * 3
        for at, text, colour, line in sorted(texts):
            label = plain(short(text))
            length = len(short(text)) * self._end / 170
            is_right = at + length > self._end
            begin = at - length if is_right else at
            if begin < ends[line]:
                continue
            ends[line] = begin + length
            labels.append({
                "x": round(at * 1000), "xref": "x", "y": 1, "yref": "paper", "yanchor": "bottom", "text": label,
                "xanchor": "right" if is_right else "left", "yshift": 17 + 14 * line, "showarrow": False,
                "font": {"size": 11, "color": colour},
            })  # fmt: skip
        return labels

    @staticmethod
    def _moments(tracks: Sequence[Track]) -> list[Any]:
        return sorted((one for track in tracks for one in track.moments), key=lambda one: one.at)[:MOST_MARKS]


def _distinct(tracks: Sequence[Track]) -> list[Band]:
    """The runs' faults; those of several runs that lie on each other are one."""
    found: list[Band] = []
    for band in sorted((band for track in tracks for band in track.bands), key=lambda band: band.start):
        if not any(
            abs(band.start - one.start) <= SAME_S
            and abs(band.end - one.end) <= SAME_S
            and one.label == band.label
            for one in found
        ):
            found.append(band)
    return found


def _note(shown: Shown) -> str:
    longest = max(len(track.seconds) for _, track in shown)
    buckets = _buckets(len(shown))
    if longest <= 2 * buckets:
        return "A point a second. Drag over a stretch of time to zoom; double-click to see all."
    return (
        f"{longest:,} seconds; of each {-(-longest // buckets)} s the highest and the lowest are drawn, "
        "so every spike is there. Drag over a stretch of time to zoom; double-click to see all."
    )


def _summary(tracks: Sequence[Track], rows: Sequence[_Row], end: float) -> str:
    names = " and ".join(short(track.name) for track in tracks[:3])
    faults = sum(len(track.bands) for track in tracks)
    kills = sum(one.kind == "kill" for track in tracks for one in track.moments)
    return (
        f"{names} over {clock(end)}, seconds since the first request: {'; '.join(row.title for row in rows)}. "
        f"{faults} stretches with faults, {kills} kills."
    )
