"""What came of a request, from what came back."""

import json
import zlib

from brownout_loadtest.outcomes import OutcomeError, RequestOutcome, cause_of, classify, of_request_event

ANSWERS: list[tuple[str, int, dict[str, str], str]] = [
    ("ok", 200, {}, '{"status": "ok", "data": {"message": "OK"}}'),
    ("fallback: circuit-open", 503, {}, '{"status": "fallback", "message": "circuit-open"}'),
    ("error: http-500", 502, {}, '{"status": "error", "message": "http-500"}'),
    ("http 500", 500, {}, "Internal Server Error"),
    ("http 503", 503, {}, '{"error": "Injected failure"}'),
    ("http 404", 404, {}, ""),
    ("unexpected body", 200, {}, "<html>"),
    ("unexpected body", 200, {}, '["ok"]'),
    ("unexpected body", 200, {}, '{"status": "fine"}'),
    ("http 500", 500, {}, '{"status": "ok"}'),
    ("no ready replica", 503, {"X-Brownout-Forwarder": "no-ready-replica"}, "no replica"),
    ("tunnel", 502, {"X-Brownout-Forwarder": "tunnel"}, "down"),
    (
        "forwarder: too many open files",
        502,
        {"X-Brownout-Forwarder": "tunnel"},
        "forwarder: too many open files",
    ),
    (  # between client and backend: the client passes it on
        "forwarder: too many open files",
        503,
        {"X-Brownout-Forwarder": "tunnel"},
        '{"status": "fallback", "message": "tunnel", "reason": "forwarder: too many open files"}',
    ),
]


def test_an_answer_is_told_by_status_header_and_body() -> None:
    outcomes = [classify(status, headers, body.encode(), None) for _, status, headers, body in ANSWERS]
    assert [outcome.name for outcome in outcomes] == [name for name, *_ in ANSWERS]
    assert [outcome.kind for outcome in outcomes] == ["ok", "fallback", *["error"] * 9, *["tunnel"] * 3]


class HTTPConnectionClosed(Exception):  # noqa: N818 - the library's name
    """Named as geventhttpclient's, which would have to be imported."""


class RetriesExceeded(Exception):  # noqa: N818
    def __init__(self, original: BaseException) -> None:
        self.original = original


CAUSES: list[tuple[BaseException, str]] = [
    (TimeoutError("timed out"), "timeout"),
    (RetriesExceeded(TimeoutError("timed out")), "timeout"),
    (ConnectionResetError(104, "reset"), "connection reset"),
    (BrokenPipeError(32, "pipe"), "connection reset"),
    (HTTPConnectionClosed("closed"), "connection reset"),
    (ConnectionRefusedError(111, "refused"), "connection refused"),
    (zlib.error("bad header"), "broken answer"),
    (KeyError("x"), "KeyError"),
]


def test_a_failure_on_the_way_has_a_short_cause() -> None:
    assert [cause_of(exception) for exception, _ in CAUSES] == [cause for _, cause in CAUSES]
    assert classify(0, None, None, TimeoutError()) == RequestOutcome("error", "timeout")


def test_a_cause_told_by_the_service_is_cut_so_that_the_table_stays_readable() -> None:
    body = json.dumps({"status": "fallback", "message": "x" * 1000}).encode()
    assert classify(503, {}, body, None).name == "fallback: " + "x" * 80


def test_locusts_table_shows_the_bare_name_of_an_outcome() -> None:
    assert repr(OutcomeError(RequestOutcome("fallback", "circuit-open"))) == "fallback: circuit-open"


class Response:
    def __init__(self, headers: dict[str, str] | None) -> None:
        self.headers = headers


EVENTS: list[tuple[str, BaseException | None, dict[str, str] | None, object]] = [
    # Judged by our own user: its word counts, whatever Locust's verdict.
    ("fallback", None, {"brownout_outcome": "fallback"}, None),
    ("tunnel", ValueError(), {"brownout_outcome": "tunnel"}, None),
    # Not judged: Locust's verdict.
    ("ok", None, {}, None),
    ("ok", None, None, Response({})),
    ("error", ValueError("too dear"), {}, Response({})),
    ("error", ValueError(), {}, Response(None)),
    ("tunnel", ValueError(), {}, Response({"X-Brownout-Forwarder": "tunnel"})),
]


def test_the_kind_of_a_request_event() -> None:
    kinds = [of_request_event(exception, context, response) for _, exception, context, response in EVENTS]
    assert kinds == [kind for kind, *_ in EVENTS]
