"""`python -m bench.report`: what the report of a long run costs.

The run is made by a generator: 24 hours, in latency.hlog a line for each of 86,400 seconds, 10 endpoints and
both measures, four replicas sampled each second, and a fault every two hours. `seconds` is what `brownout
report` takes for it from start to end, `scaling` that over the time for 6 hours; `compare_seconds` is what a
comparison of it with itself takes. `peak_rss_mib` is the more of both, of all their processes together.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import psutil

from bench.figures import Figures, main
from brownout_results.record import LATENCY, SERVICE, Histogram, LoadRow, Sample, latency_log
from brownout_results.record.event_log import NAME as EVENTS
from brownout_results.record.event_log import event_line
from brownout_results.record.histogram_encoding import encode
from brownout_results.record.manifest import write_manifest
from brownout_results.record.table_rows import LOAD, SAMPLES, header, rows_text
from brownout_results.record.timestamps import iso

BARS = {
    "seconds": "≤ 5",
    "compare_seconds": "≤ 10",
    "peak_rss_mib": "≤ 300",
    "html_mib": "≤ 3",
    "scaling": "≤ 4.5",
}
START = 1_700_000_000
HOURS, FEWER_HOURS = 24, 6
ENDPOINTS = [("GET", f"/item/{number}") for number in range(10)]
REQUESTS_S = 5
"""Rate of each endpoint."""

KINDS = 199
"""Different seconds that the run is made of; a prime, so that they don't repeat with the endpoints."""

REPLICAS = [
    ("client", "client-0"),
    ("client", "client-1"),
    ("backend", "backend-0"),
    ("backend", "backend-1"),
]
FAULT_EVERY_S, FAULT_S = 7200, 600
WATCHED_EVERY_S = 0.1
FAULTS = [{"kind": "error", "rate": 0.3, "status": 503}]


def measure() -> Figures:
    """Time, memory and size of the report of a run of a day."""
    with tempfile.TemporaryDirectory() as folder:
        day, quarter = (make(Path(folder) / f"{hours}", hours * 3600) for hours in (HOURS, FEWER_HOURS))
        fewer_s, _ = timed("report", quarter)
        seconds, peak_mib = timed("report", day)
        page = day / "report.html"
        html_mib = page.stat().st_size / 2**20
        compare_s, compare_mib = timed("compare", day, day, "--out", folder)
        return {
            "seconds": seconds,
            "peak_rss_mib": max(peak_mib, compare_mib),
            "html_mib": max(html_mib, (Path(folder) / "report.html").stat().st_size / 2**20),
            "scaling": seconds / fewer_s,
            "compare_seconds": compare_s,
            "report_rss_mib": peak_mib,
            "compare_rss_mib": compare_mib,
            "generated_mib": sum(path.stat().st_size for path in day.iterdir()) / 2**20,
        }


def timed(*command: object) -> tuple[float, float]:
    """Seconds, and the most memory in MiB, that the command took, with the processes that it starts."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "brownout", *map(str, command)], stdout=subprocess.DEVNULL
    )
    together, ended = [0], threading.Event()
    watch = threading.Thread(target=_watch, args=(process.pid, together, ended))
    watch.start()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    ended.set()
    watch.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    scale = 1024 if psutil.LINUX else 1  # kilobytes, and bytes on macOS
    return seconds, max(used.ru_maxrss * scale, *together) / 2**20


def _watch(pid: int, together: list[int], ended: threading.Event) -> None:
    """Note how much memory a process and those it started have, in bytes; what they share counts twice."""
    while not ended.wait(WATCHED_EVERY_S):
        with suppress(psutil.Error):
            root = psutil.Process(pid)
            sizes = []
            for one in (root, *root.children(recursive=True)):
                with suppress(psutil.Error):
                    sizes.append(one.memory_info().rss)
            together.append(sum(sizes))


def make(folder: Path, seconds: int) -> Path:
    """The run folder."""
    folder.mkdir()
    write_manifest(
        folder,
        {
            "format": 1,
            "label": f"{seconds // 3600} hours",
            "started": iso(START),
            "ended": iso(START + seconds),
            "how_ended": "completed",
            "load": {"arrival_rate": REQUESTS_S * len(ENDPOINTS), "shape": "steady", "run_time_s": seconds},
        },
    )
    _latencies(folder / "latency.hlog", seconds)
    offered = REQUESTS_S * len(ENDPOINTS)
    rows = (LoadRow(START + at, 50, 1, offered, offered, 0, 0.1, 0.2, 0.3) for at in range(seconds))
    (folder / LOAD).write_text(header(LoadRow) + rows_text(rows))
    (folder / SAMPLES).write_text(header(Sample) + rows_text(_samples(seconds)))
    (folder / EVENTS).write_text("".join(_events(seconds)))
    return folder


def _latencies(path: Path, seconds: int) -> None:
    random = np.random.default_rng(1)
    kinds = [Histogram.of(np.exp(random.normal(10, 0.5, REQUESTS_S))) for _ in range(KINDS)]
    payloads = [(encode(kind), kind.max_us) for kind in kinds]
    ended = ["ok", "error"]
    tags = {
        (outcome, measure, endpoint): latency_log.Series(outcome, measure, *endpoint).tag
        for outcome in ended
        for measure in (LATENCY, SERVICE)
        for endpoint in ENDPOINTS
    }
    with path.open("w") as file:
        file.write(latency_log.header(START))
        for at in range(seconds):
            for number, endpoint in enumerate(ENDPOINTS):
                outcome = ended[_is_fault(at) and (at + number) % 3 == 0]
                payload, longest = payloads[(at * 7 + number * 31) % KINDS]
                for measure in (LATENCY, SERVICE):
                    tag = tags[outcome, measure, endpoint]
                    file.write(f"Tag={tag},{START + at}.000,1.000,{longest / 1000:.3f},{payload}\n")


def _samples(seconds: int) -> Iterator[Sample]:
    for at in range(seconds):
        for service, name in REPLICAS:
            is_client = service == "client"
            yield Sample(
                START + at,
                service,
                name,
                problem="",
                took_ms=1.0,
                boot_id="a",
                policy="full" if is_client else "",
                circuit_state="closed" if is_client else "",
                requests=25 * at,
                attempts=26 * at if is_client else None,
                retries=at if is_client else None,
                short_circuits=0 if is_client else None,
                fallbacks=0 if is_client else None,
                budget_denied=0 if is_client else None,
                in_flight=3,
                outcomes={"ok": 25 * at} if is_client else {},
                causes={},
                injected={} if is_client else {"error": _injected(at)},
            )


def _injected(at: int) -> int:
    """Return how many errors a backend has made of a third of its requests, until this second."""
    faults, into = divmod(at, FAULT_EVERY_S)
    return 8 * (faults * FAULT_S + max(into - (FAULT_EVERY_S - FAULT_S), 0))


def _is_fault(at: int) -> bool:
    return at % FAULT_EVERY_S >= FAULT_EVERY_S - FAULT_S


def _events(seconds: int) -> list[str]:
    changes = [at for at in range(1, seconds) if _is_fault(at) != _is_fault(at - 1)]
    return [
        event_line(
            "fault",
            START + at,
            at,
            {
                "action": "set" if _is_fault(at) else "cleared",
                "faults": FAULTS if _is_fault(at) else [],
                "outcome": "applied",
            },
        )
        for at in changes
    ]


if __name__ == "__main__":
    main(measure, BARS)
