"""The options that say what goes wrong beside a load: an experiment, or faults from which one is made."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from brownout.commands.fleet_options import OF_A_CAPACITY
from brownout.commands.option_types import PathOrTime, Time

if TYPE_CHECKING:
    from brownout_fleet.config import FleetConfig

F = TypeVar("F", bound=Callable[..., Any])

OF_FAULTS = ("during", "recovery", "seed")
"""Options that mean something only beside --fault or --kill."""


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
    help="A Chaos Toolkit experiment to run beside the load, or the name of one of ours, such as pod-kill.",
)

fault_option = click.option(
    "--fault",
    "faults",
    type=FaultText(),
    multiple=True,
    metavar="KIND=…",
    help="A fault on every backend, such as error=30%,status=503 or latency=200ms; several at once. "
    "Makes an experiment of baseline, fault and recovery.",
)


def disturbance_options(command: F) -> F:
    """The options of faults, of a kill, and of their phases; but for --baseline, see `baseline_of_both`."""
    options = [
        fault_option,
        click.option(
            "--kill",
            type=click.Choice(["backend", "client"]),
            help="Kill a replica of this service, with --fault while that lasts.",
        ),
        click.option("--during", type=Time(), help="How long --fault lasts.  [default: 20s]"),
        click.option("--recovery", type=Time(), help="How long to look on after it.  [default: 20s]"),
        click.option(
            "--seed",
            type=click.IntRange(0),
            help="Of the faults, and of whom to kill: the same seed, the same choices.  [default: 42]",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


baseline_of_both = click.option(
    "--baseline",
    "baselines",
    type=PathOrTime(),
    multiple=True,
    help='What "p95 <= baseline * 1.1" is relative to: a run folder, or a file of brownout pin. Or, with '
    "--fault, how long all is well before it.  [default: 10s]",
)


def split_baselines(given: tuple[Path | float, ...]) -> tuple[Path | None, float | None]:
    """The path and the time among the values of --baseline. Raises click.UsageError."""
    paths = [one for one in given if isinstance(one, Path)]
    times = [one for one in given if isinstance(one, float)]
    if len(paths) > 1 or len(times) > 1:
        raise click.UsageError("--baseline was given twice; at most one path and one time make sense.")
    return next(iter(paths), None), next(iter(times), None)


def bring(experiment: str | None, load: dict[str, Any], fleet: dict[str, Any], starts: bool) -> str | None:
    """Add to the options of the load and the fleet what the experiment needs and they don't say.

    Returns it in words; None if there is nothing. The backends' capacity only if they are started here
    (`starts`). What is wrong with the file is said later, by `chosen`.
    """
    from brownout_chaos.files import ExperimentError, path_of, read
    from brownout_chaos.needs import needs_of

    try:
        needs = needs_of(read(path_of(experiment))) if experiment else None
    except ExperimentError:
        return None
    brought = []
    if needs and str(needs.load) and (load["users"], load["arrival_rate"]) == (None, None):
        load |= {"users": needs.load.users, "arrival_rate": needs.load.arrival_rate}
        brought.append(str(needs.load))
    if needs and needs.backend and starts and all(fleet[name] is None for name in OF_A_CAPACITY):
        limits = needs.backend
        fleet |= zip(
            OF_A_CAPACITY, (limits.concurrency, limits.service_time_ms, limits.queue_limit), strict=True
        )
        brought.append(f"backends that serve {limits}")
    return "; ".join(brought) or None


def tell(brought: str | None) -> None:
    """Say what the experiment has brought."""
    if brought:
        click.echo(f"The experiment brings {brought}.")


@contextmanager
def chosen(
    experiment: str | None,
    faults: tuple[dict[str, Any], ...],
    kill: str | None,
    times: dict[str, Any],
    fleet: FleetConfig | None,
) -> Iterator[Path | None]:
    """The file of the experiment that the options name or describe, checked; None if they do neither.

    `times` are baseline, during, recovery, and the seed. The written one lives as long as the context; the
    run folder keeps a copy. Raises click.UsageError.
    """
    from brownout.experiment import checked

    described = bool(faults or kill)
    if described and experiment:
        raise click.UsageError(
            "--experiment names an experiment, and --fault or --kill make one: one of the two."
        )
    if not described:
        refuse_lonely(times)
        yield checked(experiment, fleet) if experiment else None
        return
    with tempfile.TemporaryDirectory(prefix="brownout-") as folder:
        path = write(Path(folder) / "faults.json", faults, kill, times)
        yield checked(str(path), fleet, "--fault" if faults else "--kill")


def write(path: Path, faults: tuple[dict[str, Any], ...], kill: str | None, times: dict[str, Any]) -> Path:
    """Write the experiment that is described, and return its path."""
    from brownout.fault_experiment import Plan, experiment

    names = {"baseline": "baseline_s", "during": "during_s", "recovery": "recovery_s", "seed": "seed"}
    given = {names[name]: value for name, value in times.items() if value is not None}
    document = experiment(Plan(faults=faults, kill=kill, **given))
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def refuse_lonely(times: dict[str, Any]) -> None:
    """Raises click.UsageError for a phase of an experiment that there is not."""
    for name, value in times.items():
        if value is not None:
            raise click.UsageError(
                f"--{name} is about --fault, and none is named; as in: --fault error=30%,status=503"
            )
