"""The statistics behind a verdict, on numbers that are known."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from brownout_results.judge.comparison.difference import Difference, Stance, Unknown, difference, stance
from brownout_results.judge.comparison.shares import newcombe, wilson
from brownout_results.judge.comparison.student import quantile
from brownout_results.judge.comparison.verdicts import holm, verdicts, weight_of
from brownout_results.measure.figures import MEASURES, PERCENTILES
from brownout_results.measure.resampling.block_lengths import block_lengths, correction, degrees
from brownout_results.measure.resampling.bootstrap import Resamples, weights
from brownout_results.measure.resampling.counts import Floats, Seconds, bins_of, width_for
from brownout_results.measure.resampling.estimates import Estimate
from brownout_results.measure.resampling.more_data import MoreData, for_blocks, for_tail, to_decide
from brownout_results.measure.resampling.repeats import borrowed, repeated
from brownout_results.record import Histogram

ONE = np.zeros(60, np.int64)


def wandering(phi: float, seconds: int, seed: int = 1) -> Floats:
    random = np.random.default_rng(seed)
    level = random.normal(size=seconds)
    for second in range(1, seconds):
        level[second] = phi * level[second - 1] + math.sqrt(1 - phi**2) * level[second]
    return level


def test_a_resample_has_as_many_seconds_of_each_condition() -> None:
    strata = np.repeat([0, 1], [40, 20])

    drawn = weights(strata, 7, resamples=50)

    assert (drawn[:, :40].sum(axis=1) == 40).all()
    assert (drawn[:, 40:].sum(axis=1) == 20).all()
    assert (drawn == weights(strata, 7, resamples=50)).all()


def test_blocks_are_drawn_whole_and_go_round() -> None:
    drawn = weights(np.zeros(30, np.int64), 10, resamples=2000)

    assert drawn.mean(axis=0) == pytest.approx(1, abs=0.1)
    together = np.mean(drawn[:, 0] * drawn[:, 29])
    apart = np.mean(drawn[:, 0] * drawn[:, 15])
    assert together > 1.5 * apart


def test_seconds_that_go_together_make_longer_blocks() -> None:
    short, long = block_lengths(np.column_stack([wandering(0, 300), wandering(0.8, 300)]), np.zeros(300, int))

    assert short <= 6
    assert 8 <= long <= 52


def test_a_constant_has_blocks_of_one_second() -> None:
    assert block_lengths(np.ones((60, 1)), ONE).tolist() == [1]


@pytest.mark.parametrize("bins", range(1, 14))
def test_a_phase_of_a_few_seconds_has_a_block_length_too(bins: int) -> None:
    values = np.arange(bins, dtype=float)[:, None] % 3
    assert block_lengths(values, np.zeros(bins, int))[0] >= 1


def test_the_error_of_a_mean_of_wandering_seconds_is_about_the_true_one() -> None:
    """The error of AR(1) with φ 0.6 is twice that of independent seconds."""
    seconds, ratios = 300, []
    for seed in range(30):
        values = wandering(0.6, seconds, seed)
        strata = np.zeros(seconds, np.int64)
        length = int(block_lengths(values[:, None], strata)[0])
        drawn = weights(strata, length)
        error = float(np.std(drawn @ values.astype(np.float32)) / seconds)
        error *= correction(values, strata, length, length)
        ratios.append(error / (2 / math.sqrt(seconds)))
    assert np.mean(ratios) == pytest.approx(1, abs=0.1)


def test_there_are_as_many_degrees_of_freedom_as_blocks_less_one_a_condition() -> None:
    assert degrees(ONE, 6) == 9
    assert degrees(np.repeat([0, 1], [40, 20]), 5) == 7 + 3
    assert degrees(np.zeros(3, np.int64), 10) == 0


def test_a_long_run_is_in_at_most_a_thousand_bins_none_across_conditions() -> None:
    strata = np.repeat([0, 1, 0], [40_000, 1_003, 45_397])
    width = width_for([len(strata)])

    bins, conditions = bins_of(strata, width)

    assert width == 87
    assert len(conditions) <= 1000
    assert (conditions[bins] == strata).all()
    assert np.bincount(bins).min() >= width


def seconds_of(durations_ms: list[list[float]]) -> Seconds:
    histogram = Histogram.of([1000 * one for second in durations_ms for one in second])
    totals = {
        "timed": np.array([float(len(second)) for second in durations_ms]),
    }
    for one in PERCENTILES.values():
        limit = histogram.percentile_us(one.percent) / 1000
        totals[one.column] = np.array([float(sum(ms > limit for ms in second)) for second in durations_ms])
    return Seconds(np.zeros(len(durations_ms), np.int64), 1, totals, histogram)


def test_a_percentile_of_the_seconds_as_they_were_is_that_of_the_histogram() -> None:
    seconds = seconds_of([[10, 20, 30], [40, 50, 60, 70], [80, 90, 100]])
    whole = Resamples.as_it_was(seconds)

    assert seconds.durations is not None
    for name, one in PERCENTILES.items():
        expected = seconds.durations.percentile_us(one.percent) / 1000
        assert MEASURES[name].values(whole)[0] == expected


def test_a_resample_with_more_slow_seconds_has_a_longer_percentile() -> None:
    seconds = seconds_of([[10] * 10, [100] * 10])
    twice_slow = Resamples(seconds, np.array([[0, 2], [2, 0]], np.float32))

    slow, fast = MEASURES["p50"].values(twice_slow)
    assert slow == pytest.approx(100, rel=0.01)
    assert fast == pytest.approx(10, rel=0.01)


def test_the_interval_is_students_around_the_difference() -> None:
    found = difference(
        Estimate(value=100, error=0.02, degrees=9),
        Estimate(value=110, error=0.02, degrees=9),
        is_log=True,
        unit="ms",
    )

    half = 2.10092 * 0.02 * math.sqrt(2)  # Student's t with 18 degrees of freedom, from a table
    assert found.relative == pytest.approx(0.1)
    assert found.absolute == pytest.approx(10)
    assert found.low == pytest.approx(1.1 * math.exp(-half) - 1, rel=1e-4)
    assert found.high == pytest.approx(1.1 * math.exp(half) - 1, rel=1e-4)
    assert found.p is not None
    assert 0.001 < found.p < 0.01  # t is 3.37; 2.88 is at 0.01, 3.92 at 0.001
    assert quantile(0.975, 1e9) == pytest.approx(1.96, abs=0.001)


def test_wilson_and_newcombe_are_those_of_the_textbook() -> None:
    """Newcombe 1998, example (a): 56 of 70 against 48 of 80."""
    assert wilson(0, 10) == pytest.approx((0, 0.2775), abs=1e-4)
    assert newcombe((48, 80), (56, 70)) == pytest.approx((0.0524, 0.3339), abs=1e-4)


def test_a_share_without_a_failure_has_an_interval_all_the_same() -> None:
    perfect = Estimate(value=1, error=0, degrees=9, events=(300, 300))

    found = difference(perfect, perfect, is_log=False, unit="%")

    assert found.low is not None
    assert found.high is not None
    assert -0.02 < found.low < 0 < found.high < 0.02
    assert found.p == 1


def test_holm_stops_at_the_first_that_may_be_chance() -> None:
    assert holm({"a": 0.001, "b": 0.02, "c": 0.03, "d": 0.04}) == {"a"}
    assert holm({"a": 0.001, "b": 0.01, "c": 0.02, "d": 0.04}) == {"a", "b", "c", "d"}
    assert holm({}) == set()


def test_what_weighs_more_needs_less_evidence_and_the_others_more() -> None:
    ps = {"a": 0.012, "b": 0.012, "c": 0.4}
    assert holm(ps) == {"a", "b"}
    assert holm({"a": 0.02, "b": 0.02, "c": 0.4}) == set()
    assert holm({"a": 0.02, "b": 0.02, "c": 0.4}, {"a": 2, "b": 1, "c": 1}) == {"a", "b"}
    assert holm({"a": 0.02, "b": 0.03, "c": 0.4}, {"a": 2, "b": 1, "c": 1}) == {"a"}
    assert sum(map(weight_of, ("goodput", "availability", "p95"))) > 5 * weight_of("throughput")


def told(after: float, error: float, *, is_log: bool = True, unit: str = "ms") -> Difference:
    before = 100 if is_log else 0.5
    return difference(
        Estimate(value=before, error=error, degrees=30),
        Estimate(value=after, error=error, degrees=30),
        is_log=is_log,
        unit=unit,
    )


@pytest.mark.parametrize(
    ("found", "is_good_up", "verdict"),
    [
        (told(120, 0.01), False, "worse"),
        (told(120, 0.01), True, "better"),
        (told(80, 0.01), False, "better"),
        (told(120, 0.01), None, ""),
        (told(120, 0.2), False, "too wide"),
        (told(120, 0.5), False, "too wide"),  # from a third to four times as much
        (told(101.5, 0.0001), False, "equal"),  # sure, and too small to matter
        (told(0.5005, 0.00001, is_log=False, unit="%"), True, "equal"),
        (told(0.52, 0.001, is_log=False, unit="%"), True, "better"),
        (
            difference(Estimate(value=1, why="one run"), Estimate(value=2), is_log=True),
            True,
            "not in the files",
        ),
        (
            difference(Estimate(value=1, why="one", more=MoreData(runs=2)), Estimate(value=2), is_log=True),
            True,
            "too few",
        ),
        (difference(None, Estimate(value=2), is_log=True), True, "not in the files"),
        (difference(None, None, is_log=True), True, ""),
    ],
)
def test_a_verdict_needs_a_sure_difference_that_matters(
    found: Difference, is_good_up: bool | None, verdict: str
) -> None:
    assert verdicts({"it": found}, {"it": is_good_up}) == {"it": verdict}


def test_of_repeats_the_runs_are_the_unit() -> None:
    found = repeated("p95", [100, 110, 121])

    assert repeated("availability", [1.0, 1.0], (1200, 1200)).events == (1200, 1200)
    assert found.value == pytest.approx(110)
    assert found.error == pytest.approx(math.log(1.1) / math.sqrt(3))
    assert found.degrees == 2
    assert repeated("p95", [100]).why == "one run"
    assert repeated("recovery time", [3, math.inf]).why == "never in 1 of 2 runs"
    assert repeated("recovery time", [1, 2, 9]).value == 2
    assert repeated("availability", [0.9, 1.0]).value == pytest.approx(0.95)
    assert repeated("p95", [None, None]).value is None


def test_runs_in_which_nothing_succeeds_are_worse_than_runs_that_work() -> None:
    working, broken = repeated("goodput", [50, 52, 48]), repeated("goodput", [0, 0, 0])
    family = {
        "goodput": difference(working, broken, is_log=True),
        "back": difference(broken, working, is_log=True),
    }
    assert verdicts(family, dict.fromkeys(family, True)) == {"goodput": "worse", "back": "better"}
    assert difference(broken, broken, is_log=True).p == 1
    assert repeated("goodput", [0, 50]).why == "it is 0 in a run"


def test_one_run_against_several_is_taken_to_vary_as_they_do() -> None:
    several = repeated("p95", [100, 110, 121])

    found = borrowed(repeated("p95", [150]), several, 3)

    assert found.error == pytest.approx(math.log(1.1))
    assert found.degrees == 2


@pytest.mark.parametrize(
    ("found", "margin", "where"),
    [
        (told(120, 0.01), 0.02, Stance.ABOVE),
        (told(80, 0.01), 0.02, Stance.BELOW),
        (told(120, 0.2), 0.02, Stance.ACROSS),
        (told(101.5, 0.001), 0.02, Stance.WITHIN),
        (told(101.5, 0.005), 0.02, Stance.ACROSS),  # 0.4 % to 2.6 %: more, and perhaps too little to matter
        (told(100, 0.005), 0.02, Stance.WITHIN),
        (told(100, 0.01), 0.02, Stance.ACROSS),  # no difference, and no evidence of equality
        (told(103, 0.005), 0.02, Stance.ABOVE),
        (difference(Estimate(value=1, why="one run"), Estimate(value=2), is_log=True), 0.02, Stance.UNTOLD),
        (difference(None, Estimate(value=2), is_log=True), 0.02, Stance.UNTOLD),
    ],
)
def test_equal_is_only_what_lies_within_the_margin(found: Difference, margin: float, where: Stance) -> None:
    assert stance(found, margin) == where


def test_what_is_missing_is_told_in_seconds_requests_and_runs() -> None:
    assert for_blocks(10, 4, 4) == MoreData(seconds=6)
    assert not for_blocks(16, 4, 4)
    assert for_tail(300, 99, 10) == MoreData(requests=700)
    assert for_tail(1000, 99.9, 10) == MoreData(requests=9000)
    assert MoreData(seconds=6) | MoreData(seconds=2, requests=5) == MoreData(seconds=6, requests=5)
    assert to_decide(-0.1, 0.2, 60) == MoreData(seconds=480)  # a third of the width takes nine times as long
    assert not to_decide(0.1, 0.2, 60)
    few = Estimate(value=1.0, why="only 3 whole seconds", more=MoreData(seconds=2))
    found = difference(few, replace(few, more=MoreData(seconds=1)), is_log=True)
    assert (found.lack, found.more) == (Unknown.FEW, MoreData(seconds=2))
    assert difference(few, Estimate(value=None), is_log=True).lack == Unknown.ABSENT


RATE = Estimate(value=50, error=0.02, degrees=9, counted=(3000, 60))


def test_shares_of_repeats_that_differ_less_than_events_do_are_as_sure_as_the_events() -> None:
    """Two runs tell little of how they vary; that makes no interval of a third of all shares."""
    first = Estimate(value=0.857, error=0.0044, degrees=1, events=(590.0, 690.0))
    then = Estimate(value=0.985, error=0.0013, degrees=1, events=(704.0, 715.0))
    found = difference(first, then, is_log=False)

    assert found.low is not None
    assert found.high is not None
    assert (found.low, found.high) == pytest.approx((0.091, 0.168), abs=0.001)
    apart = difference(replace(first, error=0.05), then, is_log=False)
    assert apart.low is not None
    assert apart.low < 0  # the runs themselves differ by as much


NOTHING = Estimate(value=0, error=0, degrees=9, counted=(0, 60))


def test_a_rate_that_falls_to_nothing_or_rises_from_it_is_judged() -> None:
    fallen, risen = difference(RATE, NOTHING, is_log=True), difference(NOTHING, RATE, is_log=True)

    assert (fallen.low, fallen.relative) == (-1, -1)
    assert fallen.high is not None
    assert -1 < fallen.high < -0.99
    assert risen.relative is None
    family = {"fallen": fallen, "risen": risen}
    assert verdicts(family, dict.fromkeys(family, True)) == {"fallen": "worse", "risen": "better"}
    same = difference(NOTHING, NOTHING, is_log=True)
    assert (same.low, same.high, same.p) == (0, 0, 1)
