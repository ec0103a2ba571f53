"""Gets the backend's data for a request, following the policy that is active at that moment."""

import time
from collections.abc import Callable
from threading import Lock

from msgspec import Struct

from .backend_client import BackendClient
from .breaker import Breaker, BreakerView, guarded
from .budget import Budget
from .counters import Outcome, RequestCounters
from .failures import CircuitOpenError, FetchError, TunnelDownError
from .policy import Policy
from .retries import retried
from .transitions import TransitionLog


class Fetch:
    """One request on its way."""

    __slots__ = ("active", "attempts", "cause", "deadline", "id")

    def __init__(self, id_: str, active: "ActivePolicy", deadline: float) -> None:
        self.id = id_
        self.active = active
        self.deadline = deadline
        """A moment of `time.monotonic`."""
        self.attempts = 0
        self.cause: str | None = None
        """Why the last attempt failed; not the exception itself, which would refer back to this."""


class ActivePolicy(Struct, frozen=True):
    """A policy and the state that it works with. A request keeps the one that it started with."""

    policy: Policy
    revision: int
    """The number that the policy's writer gave it; else one more than the policy before."""
    breaker: Breaker
    budget: Budget
    call: Callable[[Fetch], bytes]
    """The backend's call with the policy around it."""


class Result(Struct, frozen=True):
    """How a request ended."""

    outcome: Outcome
    data: bytes = b""
    """The backend's JSON if ok."""
    cause: str | None = None
    """Why there is no data, unless ok; see failures.py."""
    reason: str = ""
    """What the forwarder says, if the cause is `tunnel`."""


class Caller:
    """Fetches from `backend`; safe to share between threads and greenlets."""

    def __init__(self, backend: BackendClient, policy: Policy) -> None:
        self.backend = backend
        self.counters = RequestCounters()
        self.log = TransitionLog()
        self._switching = Lock()
        breaker, budget = Breaker(policy.breaker, self.log), Budget(policy.retry.budget)
        self.active = self._activate(policy, 0, breaker, budget)
        """What the next request follows."""

    def fetch(self, request_id: str) -> Result:
        """Get the data, within the policy's deadline."""
        active = self.active
        fetch = Fetch(request_id, active, time.monotonic() + active.policy.deadline_s)
        self.counters.add("requests")
        try:
            result = Result("ok", data=active.call(fetch))
        except FetchError as error:
            if isinstance(error, CircuitOpenError):
                self.counters.add("short_circuits")
            outcome: Outcome = "fallback" if active.policy.fallback.enabled else "error"
            # A breaker within the retries may refuse a second attempt: what users miss is due to the first.
            reason = error.reason if isinstance(error, TunnelDownError) else ""
            result = Result(outcome, cause=fetch.cause or error.cause, reason=reason)
        self.counters.finish(result.outcome, result.cause)
        return result

    def switch(self, policy: Policy, revision: int | None) -> None:
        """Follow `policy` from the next request on. What it leaves as it was keeps its state."""
        with self._switching:
            breaker, budget = self.active.breaker, self.active.budget
            if policy.breaker != breaker.settings:
                breaker.retire(time.monotonic())
                breaker = Breaker(policy.breaker, self.log)
            if policy.retry.budget != budget.settings:
                budget = Budget(policy.retry.budget)
            revision = self.active.revision + 1 if revision is None else revision
            self.active = self._activate(policy, revision, breaker, budget)

    def breaker_view(self) -> BreakerView:
        """The breaker as it is now."""
        return self.active.breaker.view(time.monotonic())

    def _activate(self, policy: Policy, revision: int, breaker: Breaker, budget: Budget) -> ActivePolicy:
        call: Callable[[Fetch], bytes] = self._attempt
        if policy.breaker.enabled and policy.breaker.placement == "inside":
            call = guarded(call, breaker, time.monotonic)
        if policy.retry.enabled:
            call = retried(call, policy.retry, budget, self.counters)
        if policy.breaker.enabled and policy.breaker.placement == "outside":
            call = guarded(call, breaker, time.monotonic)
        return ActivePolicy(policy, revision, breaker, budget, call)

    def _attempt(self, fetch: Fetch) -> bytes:
        fetch.attempts += 1
        self.counters.add("attempts")
        if fetch.attempts == 1:
            fetch.active.budget.deposit()
        else:
            self.counters.add("retries")
        try:
            left_s = fetch.deadline - time.monotonic()
            return self.backend.get(fetch.id, min(fetch.active.policy.attempt_timeout_s, left_s))
        except FetchError as error:
            fetch.cause = error.cause
            raise
