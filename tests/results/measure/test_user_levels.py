"""Moments with like numbers of users are compared with each other, in run folders and in Locust's files."""

import random
from pathlib import Path

import numpy as np
import pytest

from brownout_results.judge.comparison.sections import Side, sections
from brownout_results.measure.resampling.conditions import conditions
from brownout_results.measure.resampling.locust_source import LocustSource
from brownout_results.measure.resampling.user_levels import user_levels
from brownout_results.measure.time_series import TimeSeries
from brownout_results.read.locust_csv import LocustRun, read
from brownout_results.report.comparison_report import report_of_comparison
from brownout_results.report.comparison_sides import runs_side_by_side
from brownout_results.report.runs import LocustFilesRun
from tests.results.folders import START, Answers, load, make
from tests.results.read.locust_csv.files import history

NAN = float("nan")


@pytest.mark.parametrize(
    ("users", "levels"),
    [
        ([5, 5, 5], [1, 1, 1]),
        ([100, 2, 100, 2], [2, 1, 2, 1]),
        ([100, 98, 101, 2], [2, 2, 2, 1]),
        ([0, 10, NAN, 0], [1, 2, 0, 1]),
        ([NAN, NAN], [0, 0]),
        ([], []),
        ([10, 12, 14, 17, 20, 24, 29, 35, 41], [1, 1, 1, 2, 2, 3, 3, 4, 4]),
        ([50, 58, 66, 75, 90, 100], [1, 1, 2, 3, 4, 4]),
    ],
)
def test_numbers_of_users_have_levels(users: list[float], levels: list[int]) -> None:
    assert user_levels(np.array(users, np.float64)).tolist() == levels


def wave(folder: Path, name: str, factor: float, busy_s: int = 150) -> LocustRun:
    """Twenty minutes of 100 users and of 2, in turns that last 300 s together."""
    draw = random.Random(name)
    lines, requests = [], 0
    for second in range(1200):
        is_busy = second % 300 < busy_s
        requests += round((100 * factor if is_busy else 2) * draw.uniform(0.9, 1.1))
        whole = history([(second, "", requests, 0)], users=100 if is_busy else 2)
        lines += whole.splitlines()[0 if second == 0 else 1 :]
    path = folder / f"{name}_stats_history.csv"
    path.write_text("\r\n".join(lines), "utf-8")
    return read(path)


def ramp(folder: Path, name: str, factor: float) -> LocustRun:
    """Two minutes in which 50 users become 100."""
    draw = random.Random(name)
    lines, requests = [], 0
    for second in range(120):
        users = 50 + second * 50 // 119
        requests += round(users * factor * draw.uniform(0.8, 1.2))
        whole = history([(second, "", requests, 0)], users=users)
        lines += whole.splitlines()[0 if second == 0 else 1 :]
    path = folder / f"{name}_stats_history.csv"
    path.write_text("\r\n".join(lines), "utf-8")
    return read(path)


@pytest.mark.parametrize(("factor", "word"), [(1.15, "better"), (1.0, "too wide")])
def test_moments_of_a_ramp_are_compared_with_those_of_as_many_users(
    tmp_path: Path, factor: float, word: str
) -> None:
    of = {"a": 1.0, "b": factor}
    sides = [Side(name, [LocustSource(ramp(tmp_path, name, its))]) for name, its in of.items()]
    assert sections(sides)[0].verdicts[0]["goodput"] == word


def test_under_a_load_that_changes_like_moments_are_compared(tmp_path: Path) -> None:
    sides = [
        Side(name, [LocustSource(wave(tmp_path, name, factor))]) for name, factor in (("a", 1.0), ("b", 1.38))
    ]
    found = sections(sides)[0]

    goodput = found.differences[0]["goodput"]
    assert found.verdicts[0]["goodput"] == "better"
    assert goodput.low is not None
    assert goodput.high is not None
    assert 0.3 < goodput.low < 0.38 < goodput.high < 0.45


@pytest.mark.parametrize(("busy_s", "is_told"), [(150, False), (155, False), (250, True)])
def test_other_numbers_of_users_on_average_are_told(tmp_path: Path, busy_s: int, is_told: bool) -> None:
    runs = [LocustFilesRun(wave(tmp_path, "a", 1.0)), LocustFilesRun(wave(tmp_path, "b", 1.0, busy_s))]

    notices = report_of_comparison(runs_side_by_side(runs), "test").notices
    assert any(notice.startswith("b had 84 users on average and a 51") for notice in notices) == is_told


def test_seconds_of_a_run_folder_are_told_apart_by_their_users(tmp_path: Path) -> None:
    rows = [load(second, 0, users=50 if second < 30 else 5) for second in range(60)]
    run = make(tmp_path / "run", [Answers(second, [10.0]) for second in range(60)], rows)

    found = conditions(run, TimeSeries.of(run), START + np.arange(60))
    assert found.tolist() == [0] * 30 + [1] * 30


def test_a_day_is_resampled_in_bins_of_seconds(tmp_path: Path) -> None:
    rows = [(second, "", 10 * (second + 1), 0) for second in range(5000)]
    (tmp_path / "d_stats_history.csv").write_text(history(rows), "utf-8")

    observed = LocustSource(read(tmp_path / "d")).observed()
    assert observed is not None
    assert observed.seconds is not None
    assert len(observed.seconds) <= 1000
    assert observed.seconds.totals["requests"].sum() == 49_990
