"""Files whose percentiles count from the start: means are judged, percentiles told with what bounds them."""

from pathlib import Path

import numpy as np
import pytest

from brownout_results.judge.comparison.sections import Section, Side, sections
from brownout_results.measure.resampling.locust_source import LocustSource
from brownout_results.measure.selection import Phase, files_with_phases, files_without_start
from brownout_results.read.locust_csv import LocustRun, read
from tests.results.read.locust_csv.cumulative_files import cumulative_history


def of(folder: Path, name: str, medians: list[float], seed: int = 1) -> LocustRun:
    """A run whose median has this course, 30 requests a second."""
    random = np.random.default_rng(seed)
    rows = [(median * np.exp(random.normal(0, 0.4, 30))).tolist() for median in medians]
    path = folder / f"{name}_stats_history.csv"
    path.write_text(cumulative_history(rows), "utf-8")
    return read(path)


def total(before: LocustRun, after: LocustRun) -> Section:
    return sections([Side("before", [LocustSource(before)]), Side("after", [LocustSource(after)])])[0]


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [(180.0, 40.0, "better"), (40.0, 180.0, "worse"), (50.0, 60.0, "worse"), (50.0, 40.0, "better")],
)
def test_means_are_judged(tmp_path: Path, before: float, after: float, verdict: str) -> None:
    found = total(of(tmp_path, "a", [before] * 90), of(tmp_path, "b", [after] * 90, seed=2))

    assert found.verdicts[0]["mean"] == verdict
    mean = found.differences[0]["mean"]
    assert mean.relative is not None
    assert mean.low is not None
    assert mean.high is not None
    assert mean.low < after / before - 1 < mean.high


def test_means_of_like_runs_are_no_difference(tmp_path: Path) -> None:
    found = total(of(tmp_path, "a", [50.0] * 90), of(tmp_path, "b", [50.0] * 90, seed=2))

    assert found.verdicts[0]["mean"] not in ("better", "worse")
    assert found.differences[0]["mean"].p is not None


def test_percentiles_are_told_with_what_bounds_them(tmp_path: Path) -> None:
    found = total(of(tmp_path, "a", [180.0] * 90), of(tmp_path, "b", [40.0] * 90, seed=2))

    p95 = found.differences[0]["p95"]
    assert (p95.before, p95.after) == (350, 75)
    assert "345 ms to 355 ms" in p95.why
    assert "74.5 ms to 75.5 ms" in p95.why
    assert " windows " in p95.why


def test_phases_have_means_of_their_own(tmp_path: Path) -> None:
    run = files_with_phases(
        of(tmp_path, "a", [50.0] * 40 + [400.0] * 40 + [50.0] * 20),
        [Phase("healthy", 0, 40), Phase("fault", 40, 80)],
    )
    found = sections(
        [Side("healthy", [LocustSource(run, "healthy")]), Side("fault", [LocustSource(run, "fault")])]
    )

    mean = found[0].differences[0]["mean"]
    assert mean.before == pytest.approx(54, rel=0.1)
    assert mean.after == pytest.approx(433, rel=0.1)
    assert found[0].verdicts[0]["mean"] == "worse"


def test_without_its_beginning_a_run_has_the_mean_of_the_rest(tmp_path: Path) -> None:
    run = files_without_start(of(tmp_path, "a", [500.0] * 10 + [50.0] * 40), 10)

    observed = LocustSource(run).observed()
    assert observed is not None
    assert observed.values["mean"] == pytest.approx(54, rel=0.1)
