"""The breaker against a small model of closed, open and half-open, in any order of events."""

from dataclasses import dataclass, field

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

from brownout_client.breaker import Breaker
from brownout_client.failures import CircuitOpenError
from brownout_client.policy import PRESETS
from brownout_client.transitions import TransitionLog

RESET_S = 8


@dataclass
class Model:
    """What a breaker is to do, written for reading."""

    fail_max: int
    threshold: int
    places: int
    state: str = "closed"
    failures: int = 0
    successes: int = 0
    opened_at: int = 0
    history: list[str] = field(default_factory=list)
    era: object = field(default_factory=object)
    trials: int = 0

    def become(self, state: str, now: int) -> None:
        self.state, self.era, self.trials, self.successes = state, object(), 0, 0
        self.history.append(state)
        if state == "open":
            self.opened_at = now
        if state == "closed":
            self.failures = 0

    def pass_time(self, now: int) -> None:
        if self.state == "open" and now >= self.opened_at + RESET_S:
            self.become("half-open", now)

    def admits(self, now: int) -> bool:
        self.pass_time(now)
        if self.state == "half-open" and self.trials < self.places:
            self.trials += 1
            return True
        return self.state == "closed"

    def end(self, era: object, now: int, outcome: str) -> None:
        if era is not self.era:
            return
        if self.state == "half-open":
            self.trials -= 1
        if outcome == "failure":
            self.failures += 1
            if self.state == "half-open" or self.failures == self.fail_max:
                self.become("open", now)
        elif outcome == "success":
            self.failures = 0
            if self.state == "half-open":
                self.successes += 1
                if self.successes == self.threshold:
                    self.become("closed", now)


class BreakerMachine(RuleBasedStateMachine):
    """Callers come and go while time passes; a call may end long after the state in which it began."""

    calls: Bundle[tuple[int, object]] = Bundle("calls")

    @initialize(fail_max=st.integers(1, 3), threshold=st.integers(1, 3), places=st.integers(1, 3))
    def start(self, fail_max: int, threshold: int, places: int) -> None:
        chosen = msgspec.structs.replace(
            PRESETS["breaker"].breaker,
            fail_max=fail_max,
            success_threshold=threshold,
            half_open_trials=places,
            reset_timeout_s=float(RESET_S),
        )
        self.now = 0
        self.log = TransitionLog()
        self.breaker = Breaker(chosen, self.log)
        self.model = Model(fail_max, threshold, places)

    @rule(seconds=st.integers(1, RESET_S))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule(target=calls)
    def a_call_is_admitted_or_not(self) -> tuple[int, object]:
        expected = self.model.admits(self.now)
        try:
            ticket = self.breaker.admit(self.now)
        except CircuitOpenError:
            assert not expected
            return -1, None
        assert expected
        return ticket, self.model.era

    @rule(call=consumes(calls), outcome=st.sampled_from(["success", "failure", "failure", "nothing"]))
    def a_call_ends(self, call: tuple[int, object], outcome: str) -> None:
        ticket, era = call
        if era is None:
            return
        if outcome == "nothing":
            self.breaker.release(ticket)
        else:
            self.breaker.record(ticket, self.now, "timeout" if outcome == "failure" else None)
        self.model.end(era, self.now, outcome)

    @rule()
    def somebody_looks(self) -> None:
        self.model.pass_time(self.now)
        view = self.breaker.view(self.now)
        assert view.state == self.model.state
        assert view.trials_in_flight == self.model.trials
        assert view.success_counter == self.model.successes
        left = self.model.opened_at + RESET_S - self.now if view.state == "open" else None
        assert view.seconds_until_half_open == left
        if view.state == "closed":
            assert view.fail_counter == self.model.failures

    @invariant()
    def the_log_tells_the_same_story(self) -> None:
        entries = self.log.since(0)
        assert [entry.to for entry in entries] == self.model.history
        assert [entry.from_ for entry in entries] == ["closed", *self.model.history][: len(entries)]


TestBreaker = BreakerMachine.TestCase
TestBreaker.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
