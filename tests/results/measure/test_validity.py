"""A run that says nothing about its target is told from one in which the target did badly."""

from pathlib import Path
from typing import Any

import pytest
import requests

from brownout_loadtest.arrivals import Schedule
from brownout_loadtest.outcomes import CAUSES
from brownout_loadtest.shapes import SHAPES
from brownout_results.measure.validity import why_incomplete, why_invalid
from brownout_results.record.event_log import event_line
from brownout_results.record.table_rows import Sample, harness_sample
from brownout_results.record.timestamps import iso
from brownout_terms.limits import FORWARDER_LIMIT, LIMITS
from tests.results.folders import START, Answers, failures, load, make, open_load

ANSWERS = [Answers(second, [5] * 10) for second in range(10)]
ERRORS = [Answers(second, [5] * 10, "error") for second in range(10)]
LOAD = [load(second, 10) for second in range(10)]
OPEN_LOAD = [open_load(second, 100) for second in range(10)]


def told_to(rate: float, seconds: float, **more: Any) -> dict[str, Any]:
    """The run.json of an open-loop run that lasted as long as it should."""
    return {"how_ended": "completed", "load": {"arrival_rate": rate, "run_time_s": seconds, **more}}


def test_a_run_in_which_every_request_was_answered_is_valid(tmp_path: Path) -> None:
    assert why_invalid(make(tmp_path / "closed", ANSWERS, LOAD)) is None
    assert why_invalid(make(tmp_path / "open", ANSWERS, OPEN_LOAD, manifest=told_to(100, 10))) is None


def test_a_run_without_any_request_is_invalid(tmp_path: Path) -> None:
    reason = why_invalid(make(tmp_path / "run", load=[load(0, 0), load(1, 0)]))

    assert reason is not None
    assert "nothing was sent" in reason


def test_a_run_in_which_no_request_ended_is_invalid(tmp_path: Path) -> None:
    reason = why_invalid(make(tmp_path / "run", load=OPEN_LOAD))

    assert reason == "the target never answered: 1,000 requests started, none had ended when the load did"


def test_a_run_in_which_every_arrival_was_dropped_is_invalid(tmp_path: Path) -> None:
    reason = why_invalid(make(tmp_path / "run", load=[open_load(0, 40, dropped=40)]))

    assert reason == "nothing was sent: all of the 40 arrivals found every user busy"


@pytest.mark.parametrize(
    "causes",
    [
        {"connection refused": 100},
        {"connection reset": 60, "timeout": 40},
        {"tunnel": 100},
        {"ConnectionRefusedError(111, 'Connection refused')": 100},
        {"ReadTimeout(ReadTimeoutError('read timed out'))": 100},
    ],
)
def test_a_target_that_never_answers_makes_a_run_invalid(causes: dict[str, int], tmp_path: Path) -> None:
    reason = why_invalid(make(tmp_path / "run", ERRORS, LOAD, failures=failures(causes)))

    assert reason is not None
    assert reason.startswith("the target never answered any of 100 requests: ")
    assert all(f"{count} × {cause}" in reason for cause, count in causes.items())


def test_a_forward_that_was_always_down_makes_a_run_invalid_without_a_table_of_failures(
    tmp_path: Path,
) -> None:
    answers = [Answers(second, [5] * 10, "tunnel") for second in range(10)]

    reason = why_invalid(make(tmp_path / "run", answers, LOAD))

    assert reason == "the target never answered any of 100 requests: tunnel"


@pytest.mark.parametrize(
    "causes",
    [
        {"http 500": 100},
        {"connection refused": 99, "http 500": 1},
        {"broken answer": 100},
        {"HTTPError('503 Server Error: timeout')": 100},
        {"CatchResponseError('connection refused')": 100},
        {},
    ],
)
def test_errors_that_the_target_answered_are_a_bad_run_and_not_an_invalid_one(
    causes: dict[str, int], tmp_path: Path
) -> None:
    assert why_invalid(make(tmp_path / "run", ERRORS, LOAD, failures=failures(causes))) is None


def test_requests_that_failed_at_a_limit_make_a_run_invalid_beyond_one_percent(tmp_path: Path) -> None:
    for cause in (*LIMITS.values(), FORWARDER_LIMIT):
        answers = [Answers(0, [5] * 196, "ok"), Answers(1, [5] * 4, "tunnel")]
        few, many = (failures({cause: count}) for count in (2, 4))

        assert why_invalid(make(tmp_path / f"few, {cause}", answers, LOAD, failures=few)) is None
        reason = why_invalid(make(tmp_path / f"many, {cause}", answers, LOAD, failures=many))
        assert reason is not None
        assert reason.startswith(f"4 of 200 requests (2.0%) failed at a limit: {cause}")


def test_one_answer_among_refusals_makes_a_run_valid(tmp_path: Path) -> None:
    for outcome in ("ok", "fallback"):
        answers = [*ERRORS, Answers(10, [5], outcome)]
        refused = failures({"connection refused": 100})

        assert why_invalid(make(tmp_path / outcome, answers, LOAD, failures=refused)) is None


def test_every_cause_that_users_tell_without_an_answer_is_known(tmp_path: Path) -> None:
    causes = dict.fromkeys({cause for _, cause in CAUSES} - {"broken answer"}, 10)

    assert why_invalid(make(tmp_path / "run", ERRORS, LOAD, failures=failures(causes)))


def test_the_exception_of_a_closed_port_is_known_as_requests_raises_it(tmp_path: Path) -> None:
    with pytest.raises(requests.ConnectionError) as refused:
        requests.get("http://127.0.0.1:1", timeout=5)
    error = repr(refused.value).replace('"', '""')

    assert why_invalid(make(tmp_path / "run", ERRORS, LOAD, failures=failures({error: 100})))


def test_dropped_arrivals_make_a_run_invalid_beyond_one_percent(tmp_path: Path) -> None:
    def dropping(count: int) -> str | None:
        rows = [*OPEN_LOAD[1:], open_load(0, 100, dropped=count)]
        return why_invalid(make(tmp_path / str(count), ANSWERS, rows))

    assert dropping(10) is None
    assert dropping(11) == (
        "the offered rate was not held: of 1,000 arrivals asked for, 989 (98.90 %) started in time, fewer "
        "than 99 %; 11 found every user busy (--users allows more requests at once)"
    )


def test_a_load_generator_that_runs_late_makes_a_run_invalid(tmp_path: Path) -> None:
    def late_by(late_ms: float) -> str | None:
        rows = [*OPEN_LOAD[:9], open_load(9, 100, late_ms=late_ms)]
        return why_invalid(make(tmp_path / str(late_ms), ANSWERS, rows))

    reason = late_by(1001)

    assert late_by(999) is None
    assert reason is not None
    assert "900 (90.00 %) started in time" in reason
    assert "100 started over 1 s late" in reason


def stall_of(process: str) -> str:
    """The event of a stall of 1.5 s in the middle of the load."""
    fields = {"process": process, "since": iso(START + 4.2), "seconds": 1.5}
    return event_line("stall", START + 5.7, 5.7, fields)


def full(ms: float) -> list[Sample]:
    """What a load generator tells that uses so much of its core."""
    return [harness_sample(START + second, "load generator", figures={"cpu_ms": ms}) for second in range(10)]


BUSY = event_line("busy", START + 7, 7.0, {"since": iso(START + 3), "seconds": 4.0})


@pytest.mark.parametrize(
    ("events", "samples", "advice"),
    [
        ([], [], "started over 1 s late (the load generator is short of CPU: --processes)"),
        ([], full(950), "started over 1 s late (the load generator has used up its core: --processes)"),
        ([BUSY], full(950), "(the load generator has used up its core: --processes)"),
        (
            [BUSY],
            full(200),
            "(the machine was busy for 4 s: end what else runs here, or make the load elsewhere",
        ),
        ([stall_of("load generator"), BUSY], full(200), "(the load generator stalled for 1.5 s)"),
        ([stall_of("worker a")], full(950), "(the worker a stalled for 1.5 s)"),
        ([stall_of("experiment")], [], "(the load generator is short of CPU: --processes)"),
    ],
)
def test_the_advice_fits_what_kept_the_load_from_its_rate(
    events: list[str], samples: list[Sample], advice: str, tmp_path: Path
) -> None:
    rows = [*OPEN_LOAD[:9], open_load(9, 100, late_ms=1001)]
    reason = why_invalid(make(tmp_path / "run", ANSWERS, rows, samples, events)) or ""

    assert advice in reason
    assert ("--processes" in reason) is ("--processes" in advice)


def test_users_that_ended_before_they_sent_anything_are_told(tmp_path: Path) -> None:
    def sent_nothing_with(users: int) -> str | None:
        return why_invalid(
            make(tmp_path / str(users), [], [load(second, 0, users=users) for second in range(5)])
        )

    assert (sent_nothing_with(0) or "").startswith("nothing was sent: no user was ever alive")
    assert (sent_nothing_with(3) or "").startswith("nothing was sent, or no request had ended")


def test_arrivals_that_a_lost_worker_never_made_are_missed(tmp_path: Path) -> None:
    reason = why_invalid(make(tmp_path / "run", ANSWERS, OPEN_LOAD, manifest=told_to(105, 10)))

    assert reason is not None
    assert "of 1,050 arrivals asked for, 1,000 (95.24 %) started in time" in reason
    assert "50 never came up" in reason


def test_arrivals_are_not_missed_in_a_run_that_ended_early(tmp_path: Path) -> None:
    manifest = {**told_to(100, 3600), "how_ended": "stopped"}

    assert why_invalid(make(tmp_path / "run", ANSWERS, OPEN_LOAD, manifest=manifest)) is None


def test_a_poisson_process_may_fall_short_by_chance(tmp_path: Path) -> None:
    def invalid(rate: float, arrivals: str) -> bool:
        manifest = told_to(rate, 10, arrivals=arrivals)
        return bool(why_invalid(make(tmp_path / f"{rate}{arrivals}", ANSWERS, OPEN_LOAD, manifest=manifest)))

    assert [invalid(108, "poisson"), invalid(108, "constant"), invalid(120, "poisson")] == [False, True, True]


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_what_was_asked_for_follows_the_shape(shape: str, tmp_path: Path) -> None:
    line = SHAPES[shape]().line(20.0)
    expected = sum(1 for _ in Schedule(100, line, "constant", 1, 20.0).arrivals())
    manifest = told_to(100, 20, polyline=[list(point) for point in line])

    def invalid(offered: int) -> str | None:
        run = make(tmp_path / f"{shape}{offered}", ANSWERS, [open_load(0, offered)], manifest=manifest)
        return why_invalid(run)

    assert invalid(expected) is None
    assert f"of {expected:,} arrivals asked for" in str(invalid(int(expected * 0.98)))


def test_closed_loop_has_no_rate_to_hold(tmp_path: Path) -> None:
    run = make(tmp_path / "run", ANSWERS, LOAD, manifest=told_to(0, 10))

    assert why_invalid(run) is None


ENDED = {"ended": "2026-03-14T15:09:26.000Z", "how_ended": "completed", "requests": 100, "not_written": {}}


def test_a_record_that_is_whole_is_complete(tmp_path: Path) -> None:
    assert why_incomplete(make(tmp_path / "run", ANSWERS, LOAD, manifest=ENDED)) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ended": None}, "breaks off after 10 s and 100 requests"),
        ({"not_written": {"latency.hlog": 3}}, "the disk was full: latency.hlog"),
        ({"requests": 1400}, "the run had 1,400 requests, and latency.hlog has 100 of them"),
    ],
)
def test_a_record_that_is_not_whole_says_why(change: dict[str, Any], reason: str, tmp_path: Path) -> None:
    told = why_incomplete(make(tmp_path / "run", ANSWERS, LOAD, manifest=ENDED | change))

    assert told is not None
    assert reason in told


def test_a_run_whose_workers_reports_were_lost_in_part_is_not_whole(
    tmp_path: Path,
) -> None:
    ended = {"ended": "2023-11-14T22:13:30Z", "how_ended": "completed", "requests": 100, "lost_reports": 7}
    run = make(tmp_path / "run", ANSWERS, LOAD, manifest=ended)

    assert why_incomplete(run) == "reports of 7 requests were lost between workers and their master"
