"""The options of every command that looks at a part of a run: its phases, and no ramp-up."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from brownout_results.cut import Phase
    from brownout_results.locust_csv import LocustRun
    from brownout_results.run_folder import Run

F = TypeVar("F", bound=Callable[..., Any])


class PhaseText(click.ParamType["Phase"]):
    """A phase, such as baseline=0..30."""

    name = "phase"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Phase:
        """Parse it; what is wrong is a usage error."""
        from brownout_results.cut import CutError, parse_phase

        try:
            return parse_phase(str(value))
        except CutError as error:
            self.fail(str(error), param, ctx)


class Seconds(click.ParamType[float]):
    """A time in seconds, such as 10 or 10s."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse it."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?)s?", str(value).strip())
        if match is None:
            self.fail(f'"{value}" is not a time; allowed: seconds, such as 10s or 2.5', param, ctx)
        return float(match[1])


@dataclass(frozen=True)
class Part:
    """What of a run was asked for."""

    phases: Sequence[Phase]
    skip_s: float
    is_ramp_up_cut: bool

    def of(self, run: Run | LocustRun) -> Run | LocustRun:
        """That part of the run; that there is none is a usage error."""
        from brownout_results import cut
        from brownout_results.locust_csv import LocustRun

        try:
            skip_s = max(self.skip_s, cut.ramp_up_s(run) if self.is_ramp_up_cut else 0.0)
            if isinstance(run, LocustRun):
                named = cut.files_with_phases(run, self.phases) if self.phases else run
                return cut.files_without_start(named, skip_s) if skip_s else named
            marked = cut.with_phases(run, self.phases) if self.phases else run
            return cut.without_start(marked, skip_s) if skip_s else marked
        except cut.CutError as error:
            raise click.UsageError(str(error)) from error


def phase_options(command: F) -> F:
    """`--phase`, `--skip` and `--cut-ramp-up`; the command gets them as `phases`, `skip`, `cut_ramp_up`."""
    options = [
        click.option(
            "--phase",
            "phases",
            type=PhaseText(),
            multiple=True,
            help="A phase by its seconds from the first request, such as baseline=0..30; in place of marks.",
        ),
        click.option(
            "--skip", type=Seconds(), default=0.0, metavar="SECONDS", help="Leave out the beginning: 10s."
        ),
        click.option(
            "--cut-ramp-up", is_flag=True, help="Leave out what was before the load was as high as it got."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command
