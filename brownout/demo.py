"""`brownout demo`: the main job, start to finish: a brownout and a kill, without a policy and with one."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from brownout import compare_policies as series
from brownout.experiment import check_experiment
from brownout.experiment_setup import SelectedExperiment, made_experiment
from brownout_faults.presets import PRESETS
from brownout_fleet.config import FleetConfig

POLICIES = ("none", "full")
ARRIVAL_RATE = 50
FAULTS = PRESETS["brownout"]
PHASES = {"baseline": 10.0, "during": 10.0, "recovery": 10.0}
"""Shorter than those of the experiment `brownout`: both runs take less than two minutes. Equal, and long
enough for verdicts."""

RESTART_DELAY_S = 1.0

STORY = f"""A brownout, twice: {ARRIVAL_RATE} requests/s whatever the service does. After a baseline every \
backend fails 30 % of its
calls with 503 and is 200 ms slower, and one is killed meanwhile. First without a policy, then with retry, \
breaker and fallback."""


def run(fleet: FleetConfig, out: Path, *, starts_replicas: bool) -> int:
    """Run both, and print what users saw. Raises UsageError."""
    console = Console()
    console.print(STORY, highlight=False, soft_wrap=True)
    file = made_experiment(FAULTS, "backend", PHASES)
    check_experiment(SelectedExperiment(file), fleet)
    comparison = series.PolicyComparison(
        label="demo",
        load=["--brownout-arrival-rate", str(ARRIVAL_RATE)],
        experiment=file,
        out=out,
        fleet=fleet,
        starts_replicas=starts_replicas,
    )
    done = series.run_all(series.order(POLICIES, 1, 0), comparison.settings_of, console)
    console.print(series.table(done))
    console.print("start it for yourself with: .venv/bin/brownout up", highlight=False)
    series.compare(done, 1, console)
    return series.exit_of(done)
