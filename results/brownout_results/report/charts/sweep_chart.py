"""A sweep: the figures of many runs against the setting that was swept, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from brownout_results.judge.comparison.sections import IS_GOOD_UP, UNITS, Figures
from brownout_results.judge.comparison.single import interval
from brownout_results.measure.resampling.repeats import is_ratio
from brownout_results.report.document import Chart
from brownout_results.report.swept import Sweep
from brownout_results.report.themes import colour, template
from brownout_terms.numbers import amount
from brownout_terms.texts import short

from .style import RunStyle, axis_title, latency_axis, numbers, plain, spans_decade

ROWS: Mapping[str, tuple[str, ...]] = {
    "goodput, requests per second": ("goodput",),
    "availability, %": ("availability",),
    "latency, ms (p95 thick, p50 thin, p99 dotted)": ("p50", "p95", "p99"),
    "mean latency, ms": ("mean",),
    "retry amplification, ×": ("retry amplification",),
}
"""Title and figures of each row."""

HEIGHT, GAP, TOP, BOTTOM = 150, 46, 56, 52
WIDTHS = {"p50": 1.0, "p99": 1.4}
RATES = "load, arrival rate"


def sweep_chart(sweep: Sweep, figures: Sequence[Figures], names: Sequence[str]) -> Chart | None:
    """Return the chart of `figures`, those of each run; None if the runs have none of them."""
    runs = _Runs(sweep, figures, names)
    rows = {
        title: [name for name in those if any(runs.value(at, name) is not None for at in range(len(names)))]
        for title, those in ROWS.items()
    }
    rows = {title: those for title, those in rows.items() if those}
    if any(name in those for those in rows.values() for name in ("p50", "p95")):
        rows.pop("mean latency, ms", None)
    if not rows:
        return None
    inner = HEIGHT * len(rows) + GAP * (len(rows) - 1)
    figure = make_subplots(
        rows=len(rows),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=GAP / inner if len(rows) > 1 else 0,
        figure=go.Figure(layout={"template": template()}),
    )
    for row, (title, those) in enumerate(rows.items(), start=1):
        drawn = [trace for name in those for trace in runs.traces(name, is_top=row == 1)]
        for trace in drawn:
            figure.add_trace(trace, row=row, col=1)
        figure.update_yaxes(_y_axis(those, drawn), row=row, col=1)
        figure.add_annotation(_title(title, figure.layout[f"yaxis{row if row > 1 else ''}"].domain[1]))
    if sweep.name == RATES:
        figure.add_trace(_offered(sweep), row=1, col=1)
    figure.update_xaxes(_x_axis(sweep))
    figure.update_xaxes(title=axis_title(_words(sweep.name)), row=len(rows), col=1)
    figure.update_layout(
        height=TOP + inner + BOTTOM,
        margin={"l": 62, "r": 16, "t": TOP, "b": BOTTOM},
        hovermode="closest",
        legend={"y": 1, "yanchor": "top", "yref": "container"},
    )
    return Chart(
        key="sweep",
        is_first=True,
        title=f"Figures by {_words(sweep.name)}",
        summary=runs.summary(),
        note=f"A point is a run, with its 95 % interval. {len(figures)} runs.",
        views={"": figure},
        data=("setting", "value"),
    )


@dataclass(frozen=True, eq=False)
class _Runs:
    """The runs of a sweep: its settings, their figures, their names."""

    sweep: Sweep
    figures: Sequence[Figures]
    names: Sequence[str]

    def value(self, run: int, figure: str) -> float | None:
        return self.figures[run][figure].value if figure in self.figures[run] else None

    def ordered(self) -> list[int]:
        """Return the runs in the order of a number; names stay as they came."""
        runs = range(len(self.names))
        return (
            sorted(runs, key=lambda at: float(self.sweep.values[at])) if self.sweep.is_number else list(runs)
        )

    def traces(self, figure: str, *, is_top: bool) -> list[go.Scatter]:
        """Return a line for each value of the sweep's second setting, or a single one."""
        lines = list(dict.fromkeys(self.sweep.lines)) or [""]
        found = []
        for number, line in enumerate(lines):
            run_style = RunStyle(number, len(lines) == 1)
            runs = [at for at in self.ordered() if not self.sweep.lines or self.sweep.lines[at] == line]
            runs = [at for at in runs if self.value(at, figure) is not None]
            found.append(
                go.Scatter(
                    self._points(runs, figure, run_style),
                    mode="lines+markers" if self.sweep.is_number else "markers",
                    name=plain(short(line)) if line else figure,
                    meta=" ".join(part for part in (short(line), figure) if part),
                    legendgroup=line or None,
                    showlegend=is_top and bool(line),
                    hovertemplate="%{text}<extra></extra>",
                    line={
                        "color": run_style.colour,
                        "width": WIDTHS.get(figure, 2.2),
                        "dash": "dot" if figure == "p99" else run_style.dash,
                    },
                    marker={"size": 6, "color": run_style.colour},
                )
            )
        return found

    def _points(self, runs: Sequence[int], figure: str, run_style: RunStyle) -> dict[str, Any]:
        """Return where the runs are, how far their intervals reach, and what each says."""
        unit = UNITS[figure]
        scale = 100.0 if unit == "%" else 1.0
        values = np.array([self.value(at, figure) for at in runs], np.float64)
        ends = [interval(self.figures[at][figure], is_log=is_ratio(figure)) for at in runs]
        told = [end or (value, value) for end, value in zip(ends, values.tolist(), strict=True)]
        low, high = np.array(told, np.float64).reshape(-1, 2).T
        at_x = [self.sweep.values[at] for at in runs]
        return {
            "x": numbers(np.array(at_x, np.float64))
            if self.sweep.is_number
            else [plain(str(x)) for x in at_x],
            "y": numbers(scale * values),
            "error_y": {
                "type": "data",
                "symmetric": False,
                "array": numbers(scale * (high - values)),
                "arrayminus": numbers(scale * (values - low)),
                "thickness": 1,
                "width": 3,
                "color": run_style.colour,
            },
            "text": [
                f"{plain(short(self.names[at]))}: {figure} {amount(value, unit)}"
                for at, value in zip(runs, values.tolist(), strict=True)
            ],
        }

    def summary(self) -> str:
        """Say in words which runs there are."""
        values = [self.sweep.values[at] for at in self.ordered()]
        told = [f"{value:g}" if isinstance(value, float) else value for value in values]
        names = ", ".join(map(short, self.names))
        return (
            f"Figures of {len(values)} runs by {_words(self.sweep.name)}: {', '.join(told)}. Runs: {names}."
        )


def _offered(sweep: Sweep) -> go.Scatter:
    """Return the line that goodput follows as long as everything succeeds."""
    ends = [min(map(float, sweep.values)), max(map(float, sweep.values))]
    return go.Scatter(
        mode="lines",
        name="offered",
        x=ends,
        y=ends,
        line={"color": colour("quiet"), "width": 1.1, "dash": "dot"},
        hoverinfo="skip",
        showlegend=True,
    )


def _x_axis(sweep: Sweep) -> dict[str, Any]:
    if not sweep.is_number:
        return {"type": "category"}
    values = np.array([float(value) for value in sweep.values])
    if values.min() > 0 and spans_decade([values]):
        return {"type": "log", "tickvals": sorted(set(values.tolist())), "tickformat": ",~g"}
    return {"nticks": 10}


def _y_axis(figures: Sequence[str], drawn: Sequence[go.Scatter]) -> dict[str, Any]:
    if UNITS[figures[0]] == "ms":
        return latency_axis([np.asarray(trace.y, np.float64) for trace in drawn])
    is_share = UNITS[figures[0]] == "%" and IS_GOOD_UP[figures[0]]
    return {"nticks": 5} | ({"rangemode": "normal"} if is_share else {"rangemode": "tozero"})


def _title(text: str, top: float) -> dict[str, Any]:
    return {
        "text": text,
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "y": top,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": 3,
        "font": {"weight": 600, "color": colour("quiet")},
    }


def _words(name: str) -> str:
    """Return a setting's name as people say it: "load, arrival rate" is the arrival rate."""
    said = {RATES: "offered rate, requests per second", "users at most": "users"}
    return said.get(name, name.rpartition(", ")[2])
