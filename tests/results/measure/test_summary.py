"""The summary of a run has the figures that thresholds judge, and None for what the run does not tell."""

from pathlib import Path

import pytest

from brownout_results.measure.summary import EndpointFigures, summarise
from brownout_results.read.failures import Failure, read_failures
from brownout_results.read.run_folder import Run
from brownout_results.record import CauseRow
from brownout_results.record.event_log import event_line
from brownout_results.record.table_rows import header, rows_text
from tests.results.folders import FETCH, START, Answers, failures, load, make, open_load, sample

BUY = ("POST", "/buy")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Ten seconds at 10/s, two partial ones around them: 6 ok and 2 fallbacks of one endpoint, 2 errors of
    another."""
    answers = [
        Answers(second, latencies, outcome, endpoint, waited_ms=1)
        for second in range(12)
        for latencies, outcome, endpoint in (
            ([10, 10, 10, 10, 20, 20], "ok", FETCH),
            ([30, 30], "fallback", FETCH),
            ([90, 90], "error", BUY),
        )
    ]
    transitions = [
        event_line("breaker", START + 2, 2, {"replica": "client-0", "from": "closed", "to": "open"}),
        event_line("breaker", START + 3, 3, {"replica": "client-0", "from": "open", "to": "half-open"}),
        event_line("breaker", START + 4, 4, {"replica": "client-0", "from": "half-open", "to": "open"}),
        event_line("worker", START + 5, 5, {"to": "open"}),
    ]
    return make(
        tmp_path / "run",
        answers,
        [open_load(second, 12, dropped=2, late_ms=0.5) for second in range(12)],
        [sample(0, 0, 0), sample(10, 100, 130)],
        transitions,
        {"started": "2026-03-14T15:09:26.500Z", "ended": "2026-03-14T15:09:39.000Z"},
        failures({"http 500": 20, "fallback: circuit-open": 24, "timeout": 4}),
    )


def test_the_summary_has_the_whole_runs_figures(run: Run) -> None:
    summary = summarise(run)

    assert summary.duration_s == 12.5
    assert (summary.requests, summary.outcomes) == (120, {"ok": 72, "fallback": 24, "error": 24})
    assert (summary.offered_rate, summary.throughput, summary.goodput) == (12, 10, 6)
    assert (summary.availability, summary.degraded_availability) == (0.6, 0.8)
    assert (summary.dropped, summary.lateness_p99_ms) == (24, 0.5)
    assert (summary.retry_amplification, summary.breaker_openings) == (1.3, 2)
    assert list(summary.causes.items()) == [("fallback: circuit-open", 24), ("http 500", 20), ("timeout", 4)]
    latencies = (summary.p50_ms, summary.p95_ms, summary.p99_ms, summary.service_p95_ms)
    assert latencies == pytest.approx((20, 90, 90, 89), rel=0.001)


def test_each_endpoint_has_a_row_of_its_own_requests(run: Run) -> None:
    fetch, buy = summarise(run).endpoints

    assert (fetch.method, fetch.name, fetch.requests, fetch.goodput) == (*FETCH, 96, 6)
    assert (fetch.availability, fetch.degraded_availability) == (0.75, 1.0)
    assert fetch.p99_ms == pytest.approx(30, rel=0.001)
    assert buy == EndpointFigures(
        method="POST",
        name="/buy",
        requests=24,
        throughput=2.0,
        goodput=0.0,
        availability=0.0,
        degraded_availability=0.0,
        p50_ms=buy.p99_ms,
        p95_ms=buy.p99_ms,
        p99_ms=buy.p99_ms,
        service_p95_ms=buy.service_p95_ms,
        outcomes={"error": 24},
    )


def test_a_run_without_requests_has_none_where_there_is_no_figure(tmp_path: Path) -> None:
    summary = summarise(make(tmp_path / "run", load=[load(0, 0), load(1, 0)]))

    assert summary.duration_s == 2.0
    assert (summary.requests, summary.outcomes, summary.causes, summary.endpoints) == (0, {}, {}, [])
    unknown = (summary.p50_ms, summary.p99_ms, summary.service_p95_ms, summary.availability)
    assert unknown == (None,) * 4
    assert (summary.offered_rate, summary.goodput) == (None, None)
    assert (summary.retry_amplification, summary.lateness_p99_ms, summary.dropped) == (None, None, 0)


def test_an_empty_folder_has_a_summary(tmp_path: Path) -> None:
    assert summarise(make(tmp_path / "run")).duration_s == 0.0


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("Method,Name,Error,Occurrences\nGET,/a,timeout,3\n", [("GET", "/a", "timeout", 3)]),
        ("\ufeffMethod,Name,Error,Occurrences\r\nGET,/a,timeout,3\r\n", [("GET", "/a", "timeout", 3)]),
        ("Occurrences,Error,New,Name,Method\n3,timeout,x,/a,GET\n", [("GET", "/a", "timeout", 3)]),
        ('Method,Name,Error,Occurrences\n\nGET,"/a,b","two\nlines",3\n', [("GET", "/a,b", "two\nlines", 3)]),
        ("Method,Name,Error,Occurrences\nGET,/a,timeout,3\nGET,/b,time", [("GET", "/a", "timeout", 3)]),
        ("Method,Name,Error,Occurrences\nGET,/a,timeout,many\nGET,/b,x,1\n", [("GET", "/b", "x", 1)]),
        ("Something,Else\n1,2\n", []),
    ],
    ids=["empty", "plain", "windows", "other columns", "quoted", "cut off", "bad number", "other file"],
)
def test_a_table_of_failures_is_read_as_far_as_it_can_be(
    text: str, rows: list[tuple[str, str, str, int]], tmp_path: Path
) -> None:
    (tmp_path / "locust_failures.csv").write_bytes(text.encode("utf-8"))

    assert read_failures(tmp_path) == [Failure(*row) for row in rows]


def test_a_folder_without_a_table_of_failures_has_none(tmp_path: Path) -> None:
    assert read_failures(tmp_path) == []


def test_causes_are_those_of_every_second_whatever_locusts_table_has(tmp_path: Path) -> None:
    (tmp_path / "locust_failures.csv").write_text(failures({"timeout": 9}))
    rows = [
        CauseRow(1, "fallback", "GET", "/a", "fallback: circuit-open", 2),
        CauseRow(2, "fallback", "GET", "/a", "fallback: circuit-open", 3),
        CauseRow(2, "error", "GET", "/b", "two\nlines, quoted", 1),
    ]
    (tmp_path / "causes.csv").write_text(header(CauseRow) + rows_text(rows) + "3,error,GET,/b,cut")

    assert read_failures(tmp_path) == [
        Failure("GET", "/a", "fallback: circuit-open", 5),
        Failure("GET", "/b", "two\nlines, quoted", 1),
    ]
