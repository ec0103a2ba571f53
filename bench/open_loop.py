"""`python -m bench.open_loop`: whether open-loop load is what was asked for, and what it sees of a stall.

- `rate_error`: |achieved − asked| / asked at 500/s over 20 s, evenly spaced; achieved as the target saw it.
- `poisson_p`: p-value of a Kolmogorov-Smirnov test that the gaps between Poisson arrivals at 50/s, as the
  target saw them, are exponential with that rate. Not at 500/s: there the gaps are as short as what Locust
  computes for a request (0.2 to 0.7 ms), in which it can send no other one, and the test finds that.
- `omission_ratio`: a target that stalls for 2 s in 20 s, at 200/s: the p99 of the run folder over the p99
  that follows from the schedule. `closed_loop_omission_ratio` is the same for plain Locust, paced at 200/s.
- `lateness_p50_ms`: how late a request starts that should start now, by the load's own count, at 200/s.

The Poisson run has the machine to itself; the other three share it.
"""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from scipy import stats

from bench.figures import Figures, main
from tests.loadtest.runs import Batch, target
from tests.loadtest.target import DRAIN_S

BARS = {"rate_error": "≤ 0.01", "poisson_p": "≥ 0.001", "omission_ratio": "0.95 to 1.05"}
PACED = Path(__file__).parent / "locustfiles" / "paced.py"
RATE = 500
STALLED_RATE = 200
LENGTH_S = 20
POISSON_RATE, POISSON_S = 50, 10
STALL_AT_S, STALL_S = 9.0, 2.0


def measure() -> Figures:
    """Accuracy of open-loop load, and what it and plain Locust see of a stall."""
    stall = (str(STALL_AT_S), str(STALL_S))
    length = f"-t{LENGTH_S}"
    with tempfile.TemporaryDirectory() as folder, Batch(Path(folder)) as batch:
        batch.start("even", length, f"--arrival-rate={RATE}", "--no-record")
        batch.start("stall", length, f"--arrival-rate={STALLED_RATE}", stall=stall)
        closed_p99_ms = closed_loop_p99_ms()
        even, stalled = batch.asked("even"), batch.result("stall").run
        batch.start(
            "poisson", f"-t{POISSON_S}", f"--arrival-rate={POISSON_RATE}", "--arrivals=poisson", "--no-record"
        )
        gaps = [later - earlier for earlier, later in itertools.pairwise(batch.asked("poisson"))]
    expected_ms = p99_of_schedule_ms()
    return {
        "rate_error": abs((len(even) - 1) / (even[-1] - even[0]) - RATE) / RATE,
        "poisson_p": float(stats.kstest(gaps, "expon", args=(0, 1 / POISSON_RATE)).pvalue),
        "omission_ratio": stalled.histogram().percentile_us(99) / 1000 / expected_ms,
        "closed_loop_omission_ratio": closed_p99_ms / expected_ms,
        "lateness_p50_ms": median(row.lateness_p50_ms or 0.0 for row in stalled.load if row.started),
    }


def p99_of_schedule_ms() -> float:
    """The 99th percentile of what requests have to wait that are due evenly, from the first one on."""
    waits: list[float] = []
    drained = STALL_AT_S + STALL_S
    for due in (number / STALLED_RATE for number in range(STALLED_RATE * LENGTH_S)):
        queues = STALL_AT_S <= due < drained
        drained += DRAIN_S if queues else 0.0
        waits.append(drained - due if queues else 0.0)
    return 1000 * sorted(waits)[math.ceil(0.99 * len(waits)) - 1]


def closed_loop_p99_ms() -> float:
    """Plain Locust's own 99th percentile, of the same stall at the same rate."""
    with (
        target("--stall-at", str(STALL_AT_S), "--stall-for", str(STALL_S)) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        options = ["--headless", "-u10", "-r10", f"-t{LENGTH_S}", "--only-summary", "--json-file", "totals"]
        subprocess.run(
            [sys.executable, "-m", "locust", "-f", str(PACED), "-H", server.url, *options],
            cwd=folder,
            check=True,
            timeout=60,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        (totals,) = json.loads((Path(folder) / "totals.json").read_text())
    counts = sorted((float(ms), count) for ms, count in totals["response_times"].items())
    rank = math.ceil(0.99 * totals["num_requests"])
    for response_ms, count in counts:
        rank -= count
        if rank <= 0:
            return response_ms
    raise ValueError("plain Locust made no request")


if __name__ == "__main__":
    main(measure, BARS)
