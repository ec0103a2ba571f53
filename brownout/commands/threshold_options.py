"""The options of every command that judges by thresholds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from brownout_results.judge.thresholds import Threshold

F = TypeVar("F", bound=Callable[..., Any])


class ThresholdText(click.ParamType["Threshold"]):
    """A threshold, such as "p95 < 300ms"."""

    name = "threshold"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Threshold:
        """Parse it; what is wrong is a usage error."""
        from brownout_results.judge.thresholds import ThresholdError, parse

        try:
            return parse(str(value))
        except ThresholdError as error:
            self.fail(str(error), param, ctx)


class AbortText(click.ParamType[str]):
    """A condition that ends a load early."""

    name = "condition"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it; what is wrong is a usage error."""
        from brownout_loadtest.aborts import AbortError, parse_abort

        try:
            return parse_abort(str(value)).text
        except AbortError as error:
            self.fail(str(error), param, ctx)


abort_option = click.option(
    "--abort",
    "aborts",
    type=AbortText(),
    multiple=True,
    metavar="TEXT",
    help='End the load early when this holds, such as "availability < 50% for 10s"; repeatable.',
)


def threshold_options(command: F) -> F:
    """Add `--threshold` and `--thresholds`."""
    single = click.option(
        "--threshold",
        "thresholds",
        type=ThresholdText(),
        multiple=True,
        metavar="TEXT",
        help='Fail the run if this does not hold, such as "p95 < 300ms"; repeatable.',
    )
    several = click.option(
        "--thresholds",
        "threshold_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="File with one threshold per line.",
    )
    return single(several(command))


baseline_option = click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    help='Baseline of thresholds such as "p95 <= baseline * 1.1": a run folder, Locust\'s files, or a file '
    "of brownout pin.",
)
