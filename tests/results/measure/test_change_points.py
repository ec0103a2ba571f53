"""Moments at which something changed, seen in the seconds of a run."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from brownout_results.measure.change_points import Level, breaks, change_points, suggested_phases
from brownout_results.measure.locust_changes import proposed, sentence
from brownout_results.measure.selection import Phase, files_with_phases, parse_phase
from brownout_results.read.locust_csv import LocustRun, read
from brownout_results.report.charts.locust_data import locust_chart_data
from brownout_results.report.locust_report import locust_limits_of
from tests.results.read.locust_csv.cumulative_files import cumulative_history

NOISE = np.random.default_rng(3)


def wandering(length: int, correlated: float, spread: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """AR(1) about 0."""
    steps = NOISE.normal(0, spread, length)
    values = steps.copy()
    for at in range(1, length):
        values[at] = correlated * values[at - 1] + np.sqrt(1 - correlated**2) * steps[at]
    return values


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([5.0] * 40, []),
        ([5.0] * 20 + [9.0] * 20, [20]),
        ([5.0] * 20 + [9.0] * 10 + [5.0] * 30, [20, 30]),
        ([5.0] * 20 + [9.0] * 3 + [5.0] * 20, []),
        ([5.0, 9.0] * 20, []),
        ([5.0] * 4 + [9.0] * 4, []),
        ([], []),
    ],
)
def test_levels_change_where_they_do(values: list[float], expected: list[int]) -> None:
    assert breaks(np.array(values)) == expected


@pytest.mark.parametrize(
    ("length", "correlated", "spread"), [(60, 0.6, 0.05), (300, 0.6, 0.2), (1200, 0.8, 0.1)]
)
def test_chance_is_no_change_and_a_change_is_seen_through_it(
    length: int, correlated: float, spread: float
) -> None:
    starts = np.arange(length, dtype=np.float64)
    alarms = right = 0
    for _ in range(30):
        values = 50 * np.exp(wandering(length, correlated, spread))
        alarms += bool(change_points(starts, [Level("mean", "ms", values, True)]))
        slow = (starts >= length // 3) & (starts < length // 2)
        found = change_points(starts, [Level("mean", "ms", values * np.where(slow, 3, 1), True)])
        right += [round(point.at_s) for point in found] == pytest.approx([length // 3, length // 2], abs=3)

    assert alarms <= 2
    assert right >= 27


@pytest.mark.parametrize(
    ("name", "is_ratio", "before", "after", "is_proposed"),
    [
        ("rate", True, 100.0, 120.0, False),
        ("rate", True, 100.0, 150.0, True),
        ("failures", False, 0.0, 0.02, False),
        ("failures", False, 0.01, 0.1, True),
    ],
)
def test_small_changes_are_not_proposed(
    name: str, is_ratio: bool, before: float, after: float, is_proposed: bool
) -> None:
    values = np.array([before] * 50 + [after] * 50) + NOISE.normal(0, 1e-4, 100)

    assert bool(change_points(np.arange(100.0), [Level(name, "", values, is_ratio)])) == is_proposed


def test_changes_of_several_series_at_once_are_one() -> None:
    rate = Level("rate", "/s", np.array([50.0] * 60 + [20.0] * 60), True)
    mean = Level("mean latency", "ms", np.array([50.0] * 61 + [400.0] * 59), True)

    (point,) = change_points(np.arange(120.0), [rate, mean])
    assert point.at_s == 60
    assert [(one.name, one.before, one.after) for one in point.changes] == [
        ("rate", 50, 20),
        ("mean latency", 50, 400),
    ]


def test_a_ramp_up_is_no_change() -> None:
    values = np.array([10.0] * 20 + [50.0] * 100)

    assert change_points(np.arange(120.0), [Level("rate", "/s", values, True)])
    assert change_points(np.arange(120.0), [Level("rate", "/s", values, True)], from_s=20) == []


def test_a_day_is_looked_at_in_bins() -> None:
    values = np.array([50.0] * 40_000 + [200.0] * 46_400) * np.exp(wandering(86_400, 0.5, 0.1))

    (point,) = change_points(np.arange(86_400.0), [Level("mean", "ms", values, True)])
    assert point.at_s == pytest.approx(40_000, abs=500)


def faulty(folder: Path) -> LocustRun:
    """Two minutes; from 40 s to 70 s half of the requests fail, and all are slow."""
    rows = [
        (np.exp(NOISE.normal(0, 0.3, 20)) * (300 if 40 <= second < 70 else 50)).tolist()
        for second in range(120)
    ]
    failed = [10 if 40 <= second < 70 else 0 for second in range(120)]
    (folder / "f_stats_history.csv").write_text(cumulative_history(rows, failed), "utf-8")
    return read(folder / "f")


def test_changes_in_locust_s_files_are_proposed_and_drawn_and_not_used(tmp_path: Path) -> None:
    run = faulty(tmp_path)

    assert [point.at_s for point in proposed(run)] == pytest.approx([40, 70], abs=1)
    assert [{one.name for one in point.changes} for point in proposed(run)] == [
        {"failures", "mean latency"}
    ] * 2
    drawn = [one for one in locust_chart_data(run, "f").moments if one.kind == "proposed"]
    assert [one.at for one in drawn] == pytest.approx([40, 70], abs=1)
    assert "failures 0.00 % → 50.00 %" in drawn[0].label
    assert run.phases == {}
    told = [limit for limit in locust_limits_of(run) if limit.startswith("Something changed")]
    assert "--phase before=0..40 --phase part-2=40..70 --phase last=70.." in told[0]


def test_asked_phases_take_the_place_of_proposals(tmp_path: Path) -> None:
    run = files_with_phases(faulty(tmp_path), [Phase("mine", 0, 30)])

    assert proposed(run) == []
    assert sentence([]) == ""


def test_proposed_phases_can_be_asked_for(tmp_path: Path) -> None:
    points = proposed(faulty(tmp_path))
    words = sentence(points).split()
    asked = [parse_phase(after) for word, after in pairwise(words) if word == "--phase"]

    assert [phase.name for phase in asked] == list(suggested_phases(points))
