"""Retries: tenacity, told what is worth another attempt, how long to wait for it, and when to give up.

Attempts, deadline and budget each end them; the error of the last attempt is then raised as it is.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from tenacity import RetryCallState, Retrying, retry_if_exception_type
from tenacity.wait import wait_base, wait_exponential, wait_exponential_jitter, wait_random_exponential

from . import policy
from .budget import Budget
from .counters import RequestCounters
from .failures import UnavailableError


class Timed(Protocol):
    """A request that must be answered by a moment of `time.monotonic`."""

    @property
    def deadline(self) -> float: ...


Request = TypeVar("Request", bound=Timed)
Result = TypeVar("Result")


def retried(
    call: Callable[[Request], Result], settings: policy.RetryPolicy, budget: Budget, counters: RequestCounters
) -> Callable[[Request], Result]:
    """`call`, again and again after an UnavailableError, as `settings` say."""
    exponential = backoff(settings)

    def wait(state: RetryCallState) -> float:
        return max(exponential(state), _retry_after(state))

    def stop(state: RetryCallState) -> bool:
        if state.attempt_number >= settings.attempts or _too_late(state):
            return True
        # Last, since it takes a token: only a retry that is going to happen pays.
        if budget.withdraw():
            return False
        counters.add("budget_denied")
        return True

    retrying = Retrying(retry=retry_if_exception_type(UnavailableError), wait=wait, stop=stop, reraise=True)

    def retried_call(request: Request) -> Result:
        return retrying(call, request)

    return retried_call


def backoff(settings: policy.RetryPolicy) -> wait_base:
    """Return how long to wait for the next attempt, without regard to the backend's `Retry-After`."""
    base_s, max_s = settings.backoff_base_s, settings.backoff_max_s
    match settings.jitter:
        case "none":
            return wait_exponential(multiplier=base_s, max=max_s)
        case "full":
            return wait_random_exponential(multiplier=base_s, max=max_s)
        case "added":
            return wait_exponential_jitter(initial=base_s, max=max_s, jitter=settings.jitter_s)


def _too_late(state: RetryCallState) -> bool:
    request: Timed = state.args[0]
    failed_at = cast(float, state.outcome_timestamp)  # None only before the first outcome
    return failed_at + state.upcoming_sleep >= request.deadline


def _retry_after(state: RetryCallState) -> float:
    error = state.outcome and state.outcome.exception()
    return error.retry_after_s if isinstance(error, UnavailableError) else 0.0
