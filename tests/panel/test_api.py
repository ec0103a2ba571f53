"""The API over a real socket: problem documents, who asks, live events, and the OpenAPI document."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from brownout_results.record.timestamps import seconds_of
from tests.panel.token import TOKEN
from tests.servers import ROOT

TIMEOUT_S = 20.0
OURS = {"Authorization": f"Bearer {TOKEN}"}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def document(self) -> Any:
        return json.loads(self.text)


def ask(url: str, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=TIMEOUT_S)
    given = {"Content-Type": "application/json", **OURS}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        text = body if isinstance(body, str | None) else json.dumps(body)
        connection.request(method, parts.path + path, text, {k: v for k, v in given.items() if v})
        response = connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read().decode())
    finally:
        connection.close()


@contextmanager
def stand(*options: str) -> Iterator[str]:
    """The URL of a running tests/panel/stand.py."""
    command = [sys.executable, "-m", "tests.panel.stand", *options]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdout.readline().decode().strip()
        finally:
            process.stdin.close()
            process.wait(TIMEOUT_S)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with stand() as url:
        yield url


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/nothing", None, 404, "not-found"),
        ("POST", "/api/state", {}, 405, "method-not-allowed"),
        ("PUT", "/api/faults", "", 400, "bad-body"),
        ("PUT", "/api/faults", "{", 400, "bad-body"),
        ("PUT", "/api/faults", {"faults": 1}, 400, "bad-body"),
        ("PUT", "/api/faults", {"faults": [], "colour": "red"}, 400, "bad-body"),
        ("PUT", "/api/faults", {"faults": [{"kind": "error"}]}, 503, "not-confirmed"),  # there is no backend
        ("POST", "/api/marks", {}, 400, "bad-body"),
        ("POST", "/api/marks", {"phase": "a", "note": "b"}, 400, "bad-body"),
        ("POST", "/api/replicas/nobody/kill", {}, 404, "unknown-replica"),
        ("GET", "/api/history?seconds=-1", None, 400, "bad-parameter"),
        ("GET", "/api/transitions?since=x", None, 400, "bad-parameter"),
        ("GET", "/static/../panel.py", None, 404, "not-found"),
        ("POST", "/api/reports", {}, 404, "unknown-run"),  # no run yet
        ("POST", "/api/reports", {"run": ".."}, 404, "unknown-run"),
        ("GET", "/runs/nothing/report.html", None, 404, "unknown-run"),
    ],
)
def test_every_error_is_a_problem_document_with_a_code(
    url: str, method: str, path: str, body: Any, status: int, code: str
) -> None:
    answer = ask(url, method, path, body)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.document["status"], answer.document["code"]) == (status, code)
    assert answer.document["detail"]


def test_a_body_that_is_not_said_to_be_json_is_refused(url: str) -> None:
    answer = ask(url, "PUT", "/api/faults", "{}", Content_Type="text/plain")
    assert (answer.status, answer.document["code"]) == (415, "not-json")


def test_another_websites_post_is_refused_and_changes_nothing(url: str) -> None:
    headers = {"Authorization": "", "Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"}
    answer = ask(url, "POST", "/api/marks", {"phase": "theirs"}, **headers)
    assert (answer.status, answer.document["code"]) == (403, "foreign-origin")
    assert ask(url, "GET", "/api/state").document["run"]["phase"] != "theirs"


def test_no_website_is_allowed_to_read_and_nothing_inline_may_run(url: str) -> None:
    headers = ask(url, "GET", "/", Origin="https://evil.example").headers
    assert not [name for name in headers if name.lower().startswith("access-control-")]
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_mark_says_who_set_it_and_is_heard_by_readers_of_the_stream(url: str) -> None:
    last = ask(url, "GET", "/api/state").document["event_id"]
    event = ask(url, "POST", "/api/marks", {"phase": "fault"}, X_Brownout_By="cli").document
    assert (event["kind"], event["name"], event["by"]) == ("phase", "fault", "cli")
    assert ask(url, "GET", "/api/state").document["run"]["phase"] == "fault"
    heard = read_stream(url, last, b"event: run")
    assert b'"kind":"phase"' in heard
    assert heard.index(b"event: timeline") < heard.index(b"event: run")


def test_a_reader_with_an_id_of_another_panel_is_told_to_resync(url: str) -> None:
    assert b"event: resync" in read_stream(url, "other-5", b"event: resync")


def test_after_stop_everything_nothing_starts_until_released(url: str) -> None:
    steps = ask(url, "POST", "/api/stop-everything").document["steps"]
    assert [one["step"] for one in steps] == ["faults", "experiment", "load"]
    assert ask(url, "PUT", "/api/load", {"users": 1}).document["code"] == "blocked"
    assert ask(url, "PUT", "/api/faults", {"faults": [{"kind": "error"}]}).status == 409
    assert ask(url, "DELETE", "/api/faults").status == 200
    assert ask(url, "POST", "/api/release").document == {"blocked": False}
    assert ask(url, "PUT", "/api/load", {"users": 1}).document["state"] == "running"


def test_the_load_shapes_are_described_with_their_parameters(url: str) -> None:
    shapes = {
        one["name"]: one["parameters"] for one in ask(url, "GET", "/api/load/shapes").document["shapes"]
    }
    assert shapes["steady"] == []
    assert shapes["up-down"] == [
        {
            "name": "up_down_steps",
            "label": "levels, the peak included",
            "default": "4",
            "min": 2.0,
            "max": 50.0,
            "whole": True,
        }
    ]
    assert shapes["ramp"][1]["default"] == "the whole run"


def test_the_token_in_the_address_becomes_a_cookie(url: str) -> None:
    answer = ask(url, "GET", f"/?token={TOKEN}", Authorization="")
    assert answer.status == 303
    assert answer.headers["Location"] == "/panel/"
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "SameSite=Strict" in answer.headers["Set-Cookie"]


def read_stream(url: str, last: str, until: bytes) -> bytes:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", f"{parts.path}/api/stream", headers={"Last-Event-ID": last})
        response = connection.getresponse()
        heard = b""
        while until not in heard and (line := response.readline()):
            heard += line
        return heard
    finally:
        connection.close()


def test_a_process_of_ours_tells_that_it_stood_still(url: str) -> None:
    told = {"process": "experiment", "ago_s": 2.5, "seconds": 2.0}
    event = ask(url, "POST", "/api/stalls", told).document

    assert (event["kind"], event["process"], event["seconds"]) == ("stall", "experiment", 2.0)
    assert time.time() - seconds_of(event["since"]) > 2.4
    assert ask(url, "POST", "/api/stalls", told | {"seconds": -1}).status == 400
