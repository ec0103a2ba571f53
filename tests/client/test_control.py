"""The client's control endpoints: what they answer, and that bad input changes nothing."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brownout_client.breaker_report import STOP_CHECK_S
from brownout_client.policy import PRESETS
from tests.backend.http import problem
from tests.client.behaviours import answer
from tests.client.replica import Replica
from tests.client.test_policy import document
from tests.servers import until

JSON = {"Content-Type": "application/json"}
BIG = 10 * 1024 * 1024


def chunks() -> Iterator[bytes]:
    """10 MB, of unknown length."""
    yield b'{"preset": "'
    for _ in range(BIG // 65536):
        yield b"x" * 65536


BAD_POLICIES: list[tuple[int, Any, dict[str, str]]] = [
    (400, b"", JSON),
    (400, b"{", JSON),
    (400, b"not json", JSON),
    (400, b"\xff\xfe", JSON),
    (400, b"null", JSON),
    (400, b"{}", JSON),
    (400, b"[" * 60_000, JSON),
    (400, document(preset="nope"), JSON),
    (400, document(preset="full", deadline_s=-1), JSON),
    (400, b'{"preset": "full", "deadline_s": NaN}', JSON),
    (400, b'{"preset": "full", "deadline_s": Infinity}', JSON),
    (400, b'{"preset": "full", "deadline_s": 1e999}', JSON),
    (400, document(preset="full", deadline_s=10**400), JSON),
    (400, document(preset="full", retry={"attempts": "5"}), JSON),
    (400, document(preset="full", surprise=True), JSON),
    (413, b" " * BIG, JSON),
    (413, chunks, JSON),
    (415, document(preset="full"), {"Content-Type": "text/plain"}),
    (415, document(preset="full"), {}),
]


@pytest.mark.parametrize(("status", "body", "headers"), BAD_POLICIES)
def test_a_bad_policy_is_refused_and_changes_nothing(
    replica: Replica, status: int, body: Any, headers: dict[str, str]
) -> None:
    """A problem document; the policy and its revision stay; not a line in the log."""
    before, output = replica.get("/policy"), replica.server.output()
    response = replica.send("PUT", "/policy", data=body() if callable(body) else body, headers=headers)
    assert response.status_code == status
    assert "allowed" in problem(response)
    assert replica.get("/policy") == before
    assert replica.server.output() == output


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=100)
    | st.dictionaries(
        st.sampled_from(["preset", "revision", "retry", "breaker", "deadline_s", "x"]),
        st.sampled_from(["none", "full", 0, -1, 1.5, True, None, [], {}, {"enabled": 3}, {"attempts": 99}]),
    ).map(lambda fields: document(**fields))
)
def test_any_body_gives_a_policy_or_a_problem(replica: Replica, body: bytes) -> None:
    """Never an internal error; a refusal leaves the policy as it was."""
    before = replica.get("/policy")
    response = replica.send("PUT", "/policy", data=body, headers=JSON)
    if response.status_code != 200:
        assert problem(response)["status"] == 400
        assert replica.get("/policy") == before


def test_the_policy_in_force_can_be_read_and_put_back(replica: Replica) -> None:
    """GET shows the whole document with its name, and the presets; the same document is accepted again."""
    replica.put_policy("full", deadline_s=4, revision=7)
    report = replica.get("/policy")
    assert (report["name"], report["revision"], report["policy"]["deadline_s"]) == ("custom", 7, 4)
    assert list(report["presets"]) == list(PRESETS)
    assert len(report["boot_id"]) == 16
    response = replica.send("PUT", "/policy", json={**report["policy"], "revision": 7})
    assert response.json() == report


def test_a_policy_without_revision_gets_the_next_one(replica: Replica) -> None:
    replica.put_policy("full", revision=41)
    assert replica.put_policy("full")["revision"] == 42


@pytest.mark.parametrize(
    "query",
    [
        *("since=x", "since=-1", "since=1.5", "since=", "since=" + "9" * 50),
        *("wait_s=x", "wait_s=-1", "wait_s=31", "wait_s=nan", "wait_s=inf", "wait_s="),
    ],
)
def test_a_bad_query_for_the_breaker_is_refused(replica: Replica, query: str) -> None:
    response = replica.send("GET", f"/breaker?{query}")
    assert response.status_code == 400
    assert problem(response)["allowed"]


def test_a_reader_of_the_breaker_gets_what_is_new(replica: Replica) -> None:
    """Numbered without gaps, in the wall clock's time; nothing twice; from the start for a stranger."""
    since = replica.get("/breaker")["seq"]
    replica.put_policy("breaker", breaker={"fail_max": 1, "reset_timeout_s": 0.05})
    replica.upstream.behaviour = answer(503)
    replica.fetch()
    replica.await_state("half-open")
    report = replica.get(f"/breaker?since={since}")
    assert [(entry["seq"], entry["to"]) for entry in report["transitions"]] == [
        (since + 1, "open"),
        (since + 2, "half-open"),
    ]
    opened, half_opened = (entry["at"] for entry in report["transitions"])
    assert opened < half_opened
    assert abs(time.time() - opened) < 10
    assert (report["enabled"], report["truncated"], report["seq"]) == (True, False, since + 2)
    assert replica.get(f"/breaker?since={since + 2}")["transitions"] == []
    assert replica.get("/breaker?since=999999&wait_s=30")["transitions"][0]["seq"] == 1


def test_a_reader_who_waits_hears_of_a_transition_by_traffic(replica: Replica) -> None:
    replica.put_policy("breaker", breaker={"fail_max": 1})
    replica.upstream.behaviour = answer(503)
    since = replica.get("/breaker")["seq"]
    with ThreadPoolExecutor(1) as pool:
        report = pool.submit(replica.get, f"/breaker?since={since}&wait_s=30")
        until(lambda: "in_flight 1.0" in replica.send("GET", "/metrics").text, "the reader to wait")
        replica.fetch()
        assert [entry["to"] for entry in report.result()["transitions"]] == ["open"]


def test_a_reader_who_waits_hears_of_a_transition_when_it_is_due(replica: Replica) -> None:
    """Without any traffic, and sooner than the half second after which a waiting request looks around."""
    replica.put_policy("breaker", breaker={"fail_max": 1, "reset_timeout_s": 0.05})
    replica.upstream.behaviour = answer(503)
    since, delays = replica.get("/breaker")["seq"], []
    for _ in range(5):
        replica.fetch()
        since += 1  # it has opened
        [half_open] = replica.get(f"/breaker?since={since}&wait_s=30")["transitions"]
        assert (half_open["seq"], half_open["to"]) == (since + 1, "half-open")
        delays.append(time.time() - half_open["at"])
        since += 1
    assert min(delays) < STOP_CHECK_S / 2


def test_a_reader_who_waits_in_vain_is_answered_in_time(replica: Replica) -> None:
    since = replica.get("/breaker")["seq"]
    assert replica.get(f"/breaker?since={since}&wait_s=0.05")["transitions"] == []


def test_status_has_the_labs_keys_and_the_counters(replica: Replica) -> None:
    """Each counter counts what its name says; /metrics has the same numbers."""
    before = replica.counters()
    replica.upstream.behaviour = answer(503)
    replica.put_policy(
        "full",
        retry={"attempts": 3, "backoff_base_s": 0, "budget": {"ratio": 0, "burst": 3}},
        breaker={"fail_max": 2, "reset_timeout_s": 60},
    )
    for _ in range(3):  # three attempts; two and one that is denied; one short-circuit
        replica.fetch()
    status = replica.get("/status")
    assert (status["circuit_state"], status["backend_url"]) == ("open", replica.upstream.url)
    assert (status["policy"], status["load_running"]) == ("custom", False)
    counters = status["counters"]
    assert {name: counters[name] - before[name] for name in counters if isinstance(counters[name], int)} == {
        "requests": 3,
        "attempts": 5,
        "retries": 3,
        "short_circuits": 1,
        "budget_denied": 1,
        "fallbacks": 3,
    }
    assert counters["outcomes"]["fallback"] - before["outcomes"]["fallback"] == 3
    assert counters["causes"]["circuit-open"] - before["causes"].get("circuit-open", 0) == 1
    metrics = replica.send("GET", "/metrics").text.splitlines()
    for name, counter in (
        ("client_requests_total", "requests"),
        ("client_attempts_total", "attempts"),
        ("client_retries_total", "retries"),
        ("client_short_circuits_total", "short_circuits"),
        ("client_retry_budget_denied_total", "budget_denied"),
        ('client_outcomes_total{outcome="fallback"}', "fallbacks"),
    ):
        assert f"{name} {float(counters[counter])}" in metrics
    assert f'client_failures_total{{cause="http-503"}} {float(counters["causes"]["http-503"])}' in metrics
    assert 'circuit_breaker_state{state="open"} 1.0' in metrics
    assert 'circuit_breaker_state{state="closed"} 0.0' in metrics


def test_the_load_runs_once_however_often_started(replica: Replica) -> None:
    """One call a second through the same path as /fetch, until stopped; stopping is prompt."""
    started = replica.send("POST", "/start-load").json()
    again = replica.send("POST", "/start-load").json()
    assert (started, again) == ({"status": "started"}, {"status": "already-running"})
    assert replica.get("/status")["load_running"]
    until(lambda: len(replica.upstream.heads) == 2, "two calls")
    stopped = replica.send("POST", "/stop-load").json()
    again = replica.send("POST", "/stop-load").json()
    assert (stopped, again) == ({"status": "stopped"}, {"status": "not-running"})
    assert not replica.get("/status")["load_running"]
    assert len(set(replica.upstream.ids)) == len(replica.upstream.heads), "each call has an id of its own"
    assert len(replica.upstream.heads) <= 3


def test_a_huge_body_for_the_load_is_refused(replica: Replica) -> None:
    response = replica.send("POST", "/start-load", data=b"x" * BIG)
    assert response.status_code == 413
    assert problem(response)
    assert not replica.get("/status")["load_running"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/start-load", 405),
        ("POST", "/fetch", 405),
        ("DELETE", "/policy", 405),
        ("PUT", "/breaker", 405),
        ("POST", "/healthz", 405),
    ],
)
def test_errors_of_every_kind_have_one_shape(replica: Replica, method: str, path: str, status: int) -> None:
    response = replica.send(method, path)
    assert response.status_code == status
    assert problem(response)["detail"]


def test_answers_are_json_lines(replica: Replica) -> None:
    """Each with its type, and a line end for the terminal."""
    for path in ("/fetch", "/status", "/policy", "/breaker"):
        response = replica.send("GET", path)
        assert response.headers["Content-Type"] == "application/json"
        assert response.content.endswith(b"}\n")
        json.loads(response.content)
