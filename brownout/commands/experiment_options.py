"""Options that say what goes wrong beside a load: an experiment, or faults from which one is made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from brownout.commands.fleet_options import typed
from brownout.commands.option_types import Duration, PathOrDuration

if TYPE_CHECKING:
    from brownout.experiment_setup import SelectedExperiment

F = TypeVar("F", bound=Callable[..., Any])


class FaultText(click.ParamType[dict[str, Any]]):
    """A fault, such as error=30%,status=503."""

    name = "fault"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        """Parse it; what is wrong is a usage error."""
        from brownout.fault_text import FaultTextError, parse_fault

        if isinstance(value, dict):
            return value
        try:
            return parse_fault(str(value))
        except FaultTextError as error:
            self.fail(str(error), param, ctx)


experiment_option = click.option(
    "--experiment",
    metavar="FILE",
    help="Run a Chaos Toolkit experiment beside the load: a file, or the name of one that comes with "
    "brownout, such as pod-kill.",
)

fault_option = click.option(
    "--fault",
    "faults",
    type=FaultText(),
    multiple=True,
    metavar="KIND=…",
    help="Inject a fault on every backend, such as error=30%,status=503 or latency=200ms; repeatable. The "
    "run becomes an experiment of baseline, fault and recovery.",
)


def disturbance_options(command: F) -> F:
    """Add the options of faults, of a kill, and of their phases; but not --baseline."""
    options = [
        fault_option,
        click.option(
            "--kill",
            metavar="SERVICE",
            help="Kill a replica of this service: client, backend, or a name of brownout.toml; with --fault, "
            "while the faults last.",
        ),
        click.option("--during", type=Duration(), help="How long the faults last.  [default: 20s]"),
        click.option(
            "--recovery",
            type=Duration(),
            help="How long to keep observing after the faults end.  [default: 20s]",
        ),
        click.option(
            "--seed", type=click.IntRange(0), help="Seed for fault sampling and kill targets.  [default: 42]"
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


baseline_of_both = click.option(
    "--baseline",
    "baselines",
    type=PathOrDuration(),
    multiple=True,
    help='Baseline of thresholds such as "p95 <= baseline * 1.1": a run folder, or a file that brownout pin '
    "made. With --fault also a duration: how long to observe before the faults begin.  [default: 10s]",
)


def split_baselines(given: tuple[Path | float, ...]) -> tuple[Path | None, float | None]:
    """Return the path and the duration among the values of --baseline. Raises click.UsageError."""
    paths = [one for one in given if isinstance(one, Path)]
    durations = [one for one in given if isinstance(one, float)]
    if len(paths) > 1 or len(durations) > 1:
        raise click.UsageError("--baseline takes at most one path and one duration.")
    return next(iter(paths), None), next(iter(durations), None)


def named_experiment(name: str | None, faults: tuple[dict[str, Any], ...], kill: str | None) -> str | None:
    """Return the experiment that is named; that of brownout.toml gives way to faults and kills."""
    return typed(name, "experiment") if faults or kill else name


def apply_needs(
    selected: SelectedExperiment | None, load: dict[str, Any], fleet: dict[str, Any], *, starts_backends: bool
) -> None:
    """Add what the experiment needs to the options, and print that, and what to change in its file."""
    from brownout.experiment_setup import add_needs

    if selected is None:
        return
    if selected.file.notice:
        click.echo(selected.file.notice, err=True)
    if added := add_needs(selected.file, load, fleet, starts_backends=starts_backends):
        click.echo(f"The experiment adds {added}.")
