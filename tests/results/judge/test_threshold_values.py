"""What thresholds judge: the value of each metric, over all, a phase, or an endpoint."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.console import Console

from brownout.reporting import exit_of, why_untold
from brownout_results.judge.thresholds import (
    ThresholdVerdict,
    evaluate,
    parse,
)
from brownout_results.measure.lateness import lateness_p99_ms
from brownout_results.read.run_folder import Run
from brownout_results.record import LoadRow, Sample
from tests.results.folders import FETCH, Answers, load, load_table, make, open_load, phase, sample

OTHER = ("POST", "/buy")


def judge(run: Run, text: str) -> ThresholdVerdict:
    """What comes of one threshold."""
    return evaluate(run, [parse(text)])[0]


def steady(folder: Path, samples: Sequence[Sample] = (), events: Sequence[str] = ()) -> Run:
    """Ten answers a second, 10 to 100 ms, for ten seconds; a partial second before, and one after."""
    answers = [Answers(second, range(10, 101, 10)) for second in range(1, 11)]
    rows = [load(0, 2), *(load(second, 10) for second in range(1, 11)), load(11, 1)]
    return make(folder, [Answers(0, [5, 5]), *answers, Answers(11, [5])], rows, samples, events)


def test_each_metric_has_its_meaning(tmp_path: Path) -> None:
    counts = {"ok": 80, "fallback": 10, "error": 7, "tunnel": 3}
    answers = [
        Answers(second, [10.0] * count, outcome, waited_ms=2.0)
        for second in range(12)
        for outcome, count in counts.items()
    ]
    run = make(tmp_path / "run", answers, [open_load(second, 120, 20, 0.25) for second in range(12)])
    expected = {
        "throughput > 0/s": 100.0,
        "goodput > 0/s": 80.0,
        "offered_rate > 0/s": 120.0,
        "requests > 0": 1200,
        "dropped > 0": 240,
        "ok_ratio > 0": 0.8,
        "availability > 0": 0.8,
        "degraded_ratio > 0": 0.9,
        "degraded_availability > 0": 0.9,
        "fallback_ratio > 0": 0.1,
        "error_ratio > 0": 0.07,
        "tunnel_ratio > 0": 0.03,
        "mean > 0ms": 10.0,
        "max > 0ms": 10.0,
        "service_p50 > 0ms": 8.0,
        "lateness_p99 > 0ms": 0.25,
    }

    values = {text: judge(run, text).value for text in expected}

    assert values == pytest.approx(expected, rel=0.001)


def test_a_ratio_is_exact(tmp_path: Path) -> None:
    """99.9 / 100 is not 0.999 in binary floating point."""
    run = make(tmp_path / "run", [Answers(1, [1.0] * 999), Answers(1, [1.0], "error")], [load(1, 1000)])

    assert judge(run, "ok_ratio >= 99.9%").passed
    assert judge(run, "ok_ratio == 99.9%").passed
    assert judge(run, "error_ratio <= 0.1%").passed
    assert not judge(run, "ok_ratio > 99.9%").passed


@settings(max_examples=30)
@given(st.lists(st.integers(1, 3_600_000_000), min_size=1, max_size=10))
def test_a_percentile_is_that_of_numpy_to_three_digits(durations_us: list[int]) -> None:
    """A thousand of each, so that every definition of a percentile gives the same one."""
    answers = np.repeat(durations_us, 1000) / 1000
    with TemporaryDirectory() as folder:
        run = make(Path(folder) / "run", [Answers(1, answers.tolist())], [load(1, len(answers))])

    for percent in (50, 90, 95, 99, 99.9):
        expected = np.percentile(answers, percent, method="inverted_cdf")
        assert judge(run, f"p{percent} > 0ms").value == pytest.approx(expected, rel=0.001, abs=0.001)


def test_rates_leave_out_the_partial_first_and_last_second_of_the_load(tmp_path: Path) -> None:
    run = steady(tmp_path / "run")

    assert [judge(run, text).value for text in ("throughput == 10/s", "offered_rate == 10/s")] == [10, 10]
    assert judge(run, "requests == 103").passed


def test_answers_after_the_last_arrival_of_open_loop_do_not_lower_rates(tmp_path: Path) -> None:
    rows = [*(open_load(second, 10) for second in range(12)), *(open_load(second, 0) for second in (12, 13))]
    answers = [*(Answers(second, [5] * 10) for second in range(12)), Answers(13, [3000])]
    run = make(tmp_path / "run", answers, rows)

    assert judge(run, "throughput == 10/s").passed
    assert judge(run, "max >= 3s").passed


def test_seconds_in_which_closed_loop_users_wait_in_vain_lower_rates(tmp_path: Path) -> None:
    """Otherwise a service that hangs for the second half of a run looks as if it had gone on as before."""
    rows = [*(load(second, 10) for second in range(6)), *(load(second, 0) for second in range(6, 12))]
    run = make(tmp_path / "run", [Answers(second, [5] * 10) for second in range(6)], rows)

    assert judge(run, "throughput == 5/s").passed


def test_seconds_after_the_last_closed_loop_user_has_gone_do_not_lower_rates(tmp_path: Path) -> None:
    rows = [*(load(second, 10) for second in range(12)), *(load(second, 0, users=0) for second in (12, 13))]
    run = make(tmp_path / "run", [Answers(second, [5] * 10) for second in range(12)], rows)

    assert judge(run, "throughput == 10/s").passed


def test_a_phase_is_its_whole_seconds_however_often_it_is_entered(tmp_path: Path) -> None:
    marks = [phase(2.0, "calm"), phase(4.5, "fault"), phase(7.2, "calm"), phase(9.0, "fault")]
    run = steady(tmp_path / "run", events=marks)

    requests = [judge(run, f'requests{{phase="{name}"}} > 0').value for name in ("calm", "fault")]
    throughput = [judge(run, f'throughput{{phase="{name}"}} > 0/s').value for name in ("calm", "fault")]

    assert requests == [10 * len([2, 3, 8]), 10 * len([5, 6, 9, 10]) + 1]
    assert throughput == [10, 10]


def test_a_mark_without_a_name_or_a_time_is_no_mark(tmp_path: Path) -> None:
    damaged = ['{"kind": "phase"}\n', '{"kind": "phase", "t": "noon", "name": "a"}\n', '{"kind": 1}\n']
    run = steady(tmp_path / "run", events=[*damaged, phase(1, "calm")])

    assert judge(run, 'requests{phase="calm"} == 101').passed
    assert judge(run, 'requests{phase="a"} > 0').value is None


def test_an_endpoint_is_judged_by_its_own_requests(tmp_path: Path) -> None:
    answers = [
        Answers(second, [latency] * count, endpoint=endpoint)
        for second in range(6)
        for endpoint, latency, count in ((FETCH, 10, 3), (OTHER, 500, 2))
    ]
    run = make(tmp_path / "run", answers, [load(second, 5) for second in range(6)])

    assert judge(run, 'throughput{endpoint="POST /buy"} == 2/s').passed
    assert judge(run, 'p50{endpoint="POST /buy"} > 499ms').passed
    assert judge(run, 'p99.9{endpoint="GET /fetch"} < 11ms').passed


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('p95{endpoint="GET /fech"} < 9s', 'did you mean "GET /fetch"? the run has "GET /fetch"'),
        ('requests{endpoint="GET /fech"} < 9', 'endpoint "GET /fech" never appeared in the run'),
        ('p95{phase="faults"} < 9s', 'did you mean "fault"? the run has "blink", "calm", "fault", "late"'),
        ('dropped{phase="faults"} == 0', 'phase "faults" never appeared in the run'),
        ('p95{phase="blink"} < 9s', 'phase "blink" has no whole second'),
        ('p95{phase="late"} < 9s', 'no request ended in phase "late"'),
        ('requests{phase="late"} == 0', 'no request ended in phase "late"'),
        ('p95{endpoint="GET /fetch", phase="late"} < 9s', 'no request ended of "GET /fetch" in phase "late"'),
        ("retry_amplification < 9", "samples.csv has no request of a client replica"),
        ("lateness_p99 < 9s", "in closed loop nothing can be late"),
    ],
)
def test_what_can_not_be_told_is_an_error_and_not_a_pass(text: str, reason: str, tmp_path: Path) -> None:
    marks = [phase(1, "calm"), phase(3.1, "blink"), phase(3.9, "fault"), phase(12, "late")]
    rows = [*(load(second, 10) for second in range(1, 12)), load(12, 0), load(13, 0)]
    run = make(tmp_path / "run", [Answers(1, [5])], rows, events=marks)

    verdict = judge(run, text)

    assert verdict.is_error
    assert not verdict.passed
    assert reason in verdict.reason


def test_rates_are_an_error_in_a_run_without_a_whole_second(tmp_path: Path) -> None:
    run = make(tmp_path / "run", [Answers(0, [5]), Answers(1, [5])], [load(0, 1), load(1, 1)])

    verdicts = evaluate(run, [parse("goodput < 9/s"), parse("p95 < 9s")])

    assert [verdict.is_error for verdict in verdicts] == [True, False]
    assert "no whole second" in verdicts[0].reason


def test_an_outage_has_a_goodput_of_zero(tmp_path: Path) -> None:
    """Nothing ends, though load is offered: that is a figure, not a lack of one."""
    rows = [open_load(second, 10, dropped=10) for second in range(10)]
    run = make(tmp_path / "run", [Answers(0, [5])], rows, events=[phase(4, "outage")])

    verdict = judge(run, 'goodput{phase="outage"} > 5/s')

    assert (verdict.value, verdict.passed) == (0.0, False)
    assert judge(run, 'p95{phase="outage"} < 9s').is_error


def test_all_thresholds_are_judged_in_their_order_and_say_their_value(tmp_path: Path) -> None:
    run = steady(tmp_path / "run")
    texts = ["p50 < 40ms", "ok_ratio >= 99%", 'p95{phase="x"} < 1s', "p50 < 0.06s"]

    verdicts = evaluate(run, map(parse, texts))

    assert [str(verdict.threshold) for verdict in verdicts] == texts
    assert [verdict.passed for verdict in verdicts] == [False, True, False, True]
    assert [verdict.reason for verdict in verdicts] == [
        "it is 50.015ms",
        "it is 100%",
        'phase "x" never appeared in the run: it has no phases',
        "it is 0.050015s",
    ]


@pytest.mark.parametrize(
    ("samples", "amplification"),
    [
        ([(0, 0, 0), (5, 100, 150)], 1.5),
        ([(0, 1000, 5000), (5, 1100, 5150)], 1.5),
        ([(0, 0, 0), (3, 60, 60), (4, None, None), (5, 40, 90, "client-0", "b")], 1.5),
        ([(0, 0, 0), (1, 40, 40), (3, 60, 110, "client-1")], 1.5),
        ([(0, None, None), (1, 900, 900), (5, 1000, 1150)], 2.5),
        ([(0, 7, 9), (5, 7, 9)], None),
        ([(0, None, None)], None),
    ],
    ids=[
        "of its counters",
        "not what was before the run",
        "a replica that restarts counts from 0",
        "so does one that comes later",
        "not what one that is there but silent at first had before",
        "none without requests",
        "none without an answer",
    ],
)
def test_retry_amplification_is_attempts_over_requests_of_all_client_replicas(
    samples: list[Any], amplification: float | None, tmp_path: Path
) -> None:
    run = steady(tmp_path / "run", samples=[sample(*counts) for counts in samples])

    assert judge(run, "retry_amplification > 0").value == amplification


def test_retry_amplification_of_a_phase_is_between_its_first_second_and_the_next_phase(
    tmp_path: Path,
) -> None:
    counters = [(second, 10 * second, 10 * second + 20 * max(0, second - 4)) for second in range(12)]
    marks = [phase(0.0, "calm"), phase(3.8, "fault"), phase(8.1, "rest")]
    run = steady(tmp_path / "run", samples=[sample(*counts) for counts in counters], events=marks)

    values = [judge(run, f'retry_amplification{{phase="{name}"}} > 0').value for name in ("calm", "fault")]

    assert values == [1.0, 3.0]


@example([[0] * 985, [7] * 15])
@given(st.lists(st.lists(st.integers(0, 99), min_size=1, max_size=30), min_size=1, max_size=6))
def test_no_more_than_one_in_a_hundred_is_later_than_lateness_p99(seconds: list[list[int]]) -> None:
    def row(second: int, late_ms: list[int]) -> LoadRow:
        p50, p99, longest = np.percentile(late_ms, [50, 99, 100], method="inverted_cdf").tolist()
        return load(second, len(late_ms), lateness_ms=(p50, p99, longest))

    bound = lateness_p99_ms(load_table(row(second, late_ms) for second, late_ms in enumerate(seconds)))

    exact = np.percentile(np.concatenate(seconds), 99, method="inverted_cdf")
    assert bound is not None
    assert exact <= bound <= max(map(max, seconds))
    assert lateness_p99_ms(load_table([row(0, seconds[0])])) == np.percentile(
        seconds[0], 99, method="inverted_cdf"
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("ok_ratio >= 0.95", "missed"),  # 80 of 100, and with the 10 of the harness 90
        ("ok_ratio >= 0.9", "error"),
        ("ok_ratio >= 0.75", "held"),
        ("goodput >= 85/s", "error"),
        ("p95 < 100ms", "error"),  # those that failed in the harness took longest
        ("p50 < 1ms", "missed"),
        ("error_ratio < 0.05", "missed"),
        ("tunnel_ratio < 0.05", "missed"),  # it is about the harness
        ('ok_ratio{endpoint="GET /fetch"} >= 0.9', "error"),
    ],
)
def test_a_threshold_missed_by_what_failed_in_the_harness_only_can_not_be_told(
    text: str, word: str, tmp_path: Path
) -> None:
    counts = {"ok": (80, 10.0), "error": (10, 10.0), "tunnel": (10, 900.0)}
    answers = [
        Answers(second, [ms] * count, outcome)
        for second in range(12)
        for outcome, (count, ms) in counts.items()
    ]
    run = make(tmp_path / "run", answers, [load(second, 100) for second in range(12)])

    judged = judge(run, text)

    assert (judged.word, judged.is_harness) == (word, word == "error"), judged.reason
    invalid = why_untold([judged])
    assert bool(invalid) == (word == "error")
    if invalid:
        assert "the 120 requests that failed in the harness, not in the service" in invalid
    missed = judge(run, "p50 < 1ms")
    assert exit_of([], [judged, missed], Console()) == 1
    assert exit_of([], [judged], Console()) == {"missed": 1, "held": 0, "error": 3}[word]
