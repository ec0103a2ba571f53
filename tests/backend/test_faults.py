"""The fault set as callers and writers see it, over real connections."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
import requests

from brownout_faults import described_kinds
from tests.backend.binomial import interval
from tests.backend.http import JSON, Backend, problem, read
from tests.servers import until

HEALTHY = {"message": "OK", "note": "BackendService healthy"}


def test_a_document_is_in_force_as_it_was_put(backend: Backend) -> None:
    """Its report spells out every default, and has what a writer needs to recognise its own."""
    boot_id = backend.get("/status")["boot_id"]
    report = backend.put(
        {"kind": "error", "rate": 0.3, "status": 503},
        {"kind": "latency", "ms": 200, "jitter_ms": 50, "distribution": "normal"},
        seed=42,
        revision=7,
        lease_s=30,
    )
    assert report == {**backend.get("/faults"), "lease_remaining_s": report["lease_remaining_s"]}
    assert report["faults"] == [
        {"kind": "error", "rate": 0.3, "status": 503, "retry_after_s": None},
        {"kind": "latency", "rate": 1.0, "ms": 200, "jitter_ms": 50, "distribution": "normal"},
    ]
    assert report["words"] == "30 % errors 503, 200 ms ± 50 ms latency"
    assert (report["seed"], report["revision"], report["lease_s"]) == (42, 7, 30)
    assert 29 < report["lease_remaining_s"] <= 30
    assert report["boot_id"] == boot_id
    assert set(report["injected"]) == {kind["kind"] for kind in described_kinds()}


def test_delete_clears_all_of_it(backend: Backend) -> None:
    backend.put({"kind": "error"}, seed=42, revision=7, lease_s=30)
    report = backend.clear()
    assert (report["faults"], report["seed"], report["revision"], report["lease_s"]) == ([], None, 8, None)
    assert backend.get("/data") == HEALTHY


def test_an_error_has_its_status_and_retry_after(backend: Backend) -> None:
    backend.put({"kind": "error", "status": 429, "retry_after_s": 3})
    response = backend.send("GET", "/data")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "3")


def test_a_status_without_a_name_of_its_own_is_served(backend: Backend) -> None:
    backend.put({"kind": "error", "status": 599})
    assert backend.send("GET", "/data").status_code == 599


def test_a_corrupt_answer_is_200_and_not_the_contract(backend: Backend) -> None:
    backend.put({"kind": "corrupt"})
    response = backend.send("GET", "/data")
    assert response.status_code == 200
    assert not isinstance(response.json(), dict)


def test_a_noop_changes_nothing(backend: Backend) -> None:
    before = backend.get("/status")["injected"]["noop"]
    backend.put({"kind": "noop"})
    assert backend.get("/data") == HEALTHY
    assert backend.get("/status")["injected"]["noop"] == before + 1


def test_delays_add_up_and_come_before_the_failure(backend: Backend) -> None:
    """Two delays of 60 ms and an error, the error first in the document: the error comes after 120 ms."""
    backend.put(
        {"kind": "error", "status": 503}, {"kind": "latency", "ms": 60}, {"kind": "latency", "ms": 60}
    )
    response = backend.send("GET", "/data")
    assert response.status_code == 503
    assert response.elapsed.total_seconds() >= 0.12


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/status", "/config/get", "/faults"])
def test_control_health_and_metrics_are_never_faulted(backend: Backend, path: str) -> None:
    backend.put({"kind": "error", "rate": 1.0})
    assert backend.send("GET", path).status_code == 200


@pytest.mark.parametrize("release", ["clear", "replace", "lab"])
@pytest.mark.parametrize("fault", [{"kind": "hang", "limit_s": 60}, {"kind": "latency", "ms": 60_000}])
def test_whoever_waits_is_served_at_once_when_the_fault_ends(
    backend: Backend, fault: dict[str, Any], release: str
) -> None:
    """Nothing is dropped: the answer is the normal one, long before the fault's own end."""
    backend.put(fault, {"kind": "error", "status": 503})
    with backend.asked("/data") as caller:
        until(lambda: backend.get("/status")["in_flight"] == 1, "the request to wait")
        if release == "clear":
            backend.clear()
        elif release == "replace":
            backend.put({"kind": "error", "status": 500})
        else:
            backend.send("POST", "/config/failure", json={"failure_rate": 1})
        status, body = read(caller)
        assert (status, json.loads(body)) == (200, HEALTHY)


def test_whoever_waits_is_served_at_once_when_the_lease_lapses(backend: Backend) -> None:
    backend.put({"kind": "hang", "limit_s": 60}, lease_s=0.2)
    with backend.asked("/data") as caller:
        assert read(caller)[0] == 200
    assert backend.get("/faults")["faults"] == []


def test_a_renewal_keeps_whoever_waits_waiting(backend: Backend) -> None:
    """Renewed before it lapses, a lease of 0.3 s holds a request for its whole delay of 0.6 s."""
    document: dict[str, Any] = {"seed": 1, "revision": 5, "lease_s": 0.3}
    backend.put({"kind": "latency", "ms": 600}, {"kind": "error", "status": 503}, **document)
    renewing = threading.Event()

    def renew() -> None:
        while not renewing.wait(0.1):
            backend.put({"kind": "latency", "ms": 600}, {"kind": "error", "status": 503}, **document)

    writer = threading.Thread(target=renew)
    with backend.asked("/data") as caller:
        writer.start()
        status, _ = read(caller)
        renewing.set()
        writer.join(10)
    assert status == 503


@pytest.mark.parametrize(("rate", "requests"), [(0, 100), (0.001, 500), (0.3, 500), (1, 100)])
def test_the_rate_that_callers_see_is_right(backend: Backend, rate: float, requests: int) -> None:
    """Inside the interval that holds 99.9 % of the binomial distribution; and counted as seen."""
    before = backend.get("/status")
    backend.put({"kind": "error", "rate": rate, "status": 503}, seed=1)
    failed = backend.statuses("/data", requests).count(503)
    low, high = interval(requests, rate, 0.999)
    assert low <= failed <= high
    after = backend.get("/status")
    assert after["injected"]["error"] - before["injected"]["error"] == failed
    assert after["requests"] - before["requests"] == requests


def test_the_same_seed_and_order_of_requests_give_the_same_faults(backend: Backend) -> None:
    def statuses() -> list[int]:
        backend.put({"kind": "error", "rate": 0.5}, seed=11)
        return backend.statuses("/data", 50)

    assert statuses() == statuses()


@pytest.mark.parametrize(
    ("body", "sent", "allowed"),
    [
        ('{"faults": [{"kind": "error", "rate": 1.5}]}', 1.5, "a number from 0 to 1"),
        ('{"faults": [{"kind": "error", "status": 99}]}', 99, "a whole number from 400 to 599"),
        ('{"faults": [{"kind": "error", "status": true}]}', True, "a whole number from 400 to 599"),
        ('{"faults": [{"kind": "hang", "limit_s": 0}]}', 0, "a number above 0 and up to 3600"),
        ('{"faults": [{"kind": "latency", "ms": 1e99}]}', 1e99, "a whole number from 0 to 600000"),
        ('{"faults": [{"kind": "latency", "ms": 1e999}]}', "1e999", "a whole number from 0 to 600000"),
        (
            '{"faults": [{"kind": "latency", "distribution": "zipf"}]}',
            "zipf",
            '"constant", "normal", "pareto", "uniform"',
        ),
        (
            '{"faults": [{"kind": "explode"}]}',
            "explode",
            '"bandwidth", "corrupt", "cut", "error", "hang", "latency", "noop", "reset", "truncate"',
        ),
        ('{"faults": [{"kind": "reset", "ms": 1}]}', "ms", '"kind", "match", "rate"'),
        ('{"faults": [], "speed": 1}', "speed", '"faults", "lease_s", "revision", "seed"'),
        ('{"faults": [], "seed": -1}', -1, "a whole number from 0 to 9007199254740991 or null"),
        ('{"faults": [], "revision": "1"}', "1", "a whole number from 0 to 9007199254740991 or null"),
        ('{"faults": [], "lease_s": 0}', 0, "a number above 0 and up to 86400 or null"),
        ('{"faults": {}}', {}, "a list of at most 32, each an object"),
        ("{}", {}, "an object with the fields"),
        ("[]", [], "an object with the fields"),
        ('{"faults": [{"rate": 1}]}', {"rate": 1}, 'an object whose "kind" is one of'),
    ],
)
def test_a_bad_value_is_refused_with_what_was_sent_and_what_is_allowed(
    backend: Backend, body: str, sent: object, allowed: str
) -> None:
    before = backend.put({"kind": "error", "rate": 0.5}, seed=3, revision=4)
    response = backend.put_body(body)
    assert response.status_code == 400
    document = problem(response)
    assert document["sent"] == sent
    assert allowed in document["allowed"]
    assert document["allowed"] in document["detail"]
    assert backend.get("/faults") == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"NaN",
        b'{"faults": [{"kind": "error", "rate": NaN}]}',
        b'{"faults": [',
        b"\xff",
        b"faults=1",
        b"[" * 60_000,
        b'{"faults": ' + b"[" * 60_000,
        b'{"a": ' * 10_000,
        b'{"faults": [{"kind": "error", "rate": 7}], "faults": 1}',
    ],
)
def test_what_is_not_a_json_document_is_refused(backend: Backend, body: bytes) -> None:
    before = backend.put({"kind": "error", "rate": 0.5}, seed=3, revision=4)
    response = backend.put_body(body)
    assert response.status_code == 400
    assert problem(response)
    assert backend.get("/faults") == before


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_refused(backend: Backend, content_type: str) -> None:
    response = backend.put_body('{"faults": []}', {"Content-Type": content_type})
    assert response.status_code == 415
    assert f'"{content_type}"' in problem(response)["detail"]


def test_a_body_of_10_mb_is_refused_without_being_held_in_memory(backend: Backend) -> None:
    """Declared or not: it never takes the replica more than a fraction of its size."""

    def chunks() -> Iterator[bytes]:
        for _ in range(1000):
            yield b" " * 10_000

    worker = psutil.Process(backend.server.process.pid).children()[0]
    backend.put_body(b" " * 70_000)
    before = worker.memory_info().rss
    for body in (b" " * 10_000_000, chunks()):
        response = requests.put(backend.server.url + "/faults", data=body, headers=JSON, timeout=10)
        assert response.status_code == 413
        assert problem(response)["allowed"] == "65536 bytes"
    assert worker.memory_info().rss - before < 3_000_000


@pytest.mark.parametrize("method", ["POST", "PATCH", "BREW"])
def test_other_methods_are_refused(backend: Backend, method: str) -> None:
    response = backend.send(method, "/faults")
    assert response.status_code == 405
    assert response.headers["Allow"] == "GET, HEAD, PUT, DELETE"
    assert problem(response)


def test_refusals_are_not_logged(replica: Backend) -> None:
    """After all of the above the replica has written nothing."""
    replica.put_body("{}")
    assert replica.server.output() == ""
