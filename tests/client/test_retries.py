"""Retries: what is worth one, how long to wait for it, and when it is not worth it."""

import random
import time
from dataclasses import dataclass, field

import pytest
import tenacity

from brownout_client import policy
from brownout_client.backend_client import parse_retry_after
from brownout_client.budget import Budget
from brownout_client.counters import RequestCounters
from brownout_client.failures import BackendRefusedError, FetchError, UnavailableError
from brownout_client.policy import PRESETS, RetryPolicy
from brownout_client.retries import backoff, retried

FOR_EVER = float("inf")

QUICK = RetryPolicy(
    enabled=True,
    attempts=5,
    backoff_base_s=0.0,
    backoff_max_s=0.0,
    jitter="none",
    jitter_s=0.0,
    budget=policy.BudgetPolicy(enabled=False, ratio=0, burst=1),
)


@dataclass
class Request:
    """A request whose attempts end as `outcomes` say; the last one stands for all that follow."""

    outcomes: list[FetchError | str]
    deadline: float = FOR_EVER
    times: list[float] = field(default_factory=list)
    """When each attempt was made, in seconds of `time.monotonic`."""

    def call(self) -> str:
        self.times.append(time.monotonic())
        outcome = self.outcomes[min(len(self.times), len(self.outcomes)) - 1]
        if isinstance(outcome, FetchError):
            raise outcome
        return outcome

    @property
    def waits(self) -> list[float]:
        return [after - before for before, after in zip(self.times, self.times[1:], strict=False)]


def run(request: Request, settings: RetryPolicy = QUICK, counters: RequestCounters | None = None) -> str:
    return retried(Request.call, settings, Budget(settings.budget), counters or RequestCounters())(request)


def unavailable(retry_after_s: float = 0.0) -> UnavailableError:
    return UnavailableError("http-503", retry_after_s)


def test_a_failure_is_retried_until_an_attempt_succeeds() -> None:
    request = Request([unavailable(), unavailable(), "data"])
    assert run(request) == "data"
    assert len(request.times) == 3


def test_the_last_attempts_own_error_is_raised() -> None:
    """Not tenacity's, and not the first one."""
    last = unavailable()
    request = Request([unavailable(), unavailable(), unavailable(), unavailable(), last])
    with pytest.raises(UnavailableError) as raised:
        run(request)
    assert raised.value is last
    assert len(request.times) == 5


def test_a_refusal_is_not_retried() -> None:
    request = Request([BackendRefusedError("http-404"), "data"])
    with pytest.raises(BackendRefusedError):
        run(request)
    assert len(request.times) == 1


def test_waits_double_up_to_the_most() -> None:
    """0.02 s, 0.04 s, and then 0.05 s."""
    settings = policy.RetryPolicy(
        enabled=True,
        attempts=5,
        backoff_base_s=0.02,
        backoff_max_s=0.05,
        jitter="none",
        jitter_s=0.0,
        budget=QUICK.budget,
    )
    request = Request([unavailable()])
    with pytest.raises(UnavailableError):
        run(request, settings)
    for wait, least in zip(request.waits, [0.02, 0.04, 0.05, 0.05], strict=True):
        assert wait >= least


@pytest.mark.parametrize("seed", range(20))
def test_the_lab_preset_waits_as_tenacity_itself_does_with_the_labs_numbers(seed: int) -> None:
    """From the same random numbers come the same waits: min(2ⁿ⁻¹ s + uniform(0, 1 s), 8 s)."""
    ours, labs = backoff(PRESETS["lab"].retry), tenacity.wait_exponential_jitter(initial=1, max=8)
    state = tenacity.RetryCallState(tenacity.Retrying(), None, (), {})
    for state.attempt_number in range(1, 9):
        at = (seed, state.attempt_number)
        random.seed(repr(at))
        wait = ours(state)
        random.seed(repr(at))
        assert wait == labs(state)
        random.seed(repr(at))
        assert wait == min(2 ** (state.attempt_number - 1) + random.uniform(0, 1), 8)


@pytest.mark.parametrize("name", ["full", "none"])
def test_the_other_presets_wait_a_random_share_of_the_backoff(name: str) -> None:
    waits = backoff(PRESETS[name].retry)
    state = tenacity.RetryCallState(tenacity.Retrying(), None, (), {})
    for state.attempt_number, most in enumerate([0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0], 1):
        drawn = [waits(state) for _ in range(200)]
        assert 0 <= min(drawn) < most / 4
        assert most * 3 / 4 < max(drawn) <= most


def test_a_longer_retry_after_is_waited_for() -> None:
    request = Request([unavailable(retry_after_s=0.1), "data"], deadline=time.monotonic() + 60)
    assert run(request) == "data"
    assert request.waits[0] >= 0.1


@pytest.mark.parametrize("retry_after_s", [61.0, float("inf")])
def test_a_wait_beyond_the_deadline_is_not_begun(retry_after_s: float) -> None:
    """The failure comes at once, though attempts are left."""
    request = Request([unavailable(retry_after_s), "data"], deadline=time.monotonic() + 60)
    with pytest.raises(UnavailableError):
        run(request)
    assert len(request.times) == 1


def test_a_retry_that_the_budget_does_not_pay_is_not_made() -> None:
    counters = RequestCounters()
    settings = policy.RetryPolicy(
        enabled=True,
        attempts=5,
        backoff_base_s=0,
        backoff_max_s=0,
        jitter="none",
        jitter_s=0.0,
        budget=policy.BudgetPolicy(enabled=True, ratio=0, burst=2),
    )
    request = Request([unavailable()])
    with pytest.raises(UnavailableError):
        run(request, settings, counters)
    assert len(request.times) == 3
    assert counters.snapshot()["budget_denied"] == 1


def test_only_a_retry_that_happens_takes_a_token() -> None:
    """Attempts that are used up, and deadlines, cost the budget nothing."""
    budget = Budget(policy.BudgetPolicy(enabled=True, ratio=0, burst=1))
    call = retried(Request.call, QUICK, budget, RequestCounters())
    for request in (
        Request([BackendRefusedError("http-404")]),
        Request([unavailable(61)], deadline=time.monotonic() + 60),
    ):
        with pytest.raises(FetchError):
            call(request)
    assert budget.withdraw()


def test_the_full_presets_budget_alone_bounds_the_attempts_in_an_outage() -> None:
    """At most 1.6 attempts a request when every call fails; without a budget it would be 5."""
    full, requests = PRESETS["full"].retry, 1_000
    budget, attempts = Budget(full.budget), 0
    call = retried(Request.call, full_speed(full), budget, RequestCounters())
    for _ in range(requests):
        budget.deposit()
        request = Request([unavailable()])
        with pytest.raises(UnavailableError):
            call(request)
        attempts += len(request.times)
    assert 1.4 <= attempts / requests <= 1.6


def full_speed(settings: RetryPolicy) -> RetryPolicy:
    """The same without waits."""
    return RetryPolicy(
        enabled=settings.enabled,
        attempts=settings.attempts,
        backoff_base_s=0,
        backoff_max_s=0,
        jitter=settings.jitter,
        jitter_s=settings.jitter_s,
        budget=settings.budget,
    )


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("Tue, 03 Nov 2026 00:01:00 GMT", 60.0),
        ("Tue, 03 Nov 2026 00:01:00 -0000", 60.0),
        ("Mon, 02 Nov 2026 00:00:00 GMT", 0.0),
        ("Tue, 03 Nov 2026 25:00:00 GMT", 0.0),
        ("", 0.0),
        ("soon", 0.0),
        ("-1", 0.0),
        ("1.5", 0.0),
        ("²", 0.0),
        ("9" * 400, float("inf")),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float) -> None:
    """RFC 9110, 10.2.3; anything else asks for nothing. The clock says 3 November 2026, midnight UTC."""
    assert parse_retry_after(header, now=1793664000.0) == seconds
