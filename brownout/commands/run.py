"""`brownout run`, as it is typed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from brownout.commands.cluster import worker_options, workers_of
from brownout.commands.exit_codes import OF_A_RUN, exit_codes
from brownout.commands.experiment_options import (
    apply_needs,
    baseline_of_both,
    disturbance_options,
    experiment_option,
    named_experiment,
    split_baselines,
)
from brownout.commands.fleet_options import (
    fleet_config,
    fleet_options,
    refuse_beside_target,
    starts_replicas,
    typed,
)
from brownout.commands.load_options import (
    load_options,
    locust_arguments,
    locustfile_of,
    out_option,
    split_options,
)
from brownout.commands.option_types import Duration
from brownout.commands.project_context import locust_words, tested_now
from brownout.commands.project_options import project_options, variant_option
from brownout.commands.threshold_options import threshold_options

if TYPE_CHECKING:
    from brownout.cluster.worker_request import WorkerRequest
    from brownout.run import Settings
    from brownout_results.judge.thresholds import Threshold

DEFAULT_RUN_TIME_S = 60.0
INJECTOR = "--brownout-injector"
"""Locust's name of --injector."""
BREAKER = "--brownout-breaker"
"""Locust's name of --breaker."""


@click.command()
@project_options
@variant_option
@fleet_options
@load_options
@click.option(
    "--run-time",
    type=Duration(),
    help="How long to run, such as 90s, 3m, 1h30m.  [default: 60s; with an experiment, until it ends]",
)
@experiment_option
@disturbance_options
@click.option("--target", metavar="URL", help="Load a service of your own; no fleet is started.")
@click.option(
    "--injector",
    "injectors",
    metavar="URL",
    multiple=True,
    help="Also set the faults on a service of your own that has the FaultInjector; repeatable.",
)
@click.option(
    "--breaker",
    "breakers",
    metavar="URL",
    multiple=True,
    help="With --target: where its circuit breakers are read, a path such as /metrics or a URL; repeatable.",
)
@click.option(
    "--label", default="run", show_default=True, help="Label of the run; its folder's name ends in it."
)
@out_option
@worker_options
@threshold_options
@baseline_of_both
@click.argument("locust", nargs=-1, type=click.UNPROCESSED)
@exit_codes(*OF_A_RUN)
def run(
    locustfile: Path | None,
    run_time: float | None,
    experiment: str | None,
    faults: tuple[dict[str, Any], ...],
    kill: str | None,
    target: str | None,
    injectors: tuple[str, ...],
    breakers: tuple[str, ...],
    label: str,
    out: Path,
    workers: int | None,
    image: str | None,
    thresholds: tuple[Threshold, ...],
    threshold_file: Path | None,
    baselines: tuple[Path | float, ...],
    locust: tuple[str, ...],
    **options: Any,
) -> None:
    """Run a load without a web UI, record it, and check it against thresholds.

    Inject faults or run an experiment meanwhile, as in: brownout run --fault error=30%,status=503
    --fault latency=200ms --baseline 10s --during 20s --recovery 20s

    Put Locust's own options after --, as in: brownout run --users 50 -- --processes 2
    """
    from brownout import reading, run_input
    from brownout.experiment import check_experiment
    from brownout.experiment_setup import selected_experiment
    from brownout.run import Settings

    run_input.check_url(target)
    (path, baseline_s), (load, times, fleet) = split_baselines(baselines), split_options(options)
    cluster_workers = workers_of(workers, image, fleet["kind"])
    named = named_experiment(experiment, faults, kill)
    selected = selected_experiment(named, faults, kill, {"baseline": baseline_s, **times})
    apply_needs(selected, load, fleet, starts_backends=starts_replicas(fleet) and not target)
    starts = not target or (fleet["kind"] == "command" and not typed(target, "target"))
    if not starts:
        given = [*injectors, *(one for one in locust if one.startswith(INJECTOR))]
        _refuse_useless(fleet, faults, kill, given, in_cluster=bool(cluster_workers))
    config = fleet_config(**fleet) if starts or cluster_workers else None
    if selected:
        check_experiment(selected, config)
    limits = [*thresholds, *reading.read_thresholds(threshold_file)]
    run_input.check_baseline(limits, path)
    settings = Settings(
        locust=[*locust_arguments(**load), *_of_own(injectors, breakers), *locust_words(), *locust],
        label=label,
        run_time_s=typed(run_time, "run_time") if selected else run_time or DEFAULT_RUN_TIME_S,
        out=out,
        locustfile=locustfile_of(locustfile),
        target=target,
        fleet=config,
        thresholds=limits,
        baseline=reading.read_baseline(path),
        experiment=selected.file if selected else None,
        tested=tested_now(),
    )
    sys.exit(run_load(settings, cluster_workers))


def _refuse_useless(
    fleet: dict[str, Any],
    faults: tuple[dict[str, Any], ...],
    kill: str | None,
    injectors: list[str],
    *,
    in_cluster: bool,
) -> None:
    """Raises an error of usage for what has no effect with --target."""
    from brownout.run_input import check_disturbances

    useless = ("client_port", "backend_port") if in_cluster else sorted(fleet)
    refuse_beside_target(useless, click.get_current_context())
    if not in_cluster:
        check_disturbances(faults, kill, injectors)


def _of_own(injectors: tuple[str, ...], breakers: tuple[str, ...]) -> list[str]:
    """Return Locust's options that say where a service of the user's takes faults and shows its breakers."""
    each = [(INJECTOR, injectors), (BREAKER, breakers)]
    return [part for option, urls in each for url in urls for part in (option, url)]


def run_load(settings: Settings, workers: WorkerRequest | None) -> int:
    """Run the load here or in the cluster; the exit code. Raises UsageError if --out can't be used."""
    from rich.console import Console

    from brownout.errors import UsageError
    from brownout.run import run as run_here
    from brownout_results.record import RunFolderError

    try:
        if workers:
            from brownout.cluster.run import run as run_in_cluster

            return run_in_cluster(settings, workers, Console())
        return run_here(settings, Console())
    except RunFolderError as error:
        raise UsageError(str(error), "--out") from error


COMMANDS = [run]
