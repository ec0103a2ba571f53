"""`brownout selftest`, as it is typed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from brownout.commands.exit_codes import exit_codes
from brownout.commands.option_types import Duration
from brownout_terms.exits import Exit

ROUNDS = 400
"""More than any time allows; a round takes about twelve seconds."""
UNDISTURBED = 3
"""Time that eight disturbed rounds take."""


@click.command()
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed for the disturbances."
)
@click.option(
    "--for", "for_s", type=Duration(), default="2m", show_default=True, help="When to begin no more rounds."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the run folders here.  [default: they are removed]",
)
@exit_codes(Exit.PASSED, Exit.USAGE, Exit.FAILED, Exit.INTERRUPTED)
def selftest(seed: int, for_s: float, out: Path | None) -> None:
    """Disturb brownout's own parts, and check that no report blames the service.

    Each round is a run against a healthy service in which one part of brownout is stopped, starved, killed or
    limited. No failure may be lost, and none of it may be called the service's.
    """
    from rich.console import Console

    from brownout.selftest.report import selftest as perform
    from brownout.selftest.rounds import plans

    rounds = plans(seed, ROUNDS, ROUNDS * UNDISTURBED // 8)
    with tempfile.TemporaryDirectory(prefix="brownout-selftest-") as temporary:
        sys.exit(perform(rounds, out or Path(temporary), for_s, Console()))


COMMANDS = [selftest]
