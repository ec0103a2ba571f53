"""The command line: one small module a command, put together here."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from brownout.commands.cluster import COMMANDS as CLUSTER_COMMANDS
from brownout.commands.compare import COMMANDS as COMPARE_COMMANDS
from brownout.commands.compare_policies import COMMANDS as POLICY_COMMANDS
from brownout.commands.fleet_options import fleet_config, fleet_options, given
from brownout.commands.forward import COMMANDS as FORWARD_COMMANDS
from brownout.commands.panel import COMMANDS
from brownout.commands.report import COMMANDS as REPORT_COMMANDS
from brownout.commands.run import COMMANDS as RUN_COMMANDS
from brownout_fleet.model import FleetError
from brownout_terms.exits import Exit


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


@cli.command()
def doctor() -> None:
    """Say what is there, and what is missing for which fleet."""
    from brownout.doctor import report

    sys.exit(report())


@cli.command()
@fleet_options
def demo(**options: Any) -> None:
    """Run the same brownout and pod kill without a policy and with one, and show what users saw."""
    from brownout.commands.compare_policies import refuse_repeated
    from brownout.demo import POLICIES, RESTART_DELAY_S, run

    refuse_repeated(POLICIES, options)
    if not given(click.get_current_context(), "restart_delay"):
        options["restart_delay"] = RESTART_DELAY_S
    sys.exit(run(options, Path("results/runs")))


EVERY_ONE = (
    *RUN_COMMANDS,
    *POLICY_COMMANDS,
    *COMMANDS,
    *REPORT_COMMANDS,
    *COMPARE_COMMANDS,
    *CLUSTER_COMMANDS,
    *FORWARD_COMMANDS,
)
for command in EVERY_ONE:
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
