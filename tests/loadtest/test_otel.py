"""Traces and metrics by OTLP, received by a real receiver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from brownout_loadtest.otel import is_wanted
from tests.commands.cli import FREE_PORTS, run
from tests.loadtest.otlp import Receiver, attributes_of, receiver
from tests.loadtest.runs import locust, processes

LOCUSTFILE = Path(__file__).with_name("traced.py")
HEADLESS = ("--headless", "--only-summary", "-u2", "-r9", "-t2")


@pytest.fixture
def received() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def load(folder: Path, received: Receiver, *options: str, **variables: str) -> str:
    """The output of a load that loads the receiver itself."""
    environ = {"OTEL_METRIC_EXPORT_INTERVAL": "500", **variables}
    with locust(
        folder, *HEADLESS, "--host", received.url, *options, locustfile=LOCUSTFILE, environ=environ
    ) as one:
        assert one.finish() == 0, one.output()
        return one.output()


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_the_environment_says_whether_anything_is_sent(variables: dict[str, str], wanted: bool) -> None:
    """An endpoint switches it on, OpenTelemetry's own switch off."""
    assert is_wanted(variables) is wanted


def test_each_request_is_a_span_whose_id_the_service_gets(tmp_path: Path, received: Receiver) -> None:
    """Spans have outcome and status, the service their ids, and the run is a span of its own."""
    output = load(tmp_path, received, OTEL_EXPORTER_OTLP_ENDPOINT=received.url)
    spans = {
        span.span_id.hex(): span for span in [*received.named("GET /slow"), *received.named("GET /fast")]
    }
    sent = {one.split("-")[2]: one.split("-")[1] for one in received.traceparents}
    assert len(sent) > 20
    assert sent == {name: span.trace_id.hex() for name, span in spans.items()}
    (slow, fast) = (attributes_of(received.named(f"GET /{name}")[0]) for name in ("slow", "fast"))
    assert slow["brownout.outcome"] == "ok"
    assert slow["http.response.status_code"] == 200
    assert (fast["brownout.outcome"], fast["brownout.cause"]) == ("fallback", "fallback: marked")
    (whole,) = received.named("run ")
    assert attributes_of(whole)["brownout.requests.ok"] == len(received.named("GET /slow"))
    assert received.services == {"brownout-load"}
    assert {"brownout.requests", "brownout.users", "http.client.request.duration"} <= received.metrics.keys()
    assert "Traceback" not in output


@pytest.mark.slow
def test_workers_send_their_own_spans(tmp_path: Path, received: Receiver) -> None:
    """Requests of forked workers are traced as well, except those that the end of the load cuts off."""
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": received.url, "OTEL_SERVICE_NAME": "mine"}
    load(tmp_path, received, *processes(2), "-t4", **endpoint)
    sent, told = len(received.traceparents), len(received.named("GET /"))
    assert sent >= told > max(5, sent - 3)
    assert received.services == {"mine"}


@pytest.mark.slow
def test_without_an_endpoint_nothing_is_imported(tmp_path: Path, received: Receiver) -> None:
    """No variable: no import, no header, no span."""
    assert "imported: 0" in load(tmp_path, received)
    assert received.spans == received.traceparents == []


@pytest.mark.slow
def test_without_the_extra_the_load_says_what_to_install(tmp_path: Path, received: Receiver) -> None:
    """An endpoint without OpenTelemetry is said, and the load goes on."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['opentelemetry'] = None\n")
    output = load(
        tmp_path,
        received,
        OTEL_EXPORTER_OTLP_ENDPOINT=received.url,
        PYTHONPATH=f"{tmp_path}:{Path(__file__).parents[2]}",
    )
    assert "pip install 'brownout[otel]'" in output


@pytest.mark.slow
def test_with_locusts_own_option_its_providers_send_our_spans(tmp_path: Path, received: Receiver) -> None:
    """`--otel` of Locust's sets up the exporters, and requests are traced once."""
    output = load(
        tmp_path,
        received,
        "--otel",
        OTEL_EXPORTER_OTLP_ENDPOINT=received.url,
        OTEL_EXPORTER_OTLP_PROTOCOL="http/protobuf",
        OTEL_LOGS_EXPORTER="none",
    )
    assert received.services == {"locust"}, output
    assert len(received.named("GET /fast")) > 5


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_faults_and_kills_of_a_run_are_spans_below_its_own(
    tmp_path: Path, received: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault's span lasts from its setting to its end; a kill and a breaker's transitions are moments."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", received.url)
    phases = ("--baseline", "2s", "--during", "4s", "--recovery", "4s")
    disturbed = ("--fault", "error=100%", "--kill", "backend", *phases)
    options = ("--clients", "1", "--policy", "full", *FREE_PORTS, *disturbed, "--users", "5")
    code, output = run("run", *options, cwd=tmp_path, deadline_s=110)
    assert code not in (2, 6, 70), output  # whether users were served on a busy machine is not the point
    (whole,) = received.named("run ")
    fault, kill, breaker = (received.named(name)[0] for name in ("fault", "kill", "breaker"))
    assert {span.parent_span_id for span in (fault, kill, breaker)} == {whole.span_id}
    assert fault.end_time_unix_nano - fault.start_time_unix_nano > 3e9
