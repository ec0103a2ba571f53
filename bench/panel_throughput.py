"""Part of `bench.panel`: Locust's throughput with the panel open in a few event streams over without it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from statistics import median, quantiles

import gevent
import requests

from bench import load, views
from bench.figures import Figures
from bench.recorder import ratios
from brownout_fleet.launch import FleetProcess
from brownout_panel import panel_address
from tests.servers import serve

LOCUSTFILE = Path(__file__).parent / "locustfiles" / "paneled.py"
THROUGHPUT_S = 120.0
STREAMS = 3


def throughput(fleet: FleetProcess, folder: Path) -> Figures:
    """Requests per processor second, and per second: Locust with the panel in 3 event streams over without.

    Per processor second as in `bench.recorder`: the streams' readers and the target share the machine.
    """
    with serve(views.UPSTREAM) as target:
        load.pin(target.process.pid, 1)
        slices = locust(fleet, target.url, folder)
    found = ratios(slices, "cpu_s")
    return {
        "rps_ratio": median(found),
        "rps_ratio_spread": (quantiles(found)[2] - quantiles(found)[0]) / 2,
        "rps_ratio_by_clock": median(ratios(slices, "seconds")),
    }


def locust(fleet: FleetProcess, url: str, folder: Path) -> list[dict[str, float]]:
    """One run of Locust beside this fleet, with a panel in half of its slices of time."""
    environ = {
        **os.environ,
        "BROWNOUT_FLEET_URL": fleet.up.api,
        "BROWNOUT_FLEET_TOKEN": fleet.token,
        "BENCH_OUT": str(folder / "runs"),
        "BENCH_STREAMS": str(STREAMS),
        panel_address.FOLDER_VARIABLE: str(folder / "state"),
    }
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "-H", url, "--headless", "-u", "20"]
    with subprocess.Popen(
        [*command, "-r", "20", "--only-summary", "--loglevel", "ERROR"],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        load.pin(process.pid, 0)
        readers = [gevent.spawn(keep_reading, folder / "state", process) for _ in range(STREAMS)]
        try:
            printed, _ = process.communicate(timeout=THROUGHPUT_S)
        finally:
            process.kill()
            gevent.joinall(readers, timeout=5)
    assert all(reader.value for reader in readers), "each stream must have brought events"
    slices: list[dict[str, float]] = json.loads(printed)
    return slices


def keep_reading(state: Path, process: subprocess.Popen[bytes]) -> int:
    """Read each panel's event stream to its end, as a page does, while Locust runs; the number of lines."""
    lines = 0
    while process.poll() is None:
        if not (found := panel_address.find(state)):
            gevent.sleep(0.02)
            continue
        headers = {"Authorization": f"Bearer {found[0].token}"}
        with suppress(requests.RequestException):
            url = f"{found[0].url}/api/stream"
            with requests.get(url, headers=headers, stream=True, timeout=10) as response:
                for _ in response.iter_lines():
                    lines += 1
    return lines
