"""Seconds in which brownout stood still are told, left out of the figures, and must not be many."""

from dataclasses import replace
from pathlib import Path

import pytest

from brownout_results.judge.thresholds import evaluate, parse
from brownout_results.measure.harness import (
    harness_share,
    sentences,
    stalls,
    unfair_seconds,
)
from brownout_results.measure.left_out import requests_left_out
from brownout_results.measure.period import Period
from brownout_results.measure.validity import why_no_result
from brownout_results.record.event_log import event_line
from brownout_results.record.table_rows import HEALTH, Sample, harness_sample
from brownout_results.record.timestamps import iso
from brownout_results.report.charts.style import date
from brownout_results.report.run_report import limits_of, notices, report_of_run
from tests.results.folders import START, Answers, make, open_load
from tests.results.measure.minutes import FLEET, SECONDS, busy, left_out, run_with, stall


def test_a_run_without_a_stall_has_all_its_seconds_and_no_notice(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run")

    assert (stalls(run), left_out(run), harness_share(run), sentences(run)) == ([], [], 0.0, [])
    assert Period.of(run).requests() == 10 * SECONDS


def test_the_seconds_of_a_stall_are_in_no_figure_of_the_service(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", stall(20.5, 2.8), slow=[23])

    assert left_out(run) == [20, 21, 22, 23]
    assert Period.of(run).percentile_ms(100, None, "latency") < 10  # type: ignore[operator]  # there are some
    assert Period.of(run).requests() == 10 * (SECONDS - 4)
    assert Period.everything(run).requests() == 10 * SECONDS
    assert Period.of(run).rated_s == SECONDS - 2 - 4
    assert why_no_result(run) is None


def test_what_a_stall_takes_out_of_the_figures_is_told_however_short_it_was(tmp_path: Path) -> None:
    told = requests_left_out(run := run_with(tmp_path / "run", stall(20.5, 0.3)))

    assert told == "Requests of 1 s in which brownout stalled, which are in no figure: 10 ok."
    assert told in limits_of(run)
    assert requests_left_out(run_with(tmp_path / "whole")) is None


def test_requests_that_were_under_way_in_a_stall_are_left_out_as_late_as_they_end(tmp_path: Path) -> None:
    assert left_out(run_with(tmp_path / "run", stall(20.5, 1.5), slow=[22, 23, 24])) == [20, 21, 22, 23, 24]


def test_requests_that_began_after_a_stall_are_not(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", stall(20.5, 1.0), slow=range(30, 40), ms=500)

    assert left_out(run) == [20, 21]


def test_phases_lack_the_seconds_too(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", stall(20.5, 1.0))

    assert Period.of(run, [range(START + 15, START + 25)]).requests() == 80


@pytest.mark.parametrize("since", [0.1, 59.2])
def test_a_stall_of_the_partial_seconds_at_the_ends_does_not_count(since: float, tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", stall(since, 0.8))

    assert left_out(run) == []


def test_a_short_stall_is_left_out_without_a_word_and_a_long_one_is_a_notice(tmp_path: Path) -> None:
    short = run_with(tmp_path / "short", stall(20.5, 0.3))
    long = run_with(tmp_path / "long", stall(20.5, 3.0, "load generator"))

    assert (left_out(short), notices(short)) == ([20], [])
    assert notices(long) == [
        "The load generator stalled for 3.0 s. 4 s (7%) are the harness's, and in no figure of the service."
    ]


def test_a_stall_that_nobody_saw_end_lasted_to_the_end_of_the_run(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", stall(40.0, None))

    assert left_out(run) == list(range(40, SECONDS + 1))
    assert why_no_result(run) == (
        "33% of the run is the harness's, not the service's: it stalled (the fleet process for 20.0 s)"
    )


def test_an_answer_that_was_only_late_is_no_stall(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", stall(20.0, None), stall(21.2, 0.0))

    assert stalls(run) == []


def test_short_stalls_of_a_busy_machine_add_up(tmp_path: Path) -> None:
    busy = [harness_sample(START + 20, FLEET, 90.0)] * 3
    others = [harness_sample(START + second, FLEET, 90.0) for second in range(30, 40)]

    assert left_out(run_with(tmp_path / "run", samples=[*busy, *others])) == [20]


def test_a_machine_that_is_always_busy_makes_the_run_invalid(tmp_path: Path) -> None:
    busy = [harness_sample(START + second, "load generator", 300.0) for second in range(SECONDS)]

    reason = why_no_result(run_with(tmp_path / "run", samples=busy))

    assert reason is not None
    assert "the load generator again and again, since the machine was busy" in reason


def test_samples_of_the_harness_are_not_taken_for_replicas(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", samples=[harness_sample(START + 20, FLEET, 90.0)])

    assert (len(run.samples), len(run.harness)) == (0, 1)


def test_a_threshold_can_be_about_the_share_of_the_harness(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", stall(20.5, 2.8))

    held, missed = evaluate(run, [parse("harness_share < 10%"), parse("harness_share < 5%")])

    assert (held.passed, missed.passed) == (True, False)
    assert missed.value == pytest.approx(4 / 60)


def test_the_report_has_a_lane_of_the_harness(tmp_path: Path) -> None:
    (timeline, *_) = report_of_run(run_with(tmp_path / "run", stall(20.5, 2.8)), "now").charts

    (lane,) = [trace for trace in timeline.views[""].data if trace.name == "stalled"]
    assert (lane.x, lane.y) == ((date(20.5), date(23.3), None), (FLEET, FLEET, None))


def test_a_busy_machine_is_told_and_nothing_is_left_out(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", busy(10, 1.2), busy(30, 2.0))

    assert [sentence.split(":")[0] for sentence in sentences(run)] == ["The machine was busy for 3 s"]
    assert (harness_share(run), why_no_result(run)) == (0.0, None)


def test_a_second_of_a_busy_machine_is_no_news(tmp_path: Path) -> None:
    assert sentences(run_with(tmp_path / "run", busy(10, 1.2))) == []


def test_arrivals_that_started_late_are_told(tmp_path: Path) -> None:
    """As on a machine with a load of 20: the longest latencies say little of the service."""
    answers = [Answers(second, [700] * 10) for second in range(SECONDS)]
    rows = [open_load(second, 10, late_ms=670) for second in range(SECONDS)]
    ended = {"format": 1, "ended": iso(START + SECONDS), "how_ended": "completed"}
    [told] = sentences(make(tmp_path / "run", answers, rows, [], [], ended))

    assert told.startswith("1 % of the arrivals started more than 670 ms late")


def health(second: int, part: str, **figures: float) -> Sample:
    """What a part told of a second, counted from the start."""
    return harness_sample(START + second, part, figures=figures)


def taken(second: int, others_ms: float = 1500.0, pressure_ms: float = 900.0) -> list[Sample]:
    """A second of a machine of two cores of which other processes than ours took a part."""
    ours = {"load generator": 50.0, FLEET: 50.0, "replicas": 200.0}
    parts = [health(second, part, cpu_ms=ms) for part, ms in ours.items()]
    return [*parts, health(second, "machine", cpu_ms=300.0 + others_ms, pressure_ms=pressure_ms)]


@pytest.mark.parametrize(
    ("samples", "seconds"),
    [
        (taken(20), [20]),
        (taken(20, others_ms=400.0), []),  # a part of one core
        (taken(20, pressure_ms=100.0), []),  # nobody waited
        ([one for one in taken(20) if one.replica != "replicas"], []),  # the others may be the service
        ([health(20, "load generator", waited_ms=150), health(20, FLEET, waited_ms=150)], [20]),
        ([health(20, "worker a", waited_ms=300.0)], [20]),
        ([health(20, "machine", waited_ms=300.0), health(20, FLEET, waited_ms=100.0)], []),
    ],
)
def test_latency_of_seconds_in_which_brownout_had_too_little_time_is_in_no_percentile(
    samples: list[Sample], seconds: list[int], tmp_path: Path
) -> None:
    run = run_with(tmp_path / "run", slow=[20], ms=300, samples=samples)
    run = replace(run, manifest={**run.manifest, "cpu_count": 2})

    assert [second - START for span in unfair_seconds(run) for second in span] == seconds
    period = Period.of(run)
    longest = period.percentile_ms(100, None, "latency")
    assert longest is not None
    assert (longest < 10) == bool(seconds)
    assert period.requests() == 10 * SECONDS
    assert harness_share(run) == len(seconds) / SECONDS
    assert sentences(run) == []


def test_what_was_under_way_in_such_a_second_is_left_out_as_late_as_it_ends(tmp_path: Path) -> None:
    waits = [health(20, FLEET, waited_ms=400.0)]
    run = run_with(tmp_path / "run", slow=[21], ms=2_000, samples=waits)

    assert [second - START for span in unfair_seconds(run) for second in span] == [20, 21]


def test_arrivals_that_started_late_for_some_seconds_are_in_no_percentile(tmp_path: Path) -> None:
    late = range(20, 40)
    answers = [Answers(second, [400 if second in late else 5] * 10) for second in range(SECONDS)]
    rows = [open_load(second, 10, late_ms=395 if second in late else 0.1) for second in range(SECONDS)]
    run = make(tmp_path / "run", answers, rows, manifest={"format": 1, "ended": iso(START + SECONDS)})

    assert Period.of(run).percentile_ms(95, None, "latency") < 10  # type: ignore[operator]  # there are some
    assert Period.of(run).lateness_p99_ms == pytest.approx(395)
    assert sentences(run)[0].startswith("In 20 s brownout had too little time")


def test_of_a_run_with_hardly_another_second_everything_is_shown(tmp_path: Path) -> None:
    samples = [one for second in range(SECONDS) for one in taken(second)]
    run = run_with(tmp_path / "run", slow=range(SECONDS), ms=300, samples=samples)
    run = replace(run, manifest={**run.manifest, "cpu_count": 2})

    assert Period.of(run).percentile_ms(50, None, "latency") > 200  # type: ignore[operator]  # there are some
    assert why_no_result(run) is None


def test_a_suspend_is_told_and_what_ended_then_is_in_no_figure(tmp_path: Path) -> None:
    fields = {"since": iso(START + 19.25), "seconds": 3600.0}
    asleep = event_line("suspend", START + 20.25, 20.25, fields)
    run = run_with(tmp_path / "run", asleep, slow=[20])

    assert left_out(run) == [19, 20]
    assert sentences(run)[0] == "The machine was suspended for 3600.0 s."


def test_health_is_in_columns_of_the_samples() -> None:
    assert Sample._fields[-len(HEALTH) :] == HEALTH
    docs = (Path(__file__).parents[3] / "docs" / "run-folder.md").read_text("utf-8")
    assert [key for key in HEALTH if f"`{key}`" not in docs] == []


def test_a_part_that_ended_is_told_to_be_gone(tmp_path: Path) -> None:
    fields = {"process": FLEET, "since": iso(START + 30), "seconds": None, "gone": True}
    run = run_with(tmp_path / "run", event_line("stall", START + 31, 31, fields))

    assert "The fleet process was gone for 30.0 s." in sentences(run)
    assert "it was gone (the fleet process for 30.0 s)" in (why_no_result(run) or "")


def test_a_stall_of_the_experiments_process_is_told_and_leaves_nothing_out(tmp_path: Path) -> None:
    run = run_with(tmp_path / "run", stall(20.5, 30.0, "experiment"))

    assert (left_out(run), why_no_result(run)) == ([], None)
    assert sentences(run) == ["The experiment stalled for 30.0 s."]


def test_short_stalls_of_the_experiments_process_leave_nothing_out(tmp_path: Path) -> None:
    samples = [harness_sample(START + second, "experiment", 900.0) for second in range(10, 50)]
    run = run_with(tmp_path / "run", samples=samples)

    assert (left_out(run), why_no_result(run)) == ([], None)
