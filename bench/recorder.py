"""`python -m bench.recorder`: what recording costs Locust, and whether it loses requests.

`rps_ratio` compares requests per second of processor time in one Locust process that records in half of the
seconds of its run, in rounds of four: without, with, with, without, so that a machine that becomes steadily
slower or faster favours neither. It is the median of the rounds' ratios, which is what one process carries if
it has a core to itself; `rps_ratio_spread` is half of their interquartile range. The ratio by the clock is
printed beside: it depends on what else the machine does. `lost` is Locust's
own total minus what the run folder's histograms hold, with 4 processes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import psutil

from bench import load, views
from bench.figures import Figures, main
from brownout_fleet.free_port import free_port
from tests.loadtest.runs import locust
from tests.servers import serve, until

BARS = {"rps_ratio": "≥ 0.95", "lost": "0", "lost_worker_killed": "0"}
LOCUSTFILES = Path(__file__).parent / "locustfiles"
USERS = ("--headless", "-u", "20", "-r", "20", "--only-summary", "--loglevel", "ERROR")
ROUNDS = 12
"""Rounds of four seconds each."""
RUN_S = 4
KILL_AFTER_S = 1.5


def measure() -> Figures:
    """Cost of the recorder in Locust's throughput, and requests lost with 4 processes."""
    with serve(views.UPSTREAM) as upstream, tempfile.TemporaryDirectory() as folder:
        load.pin(upstream.process.pid, 1)
        out = Path(folder)
        return {
            **throughput(upstream.url, out),
            "lost": lost(upstream.url, out / "whole", kill_one=False),
            "lost_worker_killed": lost(upstream.url, out / "killed", kill_one=True),
        }


def throughput(url: str, out: Path, rounds: int = ROUNDS) -> Figures:
    """Requests per processor second, and per second, with the recorder over without."""
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILES / "saturation.py"), "-H", url, *USERS]
    environ = {**os.environ, "BENCH_OUT": str(out), "BENCH_ROUNDS": str(rounds)}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        load.pin(process.pid, 0)
        printed, _ = process.communicate(timeout=120)
    slices = json.loads(printed)
    return {
        "rps_ratio": median(found := ratios(slices, "cpu_s")),
        "rps_ratio_spread": (quantiles(found)[2] - quantiles(found)[0]) / 2,
        "rps_ratio_by_clock": median(ratios(slices, "seconds")),
        "requests_per_cpu_s": median(one["requests"] / one["cpu_s"] for one in slices),
    }


def ratios(slices: list[dict[str, float]], unit: str) -> list[float]:
    """The rate of the two middle slices over that of the others, for each round of four."""

    def rate(of: list[dict[str, float]]) -> float:
        return sum(one["requests"] for one in of) / sum(one[unit] for one in of)

    rounds = [slices[start : start + 4] for start in range(0, len(slices), 4)]
    return [rate(four[1:3]) / rate([four[0], four[3]]) for four in rounds]


def lost(url: str, out: Path, *, kill_one: bool) -> int:
    """Locust's total on the master minus the requests in the run folder, with 4 processes."""
    out.mkdir()
    port = str(free_port())
    ports = ["--master-bind-port", port, "--master-port", port]
    options = ["-H", url, *USERS, *ports, "--processes", "4", "-t", f"{RUN_S}s", "--json-file", "total"]
    with locust(out, *options, locustfile=LOCUSTFILES / "asker.py") as process:
        if kill_one:
            until(lambda: [*process.out.glob("*/latency.hlog")], "the run folder", 20)
            time.sleep(KILL_AFTER_S)
            psutil.Process(process.process.pid).children()[0].kill()
        process.finish()
        run = process.run()
    total = sum(entry["num_requests"] for entry in json.loads((out / "total.json").read_text("utf-8")))
    named = [event for event in run.events if event["kind"] == "worker" and "unknown" in event]
    assert bool(named) == kill_one, "the run's events must name the dead worker, and no other"
    return int(total) - run.histogram().count - int(run.manifest["untimed"])


if __name__ == "__main__":
    main(measure, BARS)
