"""`--png`, `--svg` and `--pdf`: a report's charts as files of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def picture_options(command: F) -> F:
    """Add the options to a command, which gets `pictures`: the formats."""
    for form in ("pdf", "svg", "png"):
        command = click.option(
            f"--{form}",
            "pictures",
            flag_value=form,
            multiple=True,
            callback=_checked,
            help=f"Save each chart as {form.upper()} too, beside the report; needs Kaleido and Chromium.",
        )(command)
    return command


def _checked(_context: click.Context, _option: click.Parameter, formats: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse the options, before anything is read or written, where pictures can't be made."""
    from brownout_results.report.pictures import PicturesError, browser

    if formats:
        try:
            browser()
        except PicturesError as error:
            raise click.UsageError(str(error)) from error
    return formats
