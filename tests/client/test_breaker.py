"""The breaker: when it opens, whom it lets through, and what its log says. The clock is an argument."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from brownout_client.breaker import Breaker, guarded
from brownout_client.failures import BackendRefusedError, CircuitOpenError, UnavailableError
from brownout_client.policy import PRESETS
from brownout_client.transitions import TransitionLog

WALL = 1_000_000.0
"""The wall clock's time, which stands still; the breaker's own clock starts at 0."""


class Bench:
    """A breaker with a log: opens after 3 failures, for 10 s."""

    def __init__(self, **settings: Any) -> None:
        base = msgspec.structs.replace(PRESETS["breaker"].breaker, fail_max=3, reset_timeout_s=10.0)
        self.log = TransitionLog(wall=lambda: WALL)
        self.breaker = Breaker(msgspec.structs.replace(base, **settings), self.log)

    def succeed(self, now: float) -> None:
        self.breaker.record(self.breaker.admit(now), now)

    def fail(self, now: float, times: int = 1) -> None:
        for _ in range(times):
            self.breaker.record(self.breaker.admit(now), now, "http-503")

    def refuses(self, now: float) -> bool:
        try:
            self.breaker.release(self.breaker.admit(now))
        except CircuitOpenError:
            return True
        return False

    def state(self, now: float) -> str:
        return self.breaker.view(now).state

    def told(self) -> list[tuple[str, str, str]]:
        return [(entry.from_, entry.to, entry.cause) for entry in self.log.since(0)]


def test_consecutive_failures_open_it() -> None:
    """The third in a row; a success in between starts the count again."""
    bench = Bench()
    bench.fail(0, times=2)
    bench.succeed(0)
    bench.fail(0, times=2)
    assert bench.state(0) == "closed"
    bench.fail(0)
    assert bench.state(0) == "open"
    assert bench.refuses(0)
    assert bench.told() == [("closed", "open", "3 consecutive failures, last: http-503")]


def test_it_half_opens_when_due_without_traffic() -> None:
    """Whoever looks sees it; the log says when it was due, not when somebody looked."""
    bench = Bench()
    bench.fail(5, times=3)
    assert bench.breaker.view(14.9).seconds_until_half_open == pytest.approx(0.1)
    assert bench.state(14.9) == "open"
    assert bench.state(18) == "half-open"
    [_, half_open] = bench.log.since(0)
    assert (half_open.from_, half_open.to, half_open.cause) == ("open", "half-open", "reset timeout passed")
    assert half_open.at == WALL - 3
    assert bench.breaker.view(18).seconds_until_half_open is None


def test_half_open_admits_as_many_trials_as_configured() -> None:
    """The others fail fast until a trial has ended."""
    bench = Bench(half_open_trials=2, success_threshold=3)
    bench.fail(0, times=3)
    first, _second = bench.breaker.admit(10), bench.breaker.admit(10)
    assert bench.breaker.view(10).trials_in_flight == 2
    assert bench.refuses(10)
    bench.breaker.record(first, 11)
    assert bench.breaker.view(11).trials_in_flight == 1
    assert not bench.refuses(11)


def test_enough_successful_trials_close_it() -> None:
    bench = Bench(success_threshold=2)
    bench.fail(0, times=3)
    bench.succeed(10)
    assert (bench.state(10), bench.breaker.view(10).success_counter) == ("half-open", 1)
    bench.succeed(11)
    assert bench.state(11) == "closed"
    assert bench.breaker.view(11).fail_counter == 0
    assert bench.told()[-1] == ("half-open", "closed", "2 of 2 trials succeeded")


def test_a_failed_trial_opens_it_for_another_reset_timeout() -> None:
    bench = Bench()
    bench.fail(0, times=3)
    bench.breaker.record(bench.breaker.admit(12), 13, "timeout")
    assert bench.told()[-1] == ("half-open", "open", "trial failed: timeout")
    assert bench.breaker.view(13).seconds_until_half_open == 10
    assert bench.refuses(22.9)
    assert not bench.refuses(23)


def test_late_results_of_another_state_are_ignored() -> None:
    """Calls that were in flight when it opened neither close it, nor keep it open, nor are trials."""
    bench = Bench()
    late = [bench.breaker.admit(0) for _ in range(3)]
    bench.fail(0, times=3)
    bench.breaker.record(late[0], 1)
    assert bench.state(1) == "open"
    trial = bench.breaker.admit(10)
    bench.breaker.record(late[1], 11, "timeout")
    bench.breaker.release(late[2])
    assert (bench.state(11), bench.breaker.view(11).trials_in_flight) == ("half-open", 1)
    bench.breaker.record(trial, 12)
    assert bench.state(12) == "closed"


def test_a_released_trial_frees_its_place_and_says_nothing() -> None:
    bench = Bench()
    bench.fail(0, times=3)
    bench.breaker.release(bench.breaker.admit(10))
    assert bench.state(10) == "half-open"
    bench.succeed(10)
    assert bench.state(10) == "closed"


def test_one_failure_is_enough_if_the_policy_says_so() -> None:
    bench = Bench(fail_max=1)
    bench.fail(0)
    assert bench.told() == [("closed", "open", "1 consecutive failure, last: http-503")]


def test_a_retired_breaker_closes_in_the_log_and_is_not_heard_of_again() -> None:
    """Requests in flight keep it, and may do with it what they want."""
    bench = Bench(fail_max=1)
    bench.fail(0)
    bench.breaker.retire(1)
    bench.succeed(11)
    bench.fail(12)
    assert bench.told()[1:] == [("open", "closed", "policy changed")]


def test_a_closed_breaker_retires_without_a_word() -> None:
    bench = Bench()
    bench.breaker.retire(1)
    assert bench.told() == []


def test_the_log_keeps_the_last_thousand_and_its_numbers_have_no_gaps() -> None:
    bench = Bench(fail_max=1, reset_timeout_s=1)
    for now in range(600):
        bench.fail(now)
    kept = [entry.seq for entry in bench.log.since(0)]
    assert kept == list(range(200, 1200))
    assert [entry.seq for entry in bench.log.since(1197)] == [1198, 1199]


def test_trials_are_counted_right_between_threads() -> None:
    """100 threads that come at the same moment: exactly the configured number of trials."""
    bench = Bench(half_open_trials=7)
    bench.fail(0, times=3)
    gate = threading.Barrier(100)

    def come(_: int) -> bool:
        gate.wait(10)
        try:
            bench.breaker.admit(10)
        except CircuitOpenError:
            return False
        return True

    with ThreadPoolExecutor(100) as pool:
        assert sum(pool.map(come, range(100))) == 7


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (UnavailableError("timeout"), "open"),
        (BackendRefusedError("http-404"), "closed"),
        (KeyboardInterrupt(), "half-open"),
        (RuntimeError("a bug of ours"), "half-open"),
    ],
)
def test_only_a_failure_of_the_backend_is_a_failure(error: BaseException, state: str) -> None:
    """A refusal is an answer; what says nothing about the backend only frees the trial's place."""
    bench = Bench()
    bench.fail(0, times=3)

    def call(_: None) -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        guarded(call, bench.breaker, clock=lambda: 10.0)(None)
    assert raised.value is error
    assert bench.state(10) == state
    assert bench.breaker.view(10).trials_in_flight == 0


def test_no_lock_is_held_during_a_call() -> None:
    """100 calls are in flight at the same time."""
    bench = Bench()
    together = threading.Barrier(100)
    call = guarded(lambda _: together.wait(10), bench.breaker, clock=lambda: 0.0)
    with ThreadPoolExecutor(100) as pool:
        assert sorted(pool.map(call, range(100))) == list(range(100))
