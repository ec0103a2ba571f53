"""The original lab's endpoints: same paths, bodies and defaults, in the same order."""

from typing import Any

import pytest

from tests.backend.http import JSON, Backend, problem

DEFAULTS = {"failure_rate": 0.0, "status_code": 500, "delay_ms": 0, "delay_rate": 0.0}


def test_data_is_served(backend: Backend) -> None:
    response = backend.send("GET", "/data")
    assert (response.status_code, response.text.strip()) == (
        200,
        '{"message":"OK","note":"BackendService healthy"}',
    )


def test_the_config_starts_with_the_labs_defaults_in_the_labs_order(backend: Backend) -> None:
    config = backend.get("/config/get")
    assert config == DEFAULTS
    assert list(config) == list(DEFAULTS)


def test_an_injected_failure_has_the_configured_status(backend: Backend) -> None:
    answer = backend.send("POST", "/config/failure", json={"failure_rate": 1.0, "status_code": 503})
    assert answer.json() == {"result": "ok", "config": {**DEFAULTS, "failure_rate": 1.0, "status_code": 503}}
    assert list(answer.json()["config"]) == list(DEFAULTS)
    response = backend.send("GET", "/data")
    assert (response.status_code, response.json()) == (503, {"error": "Injected failure"})


def test_what_a_body_does_not_name_keeps_its_value(backend: Backend) -> None:
    backend.send("POST", "/config/failure", json={"failure_rate": 0.25, "status_code": 503})
    backend.send("POST", "/config/failure", json={"status_code": 429})
    backend.send("POST", "/config/latency", json={"delay_ms": 20})
    backend.send("POST", "/config/latency", json={"delay_rate": 0.5})
    expected = {"failure_rate": 0.25, "status_code": 429, "delay_ms": 20, "delay_rate": 0.5}
    assert backend.get("/config/get") == expected


def test_the_knobs_are_a_view_of_the_fault_set(backend: Backend) -> None:
    """They show and change the first error and the first latency; the rest of the set stays as it was."""
    corrupt = {"kind": "corrupt", "rate": 0.1}
    second = {"kind": "error", "rate": 0.2, "status": 500}
    latency = {"kind": "latency", "ms": 40, "jitter_ms": 5, "distribution": "uniform", "rate": 0.5}
    backend.put(corrupt, {"kind": "error", "rate": 0.3, "status": 503, "retry_after_s": 7}, second, latency)
    assert backend.get("/config/get") == {
        "failure_rate": 0.3, "status_code": 503, "delay_ms": 40, "delay_rate": 0.5
    }  # fmt: skip
    backend.send("POST", "/config/failure", json={"failure_rate": 0.4})
    assert backend.get("/faults")["faults"] == [
        corrupt,
        {"kind": "error", "rate": 0.4, "status": 503, "retry_after_s": 7},
        {**second, "retry_after_s": None},
        latency,
    ]


def test_a_post_makes_the_set_permanent_and_a_new_revision(backend: Backend) -> None:
    backend.put({"kind": "error", "rate": 0.5}, seed=9, revision=7, lease_s=60)
    backend.send("POST", "/config/latency", json={"delay_ms": 1, "delay_rate": 1})
    report = backend.get("/faults")
    assert (report["revision"], report["lease_s"], report["seed"]) == (8, None, 9)


RATE = "a number from 0 to 1"
STATUS = "a whole number from 400 to 599"
DELAY = "a whole number from 0 to 600000"


@pytest.mark.parametrize(
    ("path", "field", "value", "sent", "allowed"),
    [
        ("/config/failure", "failure_rate", "1.5", 1.5, RATE),
        ("/config/failure", "failure_rate", "-0.1", -0.1, RATE),
        ("/config/failure", "failure_rate", "true", True, RATE),
        ("/config/failure", "failure_rate", '"1"', "1", RATE),
        ("/config/failure", "failure_rate", "null", None, RATE),
        ("/config/failure", "failure_rate", "1e999", "1e999", RATE),
        ("/config/failure", "failure_rate", "1" * 5000, "1" * 200 + "…", RATE),
        ("/config/failure", "failure_rate", "[]", [], RATE),
        ("/config/failure", "status_code", "99", 99, STATUS),
        ("/config/failure", "status_code", "600", 600, STATUS),
        ("/config/failure", "status_code", "500.5", 500.5, STATUS),
        ("/config/latency", "delay_rate", "1.01", 1.01, RATE),
        ("/config/latency", "delay_ms", "-1", -1, DELAY),
        ("/config/latency", "delay_ms", "600001", 600001, DELAY),
        ("/config/latency", "delay_ms", "false", False, DELAY),
    ],
)
def test_a_bad_value_is_refused_and_changes_nothing(
    backend: Backend, path: str, field: str, value: str, sent: object, allowed: str
) -> None:
    """The answer says what was sent and what is allowed."""
    before = backend.get("/faults")
    response = backend.send("POST", path, data=f'{{"{field}": {value}}}', headers=JSON)
    assert response.status_code == 400
    document = problem(response)
    assert document["detail"].startswith(f"{field} is ")
    assert document["detail"].endswith(f"; allowed: {allowed}")
    assert (document["sent"], document["allowed"]) == (sent, allowed)
    assert backend.get("/faults") == before


@pytest.mark.parametrize("path", ["/config/failure", "/config/latency"])
@pytest.mark.parametrize(
    "body", ["", " ", "{}", "[]", "null", "NaN", '{"rate": 1}', '{"failure_rate": 0.5, ']
)
def test_a_bad_body_is_refused_and_changes_nothing(backend: Backend, path: str, body: str) -> None:
    before = backend.get("/faults")
    response = backend.send("POST", path, data=body, headers=JSON)
    assert response.status_code == 400
    assert "the body" in problem(response)["detail"]
    assert backend.get("/faults") == before


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing"), ("POST", "/data"), ("GET", "/config/failure")]
)
def test_unknown_paths_and_methods_have_the_one_error_shape(backend: Backend, method: str, path: str) -> None:
    """And they say which there are."""
    response = backend.send(method, path)
    document = problem(response)
    assert response.status_code == (404 if path == "/nothing" else 405)
    assert document["allowed"]
    assert (response.status_code == 405) == ("Allow" in response.headers)


def test_the_status_counts_requests_and_injected_faults(backend: Backend) -> None:
    """Plain integers, the same as /metrics exports; control, health and status requests don't count."""
    before: dict[str, Any] = backend.get("/status")
    backend.put({"kind": "error", "rate": 1.0})
    for _ in range(3):
        backend.send("GET", "/data")
    for path in ("/config/get", "/healthz", "/readyz", "/metrics", "/faults"):
        assert backend.send("GET", path).status_code == 200
    after = backend.get("/status")
    assert after["requests"] - before["requests"] == 3
    assert after["injected"]["error"] - before["injected"]["error"] == 3
    assert after["in_flight"] == 0
    assert (after["service"], after["boot_id"]) == ("backend", before["boot_id"])
    metrics = backend.send("GET", "/metrics").text
    assert f"backend_requests_total {float(after['requests'])}" in metrics
    count = after["injected"]["error"]
    assert f'backend_faults_injected_total{{kind="error"}} {float(count)}' in metrics
