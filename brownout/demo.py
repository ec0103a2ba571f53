"""`brownout demo`: the main job, start to finish: a brownout and a kill, without a policy and with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from brownout import compare_policies as series
from brownout.errors import UsageError
from brownout.experiment import check_experiment
from brownout.experiment_setup import SelectedExperiment, made_experiment
from brownout.locust_process import LOCUSTFILE
from brownout.project.model import VariantTable
from brownout.project.read import ProjectSettings
from brownout_chaos.files import ExperimentFile
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


OWN_STORY = """A brownout of {dependencies}: after a baseline 30 % of the calls fail with 503 and are \
200 ms slower. {turns}."""


@dataclass(frozen=True)
class OwnService:
    """What brownout.toml says."""

    project: ProjectSettings
    variants: Mapping[str, VariantTable]
    locustfile: Path
    load: Sequence[str]

    @property
    def story(self) -> str:
        """What the demo does with it."""
        turns = f"First {', then '.join(self.variants)}" if self.variants else "The service as it is"
        return OWN_STORY.format(dependencies=" and ".join(self.project.dependencies), turns=turns)

    def disturbance(self) -> ExperimentFile:
        """Return the experiment: faults on what the service calls, and a kill if a replica is left."""
        if not self.project.dependencies:
            raise UsageError(
                "the demo sets faults on what the service calls, and the file has no dependency. "
                'Write one: [dependencies.NAME] with url = "http://…"'
            )
        service = self.project.file.service
        kill = "client" if service and service.replicas > 1 else None
        return made_experiment(FAULTS, kill, PHASES)


def run(fleet: FleetConfig | None, out: Path, *, starts_replicas: bool, own: OwnService | None = None) -> int:
    """Run both, or every variant of one's own service, and print what users saw. Raises UsageError."""
    console = Console()
    file = own.disturbance() if own else made_experiment(FAULTS, "backend", PHASES)
    console.print(own.story if own else STORY, highlight=False, soft_wrap=True)
    check_experiment(SelectedExperiment(file), fleet)
    comparison = series.PolicyComparison(
        label="demo",
        load=(own.load if own else None) or ["--brownout-arrival-rate", str(ARRIVAL_RATE)],
        experiment=file,
        out=out,
        fleet=fleet,
        starts_replicas=starts_replicas,
        locustfile=own.locustfile if own else LOCUSTFILE,
        project=own.project if own else None,
        variants=own.variants if own else {},
    )
    names = (tuple(own.variants) or (own.project.name,)) if own else POLICIES
    done = series.run_all(series.order(names, 1, 0), comparison.settings_of, console)
    console.print(series.table(done))
    console.print("start it for yourself with: .venv/bin/brownout up", highlight=False)
    series.compare(done, 1, console)
    return series.exit_of(done)
