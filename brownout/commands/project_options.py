"""The options of every command that works from brownout.toml, and what the file says to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from brownout.commands.fleet_options import fleet_option_names
from brownout.commands.project_context import LAB, PROJECT, VARIANT, project_of, variants_of_file

if TYPE_CHECKING:
    from brownout.project.read import ProjectSettings

F = TypeVar("F", bound=Callable[..., Any])
BOTH = "--config names a file and --lab ignores it: use one of the two."


def project_options(command: F) -> F:
    """Add `--config` and `--lab`. What the file says becomes the default of the command's other options."""
    options = [
        click.option(
            "--config",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            metavar="FILE",
            is_eager=True,
            expose_value=False,
            callback=_read,
            help="File that describes your service.  [default: brownout.toml, here or above]",
        ),
        click.option(
            "--lab",
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_note_lab,
            help="Ignore brownout.toml, and use brownout's own services.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


variant_option = click.option(
    "--variant",
    metavar="NAME",
    expose_value=False,
    callback=lambda context, _, name: _note_variant(context, name),
    help="Start this variant of the service; brownout.toml lists them under [variants].",
)


def _note_lab(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value and project_of(context):  # typed after --config
        raise click.UsageError(BOTH)
    context.meta[LAB] = value


def _read(context: click.Context, _: click.Parameter, file: Path | None) -> None:
    """Read the file, and make its keys the options' defaults."""
    if context.resilient_parsing:
        return
    if context.meta.get(LAB):
        if file:
            raise click.UsageError(BOTH)
        return
    if (project := read(file)) is not None:
        from brownout.errors import UsageError
        from brownout.project.defaults import option_defaults

        context.meta[PROJECT] = project
        try:
            context.default_map = option_defaults(project)
        except UsageError as error:
            raise click.UsageError(str(error)) from error


def read(file: Path | None) -> ProjectSettings | None:
    """Read the file that is named, or found. Raises click.UsageError."""
    from brownout.errors import UsageError
    from brownout.project.read import read_project

    try:
        return read_project(file, fleet_options=fleet_option_names())
    except UsageError as error:
        raise click.UsageError(str(error)) from error


def _note_variant(context: click.Context, name: str | None) -> None:
    if name is None:
        return
    if project_of(context) is None:
        raise click.BadParameter(
            "variants are those of brownout.toml, and there is none here. Write one: brownout init"
        )
    known = variants_of_file(context)
    if name not in known:
        raise click.BadParameter(f'"{name}" is not in [variants]; there are: {", ".join(known) or "none"}')
    context.meta[VARIANT] = name
