"""The command line: the commands put together, and errors of what they call turned into click's."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from functools import wraps
from types import FrameType
from typing import Any, NoReturn

import click

from brownout.commands import cluster, compare, compare_policies, forward, panel, report, run, up
from brownout.errors import BrownoutError, UsageError
from brownout_fleet.model import FleetError
from brownout_terms.exits import Exit


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="brownout")
def cli() -> None:
    """What do your users see when a dependency fails halfway?"""


class _NotStartedError(click.ClickException):
    """As an error of usage, but without the line that says how the command is used."""

    exit_code = Exit.USAGE


def _as_click_error(error: BrownoutError | FleetError) -> click.ClickException:
    if isinstance(error, UsageError):
        if error.option:
            return click.BadParameter(str(error), param_hint=error.option)
        return click.UsageError(str(error))
    if isinstance(error, BrownoutError) and error.exit_code is Exit.USAGE:
        return _NotStartedError(str(error))
    return click.ClickException(str(error))


def _with_click_errors(command: click.Command) -> click.Command:
    """Make the command, and those below it, show our errors as click shows its own."""
    if isinstance(command, click.Group):
        for below in command.commands.values():
            _with_click_errors(below)
    if (callback := command.callback) is not None:
        command.callback = _translated(callback)
    return command


def _translated(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def call(*arguments: Any, **options: Any) -> Any:
        try:
            return callback(*arguments, **options)
        except (BrownoutError, FleetError) as error:
            raise _as_click_error(error) from error

    return call


for module in (up, run, compare_policies, panel, report, compare, cluster, forward):
    for one in module.COMMANDS:
        cli.add_command(_with_click_errors(one))


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """Run a command; a failure that the user can mend is a sentence, never a traceback."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _terminated)
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(Exit.INTERRUPTED)
