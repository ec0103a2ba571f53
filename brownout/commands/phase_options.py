"""Options of every command that looks at a part of a run: its phases, and no ramp-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from brownout.commands.option_types import Duration

if TYPE_CHECKING:
    from brownout_results.measure.selection import Phase

F = TypeVar("F", bound=Callable[..., Any])


class PhaseText(click.ParamType["Phase"]):
    """A phase, such as baseline=0..30."""

    name = "phase"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Phase:
        """Parse it; what is wrong is a usage error."""
        from brownout_results.measure.selection import SelectionError, parse_phase

        try:
            return parse_phase(str(value))
        except SelectionError as error:
            self.fail(str(error), param, ctx)


def phase_options(command: F) -> F:
    """Add `--phase`, `--skip` and `--cut-ramp-up`; a command gets `phases`, `skip` and `cut_ramp_up`."""
    options = [
        click.option(
            "--phase",
            "phases",
            type=PhaseText(),
            multiple=True,
            metavar="NAME=FROM..TO",
            help="Name a phase by its seconds since the first request, such as baseline=0..30; replaces the "
            "marks in the run.",
        ),
        click.option(
            "--skip",
            type=Duration(allow_zero=True),
            default="0",
            help="Leave out the beginning of the run, such as 10s.",
        ),
        click.option("--cut-ramp-up", is_flag=True, help="Leave out the ramp-up."),
    ]
    for option in reversed(options):
        command = option(command)
    return command
