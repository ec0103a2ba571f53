"""`--png` and `--svg`: a report's charts as files of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def picture_options(command: F) -> F:
    """The options; the command gets `pictures`, the formats asked for."""
    for form in ("svg", "png"):
        command = click.option(
            f"--{form}",
            "pictures",
            flag_value=form,
            multiple=True,
            callback=_checked,
            help=f"Each chart also as {form.upper()}, beside the report; needs Playwright and Chromium.",
        )(command)
    return command


def _checked(_context: click.Context, _option: click.Parameter, formats: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse before anything is read or written where there is nothing to make pictures with."""
    from brownout_results.report.pictures import PicturesError, browser

    if formats:
        try:
            browser()
        except PicturesError as error:
            raise click.UsageError(str(error)) from error
    return formats


def save(page: Path, formats: Sequence[str]) -> None:
    """Write the pictures that were asked for, and say where. Raises click.ClickException."""
    from brownout_results.report.pictures import PicturesError, save_pictures

    if not formats:
        return
    try:
        written = save_pictures(page, formats)
    except PicturesError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"pictures    {len(written)} beside it: {', '.join(path.name for path in written)}")
