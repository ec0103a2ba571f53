"""Small run folders with known contents, written as the recorder writes them."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from brownout_results.read.run_folder import Endpoint, LoadTable, Run, read
from brownout_results.read.run_folder.table import TableReader
from brownout_results.record import LATENCY, SERVICE, Histogram, LoadRow, Sample, latency_log
from brownout_results.record.event_log import NAME as EVENTS
from brownout_results.record.event_log import event_line
from brownout_results.record.histogram_encoding import encode
from brownout_results.record.manifest import write_manifest
from brownout_results.record.table_rows import LOAD, SAMPLES, header, rows_text

START = 1_700_000_000
FETCH: Endpoint = ("GET", "/fetch")


class Answers(NamedTuple):
    """Requests that ended in one second, counted from the start."""

    second: int
    latencies_ms: Sequence[float]
    outcome: str = "ok"
    endpoint: Endpoint = FETCH
    waited_ms: float = 0.0
    """Of each latency, how long it was before the request started."""


def load(
    second: int,
    offered: int,
    dropped: int = 0,
    users: int | None = 5,
    lateness_ms: tuple[float, float, float] | None = None,
) -> LoadRow:
    """A second of load; with a lateness (p50, p99, maximum) it is open loop."""
    late = lateness_ms or (None, None, None)
    return LoadRow(START + second, users, 1, offered, offered - dropped, dropped, *late)


def open_load(second: int, offered: int, dropped: int = 0, late_ms: float = 0.1) -> LoadRow:
    """A second of open-loop load whose arrivals are all equally late."""
    return load(second, offered, dropped, lateness_ms=(late_ms, late_ms, late_ms))


def sample(
    second: int, requests: int | None, attempts: int | None, replica: str = "client-0", boot: str = "a"
) -> Sample:
    """What a client replica answered; None is no answer."""
    problem = "" if requests is not None else "connection refused"
    return Sample(
        START + second,
        "client",
        replica,
        problem,
        1.0,
        boot if requests is not None else "",
        *("", ""),
        requests,
        attempts,
        *(None,) * 5,
        *({}, {}, {}),
    )


def phase(second: float, name: str) -> str:
    """The mark that begins a phase."""
    return event_line("phase", START + second, second, {"name": name})


def make(
    folder: Path,
    answers: Sequence[Answers] = (),
    load: Sequence[LoadRow] = (),
    samples: Sequence[Sample] = (),
    events: Sequence[str] = (),
    manifest: Mapping[str, Any] | None = None,
    failures: str | None = None,
) -> Run:
    """The folder with all of this in it, read."""
    folder.mkdir(exist_ok=True)
    write_manifest(folder, manifest or {"format": 1})
    (folder / "latency.hlog").write_text(latency_log.header(START) + "".join(map(_lines, answers)))
    (folder / LOAD).write_text(header(LoadRow) + rows_text(load))
    (folder / SAMPLES).write_text(header(Sample) + rows_text(samples))
    (folder / EVENTS).write_text("".join(events))
    if failures is not None:
        (folder / "locust_failures.csv").write_text(failures)
    run = read(folder)
    assert run.problems == []
    return run


def load_table(rows: Iterable[LoadRow]) -> LoadTable:
    """The rows, as a run folder's reader gives them."""
    reader = TableReader(LoadTable)
    reader.begin(header(LoadRow).rstrip())
    reader.add(rows_text(rows))
    return reader.read()


def failures(counts: Mapping[str, int]) -> str:
    """Locust's table of failures, with these errors and how often."""
    rows = "".join(f'GET,/fetch,"{error}",{count},,\n' for error, count in counts.items())
    return "Method,Name,Error,Occurrences,First Seen,Last Seen\n" + rows


def _lines(answers: Answers) -> str:
    service_ms = [latency - answers.waited_ms for latency in answers.latencies_ms]
    return _line(answers, LATENCY, answers.latencies_ms) + _line(answers, SERVICE, service_ms)


def _line(answers: Answers, measure: str, durations_ms: Sequence[float]) -> str:
    histogram = Histogram.of([1000 * duration for duration in durations_ms])
    series = latency_log.Series(answers.outcome, measure, *answers.endpoint)
    line = latency_log.LogLine(series, START + answers.second, 1.0, encode(histogram))
    return latency_log.text(line, histogram.max_us)
