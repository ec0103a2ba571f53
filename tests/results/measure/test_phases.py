"""Phases of a run: those that were marked, else before, during and after its faults."""

from pathlib import Path

import pytest

from brownout_results.measure.phases import phases
from brownout_results.measure.selection import Phase, with_phases
from brownout_results.measure.timeline import FaultPeriod, bands
from brownout_results.read.run_folder import Run
from brownout_results.report.run_report import report_of_run
from tests.results.folders import START, Answers, make, open_load, phase
from tests.results.report.runs import fault_event

ERRORS = [{"kind": "error", "rate": 0.3, "status": 503}]
MORE = [{"kind": "error", "rate": 0.5, "status": 503}]
MOST = [{"kind": "error", "rate": 0.9, "status": 503}]
SLOW = [{"kind": "latency", "ms": 200}]
E30, E50, E90, L200 = "30 % errors 503", "50 % errors 503", "90 % errors 503", "200 ms latency"


def run_with(folder: Path, events: list[str], seconds: int = 40) -> Run:
    answers = [Answers(second, [10.0] * 10) for second in range(seconds)]
    return make(folder, answers, [open_load(second, 10) for second in range(seconds)], events=events)


def told(run: Run) -> dict[str, list[tuple[int, int]]]:
    """Phases by name: seconds since the start."""
    return {
        name: [(span.start - START, span.stop - START) for span in spans]
        for name, spans in phases(run).items()
    }


CASES = {
    "one fault": (
        [(10.4, ERRORS), (20.6, [])],
        {"before": [(0, 10)], E30: [(11, 20)], "after": [(21, 40)]},
    ),
    "two faults": (
        [(10, ERRORS), (20, []), (25, SLOW), (30, [])],
        {
            "before": [(0, 10)],
            E30: [(10, 20)],
            "between faults": [(20, 25)],
            L200: [(25, 30)],
            "after": [(30, 40)],
        },
    ),
    "one after the other": (
        [(10, ERRORS), (20, SLOW), (30, [])],
        {"before": [(0, 10)], E30: [(10, 20)], L200: [(20, 30)], "after": [(30, 40)]},
    ),
    "the same fault twice": (
        [(5, ERRORS), (10, []), (20, ERRORS), (30, [])],
        {"before": [(0, 5)], E30: [(5, 10), (20, 30)], "between faults": [(10, 20)], "after": [(30, 40)]},
    ),
    "a fault until the end": ([(10, ERRORS)], {"before": [(0, 10)], E30: [(10, 40)]}),
    "a drag on a slider": (
        [(10 + 0.4 * step, [{"kind": "error", "rate": 0.1 * step, "status": 503}]) for step in range(1, 10)]
        + [(30, [])],
        {"before": [(0, 10)], E90: [(11, 30)], "after": [(30, 40)]},
    ),
    "dragged to nothing": (
        [(10, MOST), (20, MORE), (20.5, ERRORS), (21, [])],
        {"before": [(0, 10)], E90: [(10, 21)], "after": [(21, 40)]},
    ),
    "dragged and back": (
        [(10, ERRORS), (20, MORE), (20.7, ERRORS), (30, [])],
        {"before": [(0, 10)], E30: [(10, 30)], "after": [(30, 40)]},
    ),
    "a fault from the start to the end": ([(-5, ERRORS)], {}),
    "no fault": ([], {}),
}


@pytest.mark.parametrize(("changes", "expected"), CASES.values(), ids=CASES)
def test_without_marks_phases_follow_from_faults(
    tmp_path: Path,
    changes: list[tuple[float, list[dict[str, object]]]],
    expected: dict[str, list[tuple[int, int]]],
) -> None:
    run = run_with(tmp_path / "run", [fault_event(at, faults) for at, faults in changes])

    assert told(run) == expected


def test_the_report_says_that_phases_follow_from_faults(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", [fault_event(10, ERRORS), fault_event(20, [])])
    marked = run_with(tmp_path / "marked", [phase(5, "warm"), fault_event(10, ERRORS), fault_event(20, [])])

    figures = report_of_run(run, "test").grids[0]
    assert list(figures.header) == ["figure", "whole run", "before", E30, "after"]
    assert "before, during and after the faults" in figures.note
    assert report_of_run(marked, "test").grids[0].note == ""


def test_marks_take_the_place_of_faults(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", [phase(5, "warm"), fault_event(10, ERRORS), fault_event(20, [])])

    assert told(run) == {"warm": [(5, 40)]}


def test_phases_that_were_asked_for_take_the_place_of_both(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", [phase(5, "warm"), fault_event(10, ERRORS), fault_event(20, [])])

    assert told(with_phases(run, [Phase("mine", 3, 9)])) == {"mine": [(3, 9)]}


def test_very_many_faults_are_no_phases(tmp_path: Path) -> None:
    events = [fault_event(3 * number, [{"kind": "latency", "ms": 100 + number}]) for number in range(1, 13)]

    assert told(run_with(tmp_path / "run", events)) == {}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([(10, ERRORS), (10.5, MORE), (11.9, MOST), (20, [])], [FaultPeriod(10, 20, E90)]),
        ([(10, ERRORS), (11, [])], [FaultPeriod(10, 11, E30)]),
        ([(10, ERRORS), (13, MORE), (20, [])], [FaultPeriod(10, 13, E30), FaultPeriod(13, 20, E50)]),
        (
            [(10, ERRORS), (20, []), (21, SLOW), (30, [])],
            [FaultPeriod(10, 20, E30), FaultPeriod(20, 30, L200)],
        ),
        ([(10, [])], []),
    ],
)
def test_changes_in_quick_succession_are_one(
    tmp_path: Path, changes: list[tuple[float, list[dict[str, object]]]], expected: list[FaultPeriod]
) -> None:
    run = run_with(tmp_path / "run", [fault_event(at, faults) for at, faults in changes])

    assert bands(run.events, float(START), 40.0) == expected
