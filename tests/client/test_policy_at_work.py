"""Policies over real HTTP: what they do to users and to the backend."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.client.behaviours import answer, failing, hang, in_turn, ok, ok_when_released
from tests.client.replica import CALLERS, TIMEOUT_S, Replica
from tests.servers import until

PATIENT: dict[str, Any] = {"attempt_timeout_s": TIMEOUT_S, "deadline_s": TIMEOUT_S}


def opened(replica: Replica, reset_timeout_s: float, **breaker: Any) -> None:
    """Put a policy in force that opens at the first failure, and let it."""
    replica.put_policy(
        "breaker", **PATIENT, breaker={"fail_max": 1, "reset_timeout_s": reset_timeout_s, **breaker}
    )
    replica.upstream.behaviour = answer(503)
    assert replica.fetch()[1]["message"] == "http-503"
    assert replica.state() != "closed"


def test_an_open_breaker_spares_the_backend(replica: Replica) -> None:
    """Users get `circuit-open`, and the backend no request."""
    opened(replica, reset_timeout_s=60)
    before, reached = replica.counters(), len(replica.upstream.heads)
    for _ in range(10):
        assert replica.fetch() == (503, {"status": "fallback", "message": "circuit-open"})
    assert len(replica.upstream.heads) == reached
    assert replica.counters()["short_circuits"] - before["short_circuits"] == 10


@pytest.mark.parametrize("trials", [1, 3])
def test_half_open_exactly_the_configured_trials_reach_the_backend(replica: Replica, trials: int) -> None:
    """Of 100 callers at once, the others fail fast while the trials are under way."""
    opened(replica, 0.1, half_open_trials=trials, success_threshold=trials)
    replica.await_state("half-open")
    replica.upstream.reset(ok_when_released)
    with ThreadPoolExecutor(CALLERS) as pool:
        calls = replica.fetch_at_once(pool, CALLERS)
        until(lambda: sum(call.done() for call in calls) == CALLERS - trials, "the others to fail fast")
        assert len(replica.upstream.heads) == trials
        assert replica.get("/breaker")["trials_in_flight"] == trials
        replica.upstream.released.set()
        answers = [call.result() for call in calls]
    refused = (503, {"status": "fallback", "message": "circuit-open"})
    assert answers.count(refused) == CALLERS - trials
    assert replica.state() == "closed"


def test_a_slow_backend_does_not_serialise_callers(replica: Replica) -> None:
    """100 calls are at the backend at the same time, with the breaker on."""
    replica.put_policy("lab", **PATIENT)
    replica.upstream.behaviour = ok_when_released
    with ThreadPoolExecutor(CALLERS) as pool:
        calls = replica.fetch_at_once(pool, CALLERS)
        until(lambda: len(replica.upstream.heads) == CALLERS, "100 calls at the backend")
        replica.upstream.released.set()
        assert [call.result()[0] for call in calls] == [200] * CALLERS


def test_outside_of_the_retries_a_request_is_one_failure(replica: Replica) -> None:
    """Three attempts, one failure; the cause of the last attempt is what the log says."""
    replica.upstream.behaviour = in_turn(answer(500), answer(500), answer(503))
    replica.put_policy(
        "full", retry={"attempts": 3, "backoff_base_s": 0}, breaker={"fail_max": 2, "placement": "outside"}
    )
    assert replica.fetch()[1]["message"] == "http-503"
    assert (replica.get("/breaker")["fail_counter"], len(replica.upstream.heads)) == (1, 3)
    replica.fetch()
    assert replica.get("/breaker")["transitions"][-1]["cause"] == "2 consecutive failures, last: http-503"


def test_within_the_retries_every_attempt_is_a_failure(replica: Replica) -> None:
    """The second attempt opens it, the third is refused; users hear the cause, not `circuit-open`."""
    replica.upstream.behaviour = answer(500)
    replica.put_policy(
        "full", retry={"attempts": 5, "backoff_base_s": 0}, breaker={"fail_max": 2, "placement": "inside"}
    )
    assert replica.fetch() == (503, {"status": "fallback", "message": "http-500"})
    assert (replica.state(), len(replica.upstream.heads)) == ("open", 2)
    assert replica.fetch() == (503, {"status": "fallback", "message": "circuit-open"})


@pytest.mark.parametrize(("preset", "status", "told"), [("retry", 502, "error"), ("full", 503, "fallback")])
def test_what_a_forwarder_could_not_pass_on_is_not_the_backends(
    replica: Replica, preset: str, status: int, told: str
) -> None:
    """It is marked as the forwarder's, whatever the policy; it opens no breaker and is tried once."""
    reason = "forwarder: too many open files"
    replica.upstream.behaviour = answer(502, f"{reason}\n".encode(), X_Brownout_Forwarder="tunnel")
    replica.put_policy(preset, retry={"backoff_base_s": 0}, breaker={"fail_max": 1})
    for _ in range(3):
        got = replica.send("GET", "/fetch")
        assert (got.status_code, got.headers["X-Brownout-Forwarder"]) == (status, "tunnel")
        assert got.json() == {"status": told, "message": "tunnel", "reason": reason}
    assert (replica.state(), len(replica.upstream.heads)) == ("closed", 3)


def test_answers_other_than_failures_do_not_open_the_breaker(replica: Replica) -> None:
    """404 is neither retried nor counted; 429 is both."""
    replica.put_policy("full", retry={"backoff_base_s": 0}, breaker={"fail_max": 1})
    replica.upstream.behaviour = answer(404)
    assert replica.fetch()[1]["message"] == "http-404"
    assert (replica.state(), len(replica.upstream.heads)) == ("closed", 1)
    replica.upstream.reset(answer(429))
    assert replica.fetch()[1]["message"] == "http-429"
    assert (replica.state(), len(replica.upstream.heads)) == ("open", 5)


def test_retry_after_is_honoured_within_the_deadline(replica: Replica) -> None:
    """A wait that fits is waited; one that doesn't ends the request at once, with attempts left."""
    replica.upstream.behaviour = in_turn(answer(503, Retry_After="1"), ok)
    replica.put_policy("retry", deadline_s=9, fallback={"enabled": True})
    assert replica.fetch()[0] == 200
    assert len(replica.upstream.heads) == 2
    replica.upstream.reset(in_turn(answer(503, Retry_After="10"), ok))
    assert replica.fetch() == (503, {"status": "fallback", "message": "http-503"})
    assert len(replica.upstream.heads) == 1


def test_full_hides_independent_errors(replica: Replica) -> None:
    """At 30 % errors, 50 callers get their data at least 99 times of 100."""
    replica.put_policy("full")
    replica.upstream.behaviour = failing(0.3)
    assert replica.fetch_often(callers=50, each=20)[200] >= 990
    assert len(replica.upstream.heads) > 1_200, "the errors were there"


def test_full_does_not_amplify_an_outage(replica: Replica) -> None:
    """At most 1.6 attempts a request when every call fails."""
    replica.put_policy("full")
    replica.upstream.behaviour = failing(1.0)
    assert replica.fetch_often(callers=50, each=6) == {503: 300}
    assert len(replica.upstream.heads) <= 1.6 * 300


def test_a_change_takes_effect_for_the_next_request_and_tears_none(replica: Replica) -> None:
    """A request that began with 2 attempts and no fallback ends like that; the next has the new policy."""
    replica.put_policy("retry", **PATIENT, retry={"attempts": 2, "backoff_base_s": 0})
    replica.upstream.behaviour = hang_then(503)
    with ThreadPoolExecutor(1) as pool:
        [call] = replica.fetch_at_once(pool, 1)
        until(lambda: replica.upstream.heads, "the first attempt")
        replica.put_policy("none", fallback={"enabled": True})
        replica.upstream.released.set()
        assert call.result() == (502, {"status": "error", "message": "http-503"})
    assert len(replica.upstream.heads) == 2
    assert replica.fetch() == (503, {"status": "fallback", "message": "http-503"})
    assert len(replica.upstream.heads) == 3


def test_the_breakers_state_survives_a_change_that_does_not_touch_it(replica: Replica) -> None:
    opened(replica, reset_timeout_s=60)
    seq = replica.get("/breaker")["seq"]
    replica.put_policy("breaker", deadline_s=1, breaker={"fail_max": 1, "reset_timeout_s": 60})
    assert (replica.state(), replica.get("/breaker")["seq"]) == ("open", seq)


def test_a_change_of_the_breaker_starts_a_closed_one(replica: Replica) -> None:
    """The log goes on, and says why it closed."""
    opened(replica, reset_timeout_s=60)
    replica.put_policy("breaker", breaker={"fail_max": 2})
    report = replica.get("/breaker")
    assert (report["state"], report["fail_counter"], report["fail_max"]) == ("closed", 0, 2)
    last = report["transitions"][-1]
    assert (last["from"], last["to"], last["cause"]) == ("open", "closed", "policy changed")


def hang_then(status: int) -> Any:
    """This status, once released."""

    def behaviour(upstream: Any, connection: Any) -> None:
        hang(upstream, connection)
        answer(status)(upstream, connection)

    return behaviour
