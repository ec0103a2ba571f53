"""How a replica serves and stops: gunicorn's settings and worker, which both services share."""

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from brownout_backend import server as settings
from tests.backend.http import Backend, read
from tests.servers import STOP_S, gunicorn, until

PROBE = "tests.backend.probe:create_app()"
CONFIG = "brownout_backend.server"


@pytest.fixture(scope="module")
def probe() -> Iterator[Backend]:
    with gunicorn(PROBE, config=CONFIG) as server, Backend(server) as probe:
        yield probe


def test_small_answers_are_not_held_back_by_nagle(probe: Backend) -> None:
    """TCP_NODELAY is on for accepted connections."""
    assert probe.send("GET", "/nodelay").text != "0"


def test_by_default_nothing_is_logged_but_errors_and_these_as_json(probe: Backend) -> None:
    """A replica under load writes nothing; a bug writes one JSON line that names its request."""
    for _ in range(20):
        probe.send("GET", "/fast")
    assert probe.server.output() == ""
    assert probe.send("GET", "/bug", headers={"X-Request-ID": "abc"}).status_code == 500
    [line] = _lines(probe.server.output())
    assert (line["level"], line["request_id"]) == ("ERROR", "abc")
    assert "RuntimeError: a bug" in line["exc_info"]


def test_requests_of_many_connections_are_served_at_once(probe: Backend) -> None:
    """100 requests of half a second, together, take no turns: all are in flight at the same time."""
    with ExitStack() as callers:
        slow = [callers.enter_context(probe.asked("/slow?s=0.5")) for _ in range(100)]
        until(lambda: "in_flight 100.0" in probe.send("GET", "/metrics").text, "100 requests in flight")
        assert [read(connection) for connection in slow] == [(200, b"slow")] * 100


def test_a_stopping_replica_says_so_and_finishes_what_is_in_flight() -> None:
    """From SIGTERM on /readyz answers 503; the request in flight is answered, and nothing more is awaited."""
    options = ("--graceful-timeout", "60")
    with (
        gunicorn(PROBE, *options, config=CONFIG) as server,
        Backend(server) as probe,
        probe.asked("/slow?s=1.3") as slow,
    ):
        until(lambda: "http_requests_in_flight 1.0" in probe.send("GET", "/metrics").text, "the slow request")
        server.process.send_signal(signal.SIGTERM)
        until(lambda: fresh_status(probe, "/readyz") == 503, "/readyz to answer 503", 1.0)
        assert read(slow) == (200, b"slow")
        assert server.process.wait(STOP_S) == 0


def test_idle_connections_do_not_delay_the_stop() -> None:
    """A replica with pooled connections ends at once, not after its grace period (here: a minute)."""
    options = ("--graceful-timeout", "60")
    with gunicorn(PROBE, *options, config=CONFIG) as server, Backend(server) as probe:
        with probe.asked("/fast") as pooled, probe.connection():
            assert read(pooled) == (200, b"fast")
            assert server.stop() == 0
            assert pooled.recv(65536) == b"", "the idle connection is closed in order"
        assert server.output() == ""


def test_a_request_that_outlasts_the_grace_period_is_cut() -> None:
    """The exit is in bounded time, whatever the requests in flight do."""
    options = ("--graceful-timeout", "1")
    with (
        gunicorn(PROBE, *options, config=CONFIG) as server,
        Backend(server) as probe,
        probe.asked("/slow?s=60") as slow,
    ):
        until(lambda: "in_flight 1.0" in probe.send("GET", "/metrics").text, "the slow request")
        assert server.stop() == 0
        assert slow.recv(65536) == b""
        assert "stopped with 1 requests unanswered" in server.output()


def test_settings_are_as_documented() -> None:
    """One worker; connections pooled for longer than proxies keep them; SIGTERM to exit in 5 s at most."""
    assert settings.workers == 1
    assert settings.keepalive == 75
    assert settings.graceful_timeout == 4
    assert settings.accesslog is None


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ("FAULT_SEED", "1.5", "a whole number from 0 to 9007199254740991, or nothing"),
    ],
)
def test_a_wrong_setting_ends_the_start_with_one_clear_line(variable: str, value: str, allowed: str) -> None:
    start = gunicorn("brownout_backend.app:create_app()", env={variable: value})
    with pytest.raises(RuntimeError, match="ended with exit code") as failure, start:
        pass
    assert f'{variable} is "{value}"; allowed: {allowed}' in str(failure.value)
    assert "Traceback" not in str(failure.value)


def test_at_level_info_a_request_is_one_json_line_with_its_id() -> None:
    with gunicorn(PROBE, config=CONFIG, env={"LOG_LEVEL": "info"}) as server, Backend(server) as probe:
        response = probe.send("GET", "/fast")
        until(lambda: '"request"' in server.output(), "the line, which follows the answer")
        [line] = [line for line in _lines(server.output()) if line["logger"] == "probe"]
        assert line["request_id"] == response.headers["X-Request-ID"]
        assert (line["method"], line["path"], line["status"]) == ("GET", "/fast", "200")


def fresh_status(probe: Backend, path: str) -> int:
    """The status on a new connection: one that is pooled may be closed while a request is on its way."""
    with probe.asked(path) as connection:
        return read(connection)[0]


def _lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]
