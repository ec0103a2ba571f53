"""`brownout run`, as it is typed."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from brownout.commands.cluster import worker_options, workers_of
from brownout.commands.experiment_options import (
    baseline_of_both,
    bring,
    chosen,
    disturbance_options,
    experiment_option,
    split_baselines,
    tell,
)
from brownout.commands.fleet_options import fleet_config, fleet_options, starts_replicas
from brownout.commands.load_options import load_options, locust_arguments, out_option
from brownout.commands.option_types import Time
from brownout.commands.report import baseline_of
from brownout.commands.threshold_options import threshold_options, thresholds_of

if TYPE_CHECKING:
    from brownout.cluster.workers import Workers
    from brownout_results.thresholds import Threshold

DEFAULT_RUN_TIME_S = 60.0


@click.command()
@fleet_options
@load_options
@click.option(
    "--run-time",
    type=Time(),
    help="Such as 90s, 3m, 1h30m.  [default: 60s; with an experiment as long as it takes]",
)
@experiment_option
@disturbance_options
@click.option("--target", metavar="URL", help="A service of your own; no fleet is started.")
@click.option(
    "--injector",
    "injectors",
    metavar="URL",
    multiple=True,
    help="A service of your own that has the FaultInjector: faults go to it as well; repeatable.",
)
@click.option("--label", default="run", show_default=True, help="Ends the name of the run's folder.")
@out_option
@worker_options
@threshold_options
@baseline_of_both
@click.argument("locust", nargs=-1, type=click.UNPROCESSED)
def run(
    users: int | None,
    spawn_rate: float | None,
    arrival_rate: float | None,
    shape: str | None,
    locustfile: Path | None,
    run_time: float | None,
    experiment: str | None,
    faults: tuple[dict[str, Any], ...],
    kill: str | None,
    during: float | None,
    recovery: float | None,
    seed: int | None,
    target: str | None,
    injectors: tuple[str, ...],
    label: str,
    out: Path,
    workers: int | None,
    image: str | None,
    thresholds: tuple[Threshold, ...],
    threshold_file: Path | None,
    baselines: tuple[Path | float, ...],
    locust: tuple[str, ...],
    **fleet: Any,
) -> None:
    """Run a load without a web UI, record it, and judge it by thresholds.

    Beside an experiment, or faults, as in: brownout run --fault error=30%,status=503 --fault latency=200ms
    --baseline 10s --during 20s --recovery 20s

    Options of Locust's own go after --, as in: brownout run --users 50 -- --processes 2

    Exit codes: 0 passed, 1 a threshold was missed, 2 usage, 3 the run or its experiment is invalid, 4 the
    experiment deviated, 5 it failed, 130 interrupted.
    """
    from brownout.locust_process import LOCUSTFILE
    from brownout.run import Settings

    refuse_no_url(target)
    path, baseline_s = split_baselines(baselines)
    crew = workers_of(workers, image, fleet["kind"])
    load: dict[str, Any] = {"users": users, "spawn_rate": spawn_rate}
    load |= {"arrival_rate": arrival_rate, "shape": shape}
    tell(bring(experiment, load, fleet, starts_replicas(fleet) and not target))
    config = None if target and not crew else fleet_config(**fleet)
    times = {"baseline": baseline_s, "during": during, "recovery": recovery, "seed": seed}
    with chosen(experiment, faults, kill, times, config) as file:
        settings = Settings(
            locust=[
                *locust_arguments(**load),
                *(part for url in injectors for part in ("--brownout-injector", url)),
                *locust,
            ],
            label=label,
            run_time_s=run_time or (None if file else DEFAULT_RUN_TIME_S),
            out=out,
            locustfile=checked_locustfile(locustfile) if locustfile else LOCUSTFILE,
            target=target,
            fleet=config,
            thresholds=[*thresholds, *thresholds_of(threshold_file)],
            baseline=baseline_of(path),
            experiment=file,
        )
        sys.exit(run_it(settings, crew))


def run_it(settings: Any, crew: Workers | None) -> int:
    """Run the load; the exit code. Where its folder can't be is a usage error."""
    from rich.console import Console

    from brownout.run import run as run_load
    from brownout_results.run_folder import RunFolderError

    try:
        if crew:
            from brownout.cluster.run import run as run_in_cluster

            return run_in_cluster(settings, crew, Console())
        return run_load(settings, Console())
    except RunFolderError as error:
        raise click.BadParameter(str(error), param_hint="--out") from error


def refuse_no_url(target: str | None) -> None:
    """Raises click.BadParameter for a target that is no URL."""
    if target and not re.match(r"https?://[^/]", target):
        raise click.BadParameter(
            f'"{target}" is not a URL such as http://127.0.0.1:8000', param_hint="--target"
        )


COMMANDS = [run]


def checked_locustfile(path: Path) -> Path:
    """The path, if what is there is Python: said before a fleet starts."""
    try:
        compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        text = f"\n\n    {error.text.strip()}" if error.text else ""
        raise click.BadParameter(
            f'SyntaxError in line {error.lineno} of "{path}": {error.msg}{text}', param_hint="--locustfile"
        ) from error
    return path
