"""The command line: one small module a command, put together here."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from brownout.exits import Exit
from brownout.fleet_options import FiniteRange, fleet_config, fleet_options
from brownout.panel_commands import COMMANDS
from brownout.report_commands import COMMANDS as REPORT_COMMANDS
from brownout.report_commands import baseline_of
from brownout.threshold_options import baseline_option, threshold_options, thresholds_of
from services.fleet.model import FleetError

if TYPE_CHECKING:
    from results.thresholds import Baseline, Threshold

DEFAULT_RUN_TIME_S = 60.0


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="brownout")
def cli() -> None:
    """What do your users see when a dependency fails halfway?"""


@cli.command()
@fleet_options
@click.option(
    "--web-port",
    type=click.IntRange(0, 65535),
    default=8089,
    show_default=True,
    help="Port of Locust's web UI; 0 takes any free one.",
)
@click.argument("locust", nargs=-1, type=click.UNPROCESSED)
def up(web_port: int, locust: tuple[str, ...], **options: Any) -> None:
    """Start the services and Locust's web UI, and print their URLs; Ctrl-C stops all of it.

    Options of Locust's own go after --, as in: brownout up -- --users 50 --autostart
    """
    from brownout.up import run

    run(fleet_config(**options), web_port, locust)


class RunTime(click.ParamType[float]):
    """A run time as Locust writes it, in seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse 90, 90s, 3m, 1h30m."""
        parts = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?", str(value))
        hours, minutes, seconds = (int(part or 0) for part in parts.groups()) if parts else (0, 0, 0)
        if not (total := hours * 3600 + minutes * 60 + seconds):
            self.fail(f'"{value}" is not a run time; allowed: 20, 20s, 3m, 2h, 1h30m', param, ctx)
        return total


@cli.command()
@fleet_options
@click.option(
    "--users", type=click.IntRange(1), help="Closed loop: users. Open loop: the most requests at once."
)
@click.option(
    "--spawn-rate", type=FiniteRange(0, min_open=True), help="Users per second.  [default: all at once]"
)
@click.option("--arrival-rate", type=FiniteRange(0, min_open=True), help="Open loop: requests per second.")
@click.option(
    "--shape", metavar="NAME", help="How the load moves: steady, ramp, steps, spike, soak, up-down."
)
@click.option(
    "--run-time",
    type=RunTime(),
    help="Such as 90s, 3m, 1h30m.  [default: 60s; with --experiment as long as it takes]",
)
@click.option(
    "--experiment",
    metavar="FILE",
    help="A Chaos Toolkit experiment to run beside the load, or the name of one of ours, such as pod-kill.",
)
@click.option("--target", metavar="URL", help="A service of your own; no fleet is started.")
@click.option(
    "--locustfile",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Users of your own.  [default: users of /fetch]",
)
@click.option("--label", default="run", show_default=True, help="Ends the name of the run's folder.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("results/runs"),
    show_default=True,
    help="Where run folders go.",
)
@threshold_options
@baseline_option
@click.argument("locust", nargs=-1, type=click.UNPROCESSED)
def run(
    users: int | None,
    spawn_rate: float | None,
    arrival_rate: float | None,
    shape: str | None,
    run_time: float | None,
    experiment: str | None,
    target: str | None,
    locustfile: Path | None,
    label: str,
    out: Path,
    thresholds: tuple[Threshold, ...],
    threshold_file: Path | None,
    baseline: Path | None,
    locust: tuple[str, ...],
    **fleet: Any,
) -> None:
    """Run a load without a web UI, record it, and judge it by thresholds.

    Options of Locust's own go after --, as in: brownout run --users 50 -- --processes 2

    Exit codes: 0 passed, 1 a threshold was missed, 2 usage, 3 the run or its experiment is invalid, 4 the
    experiment deviated, 5 it failed, 130 interrupted.
    """
    load = {
        "--users": users,
        "--spawn-rate": spawn_rate or users,
        "--arrival-rate": arrival_rate,
        "--shape": shape,
    }
    given = [part for flag, value in load.items() if value is not None for part in (flag, str(value))]
    run_it(
        [*given, *locust],
        label=label,
        run_time=run_time,
        experiment=experiment,
        out=out,
        target=target,
        locustfile=locustfile,
        fleet=fleet,
        thresholds=[*thresholds, *thresholds_of(threshold_file)],
        baseline=baseline_of(baseline),
    )


def run_it(
    locust: list[str],
    *,
    label: str,
    run_time: float | None,
    experiment: str | None,
    out: Path,
    target: str | None,
    locustfile: Path | None,
    fleet: dict[str, Any],
    thresholds: list[Threshold],
    baseline: Baseline | None,
) -> NoReturn:
    """Run the load that `locust` describes, and exit with its verdict."""
    from rich.console import Console

    from brownout.experiment import checked
    from brownout.locust_process import LOCUSTFILE
    from brownout.run import Settings
    from brownout.run import run as run_load
    from results.run_folder import RunFolderError

    if target and not re.match(r"https?://[^/]", target):
        raise click.BadParameter(
            f'"{target}" is not a URL such as http://127.0.0.1:8000', param_hint="--target"
        )
    config = None if target else fleet_config(**fleet)
    settings = Settings(
        locust=locust,
        label=label,
        run_time_s=run_time or (None if experiment else DEFAULT_RUN_TIME_S),
        out=out,
        locustfile=locustfile or LOCUSTFILE,
        target=target,
        fleet=config,
        thresholds=thresholds,
        baseline=baseline,
        experiment=checked(experiment, config) if experiment else None,
    )
    try:
        code = run_load(settings, Console())
    except RunFolderError as error:
        raise click.BadParameter(str(error), param_hint="--out") from error
    sys.exit(code)


@cli.command()
def doctor() -> None:
    """Say what is there, and what is missing for which fleet."""
    from brownout.doctor import report

    sys.exit(report())


@cli.command()
@fleet_options
def demo(**options: Any) -> None:
    """Load the services for 20 s, make the backends fail half-way, and show what users saw."""
    from brownout.demo import run

    sys.exit(run(fleet_config(**options), Path("results/runs")))


for command in (*COMMANDS, *REPORT_COMMANDS):
    cli.add_command(command)


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """Run a command; a failure that the user can mend is a sentence, never a traceback."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _terminated)
    try:
        cli(standalone_mode=False)
    except FleetError as error:
        click.ClickException(str(error)).show()
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(Exit.INTERRUPTED)
