"""The command line: one small module a command, put together here."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeVar

import click

from services.fleet.config import FleetConfig, Supervision
from services.fleet.launch import new_log_dir, new_token
from services.fleet.model import FleetError

INTERRUPTED = 130
"""128 + SIGINT, as a shell reports it."""

F = TypeVar("F", bound=Callable[..., Any])


def fleet_options(command: F) -> F:
    """The options of every command that starts a local fleet."""
    for option in reversed(
        [
            click.option(
                "--backends", type=click.IntRange(1, 64), default=2, show_default=True, help="Replicas."
            ),
            click.option(
                "--clients", type=click.IntRange(1, 64), default=2, show_default=True, help="Replicas."
            ),
            click.option(
                "--client-port",
                type=click.IntRange(0, 65535),
                default=5001,
                show_default=True,
                help="Stable port of the client service; 0 takes any free one.",
            ),
            click.option(
                "--backend-port",
                type=click.IntRange(0, 65535),
                default=5002,
                show_default=True,
                help="Stable port of the backend service; 0 takes any free one.",
            ),
            click.option(
                "--policy", metavar="PRESET", help="The clients' policy: none, retry, breaker, full or lab."
            ),
            click.option(
                "--restart-delay",
                type=click.FloatRange(0, 3600),
                default=5.0,
                show_default=True,
                help="Seconds from a replica's end to its next start.",
            ),
            click.option(
                "--log-dir",
                type=click.Path(file_okay=False, path_type=Path),
                help="Where the replicas' output goes.  [default: results/fleet/START]",
            ),
        ]
    ):
        command = option(command)
    return command


def fleet_config(
    *,
    backends: int,
    clients: int,
    client_port: int,
    backend_port: int,
    policy: str | None,
    restart_delay: float,
    log_dir: Path | None,
) -> FleetConfig:
    """The fleet that `fleet_options` describe, with a token of its own."""
    return FleetConfig(
        token=new_token(),
        log_dir=str(log_dir or new_log_dir()),
        backends=backends,
        clients=clients,
        client_port=client_port,
        backend_port=backend_port,
        policy=policy,
        supervision=Supervision(restart_delay_s=restart_delay),
    )


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="brownout")
def cli() -> None:
    """What do your users see when a dependency fails halfway?"""


@cli.command()
@fleet_options
def up(**options: Any) -> None:
    """Start the services and print their URLs; Ctrl-C stops all of it."""
    from brownout.up import run

    run(fleet_config(**options))


@cli.command()
def doctor() -> None:
    """Say what is there, and what is missing for which fleet."""
    from brownout.doctor import report

    sys.exit(report())


@cli.command()
@fleet_options
def demo(**options: Any) -> None:
    """Show what users see with a healthy, a failing and a slow backend."""
    from brownout.demo import run

    run(fleet_config(**options))


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
        sys.exit(INTERRUPTED)
