"""A circuit breaker that never holds a lock while the backend is called.

pybreaker is the state machine: it counts, and decides when to open and when to close. Admission is ours,
since `pybreaker.CircuitBreaker.call` holds its lock around the call (one slow backend serialises every
caller), lets every caller through while half-open, and leaves the open state only when there is a call. Here
a caller gets a ticket, calls without any lock, and reports the outcome; pybreaker sees a call that has ended.

A ticket is the number of the state in which it was given out. An outcome that arrives in a later state says
nothing about that one, and is ignored.

Every `now` is in seconds of a clock that never goes back.
"""

import contextlib
from collections.abc import Callable
from threading import Lock
from typing import TypeVar, cast

from msgspec import Struct
from pybreaker import CircuitBreaker

from . import policy
from .failures import BackendRefusedError, CircuitOpenError, UnavailableError
from .transitions import State, TransitionLog

Request = TypeVar("Request")
Result = TypeVar("Result")


class BreakerView(Struct, frozen=True):
    """A breaker at one moment."""

    state: State
    fail_counter: int
    """Consecutive failures up to now."""
    success_counter: int
    """Trials of this half-open state that succeeded."""
    trials_in_flight: int
    seconds_until_half_open: float | None
    """None unless open."""


class Breaker:
    """One breaker; safe to share between threads and greenlets."""

    def __init__(self, settings: policy.BreakerPolicy, log: TransitionLog) -> None:
        self.settings = settings
        self._log = log
        self._lock = Lock()
        self._machine = CircuitBreaker(
            fail_max=settings.fail_max,
            success_threshold=settings.success_threshold,
            throw_new_error_on_trip=False,
        )
        self._epoch = 0
        self._opened_at = 0.0
        self._trials = 0

    def admit(self, now: float) -> int:
        """A ticket for one call, to be handed to `record` or `release` after it. Raises CircuitOpenError."""
        with self._lock:
            state = self._state(now)
            if state == "half-open" and self._trials < self.settings.half_open_trials:
                self._trials += 1
            elif state != "closed":
                raise CircuitOpenError
            return self._epoch

    def record(self, ticket: int, now: float, failure: str | None = None) -> None:
        """The outcome of an admitted call: its cause if it failed, None if the backend answered."""
        with self._lock:
            if ticket != self._epoch:
                return
            before = self._current()
            if before == "half-open":
                self._trials -= 1
            self._replay(failure)
            after = self._current()
            if after == "open":
                self._opened_at = now
            if after != before:
                self._move(before, after, self._reason(before, failure))

    def release(self, ticket: int) -> None:
        """An admitted call ended without an outcome, such as by being killed: it frees its place, no more."""
        with self._lock:
            if ticket == self._epoch and self._current() == "half-open":
                self._trials -= 1

    def view(self, now: float) -> BreakerView:
        """The breaker now, with a reset timeout that has passed taken into account."""
        with self._lock:
            state = self._state(now)
            return BreakerView(
                state=state,
                fail_counter=self._machine.fail_counter,
                success_counter=self._machine.success_counter,
                trials_in_flight=self._trials,
                seconds_until_half_open=self._due() - now if state == "open" else None,
            )

    def retire(self, now: float) -> None:
        """Another breaker takes over. Calls in flight keep this one; the log no longer hears of it."""
        with self._lock:
            state = self._state(now)
            if state != "closed":
                self._log.append(state, "closed", "policy changed")
            self._log = TransitionLog()

    def _current(self) -> State:
        return cast(State, self._machine.current_state)

    def _due(self) -> float:
        return self._opened_at + self.settings.reset_timeout_s

    def _state(self, now: float) -> State:
        """The state, after the transition that is due, if one is. pybreaker's own clock is never asked."""
        if self._current() == "open" and now >= self._due():
            self._machine.half_open()
            self._move("open", "half-open", "reset timeout passed", age_s=now - self._due())
        return self._current()

    def _replay(self, failure: str | None) -> None:
        if failure is None:
            self._machine.call(_succeed)
        else:
            with contextlib.suppress(_Failure):
                self._machine.call(_fail)

    def _reason(self, before: State, failure: str | None) -> str:
        if failure is None:
            threshold = self.settings.success_threshold
            return f"{threshold} of {threshold} trials succeeded"
        if before == "half-open":
            return f"trial failed: {failure}"
        count = self._machine.fail_counter
        return f"{count} consecutive {'failure' if count == 1 else 'failures'}, last: {failure}"

    def _move(self, from_: State, to: State, cause: str, age_s: float = 0.0) -> None:
        self._epoch += 1
        self._trials = 0
        self._log.append(from_, to, cause, age_s)


class _Failure(Exception):  # noqa: N818  stands for a failure of the backend; never seen outside
    pass


def _succeed() -> None:
    pass


def _fail() -> None:
    raise _Failure


def guarded(
    call: Callable[[Request], Result], breaker: Breaker, clock: Callable[[], float]
) -> Callable[[Request], Result]:
    """`call`, let through by `breaker`, which learns how it ended. Only an UnavailableError is a failure."""

    def guarded_call(request: Request) -> Result:
        ticket = breaker.admit(clock())
        try:
            result = call(request)
        except UnavailableError as error:
            breaker.record(ticket, clock(), error.cause)
            raise
        except BackendRefusedError:
            breaker.record(ticket, clock())
            raise
        except BaseException:
            breaker.release(ticket)
            raise
        breaker.record(ticket, clock())
        return result

    return guarded_call
