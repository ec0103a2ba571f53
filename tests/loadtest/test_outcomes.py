"""What came of a request, from what came back."""

import json
import zlib

import pytest

from loadtest.outcomes import Outcome, OutcomeError, cause_of, classify, of_request_event

CONTRACT = {
    "ok": (200, {"status": "ok", "data": {"message": "OK"}}),
    "open": (503, {"status": "fallback", "message": "circuit-open"}),
    "error": (502, {"status": "error", "message": "http-500"}),
}


@pytest.mark.parametrize(
    ("status", "headers", "body", "name"),
    [
        (200, {}, json.dumps(CONTRACT["ok"][1]), "ok"),
        (503, {}, json.dumps(CONTRACT["open"][1]), "fallback: circuit-open"),
        (502, {}, json.dumps(CONTRACT["error"][1]), "error: http-500"),
        (500, {}, "Internal Server Error", "http 500"),
        (503, {}, '{"error": "Injected failure"}', "http 503"),
        (404, {}, "", "http 404"),
        (200, {}, "<html>", "unexpected body"),
        (200, {}, '["ok"]', "unexpected body"),
        (200, {}, '{"status": "fine"}', "unexpected body"),
        (500, {}, '{"status": "ok"}', "http 500"),
        (503, {"X-Brownout-Forwarder": "no-ready-replica"}, "no replica", "no ready replica"),
        (502, {"X-Brownout-Forwarder": "tunnel"}, "down", "tunnel"),
    ],
)
def test_an_answer_is_told_by_status_header_and_body(
    status: int, headers: dict[str, str], body: str, name: str
) -> None:
    outcome = classify(status, headers, body.encode(), None)
    assert outcome.name == name
    assert outcome.kind == name.partition(":")[0] or outcome.kind == "error"


class HTTPConnectionClosed(Exception):  # noqa: N818 - the library's name
    """Named as geventhttpclient's, which would have to be imported."""


class RetriesExceeded(Exception):  # noqa: N818
    def __init__(self, original: BaseException) -> None:
        self.original = original


@pytest.mark.parametrize(
    ("exception", "cause"),
    [
        (TimeoutError("timed out"), "timeout"),
        (RetriesExceeded(TimeoutError("timed out")), "timeout"),
        (ConnectionResetError(104, "reset"), "connection reset"),
        (BrokenPipeError(32, "pipe"), "connection reset"),
        (HTTPConnectionClosed("closed"), "connection reset"),
        (ConnectionRefusedError(111, "refused"), "connection refused"),
        (zlib.error("bad header"), "broken answer"),
        (KeyError("x"), "KeyError"),
    ],
)
def test_a_failure_on_the_way_has_a_short_cause(exception: BaseException, cause: str) -> None:
    assert cause_of(exception) == cause
    assert classify(0, None, None, exception) == Outcome("error", cause)


def test_a_cause_told_by_the_service_is_cut_so_that_the_table_stays_readable() -> None:
    body = json.dumps({"status": "fallback", "message": "x" * 1000}).encode()
    assert classify(503, {}, body, None).name == "fallback: " + "x" * 80


def test_locusts_table_shows_the_bare_name_of_an_outcome() -> None:
    assert repr(OutcomeError(Outcome("fallback", "circuit-open"))) == "fallback: circuit-open"


class Response:
    def __init__(self, headers: dict[str, str] | None) -> None:
        self.headers = headers


@pytest.mark.parametrize(
    ("exception", "context", "response", "kind"),
    [
        # Judged by our own user: its word counts, whatever Locust's verdict.
        (None, {"outcome": "fallback"}, None, "fallback"),
        (ValueError(), {"outcome": "tunnel"}, None, "tunnel"),
        # Not judged: Locust's verdict.
        (None, {}, None, "ok"),
        (None, None, Response({}), "ok"),
        (ValueError("too dear"), {}, Response({}), "error"),
        (ValueError(), {}, Response(None), "error"),
        (ValueError(), {}, Response({"X-Brownout-Forwarder": "tunnel"}), "tunnel"),
    ],
)
def test_the_kind_of_a_request_event(
    exception: BaseException | None, context: dict[str, str] | None, response: object, kind: str
) -> None:
    assert of_request_event(exception, context, response) == kind
