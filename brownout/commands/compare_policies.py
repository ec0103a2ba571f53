"""`brownout compare-policies`, as it is typed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from brownout.commands.experiment_options import bring, chosen, disturbance_options, experiment_option, tell
from brownout.commands.fleet_options import fleet_config, fleet_options, starts_replicas
from brownout.commands.load_options import load_options, locust_arguments, out_option
from brownout.commands.option_types import Time
from brownout_client.policy import PRESETS

if TYPE_CHECKING:
    from brownout.compare_policies import Turn
    from brownout.run import Settings

ARRIVAL_RATE = 50.0
"""Without a load of one's own: open loop, so that a policy that is slow doesn't get less to do."""

ORDER_SEED = 42


@click.command("compare-policies")
@click.argument("policies", nargs=-1, required=True, type=click.Choice(list(PRESETS)))
@fleet_options
@load_options
@experiment_option
@disturbance_options
@click.option("--baseline", type=Time(), help="With --fault: how long all is well before.  [default: 10s]")
@click.option(
    "--repeat",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="Rounds: each has every policy once, in an order of its own by --seed.",
)
@out_option
def compare_policies(
    policies: tuple[str, ...],
    users: int | None,
    spawn_rate: float | None,
    arrival_rate: float | None,
    shape: str | None,
    locustfile: Path | None,
    experiment: str | None,
    faults: tuple[dict[str, Any], ...],
    kill: str | None,
    during: float | None,
    recovery: float | None,
    seed: int | None,
    baseline: float | None,
    repeat: int,
    out: Path,
    **fleet: Any,
) -> None:
    """Run the same experiment once under each policy: same seeds, same schedule, fresh replicas.

    As in: brownout compare-policies none retry breaker full --experiment brownout --repeat 3

    The load is 50 requests a second, open loop, unless you or the experiment name another. The first policy
    is the one that the others are compared with. Exit codes: 0 if every run has shown something (its
    experiment passed or deviated), else that of the first that has not, which is the last that runs.
    """
    from rich.console import Console

    from brownout import compare_policies as series

    refuse_repeated(policies, fleet)
    described = bool(faults or kill)
    named = experiment if experiment or described else "brownout"
    options: dict[str, Any] = {
        "users": users,
        "spawn_rate": spawn_rate,
        "arrival_rate": arrival_rate,
        "shape": shape,
    }
    tell(bring(named, options, fleet, starts_replicas(fleet)))
    if options["users"] is None and options["arrival_rate"] is None:
        options["arrival_rate"] = ARRIVAL_RATE
    load = locust_arguments(**options)
    config = fleet_config(**fleet)
    times = {"baseline": baseline, "during": during, "recovery": recovery}
    times |= {"seed": seed} if described else {}
    with chosen(named, faults, kill, times, config) as file:
        label = "fault" if described else Path(str(file)).stem

        def settings(turn: Turn) -> Settings:
            return settings_of(turn, label, load, locustfile, file, out, fleet)

        turns = series.order(policies, repeat, ORDER_SEED if seed is None else seed)
        console = Console()
        done = series.in_order(series.run_all(turns, settings, console), policies)
    console.print(series.table(done))
    series.compare(done, repeat, console)
    sys.exit(series.exit_of(done))


def settings_of(
    turn: Turn,
    label: str,
    load: list[str],
    locustfile: Path | None,
    experiment: Path | None,
    out: Path,
    fleet: dict[str, Any],
) -> Settings:
    """A turn's run. Runs of the same policy have the same label: they repeat each other."""
    from brownout.locust_process import LOCUSTFILE
    from brownout.run import Settings

    starts = starts_replicas(fleet)
    log_dir = fleet["log_dir"]
    own = {
        "policy": turn.policy if starts else None,
        "log_dir": log_dir / f"{turn.policy}-{turn.round}" if log_dir else None,
    }
    return Settings(
        locust=load,
        label=f"{label}-{turn.policy}",
        run_time_s=None,
        out=out,
        locustfile=locustfile or LOCUSTFILE,
        fleet=fleet_config(**{**fleet, **own}),
        experiment=experiment,
        policy=None if starts else turn.policy,
    )


def refuse_repeated(policies: tuple[str, ...], fleet: dict[str, Any]) -> None:
    """Raises click.UsageError for policies that can't be compared."""
    if len(set(policies)) < max(2, len(policies)):
        raise click.UsageError(
            f'"{" ".join(policies)}": name two policies or more, each once. Run them again with --repeat N.'
        )
    if fleet["policy"]:
        raise click.UsageError("--policy sets one policy, and these are compared: leave it out.")


COMMANDS = [compare_policies]
