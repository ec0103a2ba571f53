"""The same experiment under one policy or variant after the other, into run folders to be compared."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace
from rich.console import Console
from rich.table import Table

from brownout.errors import UsageError
from brownout.locust_process import LOCUSTFILE
from brownout.project.fleet import fleet_settings
from brownout.project.model import VariantTable
from brownout.project.read import ProjectSettings
from brownout.project.tested import facts_of_tested
from brownout.run import Settings, recorded
from brownout_chaos.files import ExperimentFile
from brownout_fleet.config import FleetConfig
from brownout_fleet.launch import new_token
from brownout_results.measure.summary import summarise
from brownout_results.read import run_folder
from brownout_terms.exits import Exit
from brownout_terms.shares import measured_share

CONCLUSIVE = (Exit.PASSED, Exit.DEVIATED)
"""An experiment that deviated says something about the policy; one that failed or was invalid does not."""


@dataclass(frozen=True)
class Turn:
    """A policy's turn in a round."""

    policy: str
    round: int


@dataclass(frozen=True)
class PolicyRun:
    """The run of a turn."""

    turn: Turn
    code: int
    folder: Path


@dataclass(frozen=True)
class PolicyComparison:
    """What all runs have in common."""

    label: str
    load: Sequence[str]
    """Locust's arguments."""
    experiment: ExperimentFile
    out: Path
    fleet: FleetConfig | None
    """None if the service runs elsewhere."""
    starts_replicas: bool
    """Whether the fleet starts its replicas; if not, the policy is set on those that run already."""
    locustfile: Path = LOCUSTFILE
    project: ProjectSettings | None = None
    """What brownout.toml says, if there is one."""
    variants: Mapping[str, VariantTable] = field(default_factory=dict)
    """Its variants, which take the place of policies."""

    def settings_of(self, turn: Turn) -> Settings:
        """Return the run of a turn. Runs of the same policy have the same label: they repeat each other."""
        variant = self.variants.get(turn.policy)
        policy = variant.policy if variant else None if self.project else turn.policy
        return Settings(
            locust=self.load,
            label=f"{self.label}-{turn.policy}",
            run_time_s=None,
            out=self.out,
            locustfile=self.locustfile,
            target=self._target(variant),
            fleet=self._fleet(turn, variant, policy) if self.fleet else None,
            experiment=self.experiment,
            policy=None if self.starts_replicas else policy,
            tested=facts_of_tested(self.project, turn.policy, variant) if self.project else None,
        )

    def _target(self, variant: VariantTable | None) -> str | None:
        service = self.project.file.service if self.project else None
        return (variant and variant.url) or (service and service.url) or None

    def _fleet(self, turn: Turn, variant: VariantTable | None, policy: str | None) -> FleetConfig:
        """Return the fleet of one run, with a token and a folder for logs of its own."""
        assert self.fleet is not None  # noqa: S101 - asked for by settings_of alone
        settings = self.fleet.settings
        if self.project and self.fleet.kind == "command":
            settings = fleet_settings(self.project, variant)
        return replace(
            self.fleet,
            token=new_token(),
            policy=policy if self.starts_replicas else None,
            log_dir=str(Path(self.fleet.log_dir) / f"{turn.policy}-{turn.round}"),
            settings=settings,
        )


def check_policies(policies: Sequence[str], fleet_policy: str | None) -> None:
    """Raises UsageError for policies that can't be compared."""
    if len(set(policies)) < max(2, len(policies)):
        if not policies:
            raise UsageError(
                "there is nothing to compare. Name two policies, such as none full, or list [variants] in "
                "brownout.toml"
            )
        raise UsageError(
            f'"{" ".join(policies)}": name two policies or more, each once. Run them again with --repeat N.'
        )
    if fleet_policy:
        raise UsageError("--policy sets one policy, and these are compared: leave it out.")


def order(policies: Sequence[str], repeat: int, seed: int) -> list[Turn]:
    """Each policy once a round, each round in an order of its own: what drifts meanwhile hits all alike.

    A single round is in the order that was typed. Pure: the same seed, the same order.
    """
    if repeat == 1:
        return [Turn(policy, 1) for policy in policies]
    chance = random.Random(seed)
    return [
        Turn(policy, number + 1)
        for number in range(repeat)
        for policy in chance.sample(list(policies), len(policies))
    ]


def run_all(turns: Sequence[Turn], settings: Callable[[Turn], Settings], console: Console) -> list[PolicyRun]:
    """Run one after the other, and stop after the first that is not conclusive."""
    done: list[PolicyRun] = []
    for number, turn in enumerate(turns, start=1):
        console.rule(f"{number} of {len(turns)}: policy {turn.policy}")
        code, folder = recorded(settings(turn), console)
        if folder is None:
            raise KeyboardInterrupt
        done.append(PolicyRun(turn, code, folder))
        if code not in CONCLUSIVE:
            break
    return done


def exit_of(done: Sequence[PolicyRun]) -> int:
    """Return PASSED if every run was conclusive, else the code of the first that was not."""
    return next((one.code for one in done if one.code not in CONCLUSIVE), Exit.PASSED)


def in_order(done: Sequence[PolicyRun], policies: Sequence[str]) -> list[PolicyRun]:
    """The runs as the policies were typed: the first one is the baseline of a comparison."""
    return sorted(done, key=lambda one: (policies.index(one.turn.policy), one.turn.round))


def compare(done: Sequence[PolicyRun], repeat: int, console: Console) -> None:
    """Write the comparison's report, and show its sentences and where it is; a full disk costs no verdict."""
    from brownout.comparison import MOST, default_out, write_comparison

    folders = [one.folder for one in done]
    if not 2 <= len({one.turn.policy for one in done}) <= MOST:
        return
    try:
        page, sentences = write_comparison(folders, default_out(folders), repeats=repeat > 1)
    except OSError as error:
        console.print(f"the comparison could not be written: {error}", highlight=False, markup=False)
        return
    for sentence in sentences:
        console.print(sentence, highlight=False, markup=False, soft_wrap=True)
    console.print(f"comparison  {page}", highlight=False, markup=False, soft_wrap=True)


def table(done: Sequence[PolicyRun]) -> Table:
    """Show what users saw under each policy, over the whole run."""
    shown = Table("policy", "experiment", "ok", "ok or fallback", "p95", "attempts a request")
    for one in done:
        figures = summarise(run_folder.read(one.folder))
        shown.add_row(
            one.turn.policy,
            next((code.name.lower() for code in Exit if code == one.code), f"exit code {one.code}"),
            _share(figures.availability),
            _share(figures.degraded_availability),
            "–" if figures.p95_ms is None else f"{figures.p95_ms:,.0f} ms",
            "–" if figures.retry_amplification is None else f"{figures.retry_amplification:.2f}",
        )
    return shown


def _share(value: float | None) -> str:
    return "–" if value is None else measured_share(value, 1)
