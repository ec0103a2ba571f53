"""`python -m bench.recorder`: what recording costs Locust, and whether it loses requests.

`rps_ratio` compares requests per second of processor time, with brownout in the locustfile and without: what
one Locust process, which is never faster than one core, carries when it has that core to itself. The rates by
the clock are printed beside. `lost` is Locust's own total minus what the run folder's histograms hold.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import psutil

from bench import load, views
from bench.report import Figures, main
from results.run_folder import read
from tests.servers import serve, until

BARS = {"rps_ratio": "≥ 0.95", "lost": "0", "lost_worker_killed": "0"}
LOCUSTFILE = Path(__file__).parent / "locustfiles" / "saturation.py"
TURNS = (False, True, True, False, False, True, True, False)
"""With the recorder or without: in an order that a machine which warms up or cools down favours neither of."""

USERS = 20


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


def throughput(url: str, out: Path) -> Figures:
    """Requests per processor second, and per second, with the recorder over without: medians of the turns."""
    per_cpu_s: dict[bool, list[float]] = {True: [], False: []}
    per_s: dict[bool, list[float]] = {True: [], False: []}
    for recorded in TURNS:
        figures = _saturate(url, out, recorded=recorded)
        per_cpu_s[recorded].append(figures["requests"] / figures["cpu_s"])
        per_s[recorded].append(figures["requests"] / figures["seconds"])
    return {
        "rps_ratio": median(per_cpu_s[True]) / median(per_cpu_s[False]),
        "rps_ratio_by_clock": median(per_s[True]) / median(per_s[False]),
        "recorded_per_cpu_s": median(per_cpu_s[True]),
        "plain_per_cpu_s": median(per_cpu_s[False]),
    }


def _saturate(url: str, out: Path, *, recorded: bool) -> dict[str, float]:
    figures = out / "figures.json"
    env = {"BENCH_FIGURES": str(figures), "BENCH_RECORD": "1" if recorded else ""}
    options = ["--out", str(out)] if recorded else []
    with _locust(url, "-t", "3s", *options, env=env) as process:
        load.pin(process.pid, 0)
        process.wait(30)
    document: dict[str, float] = json.loads(figures.read_text("utf-8"))
    return document


def lost(url: str, out: Path, *, kill_one: bool) -> int:
    """Locust's total on the master minus the requests in the run folder, with 4 processes."""
    out.mkdir()
    env = {"BENCH_FIGURES": os.devnull, "BENCH_RECORD": "1"}
    total = out / "locust"
    options = ["--processes", "4", "--out", str(out), "--json-file", str(total), "-t", "4s"]
    with _locust(url, *options, env=env) as process:
        if kill_one:
            _kill_a_worker(process.pid, out)
        process.wait(30)
    counted = sum(entry["num_requests"] for entry in json.loads(total.with_suffix(".json").read_text()))
    (folder,) = (path for path in out.iterdir() if path.is_dir())
    run = read(folder)
    recorded = run.histogram().count + int(run.manifest["untimed"])
    if kill_one:
        assert any(event["kind"] == "worker" and "unknown" in event for event in run.events)
    return int(counted) - recorded


def _kill_a_worker(pid: int, out: Path) -> None:
    """In the middle of the run, SIGKILL one of the forked workers."""
    until(lambda: list(out.glob("*/latency.hlog")), "the run folder", 20)
    time.sleep(1.5)
    psutil.Process(pid).children()[0].kill()


def _locust(url: str, *options: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--headless", "-H", url]
    command += ["-u", str(USERS), "-r", str(USERS), "--only-summary", "--loglevel", "ERROR", *options]
    return subprocess.Popen(
        command, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


if __name__ == "__main__":
    main(measure, BARS)
