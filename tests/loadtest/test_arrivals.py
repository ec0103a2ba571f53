"""When open-loop requests are due."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from brownout_loadtest.arrivals import BLOCK, Process, Schedule
from brownout_loadtest.shapes.polyline import Polyline

STEADY: Polyline = [(0.0, 1.0)]


def dues(schedule: Schedule, since: float = 0.0) -> list[float]:
    return [due for _, due in schedule.arrivals(since)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # Evenly spaced, half a gap from the ends.
        ([(0.0, 1.0)], [0.25, 0.75, 1.25, 1.75]),
        # Nothing in the first second, then a jump to the peak.
        ([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)], [1.25, 1.75]),
        # A ramp of t per second squared: t²/2 arrivals by t, so they come at √(2k + 1).
        ([(0.0, 0.0), (2.0, 1.0)], [1.0, math.sqrt(3)]),
        # Down again, mirrored.
        ([(0.0, 1.0), (2.0, 0.0)], [2 - math.sqrt(3), 1.0]),
        # Nothing at all.
        ([(0.0, 0.0)], []),
    ],
)
def test_evenly_spaced_arrivals_follow_the_line(line: Polyline, expected: list[float]) -> None:
    assert dues(Schedule(2.0, line, "constant", 1, 2.0)) == pytest.approx(expected)


@given(
    st.floats(0.5, 400),
    st.lists(st.tuples(st.just(0.0) | st.floats(0.001, 5), st.floats(0, 1)), min_size=1, max_size=6),
    st.sampled_from(["constant", "poisson"]),
)
def test_arrivals_come_in_order_and_as_many_as_the_area_below_the_line(
    rate: float, pieces: list[tuple[float, float]], process: Process
) -> None:
    """Evenly spaced ones to one; Poisson ones within six standard deviations."""
    seconds = itertools.accumulate(width for width, _ in pieces)
    line = [(0.0, 1.0), *((second, level) for second, (_, level) in zip(seconds, pieces, strict=True))]
    schedule = Schedule(rate, line, process, 7, 10.0)
    come = dues(schedule)
    assert come == sorted(come)
    assert all(0 <= due < 10 for due in come)
    area = schedule.expected(10.0)
    assert abs(len(come) - area) <= (0.5 + 1e-6 if process == "constant" else 6 * math.sqrt(area) + 6)


def test_gaps_of_a_poisson_process_are_exponential() -> None:
    """Over many blocks, so that their borders are in it."""
    come = dues(Schedule(100.0, STEADY, "poisson", 3, 200.0))
    gaps = [later - earlier for earlier, later in itertools.pairwise(come)]
    assert len(come) > 15 * BLOCK
    assert stats.kstest(gaps, "expon", args=(0, 1 / 100)).pvalue > 0.001
    assert abs(stats.pearsonr(gaps[1:], gaps[:-1]).statistic) < 0.03


def test_poisson_arrivals_on_a_ramp_are_spread_as_its_rate() -> None:
    """The second of an arrival on a ramp from 0 to 10 s has the distribution (t/10)²."""
    come = dues(Schedule(400.0, [(0.0, 0.0), (10.0, 1.0)], "poisson", 5, 10.0))
    assert stats.kstest(come, lambda second: (second / 10) ** 2).pvalue > 0.001


def test_the_same_seed_gives_the_same_arrivals_and_another_seed_others() -> None:
    def come(seed: int) -> list[float]:
        return dues(Schedule(50.0, STEADY, "poisson", seed, 5.0))

    assert come(1) == come(1) != come(2)


@pytest.mark.parametrize("process", ["constant", "poisson"])
def test_a_worker_that_joins_late_gets_the_same_numbers_without_counting_through_all_of_them(
    process: Process,
) -> None:
    """From the block on in which the second lies: what it must skip is less than a block and a bit."""
    schedule = Schedule(100.0, [(0.0, 0.0), (30.0, 1.0)], process, 9, 60.0)
    everything = list(schedule.arrivals())
    late = list(schedule.arrivals(since=50.0))
    assert late == everything[-len(late) :]
    assert late[0][1] <= 50.0
    assert sum(1 for _, due in late if due < 50.0) < BLOCK * 1.2


def test_a_joined_worker_starts_at_once_even_after_weeks() -> None:
    """Of 20 milliards of arrivals, the first that it makes is one of the last."""
    schedule = Schedule(10_000.0, STEADY, "poisson", 1, None)
    _, due = next(schedule.arrivals(since=2e6))
    assert abs(due - 2e6) < 0.2
