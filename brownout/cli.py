"""The command line: the commands put together, and errors of what they call turned into click's."""

from __future__ import annotations

import errno
import signal
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from brownout.commands import COMMANDS, HIDDEN
from brownout.errors import BrownoutError, UsageError
from brownout_terms.descriptors import EXHAUSTED, raise_limit
from brownout_terms.exits import Exit
from brownout_terms.streams import replace_unwritable

if TYPE_CHECKING:
    from brownout_fleet.model import FleetError


REFUSED = EXHAUSTED | {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EAGAIN}
"""Error numbers by which the system refuses what brownout asks of it."""


class Commands(click.Group):
    """The commands of brownout.commands, each imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of those that are not hidden."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - ditto
        """Import a command; None if there is none of this name."""
        module = COMMANDS[cmd_name].module if cmd_name in COMMANDS else HIDDEN.get(cmd_name)
        if module is not None and cmd_name not in self.commands:
            for command in import_module(f"brownout.commands.{module}").COMMANDS:
                self.add_command(_with_click_errors(command))
        return self.commands.get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is typed; for a slip of the finger, name those that are meant."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            raise click.NoSuchCommand(error.command_name, possibilities=COMMANDS, ctx=ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].line) for name in self.list_commands(ctx)])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="brownout")
def cli() -> None:
    """What do your users see when a dependency fails halfway?"""


class _NotStartedError(click.ClickException):
    """An error of usage, but without the line that says how the command is used."""

    exit_code = Exit.USAGE


class _UnableError(click.ClickException):
    """Nothing that the user has typed is wrong."""

    exit_code = Exit.UNABLE


def _as_click_error(error: BrownoutError | FleetError) -> click.ClickException:
    if isinstance(error, UsageError):
        if error.option:
            return click.BadParameter(str(error), param_hint=error.option)
        return click.UsageError(str(error))
    if isinstance(error, BrownoutError) and error.exit_code is Exit.USAGE:
        return _NotStartedError(str(error))
    return _UnableError(str(error))


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
        from brownout_fleet.model import FleetError

        try:
            return callback(*arguments, **options)
        except (BrownoutError, FleetError) as error:
            raise _as_click_error(error) from error

    return call


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """Run a command; a failure that the user can mend is a sentence, never a traceback."""
    raise_limit()  # what this process starts inherits it
    replace_unwritable()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _terminated)
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(Exit.UNABLE if error.exit_code == 1 else error.exit_code)  # click's 1 is no verdict
    except (click.Abort, KeyboardInterrupt):
        sys.exit(Exit.INTERRUPTED)
    except SystemExit as ended:
        sys.exit(_code_of(ended))
    except Exception as error:  # noqa: BLE001 - the outermost edge
        sys.exit(_crashed(error))


def _code_of(ended: SystemExit) -> int:
    """Return the code that a command has chosen; that of a library is none of ours.

    Click and rich end with 1 when a pipe is no longer read.
    """
    if isinstance(ended.__context__, BrokenPipeError):
        return Exit.UNREAD
    trace = ended.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    by_command = trace and str(trace.tb_frame.f_globals.get("__name__")).startswith("brownout.commands.")
    if isinstance(ended.code, int) and (by_command or isinstance(ended.code, Exit)):
        return ended.code
    return Exit.CRASHED if ended.code else Exit.PASSED


def _crashed(error: Exception) -> Exit:
    """Say what nobody has caught: a limit of this machine in a sentence, else a traceback."""
    if isinstance(error, OSError) and error.errno in REFUSED:
        where = f": {error.filename}" if error.filename else ""
        print(f"Error: {error.strerror}{where}", file=sys.stderr)
        return Exit.UNABLE
    traceback.print_exception(error)
    print("This is an error of brownout itself. Please report it, with the lines above.", file=sys.stderr)
    return Exit.CRASHED
