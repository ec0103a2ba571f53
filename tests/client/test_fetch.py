"""What users of /fetch get, whatever the backend does."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.client import behaviours
from tests.client.behaviours import HUGE, OK_BODY, answer, drip, huge, in_turn, ok, raw
from tests.client.replica import Replica
from tests.client.upstream import Behaviour

HURRIED: dict[str, Any] = {"attempt_timeout_s": 0.4, "deadline_s": 0.5}
"""Time limits far below TIMEOUT_S, which ends a test whose limits don't work."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
DEEP = b'{"message": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"

MISBEHAVIOUR: dict[str, tuple[Behaviour, str]] = {
    "never answers": (behaviours.hang, "timeout"),
    "drips a head that never ends": (drip(b"HTTP/1.1 200 OK\r\nX: "), "timeout"),
    "drips a body that never ends": (drip(HEAD + b"\r\n"), "timeout"),
    "drips the body it announced": (drip(HEAD + b"Content-Length: 9999\r\n\r\n"), "timeout"),
    "closes without a word": (raw(b"", then_close=True), "connection-closed"),
    "closes within the head": (raw(HEAD, then_close=True), "bad-body"),
    "closes within the body": (raw(HEAD + b"Content-Length: 60\r\n\r\n{", True), "connection-closed"),
    "closes within a chunk": (
        raw(HEAD + b'Transfer-Encoding: chunked\r\n\r\n20\r\n{"mess', then_close=True),
        "connection-closed",
    ),
    "resets the connection": (behaviours.reset, "connection-reset"),
    "speaks another protocol": (raw(b"SSH-2.0-OpenSSH_9.6\r\n", then_close=True), "bad-response"),
    "sends a chunk of no length": (
        raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", then_close=True),
        "connection-closed",
    ),
    "contradicts itself in the length": (
        raw(HEAD + b"Content-Length: 1, 2\r\n\r\n{", then_close=True),
        "bad-response",
    ),
    "announces 100 MB": (huge(HEAD + b"Content-Length: %d\r\n\r\n" % HUGE), "too-large"),
    "announces 100 MB and sends none": (raw(HEAD + b"Content-Length: %d\r\n\r\n" % HUGE), "too-large"),
    "sends 100 MB unannounced": (huge(HEAD + b"\r\n"), "too-large"),
    "sends no JSON": (answer(200, b"<html>"), "bad-body"),
    "sends JSON in Latin-1": (answer(200, b'{"message": "OK", "note": "\xe9"}'), "bad-body"),
    "sends JSON nested without end": (answer(200, DEEP), "bad-body"),
    "sends another JSON": (answer(200, b'{"note": "no message"}'), "bad-body"),
    "sends a list": (answer(200, b'["message"]'), "bad-body"),
    "sends nothing": (answer(200), "bad-body"),
    "sends a compressed body unasked": (
        answer(200, b"\x1f\x8b\x08", Content_Encoding="gzip"),
        "bad-body",
    ),
    "redirects for ever": (behaviours.redirect_for_ever, "http-302"),
    "says 204": (answer(204), "http-204"),
    "says 404": (answer(404), "http-404"),
    "says 429": (answer(429), "http-429"),
    "says 500": (answer(500), "http-500"),
    "says 503 for long": (answer(503, Retry_After="3600"), "http-503"),
}


def test_the_backends_data_is_passed_on(replica: Replica) -> None:
    """200, the lab's shape, and every field of the backend's answer."""
    data = {"message": "OK", "note": "BackendService healthy", "more": [1, {"a": None}]}
    replica.upstream.behaviour = answer(200, json.dumps(data).encode() + b"\r\n")
    assert replica.fetch() == (200, {"status": "ok", "data": data})


@pytest.mark.parametrize("what", MISBEHAVIOUR)
def test_a_backend_that_misbehaves_costs_a_fallback_in_time(replica: Replica, what: str) -> None:
    """Within the deadline comes a 503 that names the cause; and the next request is none the worse."""
    replica.upstream.behaviour, cause = MISBEHAVIOUR[what]
    replica.put_policy(**HURRIED, fallback={"enabled": True})
    assert replica.fetch() == (503, {"status": "fallback", "message": cause})
    assert replica.upstream.sent < HUGE / 2, "the rest of a huge body was not read"
    replica.upstream.behaviour = ok
    assert replica.fetch()[0] == 200


def test_a_backend_that_is_gone_costs_a_fallback_until_it_is_back(replica: Replica) -> None:
    """Nobody listens: `connection-refused`; somebody does again: the data."""
    replica.put_policy(fallback={"enabled": True})
    replica.fetch()
    replica.upstream.close()
    try:
        assert replica.fetch() == (503, {"status": "fallback", "message": "connection-refused"})
    finally:
        replica.upstream.reopen()
    assert replica.fetch()[0] == 200


@pytest.mark.parametrize(
    ("behaviour", "status", "cause"),
    [(behaviours.hang, 504, "timeout"), (answer(503), 502, "http-503"), (answer(404), 502, "http-404")],
)
def test_without_fallback_users_see_the_failure(
    replica: Replica, behaviour: Behaviour, status: int, cause: str
) -> None:
    """A gateway's status, and the same causes."""
    replica.upstream.behaviour = behaviour
    replica.put_policy(**HURRIED)
    assert replica.fetch() == (status, {"status": "error", "message": cause})


def test_the_deadline_counts_attempts_and_waits_together(replica: Replica) -> None:
    """A backend that hangs is tried as often as the deadline allows, and not as often as the attempts do."""
    replica.upstream.behaviour = behaviours.hang
    retry = {"enabled": True, "attempts": 20, "backoff_base_s": 0.0}
    replica.put_policy(attempt_timeout_s=0.2, deadline_s=0.5, retry=retry, fallback={"enabled": True})
    assert replica.fetch() == (503, {"status": "fallback", "message": "timeout"})
    assert 2 <= len(replica.upstream.heads) <= 3


def test_the_deadline_cuts_an_attempt_short(replica: Replica) -> None:
    """An attempt that may take a minute gets no more than what is left of the request's time."""
    replica.upstream.behaviour = behaviours.hang
    replica.put_policy(attempt_timeout_s=60, deadline_s=0.3, fallback={"enabled": True})
    assert replica.fetch() == (503, {"status": "fallback", "message": "timeout"})


def test_the_request_id_travels_to_the_backend_on_every_attempt(replica: Replica) -> None:
    """X-Request-ID of the caller, in the backend's requests and in the answer."""
    replica.upstream.behaviour = in_turn(answer(503), ok)
    replica.put_policy("retry")
    response = replica.send("GET", "/fetch", headers={"X-Request-ID": "abc-1"})
    assert (response.status_code, response.headers["X-Request-ID"]) == (200, "abc-1")
    assert replica.upstream.ids == ["abc-1", "abc-1"]


def test_the_trace_of_a_request_travels_on_with_every_attempt_and_with_no_other_one(replica: Replica) -> None:
    """`traceparent` and `tracestate` are the caller's own in each attempt, and in none of another request."""
    replica.upstream.behaviour = in_turn(answer(503), ok, ok)
    replica.put_policy("retry")
    trace = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=1"}
    assert replica.send("GET", "/fetch", headers=trace).status_code == 200
    assert replica.send("GET", "/fetch").status_code == 200
    lines = [
        [line for line in head.decode().split("\r\n") if line.startswith("trace")]
        for head in replica.upstream.heads
    ]
    told = [f"{name}: {value}" for name, value in trace.items()]
    assert lines == [told, told, []]


def test_connections_to_the_backend_are_kept(replica: Replica) -> None:
    """Requests one after the other use one connection, after errors as well."""
    for behaviour in (ok, answer(503), answer(404), ok):
        replica.upstream.behaviour = behaviour
        replica.fetch()
    assert replica.upstream.connections <= 1
    assert len(replica.upstream.heads) == 4


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=100).map(lambda noise: HEAD + noise),
        st.binary(max_size=100).map(lambda noise: HEAD + b"\r\n" + noise),
        st.tuples(st.integers(0, 200), st.binary(max_size=4)).map(lambda edit: _edited(*edit)),
    )
)
def test_whatever_bytes_the_backend_sends_users_get_an_answer(replica: Replica, data: bytes) -> None:
    """The data or a fallback, as JSON; never an internal error, and never bytes that are not the data."""
    replica.put_policy(**HURRIED, fallback={"enabled": True})
    replica.upstream.behaviour = raw(data, then_close=True)
    status, body = replica.fetch()
    assert (status, body["status"]) in ((200, "ok"), (503, "fallback"))
    assert isinstance(body["data" if status == 200 else "message"], dict if status == 200 else str)


def _edited(place: int, noise: bytes) -> bytes:
    """A right answer, wrong at one place."""
    right = HEAD + b"Content-Length: %d\r\n\r\n" % len(OK_BODY) + OK_BODY
    return right[:place] + noise + right[place + len(noise) :]
