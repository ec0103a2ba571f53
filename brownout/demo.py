"""`brownout demo`: the main job, start to finish: a load at a fixed rate, and faults half-way through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from brownout.exits import Exit
from brownout.panel_client import PanelClient
from brownout.run import Settings
from brownout.run import run as run_load
from brownout.up import url_table
from services.fleet.config import FleetConfig
from services.fleet.launch import FleetProcess

ARRIVAL_RATE = 50
RUN_TIME_S = 20.0
FAULTS_AT_S = 10.0
FAULTS: list[dict[str, Any]] = [
    {"kind": "error", "rate": 0.3, "status": 503},
    {"kind": "latency", "rate": 1.0, "ms": 200, "jitter_ms": 50, "distribution": "normal"},
]


class Demo:
    """The faults of the demo: set once, half-way through."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown = self._failing = False

    def __call__(self, fleet: FleetProcess | None, panel: PanelClient | None, elapsed_s: float) -> None:
        """Called each second of the load."""
        if fleet and not self._shown:
            self._shown = True
            self._console.print(url_table(fleet))
        if panel and not self._failing and elapsed_s >= FAULTS_AT_S:
            self._failing = True
            panel.ask("PUT", "faults", {"faults": FAULTS, "seed": 1})
            self._console.print("every backend now fails 30 % of its calls with 503, and is 200 ms slower")


def run(config: FleetConfig, out: Path) -> Exit:
    """Start a fleet, load it, make it fail, and print what users saw."""
    console = Console()
    config = msgspec.structs.replace(config, policy=config.policy or "full")
    console.print(
        f"{ARRIVAL_RATE} requests/s for {RUN_TIME_S:g} s, whatever the service does; "
        f"policy: {config.policy}; faults after {FAULTS_AT_S:g} s",
        highlight=False,
    )
    settings = Settings(
        locust=["--arrival-rate", str(ARRIVAL_RATE)],
        label=f"demo-{config.policy}",
        run_time_s=RUN_TIME_S,
        out=out,
        fleet=config,
    )
    code = run_load(settings, console, Demo(console))
    console.print("start it for yourself with: .venv/bin/brownout up", highlight=False)
    return code
