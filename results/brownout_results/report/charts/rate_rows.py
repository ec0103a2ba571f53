"""Rows of the timeline that all runs share, with a line per run: rates, latencies, amplification."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from brownout_results.report.themes import colour
from brownout_terms.texts import short

from .data import ChartData
from .event_marks import recovery_text
from .style import RunStyle, date, latency_axis, numbers, plain
from .timeline_row import ShownRuns, TimelineRow, line, lines


def rates(shown: ShownRuns) -> TimelineRow | None:
    traces = []
    alone = len(shown) == 1
    names = ("offered", "throughput", "goodput") if alone else ("offered", "goodput")
    for run_style, track, name, x, y in lines(
        shown, lambda track: {n: track.rates[n] for n in names if n in track.rates}
    ):
        if name == "offered":
            style: dict[str, Any] = {"colour": colour("quiet"), "dash": "dot", "width": 1.1}
        elif name == "goodput" and alone:
            style = {"colour": colour("ok"), "width": 2.2}
        else:
            style = {
                "colour": run_style.colour,
                "dash": run_style.dash,
                "width": 2 if name == "goodput" else 1.4,
            }
        label = name if alone else f"{short(track.name)} {name}"
        trace = line(x, y, label, style.pop("colour"), unit="/s", **style)
        trace.update(showlegend=name != "offered" or alone)
        if not alone:
            trace.update(name=plain(short(track.name)))
        traces.append(trace)
    if not traces:
        return None
    marked = [_recoveries(track, run_style, alone) for run_style, track in shown]
    traces += [trace for trace in marked if trace]
    offered = " (dotted grey: offered)" if any("offered" in track.rates for _, track in shown) else ""
    title = "requests per second" if alone else f"goodput, requests per second{offered}"
    return TimelineRow(title, 150, traces, tracks=[track for _, track in shown])


def _recoveries(track: ChartData, run_style: RunStyle, alone: bool) -> go.Scatter | None:
    goodput = track.rates.get("goodput")
    if goodput is None or not track.recoveries:
        return None
    x, y, texts = [], [], []
    for one in track.recoveries:
        at = one.fault_end + (one.seconds or 0.0)
        second = int(np.clip(np.searchsorted(track.seconds, at), 0, len(track.seconds) - 1))
        x.append(date(at))
        y.append(float(goodput[second]))
        texts.append(recovery_text(one))
    hover = "%{text}" if alone else f"{plain(short(track.name))} %{{text}}"
    return go.Scatter(
        mode="markers",
        name="recovery",
        x=x,
        y=numbers(np.array(y)),
        text=texts,
        cliponaxis=False,
        showlegend=False,
        hovertemplate=f"{hover}<extra></extra>",
        marker={
            "symbol": ["x-thin" if one.seconds is None else "diamond" for one in track.recoveries],
            "size": 10,
            "color": run_style.colour,
            "line": {"width": 1.5, "color": colour("text")},
        },
    )


def latencies(shown: ShownRuns) -> TimelineRow | None:
    alone = len(shown) == 1
    names = ("p50", "p95", "p99") if alone else ("p50", "p95")
    styles = {"p50": 1.0, "p95": 2.2, "p99": 1.4}
    traces, values = [], []
    for run_style, track, name, x, y in lines(
        shown, lambda track: {n: track.latencies_ms[n] for n in names if n in track.latencies_ms}
    ):
        values.append(y)
        label = name if alone else f"{short(track.name)} {name}"
        dash = "dot" if alone and name == "p99" else run_style.dash
        trace = line(x, y, label, run_style.colour, unit=" ms", width=styles[name], dash=dash)
        traces.append(trace.update(showlegend=alone))
    if not traces:
        return None
    what = {trace.name.rsplit(" ", 1)[-1] for trace in traces}
    thick = "p95 thick, p50 thin" if {"p50", "p95"} <= what else ", ".join(sorted(what))
    title = "latency, ms" if alone else f"latency, ms ({thick})"
    return TimelineRow(title, 150, traces, latency_axis(values), [track for _, track in shown])


def users(shown: ShownRuns) -> TimelineRow | None:
    """Users that ran, a line a run."""
    traces = []
    for run_style, track, _, x, y in lines(
        shown, lambda track: {} if track.users is None else {"users": track.users}
    ):
        label = "users" if len(shown) == 1 else f"{short(track.name)} users"
        traces.append(line(x, y, label, run_style.colour, dash=run_style.dash, width=1.5))
    title = "users, at the end of each second"
    return TimelineRow(title, 48, traces, {"nticks": 3}, [track for _, track in shown]) if traces else None


def amplification(shown: ShownRuns) -> TimelineRow | None:
    traces = []
    for run_style, track, _, x, y in lines(
        shown, lambda track: {} if track.amplification is None else {"amplification": track.amplification}
    ):
        label = "amplification" if len(shown) == 1 else f"{short(track.name)} amplification"
        traces.append(line(x, y, label, run_style.colour, dash=run_style.dash, width=1.5))
    title = "retry amplification, × (backend calls per request)"
    return TimelineRow(title, 56, traces, {"nticks": 3}, [track for _, track in shown]) if traces else None
