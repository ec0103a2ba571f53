"""Comparisons of more runs than the timeline can tell apart: every run has a small timeline of its own."""

import numpy as np

from brownout_results.report.charts.data import ChartData
from brownout_results.report.charts.every_run import every_run
from brownout_results.report.comparison_report import _said_by

RUNS = 40


def track(number: int) -> ChartData:
    rate = np.full(30, 10.0 + number)
    return ChartData(
        name=f"run {number}",
        seconds=np.arange(30.0),
        rates={"goodput": rate},
        latencies_ms={},
        outcomes={"ok": rate, "error": np.zeros(30)},
    )


def test_every_run_of_forty_is_drawn_beside_the_baseline_on_the_same_axes() -> None:
    chart = every_run([track(number) for number in range(RUNS)])

    assert chart is not None
    assert list(chart.views) == ["goodput", "requests that did not succeed"]
    figure = chart.views["goodput"]
    assert {trace.meta for trace in figure.data} == {f"run {number}" for number in range(RUNS)}
    assert sum(trace.meta == "run 0" for trace in figure.data) == RUNS
    assert [one.text for one in figure.layout.annotations] == [f"run {number}" for number in range(RUNS)]
    assert len({tuple(axis.range) for axis in figure.select_yaxes()}) == 1
    assert len({view.layout.height for view in chart.views.values()}) == 1


def test_without_a_second_there_is_none() -> None:
    nothing = ChartData(name="x", seconds=np.empty(0), rates={}, latencies_ms={}, outcomes={})

    assert every_run([nothing]) is None


def test_what_is_said_of_several_runs_is_said_once() -> None:
    those = [("a", ["cumulative", "odd"]), ("b", ["cumulative"]), ("c", ["cumulative", "odd"])]

    assert _said_by(those) == ["All runs: cumulative", "a and c: odd"]
