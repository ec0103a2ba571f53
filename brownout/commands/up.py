"""`brownout up`, `doctor` and `demo`: a fleet and a web UI, what is missing for one, and the main job."""

from __future__ import annotations

import sys
from typing import Any

import click

from brownout.commands.exit_codes import OF_A_RUN, exit_codes
from brownout.commands.fleet_options import fleet_of_file, fleet_options, given, starts_replicas
from brownout.commands.load_options import load_of_file
from brownout.commands.project_context import project_of, url_of_file, variants_of_file
from brownout.commands.project_options import project_options, variant_option
from brownout.run_input import DEFAULT_OUT
from brownout_terms.exits import Exit


@click.command()
@project_options
@variant_option
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
    """Start the services and Locust's web UI, and print their URLs; Ctrl-C stops everything.

    Put Locust's own options after --, as in: brownout up -- --users 50 --autostart
    """
    from brownout.up import UpSettings, run

    run(UpSettings(fleet_of_file(options), url_of_file(), **load_of_file()), web_port, locust)


@click.command()
@project_options
@exit_codes(Exit.PASSED, Exit.UNABLE)
def doctor() -> None:
    """Check what brownout.toml and each kind of fleet need, and say what is missing."""
    from brownout.doctor import report

    sys.exit(report(project=project_of()))


@click.command()
@project_options
@fleet_options
@exit_codes(*OF_A_RUN)
def demo(**options: Any) -> None:
    """Run the same brownout and pod kill without a policy and with one, and show what users saw.

    With a brownout.toml it is a brownout of the dependencies, under each of the [variants].
    """
    from brownout.compare_policies import check_policies
    from brownout.demo import POLICIES, RESTART_DELAY_S, OwnService, run

    project = project_of()
    is_own = project is not None and project.is_own_service
    if not is_own:
        check_policies(POLICIES, options["policy"])
    if not given(click.get_current_context(), "restart_delay"):
        options["restart_delay"] = RESTART_DELAY_S
    starts = starts_replicas(options)
    own = OwnService(project, variants_of_file(), **load_of_file()) if project and is_own else None
    sys.exit(run(fleet_of_file(options), DEFAULT_OUT, starts_replicas=starts, own=own))


COMMANDS = [up, doctor, demo]
