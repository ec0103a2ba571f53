"""`brownout compare-policies`, as it is typed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from brownout.commands.exit_codes import OF_A_RUN, exit_codes
from brownout.commands.experiment_options import (
    apply_needs,
    disturbance_options,
    experiment_option,
    named_experiment,
)
from brownout.commands.fleet_options import fleet_of_file, fleet_options, starts_replicas
from brownout.commands.load_options import (
    load_options,
    locust_arguments,
    locustfile_of,
    out_option,
    split_options,
)
from brownout.commands.option_types import Duration
from brownout.commands.project_context import locust_words, project_of, variants_of_file
from brownout.commands.project_options import project_options
from brownout_client.policy import PRESETS

ARRIVAL_RATE = 50.0
"""Load where the user names none: open loop, so that a policy that is slow doesn't get less to do."""

ORDER_SEED = 42


class VariantName(click.ParamType[str]):
    """A preset of the lab's policies; with a brownout.toml that has [variants], one of these."""

    name = "variant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it."""
        known = names_of(ctx)
        if value not in known:
            self.fail(f'"{value}" is not one of {", ".join(known)}', param, ctx)
        return str(value)


def names_of(context: click.Context | None) -> list[str]:
    """Return what can be compared: the file's variants, or the presets of the lab's policies."""
    return [*variants_of_file(context)] or [*PRESETS]


@click.command("compare-policies")
@click.argument("policies", nargs=-1, type=VariantName(), metavar="[NAME]...")
@project_options
@fleet_options
@load_options
@experiment_option
@disturbance_options
@click.option(
    "--baseline",
    type=Duration(),
    help="With --fault: how long to observe before the faults begin.  [default: 10s]",
)
@click.option(
    "--repeat",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    help="Number of rounds; each runs every policy once, in random order by --seed.",
)
@out_option
@exit_codes(*OF_A_RUN)
def compare_policies(
    policies: tuple[str, ...],
    locustfile: Path | None,
    experiment: str | None,
    faults: tuple[dict[str, Any], ...],
    kill: str | None,
    baseline: float | None,
    repeat: int,
    out: Path,
    **options: Any,
) -> None:
    """Run the same experiment once under each policy: same seeds, same schedule, fresh replicas.

    As in: brownout compare-policies none retry breaker full --experiment brownout --repeat 3

    With a brownout.toml the names are those of its [variants], and without names all of them are compared.

    The load is 50 requests a second, open loop, unless you or the experiment say otherwise. The other
    policies are compared with the first one. The exit code is 0 if the experiment passed or deviated in every
    run, else that of the first run in which it did neither; none is run after it.
    """
    from rich.console import Console

    from brownout import compare_policies as series
    from brownout.experiment import check_experiment
    from brownout.experiment_setup import selected_experiment

    load, times, fleet = split_options(options)
    variants = variants_of_file()
    policies = policies or tuple(variants)
    series.check_policies(policies, fleet["policy"])
    described = bool(faults or kill)
    named = named_experiment(experiment, faults, kill) or (None if described else "brownout")
    seed = times["seed"] if described else times.pop("seed")
    times = {"baseline": baseline, **times}
    selected = selected_experiment(named, faults, kill, times)
    assert selected is not None  # noqa: S101 - one is named, or faults describe one
    apply_needs(selected, load, fleet, starts_backends=starts_replicas(fleet))
    if load["users"] is None and load["arrival_rate"] is None:
        load["arrival_rate"] = ARRIVAL_RATE
    config = fleet_of_file(fleet)
    check_experiment(selected, config)
    file = selected.file
    comparison = series.PolicyComparison(
        label="fault" if described else file.path.stem,
        load=[*locust_arguments(**load), *locust_words()],
        experiment=file,
        out=out,
        fleet=config,
        starts_replicas=starts_replicas(fleet),
        locustfile=locustfile_of(locustfile),
        project=project_of(),
        variants=variants,
    )
    turns = series.order(policies, repeat, ORDER_SEED if seed is None else seed)
    console = Console()
    done = series.in_order(series.run_all(turns, comparison.settings_of, console), policies)
    console.print(series.table(done))
    series.compare(done, repeat, console)
    sys.exit(series.exit_of(done))


COMMANDS = [compare_policies]
