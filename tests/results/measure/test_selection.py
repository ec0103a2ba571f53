"""Phases by their seconds, and runs without their ramp-up."""

from pathlib import Path

import pytest

from brownout_results.measure.figures import figures_in, figures_of
from brownout_results.measure.locust_counts import requests_in
from brownout_results.measure.period import Period
from brownout_results.measure.phases import load_seconds, phases
from brownout_results.measure.selection import (
    Phase,
    SelectionError,
    files_ramp_up_s,
    files_with_phases,
    files_without_start,
    parse_phase,
    ramp_up_s,
    with_phases,
    without_start,
)
from brownout_results.measure.validity import why_invalid
from brownout_results.read.locust_csv import Lack, LocustRun, read
from brownout_results.read.run_folder import Run
from tests.results.folders import START, Answers, load, make, open_load, phase

REAL = Path(__file__).parents[1] / "read" / "locust_csv" / "real"


@pytest.fixture
def ramping(tmp_path: Path) -> Run:
    """Twenty seconds; users come in the first four, the second of which are slow."""
    answers = [Answers(second, [1000 if second < 4 else 10] * min(second + 1, 5)) for second in range(20)]
    rows = [load(second, 5, users=min(second + 1, 5)) for second in range(20)]
    return make(tmp_path / "run", answers, rows, events=[phase(3, "marked")])


@pytest.fixture
def files() -> LocustRun:
    return read(REAL / "2.47.0-full")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("baseline=0..30", Phase("baseline", 0, 30)),
        ("a b=1.5s..2s", Phase("a b", 1.5, 2)),
        ("recovery=60..", Phase("recovery", 60, float("inf"))),
    ],
)
def test_a_phase_is_its_name_and_its_seconds(text: str, expected: Phase) -> None:
    assert parse_phase(text) == expected


@pytest.mark.parametrize("text", ["baseline", "=0..3", "a=3", "a=5..2", "a=-1..2", "a=x..y", ""])
def test_what_is_no_phase_is_refused_with_what_would_be(text: str) -> None:
    with pytest.raises(SelectionError, match=r"such as baseline=0\.\.30|before it begins"):
        parse_phase(text)


def test_named_phases_take_the_place_of_marks(ramping: Run) -> None:
    named = with_phases(ramping, [Phase("early", 0, 5), Phase("late", 10.5, float("inf"))])

    assert list(phases(ramping)) == ["marked"]
    assert phases(named) == {
        "early": [range(START, START + 5)],
        "late": [range(START + 11, START + 20)],
    }


def test_a_phase_behind_the_run_is_refused(ramping: Run, files: LocustRun) -> None:
    with pytest.raises(SelectionError, match=r'"late" begins at 25 s, but the run has only 20 s of load'):
        with_phases(ramping, [Phase("late", 25, 30)])
    with pytest.raises(SelectionError, match=r'"late" begins at 25 s, but the run has only 12 s of load'):
        files_with_phases(files, [Phase("late", 25, 30)])


def test_the_ramp_up_ends_when_the_load_is_nearly_as_high_as_it_gets(
    ramping: Run, files: LocustRun, tmp_path: Path
) -> None:
    arrivals = [open_load(second, min(10 * second, 50)) for second in range(12)]
    opened = make(tmp_path / "open", [Answers(second, [10]) for second in range(12)], arrivals)

    assert ramp_up_s(ramping) == 4
    assert ramp_up_s(opened) == 4  # from its first request on, in second 1
    assert files_ramp_up_s(files) == 1
    assert files_ramp_up_s(read(REAL / "0.9.0")) == 0


def test_a_run_without_its_beginning_has_the_rest_and_is_judged_as_a_whole(ramping: Run) -> None:
    rest = without_start(ramping, 4)

    assert load_seconds(rest) == range(START + 4, START + 20)
    assert Period.of(rest).percentile_ms(99, None, "latency") == pytest.approx(10, rel=0.01)
    assert Period.of(rest).requests() == 16 * 5
    assert rest.uncut is ramping
    assert why_invalid(rest) is None
    assert without_start(ramping, 0) is ramping


def test_more_than_there_is_can_t_be_cut(ramping: Run, files: LocustRun) -> None:
    with pytest.raises(SelectionError, match="30 s are to be left out, but the run has only 20 s of load"):
        without_start(ramping, 30)
    with pytest.raises(SelectionError, match="the run has only 12 s of load"):
        files_without_start(files, 12)
    with pytest.raises(SelectionError, match="it has no history"):
        files_without_start(read(REAL / "0.9.0"), 1)


def test_files_without_their_beginning_have_no_percentiles_of_the_rest_and_say_so(files: LocustRun) -> None:
    rest = files_without_start(files_with_phases(files, [Phase("all", 0, 20)]), 4)

    assert (rest.skipped_s, rest.starts[0], rest.duration_s) == (4, 0, 8)
    assert rest.total.requests == (files.total.ok_in + files.total.failed_in)[4:].sum()
    assert Lack.PERCENTILES_NOT_CUT in rest.lacks
    assert "p95" not in figures_of(rest, rest.total)
    assert rest.phases == {"all": (0, 8)}


def test_phases_of_files_have_counts_and_rates_of_their_rows(files: LocustRun) -> None:
    named = files_with_phases(files, [Phase("before", 0, 3), Phase("fault", 3, 8), Phase("after", 8, 99)])

    availability = {
        name: figures_in(named, named.endpoints[0], name)["availability"] for name in named.phases
    }
    assert availability["fault"] < 0.7 < availability["after"] <= 1
    assert sum(requests_in(named, named.total, name) for name in named.phases) == files.total.requests
    assert "p95" not in figures_in(named, named.total, "fault")
