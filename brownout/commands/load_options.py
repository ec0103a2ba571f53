"""The options that say which load to make; handed on to Locust as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from brownout.commands.fleet_options import FiniteRange
from brownout.commands.project_context import project_of
from brownout.commands.threshold_options import abort_option
from brownout.run_input import DEFAULT_OUT

F = TypeVar("F", bound=Callable[..., Any])


class OutcomeText(click.ParamType[str]):
    """A rule of outcomes, as it is typed."""

    name = "rule"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it; what is wrong is a usage error."""
        from brownout_loadtest.outcome_rules import OutcomeRuleError, parse_rule

        try:
            return parse_rule(str(value)).option
        except OutcomeRuleError as error:
            self.fail(str(error), param, ctx)


class ShapeName(click.ParamType[str]):
    """The name of a shape; unknown ones are refused before anything starts."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it; what is wrong is a usage error."""
        from brownout_loadtest.shapes import SHAPES

        if value not in SHAPES:
            self.fail(f'"{value}" is no shape; allowed: {", ".join(SHAPES)}', param, ctx)
        return str(value)


def load_options(command: F) -> F:
    """`--users`, `--spawn-rate`, `--arrival-rate`, `--shape`, `--locustfile`; see `locust_arguments`."""
    options = [
        click.option(
            "--users",
            type=click.IntRange(1),
            help="Closed loop: users. Open loop: the most requests at once.",
        ),
        click.option(
            "--spawn-rate",
            type=FiniteRange(0, min_open=True),
            help="Users per second.  [default: all at once]",
        ),
        click.option(
            "--arrival-rate", type=FiniteRange(0, min_open=True), help="Open loop: requests per second."
        ),
        click.option(
            "--shape",
            type=ShapeName(),
            metavar="NAME",
            help="How the load moves: steady, ramp, steps, spike, soak, up-down.",
        ),
        click.option(
            "--outcome",
            "outcomes",
            type=OutcomeText(),
            multiple=True,
            metavar="RULE",
            help="What counts as fallback or error, such as fallback,header=X-Degraded,equals=1; repeatable.",
        ),
        abort_option,
        click.option(
            "--locustfile",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Users of your own.  [default: users of /fetch]",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def load_of_file() -> dict[str, Any]:
    """Return the locustfile, and Locust's arguments, that brownout.toml has."""
    from brownout.project.defaults import outcomes_of

    project = project_of()
    if project is None:
        return {"locustfile": locustfile_of(None), "load": []}
    load = project.file.load
    return {
        "locustfile": locustfile_of(project.folder / load.locustfile if load.locustfile else None),
        "load": [
            *locust_arguments(
                users=load.users,
                spawn_rate=load.spawn_rate,
                arrival_rate=load.arrival_rate,
                shape=load.shape,
                outcomes=outcomes_of(project),
                aborts=load.aborts,
            ),
            *load.locust,
        ],
    }


def locustfile_of(path: Path | None) -> Path:
    """Return the locustfile, by default that of /fetch. Raises UsageError for one with a syntax error."""
    from brownout.locust_process import LOCUSTFILE
    from brownout.run_input import check_locustfile

    return check_locustfile(path) if path else LOCUSTFILE


def locust_arguments(
    *,
    users: int | None,
    spawn_rate: float | None,
    arrival_rate: float | None,
    shape: str | None,
    outcomes: Sequence[str] = (),
    aborts: Sequence[str] = (),
) -> list[str]:
    """Locust's arguments for these options; ours by the names that no locustfile can take."""
    load = {
        "--users": users,
        "--spawn-rate": spawn_rate or users,
        "--brownout-arrival-rate": arrival_rate,
        "--brownout-shape": shape,
    }
    given = [(flag, str(value)) for flag, value in load.items() if value is not None]
    given += [("--brownout-outcome", rule) for rule in outcomes]
    given += [("--brownout-abort", condition) for condition in aborts]
    return [part for pair in given for part in pair]


out_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_OUT,
    show_default=True,
    help="Where run folders go.",
)


LOAD, TIMES = (
    ("users", "spawn_rate", "arrival_rate", "shape", "outcomes", "aborts"),
    ("during", "recovery", "seed"),
)


def split_options(options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Return the options of the load, of an experiment's phases with its seed, and the rest: the fleet's."""
    load, times = ({name: options[name] for name in names} for names in (LOAD, TIMES))
    return load, times, {name: value for name, value in options.items() if name not in (*LOAD, *TIMES)}
