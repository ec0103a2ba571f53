"""Runs lie on one axis of time with their first faults at the same place, or else their first requests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from brownout_results.measure.harness import HarnessStall
from brownout_results.measure.recovery import Recovery
from brownout_results.measure.timeline import BreakerPeriod, FaultPeriod, TimelineMark
from brownout_results.report.charts.alignment import shifted, shifts
from brownout_results.report.charts.data import ChartData
from brownout_results.report.charts.style import date
from brownout_results.report.charts.timeline_chart import timeline


def track(name: str, *faults: float, label: str = "errors") -> ChartData:
    return ChartData(
        name=name,
        seconds=np.arange(60.0),
        rates={"goodput": np.full(60, 10.0)},
        latencies_ms={},
        outcomes={"ok": np.full(60, 10.0)},
        users=np.full(60, 5.0),
        bands=[FaultPeriod(at, at + 5, label) for at in faults],
    )


@pytest.mark.parametrize(
    ("begins", "wanted"),
    [
        ([(10,), (14,)], [4, 0]),
        ([(14, 40), (10, 50)], [0, 4]),
        ([(10,), (14,), (30,)], [20, 16, 0]),
        ([(10,), (10.8,)], [0, 0]),
        ([(10,), ()], [0, 0]),
        ([(), ()], [0, 0]),
        ([(10,)], [0]),
        ([], []),
    ],
)
def test_the_latest_first_fault_decides(begins: list[tuple[float, ...]], wanted: list[float]) -> None:
    assert shifts([track(str(at), *those) for at, those in enumerate(begins)]) == wanted


def test_everything_of_a_run_is_moved() -> None:
    full = replace(
        track("run", 10),
        moments=[TimelineMark(12, "kill", "✕ a")],
        lanes={"a": [BreakerPeriod(1, 2, "open")]},
        stalls=[HarnessStall("fleet", 3, 4)],
        recoveries=[Recovery(15, 2)],
    )

    moved = shifted(full, 5)

    assert moved.seconds[0] == 5
    assert moved.bands == [FaultPeriod(15, 20, "errors")]
    assert moved.moments == [TimelineMark(17, "kill", "✕ a")]
    assert moved.lanes == {"a": [BreakerPeriod(6, 7, "open")]}
    assert moved.stalls == [HarnessStall("fleet", 8, 9)]
    assert moved.recoveries == [Recovery(20, 2)]
    assert shifted(full, 0) is full


def labels(*tracks: ChartData) -> list[str]:
    """Texts above the rows that stand at a moment."""
    chart = timeline(tracks)
    assert chart
    return [note.text for note in chart.figure.layout.annotations if note.xref == "x"]


def test_the_chart_says_what_was_moved_and_draws_both_faults_at_one_place() -> None:
    chart = timeline([track("before", 10), track("after", 14)])

    assert chart
    assert "Aligned at the start of the first fault: before by 4 s to the right" in chart.note
    assert {shape.x0 for shape in chart.figure.layout.shapes if shape.type == "rect"} == {date(14)}
    assert "first faults aligned" in chart.figure.layout.xaxis.title.text


def test_a_label_names_its_runs_unless_all_have_it() -> None:
    assert labels(track("before", 10), track("after", 10)) == ["errors"]
    assert labels(track("before", 10), track("after", 10, label="latency")) == [
        "before: errors",
        "after: latency",
    ]
    assert labels(track("before", 10), track("after")) == ["before: errors"]
    assert labels(track("alone", 10)) == ["errors"]


def test_users_have_a_row_with_a_line_for_each_run() -> None:
    chart = timeline([track("before"), track("after")])

    assert chart
    assert {trace.name for trace in chart.figure.data if trace.meta and "users" in trace.meta} == {
        "before users",
        "after users",
    }
