"""Options that `brownout report` and `brownout compare` share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from brownout.commands.phase_options import phase_options
from brownout.commands.picture_options import picture_options
from brownout.commands.threshold_options import threshold_options

if TYPE_CHECKING:
    from brownout_results.judge.thresholds import Threshold
    from brownout_results.measure.selection import Phase
    from brownout_results.report.runs import AnyRun


@dataclass(frozen=True)
class ReportOptions:
    """The values of these options."""

    out: Path | None
    phases: Sequence[Phase]
    skip_s: float
    is_ramp_up_skipped: bool
    thresholds: Sequence[Threshold]
    pictures: Sequence[str]

    def part_of(self, run: AnyRun) -> AnyRun:
        """Return the part of a run that the report is about. Raises UsageError."""
        from brownout.reporting import part_of

        return part_of(run, self.phases, self.skip_s, is_ramp_up_skipped=self.is_ramp_up_skipped)


def report_options(default_out: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the options to a command, which gets them as `options`."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def with_options(
            out: Path | None,
            phases: Sequence[Phase],
            skip: float,
            cut_ramp_up: bool,
            thresholds: Sequence[Threshold],
            threshold_file: Path | None,
            pictures: Sequence[str],
            **others: Any,
        ) -> None:
            from brownout.reading import read_thresholds

            every = [*thresholds, *read_thresholds(threshold_file)]
            options = ReportOptions(out, phases, skip, cut_ramp_up, every, pictures)
            command(options=options, **others)

        out_option = click.option(
            "--out",
            type=click.Path(file_okay=False, path_type=Path),
            help=f"Folder for the report's files.  [default: {default_out}]",
        )
        return out_option(picture_options(phase_options(threshold_options(with_options))))

    return decorate
