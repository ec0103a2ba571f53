"""Simulated runs written as run folders and as Locust's files of six versions, each in its own format.

What differs between the versions was read from files that they wrote (tests/results/read/locust_csv/real):
columns, rounding, what percentiles in a history count from, and the tables that there are.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from brownout_results.record import LATENCY, SERVICE, Histogram, LoadRow, latency_log
from brownout_results.record.histogram_encoding import encode
from brownout_results.record.manifest import write_manifest
from brownout_results.record.table_rows import CAUSES, LOAD, header, rows_text
from brownout_results.record.timestamps import iso

Floats = NDArray[np.float64]

BEGAN = 1_700_000_000
WINDOW_S = 10
PERCENTS = (50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99, 100)
OLDER_PERCENTS = (*PERCENTS[:-1], 99.999, 100)
STATS = (
    "Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
    "Max Response Time,Average Content Size,Requests/s,Failures/s"
)
TOTALS = (
    "Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,"
    "Total Min Response Time,Total Max Response Time,Total Average Content Size"
)
OLDEST = (
    "# requests,# failures,Median response time,Average response time,Min response time,Max response time,"
    "Average Content Size,Requests/s,Requests Failed/s"
)


@dataclass(frozen=True, eq=False)
class SimulatedRun:
    """Every request of a run."""

    seconds: int
    second: NDArray[np.int64]
    durations_ms: Floats
    failed: NDArray[np.bool_]
    error: str
    """Why requests fail."""


@dataclass(frozen=True)
class Format:
    """How a version of Locust writes its files."""

    percents: Sequence[float] = PERCENTS
    stats: str = f"Type,Name,{STATS}"
    is_oldest: bool = False
    is_of_the_moment: bool = False
    """Whether percentiles in the history are those of the last seconds."""

    has_endpoints: bool = False
    has_exceptions: bool = True
    has_moments: bool = False
    cuts: bool = False
    """Whether means in the history are cut to whole numbers."""

    error: str = "{}"


FORMATS = {
    "0.14.6": Format(
        OLDER_PERCENTS,
        stats=f"Type,Name,{OLDEST}",
        is_oldest=True,
        is_of_the_moment=True,
        has_exceptions=False,
        cuts=True,
    ),
    "1.1": Format(OLDER_PERCENTS, is_of_the_moment=True, has_exceptions=False, cuts=True),
    "1.4.1": Format(has_exceptions=False),
    "2.2.1": Format(),
    "2.31.8": Format(is_of_the_moment=True, has_endpoints=True, error="HTTPError('{}')"),
    "2.47.0": Format(has_moments=True, error="HTTPError('{}')"),
}
"""By the version that was looked at."""

FOLDER = "run folder"
SOURCES = (FOLDER, *FORMATS)


def write(path: Path, source: str, run: SimulatedRun) -> Path:
    """Write the run into a folder, in the format of a source; its path as a command takes it."""
    path.mkdir(parents=True)
    return _write_folder(path, run) if source == FOLDER else _write_files(path, FORMATS[source], run)


def _write_folder(folder: Path, run: SimulatedRun) -> Path:
    manifest = {
        "format": 1,
        "label": folder.name,
        "started": iso(BEGAN),
        "ended": iso(BEGAN + run.seconds),
        "how_ended": "completed",
        "load": {"users": 10, "shape": "steady", "run_time_s": run.seconds},
    }
    write_manifest(folder, manifest)
    lines, rows, causes = [latency_log.header(BEGAN)], [], ["second,outcome,method,name,cause,requests\n"]
    for second in range(run.seconds):
        inside = run.second == second
        rows.append(LoadRow(BEGAN + second, 10, 1, int(inside.sum()), int(inside.sum()), 0, None, None, None))
        for outcome, chosen in (("ok", inside & ~run.failed), ("error", inside & run.failed)):
            if not chosen.any():
                continue
            histogram = Histogram.of(1000 * run.durations_ms[chosen])
            for measure in (LATENCY, SERVICE):
                series = latency_log.Series(outcome, measure, "GET", "/item")
                line = latency_log.LogLine(series, BEGAN + second, 1.0, encode(histogram))
                lines.append(latency_log.text(line, histogram.max_us))
        if failures := int((inside & run.failed).sum()):
            causes.append(f'{BEGAN + second},error,GET,/item,"error: {run.error}",{failures}\n')
    (folder / "latency.hlog").write_text("".join(lines))
    (folder / LOAD).write_text(header(LoadRow) + rows_text(rows))
    (folder / CAUSES).write_text("".join(causes))
    (folder / "events.jsonl").write_text("")
    return folder


def _write_files(folder: Path, form: Format, run: SimulatedRun) -> Path:
    names = ",".join(f"{one:g}{'' if form.is_oldest and one == 99.999 else '%'}" for one in form.percents)
    everything = np.ones(len(run.second), bool)
    rate = f"{len(run.second) / run.seconds:.2f},{run.failed.sum() / run.seconds:.2f}"
    whole = _figures(run, everything, is_cut=form.is_oldest)
    percentiles = _percentiles(run.durations_ms, form.percents)
    total = "None,Aggregated" if form.is_oldest else ",Aggregated"
    rows = [f"{name},{whole},{rate},{percentiles}" for name in ("GET,/item", total)]
    (folder / "x_stats.csv").write_text("\n".join([f"{form.stats},{names}", *rows, ""]))
    if form.is_oldest:
        head = f"Type,Name,Timestamp,{OLDEST},{names}"
    else:
        head = f"Timestamp,User Count,Type,Name,Requests/s,Failures/s,{names},{TOTALS}"
    history = [row for at in range(run.seconds + 1) for row in _history_rows(form, run, at, total)]
    (folder / "x_stats_history.csv").write_text("\n".join([head, *history, ""]))
    _write_failures(folder / "x_failures.csv", form, run)
    if form.has_exceptions:
        (folder / "x_exceptions.csv").write_text("Count,Message,Traceback,Nodes\n")
    return folder / "x"


def _history_rows(form: Format, run: SimulatedRun, at: int, total: str) -> list[str]:
    until = run.second < at
    recent = until & (run.second >= at - WINDOW_S)
    figures = _figures(run, until, is_cut=form.cuts)
    percentiles = _percentiles(run.durations_ms[recent if form.is_of_the_moment else until], form.percents)
    rate = f"{recent.sum() / WINDOW_S:.2f},{(recent & run.failed).sum() / WINDOW_S:.2f}"
    if form.is_oldest:
        return [f"{total},{BEGAN + at},{figures},{rate},{percentiles}"]
    names = ("GET,/item", total) if form.has_endpoints else (total,)
    return [f"{BEGAN + at},10,{name},{rate},{percentiles},{figures}" for name in names]


def _figures(run: SimulatedRun, chosen: NDArray[np.bool_], *, is_cut: bool) -> str:
    durations = run.durations_ms[chosen]
    if not len(durations):
        return "0,0,0,0,0,0,0"
    mean: float | int = float(durations.mean())
    middle = _rounded(float(np.median(durations)))
    ends = f"{durations.min():g},{durations.max():g}"
    size = 100 if is_cut else 100.0
    return (
        f"{len(durations)},{run.failed[chosen].sum()},{middle},{int(mean) if is_cut else mean},{ends},{size}"
    )


def _percentiles(durations: Floats, percents: Sequence[float]) -> str:
    if not len(durations):
        return ",".join("0" for _ in percents)
    found = np.percentile(durations, percents, method="inverted_cdf")
    return ",".join(str(_rounded(float(value))) for value in found)


def _rounded(ms: float) -> int:
    """Round as Locust does: whole ms below 100, then two digits."""
    return int(round(ms) if ms < 100 else round(ms, -1) if ms < 1000 else round(ms, -2))


def _write_failures(path: Path, form: Format, run: SimulatedRun) -> None:
    columns = ["Method", "Name", "Error", "Occurrences"]
    moments = ["First Seen", "Last Seen"] if form.has_moments else []
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*columns, *moments])
        if failures := int(run.failed.sum()):
            seen = [iso(BEGAN), iso(BEGAN + run.seconds)] if moments else []
            writer.writerow(["GET", "/item", form.error.format(run.error), failures, *seen])
