"""`brownout demo`: the main job, start to finish: a brownout and a kill, without a policy and with one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from brownout import compare_policies as series
from brownout.commands.compare_policies import settings_of
from brownout.commands.experiment_options import write
from brownout.commands.fleet_options import fleet_config
from brownout.experiment import checked
from brownout.fault_text import parse_fault
from brownout_terms.exits import Exit

POLICIES = ("none", "full")
ARRIVAL_RATE = 50
FAULTS = tuple(map(parse_fault, ("error=30%,status=503", "latency=200ms,jitter=50ms")))
"""Those of the experiment `brownout`; its phases are cut short: both runs take less than two minutes."""

PHASES = {"baseline": 4.0, "during": 9.0, "recovery": 8.0}

RESTART_DELAY_S = 1.0

STORY = f"""A brownout, twice: {ARRIVAL_RATE} requests/s whatever the service does. After a baseline every \
backend fails 30 % of its
calls with 503 and is 200 ms slower, and one is killed meanwhile. First without a policy, then with retry, \
breaker and fallback."""


def run(fleet: dict[str, Any], out: Path) -> Exit:
    """Run both, and print what users saw."""
    console = Console()
    console.print(STORY, highlight=False, soft_wrap=True)
    load = ["--brownout-arrival-rate", str(ARRIVAL_RATE)]
    with tempfile.TemporaryDirectory(prefix="brownout-") as folder:
        path = write(Path(folder) / "demo.json", FAULTS, "backend", PHASES)
        checked(str(path), fleet_config(**fleet))
        turns = series.order(POLICIES, 1, 0)
        done = series.run_all(
            turns, lambda turn: settings_of(turn, "demo", load, None, path, out, fleet), console
        )
    console.print(series.table(done))
    console.print("start it for yourself with: .venv/bin/brownout up", highlight=False)
    series.compare(done, 1, console)
    return series.exit_of(done)
